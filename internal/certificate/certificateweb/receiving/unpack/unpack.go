// Package unpack takes apart what is uploaded to be judged in bulk: files as they are,
// and the files in ZIP archives, bounded in number, in size, and in what an archive
// swells to.
//
// # Invariants
//
//   - Nothing is written anywhere, and no name in an archive is used as a path.
//   - An archive in an archive is not opened.
//   - What an archive claims of itself is not believed: what comes out is counted.
//
// Imports: fault.
package unpack

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"path"
	"strings"

	"adamas.example/internal/fault"
)

// Bounds of one upload.
type Bounds struct {
	Files int   // in all
	Each  int64 // bytes of one file
	Whole int64 // bytes of all, unpacked
}

// Each gives one file after another: its name, and its content or why it has none. A
// fault that it returns ends the walk.
type Each func(name string, content []byte, problem error) error

// Walk walks over uploads.
type Walk struct {
	bounds Bounds
	files  int
	whole  int64
}

// New begins a walk.
func New(b Bounds) *Walk { return &Walk{bounds: b} }

// magic begins an archive with a file in it, and an empty one.
var magic = [][]byte{[]byte("PK\x03\x04"), []byte("PK\x05\x06")}

// IsArchive tells a ZIP by how it begins.
func IsArchive(raw []byte) bool {
	return bytes.HasPrefix(raw, magic[0]) || bytes.HasPrefix(raw, magic[1])
}

// Take walks over one upload. Faults: receiving.too_many_files, receiving.too_much, and
// those of each.
func (w *Walk) Take(name string, raw []byte, each Each) error {
	if !IsArchive(raw) {
		return w.one(name, raw, each)
	}
	z, err := open(raw)
	if err != nil {
		return w.problem(name, fault.Invalid("receiving.archive", fault.Because(err)), each)
	}
	for _, f := range z.File {
		if f.FileInfo().IsDir() || strings.HasPrefix(f.Name, "__MACOSX/") {
			continue
		}
		if err := w.entry(name, f, each); err != nil {
			return err
		}
	}
	return nil
}

func (w *Walk) entry(archive string, f *zip.File, each Each) error {
	name := archive + "/" + path.Base("/"+strings.ReplaceAll(f.Name, `\`, "/"))
	if f.Flags&1 != 0 {
		return w.problem(name, fault.Invalid("receiving.encrypted"), each)
	}
	r, err := f.Open()
	if err != nil {
		return w.problem(name, fault.Invalid("receiving.archive", fault.Because(err)), each)
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, min(w.bounds.Each, w.bounds.Whole-w.whole)+1))
	switch {
	case err != nil:
		w.whole += int64(len(content)) // what it cost counts also where it came to nothing
		return w.problem(name, fault.Invalid("receiving.archive", fault.Because(err)), each)
	case int64(len(content)) > w.bounds.Each:
		w.whole += int64(len(content))
		return w.problem(name, fault.TooLarge("check.too_large", fault.Most(w.bounds.Each)), each)
	case IsArchive(content):
		w.whole += int64(len(content))
		return w.problem(name, fault.Invalid("receiving.archive_within"), each)
	}
	return w.one(name, content, each)
}

// count counts a file, and what it has come to.
func (w *Walk) count(size int64) error {
	w.files++
	w.whole += size
	switch {
	case w.files > w.bounds.Files:
		return fault.TooLarge("receiving.too_many_files", fault.Arg("most", w.bounds.Files))
	case w.whole > w.bounds.Whole:
		return fault.TooLarge("receiving.too_much", fault.Most(w.bounds.Whole))
	}
	return nil
}

func (w *Walk) one(name string, content []byte, each Each) error {
	if err := w.count(int64(len(content))); err != nil {
		return err
	}
	return each(name, content, nil)
}

func (w *Walk) problem(name string, problem error, each Each) error {
	if err := w.count(0); err != nil {
		return err
	}
	return each(name, nil, problem)
}

// mostDirectory bounds an archive's list of contents, in bytes: archive/zip reads the
// whole of it into memory before anybody can count.
const mostDirectory = 1 << 20

var errDirectory = errors.New("the archive's list of contents is missing, or too long")

// open reads the list of contents, once its length is known to be bounded (APPNOTE.TXT
// 4.3.16: the end record is 22 bytes and a comment of at most 65535).
func open(raw []byte) (*zip.Reader, error) {
	tail := max(0, len(raw)-22-1<<16)
	at := bytes.LastIndex(raw[tail:], magic[1])
	if at < 0 || len(raw)-tail-at < 22 {
		return nil, errDirectory
	}
	at += tail
	size, offset := int64(binary.LittleEndian.Uint32(raw[at+12:])), int64(binary.LittleEndian.Uint32(raw[at+16:]))
	// Both ways in which archive/zip finds where the list begins: from its end, and
	// where the record says. An archive of 4 GiB (ZIP64) has no place in an upload.
	if size > mostDirectory || size > int64(at) || offset > int64(at) || int64(at)-offset > mostDirectory {
		return nil, errDirectory
	}
	return zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
}
