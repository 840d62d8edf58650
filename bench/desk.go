package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/note"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificatetest"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/rules"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// desk is an issuing office as a node runs it: SQLite with the store's own
// pragmas, a log, a range of numbers, two officers.
type desk struct {
	*certificate.Service
	ledger              *ledger.Ledger
	log                 *ledger.Log
	store               *store.Store
	preparer, validator *keyring.Signer
}

// openDesk opens an office in a folder of its own.
func openDesk(ctx context.Context, dir string, signer note.Signer, policy string) (_ *desk, err error) {
	d := &desk{}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if d.store, err = store.Open(ctx, store.Config{Path: filepath.Join(dir, "adamas.db")}); err != nil {
		return nil, err
	}
	if err = d.store.Migrate(ctx, time.Now(), []store.Schema{ledger.Schema(), certificate.Schema()}); err != nil {
		return nil, err
	}
	if d.log, err = ledger.OpenLog(ctx, logConfig(filepath.Join(dir, "log"), signer, policy)); err != nil {
		return nil, err
	}
	if d.ledger, err = ledger.Open(ctx, ledger.Config{Store: d.store, Log: d.log, Now: time.Now}); err != nil {
		return nil, err
	}
	return d, d.open(ctx)
}

// open makes the keys, takes the rules and allots the numbers.
func (d *desk) open(ctx context.Context) error {
	kpcs, err := fs.Sub(rules.FS(), rules.KPCS)
	if err != nil {
		return err
	}
	set, err := rule.Check(kpcs)
	if err != nil {
		return err
	}
	signers := map[keyring.Purpose][]*keyring.Signer{}
	for _, p := range []keyring.Purpose{keyring.Office, keyring.Authority, keyring.Officer, keyring.Officer} {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return err
		}
		s, err := keyring.NewSigner(p, private)
		if err != nil {
			return err
		}
		signers[p] = append(signers[p], s)
	}
	d.preparer, d.validator = signers[keyring.Officer][0], signers[keyring.Officer][1]
	d.Service = certificate.New(certificatetest.Registers(certificate.Config{Ledger: d.ledger, Rules: set, Office: "CF/bangui", Station: "CF/bangui/pc-1",
		Signer: signers[keyring.Office][0], Now: time.Now, Entropy: rand.Reader, Synthetic: true}))
	now := time.Now().Unix()
	e, err := d.ledger.Record(ctx, signers[keyring.Authority][0], statement.Header{Issuer: "CF/authority", IssuedAt: now, Subject: "range/CF/1", Synthetic: true},
		&statement.NumberRange{Participant: "CF", Digits: 8, First: 1, Last: 99_999_999, Station: "CF/bangui/pc-1", LogWithin: 3600,
			From: canonical.DayOf(now), Until: canonical.DayOf(now) + 365}, ledger.Witnessed)
	if err != nil {
		return err
	}
	st, err := statement.Parse(e.Signed)
	if err != nil {
		return err
	}
	return d.TakeRange(ctx, st)
}

func (d *desk) close() (err error) {
	if d.ledger != nil {
		d.ledger.Close()
	}
	if d.log != nil {
		d.log.Close()
	}
	if d.store != nil {
		err = d.store.Close()
	}
	return err
}

// draft is one parcel of 12.40 ct for Dubai.
func draft() certificate.Draft {
	return certificate.Draft{Destination: "AE", Dossier: certificatetest.Dossier(), Facts: verify.Facts{Carats: new(uint64(1240)),
		HS: []verify.Weight{{Name: "7102.10", Hundredths: 1240}}, Origin: []verify.Weight{{Name: "CF", Hundredths: 1240}}, Parcels: new(uint64(1)),
		Exporter: &verify.Party{Name: "SYNTHETIC exporter", Address: "Bangui"}, Importer: &verify.Party{Name: "SYNTHETIC importer", Address: "Dubai"},
		Value: new(uint64(248000)), Seals: []verify.Seal{{Container: "1", Seal: "A118"}}}}
}

func (d *desk) prepare(ctx context.Context) (*certificate.Prepared, error) {
	return d.Prepare(ctx, draft(), d.preparer, d.validator.ID())
}

// issue spends a prepared certificate and gives its signed bytes once they are
// witnessed.
func (d *desk) issue(ctx context.Context, p *certificate.Prepared) ([]byte, error) {
	e, err := d.Issue(ctx, p, d.validator, ledger.Witnessed)
	if err != nil {
		return nil, err
	}
	if e.State() != ledger.Witnessed {
		return nil, errors.New("issued, and not witnessed")
	}
	return e.Signed, nil
}
