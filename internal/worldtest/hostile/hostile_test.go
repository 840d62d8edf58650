package hostile

import (
	"archive/zip"
	"bytes"
	"image/jpeg"
	"image/png"
	"testing"
)

// TestFiles: they are small, and those that are to be read as something are.
func TestFiles(t *testing.T) {
	for _, f := range Files() {
		if len(f.Content) > 1<<20 {
			t.Errorf("%s: %d bytes", f.What, len(f.Content))
		}
		switch f.Name {
		case "swells.zip":
			z, err := zip.NewReader(bytes.NewReader(f.Content), int64(len(f.Content)))
			if err != nil || z.File[0].UncompressedSize64 != 64<<20 {
				t.Errorf("it does not swell: %v", err)
			}
		case "huge.png":
			if c, err := png.DecodeConfig(bytes.NewReader(f.Content)); err != nil || c.Width != 60_000 {
				t.Errorf("%+v %v", c, err)
			}
		case "huge.jpg":
			if c, err := jpeg.DecodeConfig(bytes.NewReader(f.Content)); err != nil || c.Width != 65_535 {
				t.Errorf("%+v %v", c, err)
			}
		}
	}
}
