// Package opened is what a person hands in to have a certificate checked: its own file,
// a PDF that it is attached to, a picture of its codes, or their text.
//
// Invariant: nothing is believed of any of them; all that comes out is a bundle, which
// the verifier judges, and how it was come by.
package opened

import (
	"context"
	"errors"
	"fmt"
	"time"

	"adamas.example/internal/certificate/paper/camera"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/fault"
	"adamas.example/internal/module"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/paper"
	"adamas.example/verify/paper/pdf"
)

// File is a certificate as a file brings it.
type File struct {
	Path   string
	Read   Source
	Bundle *bundle.Bundle
	Paper  *canonical.Hash // of a PDF
}

// Source is what of a file was read.
type Source string

// The sources: a certificate's own file, the one attached to a PDF, and the codes of a
// paper, as a scanner's text or in a picture.
const (
	Own                Source = "file"
	PDF                Source = "pdf"
	Codes              Source = "codes"
	CertificateCode    Source = "certificate_code"
	Picture            Source = "picture"
	PictureCertificate Source = "picture_certificate_code"
)

// mostFile bounds a file of any kind.
const mostFile = max(bundle.MaxSize, pdf.MaxSize, camera.MaxSize)

// patience is how long one picture is looked at.
const patience = 40 * time.Second

// Open reads a certificate's file, a PDF that it is attached to, a photograph of a
// paper, or the text of its codes. Faults: module.file_*, certificate.bundle_refused,
// certificate.pdf_*, certificate.picture_*, certificate.codes_of_two,
// certificate.code_missing, certificate.codes_refused.
func Open(ctx context.Context, file string, p *pack.Pack) (*File, error) {
	raw, err := module.ReadFile("FILE", file, mostFile)
	if err != nil {
		return nil, err
	}
	if camera.Is(raw) {
		return openPicture(ctx, file, raw, p)
	}
	in, err := reading.Open(p, raw)
	if err != nil {
		return nil, refused(file, err)
	}
	o := &File{file, Own, in.Bundle, in.Paper}
	switch {
	case in.Paper != nil:
		o.Read = PDF
	case in.Codes && len(in.Bundle.Proof) == 0:
		o.Read = CertificateCode
	case in.Codes:
		o.Read = Codes
	}
	return o, nil
}

// refused is the fault of what reading.Open does not take.
func refused(file string, err error) error {
	place := []fault.Detail{fault.At("FILE"), fault.File(file), fault.Because(err)}
	switch {
	case errors.Is(err, pdf.ErrTwo):
		return fault.Invalid("certificate.pdf_of_two", place...)
	case errors.Is(err, pdf.ErrEncrypted):
		return fault.Invalid("certificate.pdf_encrypted", place...)
	case errors.Is(err, pdf.ErrNone):
		return fault.Invalid("certificate.pdf_empty", place...)
	case errors.Is(err, reading.ErrPDF):
		return fault.Invalid("certificate.pdf_refused", place...)
	case errors.Is(err, reading.ErrCodesOfTwo):
		return fault.Invalid("certificate.codes_of_two", place...)
	case errors.Is(err, reading.ErrCodeMissing):
		return fault.Invalid("certificate.code_missing", place...)
	case errors.Is(err, reading.ErrCodeOfReceipt):
		return fault.Invalid("certificate.code_of_receipt", place...)
	case errors.Is(err, reading.ErrCodes):
		return fault.Invalid("certificate.codes_refused", place...)
	}
	return fault.Invalid("certificate.bundle_refused", place...)
}

// openPicture reads the codes in a picture.
func openPicture(ctx context.Context, file string, raw []byte, p *pack.Pack) (*File, error) {
	ctx, end := context.WithTimeout(ctx, patience)
	defer end()
	c, err := camera.Read(ctx, raw)
	switch {
	case errors.Is(err, camera.ErrTwo):
		err = fault.Invalid("certificate.codes_of_two", fault.At("FILE"), fault.File(file))
	case errors.Is(err, camera.ErrReceipt):
		err = refused(file, reading.ErrCodeOfReceipt)
	case errors.Is(err, camera.ErrNoCode):
		err = fault.Invalid("certificate.picture_without_code", fault.At("FILE"), fault.File(file))
	case errors.Is(err, camera.ErrTooLarge):
		err = fault.TooLarge("certificate.picture_too_large", fault.At("FILE"), fault.File(file), fault.Arg("most", camera.MaxPixels/1_000_000))
	case err != nil:
		err = fault.Invalid("certificate.picture_refused", fault.At("FILE"), fault.File(file), fault.Because(err))
	}
	if err != nil {
		return nil, err
	}
	if c.Certificate == nil {
		return nil, refused(file, reading.ErrCodeMissing)
	}
	b, err := paper.Bundle(p, c.Certificate, c.Proof)
	if err != nil {
		return nil, refused(file, fmt.Errorf("%w: %w", reading.ErrCodes, err))
	}
	o := &File{Path: file, Read: Picture, Bundle: b}
	if c.Proof == nil {
		o.Read = PictureCertificate
	}
	return o, nil
}

// Bundle reads a certificate’s own file. Faults: module.file_*,
// certificate.bundle_refused.
func Bundle(file string) (*bundle.Bundle, error) {
	raw, err := module.ReadFile("FILE", file, bundle.MaxSize)
	if err != nil {
		return nil, err
	}
	return parse(file, raw)
}

func parse(file string, raw []byte) (*bundle.Bundle, error) {
	b, err := bundle.Parse(raw)
	if err != nil {
		return nil, fault.Invalid("certificate.bundle_refused", fault.At("FILE"), fault.File(file), fault.Because(err))
	}
	return b, nil
}
