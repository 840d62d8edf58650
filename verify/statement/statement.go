package statement

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"adamas.example/verify/canonical"
)

// Version is the version of the envelope that this program writes and reads.
const Version = 1

// MaxBody is the largest body in bytes that travels inside a statement; a
// larger one goes by hash to the blob store that mirrors copy.
const MaxBody = 16 << 10

// Blob names a body that is kept apart by its SHA-256, size and media type.
type Blob struct {
	_     struct{} `cbor:",toarray"`
	Hash  canonical.Hash
	Size  uint64
	Media string
}

// Header is what every statement says, whatever its type.
type Header struct {
	Type      Type
	Issuer    string           // office, e.g. "CF/bangui"; the Participant before the slash
	IssuedAt  int64            // seconds since 1970 UTC, the issuer's own claim
	Subject   string           // what it is about, e.g. "certificate/CF00124471"
	Prev      canonical.Hash   // this issuer's previous statement on the subject; zero for the first
	Refs      []canonical.Hash // statements of others acted on
	Synthetic bool             // made-up data; no software may hide it
}

// Participant is the code before the slash of the issuing office.
func (h Header) Participant() string {
	code, _, _ := strings.Cut(h.Issuer, "/")
	return code
}

// payload is the signed map. Field order is key order.
type payload struct {
	Type      Type             `cbor:"1,keyasint"`
	Version   uint64           `cbor:"2,keyasint"`
	Issuer    string           `cbor:"3,keyasint"`
	IssuedAt  int64            `cbor:"4,keyasint"`
	Subject   string           `cbor:"5,keyasint"`
	Prev      canonical.Hash   `cbor:"6,keyasint,omitzero"`
	Refs      []canonical.Hash `cbor:"7,keyasint,omitempty"`
	Body      canonical.Raw    `cbor:"8,keyasint,omitempty"`
	Synthetic bool             `cbor:"9,keyasint"`
	Blob      *Blob            `cbor:"10,keyasint,omitempty"`
}

// Statement is a decoded statement. Its signature has not been checked.
type Statement struct {
	Header
	Signed *Signed
	Body   Body  // typed; *Opaque for a type this version does not know; nil when the body is a Blob
	Blob   *Blob // set when the body is kept apart
	Bytes  []byte
	Hash   canonical.Hash // SHA-256 of Bytes: how other statements refer to it
}

// Body is the typed content of a statement. Check refuses content that is not
// well-formed in itself, naming the field.
type Body interface {
	Type() Type
	Check() error
}

// Opaque is the body of a statement whose type this version does not know. It
// is carried and logged, never interpreted.
type Opaque struct {
	Code Type
	CBOR canonical.Raw
}

// Type is the unknown type code.
func (o *Opaque) Type() Type { return o.Code }

// Check accepts any canonical CBOR.
func (o *Opaque) Check() error { return canonical.Check(o.CBOR) }

