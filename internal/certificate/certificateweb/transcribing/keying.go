package transcribing

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/importing/keying"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
)

// keyingPage is a paper's scan with the form beside it.
type keyingPage struct {
	Path     string
	Form     *form.Form
	Seen     int64  // which version of what was typed
	Moved    *moved // what somebody else has saved meanwhile
	Groups   []group
	Scans    []scanned
	Beside   []beside
	Checks   []check // none while what was typed cannot be read
	Verdict  line
	Corrects string // the paper that is keyed again
	Prove    string
	Opened   string
}

func (d *desk) showKeying(w http.ResponseWriter, r *http.Request) error {
	k, err := d.paper(r)
	if err != nil {
		return err
	}
	if k.Recorded != "" {
		http.Redirect(w, r, "/papers/"+k.Recorded, http.StatusSeeOther)
		return nil
	}
	if !k.Waits() {
		return done(k)
	}
	return d.renderKeying(w, r, http.StatusOK, k, form.New(d.site.Printer(r), k.Fields), false)
}

func (d *desk) paper(r *http.Request) (k *keying.Paper, err error) {
	return k, d.read(r, func(tx *store.Tx) (err error) {
		k, err = keying.Get(tx, ident.RecordID(r.PathValue("id")))
		return err
	})
}

// renderKeying shows the form with what is typed, and what the checks say of it as it
// stands. other: what is typed is not what is kept, which somebody else has saved
// meanwhile; both are shown, and nothing is checked.
func (d *desk) renderKeying(w http.ResponseWriter, r *http.Request, code int, k *keying.Paper, f *form.Form, other bool) error {
	p := d.site.Printer(r)
	data := keyingPage{Path: "/keying/" + string(k.ID), Form: f, Seen: k.Version, Corrects: k.Corrects, Prove: d.prove(r), Opened: p.T("papers.opened", lang.Args{"by": k.OpenedBy, "at": k.OpenedAt})}
	issuer, _ := ident.ParseParticipant(f.Value("issuer"))
	issued, _ := period.ParseTyped(f.Value("date_of_issuance"))
	var files [][]byte
	if err := d.read(r, func(tx *store.Tx) (err error) {
		if data.Scans, err = scans(tx, data.Path, k.Scans); err != nil {
			return err
		}
		if data.Beside, err = besides(tx, issuer, issued); err != nil {
			return err
		}
		files, err = k.Files(tx)
		return err
	}); err != nil {
		return err
	}
	data.Groups = groups(p, f, k.Corrects != "", len(data.Beside) > 0)
	if other {
		data.Moved = &moved{By: k.KeyedBy, At: p.Time(k.KeyedAt), Rows: differences(p, f.Values(), k.Fields, k.Corrects != "", len(data.Beside) > 0)}
	} else if v, _, err := take(k.Fields); err == nil && k.Fields.Get("certificate_number") != "" {
		found, err := d.imports.LookAtFor(r.Context(), k.Corrects, v.Transcript, files)
		switch _, told := fault.Of(err); {
		case err == nil:
			data.Checks, data.Verdict = checks(p, found), verdict(p, found)
		case !told:
			return err
		}
	}
	title := p.T("papers.key", nil)
	if k.Corrects != "" {
		title = p.T("papers.key_again", nil)
	}
	w.Header().Set("Cache-Control", "private, no-store")
	return d.keying.RenderAs(w, r, code, title, data)
}

