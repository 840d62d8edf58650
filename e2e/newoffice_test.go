package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"net"
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
	form := "main form"
	if len(pairs) > 0 {
		form = fmt.Sprintf(`main form:has([name="%s"])`, pairs[0])
	}
	submit(p, form+" .actions button.govuk-button", text)
}

// TestNewOffice: from an empty folder to the first certificate, in French.
func TestNewOffice(t *testing.T) {
	o := &office{T: t, dir: filepath.Join(t.TempDir(), "bureau"), address: freePort(t)}
	o.start()
	p := known(browser.Start(t).Open(t, o.path("/"), browser.Desk))
	p.WaitFor(`location.pathname === "/set-up/enter"`)
	looked(p, "newoffice-door")
	link := o.setUp(p)
	p.Go(link + "?lang=fr")
	chooses(p, "Vos codes imprimés")

	exporter := o.hire(p, "c.cisse", "Clara Cissé", "exporter", "Comptoir A", "BA-1")
	first := o.hire(p, "f.fontaine", "Félix Fontaine", "valuator sealing_officer validating_officer")
	second := o.hire(p, "g.gbeho", "Grâce Gbeho", "validating_officer")
	o.appoint("f.fontaine")
	o.appoint("g.gbeho")
	id := o.apply(exporter)
	o.issue(id, first, second)
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
	give(p, "Il invite les autres", "participant", "CF", "office", "bangui", "authority", "Secrétariat permanent")
	p.Shot("newoffice-administrator")
	p.Click("main .actions a") // back, where everything still stands
	p.WaitFor(`document.querySelector("[name=authority]").value === "Secrétariat permanent"`)
	give(p, "Il invite les autres", "participant", "CF")
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

// chooses sets a password and the codes of an app at a link.
func chooses(p *browser.Page, text string) {
	p.Helper()
	p.WaitFor(`document.querySelector("main p .secret")`)
	secret := p.Text("main p .secret")
	give(p, text, "password", goodPassword, "code", totp(p, secret, time.Now()))
}

// hire invites somebody, who comes in in a browser of his own.
func (o *office) hire(admin *browser.Page, login, name, roles string, company ...string) *browser.Page {
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
	p := known(browser.Start(o.T).Open(o.T, admin.Text("#link")+"?lang=fr", browser.Desk))
	chooses(p, "Vos codes imprimés")
	return p
}

// appoint makes an officer's key and has the authority of the trial appoint it.
func (o *office) appoint(login string) {
	o.Helper()
	keys := filepath.Join(o.dir, "officers", login)
	for _, args := range [][]string{{"keys", "new", "--dir", keys, "--name", "officer", "--purpose", "officer", "--synthetic"},
		{"keys", "appoint", "--node", o.dir, "--dir", filepath.Join(o.dir, "authority"), "--key", "authority", "--card", filepath.Join(keys, "officer.pub"),
			"--until", time.Now().AddDate(0, 6, 0).UTC().Format(time.DateOnly), "--apply"}} {
		if out, errs, code := run(o.T, nil, append([]string{program(o.T)}, args...)...); code != 0 {
			o.Fatalf("%v: exit %d\n%s%s", args, code, out, errs)
		}
	}
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

// issue values, settles, seals, prepares by one officer and issues by the other.
func (o *office) issue(id string, first, second *browser.Page) {
	o.Helper()
	today := time.Now().UTC().Format(time.DateOnly)
	at := func(p *browser.Page, act string) { p.Go(o.path("/issuing/" + id + "/" + act + "?lang=fr")) }
	done := func(p *browser.Page, act string) { p.WaitFor(fmt.Sprintf(`location.pathname === "/issuing/%s"`, id)); _ = act }
	for _, by := range []string{"government", "independent", "exporter"} {
		at(first, "value")
		give(first, "", "by", by, "name", "SYNTHETIC expert", "day", today, "lines[1].hs", "7102.10", "lines[1].carats", "12,40", "lines[1].value_usd", "2 480,00")
		done(first, "value")
	}
	at(first, "tax")
	give(first, "", "number", "Q-1", "authority", "SYNTHETIC trésor", "day", today, "assessed_usd", "2480.00", "lines[1].name", "export-duty", "lines[1].rate", "4", "lines[1].amount_usd", "99.20")
	done(first, "tax")
	at(first, "seal")
	first.Files(`input[type=file]`, photograph(o.T))
	give(first, "", "method", "every-container", "day", today, "content_verified", "yes", "containers[1].container", "1", "containers[1].seal", "A118", "witnesses[1]", "SYNTHETIC douanier")
	done(first, "seal")
	first.Shot("newoffice-file")
	at(first, "prepare")
	key := browser.Ask[string](first, `[...document.querySelectorAll("[name=validator] option")].find((e) => e.innerText.includes("g.gbeho"))?.value ?? ""`)
	give(first, "", "validator", key)
	done(first, "prepare")
	at(second, "issue")
	second.Shot("newoffice-issue")
	submit(second, "main form .actions button", "")
	done(second, "issue")
	second.WaitFor(`document.body.innerText.includes("CF")`)
	looked(second, "newoffice-issued")
	second.Go(o.path("/register?lang=fr"))
	second.WaitText("main", "CF 0000 0001")
	second.Shot("newoffice-register")
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
