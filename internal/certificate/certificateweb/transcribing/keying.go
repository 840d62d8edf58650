package transcribing

import (
	"context"
	"net/http"
	"net/url"

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
		return fault.Conflict("certificate.keying_done", fault.Arg("by", k.ChangedBy), fault.Arg("at", k.ChangedAt))
	}
	return d.renderKeying(w, r, http.StatusOK, k, form.New(d.site.Printer(r), k.Fields))
}

func (d *desk) paper(r *http.Request) (k *keying.Paper, err error) {
	return k, d.read(r, func(tx *store.Tx) (err error) {
		k, err = keying.Get(tx, ident.RecordID(r.PathValue("id")))
		return err
	})
}

// renderKeying shows the form with what is typed, and what the checks say of it as it
// stands.
func (d *desk) renderKeying(w http.ResponseWriter, r *http.Request, code int, k *keying.Paper, f *form.Form) error {
	p := d.site.Printer(r)
	data := keyingPage{Path: "/keying/" + string(k.ID), Form: f, Corrects: k.Corrects, Prove: d.prove(r), Opened: p.T("papers.opened", lang.Args{"by": k.OpenedBy, "at": k.OpenedAt})}
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
	if v, _, err := take(k.Fields); err == nil && k.Fields.Get("certificate_number") != "" {
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

// key keeps what was typed, and does what the button wants.
func (d *desk) key(w http.ResponseWriter, r *http.Request) error {
	sent, err := form.Receive(w, r)
	if err != nil {
		return err
	}
	k, err := d.paper(r)
	if err != nil {
		return err
	}
	p, by := d.site.Printer(r), web.VisitorOf(r.Context()).Login
	act, why := sent.Values.Get("act"), oneLine(sent.Values.Get("why"))
	sent.Values.Del("act")
	sent.Values.Del("why")
	f := form.New(p, sent.Values)
	rows := f.Changed()
	k.Fields = fieldsOf(f)
	if err := d.write(r, func(tx *store.Tx) error { return keying.Save(tx, k.ID, by, k.Fields) }); err != nil {
		return err
	}
	switch {
	case rows:
		return d.renderKeying(w, r, http.StatusOK, k, f)
	case act == "scans":
		err = d.write(r, func(tx *store.Tx) error { return keying.Add(tx, k.ID, by, sent.Contents("scans")) })
	case act == "drop":
		if err = d.write(r, func(tx *store.Tx) error { return keying.Drop(tx, k.ID, by, why) }); err == nil {
			return d.site.Go(w, r, "/papers", "papers.said.dropped")
		}
	case act == "record":
		var id string
		if id, err = d.record(r, k); err == nil {
			return d.site.Go(w, r, "/papers/"+id, "papers.said.recorded")
		}
	default: // save and check
		_, _, err = take(k.Fields)
	}
	if err == nil {
		return d.site.Go(w, r, "/keying/"+string(k.ID)+"#checks", "")
	}
	if err := f.Refuse(err); err != nil {
		return err
	}
	return d.renderKeying(w, r, fault.KindOf(err).Status(), k, f)
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
	taken := func(tx *store.Tx, consignment string) error { return keying.Take(tx, k.ID, o.ID, consignment) }
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
