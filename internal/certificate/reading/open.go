package reading

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"adamas.example/verify/bundle"
	"adamas.example/verify/pack"
	"adamas.example/verify/paper"
)

// Why something that was handed in cannot be judged at all.
var (
	ErrFile          = errors.New("not the file of a certificate")
	ErrPaper         = errors.New("a PDF or a picture")
	ErrCodesOfTwo    = errors.New("codes of two certificates")
	ErrCodeMissing   = errors.New("the code of a proof, and no certificate")
	ErrCodeOfReceipt = errors.New("the code of a confirmation of import, and no certificate")
	ErrCodes         = errors.New("codes that do not belong together, or one that is not whole")
)

// Open takes apart what is to be judged: a certificate's file, or the text of the
// codes on a paper as a scanner writes it, an address on each line. The pack expands a
// paper's proof and is believed later. Errors: those above, with their cause.
func Open(p *pack.Pack, raw []byte) (*bundle.Bundle, error) {
	if isPaper(raw) {
		return nil, ErrPaper
	}
	signed, proof, err := codes(string(raw))
	switch {
	case err != nil:
		return nil, err
	case signed == nil && proof == nil:
		b, err := bundle.Parse(raw)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFile, err)
		}
		return b, nil
	case signed == nil:
		return nil, ErrCodeMissing
	}
	b, err := paper.Bundle(p, signed, proof)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCodes, err)
	}
	return b, nil
}

// isPaper tells a PDF, a PNG and a JPEG by how they begin.
func isPaper(raw []byte) bool {
	return slices.ContainsFunc([]string{"%PDF-", "\x89PNG", "\xff\xd8\xff"}, func(start string) bool { return bytes.HasPrefix(raw, []byte(start)) })
}

// codes finds what stands in a text's codes, nil for what does not. Lines that are no
// code are left out.
func codes(text string) (signed, proof []byte, err error) {
	for line := range strings.Lines(text) {
		kind, content, err := paper.Read(line)
		switch {
		case errors.Is(err, paper.ErrDamaged):
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
