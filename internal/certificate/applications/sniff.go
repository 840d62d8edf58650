package applications

import (
	"archive/zip"
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"path"
	"strings"

	"adamas.example/internal/fault"
)

// FileKind is what a paper's content is.
type FileKind string

// The kinds that are taken.
const (
	PDF  FileKind = "pdf"
	JPEG FileKind = "jpeg"
	PNG  FileKind = "png"
	XLSX FileKind = "xlsx"
)

// mediaTypes are what papers are sent as, whatever came with them.
var mediaTypes = map[FileKind]string{PDF: "application/pdf", JPEG: "image/jpeg", PNG: "image/png",
	XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

// MediaType is what a paper is sent as.
func (k FileKind) MediaType() string { return mediaTypes[k] }

var endings = map[string]FileKind{".pdf": PDF, ".jpg": JPEG, ".jpeg": JPEG, ".png": PNG, ".xlsx": XLSX}

// fileField is the name of the field in which a paper is sent.
const fileField = "paper"

// Bounds of what a paper may unpack to, for whoever opens it later.
const (
	mostPixels   = 100 << 20 // of a picture, by its header
	mostEntries  = 2000      // of a workbook
	mostUnpacked = 100 << 20 // bytes of a workbook
)

// Sniff tells what a paper is by its content, and refuses what is not taken or calls
// itself something else: the next reader's machine would go by the name. Faults:
// certificate.attachment_empty, attachment_kind, attachment_other, attachment_broken,
// attachment_bomb, attachment_macro.
func Sniff(name string, content []byte) (FileKind, error) {
	at := fault.At(fileField)
	if len(content) == 0 {
		return "", fault.Invalid("certificate.attachment_empty", at, fault.Arg("name", name))
	}
	kind := FileKind("")
	switch {
	case bytes.HasPrefix(content, []byte("%PDF-")):
		kind = PDF
	case bytes.HasPrefix(content, []byte("\xff\xd8\xff")):
		kind = JPEG
	case bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")):
		kind = PNG
	case bytes.HasPrefix(content, []byte("PK\x03\x04")):
		kind = XLSX
	default:
		return "", fault.Invalid("certificate.attachment_kind", at, fault.Arg("name", name))
	}
	if says := endings[strings.ToLower(path.Ext(name))]; says != kind {
		return "", fault.Invalid("certificate.attachment_other", at, fault.Arg("name", name), fault.Arg("kind", string(kind)))
	}
	switch kind {
	case PDF:
		if !bytes.Contains(content[max(0, len(content)-2048):], []byte("%%EOF")) {
			return "", fault.Invalid("certificate.attachment_broken", at, fault.Arg("name", name))
		}
	case XLSX:
		return kind, workbook(name, content)
	default:
		return kind, picture(name, kind, content)
	}
	return kind, nil
}

// picture reads the header alone.
func picture(name string, kind FileKind, content []byte) error {
	read := jpeg.DecodeConfig
	if kind == PNG {
		read = png.DecodeConfig
	}
	c, err := read(bytes.NewReader(content))
	switch {
	case err != nil:
		return fault.Invalid("certificate.attachment_broken", fault.At(fileField), fault.Arg("name", name), fault.Because(err))
	case tooLarge(c):
		return fault.TooLarge("certificate.attachment_bomb", fault.At(fileField), fault.Arg("name", name))
	}
	return nil
}

func tooLarge(c image.Config) bool {
	return c.Width <= 0 || c.Height <= 0 || c.Width > mostPixels || c.Height > mostPixels || c.Width*c.Height > mostPixels
}

// workbook unpacks a workbook into nothing, since what its directory says of sizes may
// be a lie, and stops where it gets too large.
func workbook(name string, content []byte) error {
	broken := func(err error) error {
		return fault.Invalid("certificate.attachment_broken", fault.At(fileField), fault.Arg("name", name), fault.Because(err))
	}
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return broken(err)
	}
	bomb := fault.TooLarge("certificate.attachment_bomb", fault.At(fileField), fault.Arg("name", name))
	if len(z.File) > mostEntries {
		return bomb
	}
	left, sheets := int64(mostUnpacked), false
	for _, f := range z.File {
		switch {
		case f.Name == "xl/workbook.xml":
			sheets = true
		case strings.HasSuffix(strings.ToLower(f.Name), "vbaproject.bin"):
			return fault.Invalid("certificate.attachment_macro", fault.At(fileField), fault.Arg("name", name))
		}
		r, err := f.Open()
		if err != nil {
			return broken(err)
		}
		n, err := io.Copy(io.Discard, io.LimitReader(r, left+1))
		r.Close()
		if left -= n; left < 0 {
			return bomb
		}
		if err != nil {
			return broken(err)
		}
	}
	if !sheets {
		return fault.Invalid("certificate.attachment_kind", fault.At(fileField), fault.Arg("name", name))
	}
	return nil
}
