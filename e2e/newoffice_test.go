package e2e

import (
	"bufio"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"adamas.example/internal/worldtest/browser"
)

// office is `adamas serve` in a folder that was empty, with what it has printed.
type office struct {
	*testing.T
	dir, address string
	mu           sync.Mutex
	out          strings.Builder
	cmd          *exec.Cmd
	ended        chan struct{}
}

// freePort is an address that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// start serves the folder; more are further arguments.
func (o *office) start(env ...string) {
	o.Helper()
	o.cmd = exec.Command(program(o.T), "serve", "--dir", o.dir, "--listen", o.address, "--log-level", "error")
	o.cmd.Env = append(append(os.Environ(), "LC_ALL=C.UTF-8", "ADAMAS_LANG=en"), env...)
	out, err := o.cmd.StdoutPipe()
	if err != nil {
		o.Fatal(err)
	}
	o.cmd.Stderr = os.Stderr
	if err := o.cmd.Start(); err != nil {
		o.Fatal(err)
	}
	o.ended = make(chan struct{})
	go func(ended chan struct{}) {
		defer close(ended)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			o.mu.Lock()
			o.out.WriteString(lines.Text() + "\n")
			o.mu.Unlock()
		}
	}(o.ended)
	o.Cleanup(o.kill)
}

// kill ends it as a power cut would.
func (o *office) kill() {
	if o.cmd.ProcessState == nil {
		o.cmd.Process.Signal(syscall.SIGKILL)
		<-o.ended
		o.cmd.Wait()
	}
}

// said waits for the last line that was printed with a text in it, since this start.
func (o *office) said(text string) string {
	o.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		o.mu.Lock()
		lines := strings.Split(o.out.String(), "\n")
		o.mu.Unlock()
		for i := len(lines) - 1; i >= 0; i-- {
			if strings.Contains(lines[i], text) {
				return strings.TrimSpace(lines[i])
			}
		}
	}
	o.Fatalf("it never said %q:\n%s", text, o.out.String())
	return ""
}

// again kills the office and starts it anew; what it said before counts no more.
func (o *office) again() {
	o.Helper()
	o.kill()
	o.mu.Lock()
	o.out.Reset()
	o.mu.Unlock()
	o.start()
}

func (o *office) path(at string) string {
	return strings.Replace("http://"+o.address, "127.0.0.1", "localhost", 1) + at
}

// give fills in fields by their names and sends the form that has the first of them.
func give(p *browser.Page, text string, pairs ...string) {
	p.Helper()
	set(p, pairs...)
	form := "main form"
	if len(pairs) > 0 {
		form = fmt.Sprintf(`main form:has([name="%s"])`, pairs[0])
	}
	submit(p, form+" .actions button.govuk-button:not(.govuk-button--secondary)", text)
}

// set fills in fields by their names.
func set(p *browser.Page, pairs ...string) {
	p.Helper()
	given, err := json.Marshal(append([]string{}, pairs...))
	if err != nil {
		p.Fatal(err)
	}
	missing := browser.Ask[string](p, fmt.Sprintf(`(() => {
		const given = %s;
		for (let i = 0; i < given.length; i += 2) {
			const all = [...document.getElementsByName(given[i])];
			const box = all.find((e) => (e.type === "radio" || e.type === "checkbox") && e.value === given[i + 1]);
			if (box) { box.checked = true; continue; }
			const e = all.find((e) => e.type !== "radio" && e.type !== "checkbox");
			if (!e) return given[i];
			e.value = given[i + 1];
			if (e.value !== given[i + 1]) return given[i] + " as " + given[i + 1];
		}
		return "";
	})()`, given))
	if missing != "" {
		p.Fatalf("%s: there is no field %s: %s", browser.Ask[string](p, "location.pathname"), missing, p.Text("main"))
	}
}

