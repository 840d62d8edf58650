package people

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol/webauthncose"

	"adamas.example/internal/access"
	"adamas.example/internal/party/people/trail"
	"adamas.example/verify/statement"
)

// keyHolder brings an officer in by passkey alone.
func (o *office) keyHolder(t *testing.T, chief *typist, login string, d *device) Entry {
	t.Helper()
	token := must(o.Invite(t.Context(), o.visit(t, chief), officer(login, at(access.Validator, bangui))))(t)
	answer := d.register(t, must(o.StartPasskey(t.Context(), home, token))(t))
	return must(o.Accept(t.Context(), home, token, Factors{Passkey: answer, Name: "key on the ring"}))(t)
}

func TestPasskeys(t *testing.T) {
	engines(t, Limits{PasskeysOf: 2}, func(t *testing.T, o *office) {
		ctx, chief := t.Context(), o.founder(t)
		d := newDevice(t, false)
		entry := o.keyHolder(t, chief, "val", d)
		if p := entry.Visit.Person; p.Passkeys != 1 || p.Password || p.Code || len(entry.Codes) != 0 {
			t.Errorf("%+v", p)
		}
		in := func(d *device, want string) Visit {
			t.Helper()
			e, err := o.PasskeySignIn(ctx, home, d.assert(t, must(o.StartPasskeySignIn(ctx, home))(t)))
			wants(t, err, want)
			return e.Visit
		}
		v := in(d, "")
		if v.Session.Way != ByPasskey || v.Person.Login != "val" || v.Session.Browser != "Firefox, Linux" {
			t.Errorf("%+v", v)
		}
		// What is wrong with an answer.
		d.noUser = true
		in(d, "people.passkey_refused")
		d.noUser, d.origin = false, "https://register.example.evil.example"
		in(d, "people.passkey_refused")
		d.origin, d.foreign = origin, true
		in(d, "people.passkey_unknown")
		d.foreign = false
		in(newDevice(t, false), "people.passkey_refused") // a blank handle
		c := must(o.StartPasskeySignIn(ctx, home))(t)
		answer := d.assert(t, c)
		must(o.PasskeySignIn(ctx, home, answer))(t)
		_, err := o.PasskeySignIn(ctx, home, answer)
		wants(t, err, "people.ceremony_over")
		c = must(o.StartPasskeySignIn(ctx, home))(t)
		o.later(5 * time.Minute)
		_, err = o.PasskeySignIn(ctx, home, d.assert(t, c))
		wants(t, err, "people.ceremony_over")

		// A second one, of the other algorithm.
		v = in(d, "")
		wants(t, o.RemovePasskey(ctx, v, b64(d.id)), "people.last_factor")
		second := newDevice(t, true)
		second.counts = false // as keys do that are synchronized
		add := func(d *device, want string) {
			t.Helper()
			wants(t, o.AddPasskey(ctx, v, "second", d.register(t, must(o.StartOwnPasskey(ctx, v))(t))), want)
		}
		add(second, "")
		add(newDevice(t, false), "people.passkeys_many")
		in(second, "")
		in(second, "")
		all := must(o.Passkeys(ctx, v))(t)
		if len(all) != 2 || all[0].Key.ID() != d.key(t).ID() || all[1].Key.Alg != statement.EdDSA || all[0].Used.IsZero() {
			t.Errorf("%+v", all)
		}
		wants(t, o.RenamePasskey(ctx, v, b64(second.id), "phone"), "")
		wants(t, o.RemovePasskey(ctx, v, b64(d.id)), "")
		in(d, "people.passkey_unknown")
		wants(t, o.RemovePasskey(ctx, v, b64(second.id)), "people.last_factor")
		wants(t, o.RemovePasskey(ctx, o.visit(t, chief), b64(second.id)), "people.passkey_unknown")
	})
}

// TestACopyOfAPasskey: once two devices have counted apart, neither is believed.
func TestACopyOfAPasskey(t *testing.T) {
	engines(t, Limits{}, func(t *testing.T, o *office) {
		ctx, chief := t.Context(), o.founder(t)
		d := newDevice(t, false)
		entry := o.keyHolder(t, chief, "val", d)
		copied := *d
		in := func(d *device, want string) {
			t.Helper()
			_, err := o.PasskeySignIn(ctx, home, d.assert(t, must(o.StartPasskeySignIn(ctx, home))(t)))
			wants(t, err, want)
		}
		in(&copied, "")
		in(d, "people.passkey_copied")
		in(&copied, "people.passkey_copied")
		d.count += 10
		in(d, "people.passkey_copied")
		if all := must(o.Passkeys(ctx, entry.Visit))(t); len(all) != 1 || all[0].Halted.IsZero() {
			t.Errorf("%+v", all)
		}
		page := must(o.Trail(ctx, o.visit(t, chief), TrailWanted{Person: entry.Visit.Person.ID}))(t)
		if n := page.Rows[0]; n.Act != trail.PasskeyCopied || n.Args["passkey"] != "key on the ring" || n.Args["credential"] != b64(d.id) {
			t.Errorf("%+v", n)
		}
	})
}

// registered: the trail tells whose the passkey was when it assented, by which key, and
// what it assented to.
func (o *office) registered(t *testing.T, v Visit, a *Assertion) {
	t.Helper()
	key := sha256.Sum256(mustCBOR(t, a.Key))
	want := map[string]string{"credential": base64.RawURLEncoding.EncodeToString(a.Credential), "public_key": hex.EncodeToString(key[:])}
	page := must(o.Trail(t.Context(), v, TrailWanted{Person: v.Person.ID}))(t)
	registered, proved := false, false
	for _, row := range page.Rows {
		switch row.Act {
		case trail.Accepted, trail.PasskeyAdded:
			registered = registered || row.Args["credential"] == want["credential"] && row.Args["public_key"] == want["public_key"]
		case trail.Proved:
			proved = proved || row.Args["purpose"] == a.Purpose && row.Args["record"] == a.Record && row.At.Equal(a.At)
		}
	}
	if !registered || !proved {
		t.Errorf("registered %v, proved %v: %+v", registered, proved, page.Rows)
	}
}

