package exporting_test

import (
	"testing"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// TestCutOffBeforeSigning: for every type of statement the process ends between the
// transaction and the signature. The consignment has moved; the same bytes are
// signed after the restart, and the act is not done twice.
func TestCutOffBeforeSigning(t *testing.T) {
	ctx := t.Context()
	validator := as(access.Validator)
	reasons := exporting.Reasons{Reason: "SYNTHETIC"}
	for name, x := range map[string]struct {
		ready func(o *office) *consignment.Consignment
		act   func(o *office, id string) error
		state consignment.State
		types []statement.Type
	}{
		"certificate": {func(o *office) *consignment.Consignment {
			c := o.sealed(o.application())
			if _, err := o.Prepare(ctx, c.ID, o.preparer, o.validator.ID(), 0); err != nil {
				t.Fatal(err)
			}
			return c
		}, func(o *office, id string) error {
			_, err := o.Issue(ctx, id, o.validator, 0, ledger.Signed)
			return err
		}, consignment.Issued, []statement.Type{statement.TypeCertificate}},
		"void": {func(o *office) *consignment.Consignment { return o.issued(o.application()) }, func(o *office, id string) error {
			_, _, err := o.Cancel(ctx, id, validator, reasons, ledger.Signed)
			return err
		}, consignment.Void, []statement.Type{statement.TypeVoid}},
		"loss": {func(o *office) *consignment.Consignment { return o.exported(o.application()) }, func(o *office, id string) error {
			_, _, err := o.ReportLost(ctx, id, validator, exporting.Lost{Day: o.today(), Reason: "SYNTHETIC"}, ledger.Signed)
			return err
		}, consignment.Lost, []statement.Type{statement.TypeLoss}},
		"endorsement": {func(o *office) *consignment.Consignment { return o.exported(o.application()) }, func(o *office, id string) error {
			_, _, err := o.Endorse(ctx, id, validator, exporting.Correction{Field: "importer", Stands: "Dubay", Shall: "Dubai", Reason: "SYNTHETIC"}, ledger.Signed)
			return err
		}, consignment.Exported, []statement.Type{statement.TypeEndorsement}},
		"opening": {func(o *office) *consignment.Consignment { return o.exported(o.application()) }, func(o *office, id string) error {
			_, _, err := o.Open(ctx, id, validator, ledger.Signed)
			return err
		}, consignment.Exported, []statement.Type{statement.TypeOpening}},
		"replacement": {func(o *office) *consignment.Consignment {
			old := o.issued(o.application())
			c := o.must(o.Reissue(ctx, old.ID, validator, exporting.Reissued{Reason: "SYNTHETIC", Surrendered: true}))
			if _, err := o.Prepare(ctx, c.ID, o.preparer, o.validator.ID(), 0); err != nil {
				t.Fatal(err)
			}
			return c
		}, func(o *office, id string) error {
			_, err := o.Issue(ctx, id, o.validator, 0, ledger.Signed)
			return err
		}, consignment.Issued, []statement.Type{statement.TypeCertificate, statement.TypeReplacement}},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, store.Config{Path: t.TempDir() + "/adamas.db"})
			c := x.ready(o)
			o.signer.gone.Store(true)
			if err := x.act(o, c.ID); !fault.Is(err, "ledger.not_signed") {
				t.Fatalf("signed by nobody: %v", err)
			}
			if now := o.now_(c.ID); now.State != x.state {
				t.Fatalf("it is %s", now.State)
			}
			left, err := o.ledger.Unsigned(ctx)
			if err != nil || len(left) != len(x.types) {
				t.Fatalf("%d unsigned, %v", len(left), err)
			}
			o.reopen()
			if _, err := o.Resume(ctx); err != nil {
				t.Fatal(err)
			}
			for i, e := range left {
				got, err := o.ledger.Entry(ctx, e.ID)
				if err != nil || got.Signed == nil || got.Type != x.types[i] {
					t.Errorf("%+v %v", got, err)
				}
			}
			now := o.now_(c.ID)
			if now.Statement.IsZero() {
				t.Error("the file does not know its certificate's bytes")
			}
			if err := x.act(o, c.ID); err == nil && name != "endorsement" {
				t.Error("done twice")
			}
		})
	}
}

// TestClock: what time does comes when its day is past, once.
func TestClock(t *testing.T) {
	engines(t, func(t *testing.T, sc store.Config) {
		o := newOffice(t, sc)
		ctx := t.Context()
		stays, leaves := o.issued(o.application()), o.exported(o.application())
		for _, x := range []struct {
			days          int // since issue
			stays, leaves consignment.State
			acts          int
		}{
			{30, consignment.Issued, consignment.Exported, 0},
			{31, consignment.Issued, consignment.Overdue, 1}, // R-IMP-07: 30 days from export
			{60, consignment.Issued, consignment.Overdue, 0}, // R-CRT-05: good until 24:00 UTC
			{61, consignment.Expired, consignment.Overdue, 1},
			{90, consignment.Expired, consignment.Overdue, 0}, // R-OPN-01: 30 days from expiry
			{91, consignment.Expired, consignment.Overdue, 2},
			{200, consignment.Expired, consignment.Overdue, 0},
		} {
			issued := period.DateOf(stays.OpenedAt)
			o.days(issued.AddDays(x.days).DaysSince(o.today()))
			n, err := o.Tick(ctx)
			if err != nil || n != x.acts {
				t.Fatalf("day %d: %d acts, %v", x.days, n, err)
			}
			if again, err := o.Tick(ctx); err != nil || again != 0 {
				t.Errorf("day %d: done again: %d %v", x.days, again, err)
			}
			if a, b := o.now_(stays.ID), o.now_(leaves.ID); a.State != x.stays || b.State != x.leaves {
				t.Errorf("day %d: %s, %s", x.days, a.State, b.State)
			}
		}
	})
}