// TestNewOffice: from an empty folder to the first certificate on paper, in French and by
// the pages alone, as officers go who have no manual.
func TestNewOffice(t *testing.T) {
	o := &office{T: t, dir: filepath.Join(t.TempDir(), "bureau"), address: freePort(t)}
	o.start()
	o.said("/set-up/enter?code=")
	p := known(browser.Start(t).Open(t, o.path("/"), browser.Desk))
	p.WaitFor(`location.pathname === "/set-up/enter"`)
	looked(p, "newoffice-door")
	link := o.setUp(p)
	p.Go(link + "?lang=fr")
	admin := &person{p, chooses(p, "Vos codes imprimés")}

	exporter := o.hire(admin.Page, "c.cisse", "Clara Cissé", "exporter", "Comptoir A", "BA-1")
	first := o.hire(admin.Page, "f.fontaine", "Félix Fontaine", "valuator sealing_officer validating_officer")
	second := o.hire(admin.Page, "g.gbeho", "Grâce Gbeho", "validating_officer")
	o.makesKey(first, "Félix Fontaine")
	o.makesKey(second, "Grâce Gbeho")
	admin.Go(o.path("/people?lang=fr"))
	admin.WaitText("main", "Les clés de 2 agents attendent l’autorité")
	looked(admin.Page, "newoffice-people")
	o.appoint(admin, "Félix Fontaine")
	id := o.apply(exporter.Page)
	o.values(id, first)
	o.notYet(id, first, second)
	o.appoint(admin, "Grâce Gbeho")
	o.issue(id, first, second)
	o.prints(id, second)
	o.audited()
}

