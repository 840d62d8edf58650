package importing_test

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/importing/letters"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/rules"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

var now = time.Unix(verifytest.Start+7200, 0).UTC()

// world is CF/bangui, which issues, and an importing desk with its own ledger.
type world struct {
	*importing.Desk
	t      *testing.T
	w      *verifytest.World
	cf     *verifytest.Office
	ledger *ledger.Ledger
	office string
	sent   []letter
	follow *follow.Followers
	cfg    importing.Config
	stale  time.Duration // how much older than it should be what the verifier knows is
}

type letter struct {
	to, kind  string
	statement canonical.Hash
}

var officer = importing.Officer{ID: "officer-1"}

func newWorld(t *testing.T, office string) *world {
	w := &world{t: t, w: verifytest.New(), office: office}
	w.cf = w.w.Offices["CF/bangui"]
	w.ledger = ledgertest.New(t, "ae.kp.example/2026").Open("node", certificate.Schema())
	signer, err := keyring.NewSigner(keyring.Office, verifytest.NewSigner("office "+office).Private)
	if err != nil {
		t.Fatal(err)
	}
	kpcs, err := fs.Sub(rules.FS(), rules.KPCS)
	if err != nil {
		t.Fatal(err)
	}
	set, err := rule.Check(kpcs)
	if err != nil {
		t.Fatal(err)
	}
	w.cfg = importing.Config{Ledger: w.ledger, Rules: set, Office: ident.OfficeID(office), Signer: signer,
		Now: func() time.Time { return now }, Synthetic: true,
		Judge: func(_ context.Context, b *bundle.Bundle, at time.Time) (*verify.Verdict, error) {
			return verify.New(w.w.ParsedPack(now.Unix()-60)).Verify(b, verify.Options{Purpose: verify.Import, At: at.Add(w.stale), Destination: office[:2]}), nil
		}}
	w.Desk = importing.New(w.cfg)
	w.follow, err = follow.New(follow.Config{Ledger: w.ledger, Now: time.Now, Followers: []follow.Follower{&letters.Letters{Office: office,
		Post: func(_ *store.Tx, to, kind string, statements [][]byte) error {
			w.sent = append(w.sent, letter{to, kind, canonical.Sum(statements[0])})
			return nil
		}}}})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// certificate is one that CF has issued and recorded.
func (w *world) certificate(change ...func(*verifytest.Draft)) *bundle.Bundle {
	d := w.cf.Draft(w.office[:2], verifytest.Start+60)
	for _, c := range change {
		c(d)
	}
	return w.cf.Record(w.cf.Sign(d), verifytest.Start+70)
}

// whole is an arrival with every container seal of the certificate.
func whole(b *bundle.Bundle) importing.Arrival {
	a := importing.Arrival{Place: "SYNTHETIC Dubai, Cargo Village", Original: true}
	shown, err := verify.DecodeFacts(b.Disclosure.Facts)
	if err != nil {
		panic(err)
	}
	for _, s := range shown.Seals {
		a.Seals = append(a.Seals, importing.SealFound{Container: s.Container, Seal: s.Seal, Intact: true})
	}
	return a
}

// asWritten is a measurement that finds what the certificate says.
func asWritten(b *bundle.Bundle) importing.Measured {
	shown, err := verify.DecodeFacts(b.Disclosure.Facts)
	if err != nil {
		panic(err)
	}
	return importing.Measured{Carats: measure.Carats(int64(*shown.Carats) * 10), Parcels: *shown.Parcels, LotsOpened: *shown.Parcels, Scale: "SYNTHETIC balance 2"}
}

func (w *world) arrive(b *bundle.Bundle, a importing.Arrival) *consignment.Consignment {
	w.t.Helper()
	c, _, err := w.Arrive(w.t.Context(), officer, b, a)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) body(e *ledger.Entry) statement.Body {
	w.t.Helper()
	st, err := statement.Parse(e.Signed)
	if err != nil {
		w.t.Fatal(err)
	}
	return st.Body
}

func (w *world) advice(b *bundle.Bundle, change ...func(*statement.Advice)) []byte {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		w.t.Fatal(err)
	}
	h, about := w.cf.About(st.Body.(*statement.Certificate).Number, b.Statement, verifytest.Start+120)
	a := &statement.Advice{About: about, To: w.office, Day: canonical.DayOf(verifytest.Start), Exit: "SYNTHETIC Bangui"}
	for _, c := range change {
		c(a)
	}
	return w.cf.Signer.Statement(h, a)
}