// TestStrangers: what is not the destination's word, or not about these bytes, is
// noted and changes nothing.
func TestStrangers(t *testing.T) {
	o := newOffice(t, store.Config{Path: t.TempDir() + "/adamas.db"})
	ctx := t.Context()
	a := o.application()
	a.Destination, a.Office = "IN", ""
	toIndia, toDubai := o.exported(a), o.exported(o.application())
	receipt := func(about statement.About) statement.Body {
		return &statement.Receipt{About: about, Day: canonical.Day(o.today()), Carats: 1240, Parcels: 2}
	}
	other := *toDubai
	other.Statement = canonical.Sum([]byte("other"))
	nobody := *toDubai
	nobody.Number = "CF00999999"
	o.says("AE/dubai", "AE/dubai", receipt, toIndia)
	o.says("AE/dubai", "AE/dubai", receipt, &other)
	o.says("AE/dubai", "AE/dubai", receipt, &nobody)
	o.says("AE/dubai", "CF/bangui", receipt, toDubai) // in a log that is not its home
	heard, err := o.Hear(ctx, o.directory())
	if err != nil || len(heard) != 3 {
		t.Fatalf("%+v %v", heard, err)
	}
	for i, want := range []string{"stranger", "other_content", "unknown_number"} {
		found := false
		for _, h := range heard {
			found = found || h.Why == want && !h.Moved
		}
		if !found {
			t.Errorf("%d: nobody noted %s: %+v", i, want, heard)
		}
	}
	if x, y := o.now_(toIndia.ID), o.now_(toDubai.ID); x.State != consignment.Exported || y.State != consignment.Exported {
		t.Errorf("%s, %s", x.State, y.State)
	}
	o.says("AE/dubai", "AE/dubai", func(about statement.About) statement.Body {
		return &statement.Discrepancy{About: about, Day: canonical.Day(o.today()), Reason: "SYNTHETIC"}
	}, toDubai)
	if heard, err := o.Hear(ctx, o.directory()); err != nil || len(heard) != 1 || o.now_(toDubai.ID).State != consignment.Disputed {
		t.Errorf("%+v %v", heard, err)
	}
}

