package importing_test

import (
	"bytes"
	"crypto/rand"
	"image"
	"image/png"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"adamas.example/data"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/measure"
	"adamas.example/internal/party"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// picture is a SYNTHETIC scan; n makes each another.
func picture(t *testing.T, n byte) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 4, 4))
	m.Pix[0] = n
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// paper is a SYNTHETIC certificate of Sierra Leone with nothing wrong in it.
func paper() importing.Transcript {
	today := period.DateOf(now)
	value := measure.USD(248000)
	return importing.Transcript{Number: "SL 004911", Issuer: "SL", Authority: "SYNTHETIC authority", Issued: today.AddDays(-3), Expires: today.AddDays(57),
		Exporter: importing.Named{Name: "SYNTHETIC exporter", Address: "Freetown"}, Importer: importing.Named{Name: "SYNTHETIC importer", Address: "Dubai"},
		Carats: 12400, Value: &value, Parcels: 1, Lines: []importing.PaperLine{{HS: "7102.10", Carats: 12400, Value: &value}},
		Origin: []importing.PaperOrigin{{Country: "SL"}}, ParcelList: []importing.PaperParcel{{Number: "JMI/GGDO/4911", Container: "1", Carats: 12400}},
		Seals: []verify.Seal{{Container: "1", Seal: "A118"}}, Validated: true}
}

var presented = importing.Arrival{Place: "SYNTHETIC Dubai", Original: true, Seals: []importing.SealFound{{Container: "1", Seal: "A118", Intact: true}}}

var found = importing.Measured{Carats: 12400, Parcels: 1, LotsOpened: 1, Scale: "SYNTHETIC balance"}

