package receiving

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting/fields"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/web/form"
	"adamas.example/verify/bundle"
	"adamas.example/verify/statement"
)

// scanPage is where everything begins: one field, and what is expected.
type scanPage struct {
	Form      *form.Form
	Held      bool       // the code of a proof was scanned before its certificate's
	Bare      *form.Form // of goods without certificate
	Prove     *proof
	Done      *done
	Here      []row
	Announced []row
	Counts    []count
	Apart     []count // of these with papers from outside, which Counts leaves out
	More      bool    // of either list
	Lens      lens
	Words     map[string]string
}

// lens are the addresses of what reads codes from the camera.
type lens struct{ Worker, Program, Loader string }

// done is the receipt that was signed a moment ago.
type done struct{ Path, Number, Carats string }

type count struct{ Path, Name, Value string }

// row is a shipment in a list.
type row struct{ Path, Number, From, Came, State, Since string }

// shown is how many rows of each list the first page shows.
const shown = 12

func (c *counter) showScan(w http.ResponseWriter, r *http.Request) error {
	p := c.site.Printer(r)
	return c.renderScan(w, r, http.StatusOK, form.New(p, nil), form.New(p, nil).Apart("bare"))
}

// renderScan shows the page with the form of a certificate and that of goods without.
func (c *counter) renderScan(w http.ResponseWriter, r *http.Request, status int, f, bare *form.Form) error {
	p := c.site.Printer(r)
	place, scale := kept(r)
	for _, x := range []*form.Form{f, bare} {
		if !x.Values().Has("place") {
			x.Set("place", place)
			x.Set("scale", scale)
		}
	}
	data, err := c.scanPage(r, p)
	if err != nil {
		return err
	}
	data.Form, data.Bare, data.Held = f, bare, f.Value("held") != ""
	return c.scan.RenderAs(w, r, status, p.T("receiving.title", nil), data)
}

func (c *counter) scanPage(r *http.Request, p *lang.Printer) (data scanPage, err error) {
	data.Prove = c.prove(r)
	data.Lens = lens{"/check/verifier.js", c.site.Asset("lens.wasm"), c.site.Asset("wasm_exec.js")}
	data.Words = map[string]string{}
	for key, words := range p.Plain("check.ui.camera").Texts {
		data.Words[strings.TrimPrefix(key, "check.ui.")] = words
	}
	if data.Done, err = c.done(r, p); err != nil {
		return data, err
	}
	if err := c.counts(r.Context(), p, &data); err != nil {
		return data, err
	}
	for _, l := range []struct {
		into   *[]row
		states []consignment.State
	}{{&data.Here, []consignment.State{consignment.Arrived, consignment.Verified, consignment.InTransit}}, {&data.Announced, []consignment.State{consignment.Advised}}} {
		found, err := c.work.Waiting(r.Context(), l.states, consignment.Place{}, shown+1)
		if err != nil {
			return data, err
		}
		data.More = data.More || len(found) > shown
		for _, f := range found[:min(shown, len(found))] {
			*l.into = append(*l.into, rowOf(p, f))
		}
	}
	return data, nil
}

func rowOf(p *lang.Printer, f *consignment.Consignment) row {
	return row{Path: rowPath(f), Number: p.Show(numberOf(f)), From: p.Participant(f.Counterpart), Came: p.Show(cameOf(f)), State: p.Show(f.State), Since: p.Time(f.MovedAt)}
}

// counts are the day's sums, each leading to its list; papers from outside have their own.
func (c *counter) counts(ctx context.Context, p *lang.Printer, data *scanPage) error {
	for _, name := range append(lists, "cases") {
		rows, err := c.listed(ctx, name)
		if err != nil {
			return err
		}
		called, papers := p.T("receiving.count."+name, nil), counted(rows, withPaper)
		data.Counts = append(data.Counts, count{listPath(name), called, p.Number(int64(len(rows)) - papers)})
		data.Apart = append(data.Apart, count{listPath(name) + "?came=" + string(withPaper), called, p.Number(papers)})
	}
	return nil
}

// listPath is where a list is.
func listPath(name string) string {
	if name == "cases" {
		return "/imports/cases"
	}
	return "/imports/lists/" + name
}

