package certificate

import (
	"context"
	"encoding/json"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// store lints the bytes and keeps the prepared certificate, in the transaction
// that allots its number: a draft that cannot be written uses none.
func (p *Prepared) store(tx *store.Tx) error {
	payload, err := statement.Payload(p.header, &p.body)
	if err != nil {
		return fault.Invalid("certificate.draft", fault.Because(err))
	}
	if err := p.lint(payload); err != nil {
		return err
	}
	disclosure, err := canonical.Marshal(&p.disclosure)
	if err != nil {
		return err
	}
	told, err := json.Marshal(rule.Keep(p.report))
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO certificate_prepared (number, payload, disclosure, findings, prepared_at) VALUES ($1, $2, $3, $4, $5)`,
		p.body.Number, payload, disclosure, told, tx.Now())
	return err
}

// approve takes the preparer's approval of the bytes, and keeps it.
func (s *Service) approve(ctx context.Context, p *Prepared, preparer keyring.Approver) error {
	digest, err := statement.ApprovalDigest(p.header, &p.body)
	if err != nil {
		return fault.Invalid("certificate.draft", fault.Because(err))
	}
	p.digest = digest
	approval, err := preparer.Approve(ctx, digest)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(`UPDATE certificate_prepared SET approval = $2 WHERE number = $1`, p.body.Number, approval)
		if err == nil && n != 1 {
			return errNotAllotted(tx, p.body.Number)
		}
		return err
	})
	if err == nil {
		p.preparer = approval
	}
	return err
}

// Prepared finds a certificate that was prepared and waits to be issued: by this
// process or an earlier one. Faults: certificate.unknown_number;
// certificate.sheet_not_allotted, with who and when, for one that has been issued
// or given up.
func (s *Service) Prepared(ctx context.Context, number string) (p *Prepared, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		found, err := store.Collect(tx, scanPrepared, `SELECT payload, disclosure, findings, approval FROM certificate_prepared WHERE number = $1`, number)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return errNotAllotted(tx, number)
		}
		p = found[0]
		return nil
	})
	if err != nil {
		return nil, err
	}
	p.digest, err = statement.ApprovalDigest(p.header, &p.body)
	return p, err
}

func scanPrepared(scan store.Scan) (*Prepared, error) {
	p := &Prepared{}
	var payload, disclosure, findings []byte
	if err := scan(&payload, &disclosure, &findings, &p.preparer); err != nil {
		return nil, err
	}
	st, err := statement.ParsePayload(payload)
	if err != nil {
		return nil, fault.Corrupt("certificate.prepared_damaged", fault.Because(err))
	}
	p.header, p.body = st.Header, *st.Body.(*statement.Certificate)
	if err := canonical.Unmarshal(disclosure, &p.disclosure); err != nil {
		return nil, fault.Corrupt("certificate.prepared_damaged", fault.Because(err))
	}
	facts, err := p.facts()
	if err != nil {
		return nil, err
	}
	p.consumes = facts.Consumed != nil
	var told []rule.Kept
	if err := json.Unmarshal(findings, &told); err != nil {
		return nil, fault.Corrupt("certificate.prepared_damaged", fault.Because(err))
	}
	for i := range told { // JSON has no words, only their texts
		told[i].Args = inWords(told[i].Args)
	}
	p.report = rule.Reopen(told)
	return p, nil
}

// Approve takes the approval of the officer who prepared a certificate, when it
// failed at the time: the agent that holds the key did not answer. Faults:
// certificate.other_preparer, those of Prepared and of keyring.
func (s *Service) Approve(ctx context.Context, number string, preparer keyring.Approver) (*Prepared, error) {
	p, err := s.Prepared(ctx, number)
	if err != nil {
		return nil, err
	}
	if p.body.Preparer != preparer.ID() {
		return nil, fault.Forbidden("certificate.other_preparer", fault.Arg("number", number))
	}
	return p, s.approve(ctx, p, preparer)
}

// Approved tells whether the preparer's approval is kept.
func (p *Prepared) Approved() bool { return p.preparer != nil }

// facts opens what the certificate commits to.
func (p *Prepared) facts() (*verify.Facts, error) {
	facts, err := p.disclosure.Open(p.body.Facts)
	if err != nil {
		return nil, fault.Corrupt("certificate.prepared_damaged", fault.Because(err))
	}
	return verify.DecodeFacts(facts)
}

// Certificate gives a copy of the open group of facts, for the second officer's
// screen.
func (p *Prepared) Certificate() statement.Certificate { return p.body }

// Facts gives what the certificate commits to, for the second officer's screen.
func (p *Prepared) Facts() (*verify.Facts, error) { return p.facts() }

// settle ends the preparation, in the transaction that spends the number.
func (p *Prepared) settle(tx *store.Tx, within []Within) error {
	if p.consumes {
		if err := spendReserved(tx, p.body.Number); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`DELETE FROM certificate_prepared WHERE number = $1`, p.body.Number); err != nil {
		return err
	}
	return all(tx, p, within)
}