// withPapers is a desk that has the published register of Participants.
func withPapers(t *testing.T) *world {
	w := newWorld(t, "AE/dubai")
	scheme, err := party.Load(data.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.ledger.Store().Migrate(t.Context(), now, []store.Schema{ledger.Schema(), certificate.Schema(), stated.Schema()}); err != nil {
		t.Fatal(err)
	}
	w.cfg.Scheme, w.cfg.Entropy = scheme, rand.Reader
	w.Desk = importing.New(w.cfg)
	return w
}

func (w *world) transcribe(p importing.Transcript, scan byte) *importing.Transcribed {
	w.t.Helper()
	got, err := w.Transcribe(w.t.Context(), officer, p, presented, [][]byte{picture(w.t, scan)}, ledger.Logged)
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

// TestPaperFromOutside is the straight way: keyed, stated as a transcript, examined with
// a written reason for what cannot be told, confirmed by a receipt over the transcript,
// and in the balance that a re-export uses up.
func TestPaperFromOutside(t *testing.T) {
	w := withPapers(t)
	got := w.transcribe(paper(), 1)
	c := got.Consignment
	if c.State != consignment.Arrived || c.Statement.IsZero() || c.Number != "SL004911" {
		t.Fatalf("%+v %+v", c, got.Findings)
	}
	tr, ok := w.body(got.Entry).(*statement.Transcript)
	if !ok || tr.Claimed != "SL" || tr.Scans[0] != canonical.Sum(picture(t, 1)) || !tr.Original || len(tr.Findings) != 0 {
		t.Fatalf("%+v", tr)
	}
	if _, err := w.Examine(t.Context(), c.ID, officer, found, ""); !fault.Is(err, "certificate.paper_undecided") {
		t.Errorf("without a reason: %v", err)
	}
	if c, err := w.Examine(t.Context(), c.ID, officer, found, "SYNTHETIC: the authority confirmed the number"); err != nil || c.State != consignment.Verified {
		t.Fatal(err)
	}
	c, e, err := w.Confirm(t.Context(), c.ID, officer, "", ledger.Logged)
	if err != nil || c.State != consignment.Confirmed {
		t.Fatal(err)
	}
	if r := w.body(e).(*statement.Receipt); r.Certificate != got.Entry.Hash || r.Carats != 1240 {
		t.Errorf("%+v", r)
	}
	err = w.ledger.Store().Read(t.Context(), now, func(tx *store.Tx) error {
		b, err := certificate.BalanceOf(tx, "SL004911")
		if err != nil || b.Statement != got.Entry.Hash || b.Received != 1240 {
			t.Errorf("%+v %v", b, err)
		}
		scans, err := outside.Scans(tx, c.ID, outside.Certificate)
		if err != nil || len(scans) != 1 || scans[0].Hash != tr.Scans[0] {
			t.Errorf("%+v %v", scans, err)
		}
		k, err := ledger.FromVault(tx, got.Entry.Hash)
		if err == nil {
			_, err = k.Disclosure.Open(tr.Facts)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(w.sent) != 0 {
		t.Errorf("a letter to nobody: %+v", w.sent)
	}
}

// TestPapersRefused: each is recorded all the same, with what was found, and a
// discrepancy is open.
func TestPapersRefused(t *testing.T) {
	for name, x := range map[string]struct {
		bend     func(*importing.Transcript)
		rule     string
		key      string
		disputed bool
		silent   bool // no statement is made
	}{
		"Kenya, no Participant":   {func(p *importing.Transcript) { p.Issuer, p.Number = "KE", "KE 004911" }, "R-MEM-01", "party.finding.not_participant", true, false},
		"another's number":        {func(p *importing.Transcript) { p.Number = "GH 004911" }, "R-CRT-02", "party.finding.number_code", true, false},
		"a number of other form":  {func(p *importing.Transcript) { p.Number = "SL 04911" }, "R-CRT-02", "party.finding.number_form", true, false},
		"a number with letters":   {func(p *importing.Transcript) { p.Number = "SL 4911 A" }, "R-CRT-02", "party.finding.number_form", true, true},
		"a parcel of another":     {func(p *importing.Transcript) { p.ParcelList[0].Number = "JMI/GGDO/4199" }, "R-CRT-04", "party.finding.parcels_differ", false, false},
		"polished":                {func(p *importing.Transcript) { p.Lines[0].HS = "7102.39" }, "R-CRT-07", "certificate.finding.not_rough", true, false},
		"expired":                 {func(p *importing.Transcript) { p.Expires = period.DateOf(now).AddDays(-1) }, "R-CRT-06", "certificate.finding.paper_expired", true, false},
		"backwards":               {func(p *importing.Transcript) { p.Expires = p.Issued - 1 }, "R-CRT-05", "certificate.finding.paper_backwards", true, false},
		"sums":                    {func(p *importing.Transcript) { p.Lines[0].Carats = 12300 }, "R-CRT-01", "certificate.finding.paper_sums", true, false},
		"no stamp":                {func(p *importing.Transcript) { p.Validated = false }, "R-CRT-01", "certificate.finding.missing", true, false},
		"for another":             {func(p *importing.Transcript) { p.Destination = "BE" }, "R-CRT-02", "certificate.finding.paper_elsewhere", true, false},
		"claims to be this one's": {func(p *importing.Transcript) { p.Issuer, p.Number = "AE", "AE 004911" }, "", "", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := withPapers(t)
			p := paper()
			x.bend(&p)
			looked, err := w.LookAt(t.Context(), p, [][]byte{picture(t, 1)})
			if err != nil {
				t.Fatal(err)
			}
			got := w.transcribe(p, 1)
			if len(looked) != len(got.Findings) {
				t.Errorf("looked at %d, recorded %d", len(looked), len(got.Findings))
			}
			fails := slices.ContainsFunc(got.Findings, func(f importing.Found) bool { return f.Rule == x.rule && f.Outcome == rule.Fail && f.Reason == x.key })
			if !fails && x.rule != "" {
				t.Errorf("not found: %+v", got.Findings)
			}
			if disputed := got.Consignment.State == consignment.Discrepant; disputed != x.disputed && x.rule != "" {
				t.Errorf("it is %s", got.Consignment.State)
			}
			if x.silent != (got.Entry == nil) || x.silent != got.Consignment.Statement.IsZero() {
				t.Errorf("statement: %+v", got.Entry)
			}
			if _, _, err := w.Confirm(t.Context(), got.Consignment.ID, officer, "whatever", ledger.Signed); err == nil {
				t.Error("confirmed")
			}
		})
	}
}

// TestNumberSeenBefore: a second presentation is told place and day of the first.
func TestNumberSeenBefore(t *testing.T) {
	w := withPapers(t)
	first := w.transcribe(paper(), 1)
	second := w.transcribe(paper(), 2)
	if second.Consignment.State != consignment.Discrepant || !slices.ContainsFunc(second.Findings, func(f importing.Found) bool {
		return f.Reason == "certificate.finding.number_here" && f.Args["by"] == first.Consignment.ID
	}) {
		t.Errorf("%+v", second)
	}
	// The first is not a second presentation of itself; the second speaks against it.
	if _, err := w.Examine(t.Context(), first.Consignment.ID, officer, found, "SYNTHETIC"); !fault.Is(err, "certificate.import_blocked") {
		t.Errorf("two papers of one number: %v", err)
	}
}

// TestMistyped: what cannot be written down at all names every field.
func TestMistyped(t *testing.T) {
	w := withPapers(t)
	_, err := w.Transcribe(t.Context(), officer, importing.Transcript{Kind: "gift", Authority: "a\nb"}, presented, [][]byte{[]byte("GIF89a")}, ledger.Signed)
	fields := map[string]bool{}
	for _, f := range fault.All(err) {
		fields[f.Key] = true
	}
	if !fields["certificate.transcript"] || !fields["certificate.scan_kind"] || len(fault.All(err)) < 7 {
		t.Errorf("%v", err)
	}
	if _, err := w.Paper(t.Context(), w.arrive(w.certificate(), whole(w.certificate())).ID); !fault.Is(err, "certificate.no_paper") {
		t.Errorf("%v", err)
	}
}

// TestNoTranscriptIsACertificate: whatever a transcript says, no verifier calls it valid,
// for record or for import, with the facts, approvals and proof of a genuine certificate,
// or with the true proof of its own record in a log that the pack holds. And whatever is
// transcribed under a genuine certificate's number, in whosever log, that one stays valid
// and is not received, cancelled or disputed by it.
func TestNoTranscriptIsACertificate(t *testing.T) {
	world := verifytest.New()
	ae, cf := world.Offices["AE/dubai"], world.Offices["CF/bangui"]
	world.Authority["AE"].Statement(statement.Header{Issuer: "AE/authority", IssuedAt: verifytest.Start, Subject: "key/more", Synthetic: true},
		&statement.OfficeKey{Office: "AE/dubai", Name: "SYNTHETIC", Use: statement.UseOffice, Key: ae.Signer.Key, From: verifytest.Start - 3600,
			Until: verifytest.Start + 86400, Types: []statement.Type{statement.TypeTranscript}})
	real := cf.Record(cf.Sign(cf.Draft("AE", verifytest.Start+60)), verifytest.Start+70)
	st, err := statement.Parse(real.Statement)
	if err != nil {
		t.Fatal(err)
	}
	cert := st.Body.(*statement.Certificate)
	n := byte(0)
	rapid.Check(t, func(rt *rapid.T) {
		n++
		body := &statement.Transcript{Number: rapid.SampledFrom([]string{cert.Number, "SL004911", "CF00000777"}).Draw(rt, "number"),
			Claimed: rapid.SampledFrom([]string{"CF", "SL"}).Draw(rt, "claimed"), Kind: statement.Kind(rapid.Uint64Range(1, 5).Draw(rt, "kind")),
			Issued: cert.Issued, Expires: cert.Expires, Destination: "AE", Facts: cert.Facts, Scans: []canonical.Hash{canonical.Sum([]byte{n})},
			Original: rapid.Bool().Draw(rt, "original")}
		by := rapid.SampledFrom([]*verifytest.Office{ae, cf}).Draw(rt, "signer")
		head := statement.Header{Issuer: rapid.SampledFrom([]string{"AE/dubai", "CF/bangui"}).Draw(rt, "issuer"), IssuedAt: verifytest.Start + 60,
			Subject: statement.CertificateSubject(body.Number), Synthetic: true}
		if rapid.Bool().Draw(rt, "corrects") {
			head.Refs = []canonical.Hash{st.Hash} // "in the place of" a genuine certificate
		}
		b := &bundle.Bundle{Version: 1, Statement: by.Signer.Statement(head, body)}
		if rapid.Bool().Draw(rt, "recorded") {
			b = by.Record(b, verifytest.Start+80)
		} else if rapid.Bool().Draw(rt, "false proof") {
			b.Proof, b.Approvals = real.Proof, real.Approvals
		}
		if rapid.Bool().Draw(rt, "facts") {
			b.Disclosure = real.Disclosure
		}
		judge := verify.New(world.ParsedPack(verifytest.Start + 900))
		for _, purpose := range []verify.Purpose{verify.Record, verify.Import} {
			options := verify.Options{Purpose: purpose, At: now, Destination: "AE"}
			if v := judge.Verify(b, options); v.Outcome == verify.Valid {
				rt.Fatalf("%s: a transcript is valid", purpose)
			}
			if v := judge.Verify(real, options); v.Outcome != verify.Valid {
				rt.Fatalf("%s: the genuine certificate is %s beside a transcript: %+v", purpose, v.Outcome, v.Checks)
			}
		}
	})
}
