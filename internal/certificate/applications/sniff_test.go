package applications_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"

	"adamas.example/internal/certificate/applications"
	"adamas.example/internal/fault"
)

func picture(t *testing.T, write func(io.Writer, image.Image) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// workbook is a zip with members of so many zero bytes.
func workbook(t *testing.T, members map[string]int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, size := range members {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.CopyN(w, zeros{}, int64(size))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// hugePNG is a header that claims 60,000 by 60,000 pixels.
func hugePNG() []byte {
	head := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 60_000), 60_000)...)
	head = append(head, 8, 2, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(head))
}

// TestSniff: a paper is what its content says, and hostile ones are refused.
func TestSniff(t *testing.T) {
	photo := picture(t, func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) })
	drawn := picture(t, png.Encode)
	pdf := []byte("%PDF-1.7\nSYNTHETIC\n%%EOF\n")
	polyglot := append(bytes.Clone(photo), "<html><script>alert(1)</script></html>"...)
	for _, tt := range []struct {
		about, name string
		content     []byte
		kind        applications.FileKind
		want        string
	}{
		{"PDF", "a.PDF", pdf, applications.PDF, ""},
		{"JPEG", "a.jpg", photo, applications.JPEG, ""},
		{"PNG", "a.png", drawn, applications.PNG, ""},
		{"workbook", "a.xlsx", workbook(t, map[string]int{"xl/workbook.xml": 10, "[Content_Types].xml": 1}), applications.XLSX, ""},
		{"HTML behind a picture stays a picture", "a.jpeg", polyglot, applications.JPEG, ""},
		{"HTML behind a picture by its other name", "a.html", polyglot, "", "certificate.attachment_other"},
		{"HTML as picture", "a.jpg", []byte("<html><script>"), "", "certificate.attachment_kind"},
		{"SVG", "a.svg", []byte("<svg onload='x'>"), "", "certificate.attachment_kind"},
		{"program", "a.pdf", []byte("MZ\x90\x00"), "", "certificate.attachment_kind"},
		{"PDF that calls itself a picture", "a.jpg", pdf, "", "certificate.attachment_other"},
		{"no ending", "a", pdf, "", "certificate.attachment_other"},
		{"PDF cut off", "a.pdf", pdf[:12], "", "certificate.attachment_broken"},
		{"JPEG cut off", "a.jpg", photo[:20], "", "certificate.attachment_broken"},
		{"huge PNG", "a.png", hugePNG(), "", "certificate.attachment_bomb"},
		{"zip bomb", "a.xlsx", workbook(t, map[string]int{"xl/workbook.xml": 120 << 20}), "", "certificate.attachment_bomb"},
		{"zip without workbook", "a.xlsx", workbook(t, map[string]int{"evil.exe": 1}), "", "certificate.attachment_kind"},
		{"macros", "a.xlsx", workbook(t, map[string]int{"xl/workbook.xml": 1, "xl/vbaProject.bin": 1}), "", "certificate.attachment_macro"},
		{"broken zip", "a.xlsx", []byte("PK\x03\x04 and nothing"), "", "certificate.attachment_broken"},
		{"empty", "a.pdf", nil, "", "certificate.attachment_empty"},
	} {
		kind, err := applications.Sniff(tt.name, tt.content)
		if tt.want == "" && (err != nil || kind != tt.kind) || tt.want != "" && !fault.Is(err, tt.want) {
			t.Errorf("%s: %q %v", tt.about, kind, err)
		}
	}
}

func FuzzSniff(f *testing.F) {
	f.Add("a.png", hugePNG())
	f.Add("a.pdf", []byte("%PDF-%%EOF"))
	f.Add("a.xlsx", []byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		kind, err := applications.Sniff(name, content)
		if err == nil && kind.MediaType() == "" || err != nil && len(fault.All(err)) == 0 {
			t.Errorf("%q %v", kind, err)
		}
		if strings.Contains(kind.MediaType(), "html") {
			t.Error("HTML")
		}
	})
}