// audited: a stranger with the office's database finds nothing wrong, and that both
// officers have assented to the certificate, each by the passkey that was his.
func (o *office) audited() {
	o.Helper()
	out, errs, code := run(o.T, nil, program(o.T), "audit", "--root", filepath.Join(o.dir, "trust", "root-1.cbor"), filepath.Join(o.dir, "log"), "--node", o.dir)
	if code != 0 || !strings.Contains(out, "2  signatures of officers whose passkey assertion was checked") || strings.Contains(out, "passkey assertion is kept") {
		o.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

// setUp answers every question in the browser and gives the link of the administrator.
func (o *office) setUp(p *browser.Page) string {
	p.Go(o.said("/set-up/enter?code="))
	p.WaitText("main", "What would you like to set up")
	p.Go(o.path("/set-up/kind?lang=pt"))
	looked(p, "newoffice-kind-pt")
	p.Go(o.path("/set-up/kind?lang=fr"))
	give(p, "Quelque chose est à corriger")
	looked(p, "newoffice-kind-wrong")
	give(p, "Qui délivre ou reçoit ici", "kind", "trial")
	give(p, "Quelque chose est à corriger", "office", "Bangui", "office_name", "Bureau d’évaluation, Bangui")
	looked(p, "newoffice-office-wrong")
	give(p, "Cette personne invite les autres", "participant", "CF", "office", "bangui", "authority", "Secrétariat permanent")
	p.Shot("newoffice-administrator")
	p.Click("main .actions a") // back, where everything still stands
	p.WaitFor(`document.querySelector("[name=authority]").value === "Secrétariat permanent"`)
	give(p, "Cette personne invite les autres", "participant", "CF")
	give(p, "D’où l’on ouvre", "name", "Alda Abara", "login", "a.abara", "reads", "fr")
	looked(p, "newoffice-network")
	give(p, "il copie son registre", "way", "here")
	p.Shot("newoffice-backup")
	give(p, "Vérifiez avant la création", "backup_to", filepath.Join(o.TempDir(), "sauvegardes"))
	looked(p, "newoffice-summary")
	submit(p, "main form .actions button", "Le bureau est ouvert")
	looked(p, "newoffice-done")
	o.said("/come-in/")
	link := browser.Ask[string](p, `document.querySelector("#onwards").href`)
	if o.said("/come-in/") != link {
		o.Errorf("the page leads to %s, the console to %s", link, o.said("/come-in/"))
	}
	return link
}

// chooses sets a password and the codes of an app at a link; it gives the app's secret.
func chooses(p *browser.Page, text string) string {
	p.Helper()
	p.WaitFor(`document.querySelector("main p .secret")`)
	secret := p.Text("main p .secret")
	give(p, text, "password", goodPassword, "code", totp(p, secret, time.Now()))
	return secret
}

// person is somebody of the office in a browser of his own.
type person struct {
	*browser.Page
	secret string // of his codes; "" for who has a passkey
}

// goes opens a page. Whoever is slow is asked once more who he is, as in an office.
func (p *person) goes(url string) {
	p.Helper()
	p.Go(url)
	if browser.Ask[bool](p.Page, `location.pathname === "/account/prove"`) {
		p.proves()
	}
}

func (p *person) proves() {
	p.Helper()
	if p.secret == "" {
		p.Click(".passkey button")
	} else {
		give(p.Page, "", "password", goodPassword, "code", totp(p, p.secret, time.Now()))
	}
	p.WaitFor(`location.pathname !== "/account/prove"`)
}

// hire invites somebody, who comes in in a browser of his own: an officer with a passkey,
// an exporter with a password.
func (o *office) hire(admin *browser.Page, login, name, roles string, company ...string) *person {
	o.Helper()
	admin.Go(o.path("/people/invite?lang=fr"))
	for role := range strings.FieldsSeq(roles) {
		admin.Click(`input[value="` + role + `"]`)
	}
	fields := []string{"name", name, "login", login, "language", "fr"}
	if len(company) == 2 {
		fields = append(fields, "holder", company[0], "licence", company[1])
	}
	give(admin, "Remettez ce lien", fields...)
	p := known(browser.Start(o.T).Open(o.T, "about:blank", browser.Desk))
	p.Passkeys()
	p.Go(admin.Text("#link") + "?lang=fr")
	if len(company) == 2 {
		return &person{p, chooses(p, "Vos codes imprimés")}
	}
	p.Type("[name=passkey]", "Téléphone")
	p.Shot("newoffice-come-in")
	submit(p, ".passkey button", name)
	p.WaitFor(`location.pathname === "/account/key"`) // an officer without a key makes it first
	return &person{Page: p}
}

// signing is the passphrase of an officer's key.
const signing = "seven blue kettles sing"

// makesKey has an officer make his key; the page says what comes next, and by whom.
func (o *office) makesKey(p *person, name string) {
	o.Helper()
	p.goes(o.path("/account/key?lang=fr"))
	looked(p.Page, "newoffice-key")
	give(p.Page, "Quelque chose est à corriger", "password", signing, "again", signing+"s")
	looked(p.Page, "newoffice-key-wrong")
	give(p.Page, "La clé est créée", "password", signing, "again", signing)
	p.WaitText("main", "L’autorité n’a pas encore déclaré la clé de "+name)
	p.WaitText("main", "Alda Abara")
	looked(p.Page, "newoffice-card")
}

// appoint has the authority of the trial state an officer's key, by the page.
func (o *office) appoint(admin *person, name string) {
	o.Helper()
	admin.Go(o.path("/people/keys?lang=fr"))
	if prove := `main a[href^="/account/prove"]`; browser.Ask[bool](admin.Page, `document.querySelector('`+prove+`') !== null`) {
		admin.Click(prove)
		admin.WaitFor(`location.pathname === "/account/prove"`)
		admin.proves()
	}
	looked(admin.Page, "newoffice-keys")
	give(admin.Page, "est inscrite au registre", "of", option(admin.Page, "of", name))
	admin.WaitText("main", "Déclarée par l’autorité")
	looked(admin.Page, "newoffice-keys-stated")
	admin.Go(o.path("/people/keys?lang=en"))
	admin.WaitText("main", "Stated by the authority")
	admin.Shot("newoffice-keys-stated-en")
}

// option is the value of the option of a list that says a text.
func option(p *browser.Page, list, text string) string {
	p.Helper()
	value := browser.Ask[string](p, fmt.Sprintf(`[...document.querySelectorAll("[name=%s] option")].find((e) => e.innerText.includes(%q))?.value ?? ""`, list, text))
	if value == "" {
		p.Fatalf("%s does not offer %q: %s", list, text, p.Text("main"))
	}
	return value
}

// apply types an application and sends it; the office's number of it comes back.
func (o *office) apply(p *browser.Page) string {
	o.Helper()
	p.Go(o.path("/applications?lang=fr"))
	p.Shot("newoffice-applications")
	p.Click(`form[action="/applications/drafts"] button`)
	p.WaitFor(`location.pathname.startsWith("/applications/drafts/")`)
	draft := browser.Ask[string](p, "location.pathname")
	next := time.Now().AddDate(1, 0, 0).UTC().Format(time.DateOnly)
	for _, part := range []struct {
		name  string
		given []string
	}{
		{"about", []string{"kind", "export", "applicant.name", "Clara Cissé", "applicant.address", "Bangui", "exporter.name", "Comptoir A", "exporter.address", "Avenue Boganda, Bangui",
			"exporter.licence.holder", "Comptoir A", "exporter.licence.number", "BA-1", "exporter.licence.kind", "buying_house", "exporter.licence.until", next}},
		{"route", []string{"destination", "AE", "destination_office", "AE/dubai", "consignee.name", "SYNTHETIC importer", "consignee.address", "Dubai", "carriage.mode", "hand_carry",
			"carriage.carrier", "SYNTHETIC carrier", "carriage.licence.holder", "SYNTHETIC carrier", "carriage.licence.number", "T-1", "carriage.licence.until", next}},
		{"goods", []string{"parcels[1].mark", "P1", "parcels[1].container", "1", "parcels[1].carats", "12,40", "parcels[1].stones", "12", "lines[1].hs", "7102.10", "lines[1].carats", "12,40", "lines[1].value_usd", "2 480,00"}},
	} {
		p.Go(o.path(draft + "/part/" + part.name))
		give(p, "", part.given...)
		p.WaitFor(fmt.Sprintf(`!location.pathname.endsWith("/part/%s")`, part.name))
	}
	p.Go(o.path(draft + "/part/origin"))
	p.Click(`button[value="evidence:mine"]`)
	p.WaitFor(`document.getElementsByName("evidence[1].mine.name").length`)
	give(p, "", "evidence[1].mine.name", "SYNTHETIC site", "evidence[1].mine.place", "Carnot", "evidence[1].mine.record", "registre 4", "evidence[1].origin", "CF", "evidence[1].carats", "12,40")
	p.WaitFor(`!location.pathname.endsWith("/part/origin")`)
	p.Go(o.path(draft + "/part/papers"))
	p.Click(`button[value="continue"]:not(.govuk-visually-hidden)`)
	p.WaitFor(`!location.pathname.endsWith("/part/papers")`)
	p.Go(o.path(draft + "/check"))
	p.Shot("newoffice-application")
	give(p, "", "declaration.by", "Clara Cissé", "agreed", "yes")
	p.WaitFor(`/^\/applications\/[^/]+$/.test(location.pathname)`)
	looked(p, "newoffice-applied")
	return strings.TrimPrefix(browser.Ask[string](p, "location.pathname"), "/applications/")
}

// at opens an act of a file as somebody; done waits until it is done.
func (o *office) at(p *person, id, act string) {
	p.Helper()
	p.goes(o.path("/issuing/" + id + "/" + act + "?lang=fr"))
}

func (o *office) done(p *person, id string) {
	p.Helper()
	p.WaitFor(fmt.Sprintf(`location.pathname === "/issuing/%s"`, id))
}

// values values three ways, settles the duty and seals.
func (o *office) values(id string, by *person) {
	o.Helper()
	today := time.Now().UTC().Format(time.DateOnly)
	for _, valuer := range []string{"government", "independent", "exporter"} {
		o.at(by, id, "value")
		by.Shot("newoffice-value")
		give(by.Page, "", "by", valuer, "name", "SYNTHETIC expert", "day", today, "lines[1].hs", "7102.10", "lines[1].carats", "12,40", "lines[1].value_usd", "2 480,00")
		o.done(by, id)
	}
	o.at(by, id, "tax")
	give(by.Page, "", "number", "Q-1", "authority", "SYNTHETIC trésor", "day", today, "assessed_usd", "2480.00", "lines[1].name", "export-duty", "lines[1].rate", "4", "lines[1].amount_usd", "99.20")
	o.done(by, id)
	o.at(by, id, "seal")
	by.Files(`input[type=file]`, photograph(o.T))
	give(by.Page, "", "method", "every-container", "day", today, "content_verified", "yes", "containers[1].container", "1", "containers[1].seal", "A118", "witnesses[1]", "SYNTHETIC douanier")
	o.done(by, id)
	by.Shot("newoffice-file")
}

// notYet: while the authority has not stated the second officer's key, the first cannot
// choose her, and both are told what is missing and who can give it.
func (o *office) notYet(id string, first, second *person) {
	o.Helper()
	o.at(first, id, "prepare")
	for _, says := range []string{"Grâce Gbeho ne peut pas encore le délivrer", "L’autorité n’a pas encore déclaré la clé de Grâce Gbeho", "Alda Abara", "Aucun autre agent ne peut encore signer"} {
		first.WaitText("main", says)
	}
	if n := browser.Ask[int](first.Page, `document.querySelectorAll("[name=validator] option[value]:not([value=''])").length`); n != 0 {
		o.Errorf("%d officers are offered whose key nobody has stated", n)
	}
	looked(first.Page, "newoffice-prepare-not-yet")
	o.at(second, id, "prepare")
	second.WaitText("main", "L’autorité n’a pas encore déclaré la clé de Grâce Gbeho")
	looked(second.Page, "newoffice-prepare-own-not-yet")
	// Who tries all the same is refused, and nothing is spent.
	set(second.Page, "validator", option(second.Page, "validator", "Félix Fontaine"), "passphrase", signing)
	submit(second.Page, ".passkey button", "R-CRT-08")
	second.WaitText("main", "Clés des agents")
	looked(second.Page, "newoffice-prepare-refused")
	second.Go(o.path("/account?lang=fr"))
	second.WaitText("main", "Alda Abara")
	looked(second.Page, "newoffice-account-not-yet")
	second.Go(o.path("/account?lang=pt"))
	second.WaitText("main", "A autoridade ainda não declarou a chave de Grâce Gbeho")
	second.Shot("newoffice-account-not-yet-pt")
}

// issue prepares by one officer, who cannot issue, and issues by the other; each assents
// by passkey and opens the key made on the page.
func (o *office) issue(id string, first, second *person) {
	o.Helper()
	o.at(first, id, "prepare")
	set(first.Page, "validator", option(first.Page, "validator", "Grâce Gbeho"), "passphrase", "not the passphrase")
	looked(first.Page, "newoffice-prepare")
	submit(first.Page, ".passkey button", "Quelque chose est à corriger")
	looked(first.Page, "newoffice-prepare-passphrase")
	set(first.Page, "passphrase", signing)
	first.Click(".passkey button")
	o.done(first, id)
	first.WaitText("main", "g.gbeho")
	first.Shot("newoffice-prepared")
	o.at(first, id, "issue")
	first.WaitText("main", "L’agent qui a préparé un certificat ne peut pas le délivrer")
	looked(first.Page, "newoffice-issue-alone")
	o.at(second, id, "issue")
	looked(second.Page, "newoffice-issue")
	set(second.Page, "passphrase", signing)
	second.Click(".passkey button")
	o.done(second, id)
	second.WaitFor(`document.body.innerText.includes("CF")`)
	looked(second.Page, "newoffice-issued")
	second.Go(o.path("/register?lang=fr"))
	second.WaitText("main", "CF 0000 0001")
	second.Shot("newoffice-register")
}

// prints prints the certificate once its record has come to the witnesses.
func (o *office) prints(id string, p *person) {
	o.Helper()
	for end := time.Now().Add(time.Minute); ; {
		p.Go(o.path("/issuing/" + id + "?lang=fr"))
		if strings.Contains(p.Text("main"), "inscrit devant témoins") {
			break
		}
		if time.Now().After(end) {
			o.Fatalf("no witness has it: %s", p.Text("main"))
		}
	}
	o.at(p, id, "print")
	looked(p.Page, "newoffice-print")
	paper, err := os.ReadFile(p.Download("main form .actions button.govuk-button"))
	if err != nil || !strings.HasPrefix(string(paper), "%PDF") {
		o.Errorf("the paper: %.20q %v", paper, err)
	}
	p.Go(o.path("/issuing/" + id + "?lang=pt"))
	p.Shot("newoffice-printed-pt")
}

// photograph is a picture in a file.
func photograph(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scelle.jpg")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := jpeg.Encode(f, image.NewGray(image.Rect(0, 0, 300, 200)), nil); err != nil {
		t.Fatal(err)
	}
	return path
}

// visitor answers the set-up without a browser, as a form without script is sent.
type visitor struct {
	*office
	client *http.Client
}

// enters opens the set-up with the code from the console.
func (o *office) enters() *visitor {
	o.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.Fatal(err)
	}
	v := &visitor{o, &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if code, to := v.ask(strings.TrimPrefix(o.said("/set-up/enter?code="), o.path("")), nil); code != http.StatusSeeOther || to != "/set-up" {
		o.Fatalf("the code leads to %d %s", code, to)
	}
	return v
}

// ask sends a form, or asks for a page when there is none. Code 0: the office has ended.
func (v *visitor) ask(path string, form url.Values) (code int, to string) {
	v.Helper()
	resp, err := v.client.Get(v.path(path))
	if form != nil {
		resp, err = v.client.PostForm(v.path(path), form)
	}
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, resp.Header.Get("Location")
}

// answers are the steps of a trial, in their order.
var answers = []struct {
	step string
	form url.Values
}{
	{"kind", url.Values{"kind": {"trial"}}},
	{"office", url.Values{"participant": {"CF"}, "duty": {"both"}, "office_name": {"Bureau"}, "office": {"bangui"}, "authority": {"Ministère"}, "computer": {"pc-1"}}},
	{"people", url.Values{"name": {"Alda Abara"}, "login": {"a.abara"}, "reads": {"fr"}}},
	{"network", url.Values{"way": {"here"}}},
	{"backup", url.Values{"backup_to": {""}}},
}

// TestNewOfficeKilled: the power fails after every answer and while the office is made.
// Each start goes on where it was, or the office is whole; never anything between.
func TestNewOfficeKilled(t *testing.T) {
	o := &office{T: t, dir: filepath.Join(t.TempDir(), "bureau"), address: freePort(t)}
	o.start()
	for i, a := range answers {
		v := o.enters()
		if _, to := v.ask("/set-up", nil); to != "/set-up/"+a.step {
			t.Fatalf("after %d answers it goes on at %s", i, to)
		}
		if code, to := v.ask("/set-up/"+a.step, a.form); code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", a.step, code, to)
		}
		o.again()
	}
	made := 0
	for after := 10 * time.Millisecond; after < time.Minute; after *= 2 {
		first := o.said("http://localhost")
		if strings.Contains(first, "/come-in/") {
			made++
			break
		}
		v := o.enters()
		if _, to := v.ask("/set-up", nil); to != "/set-up/summary" {
			t.Fatalf("it goes on at %s", to)
		}
		go v.ask("/set-up/summary", url.Values{})
		select { // what it had come to by then is another thing each time
		case <-o.ended:
			t.Fatal("it ended by itself")
		case <-time.After(after):
		}
		o.again()
	}
	if made == 0 {
		t.Fatal("it never became whole")
	}
	link := strings.TrimPrefix(o.said("/come-in/"), o.path(""))
	v := &visitor{o, &http.Client{Timeout: time.Minute}}
	for _, path := range []string{"/status", "/register", link} {
		if code, _ := v.ask(path, nil); code != http.StatusOK {
			t.Errorf("%s: %d", path, code)
		}
	}
	if code, _ := v.ask("/set-up", nil); code != http.StatusNotFound {
		t.Errorf("the set-up still answers: %d", code)
	}
	o.moves()
	if out, errs, code := run(t, nil, program(t), "people", "list", "--dir", o.dir); code != 0 || !strings.Contains(out, "a.abara") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

// moves takes the office over to another folder, from its own and a backup.
func (o *office) moves() {
	o.Helper()
	backup := filepath.Join(o.TempDir(), "bangui.backup")
	if out, errs, code := run(o.T, nil, program(o.T), "backup", "--dir", o.dir, backup); code != 0 {
		o.Fatalf("exit %d: %s%s", code, out, errs)
	}
	next := &office{T: o.T, dir: filepath.Join(o.TempDir(), "ailleurs"), address: freePort(o.T)}
	next.start()
	v := next.enters()
	v.ask("/set-up/kind", url.Values{"kind": {"again"}})
	if code, to := v.ask("/set-up/old", url.Values{"from": {o.dir}, "backup": {backup}, "passphrase": {""}}); to != "/set-up/summary" {
		o.Fatalf("%d %s", code, to)
	}
	if code, _ := v.ask("/set-up/summary", url.Values{}); code != http.StatusOK {
		o.Fatalf("it does not come back: %d", code)
	}
	for _, name := range []string{"node.toml", "adamas.db", "keys/office.key.age", "trust/root-1.cbor", "log/checkpoint"} {
		if _, err := os.Stat(filepath.Join(next.dir, filepath.FromSlash(name))); err != nil {
			o.Error(err)
		}
	}
}

// TestNewOfficeOnce: the code lets one browser in; the next code shuts it out. Other
// names that lead here, and pages elsewhere, are answered nothing.
func TestNewOfficeOnce(t *testing.T) {
	o := &office{T: t, dir: filepath.Join(t.TempDir(), "bureau"), address: freePort(t)}
	o.start()
	used := strings.TrimPrefix(o.said("/set-up/enter?code="), o.path(""))
	first := o.enters()
	for deadline := time.Now().Add(time.Minute); strings.HasSuffix(o.said("/set-up/enter?code="), used) && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	stranger := &visitor{o, &http.Client{CheckRedirect: first.client.CheckRedirect}}
	if code, _ := stranger.ask(used, nil); code != http.StatusForbidden {
		t.Errorf("a code that was used: %d", code)
	}
	for _, path := range []string{"/", "/set-up", "/set-up/kind", "/set-up/summary", "/set-up/hand-on/office.pub"} {
		if code, to := stranger.ask(path, nil); code != http.StatusSeeOther || to != "/set-up/enter" {
			t.Errorf("%s to a stranger: %d %s", path, code, to)
		}
	}
	if code, _ := stranger.ask("/set-up/summary", url.Values{}); code != http.StatusSeeOther {
		t.Errorf("a stranger's form: %d", code)
	}
	second := o.enters()
	if code, to := first.ask("/set-up/kind", nil); to != "/set-up/enter" {
		t.Errorf("the first browser is still in: %d %s", code, to)
	}
	for _, head := range [][2]string{{"Host", "evil.example"}, {"Origin", "http://evil.example"}} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.path("/set-up/kind"), strings.NewReader("kind=trial"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if r.Header.Set(head[0], head[1]); head[0] == "Host" {
			r.Host = head[1]
		}
		resp, err := second.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%v: %d", head, resp.StatusCode)
		}
	}
	if _, err := os.Stat(filepath.Join(o.dir, "set-up.json")); err == nil {
		t.Error("something was kept of what strangers sent")
	}
}

