package keying_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"image"
	"image/png"
	"net/url"
	"sync"
	"testing"
	"time"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/importing/keying"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
)

var start = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

// onBoth runs a test on a fresh store of each engine.
func onBoth(t *testing.T, test func(t *testing.T, s *store.Store)) {
	for name, config := range map[string]func(*testing.T) store.Config{
		"SQLite":     func(t *testing.T) store.Config { return store.Config{Path: t.TempDir() + "/a.db"} },
		"PostgreSQL": func(t *testing.T) store.Config { return store.Config{DSN: pgtest.Start(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), config(t))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			if err := s.Migrate(t.Context(), start, []store.Schema{certificate.Schema()}); err != nil {
				t.Fatal(err)
			}
			test(t, s)
		})
	}
}

func typed(number string) url.Values { return url.Values{"certificate_number": {number}} }

func opened(t *testing.T, s *store.Store) (p *keying.Paper) {
	t.Helper()
	if err := s.Write(t.Context(), start, func(tx *store.Tx) (err error) {
		p, err = keying.Open(tx, rand.Reader, "a.first", "", url.Values{}, [][]byte{picture(t, 5)})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return p
}

func picture(t *testing.T, wide int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, wide, 5))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPageMeanwhile: a page that somebody adds after a paper was read is not left behind:
// what was read is recorded no more, and what stands now is.
func TestPageMeanwhile(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		p := opened(t, s)
		do := func(f func(*store.Tx) error) error { return s.Write(t.Context(), start.Add(time.Hour), f) }
		if err := do(func(tx *store.Tx) error { return keying.Add(tx, p.ID, "b.second", [][]byte{picture(t, 6)}) }); err != nil {
			t.Fatal(err)
		}
		take := func(p *keying.Paper) error {
			return do(func(tx *store.Tx) error { return keying.Take(tx, p, "a.first", "AE-dubai-2026-000001") })
		}
		err := take(p)
		if f, ok := fault.Of(err); !ok || f.Key != "certificate.keying_scans_more" || f.Args["by"] != "b.second" {
			t.Errorf("as it was read: %v", err)
		}
		now := get(t, s, p.ID)
		if !now.Waits() {
			t.Error("it was recorded without the page")
		}
		if err := take(now); fault.Is(err, "certificate.keying_scans_more") {
			t.Errorf("as it stands: %v", err)
		}
	})
}

// TestOneOfMany: of many who save from the same version one is kept, and every other is
// told whose it is.
func TestOneOfMany(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		p := opened(t, s)
		const many = 8
		errs, saw := make([]error, many), make([]*keying.Paper, many)
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() {
				errs[i] = s.Write(t.Context(), start.Add(time.Minute), func(tx *store.Tx) (err error) {
					saw[i], err = keying.Save(tx, p.ID, fmt.Sprintf("officer-%d", i), p.Version, typed(fmt.Sprintf("SL %d", i)))
					return err
				})
			})
		}
		all.Wait()
		kept := get(t, s, p.ID)
		won := 0
		for i, err := range errs {
			switch {
			case err == nil:
				won++
				if kept.KeyedBy != fmt.Sprintf("officer-%d", i) || kept.Fields.Get("certificate_number") != fmt.Sprintf("SL %d", i) || kept.Version != p.Version+1 {
					t.Errorf("%d has saved, kept is %+v", i, kept)
				}
			case !fault.Is(err, "certificate.keying_moved"):
				t.Errorf("%d: %v", i, err)
			default:
				f, _ := fault.Of(err)
				if f.Args["by"] != kept.KeyedBy || saw[i] == nil || saw[i].Fields.Get("certificate_number") != kept.Fields.Get("certificate_number") {
					t.Errorf("%d is told %v and shown %+v, kept is %+v", i, f.Args, saw[i], kept)
				}
			}
		}
		if won != 1 {
			t.Errorf("%d have saved", won)
		}
	})
}

func get(t *testing.T, s *store.Store, id ident.RecordID) (p *keying.Paper) {
	t.Helper()
	if err := s.Read(t.Context(), start, func(tx *store.Tx) (err error) {
		p, err = keying.Get(tx, id)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestSeen: what was not seen is neither recorded nor given up; the same once more is no
// change, and scans are in nobody's way.
func TestSeen(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		p := opened(t, s)
		do := func(f func(*store.Tx) error) error { return s.Write(t.Context(), start.Add(time.Hour), f) }
		save := func(by string, version int64, number string) error {
			return do(func(tx *store.Tx) error { _, err := keying.Save(tx, p.ID, by, version, typed(number)); return err })
		}
		if err := save("b.second", 1, "SL 1"); err != nil {
			t.Fatal(err)
		}
		if err := save("a.first", 1, "SL 1"); err != nil {
			t.Errorf("the same: %v", err)
		}
		if k := get(t, s, p.ID); k.Version != 2 || k.KeyedBy != "b.second" {
			t.Errorf("%+v", k)
		}
		for name, err := range map[string]error{
			"save": save("a.first", 1, "SL 2"),
			"take": do(func(tx *store.Tx) error { return keying.Take(tx, p, "a.first", "AE-dubai-2026-000001") }),
			"drop": do(func(tx *store.Tx) error { return keying.Drop(tx, p.ID, "a.first", 1, "SYNTHETIC") }),
		} {
			if !fault.Is(err, "certificate.keying_moved") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if k := get(t, s, p.ID); !k.Waits() || k.Fields.Get("certificate_number") != "SL 1" {
			t.Errorf("%+v", k)
		}
		if err := do(func(tx *store.Tx) error { return keying.Drop(tx, p.ID, "a.first", 2, "SYNTHETIC") }); err != nil {
			t.Error(err)
		}
		if err := save("a.first", 2, "SL 2"); !fault.Is(err, "certificate.keying_done") {
			t.Errorf("given up: %v", err)
		}
	})
}
