// Package camera reads the codes of a printed certificate from a photograph or a scan
// of it (design.md §8).
//
// A phone's picture of a paper is tilted, folded, shaded, blurred and noisy, and the
// codes are large: up to 117 modules to a side. Finder patterns and Reed-Solomon
// correction are gozxing's; between them stands this package's own way from the
// picture to modules: every alignment pattern is looked for where its neighbours
// promise it, so that a bent paper is followed cell by cell, and each module is judged
// against those around it.
//
// Invariants: nothing is believed of a picture, a code read wrongly is no signed
// certificate; size, memory and time are bounded whatever the file says of itself.
package camera

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
	"strings"

	"adamas.example/verify/paper"
)

// Bounds.
const (
	MaxSize   = 32 << 20   // of a file, in bytes
	MaxPixels = 52_000_000 // a phone's 50 megapixels
	mostScans = 100        // of a JPEG, in which a program writes a dozen
	leastSide = 80         // pixels: no code is smaller
)

// The errors; each says what to do.
var (
	ErrNoCode   = errors.New("no code of a certificate is read in the picture")
	ErrTwo      = errors.New("the codes of two certificates are in the picture")
	ErrTooLarge = errors.New("the picture is too large")
	ErrDamaged  = errors.New("the picture is damaged")
	// ErrReceipt is an ErrNoCode too.
	ErrReceipt = fmt.Errorf("%w: that of a confirmation of import is", ErrNoCode)
)

// Codes are what the two codes of a certificate hold; nil for one that was not read.
type Codes struct{ Certificate, Proof []byte }

// Text is what a scanner would write of them: an address on each line, without its site.
func (c *Codes) Text() string {
	var lines []string
	for kind, content := range map[paper.Kind][]byte{paper.Certificate: c.Certificate, paper.Proof: c.Proof} {
		if content != nil {
			lines = append(lines, kind.Text("", content))
		}
	}
	slices.Sort(lines) // the certificate's first
	return strings.Join(lines, "\n")
}

// Is tells whether a file begins as a PNG or a JPEG.
func Is(file []byte) bool { return formOf(file) != nil }

// Safe tells which of the two a file is, when it may be decoded: that it has no more
// pixels than most, and does not have them gone through over and over. Errors:
// ErrTooLarge, ErrDamaged.
func Safe(file []byte, most int) (name string, err error) {
	form := formOf(file)
	if form == nil {
		return "", fmt.Errorf("%w: neither PNG nor JPEG", ErrDamaged)
	}
	said, err := form.size(bytes.NewReader(file))
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: %w", ErrDamaged, err)
	case said.Width > most || said.Height > most || said.Width*said.Height > most:
		return "", fmt.Errorf("%w: %d × %d pixels, at most %d", ErrTooLarge, said.Width, said.Height, most)
	case scans(file) > mostScans: // a few bytes have all pixels gone through once more
		return "", fmt.Errorf("%w: drawn more than %d times over", ErrDamaged, mostScans)
	case form.start[0] == 0xff:
		return "jpeg", nil
	}
	return "png", nil
}

// form is one of the two that phones and scanners write.
type form struct {
	start  string
	size   func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

func formOf(file []byte) *form {
	for _, f := range []form{{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode}, {"\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode}} {
		if bytes.HasPrefix(file, []byte(f.start)) {
			return &f
		}
	}
	return nil
}

// scans counts how often a JPEG draws over its pixels (ISO/IEC 10918-1 annex B): what
// begins with a start of scan, until its end of image. It is 0 for another file.
func scans(file []byte) (n int) {
	for at := 2; bytes.HasPrefix(file, []byte("\xff\xd8")) && at+4 <= len(file); {
		mark := file[at+1]
		switch {
		case file[at] != 0xff || mark == 0x00 || mark >= 0xd0 && mark <= 0xd7: // drawn, or begun anew within
			at++
		case mark == 0xff: // fill
			at++
		case mark == 0xd9:
			return n
		default:
			if mark == 0xda {
				n++
			}
			at += 2 + int(file[at+2])<<8 + int(file[at+3])
		}
	}
	return n
}

// Read looks for both codes until it has them, has tried everything, or the context
// ends; what it has by then it gives. Errors: Err*.
func Read(ctx context.Context, file []byte) (*Codes, error) {
	if len(file) > MaxSize {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(file), MaxSize)
	}
	if _, err := Safe(file, MaxPixels); err != nil {
		return nil, err
	}
	form := formOf(file)
	if said, err := form.size(bytes.NewReader(file)); err != nil || said.Width < leastSide || said.Height < leastSide {
		return nil, ErrNoCode
	}
	picture, err := form.decode(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	r := &reader{ctx: ctx}
	r.try(greyOf(picture))
	switch {
	case r.two:
		return nil, ErrTwo
	case r.found.Certificate == nil && r.receipt:
		return nil, ErrReceipt
	case r.found.Certificate == nil && r.found.Proof == nil:
		return nil, ErrNoCode
	}
	return &r.found, nil
}

// reader collects what is found.
type reader struct {
	ctx     context.Context
	found   Codes
	receipt bool // the code of a confirmation of import was read
	two     bool
	done    []place  // where codes were read
	tried   []triple // in this size
}

// over tells whether to stop.
func (r *reader) over() bool {
	return r.two || r.ctx.Err() != nil || r.found.Certificate != nil && r.found.Proof != nil
}

// take takes the text of a code. That it is a code of ours is all that is asked:
// what it holds is judged by its signature.
func (r *reader) take(text string) {
	kind, content, err := paper.Read(text)
	if err != nil {
		return // a code of something else: the paper's stamp, a parcel's label
	}
	into := &r.found.Certificate
	switch kind {
	case paper.Receipt: // it may lie beside the certificate that it is of
		r.receipt = true
		return
	case paper.Proof:
		into = &r.found.Proof
	}
	if *into != nil && !bytes.Equal(*into, content) {
		r.two = true
	}
	*into = content
}

// try reads the picture in some sizes: a smaller one hides noise and blur, a larger
// one has room for modules of two pixels.
func (r *reader) try(g *grey) {
	var sizes []*grey
	switch most := max(g.w, g.h); {
	case most > 6000:
		sizes = []*grey{g.half().half(), g.half(), g}
	case most > 2600:
		sizes = []*grey{g.half(), g, g.half().half()}
	case most > 1300:
		sizes = []*grey{g, g.half(), g.twice()}
	default:
		sizes = []*grey{g, g.twice()}
	}
	for _, s := range sizes {
		r.tried = nil
		for _, how := range binarizations {
			if r.over() {
				return
			}
			centres := r.finders(how(s))
			for _, t := range triples(centres) {
				if r.over() {
					return
				}
				if !r.known(t, s.w) && r.code(s, t) {
					r.done = append(r.done, t.place(s.w))
				}
			}
		}
	}
}
