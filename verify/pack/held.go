package pack

import (
	"bytes"
	"fmt"

	"adamas.example/verify/canonical"
	"adamas.example/verify/trust"
)

// Held makes of a draft what its pack would be when read, without an office's word
// that it is whole and so without a Snapshot: for who has the logs at hand and
// judges from them at once. Everything else is verified as Parse does.
func (d *Draft) Held() (*Pack, error) {
	var out bytes.Buffer
	if err := d.Write(&out, nil); err != nil {
		return nil, err
	}
	f, err := readFile(out.Bytes()[len(magic):])
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return assemble(f, d.roots, canonical.Hash{})
}

// assemble verifies all of a pack but its snapshot.
func assemble(f *file, roots [][]byte, pin canonical.Hash) (p *Pack, err error) {
	p = &Pack{}
	if p.Chain, err = trust.ParseChain(roots, pin); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	if err := p.readLogs(f.logs); err != nil {
		return nil, err
	}
	if p.Entries, err = p.readStatements(f.statements); err != nil {
		return nil, err
	}
	if p.Directory, err = trust.NewDirectory(p.Chain, p.Entries); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return p, nil
}
