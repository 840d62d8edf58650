package people

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/people/proof"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
)

const (
	bangui    ident.OfficeID = "CF/bangui"
	berberati ident.OfficeID = "CF/berberati"
	password                 = "elf tiger im nacht"
)

var home = From{Address: "192.0.2.7", Agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}

// office is a Service with a clock that the test moves.
type office struct {
	*Service
	store *store.Store
	clock time.Time
}

func (o *office) later(d time.Duration) { o.clock = o.clock.Add(d) }

func engines(t *testing.T, l Limits, test func(t *testing.T, o *office)) {
	for name, config := range map[string]func(t *testing.T) store.Config{
		"SQLite":     func(t *testing.T) store.Config { return store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")} },
		"PostgreSQL": func(t *testing.T) store.Config { return store.Config{DSN: pgtest.Start(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			o := &office{clock: time.Date(2026, 11, 29, 6, 0, 0, 0, time.UTC)}
			var err error
			if o.store, err = store.Open(t.Context(), config(t)); err != nil {
				t.Fatal(err)
			}
			defer o.store.Close()
			if err := o.store.Migrate(t.Context(), o.clock, []store.Schema{stated.Schema()}); err != nil {
				t.Fatal(err)
			}
			if l.PerMinute == 0 {
				l.PerMinute, l.Burst = 1e9, 1e9
			}
			o.Service, err = newAt(Config{Store: o.store, Now: func() time.Time { return o.clock }, Entropy: rand.Reader, Office: bangui,
				Key: make([]byte, 32), RPID: rpid, Origins: []string{origin}, Limits: l}, proof.Cost{Memory: 8, Time: 1, Lanes: 1})
			if err != nil {
				t.Fatal(err)
			}
			test(t, o)
			if broken, _, err := o.CheckTrail(t.Context()); err != nil || broken != 0 {
				t.Errorf("the trail is broken at %d: %v", broken, err)
			}
		})
	}
}

func wants(t *testing.T, err error, key string) {
	t.Helper()
	if key == "" && err != nil || key != "" && !fault.Is(err, key) {
		t.Errorf("%v, want %q", err, key)
	}
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// typist is somebody with a password and an app.
type typist struct {
	entry  Entry
	login  string
	secret []byte
}

func (o *office) code(p *typist) string { return proof.CodeAt(p.secret, o.clock) }

// accept uses a link by password and app.
func (o *office) accept(t *testing.T, token, login string) *typist {
	t.Helper()
	set := must(o.StartCode(t.Context(), home, token))(t)
	again := must(o.StartCode(t.Context(), home, token))(t)
	if set != again || !strings.HasPrefix(set.URI, "otpauth://totp/CF") {
		t.Errorf("%+v, then %+v", set, again)
	}
	p := &typist{login: login, secret: must(base32.StdEncoding.DecodeString(set.Secret))(t)}
	p.entry = must(o.Accept(t.Context(), home, token, Factors{Password: password, Code: o.code(p)}))(t)
	if len(p.entry.Codes) != proof.RecoveryCodes {
		t.Error(p.entry.Codes)
	}
	return p
}

func (o *office) founder(t *testing.T) *typist {
	t.Helper()
	secret := must(o.OpenSetUp(t.Context()))(t)
	token := must(o.Found(t.Context(), home, secret, Proposal{Login: "Chief", Name: "Anaïs Ngama", Language: lang.French}))(t)
	return o.accept(t, token, "chief")
}

// visit signs a typist in again, with a code that has not been used.
func (o *office) visit(t *testing.T, p *typist) Visit {
	t.Helper()
	o.later(30 * time.Second)
	return must(o.SignIn(t.Context(), home, Typed{p.login, password, o.code(p)}))(t).Visit
}

func at(r access.Role, o ident.OfficeID) access.Grant { return access.Grant{Role: r, Office: o} }

func officer(login string, grants ...access.Grant) Proposal {
	return Proposal{Login: login, Name: "Officer of the test", Language: lang.English, Grants: grants}
}

func trader(login string) Proposal {
	return Proposal{Login: login, Name: "Trader of the test", Language: lang.Portuguese, Company: Company{Holder: "Diamants SA", Licence: "L-17"}, Grants: []access.Grant{at(access.Exporter, bangui)}}
}

func (o *office) officer(t *testing.T, chief *typist, login string, grants ...access.Grant) *typist {
	t.Helper()
	token := must(o.Invite(t.Context(), o.visit(t, chief), officer(login, grants...)))(t)
	return o.accept(t, token, login)
}

func TestWords(t *testing.T) {
	found, err := lang.Compare(Text())
	if err != nil || len(found) > 0 {
		t.Errorf("%v %v", found, err)
	}
	c, err := lang.Load(Text())
	if err != nil {
		t.Fatal(err)
	}
	keys := append(trail.All().TextKeys(), States{Invited, Active, Suspended, Ended}.TextKeys()...)
	for _, key := range append(keys, Ways{ByPassword, ByCode, ByRecovery, ByPasskey, ByLink, Plainly}.TextKeys()...) {
		if !c.Printer(lang.English).Has(key) {
			t.Errorf("%s has no words", key)
		}
	}
}

// TestTheFirst: one secret, one founder, and nobody after somebody has come in.
func TestTheFirst(t *testing.T) {
	engines(t, Limits{}, func(t *testing.T, o *office) {
		ctx, p := t.Context(), Proposal{Login: "chief", Name: "Anaïs Ngama", Language: lang.French}
		_, err := o.Found(ctx, home, "", p)
		wants(t, err, "people.set_up_refused")
		old := must(o.OpenSetUp(ctx))(t)
		secret := must(o.OpenSetUp(ctx))(t)
		_, err = o.Found(ctx, home, old, p)
		wants(t, err, "people.set_up_refused")
		_, err = o.Found(ctx, home, secret, Proposal{Login: "x"})
		wants(t, err, "people.login")
		wants(t, err, "people.name")
		first := must(o.Found(ctx, home, secret, p))(t)
		_, err = o.Found(ctx, home, secret, p)
		wants(t, err, "people.set_up_refused")
		// The link was lost: whoever stands at the server begins again.
		second := must(o.Found(ctx, home, must(o.OpenSetUp(ctx))(t), p))(t)
		_, err = o.Link(ctx, home, first)
		wants(t, err, "people.link_over")
		waiting := must(o.OpenSetUp(ctx))(t)
		chief := o.accept(t, second, "chief")
		if p := chief.entry.Visit.Person; !p.Holds(access.Administrator) || p.State != Active || !p.Password || !p.Code {
			t.Errorf("%+v", p)
		}
		_, err = o.Found(ctx, home, waiting, officer("thief"))
		wants(t, err, "people.founded")
		_, err = o.OpenSetUp(ctx)
		wants(t, err, "people.founded")
	})
}

// TestWhoMayGiveWhat goes through what an administrator of one office proposes.
func TestWhoMayGiveWhat(t *testing.T) {
	engines(t, Limits{}, func(t *testing.T, o *office) {
		chief := o.founder(t)
		v := o.visit(t, chief)
		company := func(p Proposal, c Company) Proposal { p.Company = c; return p }
		for name, tt := range map[string]struct {
			p    Proposal
			want string
		}{
			"officer":             {officer("a1", at(access.Validator, bangui)), ""},
			"administrator":       {officer("a2", at(access.Administrator, bangui)), ""},
			"exporter":            {trader("a3"), ""},
			"another office":      {officer("b1", at(access.Validator, berberati)), "people.not_your_office"},
			"one of two":          {officer("b2", at(access.Sealer, bangui), at(access.Sealer, berberati)), "people.not_your_office"},
			"the Participant":     {officer("b3", access.Grant{Role: access.Administrator, Participant: "CF"}), "people.not_your_office"},
			"everywhere":          {officer("b4", access.Grant{Role: access.Monitor}), "people.given_at_server"},
			"no such grant":       {officer("b5", access.Grant{Role: access.Validator}), "access.grant_reach"},
			"none":                {officer("b6"), "people.no_role"},
			"administrator seals": {officer("b7", at(access.Administrator, bangui), at(access.Sealer, bangui)), "people.administrator_in_trade"},
			"exporter validates":  {company(officer("b8", at(access.Exporter, bangui), at(access.Validator, bangui)), Company{Holder: "X", Licence: "1"}), "people.exporter_and_officer"},
			"no company":          {officer("b9", at(access.Exporter, bangui)), "people.company_missing"},
			"company of officer":  {company(officer("c1", at(access.Validator, bangui)), Company{Holder: "X", Licence: "1"}), "people.company_of_officer"},
			"taken":               {officer("CHIEF", at(access.Validator, bangui)), "people.login_taken"},
			"login":               {officer("a ngama", at(access.Validator, bangui)), "people.login"},
			"look-alike":          {officer("сhief", at(access.Validator, bangui)), "people.login"},
		} {
			t.Run(name, func(t *testing.T) {
				_, err := o.Invite(t.Context(), v, tt.p)
				wants(t, err, tt.want)
			})
		}
		if all := must(o.People(t.Context(), v))(t); len(all) != 4 {
			t.Errorf("%d people", len(all))
		}
		o.later(5 * time.Minute)
		_, err := o.Invite(t.Context(), v, trader("late"))
		wants(t, err, "people.prove_again")
	})
}

// TestLinks serve once, until they are withdrawn, replaced, or over.
func TestLinks(t *testing.T) {
	engines(t, Limits{InvitationDays: 2}, func(t *testing.T, o *office) {
		ctx, chief := t.Context(), o.founder(t)
		v := o.visit(t, chief)
		invite := func(login string) (string, Person) {
			token := must(o.Invite(ctx, v, officer(login, at(access.Validator, bangui))))(t)
			return token, must(o.Link(ctx, home, token))(t).Person
		}
		withdrawn, p := invite("one")
		wants(t, o.Withdraw(ctx, v, p.ID), "")
		_, err := o.Link(ctx, home, withdrawn)
		wants(t, err, "people.link_over")
		replaced, p := invite("one") // the login is free again
		token := must(o.InviteAgain(ctx, v, p.ID))(t)
		_, err = o.Link(ctx, home, replaced)
		wants(t, err, "people.link_over")

		for name, tt := range map[string]struct {
			f    Factors
			want string
		}{
			"nothing":       {Factors{}, "people.factor_needed"},
			"password only": {Factors{Password: password}, "people.code_needed"},
			"code only":     {Factors{Code: "123456", Passkey: Answer{"x", []byte("{}")}, Name: "n"}, "people.password_needed"},
			"short":         {Factors{Password: "short"}, "people.password_short"},
			"not begun":     {Factors{Password: password, Code: "123456"}, "people.code_not_begun"},
			"no passkey":    {Factors{Passkey: Answer{"x", []byte("{}")}, Name: "n"}, "people.ceremony_over"},
		} {
			_, err := o.Accept(ctx, home, token, tt.f)
			if !fault.Is(err, tt.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		one := o.accept(t, token, "one")
		_, err = o.Accept(ctx, home, token, Factors{Password: password, Code: o.code(one)})
		wants(t, err, "people.link_over")
		v = o.visit(t, chief)
		wants(t, o.Withdraw(ctx, v, one.entry.Visit.Person.ID), "people.not_waiting")
		late, _ := invite("two")
		o.later(48 * time.Hour)
		_, err = o.StartCode(ctx, home, late)
		wants(t, err, "people.link_over")
		if all := must(o.Invitations(ctx, o.visit(t, chief)))(t); len(all) != 1 || all[0].Person.Login != "two" {
			t.Errorf("%+v", all)
		}
	})
}

// TestSignInByPassword: every way it fails looks the same; a code serves once.
func TestSignInByPassword(t *testing.T) {
	engines(t, Limits{Failures: 1000}, func(t *testing.T, o *office) {
		ctx, chief := t.Context(), o.founder(t)
		val := o.officer(t, chief, "val", at(access.Validator, bangui))
		token := must(o.Invite(ctx, o.visit(t, chief), trader("dealer")))(t)
		must(o.Accept(ctx, home, token, Factors{Password: password}))(t) // a password is enough for a company
		o.later(time.Minute)
		in := func(login, pw, code, want string) {
			t.Helper()
			_, err := o.SignIn(ctx, home, Typed{login, pw, code})
			wants(t, err, want)
		}
		const no = "people.sign_in_refused"
		in("dealer", password, "", "")
		in("dealer", password+".", "", no)
		in("nobody", password, "", no)
		in("", "", "", no)
		in("val", password, "", no)
		in("val", password, "000000x", no)
		in("val", "wrong password here", o.code(val), no)
		in(" VAL ", password, o.code(val), "")
		in("val", password, o.code(val), no) // again
		printed := val.entry.Codes[3]
		in("val", password, printed, "")
		in("val", password, printed, no)
		in("chief", password, val.entry.Codes[4], no)
		if n := must(o.CodesLeft(ctx, val.entry.Visit))(t); n != proof.RecoveryCodes-1 {
			t.Error(n, "codes left")
		}
		fresh := o.visit(t, val)
		codes := must(o.PrintCodes(ctx, fresh))(t)
		in("val", password, val.entry.Codes[5], no)
		in("val", password, codes[5], "")

		// A dearer cost makes the stored text anew at the next sign-in.
		dearer, err := proof.NewHasher(proof.Cost{Memory: 16, Time: 1, Lanes: 1}, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		o.hasher = dearer
		in("dealer", password, "", "")
		var stored string
		if err := o.store.Read(ctx, o.clock, func(tx *store.Tx) error {
			return tx.QueryRow(`SELECT password FROM party_person WHERE login = 'dealer'`).Scan(&stored)
		}); err != nil || !strings.Contains(stored, "m=16") {
			t.Error(stored, err)
		}
		in("dealer", password, "", "")
	})
}

// TestNoSecretIsStored looks for what was typed in every table.
func TestNoSecretIsStored(t *testing.T) {
	engines(t, Limits{}, func(t *testing.T, o *office) {
		ctx, chief := t.Context(), o.founder(t)
		link := must(o.Invite(ctx, o.visit(t, chief), trader("dealer")))(t)
		o.SignIn(ctx, home, Typed{"my own password", "typed in the wrong field", ""})
		secrets := append([]string{password, "typed in the wrong", "my own password", link, chief.entry.Token, string(chief.secret), proof.Base32(chief.secret)}, chief.entry.Codes...)
		for table, columns := range map[string]string{"party_person": "login || name || grants || password || CAST(code_secret AS TEXT)", "party_trail": "who || act || about || args",
			"party_session": "id || browser || CAST(token AS TEXT)", "party_invitation": "id || CAST(token AS TEXT)", "party_code": "CAST(hash AS TEXT)", "party_attempt": "CAST(login AS TEXT)"} {
			rows := dump(t, ctx, o, `SELECT `+columns+` FROM `+table)
			if len(rows) == 0 {
				t.Errorf("%s is empty", table)
			}
			for _, s := range secrets {
				if strings.Contains(strings.Join(rows, "\n"), s) {
					t.Errorf("%s holds %q", table, s)
				}
			}
		}
	})
}

func dump(t *testing.T, ctx context.Context, o *office, query string) (rows []string) {
	t.Helper()
	err := o.store.Read(ctx, o.clock, func(tx *store.Tx) (err error) {
		rows, err = store.Collect(tx, func(scan store.Scan) (string, error) {
			var s *string
			if err := scan(&s); err != nil || s == nil {
				return "", err
			}
			return *s, nil
		}, query)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
