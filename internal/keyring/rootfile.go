package keyring

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// MaxRoot bounds a root document in bytes: hundreds of Participants fit.
const MaxRoot = 4 << 20

// RootFile names the file of a version in a folder of signed root documents.
func RootFile(version int) string { return fmt.Sprintf("root-%d.cbor", version) }

// ReadRoots reads the signed root documents in a folder, version 1 first:
// root-1.cbor, root-2.cbor and so on. Nothing of them is verified. Fault
// keyring.root_missing when there is none, or one cannot be read.
func ReadRoots(dir string) ([][]byte, error) {
	var out [][]byte
	for version := 1; ; version++ {
		path := filepath.Join(dir, RootFile(version))
		b, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) && version > 1:
			return out, nil
		case err != nil:
			return nil, fault.NotFound("keyring.root_missing", fault.File(path), fault.Because(err))
		}
		out = append(out, b)
	}
}

// ReadChain is ReadRoots, verified. Fault also keyring.root_refused.
func ReadChain(dir string) (*trust.Chain, [][]byte, error) {
	signed, err := ReadRoots(dir)
	if err != nil {
		return nil, nil, err
	}
	chain, err := trust.ParseChain(signed, canonical.Hash{})
	if err != nil {
		return nil, nil, rootRefused(err)
	}
	return chain, signed, nil
}

// RootDocument is a root document as a file holds it, signed or still a payload.
// Nothing but its own form is verified.
type RootDocument struct {
	*trust.Root
	Payload     []byte
	Fingerprint canonical.Hash // SHA-256 of Payload: what people compare
	Signed      bool           // the file is a signed root, not a payload
	signatures  []*statement.Signed
}

// OpenRoot reads a file of the ceremony: a payload, or a signed root. Fault
// keyring.root_unreadable.
func OpenRoot(b []byte) (*RootDocument, error) {
	d := &RootDocument{Payload: b}
	if payload, signatures, err := trust.Split(b); err == nil {
		d.Payload, d.Signed = payload, true
		for _, s := range signatures {
			sig, err := statement.ParseSign1(s)
			if err != nil {
				return nil, fault.Invalid("keyring.root_unreadable", fault.Because(err))
			}
			d.signatures = append(d.signatures, sig)
		}
	}
	var err error
	if d.Root, err = decodeRoot(d.Payload); err != nil {
		return nil, fault.Invalid("keyring.root_unreadable", fault.Because(err))
	}
	d.Fingerprint = canonical.Sum(d.Payload)
	return d, nil
}

// SignedBy tells whether a true signature of the key stands in the document.
func (d *RootDocument) SignedBy(key statement.Key) bool {
	v, err := key.Verifier()
	return err == nil && slices.ContainsFunc(d.signatures, func(s *statement.Signed) bool {
		return s.KeyID == key.ID() && s.Content == statement.ContentRoot && s.Payload == nil && s.VerifiedOver(v, d.Payload)
	})
}