func (w *world) announce(advice []byte, b *bundle.Bundle) error {
	return w.ledger.Store().Write(w.t.Context(), now, func(tx *store.Tx) error { return w.Announce(tx, advice, b) })
}

var decision = importing.Irregular{Day: period.DateOf(now), Reason: "SYNTHETIC: what arrived differs"}

// TestAnnouncedArrivedConfirmed is the straight way, and the letter at its end.
func TestAnnouncedArrivedConfirmed(t *testing.T) {
	w := newWorld(t, "AE/dubai")
	b := w.certificate()
	advice := w.advice(b)
	for range 2 { // a message that comes twice is taken once
		if err := w.announce(advice, b); err != nil {
			t.Fatal(err)
		}
	}
	c := w.arrive(b, whole(b))
	if c.State != consignment.Arrived || c.Steps != 2 {
		t.Fatalf("%+v", c)
	}
	if c, err := w.Examine(t.Context(), c.ID, officer, asWritten(b), ""); err != nil || c.State != consignment.Verified {
		t.Fatal(err)
	}
	c, e, err := w.Confirm(t.Context(), c.ID, importing.Officer{ID: "officer-2"}, "", ledger.Witnessed)
	if err != nil || c.State != consignment.Confirmed {
		t.Fatal(err)
	}
	r, ok := w.body(e).(*statement.Receipt)
	if !ok || r.Carats != 1240 || r.Certificate != canonical.Sum(b.Statement) || r.Day != canonical.DayOf(now.Unix()) {
		t.Errorf("%+v", r)
	}
	for range 2 {
		if err := w.follow.Own(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if want := []letter{{"CF/bangui", "confirmation", e.Hash}}; !slices.Equal(w.sent, want) {
		t.Errorf("letters %v", w.sent)
	}
	err = w.ledger.Store().Write(t.Context(), now, func(tx *store.Tx) error {
		return certificate.Receive(tx, c.Number, c.Statement, 1240)
	})
	if !fault.Is(err, "certificate.received_already") {
		t.Errorf("the weight was not booked: %v", err)
	}
	if _, _, err := w.Confirm(t.Context(), c.ID, officer, "", ledger.Signed); !fault.Is(err, "certificate.consignment_ended") && !fault.Is(err, "certificate.import_invalid") {
		t.Errorf("confirmed twice: %v", err)
	}
}

func TestAdviceThatIsNotTaken(t *testing.T) {
	w := newWorld(t, "AE/dubai")
	b, other := w.certificate(), w.certificate()
	for name, c := range map[string]struct {
		advice []byte
		b      *bundle.Bundle
		key    string
	}{
		"to another office":      {w.advice(b, func(a *statement.Advice) { a.To = "AE/sharjah" }), b, "certificate.advice_other"},
		"with another's paper":   {w.advice(b), other, "certificate.advice_other"},
		"of another kind":        {b.Statement, b, "certificate.advice_other"},
		"damaged":                {b.Statement[:40], b, "certificate.advice_form"},
		"with no certificate":    {w.advice(b), &bundle.Bundle{Version: 1, Statement: w.advice(b)}, "certificate.not_a_certificate"},
		"with damaged certicate": {w.advice(b), &bundle.Bundle{Version: 1, Statement: b.Statement[1:]}, "certificate.not_a_certificate"},
	} {
		if err := w.announce(c.advice, c.b); !fault.Is(err, c.key) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWhatIsMeasured: each difference by itself, at the edge of what is allowed.
func TestWhatIsMeasured(t *testing.T) {
	w := newWorld(t, "AE/dubai")
	for name, c := range map[string]struct {
		arrival  func(*importing.Arrival)
		measured func(*importing.Measured)
		rule     string // that blocks; "" when nothing does
		reason   string
	}{
		"as written":    {nil, nil, "", ""},
		"0.10 ct less":  {nil, func(m *importing.Measured) { m.Carats -= 100 }, "", ""},
		"0.10 ct more":  {nil, func(m *importing.Measured) { m.Carats += 100 }, "", ""},
		"0.101 ct more": {nil, func(m *importing.Measured) { m.Carats += 101 }, "R-IMP-06", "certificate.finding.weight_differs"},
		"a parcel more": {nil, func(m *importing.Measured) { m.Parcels++ }, "R-IMP-06", "certificate.finding.parcels_differ"},
		"a cent less":   {nil, func(m *importing.Measured) { m.Value = new(measure.USD(1)) }, "R-IMP-06", "certificate.finding.value_differs"},
		"a seal broken": {func(a *importing.Arrival) { a.Seals[0].Intact = false }, nil, "R-IMP-05", "certificate.finding.seal_broken"},
		"another seal":  {func(a *importing.Arrival) { a.Seals[0].Seal = "Z999" }, nil, "R-IMP-05", "certificate.finding.seal_missing"},
		"no seal":       {func(a *importing.Arrival) { a.Seals = nil }, nil, "R-IMP-05", "certificate.finding.seal_missing"},
		"a container more": {func(a *importing.Arrival) {
			a.Seals = append(a.Seals, importing.SealFound{Container: "9", Seal: "X", Intact: true})
		}, nil, "R-IMP-05", "certificate.finding.seals_more"},
		"no original":         {func(a *importing.Arrival) { a.Original = false }, nil, "R-IMP-02", "certificate.finding.no_original"},
		"original found late": {func(a *importing.Arrival) { a.Original = false }, func(m *importing.Measured) { m.Original = true }, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := w.certificate()
			a, m := whole(b), asWritten(b)
			if c.arrival != nil {
				c.arrival(&a)
			}
			if c.measured != nil {
				c.measured(&m)
			}
			got := w.arrive(b, a)
			_, err := w.Examine(t.Context(), got.ID, officer, m, "")
			if c.rule == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			f, _ := fault.Of(err)
			if f == nil || f.Key != "certificate.import_blocked" || f.Args["rule"] != c.rule || f.Args["reason"].(importing.Reason).Key != c.reason {
				t.Errorf("%v", err)
			}
			after, _, err := w.Get(t.Context(), got.ID)
			if err != nil || after.State != consignment.Arrived {
				t.Errorf("%+v %v", after, err)
			}
		})
	}
}

// TestIndia: a quarter of the lots is opened, and the original may come within
// seven working days (Customs Circular 53/2003).
func TestIndia(t *testing.T) {
	w := newWorld(t, "IN/mumbai")
	b := w.certificate()
	a := whole(b)
	a.Original = false
	c := w.arrive(b, a)
	m := asWritten(b)
	m.LotsOpened = 0
	_, err := w.Examine(t.Context(), c.ID, officer, m, "")
	var reasons []string
	for _, f := range fault.All(err) {
		reasons = append(reasons, f.Args["reason"].(importing.Reason).Key)
	}
	slices.Sort(reasons)
	if want := []string{"certificate.finding.opened_too_few", "certificate.finding.original_awaited"}; !slices.Equal(reasons, want) {
		t.Errorf("%v", reasons)
	}
	m.LotsOpened, m.Original = 1, true
	if _, err := w.Examine(t.Context(), c.ID, officer, m, ""); err != nil {
		t.Error(err)
	}
}

// TestPresentedTwice names place and day of the first.
func TestPresentedTwice(t *testing.T) {
	w := newWorld(t, "AE/dubai")
	b := w.certificate()
	first := w.arrive(b, whole(b))
	again := whole(b)
	again.Place = "SYNTHETIC Dubai, another counter"
	second := w.arrive(b, again)
	_, err := w.Examine(t.Context(), second.ID, officer, asWritten(b), "")
	f, _ := fault.Of(err)
	if f == nil || f.Key != "certificate.presented_before" || f.Args["place"] != "SYNTHETIC Dubai, Cargo Village" || f.Args["consignment"] != first.ID || f.Args["at"] != now {
		t.Fatalf("%v", err)
	}
	if _, err := w.Examine(t.Context(), first.ID, officer, asWritten(b), ""); err != nil {
		t.Error("the first cannot be examined:", err)
	}
	if c, e, err := w.Dispute(t.Context(), second.ID, officer, decision, ledger.Signed); err != nil || c.State != consignment.Discrepant || w.body(e).Type() != statement.TypeDiscrepancy {
		t.Error(err)
	}
}

// TestVerdicts: what is invalid is never confirmed, whatever anybody writes; what
// cannot be told needs a reason.
func TestVerdicts(t *testing.T) {
	w := newWorld(t, "AE/dubai")
	b := w.certificate()
	st, _ := statement.Parse(b.Statement)
	number := st.Body.(*statement.Certificate).Number
	c := w.arrive(b, whole(b))
	if _, err := w.Examine(t.Context(), c.ID, officer, asWritten(b), ""); err != nil {
		t.Fatal(err)
	}
	h, about := w.cf.About(number, b.Statement, verifytest.Start+3600)
	h.Prev = st.Hash
	w.cf.Log.Append(w.cf.Signer.Statement(h, &statement.Void{About: about, Reason: "SYNTHETIC"}))
	_, _, err := w.Confirm(t.Context(), c.ID, officer, "SYNTHETIC: we know better", ledger.Signed)
	f, _ := fault.Of(err)
	if f == nil || f.Key != "certificate.import_invalid" || !slices.Contains(f.Args["checks"].(importing.Codes).TextKeys(), "verify.check.status_void") {
		t.Fatalf("cancelled between examination and confirmation: %v", err)
	}

	b = w.certificate()
	c = w.arrive(b, whole(b))
	w.stale = 8 * 24 * time.Hour
	_, err = w.Examine(t.Context(), c.ID, officer, asWritten(b), " ")
	if f, _ := fault.Of(err); f == nil || f.Key != "certificate.import_undecided" || !slices.Equal(f.Args["checks"].(importing.Codes).TextKeys(), []string{"verify.check.status_fresh"}) {
		t.Errorf("eight days old: %v", err)
	}
	if _, err := w.Examine(t.Context(), c.ID, officer, asWritten(b), "SYNTHETIC: the issuer answered by telephone"); err != nil {
		t.Error(err)
	}
	w.stale = 0

	d := w.cf.Draft("AE", now.Unix()-30)
	open := w.cf.Sign(d) // signed and recorded nowhere yet
	c = w.arrive(open, whole(open))
	_, err = w.Examine(t.Context(), c.ID, officer, asWritten(open), "")
	if !fault.Is(err, "certificate.import_invalid") && !fault.Is(err, "certificate.import_undecided") {
		t.Errorf("no record: %v", err)
	}
}

// TestIrregular walks a shipment through its decisions, each a statement of the
// office's chain, each with its letter.
func TestIrregular(t *testing.T) {
	w := newWorld(t, "AE/dubai")
	b := w.certificate()
	c := w.arrive(b, whole(b))
	var stated []statement.Type
	do := func(act consignment.Act, want consignment.State) {
		t.Helper()
		var e *ledger.Entry
		var err error
		if act == consignment.Dispute {
			c, e, err = w.Dispute(t.Context(), c.ID, officer, decision, ledger.Signed)
		} else {
			c, e, err = w.Dispose(t.Context(), c.ID, act, officer, decision, ledger.Signed)
		}
		if err != nil || c.State != want {
			t.Fatalf("%s: %v", act, err)
		}
		stated = append(stated, e.Type)
	}
	do(consignment.Dispute, consignment.Discrepant)
	if _, _, err := w.Dispose(t.Context(), c.ID, consignment.Sell, officer, decision, ledger.Signed); !fault.Is(err, "certificate.consignment_early") {
		t.Error(err)
	}
	do(consignment.Detain, consignment.Detained)
	do(consignment.Release, consignment.Arrived)
	do(consignment.Dispute, consignment.Discrepant)
	do(consignment.Seize, consignment.Seized)
	do(consignment.Destroy, consignment.Disposed)
	if _, _, err := w.Dispose(t.Context(), c.ID, consignment.Release, officer, decision, ledger.Signed); !fault.Is(err, "certificate.consignment_ended") {
		t.Error(err)
	}
	if err := w.follow.Own(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(w.sent) != len(stated) || w.sent[0].kind != "notice" {
		t.Errorf("%d letters of %d statements", len(w.sent), len(stated))
	}
	for field, bad := range map[string]importing.Irregular{"day": {Reason: "x"}, "reason": {Day: decision.Day, Reason: " "}, "under": {Day: decision.Day, Reason: "x", Under: "AE00000001"}} {
		if f, _ := fault.Of(func() error { _, _, err := w.Dispute(t.Context(), c.ID, officer, bad, ledger.Signed); return err }()); f == nil || f.Field != field {
			t.Errorf("%s: %v", field, f)
		}
	}
}

// TestReturnUnderTechnical and the goods that came without certificate.
func TestReturnAndBareGoods(t *testing.T) {
	w := newWorld(t, "AE/dubai")
	b := w.certificate()
	c := w.arrive(b, whole(b))
	if _, _, err := w.Dispute(t.Context(), c.ID, officer, decision, ledger.Signed); err != nil {
		t.Fatal(err)
	}
	back := decision
	back.Under = "AE00000007"
	c, e, err := w.Dispose(t.Context(), c.ID, consignment.Return, officer, back, ledger.Signed)
	if d, ok := w.body(e).(*statement.Disposition); err != nil || !ok || d.Step != statement.Returned || d.Under != "AE00000007" {
		t.Error(err)
	}
	bare, _, err := w.Arrive(t.Context(), officer, nil, importing.Arrival{Place: "SYNTHETIC airport", Without: "KE"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Examine(t.Context(), bare.ID, officer, asWritten(b), ""); !fault.Is(err, "certificate.no_certificate") {
		t.Error(err)
	}
	if bare, e, err = w.Dispute(t.Context(), bare.ID, officer, decision, ledger.Signed); err != nil || e != nil || bare.State != consignment.Discrepant {
		t.Error(err)
	}
	if bare, e, err = w.Dispose(t.Context(), bare.ID, consignment.Seize, officer, decision, ledger.Signed); err != nil || e != nil || bare.State != consignment.Seized {
		t.Error(err)
	}
	for name, a := range map[string]importing.Arrival{"place": {}, "without": {Place: "x"}} {
		if _, _, err := w.Arrive(t.Context(), officer, nil, a); !fault.Is(err, "certificate.field_missing") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_ = c
}

// TestFieldsNamed: each thing that is wrong is told at the field that it stands in, in a
// list at its row.
func TestFieldsNamed(t *testing.T) {
	w := newWorld(t, "AE/dubai")
	b := w.certificate()
	c := w.arrive(b, whole(b))
	measured := func(m importing.Measured) error {
		_, err := w.Examine(t.Context(), c.ID, officer, m, "")
		return err
	}
	long, today := strings.Repeat("x", 2001), period.DateOf(now)
	half := []importing.SealFound{{Container: "1", Seal: "A118"}, {Container: "2"}, {Seal: "A120"}}
	parcels := []importing.Weighed{{Mark: "P1", Carats: 100}, {Mark: "P2"}, {Carats: 100}}
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"arrival":      {importing.Arrival{Place: long, Seals: half, Presenter: long, Remark: long}.Check(false), "place seals[2].seal seals[3].container presenter remark"},
		"bare goods":   {importing.Arrival{Without: "KEN"}.Check(true), "place without"},
		"nothing":      {measured(importing.Measured{}), "carats parcels scale"},
		"parcels":      {measured(importing.Measured{Carats: 200, Parcels: 3, LotsOpened: 4, ParcelList: parcels, Seals: half, Scale: "SYNTHETIC", Remark: long}), "parcel_list[2].carats parcel_list[3].mark lots_opened seals[2].seal seals[3].container remark"},
		"reason":       {func() error { _, err := w.Examine(t.Context(), c.ID, officer, asWritten(b), long); return err }(), ""}, // nothing has to be accepted
		"decision":     {importing.Irregular{Note: long, Legal: long, Goods: long, Under: "CF00000001"}.Check(consignment.Detain, today), "day reason note legal goods under"},
		"goods return": {importing.Irregular{Day: 1, Reason: "SYNTHETIC", Under: "CF00000001"}.Check(consignment.Return, today), ""},
		"crossing":     {importing.Crossing{Remark: long}.Check(today), "place day seals remark"},
		"to come":      {importing.Irregular{Day: today + 1, Reason: "SYNTHETIC"}.Check(consignment.Detain, today), "day"},
		"half a seal":  {importing.Crossing{Place: "SYNTHETIC", Day: 1, Seals: half}.Check(today), "seals[2].seal seals[3].container"},
	} {
		var got []string
		for _, f := range fault.All(tt.err) {
			got = append(got, f.Field)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: at %v, not at %s: %v", name, got, tt.want, tt.err)
		}
	}
}

// TestAnnouncedAgain: what is announced anew does not take the place of what was
// announced before.
func TestAnnouncedAgain(t *testing.T) {
	w := newWorld(t, "AE/dubai")
	b := w.certificate()
	for _, exit := range []string{"SYNTHETIC Bangui", "SYNTHETIC Berbérati"} {
		if err := w.announce(w.advice(b, func(a *statement.Advice) { a.Exit = exit }), b); err != nil {
			t.Fatal(err)
		}
	}
	c := w.arrive(b, whole(b))
	if err := w.announce(w.advice(b, func(a *statement.Advice) { a.Note = "SYNTHETIC: late" }), b); err != nil {
		t.Fatal(err)
	}
	s, err := w.Look(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Advices) != 3 || s.Advices[0].Note != "SYNTHETIC: late" || s.Advices[1].Exit != "SYNTHETIC Berbérati" || s.Advices[2].Exit != "SYNTHETIC Bangui" || s.Advices[2].At.IsZero() {
		t.Errorf("%+v", s.Advices)
	}
}

// TestTransit: the same seals in and out, or a remark.
func TestTransit(t *testing.T) {
	w := newWorld(t, "EU/antwerp")
	b := w.cf.Record(w.cf.Sign(w.cf.Draft("AE", verifytest.Start+60)), verifytest.Start+70)
	seals := whole(b).Seals
	in := importing.Crossing{Place: "SYNTHETIC Zaventem", Day: period.DateOf(now), Seals: seals}
	for _, tt := range []struct {
		name      string
		out       func(*importing.Crossing)
		identical bool
		key       string
	}{
		{"as it came", func(*importing.Crossing) {}, true, ""},
		{"opened, unsaid", func(x *importing.Crossing) { x.Seals = slices.Clone(seals); x.Seals[0].Intact = false }, false, "certificate.crossing_unsaid"},
		{"opened, said", func(x *importing.Crossing) {
			x.Seals, x.Remark = slices.Clone(seals), "SYNTHETIC: opened by customs"
			x.Seals[0].Intact = false
		}, false, ""},
		{"tomorrow", func(x *importing.Crossing) { x.Day++ }, false, "certificate.field_future"},
		{"before it came", func(x *importing.Crossing) { x.Day-- }, false, "certificate.crossing"},
		{"no seals read", func(x *importing.Crossing) { x.Seals = nil }, false, "certificate.field_missing"},
	} {
		c, err := w.Enter(t.Context(), officer, b, in)
		if err != nil {
			t.Fatal(err)
		}
		out := in
		tt.out(&out)
		_, e, err := w.Leave(t.Context(), c.ID, officer, out, ledger.Signed)
		if tt.key != "" {
			if !fault.Is(err, tt.key) {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		if x, ok := w.body(e).(*statement.Transit); err != nil || !ok || x.Identical != tt.identical {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	late := in
	late.Day = in.Day.AddDays(365) // a year that was mistyped would make every day of exit too early
	if _, err := w.Enter(t.Context(), officer, b, late); !fault.Is(err, "certificate.field_future") {
		t.Error(err)
	}
	toUs := w.certificate()
	if _, err := w.Enter(t.Context(), officer, toUs, in); !fault.Is(err, "certificate.no_transit") {
		t.Error(err)
	}
}

// TestTwoDesks: two officers confirm at once; one receipt is stated, and the
// other is told.
func TestTwoDesks(t *testing.T) {
	w := newWorld(t, "AE/dubai")
	b := w.certificate()
	c := w.arrive(b, whole(b))
	if _, err := w.Examine(t.Context(), c.ID, officer, asWritten(b), ""); err != nil {
		t.Fatal(err)
	}
	var won atomic.Int32
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			_, _, err := w.Confirm(context.WithoutCancel(t.Context()), c.ID, importing.Officer{ID: "officer-2", Seen: 2}, "", ledger.Signed)
			switch f, _ := fault.Of(err); {
			case err == nil:
				won.Add(1)
			case f == nil || f.Key != "certificate.consignment_moved" || f.Args["by"] != "officer-2":
				t.Errorf("%v", err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d receipts", won.Load())
	}
}
