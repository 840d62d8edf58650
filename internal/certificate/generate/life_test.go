package generate

import (
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"adamas.example/internal/period"
	"adamas.example/verify"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// worlds draws small worlds: any span, Participants, number and seed.
func worlds(t *rapid.T) Config {
	from := day("2003-02-01").AddDays(rapid.IntRange(0, 8000).Draw(t, "from"))
	all := []string{"AE", "AO", "BE", "BW", "CA", "CD", "CF", "CH", "CI", "CN", "EU", "GB", "IL", "IN", "RU", "SL", "US", "ZA", "ZW"}
	c := Config{From: from, Until: min(from.AddDays(rapid.IntRange(30, 250).Draw(t, "days")), day("2025-12-31")),
		Count: rapid.IntRange(20, 120).Draw(t, "count"), Seed: rapid.StringN(1, 9, 20).Draw(t, "seed"),
		Workers: rapid.IntRange(1, 4).Draw(t, "workers")}
	if rapid.Bool().Draw(t, "some") {
		some := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 2, 8, rapid.ID).Draw(t, "participants")
		// The two that always may trade, so that there is a world.
		some = append(slices.DeleteFunc(some, func(s string) bool { return s == "BE" || s == "EU" || s == "RU" }), "EU", "RU")
		c.Participants = codes(some...)
	}
	c.Bundles = c.Count // every certificate shows all its facts
	return c
}

// TestEveryWorld holds the invariants of the package over drawn worlds.
func TestEveryWorld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "generate")
		if err != nil {
			t.Fatalf("%v", err)
		}
		defer os.RemoveAll(dir)
		m := generate(t.Context(), t, dir, worlds(t))
		certificates := m.certificates(t)
		m.checkSigners(t)
		m.checkNumbers(t, certificates)
		m.checkDates(t, certificates)
		m.checkStanding(t, certificates)
		checkBalances(t, certificates)
		m.checkTotals(t, certificates)
	})
}

// checkSigners: every statement is signed by who may say it, where and when he
// may, marked SYNTHETIC, and in the chain of its issuer and subject.
func (m *made) checkSigners(t failing) {
	d, err := trust.NewDirectory(m.chain, m.entries)
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, i := range d.Ignored {
		t.Errorf("%s %d: %s", i.Entry.Origin, i.Entry.Index, i.Reason)
	}
	chains := map[[2]string]*statement.Statement{}
	for _, e := range m.entries {
		st := e.Statement
		if !st.Synthetic {
			t.Errorf("%s %d: not marked", e.Origin, e.Index)
		}
		if !strings.HasSuffix(st.Issuer, "/authority") {
			if _, err := d.Signer(st, &trust.Place{Origin: e.Origin, Index: e.Index}); err != nil {
				t.Errorf("%s %d: %v", e.Origin, e.Index, err)
			}
		}
		key := [2]string{st.Issuer, st.Subject}
		if last := chains[key]; last == nil && !st.Prev.IsZero() || last != nil && (st.Prev != last.Hash || st.IssuedAt < last.IssuedAt) {
			t.Errorf("%s %d: prev is not this issuer's last word on %s", e.Origin, e.Index, st.Subject)
		}
		chains[key] = st
	}
}

// checkNumbers: every number is the next of the range that it names.
func (m *made) checkNumbers(t failing, certificates map[string]*certificate) {
	used := map[string][]uint64{}
	for _, e := range m.entries {
		r, ok := e.Statement.Body.(*statement.NumberRange)
		if !ok {
			continue
		}
		for _, c := range certificates {
			if c.body.Range != e.Statement.Hash {
				continue
			}
			serial, in := r.Serial(c.body.Number)
			if !in || c.body.Issued < r.From || c.body.Issued > r.Until || c.body.Station != r.Station {
				t.Errorf("%s: not in its range", c.body.Number)
			}
			used[e.Statement.Hash.String()] = append(used[e.Statement.Hash.String()], serial)
		}
		serials := used[e.Statement.Hash.String()]
		slices.Sort(serials)
		for i, n := range serials {
			if n != r.First+uint64(i) {
				t.Errorf("%s: a gap before it", r.Number(n))
				break
			}
		}
	}
	counted := 0
	for _, s := range used {
		counted += len(s)
	}
	if counted != len(certificates) || int64(counted) != m.report.Certificates {
		t.Errorf("%d numbers in ranges, %d certificates, %d reported", counted, len(certificates), m.report.Certificates)
	}
}

// checkDates: issue, receipt and expiry in order; nothing is received that ended
// or went back; a certificate that shows its facts has them right.
func (m *made) checkDates(t failing, certificates map[string]*certificate) {
	for number, c := range certificates {
		if int64(c.body.Issued)*86400 > c.st.IssuedAt || c.st.IssuedAt > c.body.Issued.Last() {
			t.Errorf("%s: printed day and time of signature differ", number)
		}
		if c.body.Expires != c.body.Issued+60 {
			t.Errorf("%s: good for %d days", number, c.body.Expires-c.body.Issued)
		}
		if r := c.receipt; r != nil && (r.Day <= c.body.Issued || r.Day > c.body.Expires || c.ended || c.returned) {
			t.Errorf("%s: received on %d, issued %d, expires %d, ended %t, returned %t", number, r.Day, c.body.Issued, c.body.Expires, c.ended, c.returned)
		}
		if c.facts == nil {
			t.Errorf("%s: no sample", number)
			continue
		}
		if err := c.facts.CheckSums(); err != nil || len(c.facts.Withheld) > 0 {
			t.Errorf("%s: %v, withheld %v", number, err, c.facts.Withheld)
		}
		if r := c.receipt; r != nil && (r.Parcels != *c.facts.Parcels || diff(r.Carats, *c.facts.Carats) > 10) {
			t.Errorf("%s: received %d for %d", number, r.Carats, *c.facts.Carats)
		}
		for _, s := range []string{c.facts.Exporter.Name, c.facts.Importer.Name} {
			if !strings.HasPrefix(s, "SYNTHETIC ") {
				t.Errorf("%s: %q is not marked", number, s)
			}
		}
	}
}

