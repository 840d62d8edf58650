package keyring

import (
	"context"
	"errors"
	"fmt"

	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Approve gives an officer's approval of digest (statement.ApprovalDigest): a
// COSE_Sign1 of content type ContentApproval over the detached digest, which
// trust.OfficeKey.Approves accepts. s must be an Officer's. Faults: those of
// Sign; keyring.unsignable for a zero digest.
func Approve(ctx context.Context, s *Signer, digest canonical.Hash) ([]byte, error) {
	if digest.IsZero() {
		return nil, unsignable(errors.New("the digest is missing"))
	}
	u, err := statement.Unsign(s.key.Alg, s.ID(), statement.ContentApproval, digest[:], true)
	if err != nil {
		return nil, fmt.Errorf("framing an approval: %w", err)
	}
	return s.Sign(ctx, u)
}
