package verify_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/pack"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
	"adamas.example/verify/verifytest/cases"
)

// The plays of docs/THREATS.md that are about what a verifier is told.

// asked judges a bundle from a pack for both purposes.
func asked(p *pack.Pack, b *bundle.Bundle, seconds int64) (record, imports string) {
	v := verify.New(p)
	return cases.Told(v.Verify(b, verify.Options{At: at(seconds)})), cases.Told(v.Verify(b, verify.Options{Purpose: verify.Import, At: at(seconds), Destination: "AE"}))
}

// TestOperatorRefuses: the operator of the home log takes no entry of an office any
// more. The log that the root document names for that case will do; a log of
// somebody who is merely willing will not.
func TestOperatorRefuses(t *testing.T) {
	w := verifytest.New()
	cf, ae := w.Offices["CF/bangui"], w.Offices["AE/dubai"]
	fallback := w.NewLog("fallback.kp.example/2026")
	w.Root.Logs = append(w.Root.Logs, trust.Log{Origin: fallback.Origin, Policy: w.Policy(fallback)})
	w.Root.Participants[1].Fallback = fallback.Origin
	w.Roots = [][]byte{w.SignRoot(w.Root)}
	recorded := func(l *verifytest.Log) *bundle.Bundle {
		b := cf.Sign(cf.Draft("AE", start+issued))
		i := l.Append(b.Statement)
		size := int64(len(l.Leaves))
		b.Proof = canonical.Text(l.Proof(i, size, l.Checkpoint(size, start+cosigned)).String())
		return b
	}
	named, willing, nowhere := recorded(fallback), recorded(ae.Log), cf.Sign(cf.Draft("AE", start+issued))
	p := w.ParsedPack(start + 2*3600)
	for _, c := range []struct {
		name            string
		b               *bundle.Bundle
		record, imports string
	}{
		{"in the fallback log", named, "valid", "valid"},
		{"in the log of another", willing, "invalid record.home not_home", "invalid record.home not_home"},
		{"in no log", nowhere, "invalid record.proof no_record", "invalid record.proof no_record"},
	} {
		if record, imports := asked(p, c.b, 3*3600); record != c.record || imports != c.imports {
			t.Errorf("%s: record %s, import %s", c.name, record, imports)
		}
	}
}

// TestOperatorWithholds: the operator of a log wants a certificate gone that it has
// recorded, or a cancellation.
func TestOperatorWithholds(t *testing.T) {
	w := verifytest.New()
	cf := w.Offices["CF/bangui"]
	receipt := cf.Record(cf.Sign(cf.Draft("AE", start+issued)), start+cosigned) // the submitter keeps it
	before := w.ParsedPack(start + packed)
	h, about := cf.About("CF00000001", receipt.Statement, start+packed+60)
	cf.Log.Append(cf.Signer.Statement(h, &statement.Void{About: about, Reason: "SYNTHETIC"}))

	// It shows a tree without the certificate, for which it has bought witnesses in
	// every pillar. Who holds the receipt proves that it was there.
	other := verifytest.New()
	gone := other.Offices["CF/bangui"]
	for range 2 {
		gone.Record(gone.Sign(gone.Draft("EU", start+issued)), start+cosigned)
	}
	if record, _ := asked(other.ParsedPack(start+packed), receipt, judged); record != "invalid record.consistent forked_log" {
		t.Errorf("a tree without it: %s", record)
	}

	// It goes on showing the tree as it was before the cancellation. No witness attests
	// a tree again after a larger one (package witness, TestModel): it grows old, and
	// soon nobody accepts by it.
	if _, imports := asked(before, receipt, packed+3600); imports != "valid" {
		t.Errorf("before anybody can know: %s", imports)
	}
	if _, imports := asked(before, receipt, packed+8*day); imports != "cannot_tell status.fresh stale_status" {
		t.Errorf("an old tree: %s", imports)
	}
	if _, imports := asked(w.ParsedPack(start+packed+120), receipt, packed+3600); imports != "invalid status.void cancelled" {
		t.Errorf("the true tree: %s", imports)
	}
}

const day = 86400

