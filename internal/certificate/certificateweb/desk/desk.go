// Package desk is the page "Check a certificate" without the page: a pack, the words
// of one language, and one thing after another that is laid on it. It opens no socket
// and no file and reads no clock, so that it runs in a browser (package browser, which
// adds JavaScript and nothing else) with the network off.
//
// # Invariant
//
// What it says of a certificate is what `adamas verify` says in that language, word
// for word; internal/worldtest/judges holds the two against each other.
//
// Imports: fault, ident, lang/plain, document/ornament, certificate/reading, verify.
package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/document/ornament"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang/plain"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/paper/pdf"
	"adamas.example/verify/statement"
)

// Prefixes begin the keys of all words that a desk needs.
func Prefixes() []string { return append(reading.Prefixes(), "fault.check.", "size.") }

// Desk judges from one pack and speaks one language. The zero value has no pack, and
// for words it shows their keys.
type Desk struct {
	words    plain.Words
	verifier *verify.Verifier
	size     int
}

// Speak takes the words from a file that lang.Printer.Plain made; the language is that
// file's from now on.
func (d *Desk) Speak(file []byte) error {
	w, err := plain.Parse(file)
	if err != nil {
		return fault.Invalid("check.words_refused", fault.Because(err))
	}
	d.words = *w
	return nil
}

// Language is the one spoken; "" before Speak.
func (d *Desk) Language() string { return d.words.Language }

// Open makes a pack the one that is judged from. root, if not "", is the fingerprint
// of a root document that it must hold, as people write it. A pack that is refused
// leaves the one before in its place. Faults: check.fingerprint, check.pack_refused,
// check.other_root.
func (d *Desk) Open(packed []byte, root string) (*Pack, error) {
	var pin canonical.Hash
	if root != "" {
		typed := strings.NewReplacer(" ", "", "\u00a0", "", "-", "", ":", "").Replace(strings.ToLower(root))
		if err := pin.UnmarshalText([]byte(typed)); err != nil || pin.IsZero() { // zero would mean that none is asked for
			return nil, fault.Usage("check.fingerprint", fault.Text(root), fault.Because(err))
		}
	}
	p, err := pack.Parse(packed, canonical.Hash{})
	if err != nil {
		return nil, fault.Invalid("check.pack_refused", fault.Arg("why", err.Error()), fault.Because(err))
	}
	if known := p.Chain.Fingerprints; !pin.IsZero() && !slices.Contains(known, pin) {
		return nil, fault.Invalid("check.other_root", fault.Arg("found", known[len(known)-1].String()))
	}
	d.verifier, d.size = verify.New(p), len(packed)
	return d.Pack()
}

// Answer is what is said of a certificate.
type Answer struct {
	Verdict *verify.Verdict `json:"verdict"` // as `adamas verify --json` prints it
	Reading reading.Reading `json:"reading"` // the same in words
}

// Check judges a certificate's file, a PDF that it is attached to, or the text of its
// paper's codes. Faults:
// check.no_pack, and why it cannot be judged at all, see take.
func (d *Desk) Check(raw []byte, opt verify.Options) (*Answer, error) {
	in, err := d.take(raw)
	if err != nil {
		return nil, err
	}
	if in.Paper != nil { // who has taken the file from its PDF already says so in the question
		opt.Paper = in.Paper
	}
	v := d.verifier.Verify(in.Bundle, opt)
	return &Answer{v, reading.Of(&d.words, v, d.synthetic())}, nil
}

func (d *Desk) synthetic() bool { return d.verifier.Pack().Chain.Current().Synthetic }

// take takes apart what was handed in. Faults: check.no_pack, those of Take.
func (d *Desk) take(raw []byte) (*reading.Handed, error) {
	if d.verifier == nil {
		return nil, fault.NotFound("check.no_pack")
	}
	return Take(d.verifier.Pack(), raw)
}

