package status_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adamas.example/internal/ledger/status"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/pack"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

const start = verifytest.Start

// logsOf gives a world's logs, some entries at a time.
func logsOf(w *verifytest.World, atOnce int) (out []status.Log) {
	p := w.ParsedPack(start + 7200)
	for i, l := range w.Logs {
		v := p.Snapshot.Body.(*statement.Snapshot).Logs[i]
		out = append(out, status.Log{Vector: v, Scan: func(_ context.Context, each func(int64, [][]byte) error) error {
			for from := 0; from < len(l.Leaves); from += atOnce {
				if err := each(int64(from), l.Leaves[from:min(from+atOnce, len(l.Leaves))]); err != nil {
					return err
				}
			}
			return nil
		}})
	}
	return out
}

func chainOf(t failer, w *verifytest.World) *trust.Chain {
	c, err := trust.ParseChain(w.Roots, canonical.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

type failer interface {
	Fatal(args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// list counts a world.
func list(t failer, w *verifytest.World, atOnce int) (map[string]*status.Line, *status.Summary) {
	lines := map[string]*status.Line{}
	last := uint64(0)
	s, err := status.List(context.Background(), chainOf(t, w), logsOf(w, atOnce), new(pack.Memory), func(l *status.Line) error {
		key := statement.NumberKey(l.Number)
		if key <= last {
			t.Errorf("%s comes after a later number", l.Number)
		}
		last = key
		lines[l.Number] = l
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.Lines != int64(len(lines)) {
		t.Errorf("%d lines, counted %d", len(lines), s.Lines)
	}
	return lines, s
}

// history draws a world's certificates and what is said of them: by whom it may be
// and by whom it may not, of the right contents and of others, in the right log and
// in the wrong one.
type history struct {
	*verifytest.World
	t       *rapid.T
	bundles []*bundle.Bundle
}

func (h *history) certificate() {
	from := rapid.SampledFrom([]string{"CF/bangui", "AE/dubai"}).Draw(h.t, "office")
	o := h.Offices[from]
	to := rapid.SampledFrom([]string{"AE", "CF", "EU"}).Draw(h.t, "to")
	d := o.Draft(to, start+60)
	d.Body.Kind = statement.Kind(rapid.Uint64Range(1, 5).Draw(h.t, "kind"))
	signer, log := o.Signer, o.Log
	switch rapid.IntRange(0, 11).Draw(h.t, "fault") {
	case 0:
		d.Body.Range[0] ^= 1
	case 1:
		o.Signer = verifytest.NewSigner("stranger")
	case 2:
		log = h.Logs[0]
	case 3:
		d.Body.Issued += 5
	case 4:
		d.Body.Station = from + "/pc-9"
	case 5:
		if len(h.bundles) > 0 { // the number of another one
			st := h.parse(h.bundles[rapid.IntRange(0, len(h.bundles)-1).Draw(h.t, "number of")])
			d.Body.Number = st.Body.(*statement.Certificate).Number
			d.Header.Subject = statement.CertificateSubject(d.Body.Number)
			d.Body.Expires++
		}
	}
	b := o.Sign(d)
	o.Signer = signer
	log.Append(b.Statement)
	h.bundles = append(h.bundles, b)
}

func (h *history) parse(b *bundle.Bundle) *statement.Statement {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		h.t.Fatal(err)
	}
	return st
}

func (h *history) event() {
	if len(h.bundles) == 0 {
		return
	}
	b := h.bundles[rapid.IntRange(0, len(h.bundles)-1).Draw(h.t, "of")]
	cert := h.parse(b).Body.(*statement.Certificate)
	o := h.Offices[rapid.SampledFrom([]string{"CF/bangui", "AE/dubai"}).Draw(h.t, "by")]
	head, about := o.About(cert.Number, b.Statement, start+600)
	signer, log := o.Signer, o.Log
	switch rapid.IntRange(0, 9).Draw(h.t, "bend") {
	case 0:
		about.Certificate = canonical.Hash{1}
	case 1:
		signer = verifytest.NewSigner("stranger")
	case 2:
		signer = o.Preparer
	case 3:
		log = h.Logs[rapid.IntRange(0, 1).Draw(h.t, "log")]
	case 4:
		about.Number = "CF00777777"
		head.Subject = statement.CertificateSubject(about.Number)
	}
	log.Append(signer.Statement(head, h.body(about, b)))
}

func (h *history) body(a statement.About, b *bundle.Bundle) statement.Body {
	day := canonical.DayOf(start)
	switch n := rapid.IntRange(1, 14).Draw(h.t, "event"); n {
	case 1:
		return &statement.Void{About: a, Reason: "not shipped"}
	case 2:
		return &statement.Replacement{About: a, By: "CF00999999", Reason: "a misprint"}
	case 3:
		return &statement.Loss{About: a, Day: day, Reason: "stolen"}
	case 4, 5:
		return &statement.Receipt{About: a, Day: day, Carats: 1240, Parcels: 1}
	case 6:
		return &statement.Discrepancy{About: a, Day: day, Reason: "two carats less"}
	case 7:
		return &statement.Transit{About: a, In: day, Out: day, Identical: rapid.Bool().Draw(h.t, "identical"), Remark: "seen"}
	case 8:
		return &statement.Opening{About: a, Facts: *b.Disclosure}
	case 9:
		facts := *b.Disclosure
		facts.Seed = make([]byte, 16)
		return &statement.Opening{About: a, Facts: facts}
	case 10:
		return &statement.Endorsement{About: a, Field: "importer", Correction: commitment.Root{Hash: canonical.Hash{1}, Count: 1}, Reason: "two letters"}
	default:
		return &statement.Disposition{About: a, Step: statement.Step(rapid.Uint64Range(1, 6).Draw(h.t, "step")), Day: day, Reason: "sealed badly"}
	}
}

// TestAgreesWithVerify: for every certificate of a random history the list and the
// verifier say the same.
func TestAgreesWithVerify(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := &history{World: verifytest.New(), t: t}
		for range rapid.IntRange(1, 14).Draw(t, "length") {
			if rapid.IntRange(0, 2).Draw(t, "what") == 0 {
				h.certificate()
			} else {
				h.event()
			}
		}
		lines, summary := list(t, h.World, rapid.IntRange(1, 9).Draw(t, "at once"))
		_, again := list(t, h.World, 100)
		if diff := cmp.Diff(summary, again); diff != "" {
			t.Fatalf("read otherwise, counted otherwise: %s", diff)
		}
		v := verify.New(h.ParsedPack(start + 7200))
		seen := map[string]bool{}
		for _, b := range h.bundles {
			st := h.parse(b)
			number := st.Body.(*statement.Certificate).Number
			line := lines[number]
			if line == nil {
				t.Fatalf("no line for %s", number)
			}
			if line.Certificate.Hash != st.Hash {
				continue // the line is about the other certificate with this number
			}
			seen[number] = true
			verdict := v.Verify(b, verify.Options{Purpose: verify.Import, At: time.Unix(start+7300, 0)})
			if diff := cmp.Diff(said(verdict), marked(line)); diff != "" {
				t.Fatalf("%s: verdict and list differ (-verdict +list):\n%s\n%+v", number, diff, line)
			}
		}
		for number, line := range lines {
			if line.Certificate != nil && !seen[number] {
				t.Fatalf("%s: a line about a certificate that nobody made", number)
			}
		}
	})
}

// ofList are the checks that a list can answer.
func ofList(code verify.Code) bool {
	for _, prefix := range []string{"form", "trust.synthetic", "record.home", "issuer.", "certificate.", "number.range", "number.station"} {
		if strings.HasPrefix(string(code), prefix) {
			return true
		}
	}
	return false
}

// said is what a verdict says in the words of the list.
func said(v *verify.Verdict) []string {
	var out []string
	if c := v.Check(verify.CodeForm); c.Outcome != verify.Valid {
		return []string{"refused form " + c.Reason} // and nothing else is judged
	}
	if v.Check(verify.CodeHome) == nil {
		return []string{"not at home"} // the pack looks for it at home only
	}
	for _, c := range v.Checks {
		if ofList(c.Code) && c.Outcome != verify.Valid {
			out = append(out, "refused "+string(c.Code)+" "+c.Reason)
			break
		}
	}
	for code, word := range map[verify.Code]string{verify.CodeVoid: "cancelled", verify.CodeReplaced: "replaced", verify.CodeLost: "lost",
		verify.CodeUsed: "received", verify.CodeDetained: "detained", verify.CodeDiscrepancy: "discrepant", verify.CodeUnique: "two_contents"} {
		if c := v.Check(code); c != nil && c.Outcome != verify.Valid {
			out = append(out, word)
		}
	}
	if c := v.Check(verify.CodeDisposed); c != nil && c.Outcome != verify.Valid {
		out = append(out, "disposed")
	}
	slices.Sort(out)
	return out
}

func marked(l *status.Line) []string {
	if strings.HasPrefix(l.Refused, "record.home ") {
		return []string{"not at home"}
	}
	if strings.HasPrefix(l.Refused, "form ") {
		return []string{"refused " + l.Refused}
	}
	words := map[string]bool{}
	if l.Refused != "" {
		words["refused "+l.Refused] = true
	}
	for _, m := range l.Marks {
		switch m.What {
		case "returned", "seized", "sold", "destroyed":
			words["disposed"] = true
		case "opened", "endorsed", "transit_broken":
		default:
			words[m.What] = true
		}
	}
	var out []string
	for w := range words {
		out = append(out, w)
	}
	slices.Sort(out)
	return out
}

// TestStates: one certificate of each state, with the place that decides it.
func TestStates(t *testing.T) {
	w := verifytest.New()
	cf, ae := w.Offices["CF/bangui"], w.Offices["AE/dubai"]
	day := canonical.DayOf(start)
	numbers := map[string]string{}
	issue := func(name string, events ...func(statement.About) (*verifytest.Office, statement.Body)) {
		b := cf.Sign(cf.Draft("AE", start))
		cf.Log.Append(b.Statement)
		st, err := statement.Parse(b.Statement)
		if err != nil {
			t.Fatal(err)
		}
		number := st.Body.(*statement.Certificate).Number
		numbers[name] = number
		for _, e := range events {
			_, about := cf.About(number, b.Statement, start+60)
			o, body := e(about)
			h, _ := o.About(number, b.Statement, start+60)
			if op, ok := body.(*statement.Opening); ok {
				op.Facts = *b.Disclosure
			}
			o.Log.Append(o.Signer.Statement(h, body))
		}
	}
	step := func(s statement.Step) func(statement.About) (*verifytest.Office, statement.Body) {
		return func(a statement.About) (*verifytest.Office, statement.Body) {
			return ae, &statement.Disposition{About: a, Step: s, Day: day, Reason: "x"}
		}
	}
	receipt := func(a statement.About) (*verifytest.Office, statement.Body) {
		return ae, &statement.Receipt{About: a, Day: day, Carats: 1, Parcels: 1}
	}
	issue("issued")
	issue("received", receipt)
	issue("opened", receipt, func(a statement.About) (*verifytest.Office, statement.Body) { return cf, &statement.Opening{About: a} })
	issue("cancelled", func(a statement.About) (*verifytest.Office, statement.Body) {
		return cf, &statement.Void{About: a, Reason: "x"}
	})
	issue("replaced", func(a statement.About) (*verifytest.Office, statement.Body) {
		return cf, &statement.Replacement{About: a, By: "CF00000001", Reason: "x"}
	})
	issue("detained", step(statement.Detained))
	issue("released", step(statement.Detained), step(statement.Released))
	issue("seized", step(statement.Detained), step(statement.Seized))
	lines, s := list(t, w, 4)
	for name, want := range map[string]string{"issued": "issued", "received": "received", "opened": "received", "cancelled": "cancelled",
		"replaced": "replaced", "detained": "detained", "released": "issued", "seized": "seized"} {
		if got := lines[numbers[name]].State(); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if m := lines[numbers["replaced"]].Marks; len(m) != 1 || m[0].Number != "CF00000001" || m[0].By != "CF" || m[0].Place.Log != 1 {
		t.Errorf("%+v", m)
	}
	if m := lines[numbers["opened"]].Marks; len(m) != 2 || m[0].By != "AE" || m[1].What != "opened" || m[0].Place != (status.Place{Log: 0, Index: 7}) {
		t.Errorf("%+v", m)
	}
	wantStates := map[string]int64{"issued": 2, "received": 2, "cancelled": 1, "replaced": 1, "detained": 1, "seized": 1}
	if diff := cmp.Diff(wantStates, s.States); diff != "" || s.Kinds["export"] != 8 {
		t.Error(diff, s.Kinds)
	}
	for name, want := range map[string][4]bool{ // expired on the last day, on the next; overdue after 30 days, after 31
		"issued": {false, true, false, true}, "received": {false, false, false, true}, "opened": {false, false, false, false},
		"cancelled": {false, false, false, false}, "seized": {false, false, false, true}} {
		l, last := lines[numbers[name]], day+60
		if got := [4]bool{l.Expired(last), l.Expired(last + 1), l.Overdue(last + 30), l.Overdue(last + 31)}; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// TestTheDigestIsOfAll: another entry, another log or another root, another digest.
func TestTheDigestIsOfAll(t *testing.T) {
	seen := map[canonical.Hash]string{}
	for name, bend := range map[string]func(*verifytest.World){
		"as it is": func(*verifytest.World) {},
		"a certificate": func(w *verifytest.World) {
			o := w.Offices["CF/bangui"]
			o.Log.Append(o.Sign(o.Draft("AE", start)).Statement)
		},
		"an entry that says nothing": func(w *verifytest.World) { w.Logs[0].Append([]byte("SYNTHETIC")) },
		"another root":               func(w *verifytest.World) { w.Root.Expires++; w.Roots = [][]byte{w.SignRoot(w.Root)} },
	} {
		w := verifytest.New()
		bend(w)
		_, s := list(t, w, 100)
		if before, there := seen[s.Digest]; there {
			t.Errorf("%s and %s have one digest", name, before)
		}
		seen[s.Digest] = name
	}
	w := verifytest.New()
	logs := logsOf(w, 10)
	slices.Reverse(logs)
	if _, err := status.List(t.Context(), chainOf(t, w), logs, new(pack.Memory), func(*status.Line) error { return nil }); err == nil {
		t.Error("logs in another order are counted")
	}
}
