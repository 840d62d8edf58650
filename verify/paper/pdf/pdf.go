// Package pdf finds the certificate's file in a PDF that it is attached to, and reads
// nothing else of it: no page, no text, no font (design.md §8).
//
// A PDF has many ways to say where its objects are, and readers disagree about damaged
// ones. This reader follows none of them: it goes through the bytes and takes every
// stream whose dictionary is that of an embedded file (ISO 32000-1 §7.11.4). A stream is
// never inside another one (§7.5.7), so that this also finds what programs leave that
// compress objects, linearize or write plainly. What is no longer referred to, after a
// file was changed at its end, is found too: then two files differ, and that is an error.
//
// Invariants: nothing is believed of a PDF; time and memory are bounded by its length
// and by the bounds below, whatever is in it.
package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"

	"adamas.example/verify/bundle"
)

// Bounds.
const (
	MaxSize   = 32 << 20                           // of a PDF, in bytes
	mostFiles = 32                                 // attached files
	mostHead  = 4 << 10                            // of the dictionary before a stream, in bytes
	mostRaw   = bundle.MaxSize + bundle.MaxSize/16 // of a packed file, which packing may make longer
	tangle    = 8                                  // how often a byte may be looked at, on average
)

// The errors; each says what to do.
var (
	ErrNone      = errors.New("no certificate's file is attached to the PDF")
	ErrTwo       = errors.New("two certificates' files that differ are attached to the PDF")
	ErrTooLarge  = errors.New("a file attached to the PDF is larger than a certificate's can be")
	ErrEncrypted = errors.New("the PDF is encrypted")
	ErrDamaged   = errors.New("a file attached to the PDF cannot be unpacked")
)

// Is tells whether a file says that it is a PDF. Some programs put a line before it;
// readers look at the first 1,024 bytes (ISO 32000-1, note to §7.5.2).
func Is(file []byte) bool {
	return bytes.Contains(file[:min(len(file), 1024)], []byte("%PDF-"))
}

// Bundle gives the bytes of the one certificate's file that is attached, which may be
// so more than once. Other attached files do not matter. Errors: Err*, those of
// bytes that no honest program writes.
func Bundle(file []byte) ([]byte, error) {
	if len(file) > MaxSize {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(file), MaxSize)
	}
	var found []byte
	var trouble error
	files := 0
	err := streams(file, func(s stream) error {
		if files++; files > mostFiles {
			return fmt.Errorf("%w: more than %d files are attached", ErrTooLarge, mostFiles)
		}
		content, err := s.content()
		switch {
		case err != nil:
			trouble = err
		case !bundle.Is(content):
		case found != nil && !bytes.Equal(found, content):
			return ErrTwo
		default:
			found = content
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case found != nil:
		return found, nil
	case bytes.Contains(file, []byte("/Encrypt")):
		return nil, ErrEncrypted
	case trouble != nil:
		return nil, trouble
	}
	return nil, ErrNone
}

// streams goes through the file and gives the streams of attached files.
func streams(file []byte, each func(stream) error) error {
	work := 0
	for at := 0; ; {
		next := bytes.Index(file[at:], []byte("obj"))
		if next < 0 {
			return nil
		}
		at += next + len("obj")
		p := parser{b: file[at:min(len(file), at+mostHead)]}
		dict, ok := p.value(0).(dictionary)
		ok = ok && p.stream()
		if work += p.work(); work > tangle*len(file)+mostHead {
			return fmt.Errorf("%w: its objects are entangled", ErrDamaged)
		}
		if !ok {
			continue
		}
		s := stream{file: file, dict: dict, from: at + p.at}
		end := s.end()
		if s.attached() {
			if err := each(s); err != nil {
				return err
			}
		}
		// What is inside a stream is no object of this file, even where it looks so.
		at = max(at, end)
	}
}

// stream is an attached file as it lies in the PDF.
type stream struct {
	file []byte
	dict dictionary
	from int
}

// attached tells whether the stream is an attached file. Its type may be left out
// (ISO 32000-1 table 45); what no other stream has then is Params.
func (s stream) attached() bool {
	_, params := s.dict["Params"].(dictionary)
	return s.dict["Type"] == name("EmbeddedFile") || s.dict["Type"] == nil && params
}

// end is where the stream's bytes end, as its dictionary says; 0 where it does not say,
// or says what is not so.
func (s stream) end() int {
	n, ok := s.dict["Length"].(int)
	if !ok || n < 0 || n > len(s.file)-s.from {
		return 0
	}
	if rest := bytes.TrimLeft(s.file[s.from+n:min(len(s.file), s.from+n+16)], "\r\n"); !bytes.HasPrefix(rest, []byte("endstream")) {
		return 0
	}
	return s.from + n
}

// raw is what stands between stream and endstream. A length that is said elsewhere is
// not looked up: deflated bytes know their end, and others end where the word is, or
// one end of line before it. Which of the two, the certificate's own form tells.
func (s stream) raw() []byte {
	if end := s.end(); end > 0 {
		return s.file[s.from:end]
	}
	rest := s.file[s.from:]
	if end := bytes.Index(rest, []byte("endstream")); end >= 0 {
		rest = rest[:end]
	}
	for _, eol := range []string{"", "\r\n", "\n", "\r"} {
		if cut, ok := bytes.CutSuffix(rest, []byte(eol)); ok && whole(cut) {
			return cut
		}
	}
	return rest
}

func whole(content []byte) bool {
	_, err := bundle.Parse(content)
	return err == nil
}

// content unpacks a stream, up to the size of a bundle.
func (s stream) content() ([]byte, error) {
	filter := s.dict["Filter"]
	if list, ok := filter.([]any); ok && len(list) == 0 {
		filter = nil
	} else if ok && len(list) == 1 {
		filter = list[0]
	}
	switch {
	case filter == nil:
		raw := s.raw()
		if len(raw) > bundle.MaxSize {
			return nil, ErrTooLarge
		}
		return raw, nil
	case filter == name("FlateDecode") && !s.predicted():
	default:
		return nil, fmt.Errorf("%w: packed as %v", ErrDamaged, filter)
	}
	raw := s.file[s.from:] // deflated bytes may hold the word endstream
	if end := s.end(); end > 0 {
		raw = s.file[s.from:end]
	}
	unpack, err := zlib.NewReader(bytes.NewReader(raw[:min(len(raw), mostRaw)]))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	content, err := io.ReadAll(io.LimitReader(unpack, bundle.MaxSize+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	case len(content) > bundle.MaxSize:
		return nil, ErrTooLarge
	}
	return content, nil
}

// predicted tells whether the bytes were changed before they were packed (ISO 32000-1
// §7.4.4.4), which is for pictures.
func (s stream) predicted() bool {
	parms := s.dict["DecodeParms"]
	if list, ok := parms.([]any); ok && len(list) == 1 {
		parms = list[0]
	}
	d, ok := parms.(dictionary)
	p, said := d["Predictor"]
	return parms != nil && parms != name("null") && (!ok || said && p != 1)
}
