package certificate_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificatetest"
	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/rules"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// desk is an office with two officers and a range of numbers.
type desk struct {
	*certificate.Service
	ledger              *ledger.Ledger
	preparer, validator *keyring.Signer
	office              *mortal
}

// mortal is the office's signer, whose process may end at the moment of
// signing.
type mortal struct {
	*keyring.Signer
	cut func()
}

func (m *mortal) Sign(ctx context.Context, u *statement.Unsigned) ([]byte, error) {
	if m.cut != nil {
		m.cut()
		return nil, errors.New("the signer is gone")
	}
	return m.Signer.Sign(ctx, u)
}

func signer(t testing.TB, p keyring.Purpose, name string) *keyring.Signer {
	s, err := keyring.NewSigner(p, verifytest.NewSigner(name).Private)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newDesk(t testing.TB, last uint64) *desk {
	d := deskOn(t, ledgertest.New(t, "cf.kp.example/2026").Open("node", certificate.Schema()))
	if err := d.TakeRange(t.Context(), d.rangeOf(t, 1, 1, last)); err != nil {
		t.Fatal(err)
	}
	return d
}

// deskOn is the desk over an open ledger. Its keys are always the same.
func deskOn(t testing.TB, l *ledger.Ledger) *desk {
	office := &mortal{Signer: signer(t, keyring.Office, "office")}
	return &desk{ledger: l, office: office, preparer: signer(t, keyring.Officer, "preparer"), validator: signer(t, keyring.Officer, "validator"),
		Service: certificate.New(certificatetest.Registers(certificate.Config{Ledger: l, Rules: ruleSet(t), Office: "CF/bangui", Station: "CF/bangui/pc-1",
			Signer: office, Now: time.Now, Entropy: rand.Reader, Synthetic: true}))}
}

// ruleSet is the scheme's own.
func ruleSet(t testing.TB) rule.Set {
	kpcs, err := fs.Sub(rules.FS(), rules.KPCS)
	if err != nil {
		t.Fatal(err)
	}
	set, err := rule.Check(kpcs)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// rangeOf records the authority's allotment of numbers to the station.
func (d *desk) rangeOf(t testing.TB, n int, first, last uint64) *statement.Statement {
	today := canonical.DayOf(time.Now().Unix())
	e, err := d.ledger.Record(t.Context(), signer(t, keyring.Authority, "authority"), statement.Header{Issuer: "CF/authority", IssuedAt: time.Now().Unix(),
		Subject: fmt.Sprintf("range/CF/%d", n), Synthetic: true}, &statement.NumberRange{Participant: "CF", Digits: 8, First: first, Last: last,
		Station: "CF/bangui/pc-1", LogWithin: 3600, From: today, Until: today + 365}, ledger.Logged)
	if err != nil {
		t.Fatal(err)
	}
	st, err := statement.Parse(e.Signed)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func draft() certificate.Draft {
	return certificate.Draft{Destination: "AE", Dossier: certificatetest.Dossier(), Facts: verify.Facts{Carats: new(uint64(1240)),
		HS: []verify.Weight{{Name: "7102.10", Hundredths: 1240}}, Origin: []verify.Weight{{Name: "CF", Hundredths: 1240}}, Parcels: new(uint64(1)),
		Exporter: &verify.Party{Name: "SYNTHETIC exporter", Address: "Bangui"}, Importer: &verify.Party{Name: "SYNTHETIC importer", Address: "Dubai"},
		Value: new(uint64(248000)), Seals: []verify.Seal{{Container: "1", Seal: "A118"}}}}
}

func TestPrepareAndIssue(t *testing.T) {
	d := newDesk(t, 100)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p, err := d.Prepare(ctx, draft(), d.preparer, d.validator.ID())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Issue(ctx, p, d.preparer, ledger.Signed); !fault.Is(err, "certificate.same_officer") {
		t.Fatalf("the preparer validated: %v", err)
	}
	e, err := d.Issue(ctx, p, d.validator, ledger.Witnessed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Issue(ctx, p, d.validator, ledger.Signed); !fault.Is(err, "certificate.already_issued") {
		t.Fatalf("spent twice: %v", err)
	}
	b, _, err := d.Bundle(ctx, p.Number())
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Proof) == 0 || !bytes.Equal(b.Statement, e.Signed) || len(b.Approvals) != 2 {
		t.Errorf("bundle: %+v", b)
	}
	sh, err := d.Sheet(ctx, p.Number())
	if err != nil || sh.State != certificate.Spent || sh.Number != "CF00000001" {
		t.Errorf("%+v %v", sh, err)
	}
}

// TestFindingsKept: a word of the rules is told in the reader's language also of a
// certificate that is read back from the file.
func TestFindingsKept(t *testing.T) {
	d := newDesk(t, 100)
	made, err := d.Prepare(t.Context(), draft(), d.preparer, d.validator.ID())
	if err != nil {
		t.Fatal(err)
	}
	read, err := d.Prepared(t.Context(), made.Number())
	if err != nil {
		t.Fatal(err)
	}
	inWords := func(p *certificate.Prepared) (out []string) {
		for f := range p.Report().All() {
			for name, value := range f.Reason.Args {
				if w, ok := value.(interface{ TextKeys() []string }); ok && strings.HasPrefix(w.TextKeys()[0], "certificate.word.") {
					out = append(out, f.Rule+" "+name+" "+w.TextKeys()[0])
				}
			}
		}
		slices.Sort(out)
		return out
	}
	if want, got := inWords(made), inWords(read); len(want) == 0 || !slices.Equal(want, got) {
		t.Errorf("prepared with %v, read back with %v", want, got)
	}
}

// TestBothOfficersAtOnce: one Prepared, many who press the button: one wins,
// the others are told.
func TestBothOfficersAtOnce(t *testing.T) {
	d := newDesk(t, 100)
	p, err := d.Prepare(t.Context(), draft(), d.preparer, d.validator.ID())
	if err != nil {
		t.Fatal(err)
	}
	var won, told atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := d.Issue(t.Context(), p, d.validator, ledger.Signed)
			switch {
			case err == nil:
				won.Add(1)
			case fault.Is(err, "certificate.already_issued"):
				told.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || told.Load() != 7 {
		t.Fatalf("%d won, %d told", won.Load(), told.Load())
	}
}

// TestSpoiledSheetCannotBeSpent: the other officer spoils the sheet between
// preparation and issue. Whoever comes second is told who and when.
func TestSpoiledSheetCannotBeSpent(t *testing.T) {
	d := newDesk(t, 100)
	p, err := d.Prepare(t.Context(), draft(), d.preparer, d.validator.ID())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Spoil(t.Context(), p.Number(), d.preparer.ID().String(), "SYNTHETIC torn"); err != nil {
		t.Fatal(err)
	}
	_, err = d.Issue(t.Context(), p, d.validator, ledger.Signed)
	f, ok := fault.Of(err)
	if !ok || f.Key != "certificate.sheet_not_allotted" || f.Args["state"] != certificate.Spoiled || f.Args["by"] != d.preparer.ID().String() {
		t.Fatalf("%v", err)
	}
	if un, err := d.ledger.Unsigned(t.Context()); err != nil || len(un) != 0 {
		t.Fatalf("the refused certificate left %d intents (%v)", len(un), err)
	}
	if err := d.Spoil(t.Context(), p.Number(), d.preparer.ID().String(), "again"); !fault.Is(err, "certificate.sheet_not_allotted") {
		t.Error(err)
	}
}

func TestNumbersRunOut(t *testing.T) {
	d := newDesk(t, 2)
	for range 2 {
		if _, err := d.Prepare(t.Context(), draft(), d.preparer, d.validator.ID()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Prepare(t.Context(), draft(), d.preparer, d.validator.ID()); !fault.Is(err, "certificate.no_numbers") {
		t.Fatal(err)
	}
	// After a restore even a fresh-looking range of the earlier generation is burnt.
	d = newDesk(t, 50)
	if err := d.ledger.Store().Write(t.Context(), time.Now(), ledger.MarkRestored); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Prepare(t.Context(), draft(), d.preparer, d.validator.ID()); !fault.Is(err, "certificate.no_numbers") {
		t.Fatal("numbers of before the restore were given out:", err)
	}
}

func TestDraftsThatRulesRefuse(t *testing.T) {
	d := newDesk(t, 100)
	for _, c := range []struct {
		name string
		bend func(*certificate.Draft)
		key  string
		rule string
	}{
		{"no value", func(d *certificate.Draft) { d.Facts.Value = nil }, "certificate.blocked", "R-CRT-01"},
		{"no importer", func(d *certificate.Draft) { d.Facts.Importer = nil }, "certificate.blocked", "R-CRT-01"},
		{"polished", func(d *certificate.Draft) { d.Facts.HS[0].Name = "7102.39" }, "certificate.blocked", "R-CRT-07"},
		{"to itself", func(d *certificate.Draft) { d.Destination = "CF" }, "certificate.blocked", "R-CRT-02"},
		{"origins short", func(d *certificate.Draft) { d.Facts.Origin[0].Hundredths-- }, "certificate.sums", ""},
		{"lines over", func(d *certificate.Draft) { d.Facts.HS[0].Hundredths++ }, "certificate.sums", ""},
		{"same officer", func(*certificate.Draft) {}, "certificate.same_officer", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dr := draft()
			c.bend(&dr)
			second := d.validator.ID()
			if c.key == "certificate.same_officer" {
				second = d.preparer.ID()
			}
			_, err := d.Prepare(t.Context(), dr, d.preparer, second)
			if !fault.Is(err, c.key) {
				t.Fatalf("want %s: %v", c.key, err)
			}
			if f, _ := fault.Of(err); c.rule != "" && f.Args["rule"] != c.rule {
				t.Errorf("want %s: %v", c.rule, err)
			}
		})
	}
	if sheets, err := d.Sheets(t.Context()); err != nil || len(sheets) != 0 {
		t.Errorf("refused drafts used %d sheets (%v)", len(sheets), err)
	}
}

// TestResumeSignsTheSameBytes: the process ends between transaction 1 and the
// signature. What is signed afterwards is what was approved, under its number.
func TestResumeSignsTheSameBytes(t *testing.T) {
	d := newDesk(t, 100)
	ctx, cancel := context.WithCancel(t.Context())
	p, err := d.Prepare(ctx, draft(), d.preparer, d.validator.ID())
	if err != nil {
		t.Fatal(err)
	}
	d.office.cut = cancel // the signer dies under our hands
	if _, err := d.Issue(ctx, p, d.validator, ledger.Signed); err == nil {
		t.Fatal("signed by a dead signer")
	}
	left, err := d.ledger.Unsigned(t.Context())
	if err != nil || len(left) != 1 {
		t.Fatalf("%d unsigned, %v", len(left), err)
	}
	if _, _, err := d.Bundle(t.Context(), p.Number()); !fault.Is(err, "certificate.not_issued") {
		t.Error(err)
	}
	d.office.cut = nil
	numbers, err := d.Resume(t.Context())
	if err != nil || len(numbers) != 1 {
		t.Fatalf("%v %v", numbers, err)
	}
	b, e, err := d.Bundle(t.Context(), p.Number())
	if err != nil {
		t.Fatal(err)
	}
	st, err := statement.Parse(b.Statement)
	if err != nil || canonical.Sum(st.Signed.Payload) != left[0].ID || e.ID != left[0].ID {
		t.Errorf("other bytes were signed: %v", err)
	}
}

// TestClerks: many clerks, every number once, no gap.
func TestClerks(t *testing.T) {
	const clerks, each = 16, 4
	d := newDesk(t, 1000)
	var wg sync.WaitGroup
	for range clerks {
		wg.Go(func() {
			for range each {
				p, err := d.Prepare(t.Context(), draft(), d.preparer, d.validator.ID())
				if err == nil {
					_, err = d.Issue(t.Context(), p, d.validator, ledger.Logged)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	sheets, err := d.Sheets(t.Context())
	if err != nil || len(sheets) != clerks*each {
		t.Fatalf("%d sheets %v", len(sheets), err)
	}
	for i, s := range sheets {
		if want := fmt.Sprintf("CF%08d", i+1); s.Number != want || s.State != certificate.Spent {
			t.Errorf("sheet %d: %+v", i, s)
		}
	}
}

// TestKeyGone: an officer's key that is revoked, or whose time is over, between preparing
// and issuing issues nothing; once it counts again the same preparation is issued.
func TestKeyGone(t *testing.T) {
	d := newDesk(t, 10)
	gone := false
	var asked []statement.KeyID
	cfg := certificatetest.Registers(certificate.Config{Ledger: d.ledger, Rules: ruleSet(t), Office: "CF/bangui", Station: "CF/bangui/pc-1", Signer: d.office,
		Now: time.Now, Entropy: rand.Reader, Synthetic: true})
	good := cfg.Notified
	cfg.Notified = func(officers []statement.KeyID, on period.Date) ([]rule.Finding, error) {
		if asked = slices.Clone(officers); !gone {
			return good(officers, on)
		}
		f, err := cfg.Rules.Finding("R-CRT-08", rule.Scope{Participant: "CF", On: on}, rule.Fail, nil, rule.Reason{Key: "certificate.finding.complete"})
		return []rule.Finding{f}, err
	}
	s := certificate.New(cfg)
	p, err := s.Prepare(t.Context(), draft(), d.preparer, d.validator.ID())
	if err != nil {
		t.Fatal(err)
	}
	gone = true
	if _, err := s.Issue(t.Context(), p, d.validator, ledger.Logged); !fault.Is(err, "certificate.blocked") {
		t.Errorf("issued with a key that is gone: %v", err)
	}
	if sheets, err := s.Sheets(t.Context()); err != nil || len(sheets) != 1 || sheets[0].State != certificate.Allotted {
		t.Errorf("%+v %v", sheets, err)
	}
	gone, asked = false, nil
	if _, err := s.Issue(t.Context(), p, d.validator, ledger.Logged); err != nil {
		t.Error(err)
	}
	if !slices.Equal(asked, []statement.KeyID{d.preparer.ID(), d.validator.ID()}) {
		t.Errorf("asked of %v", asked)
	}
}

// TestNoRegisters: who may trade, and who was notified, is never assumed. Without
// registers it cannot be told, and blocks.
func TestNoRegisters(t *testing.T) {
	d := newDesk(t, 10)
	bare := certificate.New(certificate.Config{Ledger: d.ledger, Rules: ruleSet(t), Office: "CF/bangui", Station: "CF/bangui/pc-1", Signer: d.office,
		Now: time.Now, Entropy: rand.Reader, Synthetic: true})
	_, err := bare.Prepare(t.Context(), draft(), d.preparer, d.validator.ID())
	var rules []any
	for _, f := range fault.All(err) {
		rules = append(rules, f.Args["rule"])
	}
	if fmt.Sprint(rules) != "[R-CRT-08 R-MEM-01 R-MEM-02]" {
		t.Errorf("%v: %v", rules, err)
	}
	dr := draft()
	dr.Dossier = certificate.Dossier{}
	rules = nil
	_, err = d.Prepare(t.Context(), dr, d.preparer, d.validator.ID())
	for _, f := range fault.All(err) {
		rules = append(rules, f.Args["rule"])
	}
	if fmt.Sprint(rules) != "[R-CRT-10 R-LIC-01 R-LIC-02 R-ORG-03 R-SEA-01 R-TAX-01]" {
		t.Errorf("an empty file: %v: %v", rules, err)
	}
}