// TestFalseConfirmation: an importing office confirms what never came, so that the
// stones may go elsewhere; or it confirms nothing. The first is signed, stands in its
// log, and is told with its name; the paper is used up by it. The second is told too:
// nobody has confirmed.
func TestFalseConfirmation(t *testing.T) {
	w := verifytest.New()
	cf, ae := w.Offices["CF/bangui"], w.Offices["AE/dubai"]
	b := cf.Record(cf.Sign(cf.Draft("AE", start+issued)), start+cosigned)
	quiet := cf.Record(cf.Sign(cf.Draft("AE", start+issued)), start+cosigned)
	h, about := ae.About("CF00000001", b.Statement, start+600)
	said := &statement.Receipt{About: about, Day: canonical.DayOf(start), Carats: 40, Parcels: 1}
	ae.Log.Append(ae.Signer.Statement(h, said))
	p := w.ParsedPack(start + packed)

	v := verify.New(p).Verify(b, verify.Options{At: at(judged)})
	if len(v.Notes) != 1 || v.Notes[0].Code != verify.CodeUsed || v.Notes[0].By != "AE/dubai" || v.Notes[0].Facts.Get("hundredths") != uint64(40) {
		t.Errorf("who confirmed what is not told: %+v", v.Notes)
	}
	if _, imports := asked(p, b, judged); imports != "invalid status.used already_imported" {
		t.Errorf("the paper serves again: %s", imports)
	}
	if v := verify.New(p).Verify(quiet, verify.Options{At: at(judged)}); len(v.Notes) != 0 || v.Outcome != verify.Valid {
		t.Errorf("nobody has confirmed: %s with %+v", v.Outcome, v.Notes)
	}
}

// TestVetoBySilence: a pillar's witness that says nothing stops nobody while another
// of that pillar speaks. When all of a pillar are silent nothing is called recorded,
// and nothing forged either.
func TestVetoBySilence(t *testing.T) {
	for _, c := range []struct {
		name            string
		witnesses       []string
		record, imports string
	}{
		{"all speak", verifytest.WitnessLabels, "valid", "valid"},
		{"one of each pillar is silent", []string{"gov2", "ind1", "civ2"}, "valid", "valid"},
		{"civil society is silent", []string{"gov1", "gov2", "ind1", "ind2"}, "cannot_tell record.witnesses too_few_witnesses", "invalid record.witnesses too_few_witnesses"},
		{"government is silent", []string{"ind1", "ind2", "civ1", "civ2"}, "cannot_tell record.witnesses too_few_witnesses", "invalid record.witnesses too_few_witnesses"},
		{"all are silent", []string{}, "cannot_tell record.witnesses too_few_witnesses", "invalid record.witnesses too_few_witnesses"},
	} {
		w := verifytest.New()
		cf := w.Offices["CF/bangui"]
		b := cf.Sign(cf.Draft("AE", start+issued))
		i := cf.Log.Append(b.Statement)
		size := int64(len(cf.Log.Leaves))
		b.Proof = canonical.Text(cf.Log.Proof(i, size, cf.Log.Checkpoint(size, start+cosigned, c.witnesses...)).String())
		if record, imports := asked(w.ParsedPack(start+packed), b, judged); record != c.record || imports != c.imports {
			t.Errorf("%s: record %s, import %s", c.name, record, imports)
		}
	}
}

// TestTheLogTellsNothingPrivate: who reads the log learns what is public at once, and
// of weight, origin, names, values and container seals nothing: neither as text, nor
// by trying every value that is likely, nor by holding two certificates for the same
// goods side by side.
func TestTheLogTellsNothingPrivate(t *testing.T) {
	w := verifytest.New()
	cf := w.Offices["CF/bangui"]
	d := cf.Draft("AE", start+issued)
	b, again := cf.Sign(d), cf.Sign(cf.Draft("AE", start+issued))
	st, err := statement.Parse(b.Statement)
	if err != nil {
		t.Fatal(err)
	}
	twin, err := statement.Parse(again.Statement)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range d.Facts {
		if len(f.Value) > 3 && bytes.Contains(b.Statement, f.Value) {
			t.Errorf("fact %d stands in the public bytes", f.Label)
		}
	}
	for _, private := range []string{"Bureau", "Trading", "Avenue", "Tower", "A118", "7102"} {
		if strings.Contains(string(b.Statement), private) {
			t.Errorf("%q stands in the public bytes", private)
		}
	}
	root := st.Body.(*statement.Certificate).Facts
	if root == twin.Body.(*statement.Certificate).Facts {
		t.Error("two certificates for the same goods look alike")
	}
	// Whoever has everything but the seed and tries the likely seeds, finds nothing.
	for _, seed := range [][]byte{make([]byte, commitment.SeedSize), bytes.Repeat([]byte{0xff}, commitment.SeedSize), again.Disclosure.Seed} {
		guess, err := commitment.Commit(seed, d.Facts)
		if err != nil {
			t.Fatal(err)
		}
		if guess == root {
			t.Errorf("guessed with the seed %x", seed)
		}
	}
	// A bank is shown the value and nothing else. What is hidden from it is hidden.
	shown, err := b.Disclosure.Select(func(l uint64) bool { return l == verify.LabelValue })
	if err != nil {
		t.Fatal(err)
	}
	narrow := *b
	narrow.Disclosure = shown
	file, err := narrow.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc([]string{"Bureau", "Trading", "A118", "7102"}, func(s string) bool { return bytes.Contains(file, []byte(s)) }); i >= 0 {
		t.Error("a fact that was withheld stands in the file")
	}
	if bytes.Contains(file, b.Disclosure.Seed) {
		t.Error("the seed of all facts goes with one of them")
	}
}