// TestNewOfficeInBuilding: an office for the computers of a building has passkeys under its
// own name and its own authority; under other names it says where.
func TestNewOfficeInBuilding(t *testing.T) {
	o := &office{T: t, dir: filepath.Join(t.TempDir(), "bureau"), address: freePort(t)}
	_, port, err := net.SplitHostPort(freePort(t))
	if err != nil {
		t.Fatal(err)
	}
	o.start()
	v := o.enters()
	for _, a := range answers {
		form := a.form
		if a.step == "network" {
			for _, wrong := range []url.Values{{"way": {"building"}, "hosts": {"a_b"}, "port": {port}}, {"way": {"building"}, "hosts": {""}, "port": {"0"}}, {"way": {"proxy"}, "url": {"http://kp.cf.example"}}} {
				if code, _ := v.ask("/set-up/network", wrong); code != http.StatusUnprocessableEntity {
					t.Errorf("%v: %d", wrong, code)
				}
			}
			form = url.Values{"way": {"building"}, "hosts": {"bangui-pc.local, bangui-pc"}, "port": {port}}
		}
		if code, to := v.ask("/set-up/"+a.step, form); code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", a.step, code, to)
		}
	}
	if code, _ := v.ask("/set-up/summary", url.Values{}); code != http.StatusOK {
		t.Fatalf("the office is not made: %d", code)
	}
	path := o.said("/come-in/")
	path = path[strings.Index(path, "/come-in/"):]
	pemText, err := os.ReadFile(filepath.Join(o.dir, "office-ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(pemText)
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key := sha256.Sum256(ca.RawSubjectPublicKeyInfo)
	b := browser.Start(t, browser.Trusting(base64.StdEncoding.EncodeToString(key[:]), "bangui-pc.local"))
	there, elsewhere := "https://bangui-pc.local:"+port, "https://localhost:"+port
	p := known(b.Open(t, elsewhere+path+"?lang=en", browser.Desk))
	p.WaitText("main", "Passkeys of this office work at another address")
	looked(p, "building-elsewhere")
	p = known(b.Open(t, there+path+"?lang=en", browser.Desk))
	p.Passkeys()
	p.WaitText("main", "you have been invited")
	p.Type("[name=passkey]", "Telephone")
	submit(p, ".passkey button", "Signed in as Alda Abara")
	looked(p, "building-desk")
	p.Go(there + "/account?lang=en")
	submit(p, `form[action="/sign-out"] button`, "Signed out")
	p.Go(there + "/sign-in?lang=en")
	submit(p, ".passkey button", "Signed in as Alda Abara")
}
