package importing

import (
	"errors"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// keepBundle keeps a certificate as it was handed in: the signed bytes and the
// proof here, what it discloses in the vault, where the node's followers see it.
// A later copy adds what the earlier lacked and takes nothing away.
func keepBundle(tx *store.Tx, b *bundle.Bundle, c *statement.Certificate) error {
	_, err := tx.Exec(`INSERT INTO certificate_paper (statement, number, signed, proof, taken_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (statement) DO UPDATE SET proof = CASE WHEN excluded.proof = '' THEN certificate_paper.proof ELSE excluded.proof END`,
		canonical.Sum(b.Statement), c.Number, b.Statement, b.Proof.String(), tx.Now())
	if err != nil || b.Disclosure == nil && len(b.Approvals) == 0 {
		return err
	}
	return ledger.Keep(tx, b.Statement, b.Disclosure, b.Approvals)
}

// bundleOf puts the certificate of a consignment together again, with all that
// this office was shown of it. Fault certificate.no_certificate.
func bundleOf(tx *store.Tx, c *consignment.Consignment) (*bundle.Bundle, error) {
	b, err := HandedIn(tx, c.Statement)
	if err == nil && b == nil {
		err = fault.Conflict("certificate.no_certificate", fault.Arg("consignment", c.ID))
	}
	return b, err
}

// HandedIn reads a certificate that was handed in; nil when there is none.
func HandedIn(tx *store.Tx, h canonical.Hash) (*bundle.Bundle, error) {
	b := &bundle.Bundle{Version: 1}
	var proof string
	err := tx.QueryRow(`SELECT signed, proof FROM certificate_paper WHERE statement = $1`, h).Scan(&b.Statement, &proof)
	if errors.Is(err, store.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	b.Proof = canonical.Text(proof)
	k, err := ledger.FromVault(tx, h)
	if err == nil && k != nil {
		b.Disclosure, b.Approvals = k.Disclosure, k.Approvals
	}
	return b, err
}
