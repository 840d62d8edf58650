package transcribing

import (
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/importing/keying"
	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
)

// filePage is a paper that is recorded.
type filePage struct {
	ID, Number, Path string
	State            string
	Stage            string
	Mark             web.Mark
	Seen             int64
	Form             *form.Form
	Facts            []fact
	Scans            []scanned
	Beside           []beside
	Checks           []check
	Verdict          line
	Because          string // why it was keyed again
	Stated           string // SHA-256 of its transcript; "" where none could be stated
	Prove            string
	Measured         string
	Accepted         string // why, where something could not be told
	Can              can
	Undecided        bool
	Case             string // address of the case
	Past             []past
}

type can struct{ Confirm, Dispute, Correct, Print bool }

type fact struct{ Name, Value string }

type past struct{ At, What, Who string }

func (d *desk) showFile(w http.ResponseWriter, r *http.Request) error {
	f := form.New(d.site.Printer(r), nil)
	return d.renderFile(w, r, http.StatusOK, f)
}

func (d *desk) renderFile(w http.ResponseWriter, r *http.Request, code int, f *form.Form) error {
	p, ctx, id := d.site.Printer(r), r.Context(), r.PathValue("id")
	x, err := d.imports.Paper(ctx, id)
	if err != nil {
		return err
	}
	s, err := d.imports.Look(ctx, id)
	if err != nil {
		return err
	}
	found, err := d.imports.PaperFindings(ctx, id)
	if err != nil {
		return err
	}
	c := x.Consignment
	data := filePage{ID: id, Number: ident.CertificateNumber(c.Number).Display(), Path: "/papers/" + id, State: p.Show(c.State), Stage: p.Show(stageOf(c.State)), Mark: stageMarks[stageOf(c.State)],
		Seen: c.Steps, Form: f, Facts: facts(p, x), Checks: checks(p, found), Verdict: verdict(p, found), Because: x.Because, Prove: d.prove(r)}
	if !c.Statement.IsZero() {
		data.Stated = c.Statement.String()
	}
	if err := d.read(r, func(tx *store.Tx) (err error) {
		if data.Scans, err = scans(tx, data.Path, x.Scans); err != nil {
			return err
		}
		data.Beside, err = besides(tx, x.Paper.Issuer, x.Paper.Issued)
		return err
	}); err != nil {
		return err
	}
	d.offer(p, &data, s, found)
	for _, step := range s.Past {
		data.Past = append(data.Past, past{p.Time(step.At), p.Show(step.Act), step.Actor})
	}
	w.Header().Set("Cache-Control", "private, no-store")
	return d.file.RenderAs(w, r, code, p.T("papers.one", lang.Args{"number": data.Number}), data)
}

// offer says what can be done with the paper now.
func (d *desk) offer(p *lang.Printer, data *filePage, s *importing.Sight, found []importing.Found) {
	state := s.State
	against := false
	for _, f := range found {
		against = against || f.Outcome == rule.Fail && f.Severity == rule.Block
		data.Undecided = data.Undecided || f.Outcome == rule.CannotTell && f.Severity == rule.Block
	}
	at := state == consignment.Arrived || state == consignment.Verified
	data.Can = can{Confirm: at && !against && data.Stated != "", Dispute: at, Correct: canCorrect(state), Print: state == consignment.Confirmed}
	if state == consignment.Confirmed {
		data.Verdict = line{} // it was accepted, and why stands below
	}
	if !at && state != consignment.Confirmed {
		data.Case = "/imports/" + data.ID + "/case"
	}
	if m := s.Measured; m != nil {
		if s.Because != "" {
			data.Accepted = p.T("papers.accepted", lang.Args{"why": s.Because})
		}
		data.Measured = p.T("papers.measured", lang.Args{"carats": m.Carats, "parcels": m.Parcels, "scale": m.Scale})
	}
	if data.Form.Value("original") == "" && s.Arrival != nil && s.Arrival.Original && !data.Form.Wrong() {
		data.Form.Set("original", "yes")
	}
}

