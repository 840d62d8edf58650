package unpack_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"adamas.example/internal/certificate/certificateweb/receiving/unpack"
	"adamas.example/internal/fault"
)

var bounds = unpack.Bounds{Files: 5, Each: 1000, Whole: 3000}

// archive packs files, in the order of their names in pairs of name and content.
func archive(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(pairs); i += 2 {
		w, err := z.Create(pairs[i])
		if err == nil {
			_, err = w.Write([]byte(pairs[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// walk lists what came out, and how it ended.
func walk(raw ...[]byte) (out []string, err error) {
	w := unpack.New(bounds)
	for i, each := range raw {
		err = w.Take(fmt.Sprintf("up%d", i+1), each, func(name string, content []byte, problem error) error {
			said := string(content)
			if f, ok := fault.Of(problem); ok {
				said = f.Key
			}
			out = append(out, name+"="+said)
			return nil
		})
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

func TestWalk(t *testing.T) {
	zeros := string(make([]byte, 1001))
	big := string(make([]byte, 990))
	encrypted := archive(t, "a", "1")
	binary.LittleEndian.PutUint16(encrypted[6:], 1)
	at := bytes.Index(encrypted, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint16(encrypted[at+8:], 1)
	long := archive(t, "a", "1")
	end := bytes.LastIndex(long, []byte("PK\x05\x06"))
	binary.LittleEndian.PutUint32(long[end+16:], 0xffffffff)
	for name, tt := range map[string]struct {
		raw  [][]byte
		want []string
		key  string
	}{
		"a file":                  {[][]byte{[]byte("x")}, []string{"up1=x"}, ""},
		"an archive":              {[][]byte{archive(t, "a", "1", "d/", "", "d/b", "2", "__MACOSX/c", "3")}, []string{"up1/a=1", "up1/b=2"}, ""},
		"a path that climbs":      {[][]byte{archive(t, "../../etc/passwd", "1", `..\..\b`, "2")}, []string{"up1/passwd=1", "up1/b=2"}, ""},
		"an empty one":            {[][]byte{archive(t)}, nil, ""},
		"one file too large":      {[][]byte{archive(t, "a", zeros, "b", "2")}, []string{"up1/a=check.too_large", "up1/b=2"}, ""},
		"an archive in it":        {[][]byte{archive(t, "a.zip", string(archive(t, "a", "1")))}, []string{"up1/a.zip=receiving.archive_within"}, ""},
		"too many files":          {[][]byte{archive(t, "a", "1", "b", "2", "c", "3"), archive(t, "d", "4", "e", "5", "f", "6")}, nil, "receiving.too_many_files"},
		"swells":                  {[][]byte{archive(t, "a", big, "b", big, "c", big, "d", big)}, nil, "receiving.too_much"},
		"swells by what is large": {[][]byte{archive(t, "a", zeros, "b", zeros, "c", zeros, "d", zeros)}, nil, "receiving.too_much"},
		"encrypted":               {[][]byte{encrypted}, []string{"up1/a=receiving.encrypted"}, ""},
		"cut off":                 {[][]byte{archive(t, "a", "1")[:40]}, []string{"up1=receiving.archive"}, ""},
		"a list from nowhere":     {[][]byte{long}, []string{"up1=receiving.archive"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := walk(tt.raw...)
			if tt.key != "" {
				if !fault.Is(err, tt.key) {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil || fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("%v %v, want %v", got, err, tt.want)
			}
		})
	}
}

// TestLongList: a list of contents that would take all memory is refused before it is
// read, however few files it says there are.
func TestLongList(t *testing.T) {
	var pairs []string
	for i := range 20000 {
		pairs = append(pairs, fmt.Sprintf("%040d", i), "")
	}
	raw := archive(t, pairs...)
	end := bytes.LastIndex(raw, []byte("PK\x05\x06"))
	binary.LittleEndian.PutUint16(raw[end+8:], 1)
	binary.LittleEndian.PutUint16(raw[end+10:], 1)
	got, err := walk(raw)
	if err != nil || fmt.Sprint(got) != "[up1=receiving.archive]" {
		t.Errorf("%v %v", got, err)
	}
	binary.LittleEndian.PutUint32(raw[end+12:], 10) // and says that it is short
	if got, err = walk(raw); err != nil || fmt.Sprint(got) != "[up1=receiving.archive]" {
		t.Errorf("%v %v", got, err)
	}
}

func FuzzTake(f *testing.F) {
	f.Add(archive(f, "a", "1", "b", "2"))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, size := 0, 0
		err := unpack.New(bounds).Take("up", raw, func(_ string, content []byte, _ error) error {
			n++
			size += len(content)
			return nil
		})
		if n > bounds.Files || size > int(bounds.Whole) {
			t.Errorf("%d files, %d bytes, %v", n, size, err)
		}
	})
}
