package applications

import (
	"context"
	"strings"

	"adamas.example/internal/certificate"
	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/statement"
)

// mostBalances bounds what is looked through for a company's imports.
const mostBalances = 500

// Imports lists the certificates under which stones came to the company and of which
// something is left. Whose an import was stands in what its certificate disclosed to
// this office; one that disclosed nothing is nobody's, and is named by its number.
func (s *Service) Imports(ctx context.Context, w Who) (out []certificate.Balance, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		out = nil
		all, err := certificate.Balances(tx, mostBalances)
		if err != nil {
			return err
		}
		for _, b := range all {
			name, err := importer(tx, b)
			if err != nil {
				return err
			}
			if name != "" && strings.EqualFold(strings.Join(strings.Fields(name), " "), strings.Join(strings.Fields(w.Holder()), " ")) {
				out = append(out, b)
			}
		}
		return nil
	})
	return out, err
}

// importer is the importer that a certificate names, as far as this office was shown.
func importer(tx *store.Tx, b certificate.Balance) (string, error) {
	k, err := ledger.FromVault(tx, b.Statement)
	if err != nil || k == nil || k.Disclosure == nil {
		return "", err
	}
	st, err := statement.Parse(k.Statement)
	if err != nil {
		return "", nil // of a kind that this program does not know
	}
	c, ok := st.Body.(*statement.Certificate)
	if !ok {
		return "", nil
	}
	open, err := k.Disclosure.Open(c.Facts)
	if err != nil {
		return "", nil // it does not disclose what was committed to
	}
	facts, err := verify.DecodeFacts(open)
	if err != nil || facts.Importer == nil {
		return "", nil
	}
	return facts.Importer.Name, nil
}
