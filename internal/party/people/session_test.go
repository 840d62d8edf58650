package people

import (
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"adamas.example/internal/access"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/store"
	"adamas.example/verify/statement"
)

func mustCBOR(t *testing.T, k statement.Key) []byte {
	t.Helper()
	b, err := cbor.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// visitOf reads a session again without its token.
func (o *office) visitOf(t *testing.T, v Visit) (Visit, error) {
	t.Helper()
	err := o.store.Read(t.Context(), o.clock, func(tx *store.Tx) error {
		session, r, err := o.standing(tx, `s.id = $1`, v.Session.ID)
		if err == nil {
			v.Session, v.Person = session, r.Person
		}
		return err
	})
	return v, err
}

func TestSessionsAreSeenAndEnded(t *testing.T) {
	engines(t, Limits{}, func(t *testing.T, o *office) {
		ctx, chief := t.Context(), o.founder(t)
		val := o.officer(t, chief, "val", at(access.Validator, bangui))
		one, two := o.visit(t, val), o.visit(t, val)
		if all := must(o.Sessions(ctx, two))(t); len(all) != 3 || all[0].ID != two.Session.ID || all[0].Browser != "Firefox, Linux" || all[0].Address != "192.0.2.7" {
			t.Errorf("%+v", all)
		}
		boss := o.visit(t, chief)
		wants(t, o.EndSession(ctx, two, boss.Session.ID), "people.not_yours")
		wants(t, o.EndSession(ctx, two, one.Session.ID), "")
		wants(t, o.EndSession(ctx, two, one.Session.ID), "people.session_unknown")
		wants(t, o.SignOut(ctx, one), "people.session_over")
		three := o.visit(t, val)
		wants(t, o.EndOthers(ctx, three), "")
		_, err := o.Visit(ctx, home, val.entry.Token)
		wants(t, err, "people.session_over")
		if all := must(o.SessionsOf(ctx, boss, three.Person.ID))(t); len(all) != 1 {
			t.Errorf("%+v", all)
		}
		_, err = o.SessionsOf(ctx, three, boss.Person.ID)
		wants(t, err, "people.not_yours")
		wants(t, o.EndSession(ctx, boss, three.Session.ID), "")
		wants(t, o.ChooseLanguage(ctx, three, lang.French), "people.session_over")
		wants(t, o.SignOut(ctx, boss), "")
		_, err = o.Visit(ctx, home, "")
		wants(t, err, "people.session_over")
	})
}

// TestManaging: what an administrator does to others, and cannot do to himself.
func TestManaging(t *testing.T) {
	engines(t, Limits{}, func(t *testing.T, o *office) {
		ctx, chief := t.Context(), o.founder(t)
		val := o.officer(t, chief, "val", at(access.Validator, bangui))
		id := val.entry.Visit.Person.ID
		boss := o.visit(t, chief)
		wants(t, o.Suspend(ctx, boss, boss.Person.ID, "why"), "people.not_yourself")
		wants(t, o.Suspend(ctx, boss, id, " "), "people.reason_needed")
		wants(t, o.Resume(ctx, boss, id, "why"), "people.wrong_state")
		wants(t, o.Suspend(ctx, boss, id, "on leave"), "")
		_, err := o.Visit(ctx, home, val.entry.Token)
		wants(t, err, "people.session_over")
		o.later(time.Minute)
		_, err = o.SignIn(ctx, home, Typed{"val", password, o.code(val)})
		wants(t, err, "people.sign_in_refused")
		wants(t, o.Resume(ctx, boss, id, "back"), "")
		v := o.visit(t, val)
		wants(t, o.Suspend(ctx, v, boss.Person.ID, "why"), "people.not_yours")

		two := officer("", at(access.Validator, bangui), at(access.Importer, bangui))
		wants(t, o.Change(ctx, boss, id, two), "")
		if v, err = o.visitOf(t, v); err != nil || len(v.Actor().Grants) != 2 || v.Person.Login != "val" {
			t.Errorf("%+v %v", v, err)
		}
		two.Grants = append(two.Grants, at(access.Sealer, berberati))
		wants(t, o.Change(ctx, boss, id, two), "people.not_your_office")
		wants(t, o.Change(ctx, boss, boss.Person.ID, two), "people.not_yourself")
		wants(t, o.ChangeAtServer(ctx, "val", []access.Grant{{Role: access.Monitor}}, Company{}), "")
		wants(t, o.Change(ctx, boss, id, two), "people.not_yours") // a monitor is nobody's here
		wants(t, o.ChangeAtServer(ctx, "chief", []access.Grant{{Role: access.Monitor}}, Company{}), "people.last_administrator")
		wants(t, o.ChangeAtServer(ctx, "none", nil, Company{}), "people.unknown_login")
		wants(t, o.ChangeAtServer(ctx, "val", []access.Grant{at(access.Validator, bangui)}, Company{}), "")

		// One key, one person; and a trader does not become an officer by password.
		k := SigningKey{ID: statement.KeyID{1}, Kind: InRing}
		wants(t, o.SetKeys(ctx, boss, id, []SigningKey{k, {ID: statement.KeyID{2}, Kind: InPasskey}}), "")
		seal := o.officer(t, chief, "seal", at(access.Sealer, bangui)).entry.Visit.Person.ID
		boss = o.visit(t, chief)
		wants(t, o.SetKeys(ctx, boss, seal, []SigningKey{k}), "people.key_taken")
		wants(t, o.SetKeys(ctx, boss, seal, []SigningKey{{Kind: InRing}}), "people.key_kind")
		if p := must(o.OfKey(ctx, k))(t); p == nil || p.ID != id {
			t.Errorf("%+v", p)
		}
		dealer := must(o.Accept(ctx, home, must(o.Invite(ctx, boss, trader("dealer")))(t), Factors{Password: password}))(t).Visit
		wants(t, o.Change(ctx, boss, dealer.Person.ID, officer("", at(access.Validator, bangui))), "people.second_first")
		wants(t, o.End(ctx, boss, id, "left"), "")
		wants(t, o.Resume(ctx, boss, id, "why"), "people.wrong_state")

		// Who is no administrator sees what is about himself.
		page := must(o.Trail(ctx, dealer, TrailWanted{}))(t)
		for _, r := range page.Rows {
			if r.About != dealer.Person.ID {
				t.Errorf("%+v", r)
			}
		}
		if len(page.Rows) != 2 {
			t.Errorf("%+v", page.Rows)
		}
	})
}

// TestRecovery: two administrators, neither the person; then nothing old serves.
func TestRecovery(t *testing.T) {
	engines(t, Limits{}, func(t *testing.T, o *office) {
		ctx, chief := t.Context(), o.founder(t)
		vice := o.officer(t, chief, "vice", at(access.Administrator, bangui))
		third := o.officer(t, chief, "third", at(access.Administrator, bangui))
		val := o.officer(t, chief, "val", at(access.Validator, bangui))
		id := val.entry.Visit.Person.ID
		for _, login := range []string{"nobody", "val", "val", "!", "chief"} {
			wants(t, o.AskRecovery(ctx, home, login), "")
		}
		a, b := o.visit(t, chief), o.visit(t, vice)
		find := func(v Visit, of ident.RecordID) Recovery {
			t.Helper()
			for _, q := range must(o.Recoveries(ctx, v))(t) {
				if q.Person.ID == of {
					return q
				}
			}
			t.Fatal("no request")
			return Recovery{}
		}
		if n := len(must(o.Recoveries(ctx, a))(t)); n != 1 { // not his own
			t.Error(n)
		}
		_, err := o.ApproveRecovery(ctx, a, find(b, a.Person.ID).ID)
		wants(t, err, "people.not_yourself")
		q := find(a, id)
		approve := func(v Visit, want string) string {
			t.Helper()
			token, err := o.ApproveRecovery(ctx, v, q.ID)
			wants(t, err, want)
			return token
		}
		approve(o.visit(t, val), "people.not_yourself")
		c := o.visit(t, third)
		approve(c, "")
		approve(c, "people.approved_already")
		// The first is no administrator any more: his approval counts for nothing.
		wants(t, o.Suspend(ctx, a, c.Person.ID, "why"), "")
		if token := approve(a, ""); token != "" {
			t.Error("one administrator was enough")
		}
		approve(a, "people.approved_already")
		token := approve(b, "")
		approve(b, "people.recovery_unknown")
		old := o.visit(t, val) // serves until the link is used
		if l := must(o.Link(ctx, home, token))(t); l.Kind != ForRecovery || l.Person.ID != id {
			t.Errorf("%+v", l)
		}
		before := *val
		val = o.accept(t, token, "val")
		_, err = o.visitOf(t, old)
		wants(t, err, "people.session_over")
		o.later(time.Minute)
		for _, code := range []string{o.code(&before), before.entry.Codes[0]} {
			_, err = o.SignIn(ctx, home, Typed{"val", password, code})
			wants(t, err, "people.sign_in_refused")
		}
		o.visit(t, val)

		// Refused, and at the server.
		wants(t, o.AskRecovery(ctx, home, "val"), "")
		a = o.visit(t, chief)
		wants(t, o.RefuseRecovery(ctx, a, find(a, id).ID, "he came by phone"), "")
		_, err = o.RecoverAtServer(ctx, "val", "")
		wants(t, err, "people.reason_needed")
		o.accept(t, must(o.RecoverAtServer(ctx, "val", "the only administrator is away"))(t), "val")
		acts := make(map[trail.Act]int)
		for w := (TrailWanted{Person: id}); ; {
			page := must(o.Trail(ctx, a, w))(t)
			for _, r := range page.Rows {
				acts[r.Act]++
			}
			if w.Before = page.Next; w.Before == 0 {
				break
			}
		}
		if acts[trail.RecoveryAsked] != 2 || acts[trail.RecoveryApproved] != 2 || acts[trail.RecoveryGranted] != 1 || acts[trail.Recovered] != 2 || acts[trail.RecoveryRefused] != 1 || acts[trail.RecoveryAtServer] != 1 {
			t.Error(acts)
		}
	})
}

// TestAnAddressThatTriesTooOften is refused before anything is reckoned, and no
// other with it.
func TestAnAddressThatTriesTooOften(t *testing.T) {
	engines(t, Limits{PerMinute: 6, Burst: 3, Addresses: 4}, func(t *testing.T, o *office) {
		try := func(address, want string) {
			t.Helper()
			_, err := o.SignIn(t.Context(), From{Address: address}, Typed{"x", "y", ""})
			wants(t, err, want)
		}
		for range 3 {
			try("2001:db8::1", "people.sign_in_refused")
		}
		try("2001:db8::2", "people.too_fast") // the same household
		try("192.0.2.9", "people.sign_in_refused")
		try("::ffff:192.0.2.9", "people.sign_in_refused")
		try("192.0.2.9", "people.sign_in_refused")
		try("192.0.2.9", "people.too_fast")
		o.later(10 * time.Second)
		try("192.0.2.9", "people.sign_in_refused")
		try("192.0.2.9", "people.too_fast")
	})
}

// TestWhatStandsIsTold: what the authority was had say of a key stands in the register, and
// then in the trail, whatever became meanwhile of the proof of identity and of the session.
func TestWhatStandsIsTold(t *testing.T) {
	engines(t, Limits{}, func(t *testing.T, o *office) {
		ctx, chief := t.Context(), o.founder(t)
		val := o.officer(t, chief, "val", at(access.Validator, bangui)).entry.Visit.Person.ID
		v := o.visit(t, chief)
		o.later(DefaultLimits().FreshFor)
		wants(t, o.Fresh(v), "people.prove_again")
		wants(t, o.KeyStated(ctx, v, trail.KeyAppointed, val, "key", "0123456789abcdef"), "")
		wants(t, o.SignOut(ctx, v), "")
		wants(t, o.KeyStated(ctx, v, trail.KeyRevoked, val, "key", "0123456789abcdef"), "")
		page := must(o.Trail(ctx, o.visit(t, chief), TrailWanted{Person: val}))(t)
		for i, act := range []trail.Act{trail.KeyRevoked, trail.KeyAppointed} {
			if r := page.Rows[i]; r.Act != act || r.Who != v.Person.ID || r.Args["key"] != "0123456789abcdef" || r.Address != v.From.Where() {
				t.Errorf("%+v", r)
			}
		}
	})
}
