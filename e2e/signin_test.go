package e2e

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/worldtest/browser"
)

// totp is what an app for codes shows (RFC 6238 §4, RFC 4226 §5.3), reckoned here by other
// code than the office's.
func totp(tb testing.TB, secret string, at time.Time) string {
	tb.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	if err != nil {
		tb.Fatal(err)
	}
	mac := hmac.New(sha1.New, key)
	var step [8]byte
	binary.BigEndian.PutUint64(step[:], uint64(at.Unix()/30))
	mac.Write(step[:])
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[sum[len(sum)-1]&15:])&0x7fffffff)%1_000_000)
}

// doors is an office that is served, with people.
type doors struct {
	url string
	b   *browser.Browser
}

func openDoors(t *testing.T) *doors {
	t.Helper()
	s := serve(t, copied(t))
	return &doors{url: strings.Replace(s.url, "127.0.0.1", "localhost", 1), b: browser.Start(t)}
}

// looked looks at a page: axe, nothing sideways on a phone and on the smallest screen, a
// picture.
func looked(p *browser.Page, name string) {
	p.Helper()
	p.Accessible()
	p.Shot(name)
	p.Resize(browser.Phone)
	p.NoSideways()
	p.Resize(browser.Smallest)
	p.NoSideways()
	p.Resize(browser.Desk)
}

// submit clicks, and waits for a page that says a text.
func submit(p *browser.Page, button, text string) {
	p.Helper()
	p.Click(button)
	p.WaitText("body", text)
}

const goodPassword = "seven grey herons over Boda"

// comeIn comes in by a link with a password and the codes of an app; it gives the
// secret, and the printed codes.
func comeIn(p *browser.Page, link, name string) (secret string, printed []string) {
	p.Helper()
	p.Go(link + "?lang=en")
	p.WaitText("main", "you have been invited")
	looked(p, name+"-link")
	secret = p.Text("main p .secret")
	p.Type("[name=password]", goodPassword)
	submit(p, "main form:has([name=password]) .actions button", "There is something to mend")
	looked(p, name+"-link-wrong")
	p.Type("[name=password]", goodPassword)
	p.Type("[name=code]", totp(p, secret, time.Now()))
	submit(p, "main form:has([name=password]) .actions button", "Your printed codes")
	looked(p, name+"-codes")
	return secret, browser.Ask[[]string](p, `[...document.querySelectorAll("ol.printed li")].map((e) => e.innerText)`)
}

// known are the console's notes of refusals that a test provokes.
func known(p *browser.Page) *browser.Page {
	for _, status := range []string{"401", "403", "404", "409", "422", "429"} {
		p.Allow(status)
	}
	return p
}

// as enters the demonstration as one of its people, in a browser of his own.
func (d *doors) as(t *testing.T, name string) *browser.Page {
	t.Helper()
	p := known(browser.Start(t).Open(t, d.url+"/sign-in?lang=en", browser.Desk))
	p.WaitText("main", "Enter as")
	p.Click(fmt.Sprintf(`button[value="%s"]`, name))
	p.WaitText("main", "Signed in as SYNTHETIC")
	return p
}

// TestSignIn: an administrator invites an officer, who comes in with a password and the
// codes of an app, adds a passkey, and signs in by each of the ways; when he has lost
// everything, two administrators let him in again.
func TestSignIn(t *testing.T) {
	d := openDoors(t)
	admin := d.as(t, "admin-1")
	link := invite(t, d, admin, "b.kossi", "Bertrand Kossi", "validating_officer")

	p := known(d.b.Open(t, link, browser.Desk))
	p.Passkeys()
	secret, printed := comeIn(p, link, "officer")
	if len(printed) != 10 {
		t.Fatalf("%d printed codes", len(printed))
	}
	p.Click("main .actions a")
	p.WaitFor(`location.pathname === "/account/key"`) // an officer without a key makes it first
	p.Go(d.url + "/account?lang=en")
	p.WaitText("main", "Where the account is signed in")
	looked(p, "account")
	p.Type("[name=passkey]", "Telephone")
	submit(p, ".passkey button", "Saved.")
	p.WaitText("main", "Telephone")
	looked(p, "account-passkey")
	signOut(p)

	p.Go(d.url + "/account/codes?lang=en")
	p.WaitFor(`location.pathname === "/sign-in"`)
	looked(p, "signin")
	signIn(p, "b.kossi", goodPassword+"!", totp(t, secret, time.Now().Add(30*time.Second)), "There is something to mend")
	looked(p, "signin-wrong")
	signIn(p, "b.kossi", goodPassword, totp(t, secret, time.Now().Add(30*time.Second)), "Set up an app for codes") // back where he wanted to go
	looked(p, "app")
	signOut(p)
	p.Go(d.url + "/sign-in")
	signIn(p, "b.kossi", goodPassword, printed[3], "Bertrand Kossi")
	signOut(p)
	p.Go(d.url + "/sign-in")
	signIn(p, "b.kossi", goodPassword, printed[3], "There is something to mend") // each serves once
	submit(p, ".passkey button", "Bertrand Kossi")
	p.Go(d.url + "/account/prove?next=/account")
	looked(p, "prove")
	submit(p, ".passkey button", "Your identity is confirmed")
	p.Go(d.url + "/people")
	p.WaitText("main", "not the right")
	looked(p, "refused")
	signOut(p)

	d.letInAgain(t, p, admin)
}

