// Package paper is what stands in the QR codes of a printed certificate or confirmation
// of import, as text: the signed bytes, and the proof that they are recorded (design.md
// §8). A phone that knows nothing of Adamas opens it as an address; a verifier takes
// what stands behind the # and asks nobody.
//
//	HTTPS://HOST/C#31415...   the signed bytes of a certificate
//	HTTPS://HOST/R#16180...   the signed bytes of a statement of receipt
//	HTTPS://HOST/P#27182...   the compact proof of either (package proof)
//
// The digits are the number whose big-endian bytes are a 1 and then the content:
// decimal digits cost a QR code less than any other text (tech.md 3.4), and the 1
// keeps zero bytes at the beginning. What stands behind a # is never sent to a server
// (RFC 3986 §3.5).
//
// Invariant: nothing is believed of an address; content has one sequence of digits.
package paper

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
)

// Kind is what a code holds.
type Kind byte

// The kinds, by the letter in the address.
const (
	Certificate Kind = 'C'
	Receipt     Kind = 'R'
	Proof       Kind = 'P'
)

// MaxContent bounds what one code holds, in bytes: the largest QR code carries 7,089
// digits (ISO/IEC 18004, version 40 at level L).
const MaxContent = 2900

// marker stands before the content.
const marker = 1

// Digits writes content as decimal digits.
func Digits(content []byte) string {
	return new(big.Int).SetBytes(append([]byte{marker}, content...)).String()
}

// Text is the whole address. site is scheme and host in capitals, HTTPS://V.KP.EXAMPLE:
// capitals cost a QR code less.
func (k Kind) Text(site string, content []byte) string {
	return site + "/" + string(rune(k)) + "#" + Digits(content)
}

// ErrText means that a text is none of ours.
var ErrText = errors.New("not a code of a certificate")

// ErrDamaged means that a text is one of ours and not whole; it is an ErrText too.
var ErrDamaged = fmt.Errorf("%w: its number is not whole", ErrText)

// Read reads the text of a code. It is tolerant of what surrounds the content, since
// people copy and cameras break lines: spaces, the site, small letters. The content it
// gives is bound by nothing yet.
func Read(text string) (Kind, []byte, error) {
	head, digits, ok := strings.Cut(strings.Join(strings.Fields(text), ""), "#")
	if !ok || head == "" {
		return 0, nil, ErrText
	}
	var k Kind
	switch letter := strings.ToUpper(head[len(head)-1:]); letter {
	case "C", "R", "P":
		k = Kind(letter[0])
	default:
		return 0, nil, fmt.Errorf("%w: it is no certificate's, receipt's or proof's", ErrText)
	}
	if len(head) > 1 && head[len(head)-2] != '/' {
		return 0, nil, ErrText
	}
	content, err := content(digits)
	return k, content, err
}

func content(digits string) ([]byte, error) {
	if digits == "" || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return nil, fmt.Errorf("%w: behind the # stands something other than a number", ErrDamaged)
	}
	if len(digits) > MaxContent*5/2 {
		return nil, fmt.Errorf("%w: it is longer than a QR code can be", ErrDamaged)
	}
	n, _ := new(big.Int).SetString(digits, 10)
	b := n.Bytes()
	if b[0] != marker || len(b) == 1 {
		return nil, fmt.Errorf("%w: it is cut short or has a digit too many", ErrDamaged)
	}
	return b[1:], nil
}

// ErrOtherLog means that no log of the pack is the one of the proof.
var ErrOtherLog = errors.New("the proof is of a log that the pack does not know")

// Bundle joins what was read from paper: the signed bytes, and the compact proof, nil
// when only the first code was read. The facts are on neither. Errors: ErrOtherLog,
// those of proof.Expand.
func Bundle(p *pack.Pack, signed, compact []byte) (*bundle.Bundle, error) {
	b := &bundle.Bundle{Version: 1, Statement: signed}
	if compact == nil {
		return b, nil
	}
	for _, l := range p.Logs {
		full, err := proof.Expand(compact, proof.LeafHash(signed), l.Policy)
		switch {
		case errors.Is(err, policy.ErrOrigin):
			continue
		case err != nil:
			return nil, err
		}
		b.Proof = canonical.Text(full.String())
		return b, nil
	}
	return nil, ErrOtherLog
}
