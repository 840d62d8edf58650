package receiving

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/verify/bundle"
	"adamas.example/verify/statement"
)

// scanPage is where everything begins: one field, and what is expected.
type scanPage struct {
	Problems  []told
	Scan      string
	Held      string // the code of a proof that was scanned before its certificate's
	Place     string
	Scale     string
	Prove     *proof
	Done      *done
	Here      []row
	Announced []row
	Counts    []count
	More      bool // of either list
	Lens      lens
	Words     map[string]string
}

// lens are the addresses of what reads codes from the camera.
type lens struct{ Worker, Program, Loader string }

// done is the receipt that was signed a moment ago.
type done struct{ Path, Number, Carats string }

type count struct{ Path, Name, Value string }

// row is a shipment in a list.
type row struct{ Path, Number, From, State, Since string }

// shown is how many rows of each list the first page shows.
const shown = 12

func (c *counter) showScan(w http.ResponseWriter, r *http.Request) error {
	p := c.site.Printer(r)
	data, err := c.scanPage(r, p)
	if err != nil {
		return err
	}
	return c.scan.Render(w, r, p.T("receiving.title", nil), data)
}

func (c *counter) scanPage(r *http.Request, p *lang.Printer) (data scanPage, err error) {
	data.Place, data.Scale = kept(r)
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
	return row{Path: rowPath(f), Number: p.Show(numberOf(f)), From: p.Participant(f.Counterpart), State: p.Show(f.State), Since: p.Time(f.MovedAt)}
}

// counts are the day's sums, each leading to its list.
func (c *counter) counts(ctx context.Context, p *lang.Printer, data *scanPage) error {
	for _, name := range append(lists, "cases") {
		rows, err := c.listed(ctx, name)
		if err != nil {
			return err
		}
		data.Counts = append(data.Counts, count{listPath(name), p.T("receiving.count."+name, nil), p.Number(int64(len(rows)))})
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
	in, err := receive(w, r, mostFile)
	if err != nil {
		in = &posted{Values: url.Values{}}
	} else if err = c.presented(w, r, in); err == nil {
		return nil
	}
	if !expected(err) {
		return err
	}
	data, failed := c.scanPage(r, p)
	if failed != nil {
		return failed
	}
	data.Problems, data.Scan = tell(p, err), in.one("scan")
	if in.Get("place") != "" {
		data.Place, data.Scale = in.one("place"), in.one("scale")
	}
	if fault.Is(err, "check.code_missing") { // the proof's code came first: the other one is still to come
		data.Held, data.Scan = data.Scan, ""
	}
	return c.scan.RenderAs(w, r, http.StatusUnprocessableEntity, p.T("receiving.title", nil), data)
}

// presented does it. It has answered when it gives no error.
func (c *counter) presented(w http.ResponseWriter, r *http.Request, in *posted) error {
	place, scale := in.one("place"), in.one("scale")
	if statement.CheckText(place, 1, 200) != nil {
		return fault.Invalid("receiving.place", fault.At("place"))
	}
	if statement.CheckText(scale, 0, 100) != nil {
		return fault.Invalid("receiving.scale", fault.At("scale"))
	}
	if from := strings.ToUpper(in.one("without")); from != "" {
		return c.arrive(w, r, nil, importing.Arrival{Place: place, Without: from, Presenter: in.one("presenter"), Remark: in.one("remark")})
	}
	keep(w, place, scale)
	typed := in.one("scan")
	switch {
	case len(in.files) == 1:
		return c.presentedFile(w, r, in, in.files[0].Content, place)
	case len(in.files) > 1:
		return fault.Invalid("receiving.one_file", fault.At("file"))
	case typed == "":
		return fault.Invalid("receiving.nothing", fault.At("scan"))
	}
	if n, err := ident.ParseTypedPaper(typed); err == nil {
		return c.presentedNumber(w, r, n)
	}
	if !codeStart.MatchString(typed) && !strings.Contains(typed, "#") {
		return fault.Invalid("receiving.not_understood", fault.At("scan"), fault.Text(typed))
	}
	return c.presentedFile(w, r, in, []byte(apart(in.Get("held")+" "+typed)), place)
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

func (c *counter) presentedFile(w http.ResponseWriter, r *http.Request, in *posted, raw []byte, place string) error {
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
		return fault.Invalid("check.not_a_certificate", fault.At("scan"), fault.Because(err))
	}
	cert, ok := st.Body.(*statement.Certificate)
	if !ok {
		return fault.Invalid("check.not_a_certificate", fault.At("scan"))
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
			return c.showAgain(w, r, f, read, place)
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
	Problems []told
	Number   string
	Place    string
	At       string
	State    string
	Path     string // of the file of the first
	Act      string // where a second presentation is posted
	Read     importing.Read
	Here     string
}

func (c *counter) showAgain(w http.ResponseWriter, r *http.Request, f *consignment.Consignment, read importing.Read, here string) error {
	p := c.site.Printer(r)
	s, err := c.desk.Look(r.Context(), f.ID)
	if err != nil {
		return err
	}
	data := againPage{Number: ident.CertificateNumber(f.Number).Display(), State: p.Show(f.State), Path: rowPath(f), Act: "/imports/" + f.ID, Read: read, Here: here, At: p.Time(f.OpenedAt)}
	if s.Arrival != nil {
		data.Place = s.Arrival.Place
	}
	return c.again.RenderAs(w, r, http.StatusConflict, p.T("receiving.again.title", nil), data)
}
