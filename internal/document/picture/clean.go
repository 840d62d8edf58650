package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image/jpeg"
	"image/png"
	"slices"
)

var (
	startJPEG = []byte{0xff, 0xd8, 0xff}
	startPNG  = []byte("\x89PNG\r\n\x1a\n")
	startPDF  = []byte("%PDF-")
)

// The kinds of file that are kept.
const (
	JPEG = "image/jpeg"
	PNG  = "image/png"
	PDF  = "application/pdf"
)

// Media is a file's type by its first bytes, whatever its name says; "" for one that is
// not kept.
func Media(file []byte) string {
	switch {
	case bytes.HasPrefix(file, startJPEG):
		return JPEG
	case bytes.HasPrefix(file, startPNG):
		return PNG
	case bytes.HasPrefix(file, startPDF):
		return PDF
	}
	return ""
}

// Clean is a picture without what was written into it beside the picture: in a JPEG the
// APP1 to APP13 and APP15 segments (Exif with its place, XMP, Photoshop) and comments,
// in a PNG every chunk that no decoder needs. The picture itself is copied byte by byte
// and not encoded again: it looks exactly as it did. What follows the end of the
// picture is left out. A PDF is given back as it is.
func Clean(file []byte) ([]byte, error) {
	switch Media(file) {
	case JPEG:
		return cleanJPEG(file)
	case PNG:
		return cleanPNG(file)
	case PDF:
		return file, nil
	}
	return nil, errors.New("no picture that can be cleaned")
}

// mostPixels bounds what a browser has to unpack: a page of A3 at 600 dots per inch has
// 70 million.
const mostPixels = 100_000_000

// ErrMany is a picture of more dots than anybody needs: a few bytes may claim to be a
// wall, and whoever looks at it pays for it.
var ErrMany = errors.New("a picture of too many dots")

// Check tells whether a file is a whole picture or a PDF that can be kept and shown.
func Check(file []byte) error {
	if _, err := Clean(file); err != nil {
		return err
	}
	if Media(file) == PDF {
		return nil
	}
	w, h := size(file)
	switch {
	case w <= 0 || h <= 0:
		return errors.New("a picture whose head cannot be read")
	case w > mostPixels/h:
		return ErrMany
	}
	return nil
}

// errCut is a file that ends within a part.
var errCut = errors.New("the picture is cut short")

// cleanJPEG goes through the segments of ITU-T T.81 B.1. APP0 (JFIF) and APP14 (Adobe:
// which colours the numbers mean) stay, or the picture would look otherwise. Between
// two scans of a progressive picture there may be segments as well.
func cleanJPEG(file []byte) ([]byte, error) {
	out := slices.Clone(file[:2])
	at := 2
	for at+2 <= len(file) {
		if file[at] != 0xff {
			return nil, errors.New("no marker where a segment begins")
		}
		marker := file[at+1]
		switch {
		case marker == 0xff: // a fill byte
			at++
			continue
		case marker == 0xd9: // end of image
			return append(out, 0xff, 0xd9), nil
		case marker == 0x01 || marker >= 0xd0 && marker <= 0xd7: // without length
			out, at = append(out, file[at:at+2]...), at+2
			continue
		}
		if at+4 > len(file) {
			return nil, errCut
		}
		end := at + 2 + int(binary.BigEndian.Uint16(file[at+2:]))
		if end < at+4 || end > len(file) {
			return nil, errCut
		}
		if !told(marker) {
			out = append(out, file[at:end]...)
		}
		at = end
		if marker == 0xda { // start of scan: coded data to the next marker
			n := coded(file[at:])
			out, at = append(out, file[at:at+n]...), at+n
		}
	}
	return nil, errCut
}

// told tells the segments that say something beside the picture.
func told(marker byte) bool {
	return marker >= 0xe1 && marker <= 0xed || marker == 0xef || marker == 0xfe
}

// coded is the length of coded data: until a marker that is neither a stuffed byte nor
// a restart (T.81 B.1.1.5).
func coded(b []byte) int {
	for i := 0; i+1 < len(b); i++ {
		if b[i] == 0xff && b[i+1] != 0 && (b[i+1] < 0xd0 || b[i+1] > 0xd7) && b[i+1] != 0xff {
			return i
		}
	}
	return len(b)
}

// kept are the chunks of a PNG that stay: the critical ones and those by which its
// colours are read (PNG, third edition, 11.3). Texts, times, Exif and what is private
// go.
var kept = []string{"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "sBIT", "pHYs", "bKGD", "cICP"}

func cleanPNG(file []byte) ([]byte, error) {
	out := slices.Clone(file[:len(startPNG)])
	for at := len(startPNG); at+12 <= len(file); {
		n := uint64(binary.BigEndian.Uint32(file[at:]))
		if n > uint64(len(file)-at-12) {
			return nil, errCut
		}
		end := at + 12 + int(n)
		name := string(file[at+4 : at+8])
		if slices.Contains(kept, name) {
			out = append(out, file[at:end]...)
		}
		if name == "IEND" {
			return out, nil
		}
		at = end
	}
	return nil, errCut
}

// size is a picture's in dots; nothing of what is none.
func size(file []byte) (w, h int) {
	read := png.DecodeConfig
	if Media(file) == JPEG {
		read = jpeg.DecodeConfig
	}
	c, err := read(bytes.NewReader(file))
	if err != nil {
		return 0, 0
	}
	return c.Width, c.Height
}
