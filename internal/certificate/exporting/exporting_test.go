package exporting_test

import (
	"slices"
	"testing"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// TestWholeLife: from the application to the confirmed receipt and the opened
// facts, with a restart between the two officers. The certificate says what the
// file says, and commits to it.
func TestWholeLife(t *testing.T) {
	engines(t, func(t *testing.T, sc store.Config) {
		o := newOffice(t, sc)
		ctx := t.Context()
		c := o.sealed(o.application())
		head := c.Head
		p, err := o.Prepare(ctx, c.ID, o.preparer, o.validator.ID(), 0)
		if err != nil {
			t.Fatal(err)
		}
		o.reopen()
		if _, err := o.Issue(ctx, c.ID, o.preparer, 0, ledger.Signed); !fault.Is(err, "certificate.same_officer") {
			t.Fatalf("the preparer issued: %v", err)
		}
		if _, err := o.Issue(ctx, c.ID, o.validator, 0, ledger.Signed); err != nil {
			t.Fatal(err)
		}
		c = o.now_(c.ID)
		b, e, err := o.service.Bundle(ctx, p.Number())
		if err != nil || c.State != consignment.Issued || c.Statement != e.Hash {
			t.Fatalf("%+v %v", c, err)
		}
		facts := factsOf(t, b)
		want := &verify.Facts{Carats: new(uint64(1241)), HS: []verify.Weight{{Name: "7102.10", Hundredths: 1200}, {Name: "7102.31", Hundredths: 41}},
			Origin: []verify.Weight{{Name: "CF", Hundredths: 1241}}, Parcels: new(uint64(2)), Value: new(uint64(248000))}
		if *facts.Carats != *want.Carats || !slices.Equal(facts.HS, want.HS) || !slices.Equal(facts.Origin, want.Origin) || *facts.Parcels != 2 || *facts.Value != *want.Value ||
			*facts.File != head || facts.Seals[1] != (verify.Seal{Container: "2", Seal: "AP2"}) || facts.Carriage.Mode != "hand_carry" || facts.ParcelList[0].Stones != 12 {
			t.Errorf("the certificate says %+v", facts)
		}
		o.days(2)
		o.must(o.Export(ctx, c.ID, as(access.Sealer), exporting.Exported{Day: o.today(), Exit: "Bangui M'Poko", Reference: "D-1"}))
		o.must(o.Advise(ctx, c.ID, as(access.Validator), exporting.Announcement{Note: "by hand"}))
		l := (*o.letters)[0]
		st, err := statement.Parse(l.statements[0])
		if err != nil || l.to != "AE/dubai" || l.kind != "advice" || st.Body.(*statement.Advice).Certificate != c.Statement {
			t.Fatalf("%+v %v", l, err)
		}
		if sent, err := bundle.Parse(l.bundles[0]); err != nil || canonical.Sum(sent.Statement) != c.Statement {
			t.Error("the letter's certificate:", err)
		}
		o.days(3)
		o.says("AE/dubai", "AE/dubai", func(a statement.About) statement.Body {
			return &statement.Receipt{About: a, Day: canonical.Day(o.today()), Carats: 1240, Parcels: 2}
		}, o.now_(c.ID))
		heard, err := o.Hear(ctx, o.directory())
		if err != nil || len(heard) != 1 || !heard[0].Moved {
			t.Fatalf("%+v %v", heard, err)
		}
		if again, err := o.Hear(ctx, o.directory()); err != nil || len(again) != 0 {
			t.Errorf("heard again: %+v %v", again, err)
		}
		if n, err := o.Tick(ctx); err != nil || n != 1 {
			t.Fatalf("%d %v", n, err)
		}
		if n, err := o.Tick(ctx); err != nil || n != 0 {
			t.Errorf("ticked again: %d %v", n, err)
		}
		c, steps, err := o.Get(ctx, c.ID)
		if err != nil || c.State != consignment.Received || steps[len(steps)-1].Act != consignment.Open {
			t.Errorf("%+v %v", c, err)
		}
		opened(t, o, c)
	})
}

func factsOf(t *testing.T, b *bundle.Bundle) *verify.Facts {
	t.Helper()
	st, err := statement.Parse(b.Statement)
	if err != nil {
		t.Fatal(err)
	}
	open, err := b.Disclosure.Open(st.Body.(*statement.Certificate).Facts)
	if err != nil {
		t.Fatal(err)
	}
	facts, err := verify.DecodeFacts(open)
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

// opened holds what the opening shows: the delayed facts and no private one.
func opened(t *testing.T, o *office, c *consignment.Consignment) {
	t.Helper()
	var said []*ledger.Entry
	err := o.ledger.Store().Read(t.Context(), time.Now(), func(tx *store.Tx) (err error) {
		said, err = ledger.Said(tx, statement.TypeOpening)
		return err
	})
	if err != nil || len(said) != 1 {
		t.Fatalf("%d openings %v", len(said), err)
	}
	st, err := statement.Parse(said[0].Signed)
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := o.service.Bundle(t.Context(), c.Number)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := statement.Parse(b.Statement)
	if err != nil {
		t.Fatal(err)
	}
	open, err := st.Body.(*statement.Opening).Facts.Open(cert.Body.(*statement.Certificate).Facts)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range open {
		if !verify.Delayed(f.Label) {
			t.Errorf("fact %d is public", f.Label)
		}
	}
	if facts, err := verify.DecodeFacts(open); err != nil || *facts.Carats != 1241 || facts.Exporter != nil {
		t.Errorf("%+v %v", facts, err)
	}
}

// TestIssuedTwice: two processes on one database. One wins; the other is told who
// and when.
func TestIssuedTwice(t *testing.T) {
	o := newOffice(t, store.Config{Path: t.TempDir() + "/adamas.db"})
	c := o.sealed(o.application())
	if _, err := o.Prepare(t.Context(), c.ID, o.preparer, o.validator.ID(), 0); err != nil {
		t.Fatal(err)
	}
	number := o.now_(c.ID).Number
	first, err := o.service.Prepared(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	o.days(0)
	if _, err := o.Issue(t.Context(), c.ID, o.validator, 0, ledger.Signed); err != nil {
		t.Fatal(err)
	}
	_, err = o.service.Issue(t.Context(), first, o.validator, ledger.Signed) // read before the other issued
	f, ok := fault.Of(err)
	if !ok || f.Key != "certificate.sheet_not_allotted" || f.Args["by"] != o.validator.ID().String() || f.Args["state"] != certificate.Spent {
		t.Errorf("%v", err)
	}
	if _, err := o.Issue(t.Context(), c.ID, o.validator, 0, ledger.Signed); !fault.Is(err, "certificate.sheet_not_allotted") {
		t.Errorf("%v", err)
	}
}

// TestApprovedLater: the power fails between the sheet and the preparer's approval.
// Nobody issues such a certificate; the officer who prepared it approves it later.
func TestApprovedLater(t *testing.T) {
	o := newOffice(t, store.Config{Path: t.TempDir() + "/adamas.db"})
	c := o.sealed(o.application())
	prepare := func(by *keyring.Signer, validator *keyring.Signer) error {
		_, err := o.Prepare(t.Context(), c.ID, by, validator.ID(), 0)
		return err
	}
	if err := prepare(o.preparer, o.validator); err != nil {
		t.Fatal(err)
	}
	err := o.ledger.Store().Write(t.Context(), time.Unix(o.now.Load(), 0), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE certificate_prepared SET approval = NULL`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Issue(t.Context(), c.ID, o.validator, 0, ledger.Signed); !fault.Is(err, "certificate.not_approved") {
		t.Errorf("%v", err)
	}
	if err := prepare(o.validator, o.validator); !fault.Is(err, "certificate.other_preparer") {
		t.Errorf("%v", err)
	}
	if err := prepare(o.preparer, o.preparer); !fault.Is(err, "certificate.consignment_done") {
		t.Errorf("another second officer: %v", err)
	}
	if err := prepare(o.preparer, o.validator); err != nil {
		t.Errorf("%v", err)
	}
	if err := prepare(o.preparer, o.validator); !fault.Is(err, "certificate.consignment_done") {
		t.Errorf("%v", err)
	}
	if _, err := o.Issue(t.Context(), c.ID, o.validator, 0, ledger.Signed); err != nil {
		t.Errorf("%v", err)
	}
}

// TestWhatIsMissing: an empty application is told every field; each mistake its own.
func TestWhatIsMissing(t *testing.T) {
	o := newOffice(t, store.Config{Path: t.TempDir() + "/adamas.db"})
	fieldsOf := func(err error) (out []string) {
		for _, f := range fault.All(err) {
			out = append(out, f.Key[len("certificate."):]+" "+f.Field)
		}
		return out
	}
	_, err := o.Apply(t.Context(), as(access.Exporter), exporting.Application{})
	want := []string{"field_missing kind", "field_missing applicant.name", "field_missing applicant.address", "field_missing exporter.name", "field_missing exporter.address",
		"field_missing exporter.licence", "field_missing consignee.name", "field_missing consignee.address", "field_missing destination", "field_missing parcels", "field_missing lines",
		"field_missing evidence", "field_missing carriage.mode", "field_missing carriage.carrier", "field_missing carriage.licence", "field_missing declaration.by",
		"field_missing declaration.day", "field_missing declaration.warranty_text_of"}
	if got := fieldsOf(err); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	for name, x := range map[string]struct {
		bend func(*exporting.Application)
		want string
	}{
		"to itself":          {func(a *exporting.Application) { a.Destination, a.Office = "CF", "" }, "destination_here destination"},
		"office of another":  {func(a *exporting.Application) { a.Office = "IN/mumbai" }, "field_form destination_office"},
		"parcel twice":       {func(a *exporting.Application) { a.Parcels[1].Mark = "P1" }, "field_twice parcels[2].mark"},
		"lines short":        {func(a *exporting.Application) { a.Lines[1].Carats-- }, "field_sum lines"},
		"no value":           {func(a *exporting.Application) { a.Lines[0].Value = 0 }, "field_missing lines[1].value_usd"},
		"evidence short":     {func(a *exporting.Application) { a.Evidence[0].Carats-- }, "field_sum evidence"},
		"no record":          {func(a *exporting.Application) { a.Evidence[0].Mine.Record = "" }, "field_missing evidence[1].mine.record"},
		"no evidence":        {func(a *exporting.Application) { a.Evidence[0].Mine = nil }, "evidence_one evidence[1].origin"},
		"declared tomorrow":  {func(a *exporting.Application) { a.Declaration.Day++ }, "field_future declaration.day"},
		"by pigeon":          {func(a *exporting.Application) { a.Carriage.Mode = "pigeon" }, "field_form carriage.mode"},
		"line break":         {func(a *exporting.Application) { a.Exporter.Name = "a\nb" }, "field_form exporter.name"},
		"temporary, no day":  {func(a *exporting.Application) { a.Kind = exporting.Temporary }, "field_missing return_by"},
		"technical, no case": {func(a *exporting.Application) { a.Kind = exporting.Technical }, "field_missing follows"},
		"return of nothing":  {func(a *exporting.Application) { a.Kind = exporting.Return }, "return_of_nothing evidence"},
	} {
		a := o.application()
		x.bend(&a)
		_, err := o.Apply(t.Context(), as(access.Exporter), a)
		if got := fieldsOf(err); !slices.Equal(got, []string{x.want}) {
			t.Errorf("%s: %v, want %s", name, got, x.want)
		}
	}
	var files []*consignment.Consignment
	err = o.ledger.Store().Read(t.Context(), time.Now(), func(tx *store.Tx) (err error) {
		files, err = consignment.Newest(tx, 10)
		return err
	})
	if err != nil || len(files) != 0 {
		t.Errorf("refused applications left %d files, %v", len(files), err)
	}
}

// TestFileDecides: what the file lacks or has wrong does not become a certificate.
func TestFileDecides(t *testing.T) {
	o := newOffice(t, store.Config{Path: t.TempDir() + "/adamas.db"})
	ctx := t.Context()
	a := o.application()
	c := o.must(o.Apply(ctx, as(access.Exporter), a))
	other := slices.Clone(a.Lines)
	other[0].Carats++
	if _, err := o.Value(ctx, c.ID, as(access.Valuator), o.valuation(certificate.ByGovernment, other)); !fault.Is(err, "certificate.field_sum") {
		t.Errorf("other carats were valued: %v", err)
	}
	local := o.valuation(certificate.ByGovernment, a.Lines)
	local.Local = &certificate.Local{Currency: "XAF", Amount: "1475000", Rate: "594.76", RateDay: o.today()}
	if _, err := o.Value(ctx, c.ID, as(access.Valuator), local); !fault.Is(err, "certificate.local_money") {
		t.Errorf("money that is not the total: %v", err)
	}
	local.Local.Amount = "1475005"
	o.must(o.Value(ctx, c.ID, as(access.Valuator), local))
	if _, err := o.Settle(ctx, c.ID, as(access.Valuator), certificate.Tax{Number: "Q", Authority: "SYNTHETIC", Day: o.today(), Assessed: 247999}); !fault.Is(err, "certificate.tax_other_value") {
		t.Errorf("a receipt for another value: %v", err)
	}
	o.must(o.FindDeficient(ctx, c.ID, as(access.Validator), exporting.Reasons{Reason: "SYNTHETIC", Fields: []exporting.FieldReason{{Field: "parcels[1].stones", Reason: "counted 13"}}}))
	a.Parcels[0].Stones = 13
	o.must(o.Amend(ctx, c.ID, as(access.Exporter), a, nil))
	if _, err := o.Settle(ctx, c.ID, as(access.Valuator), certificate.Tax{Authority: "SYNTHETIC", Day: o.today(), Exempt: "SYNTHETIC"}); !fault.Is(err, "certificate.consignment_early") {
		t.Errorf("an earlier valuation still counts: %v", err)
	}
	o.must(o.Value(ctx, c.ID, as(access.Valuator), local))
	o.must(o.Settle(ctx, c.ID, as(access.Valuator), certificate.Tax{Number: "Q", Authority: "SYNTHETIC", Day: o.today(), Assessed: 248000,
		Lines: []certificate.TaxLine{{Name: "export-duty", Rate: "4", Amount: 9000}}}))
	seal := certificate.Sealing{Method: "every-container", Day: o.today(), Containers: []certificate.Container{{Container: "1", Seal: "A"}}}
	if _, err := o.Seal(ctx, c.ID, as(access.Sealer), seal); !fault.Is(err, "certificate.content_unseen") {
		t.Errorf("%v", err)
	}
	seal.Verified = true
	if _, err := o.Seal(ctx, c.ID, as(access.Sealer), seal); !fault.Is(err, "certificate.containers_differ") {
		t.Errorf("%v", err)
	}
	seal.Containers = append(seal.Containers, certificate.Container{Container: "2", Seal: "B"})
	o.must(o.Seal(ctx, c.ID, as(access.Sealer), seal))
	_, err := o.Prepare(ctx, c.ID, o.preparer, o.validator.ID(), 0)
	if f, ok := fault.Of(err); !ok || f.Key != "certificate.blocked" || f.Args["rule"] != "R-TAX-01" {
		t.Fatalf("duty of another amount: %v", err)
	}
	if sheets, err := o.service.Sheets(ctx); err != nil || len(sheets) != 0 {
		t.Errorf("%d sheets were used, %v", len(sheets), err)
	}
}