// facts are what was keyed, in the order of the paper.
func facts(p *lang.Printer, x *importing.PaperFile) (out []fact) {
	t := x.Paper
	add := func(name, value string) {
		if value != "" {
			out = append(out, fact{p.T("papers.f."+name, nil), value})
		}
	}
	add("certificate_number", t.Number)
	add("issuer", p.Participant(t.Issuer))
	add("issuing_authority", t.Authority)
	add("date_of_issuance", p.Date(t.Issued))
	add("date_of_expiry", p.Date(t.Expires))
	for _, n := range []struct {
		key   string
		named importing.Named
	}{{"exporter.name", t.Exporter}, {"importer.name", t.Importer}} {
		add(n.key, strings.Trim(n.named.Name+", "+n.named.Address, ", "))
	}
	add("carat_weight", p.Carats(t.Carats))
	if t.Value != nil {
		add("value_usd", p.Show(*t.Value))
	}
	if t.Parcels > 0 {
		add("number_of_parcels", p.Number(int64(t.Parcels)))
	}
	list := func(key string, n int, at func(int) string) {
		var all []string
		for i := range n {
			all = append(all, at(i))
		}
		add(key, strings.Join(all, "; "))
	}
	weighed := func(name string, c measure.Carats) string {
		if c == 0 {
			return name
		}
		return name + " " + p.Carats(c)
	}
	list("hs_codes", len(t.Lines), func(i int) string { return weighed(t.Lines[i].HS, t.Lines[i].Carats) })
	list("origin", len(t.Origin), func(i int) string { return weighed(t.Origin[i].Country, t.Origin[i].Carats) })
	add("origin_as_written", t.OriginText)
	list("parcels", len(t.ParcelList), func(i int) string { return weighed(t.ParcelList[i].Number, t.ParcelList[i].Carats) })
	list("seals", len(t.Seals), func(i int) string { return t.Seals[i].Container + " · " + t.Seals[i].Seal })
	add("place", x.Arrival.Place)
	return out
}

// weighing is what was measured, as the page sends it.
type weighing struct {
	Carats  measure.Carats `json:"carats"`
	Parcels uint64         `json:"parcels"`
	Opened  uint64         `json:"lots_opened"`
	Scale   string         `json:"scale"`
	Orig    bool           `json:"original"`
	Remark  string         `json:"remark"`
	Because string         `json:"because"`
	Reason  string         `json:"reason"`
	Note    string         `json:"note"`
}

func (m weighing) measured() importing.Measured {
	return importing.Measured{Carats: m.Carats, Parcels: m.Parcels, LotsOpened: m.Opened, Scale: oneLine(m.Scale), Original: m.Orig, Remark: oneLine(m.Remark)}
}

// act does what was chosen on the page of a paper.
func (d *desk) act(w http.ResponseWriter, r *http.Request) error {
	sent, err := form.Receive(w, r)
	if err != nil {
		return err
	}
	id, seen := r.PathValue("id"), int64(0)
	if n, err := strconv.ParseInt(sent.Values.Get("seen"), 10, 64); err == nil {
		seen = n
	}
	act := sent.Values.Get("act")
	f := form.New(d.site.Printer(r), sent.Values)
	m, err := form.Values[weighing](sent.Values)
	if err == nil {
		err = d.imports.Unmoved(r.Context(), id, seen)
	}
	to, said := "/papers/"+id, "papers.said.confirmed"
	switch {
	case err != nil:
	case act == "confirm":
		err = d.confirm(r, id, seen, m)
	case act == "dispute":
		to, said = "/imports/"+id+"/case", "papers.said.disputed"
		err = d.dispute(r, id, seen, m)
	case act == "correct":
		if to, err = d.again(r, id); err == nil {
			return d.site.Go(w, r, to, "")
		}
	default:
		err = fault.Invalid("receiving.no_act", fault.Text(act))
	}
	if err == nil {
		return d.site.Go(w, r, to, said)
	}
	if err := f.Refuse(err); err != nil {
		return err
	}
	return d.renderFile(w, r, fault.KindOf(err).Status(), f)
}

// confirm examines and confirms in one go, on one sight of the file.
func (d *desk) confirm(r *http.Request, id string, seen int64, m weighing) error {
	if err := d.sign(r); err != nil {
		return err
	}
	because := oneLine(m.Because)
	got, err := d.imports.Examine(r.Context(), id, officer(r, seen), m.measured(), because)
	if err != nil {
		return err
	}
	_, _, err = d.imports.Confirm(r.Context(), id, officer(r, got.Steps), because, ledger.Signed)
	return err
}

// dispute opens a case.
func (d *desk) dispute(r *http.Request, id string, seen int64, m weighing) error {
	i := importing.Irregular{Day: period.DateOf(d.site.Now()), Reason: oneLine(m.Reason), Note: oneLine(m.Note)}
	if m.Carats > 0 {
		found := m.measured()
		i.Found = &found
	}
	if err := d.sign(r); err != nil {
		return err
	}
	_, _, err := d.imports.Dispute(r.Context(), id, officer(r, seen), i, ledger.Signed)
	return err
}

// again opens a recorded paper to be keyed again, with what was keyed and its scans.
func (d *desk) again(r *http.Request, id string) (to string, err error) {
	x, err := d.imports.Paper(r.Context(), id)
	if err != nil {
		return "", err
	}
	return to, d.write(r, func(tx *store.Tx) error {
		var files [][]byte
		for _, h := range x.Scans {
			file, _, err := outside.Original(tx, h)
			if err != nil {
				return err
			}
			files = append(files, file)
		}
		k, err := keying.Open(tx, rand.Reader, web.VisitorOf(r.Context()).Login, id, kept(x.Paper, x.Arrival), files)
		if err == nil {
			to = "/keying/" + string(k.ID)
		}
		return err
	})
}