func diff(a, b uint64) uint64 { return max(a, b) - min(a, b) }

// checkStanding: only Participants that may trade on the day export and are sent
// goods; what comes back may come back.
func (m *made) checkStanding(t failing, certificates map[string]*certificate) {
	register, err := readRegister()
	if err != nil {
		t.Fatalf("%v", err)
	}
	w := &worldState{register: register}
	for number, c := range certificates {
		if c.body.Kind == statement.KindReturn || c.body.Kind == statement.KindTechnical {
			continue
		}
		on := first(c.body.Issued)
		fresh := !m.replaces(number)
		if fresh && (!w.standing(c.body.Participant(), on) || !w.standing(c.body.Destination, on)) {
			t.Errorf("%s to %s on %s", number, c.body.Destination, on)
		}
		if c.body.Participant() == c.body.Destination {
			t.Errorf("%s: to himself", number)
		}
	}
}

// replaces tells whether a certificate took the place of another.
func (m *made) replaces(number string) bool {
	return slices.ContainsFunc(m.entries, func(e trust.Entry) bool {
		switch b := e.Statement.Body.(type) {
		case *statement.Replacement:
			return b.By == number
		case *statement.Loss:
			return strings.HasSuffix(b.Reason, " "+number)
		}
		return false
	})
}

// checkBalances: no certificate is used up by more than it had and than came
// under it; what it names exists and was there before.
func checkBalances(t failing, certificates map[string]*certificate) {
	used := map[string]uint64{}
	for number, c := range certificates {
		if c.facts == nil || c.ended {
			continue
		}
		for _, from := range c.facts.Consumed {
			source := certificates[from.Number]
			if source == nil || source.st.Hash != from.Statement || source.body.Issued >= c.body.Issued {
				t.Errorf("%s: uses %s, which is not there", number, from.Number)
				continue
			}
			if source.body.Destination != c.body.Participant() {
				t.Errorf("%s: uses %s, which went to %s", number, from.Number, source.body.Destination)
			}
			used[from.Number] += from.Hundredths
		}
	}
	for number, hundredths := range used {
		c := certificates[number]
		if c.ended || hundredths > *c.facts.Carats {
			t.Errorf("%s: %d used of %d, ended %t", number, hundredths, *c.facts.Carats, c.ended)
		}
		if c.receipt == nil && !c.returned || c.receipt != nil && hundredths > c.receipt.Carats {
			t.Errorf("%s: %d used, received %+v", number, hundredths, c.receipt)
		}
	}
}

// checkTotals: the true totals are the sums over the certificates, to the
// hundredth of a carat and the cent.
func (m *made) checkTotals(t failing, certificates map[string]*certificate) {
	type sum struct{ certificates, hundredths, cents int64 }
	want, got := map[string]sum{}, map[string]sum{}
	for _, l := range m.report.Totals {
		if l.Flow == flowIssued || l.Flow == flowReceived || l.Flow == flowEnded {
			k := l.Flow + l.Participant + l.Quarter.String() + l.Kind
			s := got[k]
			got[k] = sum{s.certificates + l.Certificates, s.hundredths + l.Hundredths, s.cents + l.Cents}
		}
	}
	add := func(flow, code string, on period.Date, c *certificate, hundredths uint64) {
		k := flow + code + period.QuarterOf(on).String() + kindNames[c.body.Kind]
		s := want[k]
		want[k] = sum{s.certificates + 1, s.hundredths + int64(hundredths), s.cents + int64(*c.facts.Value)}
	}
	for _, c := range certificates {
		add(flowIssued, c.body.Participant(), first(c.body.Issued), c, *c.facts.Carats)
		if c.ended {
			add(flowEnded, c.body.Participant(), first(c.body.Issued), c, *c.facts.Carats)
		}
		if c.receipt != nil {
			add(flowReceived, c.body.Destination, first(c.receipt.Day), c, c.receipt.Carats)
		}
	}
	for k, s := range want {
		if got[k] != s {
			t.Errorf("%s: %+v, the certificates say %+v", k, got[k], s)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d totals, the certificates make %d", len(got), len(want))
	}
}

// TestSamplesAreValid judges every sample against the pack of the same folder.
func TestSamplesAreValid(t *testing.T) {
	m := generate(t.Context(), t, t.TempDir(), Config{From: day("2018-06-01"), Until: day("2019-05-31"), Count: 1500, Seed: "samples", Bundles: 400, Pack: true})
	v := verify.New(m.pack(t))
	valid, fresh := 0, 0
	for number, b := range m.bundles {
		at := m.report.At
		if got := v.Verify(b, verify.Options{At: at}); got.Outcome != verify.Valid || !got.Synthetic || got.Open.FourEyes != "proved" {
			t.Errorf("%s: %s %+v", number, got.Outcome, got.Checks)
		}
		valid++
		if len(m.about(number)) == 0 && first(b2c(t, b).Issued) < day("2019-05-31") && b2c(t, b).Expires.Last() > at.Unix() {
			fresh++
			if got := v.Verify(b, verify.Options{At: at, Purpose: verify.Import, Destination: b2c(t, b).Destination}); got.Outcome != verify.Valid {
				t.Errorf("%s: not importable: %+v", number, got.Checks)
			}
		}
	}
	if valid != 400 || fresh == 0 {
		t.Errorf("%d samples, %d of them still on their way", valid, fresh)
	}
}