// Most bounds what can be handed in, in bytes.
const Most = max(bundle.MaxSize, pdf.MaxSize)

// Take takes apart what was handed in: a certificate's file, a PDF that it is attached
// to, or the text of its paper's codes. Faults: check.paper_itself, check.codes_of_two,
// check.code_missing, check.code_of_receipt, check.codes_refused,
// check.not_a_certificate, check.pdf_*, check.too_large.
func Take(p *pack.Pack, raw []byte) (*reading.Handed, error) {
	if len(raw) > bundle.MaxSize && !pdf.Is(raw) {
		return nil, fault.TooLarge("check.too_large", fault.Most(bundle.MaxSize))
	}
	in, err := reading.Open(p, raw)
	why := fault.Because(err)
	switch {
	case err == nil:
		return in, nil
	case errors.Is(err, reading.ErrPaper):
		return nil, fault.Invalid("check.paper_itself", why)
	case errors.Is(err, pdf.ErrTwo):
		return nil, fault.Invalid("check.pdf_of_two", why)
	case errors.Is(err, pdf.ErrEncrypted):
		return nil, fault.Invalid("check.pdf_encrypted", why)
	case errors.Is(err, pdf.ErrNone):
		return nil, fault.Invalid("check.pdf_empty", why)
	case errors.Is(err, reading.ErrPDF):
		return nil, fault.Invalid("check.pdf_refused", why)
	case errors.Is(err, reading.ErrCodesOfTwo):
		return nil, fault.Invalid("check.codes_of_two", why)
	case errors.Is(err, reading.ErrCodeMissing):
		return nil, fault.Invalid("check.code_missing", why)
	case errors.Is(err, reading.ErrCodeOfReceipt):
		return nil, fault.Invalid("check.code_of_receipt", why)
	case errors.Is(err, reading.ErrCodes):
		return nil, fault.Invalid("check.codes_refused", why)
	}
	return nil, fault.Invalid("check.not_a_certificate", why)
}

// Likeness is what a certificate's paper shows so that people can compare: four words,
// and the rosette. It says nothing of whether the certificate is good.
type Likeness struct {
	CheckWords string           `json:"check_words"`
	Rosette    ornament.Drawing `json:"rosette"`
}

// Likeness draws what the paper of a certificate must show. Faults: those of Check.
func (d *Desk) Likeness(raw []byte) (*Likeness, error) {
	in, err := d.take(raw)
	if err != nil {
		return nil, err
	}
	return LikenessOf(in.Bundle)
}

// LikenessOf draws it of a certificate that was taken apart. Fault
// check.not_a_certificate.
func LikenessOf(b *bundle.Bundle) (*Likeness, error) {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		return nil, fault.Invalid("check.not_a_certificate", fault.Because(err))
	}
	l := reading.LikenessOf(st, b.Statement)
	return &Likeness{ornament.CheckWords(l.Words), ornament.Draw(l.Rosette)}, nil
}

// Told is a fault in words.
type Told struct {
	Key    string `json:"key"`
	Text   string `json:"text"`
	Remedy string `json:"remedy,omitempty"`
	Why    string `json:"why,omitempty"` // the technical cause in English, for who mends it
}

// Told puts the first fault of err into the language's words.
func (d *Desk) Told(err error) Told {
	f := fault.All(err)[0]
	out := Told{Key: f.Key}
	out.Text, out.Remedy = plain.Fault(&d.words, f, "")
	if cause := f.Unwrap(); cause != nil {
		out.Why = cause.Error()
	}
	return out
}

// Written is an answer in JSON: what was asked for, or {"fault": Told}.
func (d *Desk) Written(answer any, err error) string {
	if err != nil {
		answer = struct {
			Fault Told `json:"fault"`
		}{d.Told(err)}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(answer); err != nil {
		return d.Written(nil, fault.Internal("check.unwritten", fault.Because(err)))
	}
	return string(bytes.TrimSuffix(out.Bytes(), []byte("\n")))
}
