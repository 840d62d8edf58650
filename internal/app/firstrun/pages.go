package firstrun

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"adamas.example/internal/app/node"
	"adamas.example/internal/app/setup"
	"adamas.example/internal/app/tlsca"
	"adamas.example/internal/app/trial"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
)

// mostSent bounds what may be posted: a form, or a root document with it.
const mostSent = 8 << 20

func (s *Site) routes() {
	s.mux = http.NewServeMux()
	s.site.Register(s.mux)
	page := func(pattern string, f func(http.ResponseWriter, *http.Request) error) {
		s.mux.Handle(pattern, web.Secure(s.site.Handle(func(w http.ResponseWriter, r *http.Request) error {
			r.Body = http.MaxBytesReader(w, r.Body, mostSent)
			return f(w, r)
		})))
	}
	page("GET /set-up/enter", s.enter)
	page("POST /set-up/enter", s.enter)
	page("GET /{$}", s.next)
	page("GET /set-up", s.next)
	page("GET /set-up/summary", s.showSummary)
	page("POST /set-up/summary", s.make)
	page("GET /set-up/waiting", s.showWaiting)
	page("POST /set-up/waiting", s.take)
	page("GET /set-up/hand-on/{file}", s.handOn)
	page("GET /set-up/{step}", s.showStep)
	page("POST /set-up/{step}", s.postStep)
	page("GET /", func(w http.ResponseWriter, r *http.Request) error {
		s.site.NotFound(w, r)
		return nil
	})
}

// next goes to the first question that has no answer yet.
func (s *Site) next(w http.ResponseWriter, r *http.Request) error {
	stage, err := setup.StageOf(s.Dir)
	if err != nil {
		return err
	}
	to := "/set-up/waiting"
	if stage == setup.Empty {
		d, err := s.draft()
		if err != nil {
			return err
		}
		to = s.first(d)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// first is the first step that was not answered, or the summary.
func (s *Site) first(d setup.Draft) string {
	if d["kind"] == "" {
		return "/set-up/kind"
	}
	for _, st := range stepsOf(d["kind"]) {
		if d["done."+st.name] == "" || len(st.secret) > 0 && s.passphraseMissing() {
			return "/set-up/" + st.name
		}
	}
	return "/set-up/summary"
}

func (s *Site) passphraseMissing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.unlocked
}

// stepOf finds the step of a request among those that the draft calls for.
func (s *Site) stepOf(r *http.Request, d setup.Draft) (step, int, error) {
	all := stepsOf(d["kind"])
	i := slices.IndexFunc(all, func(st step) bool { return st.name == r.PathValue("step") })
	if stage, err := setup.StageOf(s.Dir); err != nil || stage != setup.Empty || i < 0 {
		return step{}, 0, fault.NotFound("web.no_page", fault.Text(r.URL.Path))
	}
	return all[i], i, nil
}

func (s *Site) showStep(w http.ResponseWriter, r *http.Request) error {
	d, err := s.draft()
	if err != nil {
		return err
	}
	st, i, err := s.stepOf(r, d)
	if err != nil {
		return err
	}
	return s.askStep(w, r, http.StatusOK, st, i, s.form(r, s.typed(r, d)), d)
}

// typed is the draft as a form shows it, with what an office usually has where nothing
// was typed.
func (s *Site) typed(r *http.Request, d setup.Draft) url.Values {
	v := url.Values{"computer": {"pc-1"}, "duty": {string(setup.IssuesAndReceives)}, "way": {here}, "hosts": {strings.Join(ownHosts(), ", ")},
		"port": {"8443"}, "reads": {string(s.site.Printer(r).Language())}}
	for name, text := range d {
		v.Set(name, text)
	}
	return v
}

// ownHosts are this computer's names and addresses, first the one by which other devices
// in the building find it without anybody's help (RFC 6762).
func ownHosts() []string {
	all := tlsca.OwnHosts()
	if len(all) > 0 && !strings.ContainsAny(all[0], ".:") {
		all = append([]string{all[0] + ".local"}, all...)
	}
	return all
}

func (s *Site) askStep(w http.ResponseWriter, r *http.Request, status int, st step, i int, f *form.Form, d setup.Draft) error {
	p, all := s.site.Printer(r), stepsOf(d["kind"])
	data := stepPage{Form: f, Name: st.name, What: p.T("setup.step."+st.name+".what", nil), Fields: st.fields(s, f, p, d)}
	if d["kind"] != "" {
		data.Where = p.T("setup.page.where", lang.Args{"step": i + 1, "of": len(all) + 1})
	}
	if i > 0 {
		data.Back = "/set-up/" + all[i-1].name
	}
	for n := 1; p.Has("setup.step." + st.name + ".note." + strconv.Itoa(n)); n++ {
		data.Notes = append(data.Notes, p.T("setup.step."+st.name+".note."+strconv.Itoa(n), nil))
	}
	return s.ask.RenderAs(w, r, status, p.T("setup.step."+st.name, nil), data)
}

// postStep keeps what was typed, also where it is refused, and goes on.
func (s *Site) postStep(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Invalid("web.form_unreadable", fault.Arg("why", "not a form"), fault.Because(err))
	}
	d, err := s.draft()
	if err != nil {
		return err
	}
	st, i, err := s.stepOf(r, d)
	if err != nil {
		return err
	}
	for name := range r.PostForm {
		if !slices.Contains(st.secret, name) && fieldForm(name) {
			d[name] = strings.TrimSpace(r.PostForm.Get(name))
		}
	}
	refused := st.check(s, r.Context(), d, r.PostForm)
	d["done."+st.name] = "yes"
	if refused != nil {
		delete(d, "done."+st.name)
	}
	if err := d.Write(s.Dir); err != nil {
		return err
	}
	f := s.form(r, s.typed(r, d))
	if err := f.Refuse(refused); err != nil {
		return err
	}
	if f.Wrong() {
		return s.askStep(w, r, http.StatusUnprocessableEntity, st, i, f, d)
	}
	http.Redirect(w, r, s.first(d), http.StatusSeeOther)
	return nil
}