// letInAgain plays a recovery to its end.
func (d *doors) letInAgain(t *testing.T, p, admin *browser.Page) {
	t.Helper()
	p.Go(d.url + "/lost?lang=en")
	looked(p, "lost")
	p.Type("[name=login]", "b.kossi")
	submit(p, "main form .actions button", "passed on")
	looked(p, "lost-done")
	admin.Go(d.url + "/people?lang=en")
	looked(admin, "people-recovery")
	submit(admin, `button[value="refuse"]`, "There is something to mend") // a reason is wanted
	looked(admin, "people-refuse")
	submit(admin, `button[value="approve"]`, "A second administrator")
	submit(admin, `button[value="approve"]`, "There is something to mend") // not twice the same
	second := d.as(t, "admin-2")
	second.Go(d.url + "/people")
	submit(second, `button[value="approve"]`, "Hand this link to Bertrand Kossi")
	again := second.Text("#link")
	p.Go(again + "?lang=en")
	p.WaitText("main", "your recovery was approved")
	looked(p, "recovery")
	p.Type("[name=passkey]", "New telephone")
	submit(p, ".passkey button", "Signed in as")
	p.Go(d.url + "/account?lang=en")
	p.WaitText("main", "Where the account is signed in")
	if said := p.Text("main"); strings.Contains(said, "Change the password") {
		t.Error("after a recovery the old password is still there")
	}
	p.Go(again)
	p.WaitText("main", "This link does not serve")
}

// TestPeoplePages: what administrators see, in three languages, and how a demonstration
// confirms who its people are.
func TestPeoplePages(t *testing.T) {
	d := openDoors(t)
	p := known(d.b.Open(t, d.url+"/sign-in?lang=fr", browser.Desk))
	looked(p, "signin-fr")
	p = d.as(t, "admin-1")
	for _, at := range []string{"/people", "/people/invite", "/people/roles", "/people/trail", "/account"} {
		for _, l := range []string{"fr", "pt", "en"} {
			p.Go(d.url + at + "?lang=" + l)
			looked(p, strings.ReplaceAll(at[1:], "/", "-")+"-"+l)
		}
	}
	p.Go(d.url + "/people")
	p.Click(`main tbody tr:nth-child(5) a.row`)
	p.WaitText("main", "SYNTHETIC Felix Fontaine")
	looked(p, "person")
	p.Go(d.url + "/account/prove?next=/people")
	looked(p, "prove-lent")
	submit(p, `form[action="/account/prove/as"] button`, "Your identity is confirmed")
	p.Scripts(false)
	p.Go(d.url + "/account")
	p.WaitText("main", "This browser cannot use passkeys here")
	p.Shot("account-no-script") // axe is a script
}

func signIn(p *browser.Page, login, password, code, text string) {
	p.Helper()
	p.Type("[name=login]", login)
	p.Type("[name=password]", password)
	p.Type("[name=code]", code)
	submit(p, "main form .actions button", text)
}

func signOut(p *browser.Page) {
	p.Helper()
	p.Go(strings.Join(strings.SplitN(browser.Ask[string](p, "location.href"), "/", 4)[:3], "/") + "/account")
	submit(p, `form[action="/sign-out"] button`, "Signed out")
}

func invite(t *testing.T, d *doors, p *browser.Page, login, name, role string) (link string) {
	t.Helper()
	p.Go(d.url + "/people/invite")
	p.Type("[name=name]", name)
	p.Type("[name=login]", "b. kossi")
	p.Click(`input[value="` + role + `"]`)
	submit(p, "main form .actions button", "There is something to mend")
	looked(p, "invite-wrong")
	p.Type("[name=login]", login)
	submit(p, "main form .actions button", "Hand this link to "+name)
	looked(p, "made")
	return p.Text("#link")
}