// Payload encodes header and body: the bytes that will be signed.
func Payload(h Header, body Body) ([]byte, error) {
	if body.Type() != h.Type {
		return nil, fmt.Errorf("header says %s, body is %s", h.Type, body.Type())
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	if err := body.Check(); err != nil {
		return nil, err
	}
	var b []byte
	var err error
	if o, ok := body.(*Opaque); ok {
		b = o.CBOR
	} else if b, err = canonical.Marshal(body); err != nil {
		return nil, err
	}
	if len(b) > MaxBody {
		return nil, fmt.Errorf("body of %d bytes: over %d it goes by hash to the blob store", len(b), MaxBody)
	}
	return canonical.Marshal(h.payload(b, nil))
}

// BlobPayload encodes a header whose body is kept apart.
func BlobPayload(h Header, blob Blob) ([]byte, error) {
	if err := errors.Join(h.check(), blob.check()); err != nil {
		return nil, err
	}
	return canonical.Marshal(h.payload(nil, &blob))
}

func (h Header) payload(body canonical.Raw, blob *Blob) payload {
	return payload{Type: h.Type, Version: Version, Issuer: h.Issuer, IssuedAt: h.IssuedAt, Subject: h.Subject,
		Prev: h.Prev, Refs: h.Refs, Body: body, Synthetic: h.Synthetic, Blob: blob}
}

func (b Blob) check() error {
	if b.Hash.IsZero() || b.Size == 0 {
		return errors.New("blob: hash, size and media type are all needed")
	}
	return text("blob: media type", b.Media, 100)
}

// Parse decodes one signed statement and checks everything that needs no key.
// The result shares memory with b, which must not change afterwards.
func Parse(b []byte) (*Statement, error) {
	s, err := ParseSign1(b)
	if err != nil {
		return nil, err
	}
	if s.Content != ContentStatement {
		return nil, fmt.Errorf("content type %q: want %q", s.Content, ContentStatement)
	}
	if s.Payload == nil {
		return nil, errors.New("the payload is detached: a statement carries it")
	}
	st, err := ParsePayload(s.Payload)
	if err != nil {
		return nil, err
	}
	st.Signed, st.Bytes, st.Hash = s, b, canonical.Sum(b)
	return st, nil
}

// ParsePayload decodes the signed map alone: what a statement says before
// anybody has signed it. Signed, Bytes and Hash of the result are empty.
func ParsePayload(b []byte) (*Statement, error) {
	c := canonical.NewCursor(b)
	p := readPayload(&c)
	if err := c.Done(); err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	if p.Version != Version {
		return nil, fmt.Errorf("version %d: this program reads version %d", p.Version, Version)
	}
	st := &Statement{Header: Header{Type: p.Type, Issuer: p.Issuer, IssuedAt: p.IssuedAt, Subject: p.Subject,
		Prev: p.Prev, Refs: p.Refs, Synthetic: p.Synthetic}, Blob: p.Blob}
	if err := st.check(); err != nil {
		return nil, err
	}
	switch {
	case (p.Blob == nil) == (p.Body == nil):
		return nil, errors.New("payload: either a body or a blob, one of them")
	case p.Blob != nil:
		return st, p.Blob.check()
	case len(p.Body) > MaxBody:
		return nil, fmt.Errorf("body of %d bytes: at most %d", len(p.Body), MaxBody)
	}
	body, err := readBody(p.Type, p.Body)
	if err == nil {
		err = body.Check()
	}
	if err != nil {
		return nil, fmt.Errorf("%s body: %w", p.Type, err)
	}
	st.Body = body
	return st, nil
}

func readBody(t Type, b canonical.Raw) (Body, error) {
	if t == TypeCertificate {
		c := canonical.NewCursor(b)
		body := readCertificate(&c)
		return body, c.Done()
	}
	body := t.newBody()
	if o, ok := body.(*Opaque); ok {
		o.CBOR = b
		return o, nil
	}
	return body, canonical.Unmarshal(b, body)
}

func (h Header) check() error {
	if h.Type == 0 {
		return errors.New("type: 0 is no type")
	}
	if err := checkOffice(h.Issuer); err != nil {
		return fmt.Errorf("issuer: %w", err)
	}
	if h.IssuedAt <= 0 || h.IssuedAt > MaxTime {
		return fmt.Errorf("issued-at: %d is not a time between 1970 and 9999", h.IssuedAt)
	}
	if err := text("subject", h.Subject, 128); err != nil {
		return err
	}
	if len(h.Refs) > 64 {
		return fmt.Errorf("refs: %d, at most 64", len(h.Refs))
	}
	for i, r := range h.Refs {
		if r.IsZero() {
			return fmt.Errorf("refs: number %d is empty", i+1)
		}
	}
	return nil
}

// MaxTime is the last second that a document may name: 9999-12-31T23:59:59Z.
const MaxTime = 253402300799

// checkOffice holds the form "CF/bangui": two capital letters, a slash, a slug.
func checkOffice(s string) error {
	code, slug, ok := strings.Cut(s, "/")
	if !ok || CheckCode(code) != nil || !isSlug(slug) || len(slug) > 40 {
		return fmt.Errorf("%q is not an office such as CF/bangui", s)
	}
	return nil
}

// CheckCode holds the form of a Participant's code: two capital letters.
func CheckCode(s string) error {
	if len(s) != 2 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		return fmt.Errorf("%q is not a two-letter Participant code", s)
	}
	return nil
}

func isSlug(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return s != ""
}

// CheckText refuses text that is too short or long (in bytes), is not UTF-8, or
// could show a reader something else than it says: control, format and
// line-separating characters. The error names no field.
func CheckText(s string, least, most int) error {
	if len(s) < least || len(s) > most {
		return fmt.Errorf("%d bytes of text, want %d to %d", len(s), least, most)
	}
	if isPrintable(s) {
		return nil // most text, for which there is no need to look into tables
	}
	if !utf8.ValidString(s) {
		return errors.New("not UTF-8")
	}
	for _, r := range s {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return fmt.Errorf("the character U+%04X is not allowed", r)
		}
	}
	return nil
}

// isPrintable tells whether s is all letters, digits, marks and spaces of ASCII.
func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// text is CheckText with the field's name, for a field that holds 1 to most
// bytes.
func text(field, s string, most int) error { return named(field, CheckText(s, 1, most)) }

func named(field string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", field, err)
}