// fieldForm keeps a stranger's form from filling the draft with anything else.
func fieldForm(name string) bool {
	return len(name) <= 20 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") == ""
}

// summaryPage is everything once more, before anything is made.
type summaryPage struct {
	Form  *form.Form
	Parts []summaryPart
	Trial bool
	Old   bool
	Back  string
}

type summaryPart struct {
	Title, Change string
	Rows          [][2]string
}

func (s *Site) showSummary(w http.ResponseWriter, r *http.Request) error {
	d, err := s.draft()
	if err != nil {
		return err
	}
	if to := s.first(d); to != "/set-up/summary" {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	return s.askSummary(w, r, http.StatusOK, s.form(r, nil), d)
}

func (s *Site) askSummary(w http.ResponseWriter, r *http.Request, status int, f *form.Form, d setup.Draft) error {
	p := s.site.Printer(r)
	data := summaryPage{Form: f, Trial: d["kind"] == trialKind, Old: d["kind"] == againKind}
	for _, st := range stepsOf(d["kind"]) {
		part := summaryPart{Title: p.T("setup.step."+st.name, nil), Change: "/set-up/" + st.name}
		data.Back = part.Change
		for _, x := range st.fields(s, s.form(r, s.typed(r, d)), p, d) {
			if row := said(x, p, d, st.secret); row[1] != "" {
				part.Rows = append(part.Rows, row)
			}
		}
		data.Parts = append(data.Parts, part)
	}
	return s.sum.RenderAs(w, r, status, p.T("setup.page.summary", nil), data)
}

// said is what a field holds, in words; nothing for what does not count for the way that
// was chosen.
func said(x form.Field, p *lang.Printer, d setup.Draft, secret []string) [2]string {
	switch {
	case slices.Contains(secret, x.Name):
		if x.Name == "again" {
			return [2]string{}
		}
		return [2]string{x.Label, p.T("setup.page.secret", nil)}
	case (x.Name == "hosts" || x.Name == "port") && d["way"] != building, x.Name == "url" && d["way"] != proxied:
		return [2]string{}
	case x.Name == "backup_to" && d["backup_to"] == "":
		return [2]string{x.Label, p.T("setup.page.no_backup", nil)}
	}
	for _, o := range x.Options {
		if o.Value == d[x.Name] {
			return [2]string{x.Label, o.Text}
		}
	}
	return [2]string{x.Label, d[x.Name]}
}

// make makes the office. A trial and one that comes back are whole then; a real one waits
// for what its scheme gives.
func (s *Site) make(w http.ResponseWriter, r *http.Request) error {
	d, err := s.draft()
	if err != nil {
		return err
	}
	if to := s.first(d); to != "/set-up/summary" {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	var started Started
	switch ctx := context.WithoutCancel(r.Context()); d["kind"] { // who closes the window has the office all the same
	case trialKind:
		c := s.config(d)
		if stage, _ := setup.StageOf(s.Dir); stage == setup.Empty {
			if err = trial.Make(ctx, s.Dir, c, s.Env.Now()); err == nil {
				err = node.WriteConfig(s.Dir, c)
			}
		}
		if err == nil {
			started, err = s.start(ctx)
		}
	case realKind:
		if err = s.makeReal(ctx, d); err == nil {
			http.Redirect(w, r, "/set-up/waiting", http.StatusSeeOther)
			return nil
		}
	case againKind:
		if err = s.takeOver(ctx, d); err == nil {
			return s.done.Render(w, r, s.t(r, "setup.page.back"), donePage{Recover: "adamas recover --dir " + quoted(s.Dir), Serve: "adamas serve --dir " + quoted(s.Dir)})
		}
	}
	f := s.form(r, nil)
	if err := f.Refuse(err); err != nil {
		return err
	}
	if f.Wrong() {
		return s.askSummary(w, r, fault.KindOf(err).Status(), f, d)
	}
	return s.showDone(w, r, started, d)
}

func (s *Site) makeReal(ctx context.Context, d setup.Draft) error {
	s.mu.Lock()
	typed := s.passphrase
	s.mu.Unlock()
	ask := func(context.Context) (string, error) { return typed, nil }
	return setup.Make(ctx, s.Dir, s.config(d), setup.Locks{Open: ask, New: ask, WorkFactor: s.WorkFactor}, s.Env.Now())
}

func quoted(path string) string {
	if strings.ContainsAny(path, " '") {
		return strconv.Quote(path)
	}
	return path
}

// start gives over to the office.
func (s *Site) start(ctx context.Context) (Started, error) {
	s.mu.Lock()
	defer s.mu.Unlock() // who presses twice starts one
	if s.started {
		return Started{}, fault.Conflict("setup.started")
	}
	started, err := s.Start(ctx, s.passphrase)
	if err == nil {
		s.started = true
		close(s.over)
	}
	return started, err
}

// donePage says where the office is.
type donePage struct {
	Started
	Name           string
	Recover, Serve string // of an office that is back
}

func (s *Site) showDone(w http.ResponseWriter, r *http.Request, started Started, d setup.Draft) error {
	w.Header().Set("Connection", "close")
	w.Header().Set("Referrer-Policy", "no-referrer")
	return s.done.Render(w, r, s.t(r, "setup.page.done"), donePage{Started: started, Name: d["name"]})
}

// waitingPage is what a real office hands on, and what it waits for.
type waitingPage struct {
	Form       *form.Form
	Office     string
	Origin     string
	LogKey     string
	KeyID      string
	Files      []string
	Keys       string // folder to copy away
	Appoint    string // command of the authority
	Policy     bool   // has come
	Root       bool
	Sent       []string // fingerprint of the root document that was sent, in lines
	Passphrase bool     // must be typed again
}

func (s *Site) showWaiting(w http.ResponseWriter, r *http.Request) error {
	return s.askWaiting(w, r, http.StatusOK, s.form(r, nil))
}

func (s *Site) askWaiting(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	o, err := setup.OfficeIn(s.Dir)
	if fault.Is(err, "node.no_config") {
		http.Redirect(w, r, "/set-up", http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	d, err := s.draft()
	if err != nil {
		return err
	}
	waits := o.Waits()
	data := waitingPage{Form: f, Office: o.Config.Office, Origin: o.Config.Origin, LogKey: o.Log.VKey, KeyID: o.Key.KeyID().String(), Keys: filepath.Join(s.Dir, node.KeysFolder),
		Policy: !slices.Contains(waits, "policy"), Root: !slices.Contains(waits, "root"), Passphrase: s.passphraseMissing() && !o.Config.Synthetic}
	for _, name := range []string{o.Config.LogKeyName(), node.OfficeKey, node.MessageKey} {
		data.Files = append(data.Files, name+".pub")
	}
	duty := setup.Duty(d["duty"])
	if d["duty"] == "" {
		duty = setup.IssuesAndReceives
	}
	data.Appoint = "adamas keys appoint --node " + quoted(s.Dir) + " --dir DIR --key authority --card office.pub --message-card message.pub --office-name " + strconv.Quote(d["office_name"]) +
		" --types " + duty.TypeNames() + " --until " + s.site.Now().AddDate(1, 0, 0).Format("2006-01-02") + " --apply"
	s.mu.Lock()
	root := s.root
	s.mu.Unlock()
	if len(root) > 0 {
		sum, _, err := setup.Fingerprint(root)
		if err != nil {
			return err
		}
		data.Sent = lines(sum.String())
	}
	return s.wait.RenderAs(w, r, status, s.site.Printer(r).T("setup.page.waiting", lang.Args{"office": ident.OfficeID(o.Config.Office)}), data)
}

// lines puts a fingerprint into lines of four groups of four.
func lines(hex string) (out []string) {
	var groups []string
	for g := range slices.Chunk([]rune(hex), 4) {
		groups = append(groups, string(g))
	}
	for line := range slices.Chunk(groups, 4) {
		out = append(out, strings.Join(line, " "))
	}
	return out
}

// handOn gives a public half to a stick.
func (s *Site) handOn(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	if !slices.Contains([]string{"log.pub", "office.pub", "message.pub"}, name) {
		return fault.NotFound("web.no_page", fault.Text(r.URL.Path))
	}
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeFile(w, r, filepath.Join(s.Dir, setup.HandOnFolder, name))
	return nil
}

// fields of the command line as the pages call them.
var pageFields = map[string]string{"--policy": "policy", "--root": "root", "--fingerprint": "fingerprint", "--office": "office", "--computer": "computer", "--origin": "origin"}

// named puts the faults of functions that commands use too beside the fields of pages.
func named(err error) error {
	var out fault.List
	all := fault.All(err)
	for _, f := range all {
		made := error(f)
		if name, ok := pageFields[f.Field]; ok {
			made = fault.Restate(f, fault.At(name))
		}
		out.Add(made)
	}
	if len(all) == 0 {
		return err
	}
	return out.Err()
}
