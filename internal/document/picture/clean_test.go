package picture

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"testing"
)

// TestClean: what a camera wrote beside the picture is gone, and the picture is the
// same, dot for dot.
func TestClean(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 9, 7))
	for i := range m.Pix {
		m.Pix[i] = byte(i * 37)
	}
	var j, p bytes.Buffer
	if err := jpeg.Encode(&j, m, nil); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&p, m); err != nil {
		t.Fatal(err)
	}
	secret := []byte("SYNTHETIC place")
	segment := append([]byte{0xff, 0xe1, 0, byte(len(secret) + 2)}, secret...)
	told := append(append(bytes.Clone(j.Bytes()[:2]), segment...), j.Bytes()[2:]...)
	chunk := append(append([]byte{0, 0, 0, byte(len(secret))}, "tEXt"...), append(bytes.Clone(secret), 0, 0, 0, 0)...)
	pngTold := append(append(bytes.Clone(p.Bytes()[:33]), chunk...), p.Bytes()[33:]...)
	for name, x := range map[string]struct{ file, want []byte }{
		"JPEG": {told, j.Bytes()}, "PNG": {pngTold, p.Bytes()}, "after the end": {append(bytes.Clone(told), secret...), j.Bytes()},
	} {
		got, err := Clean(x.file)
		if err != nil || !bytes.Equal(got, x.want) {
			t.Errorf("%s: %v, %d bytes of %d", name, err, len(got), len(x.want))
		}
	}
	for n := range told {
		if _, err := Clean(told[:n]); err == nil {
			t.Fatalf("cut at %d it is taken", n)
		}
	}
	if Check([]byte("GIF89a")) == nil || Check(j.Bytes()) != nil || Check(p.Bytes()) != nil {
		t.Error("kept what is none, or refused what is one")
	}
}

func FuzzClean(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x04ab\xff\xd9"))
	f.Add([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x00IEND\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		clean, err := Clean(file)
		if err != nil {
			return
		}
		again, err := Clean(clean)
		if err != nil || !bytes.Equal(again, clean) {
			t.Errorf("cleaned twice it is another: %v", err)
		}
	})
}
