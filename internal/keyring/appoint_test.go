package keyring

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

var start = time.Unix(verifytest.Start, 0).UTC()

// registry is a Participant's authority with its log: it appoints keys and asks
// package trust what came of it.
type registry struct {
	t         *testing.T
	ring      *Ring
	authority *Signer
	chain     *trust.Chain
	entries   []trust.Entry
}

func newRegistry(t *testing.T) *registry {
	ring := newRing(t, Demonstration())
	mustNew(t, ring, Spec{Name: "authority", Purpose: Authority, Created: start})
	authority, err := ring.Signer(t.Context(), "authority", Authority)
	if err != nil {
		t.Fatal(err)
	}
	w := verifytest.New()
	i := slices.IndexFunc(w.Root.Participants, func(p trust.Participant) bool { return p.Code == "CF" })
	w.Root.Participants[i].Authority = authority.Key()
	chain, err := trust.ParseChain([][]byte{w.SignRoot(w.Root)}, canonical.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	return &registry{t: t, ring: ring, authority: authority, chain: chain}
}

// log signs a statement, appends it to the home log and gives its hash.
func (g *registry) log(s *Signer, h statement.Header, body statement.Body) *statement.Statement {
	g.t.Helper()
	u, err := s.Frame(h, body)
	if err != nil {
		g.t.Fatal(err)
	}
	b, err := s.Sign(g.t.Context(), u)
	if err != nil {
		g.t.Fatal(err)
	}
	st, err := statement.Parse(b)
	if err != nil {
		g.t.Fatal(err)
	}
	g.entries = append(g.entries, trust.Entry{Origin: origin, Index: uint64(len(g.entries)), Statement: st})
	return st
}

func (g *registry) directory() *trust.Directory {
	g.t.Helper()
	d, err := trust.NewDirectory(g.chain, g.entries)
	if err != nil {
		g.t.Fatal(err)
	}
	return d
}

func (g *registry) act(at time.Time) Act {
	return Act{Issuer: "CF/authority", At: at, Synthetic: true}
}

func (g *registry) key(name string, p Purpose) (*Card, *Signer) {
	g.t.Helper()
	c := mustNew(g.t, g.ring, Spec{Name: name, Purpose: p, Created: start})
	s, err := g.ring.Signer(g.t.Context(), name, p)
	if err != nil {
		g.t.Fatal(err)
	}
	return c, s
}

func bangui(from time.Time) Appointment {
	return Appointment{Office: "CF/bangui", Name: "Bureau SYNTHETIC", From: from, Until: from.AddDate(1, 0, 0),
		Types: []statement.Type{statement.TypeLoss, statement.TypeVoid}}
}

// loss is a statement that an office with TypeLoss may make.
func loss(at time.Time) (statement.Header, statement.Body) {
	return statement.Header{Type: statement.TypeLoss, Issuer: "CF/bangui", IssuedAt: at.Unix(),
			Subject: statement.CertificateSubject("CF00000001"), Synthetic: true},
		&statement.Loss{About: statement.About{Number: "CF00000001", Certificate: canonical.Hash{1}},
			Day: canonical.DayOf(at.Unix()), Reason: "SYNTHETIC"}
}

func (g *registry) standing(d *trust.Directory, st *statement.Statement) error {
	i := slices.IndexFunc(g.entries, func(e trust.Entry) bool { return e.Statement == st })
	var place *trust.Place
	if i >= 0 {
		place = &trust.Place{Origin: origin, Index: uint64(i)}
	}
	_, err := d.Signer(st, place)
	return err
}

func TestAppointRotateRevoke(t *testing.T) {
	g := newRegistry(t)
	oldCard, oldKey := g.key("bangui-2026", Office)
	h, body, err := OfficeKeyStatement(g.act(start), oldCard, bangui(start))
	if err != nil {
		t.Fatal(err)
	}
	appointed := g.log(g.authority, h, body)
	if diff := cmp.Diff([]statement.Type{statement.TypeVoid, statement.TypeLoss}, body.Types); diff != "" {
		t.Errorf("types: %s", diff)
	}
	early := g.log(oldKey, first(loss(start.Add(time.Hour))), second(loss(start.Add(time.Hour))))

	// Half a year later a second key follows; both are good for a month.
	newCard, newKey := g.key("bangui-2027", Office)
	change := start.AddDate(0, 11, 0)
	h, next, err := Rotate(g.act(change), body, newCard, change, change.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	g.log(g.authority, h, next)
	both := start.AddDate(0, 11, 15)
	byOld := g.log(oldKey, first(loss(both)), second(loss(both)))
	byNew := g.log(newKey, first(loss(both)), second(loss(both)))
	tooSoon := g.log(newKey, first(loss(start.Add(time.Hour))), second(loss(start.Add(time.Hour))))
	tooLate := g.log(oldKey, first(loss(start.AddDate(1, 0, 0))), second(loss(start.AddDate(1, 0, 0))))
	d := g.directory()
	for _, tt := range []struct {
		name string
		st   *statement.Statement
		want error
	}{{"old key", early, nil}, {"old key beside the new", byOld, nil}, {"new key", byNew, nil},
		{"new key before its time", tooSoon, trust.ErrKeyTime}, {"old key after its end", tooLate, trust.ErrKeyTime}} {
		if err := g.standing(d, tt.st); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}

	// The old key is found stolen: what stands in the log below the cut-off stays.
	cut := []statement.Vector{{Origin: origin, Size: uint64(len(g.entries)), Root: canonical.Hash{9}},
		{Origin: "a.example/early", Size: 3, Root: canonical.Hash{8}}}
	act := g.act(both.AddDate(0, 0, 1))
	act.Prev = appointed.Hash
	h, revoked, err := Revoke(act, oldCard.KeyID(), "SYNTHETIC: stolen", cut)
	if err != nil {
		t.Fatal(err)
	}
	if h.Prev != appointed.Hash || h.Subject != appointed.Subject {
		t.Error("the revocation does not follow the appointment of the same key")
	}
	if revoked.CutOff[0].Origin != "a.example/early" || cut[0].Origin != origin {
		t.Error("vectors are not ordered, or the caller's slice was")
	}
	g.log(g.authority, h, revoked)
	thief := g.log(oldKey, first(loss(both)), second(loss(both)))
	d = g.directory()
	if err := g.standing(d, byOld); err != nil {
		t.Errorf("logged before the cut-off: %v", err)
	}
	if err := g.standing(d, thief); !errors.Is(err, trust.ErrRevoked) {
		t.Errorf("logged after the cut-off: %v", err)
	}
	if err := g.standing(d, byNew); err != nil {
		t.Errorf("the new key: %v", err)
	}
	for _, i := range d.Ignored {
		if i.Entry.Statement.Type == statement.TypeOfficeKey || i.Entry.Statement.Type == statement.TypeKeyRevoked {
			t.Errorf("an act of the authority was ignored: %s", i.Reason)
		}
	}
}

func first(h statement.Header, _ statement.Body) statement.Header { return h }
func second(_ statement.Header, b statement.Body) statement.Body  { return b }

func TestOfficersApproveAndTheDirectoryAgrees(t *testing.T) {
	g := newRegistry(t)
	card, officer := g.key("officer-1", Officer)
	a := bangui(start)
	a.Name, a.Types = "", nil
	h, body, err := OfficeKeyStatement(g.act(start), card, a)
	if err != nil {
		t.Fatal(err)
	}
	g.log(g.authority, h, body)
	other, stranger := g.key("officer-2", Officer)
	h, body, err = OfficeKeyStatement(g.act(start), other, a)
	if err != nil {
		t.Fatal(err)
	}
	g.log(g.authority, h, body)
	k, err := g.directory().Officer(officer.ID(), "CF/bangui", start.Unix(), nil)
	if err != nil {
		t.Fatal(err)
	}
	w := verifytest.New()
	draft := w.Offices["CF/bangui"].Draft("AE", verifytest.Start)
	draft.Header.Type = statement.TypeCertificate
	digest, err := statement.ApprovalDigest(draft.Header, &draft.Body)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Approve(t.Context(), officer, digest)
	if err != nil {
		t.Fatal(err)
	}
	if !k.Approves(b, digest) {
		t.Error("the directory refuses the approval")
	}
	if k.Approves(b, canonical.Sum(digest[:])) {
		t.Error("the approval goes for another certificate")
	}
	if b, err = Approve(t.Context(), stranger, digest); err != nil || k.Approves(b, digest) {
		t.Errorf("another officer's approval goes for this one's (%v)", err)
	}
	_, err = Approve(t.Context(), officer, canonical.Hash{})
	wantFault(t, err, "unsignable")
	_, err = Approve(t.Context(), g.authority, digest)
	wantFault(t, err, "purpose_forbids")
}

func TestAppointmentsThatAreRefused(t *testing.T) {
	ring, demo := newRing(t, word(testPhrase)), newRing(t, Demonstration())
	office := mustNew(t, ring, Spec{Name: "office", Purpose: Office, Created: start})
	officer := mustNew(t, ring, Spec{Name: "officer", Purpose: Officer, Created: start})
	log := mustNew(t, ring, Spec{Name: "log", Purpose: Log, Label: origin, Created: start})
	toy := mustNew(t, demo, Spec{Name: "toy", Purpose: Office, Created: start})
	message := mustNew(t, ring, Spec{Name: "message", Purpose: Message, Created: start})
	act := Act{Issuer: "CF/authority", At: start}
	tests := []struct {
		name string
		card *Card
		bend func(*Act, *Appointment)
		want string // "" for accepted
	}{
		{"an office", office, func(_ *Act, a *Appointment) { a.Age = message.Recipient }, ""},
		{"a SYNTHETIC office", toy, func(act *Act, _ *Appointment) { act.Synthetic = true }, ""},
		{"a log's key", log, func(*Act, *Appointment) {}, "other_purpose"},
		{"a message key", message, func(*Act, *Appointment) {}, "other_purpose"},
		{"a SYNTHETIC key in earnest", toy, func(*Act, *Appointment) {}, "synthetic_only"},
		{"another's office", office, func(_ *Act, a *Appointment) { a.Office = "AE/dubai" }, "other_participant"},
		{"from the day before", office, func(_ *Act, a *Appointment) { a.From = start.Add(-time.Second) }, "backdated"},
		{"no age recipient", office, func(_ *Act, a *Appointment) { a.Age = "age1qqqq" }, "recipient_form"},
		{"ends before it begins", office, func(_ *Act, a *Appointment) { a.Until = a.From }, "statement"},
		{"may sign nothing", office, func(_ *Act, a *Appointment) { a.Types = nil }, "statement"},
		{"one type twice", office, func(_ *Act, a *Appointment) { a.Types = []statement.Type{7, 7} }, "statement"},
		{"an officer who signs", officer, func(_ *Act, a *Appointment) { a.Name = "" }, "statement"},
		{"no office", office, func(_ *Act, a *Appointment) { a.Office = "CF/" }, "statement"},
		{"no issuer", office, func(act *Act, _ *Appointment) { act.Issuer = "CF" }, "statement"},
		{"no time", office, func(act *Act, _ *Appointment) { act.At = time.Time{} }, "statement"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			act, a := act, bangui(start)
			tt.bend(&act, &a)
			h, body, err := OfficeKeyStatement(act, tt.card, a)
			if tt.want != "" {
				wantFault(t, err, tt.want)
				if body != nil {
					t.Error("a body came with the fault")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if h.Subject != KeySubject(tt.card.KeyID()) || h.Synthetic != act.Synthetic || !strings.HasPrefix(body.Office, "CF/") {
				t.Errorf("header %+v", h)
			}
		})
	}
}

func TestRotationsThatAreRefused(t *testing.T) {
	r := newRing(t, word(testPhrase))
	old := mustNew(t, r, Spec{Name: "old", Purpose: Office, Created: start})
	next := mustNew(t, r, Spec{Name: "next", Purpose: Office, Created: start})
	officer := mustNew(t, r, Spec{Name: "officer", Purpose: Officer, Created: start})
	act := Act{Issuer: "CF/authority", At: start}
	_, body, err := OfficeKeyStatement(act, old, bangui(start))
	if err != nil {
		t.Fatal(err)
	}
	end := time.Unix(body.Until, 0).UTC()
	tests := []struct {
		name        string
		card        *Card
		from, until time.Time
		want        string
	}{
		{"without a gap", next, end, end.AddDate(1, 0, 0), ""},
		{"a second without a key", next, end.Add(time.Second), end.AddDate(1, 0, 0), "rotation_gap"},
		{"ends with the old one", next, start, end, "rotation_gap"},
		{"the same key", old, end, end.AddDate(1, 0, 0), "rotation_same"},
		{"an officer's key", officer, end, end.AddDate(1, 0, 0), "other_purpose"},
		{"backdated", next, start.Add(-time.Hour), end.AddDate(1, 0, 0), "backdated"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, got, err := Rotate(act, body, tt.card, tt.from, tt.until)
			if tt.want != "" {
				wantFault(t, err, tt.want)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := *body
			want.Key, want.From, want.Until = tt.card.Key, tt.from.Unix(), tt.until.Unix()
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, tt := range []struct {
		name, reason string
		cut          []statement.Vector
	}{
		{"no reason", "", []statement.Vector{{Origin: origin, Root: canonical.Hash{1}}}},
		{"no cut-off", "stolen", nil},
		{"one log twice", "stolen", []statement.Vector{{Origin: origin, Root: canonical.Hash{1}}, {Origin: origin, Root: canonical.Hash{1}}}},
	} {
		_, _, err := Revoke(act, old.KeyID(), tt.reason, tt.cut)
		if wantFault(t, err, "statement"); t.Failed() {
			t.Error(tt.name)
		}
	}
	if _, err := Approve(context.Background(), newTestSigner(t, Office, edKey(t)), canonical.Hash{1}); err == nil {
		t.Error("an office's key approves")
	}
}
