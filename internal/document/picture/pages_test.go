package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
)

func scanned(t testing.TB, w, h int, shade byte) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, w, h))
	for x := range w {
		m.Set(x, h/2, color.Gray{Y: shade})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pdfOf(pages ...[]byte) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	for i, p := range pages {
		fmt.Fprintf(&b, "%d 0 obj\n<</Subtype/Image/Filter/DCTDecode/Length %d>>\nstream\r\n%s\nendstream\nendobj\n", i+1, len(p), p)
	}
	b.WriteString("%%EOF\n")
	return b.Bytes()
}

// TestPages: a scanner's PDF is shown by its pages, in their order and dot for dot; a
// logo, a torn page and a PDF of text are no pages.
func TestPages(t *testing.T) {
	one, two := scanned(t, 300, 400, 10), scanned(t, 300, 400, 200)
	secret := append([]byte{0xff, 0xe1, 0, 17}, "SYNTHETIC place"...)
	told := append(append(bytes.Clone(one[:2]), secret...), one[2:]...)
	for name, x := range map[string]struct {
		file []byte
		want [][]byte
	}{
		"a picture":   {told, [][]byte{one}},
		"two pages":   {pdfOf(told, scanned(t, 20, 20, 1), two), [][]byte{one, two}},
		"a torn page": {pdfOf(one[:len(one)/2], two), [][]byte{two}},
		"no picture":  {pdfOf([]byte("BT (text) Tj ET")), nil},
		"an end":      {pdfOf(one)[:200], nil},
		"nothing":     {[]byte("GIF89a"), nil},
	} {
		got := Pages(x.file, 8)
		if len(got) != len(x.want) {
			t.Errorf("%s: %d pages, want %d", name, len(got), len(x.want))
			continue
		}
		for i := range got {
			if !bytes.Equal(got[i], x.want[i]) {
				t.Errorf("%s: page %d is another", name, i+1)
			}
		}
	}
	if got := Pages(pdfOf(one, two, one), 2); len(got) != 2 {
		t.Errorf("%d pages of at most 2", len(got))
	}
}

// FuzzPages: whatever a file says, what is shown of it is a clean JPEG or PNG.
func FuzzPages(f *testing.F) {
	f.Add(pdfOf(scanned(f, 210, 210, 9)))
	f.Add([]byte("%PDF-1.4 stream\n\xff\xd8\xff\xd9 endstream"))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, page := range Pages(file, 4) {
			if m := Media(page); m != JPEG && m != PNG {
				t.Errorf("shown as %q", m)
			}
			if again, err := Clean(page); err != nil || !bytes.Equal(again, page) {
				t.Errorf("not clean: %v", err)
			}
		}
	})
}
