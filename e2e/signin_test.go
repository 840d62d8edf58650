package e2e

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"path/filepath"
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
	url, dir string
	b        *browser.Browser
}

func openDoors(t *testing.T) *doors {
	t.Helper()
	dir := copied(t)
	s := serve(t, dir)
	return &doors{url: strings.Replace(s.url, "127.0.0.1", "localhost", 1), dir: filepath.Join(dir, "node-cf"), b: browser.Start(t)}
}

// link has a command of the server make a one-time link.
func (d *doors) link(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, code := run(t, nil, append(append([]string{program(t), "people"}, args...), "--dir", d.dir, "--json")...)
	var said struct{ Link string }
	if err := json.Unmarshal([]byte(out), &said); code != 0 || err != nil || !strings.HasPrefix(said.Link, d.url+"/come-in/") {
		t.Fatalf("exit %d, %v: %s%s", code, err, out, errs)
	}
	return said.Link
}

// looked looks at a page on a desk and on a phone: axe, nothing sideways, pictures.
func looked(p *browser.Page, name string) {
	p.Helper()
	p.Accessible()
	p.Shot(name)
	p.Resize(browser.Phone)
	p.NoSideways()
	p.Shot(name + "-phone")
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
	return secret, browser.Ask[[]string](p, `[...document.querySelectorAll("ol.codes li")].map((e) => e.innerText)`)
}

// TestSignIn: the first administrator comes in with password and code, invites an
// officer who comes in with a passkey, both sign in anew, look after their accounts, and
// two administrators let somebody in again who has lost everything.
func TestSignIn(t *testing.T) {
	d := openDoors(t)
	p := d.b.Open(t, d.url+"/sign-in?lang=en", browser.Desk)
	p.Allow("422")
	p.Allow("401")
	p.Allow("403")
	looked(p, "signin")
	secret, printed := comeIn(p, d.link(t, "found", "a.ngama", "--name", "Awa Ngama"), "founder")
	if len(printed) < 8 {
		t.Fatalf("%d printed codes", len(printed))
	}
	submit(p, "main .actions a", "Where the account is signed in")
	looked(p, "account")
	submit(p, `form[action="/sign-out"] button`, "Signed out")
	p.Go(d.url + "/people")
	p.WaitFor(`location.pathname === "/sign-in"`)
	p.Type("[name=login]", "a.ngama")
	p.Type("[name=password]", goodPassword+"!")
	p.Type("[name=code]", totp(t, secret, time.Now().Add(30*time.Second)))
	submit(p, "main form .actions button", "There is something to mend")
	looked(p, "signin-wrong")
	p.Type("[name=password]", goodPassword)
	p.Type("[name=code]", printed[0])
	submit(p, "main form .actions button", "People of the office")
	looked(p, "people")
	invite(t, p, "b.kossi", "Bertrand Kossi", "validating_officer")
	officer := p.Text("#link")
	looked(p, "made")

	q := browser.Start(t).Open(t, officer+"?lang=en", browser.Desk)
	q.Allow("403")
	q.Passkeys()
	q.Reload()
	q.Type("[name=passkey]", "Telephone")
	submit(q, ".passkey button", "Where the account is signed in")
	looked(q, "account-passkey")
	submit(q, `form[action="/sign-out"] button`, "Signed out")
	q.Go(d.url + "/account")
	submit(q, ".passkey button", "Bertrand Kossi")
	q.Go(d.url + "/account/prove?next=/account")
	looked(q, "prove")
	submit(q, ".passkey button", "Your identity is confirmed")
	q.Go(d.url + "/people")
	looked(q, "refused")
	q.Go(d.url + "/account/codes")
	looked(q, "app")

	for _, at := range []string{"/people", "/people/invite", "/people/roles", "/people/trail", "/account", "/account/codes"} {
		for _, l := range []string{"fr", "pt", "en"} {
			p.Go(d.url + at + "?lang=" + l)
			looked(p, strings.ReplaceAll(at[1:], "/", "-")+"-"+l)
		}
	}
	p.Go(d.url + "/people")
	submit(p, `main tbody tr:nth-child(2) a.row`, "Bertrand Kossi")
	looked(p, "person")
}

func invite(t *testing.T, p *browser.Page, login, name, role string) {
	t.Helper()
	p.Go(strings.Split(browser.Ask[string](p, "location.href"), "/people")[0] + "/people/invite")
	p.Type("[name=name]", name)
	p.Type("[name=login]", "b. kossi")
	p.Click(`input[value="` + role + `"]`)
	submit(p, "main form .actions button", "There is something to mend")
	looked(p, "invite-wrong")
	p.Type("[name=login]", login)
	submit(p, "main form .actions button", "Hand this link to "+name)
}
