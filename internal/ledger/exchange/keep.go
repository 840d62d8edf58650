package exchange

import (
	"errors"

	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/verify/message"
	"adamas.example/verify/trust"
)

// keepBundles puts what bundles disclose into the vault. One whose statement is
// not signed by a key that is known here, or falsely, is passed over: its bytes
// must not take the place of the true ones. The module that gets the message sees
// it all the same, and judges it with package verify.
func keepBundles(tx *store.Tx, d *trust.Directory, bundles []message.Carried) error {
	for _, b := range bundles {
		_, err := d.Signer(b.Statement, nil)
		if errors.Is(err, trust.ErrUnknownKey) || errors.Is(err, trust.ErrSignature) || errors.Is(err, trust.ErrOffice) {
			continue
		}
		if err := ledger.Keep(tx, b.Bundle.Statement, b.Disclosure, b.Approvals); err != nil {
			return err
		}
	}
	return nil
}