// TestConfirm: the assertion is over the caller's digest, can be checked by anybody
// who has it, and is kept.
func TestConfirm(t *testing.T) {
	for name, edDSA := range map[string]bool{"ES256": false, "EdDSA": true} {
		t.Run(name, func(t *testing.T) {
			engines(t, Limits{}, func(t *testing.T, o *office) {
				ctx, chief := t.Context(), o.founder(t)
				d := newDevice(t, edDSA)
				v := o.keyHolder(t, chief, "val", d).Visit
				digest := sha256.Sum256([]byte("what will be signed"))
				o.later(10 * time.Minute)
				wants(t, o.Fresh(v), "people.prove_again")
				const purpose = "certificate.approve"
				start := func() Answer {
					t.Helper()
					return d.assert(t, must(o.StartConfirm(ctx, v, purpose, digest))(t))
				}
				_, err := o.Confirm(ctx, v, Wanted{Purpose: "certificate.revoke", Digest: digest}, start())
				wants(t, err, "people.ceremony_over")
				_, err = o.Confirm(ctx, v, Wanted{Purpose: purpose, Digest: sha256.Sum256(nil)}, start())
				wants(t, err, "people.ceremony_over")
				other := o.visit(t, chief)
				_, err = o.Confirm(ctx, other, Wanted{Purpose: purpose, Digest: digest}, start())
				wants(t, err, "people.ceremony_over")
				_, err = o.StartConfirm(ctx, other, purpose, digest)
				wants(t, err, "people.passkey_unknown")

				wanted := Wanted{Purpose: purpose, Record: "CF-bangui-2026-000001", Digest: digest, Text: []byte("what will be signed")}
				if _, err := o.Confirm(ctx, v, Wanted{Purpose: purpose, Digest: digest, Text: []byte("something else")}, start()); err == nil {
					t.Error("kept with a text that it is not over")
				}
				a := must(o.Confirm(ctx, v, wanted, start()))(t)
				h := sha256.Sum256(a.ClientDataJSON)
				public, err := webauthncose.ParsePublicKey(mustCBOR(t, a.Key))
				if err != nil {
					t.Fatal(err)
				}
				if ok, err := webauthncose.VerifySignature(public, append(append([]byte{}, a.AuthenticatorData...), h[:]...), a.Signature); err != nil || !ok {
					t.Error("the kept assertion does not verify", err)
				}
				kept := must(o.Assertions(ctx, digest))(t)
				if len(kept) != 1 || kept[0].ID != a.ID || string(kept[0].Signature) != string(a.Signature) || kept[0].Key.ID() != d.key(t).ID() || kept[0].Purpose != purpose ||
					kept[0].Record != wanted.Record || string(kept[0].Text) != string(wanted.Text) {
					t.Errorf("%+v", kept)
				}
				v, err = o.visitOf(t, v)
				wants(t, err, "")
				wants(t, o.Fresh(v), "")
				o.registered(t, v, a)

				// A kept assertion handed in again proves nothing, where nothing is counted.
				d.counts = false
				quiet := newDevice(t, true)
				quiet.counts = false
				w := o.keyHolder(t, chief, "quiet", quiet).Visit
				digest = sha256.Sum256([]byte("another"))
				once := quiet.assert(t, must(o.StartConfirm(ctx, w, purpose, digest))(t))
				must(o.Confirm(ctx, w, Wanted{Purpose: purpose, Digest: digest}, once))(t)
				c := must(o.StartConfirm(ctx, w, purpose, digest))(t)
				_, err = o.Confirm(ctx, w, Wanted{Purpose: purpose, Digest: digest}, Answer{c.ID, once.Response})
				wants(t, err, "people.assertion_again")
				// A proof of identity has a challenge of its own each time.
				for range 2 {
					must(o.Proof(ctx, w, quiet.assert(t, must(o.StartProof(ctx, w))(t))))(t)
				}
			})
		})
	}
}

// TestAssentPlainly: who does without a passkey has proved who he is, and leaves in the trail
// what he assented to, as a kept assertion does; who has not proved it leaves nothing.
func TestAssentPlainly(t *testing.T) {
	engines(t, Limits{}, func(t *testing.T, o *office) {
		ctx, chief := t.Context(), o.founder(t)
		val := o.officer(t, chief, "val", at(access.Validator, bangui))
		v := o.visit(t, val)
		w := Wanted{Purpose: "certificate.cancel", Record: "CF-bangui-2026-000001"}
		wants(t, o.AssentPlainly(ctx, v, w), "")
		o.later(DefaultLimits().FreshFor)
		wants(t, o.AssentPlainly(ctx, v, w), "people.prove_again")
		wants(t, o.SignOut(ctx, v), "")
		wants(t, o.AssentPlainly(ctx, v, w), "people.session_over")
		assented := 0
		for _, r := range must(o.Trail(ctx, o.visit(t, chief), TrailWanted{Person: v.Person.ID}))(t).Rows {
			if r.Act != trail.Assented {
				continue
			}
			if assented++; r.Who != v.Person.ID || r.About != r.Who || len(r.Args) != 3 || r.Args["way"] != "plain" || r.Args["purpose"] != w.Purpose || r.Args["record"] != w.Record {
				t.Errorf("%+v", r)
			}
		}
		if assented != 1 {
			t.Errorf("%d rows", assented)
		}
	})
}