// done says which receipt was signed before this page, where the address names one.
func (c *counter) done(r *http.Request, p *lang.Printer) (*done, error) {
	id := r.URL.Query().Get("done")
	if id == "" {
		return nil, nil
	}
	s, err := c.desk.Look(r.Context(), id)
	if fault.Is(err, "certificate.unknown_consignment") || err == nil && (s.State != consignment.Confirmed || s.Measured == nil) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &done{"/imports/" + s.ID, ident.CertificateNumber(s.Number).Display(), p.Carats(s.Measured.Carats)}, nil
}

// keptName is the cookie in which the desk's browser keeps where it stands and which
// scale stands beside it: the same all day.
const keptName = "import_desk"

func keep(w http.ResponseWriter, place, scale string) {
	value := url.Values{"place": {place}, "scale": {scale}}.Encode()
	http.SetCookie(w, &http.Cookie{Name: keptName, Value: value, Path: "/imports", MaxAge: 90 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

func kept(r *http.Request) (place, scale string) {
	k, err := r.Cookie(keptName)
	if err != nil || len(k.Value) > 2000 {
		return "", ""
	}
	v, err := url.ParseQuery(k.Value)
	if err != nil {
		return "", ""
	}
	return v.Get("place"), v.Get("scale")
}

// takeScan takes what was scanned, typed or chosen, records that it was presented, and
// leads to its screen.
func (c *counter) takeScan(w http.ResponseWriter, r *http.Request) error {
	p := c.site.Printer(r)
	sent, err := form.Receive(w, r)
	typed, other := form.New(p, sent.Values), form.New(p, nil)
	in, bare := oneLine(sent.Values), sent.Values.Has("without")
	if err == nil && bare {
		err = c.arrive(w, r, nil, importing.Arrival{Place: in.Get("place"), Without: strings.ToUpper(in.Get("without")), Presenter: in.Get("presenter"), Remark: in.Get("remark")})
	} else if err == nil {
		err = c.presented(w, r, in, sent.Contents("file"))
	}
	if err == nil {
		return nil
	}
	if err := typed.Refuse(err); err != nil {
		return err
	}
	if fault.Is(err, "check.code_missing") { // the proof's code came first: the other one is still to come
		typed.Set("held", typed.Value("scan"))
		typed.Set("scan", "")
	}
	if bare {
		return c.renderScan(w, r, http.StatusUnprocessableEntity, other, typed.Apart("bare"))
	}
	return c.renderScan(w, r, http.StatusUnprocessableEntity, typed, other.Apart("bare"))
}

// presented does it. It has answered when it gives no error.
func (c *counter) presented(w http.ResponseWriter, r *http.Request, in url.Values, files [][]byte) error {
	place, scale, typed := in.Get("place"), in.Get("scale"), in.Get("scan")
	number, notNumber := ident.ParseTypedPaper(typed)
	var wrong fault.List
	switch {
	case len(files) > 1:
		wrong.Add(fault.Invalid("receiving.one_file", fault.At("file")))
	case len(files) == 0 && typed == "":
		wrong.Add(fault.Invalid("receiving.nothing", fault.At("scan")))
	case len(files) == 0 && notNumber != nil && !codeStart.MatchString(typed) && !strings.Contains(typed, "#"):
		wrong.Add(fault.Invalid("receiving.not_understood", fault.At("scan"), fault.Text(typed)))
	}
	var desk fields.Checker
	desk.Need("place", place, 200)
	desk.May("scale", scale, 100)
	wrong.Add(desk.Faults.Err())
	if err := wrong.Err(); err != nil {
		return err
	}
	keep(w, place, scale)
	if len(files) == 1 {
		return fault.Locate(c.presentedFile(w, r, files[0], place), fault.At("file"))
	}
	if notNumber == nil {
		return c.presentedNumber(w, r, number)
	}
	return fault.Locate(c.presentedFile(w, r, []byte(apart(in.Get("held")+" "+typed)), place), fault.At("scan"))
}

// presentedNumber leads to the shipment under a typed number: one that is here, or one
// that was announced and can now be recorded as arrived.
func (c *counter) presentedNumber(w http.ResponseWriter, r *http.Request, n ident.CertificateNumber) error {
	found, err := c.work.OfNumber(r.Context(), string(n))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fault.NotFound("receiving.not_announced", fault.At("scan"), fault.Arg("number", n))
	}
	best := found[0]
	for _, f := range found {
		if onDesk(f.State) && !onDesk(best.State) {
			best = f
		}
	}
	return next(w, r, rowPath(best))
}

func rowPath(f *consignment.Consignment) string {
	if isCase(f.State) {
		return "/imports/" + f.ID + "/case"
	}
	return "/imports/" + f.ID
}

// onDesk are the states in which a shipment is still to be dealt with.
func onDesk(s consignment.State) bool {
	return s == consignment.Advised || s == consignment.Arrived || s == consignment.Verified
}

// presentedFile takes what was read of a certificate: its file, or its codes.
func (c *counter) presentedFile(w http.ResponseWriter, r *http.Request, raw []byte, place string) error {
	known, err := c.judge.Known(r.Context())
	if err != nil {
		return err
	}
	b, read, err := c.handed(r.Context(), known, raw)
	if err != nil {
		return err
	}
	st, err := statement.Parse(b.Statement)
	if err != nil {
		return fault.Invalid("check.not_a_certificate", fault.Because(err))
	}
	cert, ok := st.Body.(*statement.Certificate)
	if !ok {
		return fault.Invalid("check.not_a_certificate")
	}
	before, err := c.work.OfNumber(r.Context(), cert.Number)
	if err != nil {
		return err
	}
	for _, f := range before {
		if f.Statement == st.Hash && (f.State == consignment.Arrived || f.State == consignment.Verified) {
			// The same paper, and it is on the desk: what it shows more is kept.
			if err := c.desk.Complete(r.Context(), f.ID, b); err != nil {
				return err
			}
			return next(w, r, rowPath(f))
		}
	}
	for _, f := range before {
		if f.Statement == st.Hash && f.State == consignment.Advised {
			// What was announced discloses what a paper's codes cannot hold.
			return c.arriveAnnounced(w, r, f.ID, b, importing.Arrival{Place: place, Read: read, Unseen: true})
		}
	}
	for _, f := range before {
		// Another content under the number is no second scan by mistake: it is recorded.
		if f.Statement == st.Hash && !onDesk(f.State) && f.State != consignment.InTransit && f.State != consignment.Passed {
			s, err := c.desk.Look(r.Context(), f.ID)
			if err != nil {
				return err
			}
			return c.showAgain(w, r, http.StatusConflict, s, form.New(c.site.Printer(r), url.Values{"read": {string(read)}, "place": {place}}))
		}
	}
	return c.arrive(w, r, b, importing.Arrival{Place: place, Read: read, Unseen: true})
}

// arriveAnnounced records the arrival of what was announced, with what both copies of
// its certificate show.
func (c *counter) arriveAnnounced(w http.ResponseWriter, r *http.Request, id string, b *bundle.Bundle, a importing.Arrival) error {
	if err := c.desk.Complete(r.Context(), id, b); err != nil {
		return err
	}
	s, err := c.desk.Look(r.Context(), id)
	if err != nil {
		return err
	}
	return c.arrive(w, r, s.Certificate, a)
}

// arrive records the arrival and leads to the screen.
func (c *counter) arrive(w http.ResponseWriter, r *http.Request, b *bundle.Bundle, a importing.Arrival) error {
	got, _, err := c.desk.Arrive(r.Context(), officer(r.Context(), 0), b, a)
	if err != nil {
		return err
	}
	return next(w, r, "/imports/"+got.ID)
}

// againPage asks before a number is written down as presented a second time.
type againPage struct {
	Form   *form.Form
	Number string
	Place  string // of the first presentation
	At     string
	State  string
	Path   string // of the file of the first
	Act    string // where a second presentation is posted
}

func (c *counter) showAgain(w http.ResponseWriter, r *http.Request, status int, first *importing.Sight, f *form.Form) error {
	p := c.site.Printer(r)
	data := againPage{Form: f, Number: ident.CertificateNumber(first.Number).Display(), State: p.Show(first.State), Path: rowPath(first.Consignment), Act: "/imports/" + first.ID, At: p.Time(first.OpenedAt)}
	if first.Arrival != nil {
		data.Place = first.Arrival.Place
	}
	return c.again.RenderAs(w, r, status, p.T("receiving.again.title", nil), data)
}
