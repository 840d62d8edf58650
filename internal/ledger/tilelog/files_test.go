package tilelog

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func newFolder(t *testing.T) folder {
	t.Helper()
	f := folder(t.TempDir())
	if err := makeDir(f.path(tmpDir)); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestReadWhileReplaced: a reader meets a whole file, old or new, at any time,
// and neither it nor the writer is refused. The reader rests between two looks:
// on Windows a file that is open all the time cannot be replaced.
func TestReadWhileReplaced(t *testing.T) {
	f, done := newFolder(t), make(chan struct{})
	version := func(n int) []byte { return bytes.Repeat([]byte{byte('a' + n%26)}, 1000+n) }
	if err := f.write("checkpoint", version(0)); err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		for last := 0; ; {
			content, err := f.read("checkpoint")
			if err != nil {
				t.Error(err)
				return
			}
			n := len(content) - 1000
			if n < last || !bytes.Equal(content, version(n)) {
				t.Errorf("read %d bytes of no version after version %d", len(content), last)
				return
			}
			last = n
			select {
			case <-done:
				return
			case <-time.After(500 * time.Microsecond):
			}
		}
	})
	for n := 1; n <= 200; n++ {
		if err := f.write("checkpoint", version(n)); err != nil {
			t.Error(err)
			break
		}
	}
	close(done)
	reading.Wait()
}

// TestReplaceHeldFile: a file that another program keeps open for a while is
// replaced, on Windows once it is let go.
func TestReplaceHeldFile(t *testing.T) {
	f := newFolder(t)
	if err := f.write("checkpoint", []byte("old")); err != nil {
		t.Fatal(err)
	}
	held, err := os.Open(f.path("checkpoint"))
	if err != nil {
		t.Fatal(err)
	}
	var letGo sync.WaitGroup
	letGo.Go(func() {
		time.Sleep(50 * time.Millisecond)
		if err := held.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := f.write("checkpoint", []byte("new")); err != nil {
		t.Error(err)
	}
	letGo.Wait()
	if got, err := f.read("checkpoint"); err != nil || string(got) != "new" {
		t.Errorf("read %q, %v", got, err)
	}
}

// TestRemoveFlat removes a folder with its files, is content with none, and never
// takes a folder within.
func TestRemoveFlat(t *testing.T) {
	f := newFolder(t)
	for _, name := range []string{"000.p/1", "000.p/2", "001.p/in/1"} {
		if err := f.write(name, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := f.removeFlat("000.p"); err != nil {
			t.Error(err)
		}
		if there, err := f.exists("000.p"); err != nil || there {
			t.Errorf("there %v, %v", there, err)
		}
	}
	if err := f.removeFlat("001.p"); err == nil {
		t.Error("a folder of folders is removed")
	}
	if there, err := f.exists("001.p/in/1"); err != nil || !there {
		t.Errorf("there %v, %v", there, err)
	}
}

// TestPatience: what another program refuses for a moment is tried again, for two
// seconds in all, and nothing else is.
func TestPatience(t *testing.T) {
	held := errors.New("held by another program")
	isHeld := func(err error) bool { return errors.Is(err, held) }
	tests := []struct {
		name    string
		results []error // the last again and again
		want    error
		took    time.Duration
	}{
		{"at once", []error{nil}, nil, 0},
		{"let go in time", []error{held, held, held, nil}, nil, 7 * time.Millisecond},
		{"another error", []error{held, fs.ErrNotExist}, fs.ErrNotExist, time.Millisecond},
		{"never let go", []error{held}, held, 2015 * time.Millisecond},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				err := patiently(isHeld, func() error {
					err := test.results[0]
					test.results = test.results[min(1, len(test.results)-1):]
					return err
				})
				if err != test.want || time.Since(begin) != test.took {
					t.Errorf("%v after %v, want %v after %v", err, time.Since(begin), test.want, test.took)
				}
			})
		})
	}
}