// TestReplaced: before export only, against the old paper; the old sheet is void and
// the carats go with the goods, and come back when the new sheet is spoiled.
func TestReplaced(t *testing.T) {
	engines(t, func(t *testing.T, sc store.Config) {
		o := newOffice(t, sc)
		ctx := t.Context()
		validator := as(access.Validator)
		a, in := o.application(), canonical.Sum([]byte("import"))
		a.Evidence = []certificate.Evidence{{Origin: "CD", Carats: 12405, Certificate: &certificate.ImportSource{Number: "CD00000001", Statement: in}}}
		if err := o.ledger.Store().Write(ctx, time.Now(), func(tx *store.Tx) error { return certificate.Receive(tx, "CD00000001", in, 1241) }); err != nil {
			t.Fatal(err)
		}
		balance := func() (b certificate.Balance) {
			err := o.ledger.Store().Read(ctx, time.Now(), func(tx *store.Tx) (err error) {
				b, err = certificate.BalanceOf(tx, "CD00000001")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		old := o.issued(a)
		if b := balance(); b.Spent != 1241 || b.Free() != 0 {
			t.Fatalf("%+v", b)
		}
		if _, err := o.Reissue(ctx, old.ID, validator, exporting.Reissued{Reason: "SYNTHETIC"}); !fault.Is(err, "certificate.not_surrendered") {
			t.Fatal(err)
		}
		c := o.must(o.Reissue(ctx, old.ID, validator, exporting.Reissued{Reason: "SYNTHETIC", Surrendered: true}))
		if _, err := o.Reissue(ctx, old.ID, validator, exporting.Reissued{Reason: "SYNTHETIC", Surrendered: true}); !fault.Is(err, "certificate.reissue_twice") {
			t.Error(err)
		}
		if c.State != consignment.Sealed {
			t.Fatalf("the new file begins %s", c.State)
		}
		prepare := func() {
			t.Helper()
			if _, err := o.Prepare(ctx, c.ID, o.preparer, o.validator.ID(), 0); err != nil {
				t.Fatal(err)
			}
		}
		prepare()
		if b := balance(); b.Reserved != 1241 || b.Spent != 0 {
			t.Errorf("prepared anew: %+v", b)
		}
		o.must(o.Spoil(ctx, c.ID, validator, "SYNTHETIC jam"))
		if b := balance(); b.Reserved != 0 || b.Spent != 1241 {
			t.Errorf("spoiled: %+v", b)
		}
		prepare()
		if _, err := o.Issue(ctx, c.ID, o.validator, 0, ledger.Signed); err != nil {
			t.Fatal(err)
		}
		if b := balance(); b.Reserved != 0 || b.Spent != 1241 {
			t.Errorf("replaced: %+v", b)
		}
		sh, err := o.service.Sheet(ctx, old.Number)
		if err != nil || sh.State != certificate.Void || o.now_(old.ID).State != consignment.Replaced {
			t.Errorf("%+v, %s, %v", sh, o.now_(old.ID).State, err)
		}
		if _, _, err := o.Cancel(ctx, c.ID, validator, exporting.Reasons{Reason: "SYNTHETIC"}, ledger.Signed); err != nil {
			t.Fatal(err)
		}
		if b := balance(); b.Free() != 1241 {
			t.Errorf("cancelled: %+v", b)
		}
		gone := o.exported(o.application())
		if _, err := o.Reissue(ctx, gone.ID, validator, exporting.Reissued{Reason: "SYNTHETIC", Surrendered: true}); !fault.Is(err, "certificate.consignment_done") {
			t.Errorf("replaced after export: %v", err)
		}
	})
}

// TestGoodsThatComeBack: a temporary export is followed until all of it is back.
func TestGoodsThatComeBack(t *testing.T) {
	o := newOffice(t, store.Config{Path: t.TempDir() + "/adamas.db"})
	a := o.application()
	a.Kind, a.ReturnBy = exporting.Temporary, o.today().AddDays(20)
	c := o.exported(a)
	late := func(on period.Date) (out []exporting.Outward) {
		err := o.ledger.Store().Read(t.Context(), time.Now(), func(tx *store.Tx) (err error) {
			out, err = exporting.NotReturned(tx, on)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := late(a.ReturnBy); len(got) != 0 {
		t.Errorf("late on its day: %+v", got)
	}
	if got := late(a.ReturnBy + 1); len(got) != 1 || got[0].Number != c.Number || got[0].Out != 1241 || got[0].Consignment != c.ID {
		t.Errorf("%+v", got)
	}
	for _, part := range []uint64{1000, 241} {
		if got := late(a.ReturnBy + 1); len(got) != 1 {
			t.Errorf("%+v", got)
		}
		err := o.ledger.Store().Write(t.Context(), time.Now(), func(tx *store.Tx) error {
			return exporting.CameBack(tx, "AE00000007", []verify.Consumed{{Number: c.Number, Hundredths: part}, {Number: "XX00000001", Hundredths: 1}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := late(a.ReturnBy + 1); len(got) != 0 {
		t.Errorf("all is back: %+v", got)
	}
}

// TestEndorsementIsDisclosedToWhomItConcerns: the record commits to the correction,
// the vault opens it.
func TestEndorsementIsDisclosedToWhomItConcerns(t *testing.T) {
	o := newOffice(t, store.Config{Path: t.TempDir() + "/adamas.db"})
	c := o.exported(o.application())
	_, e, err := o.Endorse(t.Context(), c.ID, as(access.Validator), exporting.Correction{Field: "importer", Stands: "Dubay", Shall: "Dubai", Reason: "a slip"}, ledger.Signed)
	if err != nil {
		t.Fatal(err)
	}
	b, err := o.ledger.Bundle(t.Context(), e.ID)
	if err != nil || b.Disclosure == nil {
		t.Fatalf("%+v %v", b, err)
	}
	st, err := statement.Parse(b.Statement)
	if err != nil {
		t.Fatal(err)
	}
	open, err := b.Disclosure.Open(st.Body.(*statement.Endorsement).Correction)
	var says []string
	if err != nil || canonical.Unmarshal(open[0].Value, &says) != nil || says[0] != "Dubay" || says[1] != "Dubai" {
		t.Errorf("%v %v", says, err)
	}
}

// TestTechnical: a technical certificate names its case and one of the reasons that
// the rules know (R-CRT-12), and goes as such.
func TestTechnical(t *testing.T) {
	o := newOffice(t, store.Config{Path: t.TempDir() + "/adamas.db"})
	ctx := t.Context()
	a := o.application()
	a.Kind, a.Follows = exporting.Technical, &certificate.Follows{Number: "AE00000009", Statement: canonical.Sum([]byte("x")), Case: "SYNTHETIC-1", Reason: "curiosity"}
	c := o.sealed(a)
	_, err := o.Prepare(ctx, c.ID, o.preparer, o.validator.ID(), 0)
	if f, ok := fault.Of(err); !ok || f.Key != "certificate.blocked" || f.Args["rule"] != "R-CRT-12" {
		t.Fatalf("%v", err)
	}
	a.Follows.Reason = "seized"
	p, err := o.Prepare(ctx, o.sealed(a).ID, o.preparer, o.validator.ID(), 0)
	if err != nil || p.Certificate().Kind != statement.KindTechnical {
		t.Errorf("%+v %v", p, err)
	}
}
