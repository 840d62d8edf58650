package exporting_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificatetest"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/life"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
	"adamas.example/rules"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

// engines runs a test on both databases.
func engines(t *testing.T, test func(t *testing.T, sc store.Config)) {
	t.Run("SQLite", func(t *testing.T) { test(t, store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")}) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, store.Config{DSN: pgtest.Start(t)}) })
}

// mortal is the office's signer, which may be gone at the moment of signing.
type mortal struct {
	*keyring.Signer
	gone atomic.Bool
}

func (m *mortal) Sign(ctx context.Context, u *statement.Unsigned) ([]byte, error) {
	if m.gone.Load() {
		return nil, errors.New("the signer is gone")
	}
	return m.Signer.Sign(ctx, u)
}

// office is CF/bangui of the verifier's world, with its own database, at a time
// that the test sets.
type office struct {
	*exporting.Desk
	t                   *testing.T
	service             *certificate.Service
	ledger              *ledger.Ledger
	signer              *mortal
	preparer, validator *keyring.Signer
	world               *verifytest.World
	now                 *atomic.Int64 // seconds
	letters             *[]letter
	sc                  store.Config
	w                   *ledgertest.World
	done                func()
}

type letter struct {
	to, kind            string
	statements, bundles [][]byte
}

func signer(t *testing.T, p keyring.Purpose, name string) *keyring.Signer {
	t.Helper()
	s, err := keyring.NewSigner(p, verifytest.NewSigner(name).Private)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newOffice(t *testing.T, sc store.Config) *office {
	o := &office{t: t, world: verifytest.New(), now: &atomic.Int64{}, letters: &[]letter{}, sc: sc, w: ledgertest.New(t, "cf.kp.example/2026")}
	o.now.Store(verifytest.Start + 600)
	o.open(nil)
	t.Cleanup(func() { o.done() })
	for _, leaf := range o.world.Offices["CF/bangui"].Log.Leaves {
		st, err := statement.Parse(leaf)
		if err != nil {
			t.Fatal(err)
		}
		if st.Hash == o.world.Offices["CF/bangui"].Range {
			if err := o.service.TakeRange(t.Context(), st); err != nil {
				t.Fatal(err)
			}
		}
	}
	return o
}

// open starts the office's process; point is called at the ledger's named points.
func (o *office) open(point func(string)) {
	o.t.Helper()
	lc := o.w.LogConfig()
	lc.Interval = time.Hour // nothing here waits for witnesses
	now := func() time.Time { return time.Unix(o.now.Load(), 0).UTC() }
	o.ledger, o.done = o.w.OpenWith(ledger.Config{Now: now, Point: point}, lc, o.sc, certificate.Schema())
	o.signer = &mortal{Signer: signer(o.t, keyring.Office, "office CF/bangui")}
	o.preparer, o.validator = signer(o.t, keyring.Officer, "preparer CF/bangui"), signer(o.t, keyring.Officer, "validator CF/bangui")
	kpcs, err := fs.Sub(rules.FS(), rules.KPCS)
	if err != nil {
		o.t.Fatal(err)
	}
	set, err := rule.Check(kpcs)
	if err != nil {
		o.t.Fatal(err)
	}
	o.service = certificate.New(certificatetest.Registers(certificate.Config{Ledger: o.ledger, Rules: set, Office: "CF/bangui", Station: "CF/bangui/pc-1",
		Signer: o.signer, Now: now, Entropy: rand.Reader, Synthetic: true}))
	o.Desk = exporting.New(exporting.Config{Certificates: o.service, Ledger: o.ledger, Rules: set, Office: "CF/bangui", Signer: o.signer, Now: now,
		Entropy: rand.Reader, Synthetic: true, Post: func(_ *store.Tx, to, kind string, statements, bundles [][]byte) error {
			*o.letters = append(*o.letters, letter{to, kind, statements, bundles})
			return nil
		}})
}

// reopen is what a stop and a new start leave.
func (o *office) reopen() {
	o.t.Helper()
	o.done()
	o.open(nil)
}

func (o *office) today() period.Date { return period.DateOf(time.Unix(o.now.Load(), 0)) }

func (o *office) days(n int) { o.now.Add(int64(n) * 86400) }

func as(r access.Role) exporting.Officer {
	return exporting.Officer{ID: "SYNTHETIC " + string(r), Role: r}
}

// application is 12.405 ct in two parcels: some from a site, some imported.
func (o *office) application() exporting.Application {
	licence := &certificate.Licence{Holder: "SYNTHETIC exporter", Number: "BA-1", Kind: "buying_house", Until: o.today().AddDays(300)}
	return exporting.Application{
		Kind:        exporting.Export,
		Applicant:   exporting.Person{Name: "SYNTHETIC agent", Address: "Bangui", For: "SYNTHETIC exporter"},
		Exporter:    exporting.Trader{Name: "SYNTHETIC exporter", Address: "Bangui", Licence: licence},
		Consignee:   exporting.Trader{Name: "SYNTHETIC importer", Address: "Dubai"},
		Destination: "AE", Office: "AE/dubai",
		Parcels:     []exporting.Parcel{{Mark: "P1", Container: "1", Carats: 10005, Stones: 12}, {Mark: "P2", Container: "2", Carats: 2400}},
		Lines:       []certificate.ValuedLine{{HS: "7102.10", Carats: 12000, Value: 240000}, {HS: "7102.31", Carats: 405, Value: 8000}},
		Evidence:    []certificate.Evidence{{Origin: "CF", Carats: 12405, Mine: &certificate.MineSource{Name: "SYNTHETIC site", Place: "Carnot", Record: "SYNTHETIC register 4"}}},
		Carriage:    exporting.Carriage{Mode: "hand_carry", Carrier: "SYNTHETIC carrier", Licence: &certificate.Licence{Holder: "SYNTHETIC carrier", Number: "T-1", Until: o.today().AddDays(300)}},
		Declaration: exporting.Declaration{By: "SYNTHETIC agent", Day: o.today(), Warranty: period.MustDay(2021, 1, 1)},
	}
}

func (o *office) valuation(by certificate.Valuer, lines []certificate.ValuedLine) certificate.Valuation {
	return certificate.Valuation{By: by, Name: "SYNTHETIC valuer", Day: o.today(), Lines: lines}
}

func (o *office) must(c *consignment.Consignment, err error) *consignment.Consignment {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}

// sealed brings an application to the sealed container.
func (o *office) sealed(a exporting.Application) *consignment.Consignment {
	o.t.Helper()
	ctx := o.t.Context()
	c := o.must(o.Apply(ctx, as(access.Exporter), a))
	var total measure.USD
	for _, l := range a.Lines {
		total += l.Value
	}
	for _, by := range []certificate.Valuer{certificate.ByExporter, certificate.ByIndependent, certificate.ByGovernment} {
		o.must(o.Value(ctx, c.ID, as(access.Valuator), o.valuation(by, a.Lines)))
	}
	o.must(o.Settle(ctx, c.ID, as(access.Valuator), certificate.Tax{Number: "Q-1", Authority: "SYNTHETIC treasury", Day: o.today(), Assessed: total,
		Lines: []certificate.TaxLine{{Name: "export-duty", Rate: "4", Amount: total * 4 / 100}}}))
	var containers []certificate.Container
	for _, p := range a.Parcels {
		containers = append(containers, certificate.Container{Container: p.Container, Seal: "A" + p.Mark})
	}
	return o.must(o.Seal(ctx, c.ID, as(access.Sealer), certificate.Sealing{Method: "every-container", Day: o.today(), Verified: true, Containers: containers}))
}

// issued brings an application to the issued certificate.
func (o *office) issued(a exporting.Application) *consignment.Consignment {
	o.t.Helper()
	c := o.sealed(a)
	if _, err := o.Prepare(o.t.Context(), c.ID, o.preparer, o.validator.ID(), 0); err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.Issue(o.t.Context(), c.ID, o.validator, 0, ledger.Signed); err != nil {
		o.t.Fatal(err)
	}
	return o.now_(c.ID)
}

func (o *office) now_(id string) *consignment.Consignment {
	o.t.Helper()
	c, _, err := o.Get(o.t.Context(), id)
	return o.must(c, err)
}

func (o *office) exported(a exporting.Application) *consignment.Consignment {
	o.t.Helper()
	c := o.issued(a)
	return o.must(o.Export(o.t.Context(), c.ID, as(access.Sealer), exporting.Exported{Day: o.today(), Exit: "Bangui M'Poko", Reference: "D-1"}))
}

// says has an office of the world state something of a certificate, in a log of the
// world, and has this office's follower read it.
func (o *office) says(issuer, log string, body func(statement.About) statement.Body, c *consignment.Consignment) {
	o.t.Helper()
	by := o.world.Offices[issuer]
	h := statement.Header{Issuer: issuer, IssuedAt: o.now.Load(), Subject: statement.CertificateSubject(c.Number), Synthetic: true}
	leaf := by.Signer.Statement(h, body(statement.About{Number: c.Number, Certificate: c.Statement}))
	l := o.world.Offices[log].Log
	index := l.Append(leaf)
	st, err := statement.Parse(leaf)
	if err != nil {
		o.t.Fatal(err)
	}
	err = o.ledger.Store().Write(o.t.Context(), time.Unix(o.now.Load(), 0), func(tx *store.Tx) error {
		return life.Follower{}.Apply(tx, follow.Followed{Origin: l.Origin, Index: index, State: ledger.Witnessed, Bytes: leaf, Hash: st.Hash, Statement: st})
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// directory is whom the office believes: everything in the world's logs.
func (o *office) directory() *trust.Directory {
	o.t.Helper()
	chain, err := trust.ParseChain(o.world.Roots, [32]byte{})
	if err != nil {
		o.t.Fatal(err)
	}
	var entries []trust.Entry
	for _, l := range o.world.Logs {
		for i, leaf := range l.Leaves {
			st, err := statement.Parse(leaf)
			if err != nil {
				o.t.Fatal(err)
			}
			entries = append(entries, trust.Entry{Origin: l.Origin, Index: uint64(i), Statement: st})
		}
	}
	d, err := trust.NewDirectory(chain, entries)
	if err != nil {
		o.t.Fatal(err)
	}
	return d
}
