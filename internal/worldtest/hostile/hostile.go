// Package hostile is files that somebody sends to do harm: that are two things at once,
// that swell when they are unpacked, that claim a picture larger than memory, that bring a
// script in their content or their name. Each page that takes a file is tried with all of
// them.
//
// # Invariants
//
//   - Each file is small where it lies, however large it says to be.
//   - None of them is a file that an office has any reason to take, except those named
//     Harmless: these may be kept, and must then be given out as nothing but a file.
//
// Imports: the standard library alone. Only tests import this package.
package hostile

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"io"
	"strings"
)

// Mark stands in every script that these files bring. A page on which it stands outside
// of text, "<" before it, has let one through.
const Mark = "alert('hostile')"

// File is one of them.
type File struct {
	Name    string // as its sender calls it
	Content []byte
	What    string // for the report of a test
	// Harmless is a file whose content is what its name says, to a reader that looks no
	// further than its beginning: a page may keep it.
	Harmless bool
}

const script = "<script>" + Mark + "</script>"

// Files are all of them, made anew: a test may change its own.
func Files() []File {
	picture := photograph()
	page := "<!doctype html><html><body onload=\"" + Mark + "\">" + script + "</body></html>"
	return []File{
		{Name: "page.pdf", Content: []byte(page), What: "a page that calls itself a PDF"},
		{Name: "page.jpg", Content: []byte(page), What: "a page that calls itself a photograph"},
		{Name: "drawing.svg", Content: []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="` + Mark + `">` + script + `</svg>`), What: "a drawing with a script"},
		{Name: "drawing.png", Content: []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">` + script + `</svg>`), What: "a drawing that calls itself a picture"},
		{Name: "both.gif", Content: []byte("GIF89a/*" + strings.Repeat("\x00", 40) + "*/=1;" + Mark), What: "a picture that is a script"},
		{Name: "both.pdf", Content: []byte("%PDF-1.7\n1 0 obj\n<< /OpenAction << /S /JavaScript /JS (" + Mark + ") >> >>\nendobj\n" + page + "\n%%EOF\n"), What: "a PDF with a script and a page in it", Harmless: true},
		{Name: "both.jpg", Content: append(bytes.Clone(picture), archive("x.html", []byte(page))...), What: "a photograph with an archive behind it", Harmless: true},
		{Name: `"><img src=x onerror="` + Mark + `">.pdf`, Content: []byte("%PDF-1.7\n%%EOF\n"), What: "a name with a script", Harmless: true},
		{Name: "invoice\u202efdp.exe", Content: []byte("MZ\x90\x00" + strings.Repeat("\x00", 60)), What: "a program whose name reads backwards"},
		{Name: "../../../etc/cron.d/x.pdf", Content: []byte("MZ"), What: "a name that leads elsewhere"},
		{Name: "swells.zip", Content: archive("zeros", make([]byte, 64<<20)), What: "an archive that swells"},
		{Name: "nested.zip", Content: nested(6), What: "archives within archives"},
		{Name: "swells.xlsx", Content: archive("xl/worksheets/sheet1.xml", make([]byte, 64<<20)), What: "a workbook that swells"},
		{Name: "swells.gz", Content: zeros(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, nil), What: "a compressed file that swells"},
		{Name: "stream.pdf", Content: zeros(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, []byte("%PDF-1.7\n1 0 obj\n<< /Type /EmbeddedFile /Filter /FlateDecode >>\nstream\n")), What: "a PDF whose stream swells"},
		{Name: "huge.png", Content: hugePNG(), What: "a picture of 60,000 by 60,000 dots"},
		{Name: "huge.jpg", Content: hugeJPEG(), What: "a photograph of 65,535 by 65,535 dots"},
		{Name: "cut.jpg", Content: picture[:len(picture)/3], What: "a photograph cut short"},
		{Name: "bytes.adamas", Content: bytes.Repeat([]byte{0x9f}, 100_000), What: "CBOR without an end"},
		{Name: "deep.adamas", Content: bytes.Repeat([]byte{0x81}, 100_000), What: "CBOR within CBOR"},
		{Name: "long.adamas", Content: []byte{0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, What: "CBOR that claims more than memory"},
		{Name: strings.Repeat("n", 3000) + ".pdf", Content: []byte("%PDF-1.7\n"), What: "a name of 3,000 signs"},
	}
}

func photograph() []byte {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func archive(name string, content []byte) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(err)
	}
	return out.Bytes()
}

// nested is a page within so many archives.
func nested(depth int) []byte {
	b := []byte(script)
	for range depth {
		b = archive("inner.zip", b)
	}
	return b
}

// zeros are 64 MB of nothing, compressed, behind a head.
func zeros(pack func(io.Writer) io.WriteCloser, head []byte) []byte {
	out := bytes.NewBuffer(bytes.Clone(head))
	w := pack(out)
	_, err := w.Write(make([]byte, 64<<20))
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err)
	}
	return out.Bytes()
}

// hugePNG is a whole head, and no dots.
func hugePNG() []byte {
	head := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 60_000), 60_000)...)
	head = append(head, 8, 2, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(head))
}

// hugeJPEG claims in its frame what it does not hold.
func hugeJPEG() []byte {
	b := photograph()
	at := bytes.Index(b, []byte{0xff, 0xc0})
	for i := range 4 {
		b[at+5+i] = 0xff
	}
	return b
}