// key keeps what was typed, and does what the button wants. Where somebody else has saved
// meanwhile, nothing of his is lost and nothing of the visitor's: both versions come back.
func (d *desk) key(w http.ResponseWriter, r *http.Request) error {
	sent, lost := form.Receive(w, r)
	act, why, version := sent.Values.Get("act"), oneLine(sent.Values.Get("why")), sent.Values.Get("seen")
	for _, name := range []string{"act", "why", "seen"} {
		sent.Values.Del(name)
	}
	seen, err := strconv.ParseInt(version, 10, 64)
	if err != nil || seen < 1 {
		return cmp.Or[error](lost, fault.Invalid("web.form_kind", fault.At("seen"), fault.Text(version)))
	}
	id, by := ident.RecordID(r.PathValue("id")), web.VisitorOf(r.Context()).Login
	f := form.New(d.site.Printer(r), sent.Values)
	if lost != nil {
		return d.keyAgain(w, r, seen, f, lost)
	}
	rows := f.Changed()
	var k *keying.Paper
	err = d.write(r, func(tx *store.Tx) (err error) {
		k, err = keying.Save(tx, id, by, seen, fieldsOf(f))
		return err
	})
	moved := isMoved(err)
	if act == "scans" && (err == nil || moved) { // a page more is in nobody's way
		if more := d.write(r, func(tx *store.Tx) error { return keying.Add(tx, id, by, sent.Contents("scans")) }); more != nil {
			err = errors.Join(err, more)
		}
	}
	to := "/keying/" + string(id) + "#checks"
	said := ""
	switch {
	case err != nil, act == "scans":
	case rows:
		return d.renderKeying(w, r, http.StatusOK, k, f, false)
	case act == "drop":
		to, said = "/papers", "papers.said.dropped"
		err = d.write(r, func(tx *store.Tx) error { return keying.Drop(tx, id, by, k.Version, why) })
	case act == "record":
		var made string
		made, err = d.record(r, k)
		to, said = "/papers/"+made, "papers.said.recorded"
	default: // save and check
		_, _, err = take(k.Fields)
	}
	if err == nil {
		return d.site.Go(w, r, to, said)
	}
	if wrong := f.Refuse(err); wrong != nil || k == nil {
		return cmp.Or(wrong, err)
	}
	return d.keptBack(w, r, fault.KindOf(err).Status(), k, f, moved)
}

// keptBack gives back a form that was refused after saved was: with what is kept now, which
// is another's where somebody has saved before this form (moved) or after it.
func (d *desk) keptBack(w http.ResponseWriter, r *http.Request, code int, saved *keying.Paper, f *form.Form, moved bool) error {
	now, err := d.paper(r)
	switch {
	case err != nil:
		return err
	case !now.Waits():
		return done(now)
	}
	return d.renderKeying(w, r, code, now, f, moved || now.Version != saved.Version)
}

// keyAgain gives back a form that did not come whole, a file in it being too large: what
// had come is shown and not kept, since what is missing would be taken for deleted.
func (d *desk) keyAgain(w http.ResponseWriter, r *http.Request, seen int64, f *form.Form, lost error) error {
	k, err := d.paper(r)
	switch {
	case err != nil:
		return err
	case !k.Waits():
		return done(k)
	}
	code := fault.KindOf(lost).Status()
	if err := f.Refuse(lost); err != nil {
		return err
	}
	k.Version, k.Fields = seen, nil // whoever saved meanwhile shows at the next try; nothing is kept that could be checked
	return d.renderKeying(w, r, code, k, f, false)
}

func isMoved(err error) bool { return fault.Is(err, "certificate.keying_moved") }

// done tells that a paper waits for nobody any more.
func done(k *keying.Paper) error {
	return fault.Conflict("certificate.keying_done", fault.Arg("by", k.ChangedBy), fault.Arg("at", k.ChangedAt))
}

// fieldsOf is what is kept of a form: what was typed, and rows as they stand now.
func fieldsOf(f *form.Form) url.Values {
	out := url.Values{}
	for name, all := range f.Values() {
		if len(all) > 0 && all[len(all)-1] != "" {
			out[name] = all[len(all)-1:]
		}
	}
	return out
}

// record records a paper, or one that was mis-keyed anew.
func (d *desk) record(r *http.Request, k *keying.Paper) (string, error) {
	v, a, err := take(k.Fields)
	if err != nil {
		return "", err
	}
	if err := d.sign(r); err != nil {
		return "", err
	}
	var files [][]byte
	if err := d.read(r, func(tx *store.Tx) (err error) {
		files, err = k.Files(tx)
		return err
	}); err != nil {
		return "", err
	}
	o := officer(r, 0)
	taken := func(tx *store.Tx, consignment string) error {
		return keying.Take(tx, k, o.ID, consignment)
	}
	got, err := d.transcribe(r.Context(), k, o, v, a, files, taken)
	if err != nil {
		return "", err
	}
	return got.Consignment.ID, nil
}

func (d *desk) transcribe(ctx context.Context, k *keying.Paper, o importing.Officer, v typed, a importing.Arrival, files [][]byte,
	taken func(*store.Tx, string) error) (*importing.Transcribed, error) {
	if k.Corrects != "" {
		return d.imports.Correct(ctx, k.Corrects, o, v.Transcript, a, files, oneLine(v.Because), ledger.Signed, taken)
	}
	return d.imports.TranscribeAs(ctx, o, v.Transcript, a, files, ledger.Signed, taken)
}

// canCorrect are the states in which a mis-keyed paper is keyed again.
func canCorrect(s consignment.State) bool {
	return s == consignment.Arrived || s == consignment.Verified || s == consignment.Discrepant
}
