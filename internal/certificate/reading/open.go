package reading

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/paper"
	"adamas.example/verify/paper/pdf"
)

// Why something that was handed in cannot be judged at all.
var (
	ErrFile          = errors.New("not the file of a certificate")
	ErrPaper         = errors.New("a picture")
	ErrPDF           = errors.New("a PDF from which no certificate can be taken") // with an error of package pdf
	ErrCodesOfTwo    = errors.New("codes of two certificates")
	ErrCodeMissing   = errors.New("the code of a proof, and no certificate")
	ErrCodeOfReceipt = errors.New("the code of a confirmation of import, and no certificate")
	ErrCodes         = errors.New("codes that do not belong together, or one that is not whole")
)

// Handed is what was handed in, taken apart.
type Handed struct {
	Bundle *bundle.Bundle
	Paper  *canonical.Hash // of the PDF that it was attached to; nil where there was none
	Codes  bool            // whether it was the text of codes
}

// Open takes apart what is to be judged: a certificate's file, a PDF that it is attached
// to, or the text of the codes on a paper as a scanner writes it, an address on each
// line. The pack expands a paper's proof and is believed later. Errors: those above,
// with their cause.
func Open(p *pack.Pack, raw []byte) (*Handed, error) {
	switch {
	case !bundle.Is(raw) && pdf.Is(raw):
		return attached(raw)
	case isPicture(raw):
		return nil, ErrPaper
	}
	whole, notFile := bundle.Parse(raw)
	if notFile == nil {
		return &Handed{Bundle: whole}, nil // before its bytes are looked at as text: "/C#" may stand among them by chance
	}
	signed, proof, err := codes(string(raw))
	switch {
	case err != nil:
		return nil, err
	case signed == nil && proof == nil:
		return nil, fmt.Errorf("%w: %w", ErrFile, notFile)
	case signed == nil:
		return nil, ErrCodeMissing
	}
	b, err := paper.Bundle(p, signed, proof)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCodes, err)
	}
	return &Handed{Bundle: b, Codes: true}, nil
}

// attached takes the certificate's file from a PDF, which the verifier holds against
// what its office has recorded of its prints.
func attached(raw []byte) (*Handed, error) {
	file, err := pdf.Bundle(raw)
	var b *bundle.Bundle
	if err == nil {
		b, err = bundle.Parse(file)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPDF, err)
	}
	digest := canonical.Sum(raw)
	return &Handed{Bundle: b, Paper: &digest}, nil
}

// isPicture tells a PNG and a JPEG by how they begin.
func isPicture(raw []byte) bool {
	return slices.ContainsFunc([]string{"\x89PNG", "\xff\xd8\xff"}, func(start string) bool { return bytes.HasPrefix(raw, []byte(start)) })
}

// codes finds what stands in a text's codes, nil for what does not. Lines that are no
// code are left out, and damaged ones where the whole is no text at all: those are bytes
// of something else.
func codes(text string) (signed, proof []byte, err error) {
	isText := utf8.ValidString(text)
	for line := range strings.Lines(text) {
		kind, content, err := paper.Read(line)
		switch {
		case errors.Is(err, paper.ErrDamaged) && isText:
			return nil, nil, fmt.Errorf("%w: %w", ErrCodes, err)
		case err != nil:
		case kind == paper.Receipt:
			return nil, nil, ErrCodeOfReceipt
		case kind == paper.Certificate && signed != nil && !bytes.Equal(signed, content), kind == paper.Proof && proof != nil && !bytes.Equal(proof, content):
			return nil, nil, ErrCodesOfTwo
		case kind == paper.Certificate:
			signed = content
		default:
			proof = content
		}
	}
	return signed, proof, nil
}
