package issuing

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/filing"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring/officers"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
)

// filePage is a consignment with its file.
type filePage struct {
	ID       string
	Mark     web.Mark
	State    string
	Next     string // what comes next and whose it is, in a sentence
	Stopped  string // what keeps him from it
	Hand     string // who has it in hand
	CanTake  bool
	CanLeave bool
	Record   []fact // of the certificate
	Waiting  bool   // its record has not come to the witnesses yet
	Acts     []link
	Papers   []link
	Preview  bool
	Facts    []fact
	Grids    []grid // parcels, evidence, valuations
	Photos   []photo
	Steps    []step
	Seen     []string // who was shown a preview
	Prints   grid
	Links    []link // files that belong to this one
}

type photo struct{ Path, Original, Text string }

type step struct {
	When, What, Who, Role string
	Facts                 []fact
}

// opened is a file with what lies beside it.
type opened struct {
	*exporting.File
	hand     consignment.Hand
	photos   []filing.Photo
	previews []filing.Preview
	prints   []filing.Print
	record   ledger.State
	recorded bool
}

// open reads a file of this office's exports. Faults: those of exporting.Desk.File.
func (d *desk) open(r *http.Request) (*opened, error) {
	f, err := d.exports.File(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	o := &opened{File: f}
	c := f.Consignment
	err = d.read(r, func(tx *store.Tx) (err error) {
		if o.hand, err = consignment.HandOf(tx, c); err != nil {
			return err
		}
		if o.photos, err = filing.Photos(tx, c.ID); err != nil {
			return err
		}
		if o.previews, err = filing.Previews(tx, c.ID); err != nil || c.Number == "" {
			return err
		}
		if o.prints, err = filing.Prints(tx, c.Number); err != nil || c.Statement.IsZero() {
			return err
		}
		o.recorded = true
		o.record, _, err = ledger.StateOf(tx, c.Statement)
		return err
	})
	return o, err
}

// showFile serves it.
func (d *desk) showFile(w http.ResponseWriter, r *http.Request) error {
	p := d.site.Printer(r)
	o, err := d.open(r)
	if err != nil {
		return err
	}
	c := o.Consignment
	all := d.officers.All()
	roles := d.roles(r)
	data := filePage{ID: c.ID, Mark: markOf(c.State), State: p.Show(c.State), Next: d.nextWords(p, all, o)}
	if data.Stopped, err = d.stopped(r, p, o.Validator); err != nil {
		return err
	}
	d.hand(r, p, o, &data)
	data.Acts = d.acts(p, c, roles, o.Validator, web.VisitorOf(r.Context()).Login)
	data.Preview = !c.Exports() && !c.State.Ends()
	data.Record, data.Waiting = d.record(p, o)
	data.Papers = papers(p, c)
	data.Facts = facts(p, o.File)
	data.Grids = d.grids(p, o.File)
	for _, ph := range o.photos {
		path := "/issuing/" + c.ID + "/photos/" + ph.Hash.String()
		data.Photos = append(data.Photos, photo{path, path + "?original=yes", p.T("certificate.issuing.photo.by", lang.Args{"by": ph.Login, "at": ph.TakenAt.UTC()})})
	}
	for i := len(o.Steps) - 1; i >= 0; i-- {
		s := &o.Steps[i]
		data.Steps = append(data.Steps, step{p.Time(s.At.UTC()), p.Show(s.Act), who(p, all, s.Actor, s.Role), roleWords(p, s.Role), detail(p, s)})
	}
	for _, v := range o.previews {
		data.Seen = append(data.Seen, p.T("certificate.issuing.preview.seen", lang.Args{"by": v.Name, "at": v.At.UTC(), "steps": v.Steps}))
	}
	data.Prints = printGrid(p, o.prints)
	if o.ReplacesID != "" {
		data.Links = append(data.Links, link{Path: "/issuing/" + o.ReplacesID, Text: p.T("certificate.issuing.replaces", lang.Args{"number": ident.CertificateNumber(o.Replaces)})})
	}
	if o.ReplacedBy != "" {
		data.Links = append(data.Links, link{Path: "/issuing/" + o.ReplacedBy, Text: p.T("certificate.issuing.replaced_by", lang.Args{"consignment": o.ReplacedBy})})
	}
	if slices.Contains(consignment.May(c.State, access.Validator), consignment.AttestReceipt) && d.site.May(r, "certificate.attest") {
		data.Links = append(data.Links, link{Path: "/issuing/" + c.ID + "/attest", Text: p.T("certificate.issuing.attest", nil)}) // package transcribing's page
	}
	if data.Waiting {
		w.Header().Set("Refresh", "10") // until witnesses have signed; nothing is typed on this page
	}
	return d.file.Render(w, r, p.T("certificate.issuing.file.title", lang.Args{"consignment": c.ID}), data)
}

func roleWords(p *lang.Printer, r access.Role) string {
	if r == consignment.Clock || r == consignment.Record {
		return ""
	}
	return p.Show(access.RoleList{r})
}

// nextWords says what the file waits for and who has it.
func (d *desk) nextWords(p *lang.Printer, all []officers.Officer, o *opened) string {
	c := o.Consignment
	f, ok := consignment.Follows(c.State)
	args := lang.Args{"act": f.Act, "who": f.Who, "until": o.Overdue}
	switch {
	case o.Validator != "":
		args["by"] = who(p, all, o.Validator, access.Validator)
		return p.T("certificate.issuing.next.issue", args)
	case c.State == consignment.Valued && len(o.Valuations) < int(o.Wanted):
		args["have"], args["want"] = len(o.Valuations), o.Wanted
		return p.T("certificate.issuing.next.value", args)
	case ok:
		return p.T("certificate.issuing.next.act", args)
	case c.State == consignment.Exported || c.State == consignment.Overdue:
		return p.T("certificate.issuing.next."+string(c.State), args)
	case c.State == consignment.Disputed:
		return p.T("certificate.issuing.next.disputed", nil)
	}
	return p.T("certificate.issuing.next.nothing", nil)
}

func (d *desk) hand(r *http.Request, p *lang.Printer, o *opened, data *filePage) {
	login := web.VisitorOf(r.Context()).Login
	f, waits := consignment.Follows(o.Consignment.State)
	mine := waits && slices.ContainsFunc(f.Who, func(role access.Role) bool { return slices.Contains(d.roles(r), role) })
	if o.hand.Login != "" {
		data.Hand = p.T("certificate.issuing.hand.has", lang.Args{"by": o.hand.Name, "at": o.hand.At.UTC()})
	}
	data.CanTake = mine && o.hand.Login == ""
	data.CanLeave = o.hand.Login != "" && o.hand.Login == login
}

// postHand takes a consignment in hand or gives it out of hand.
func (d *desk) postHand(w http.ResponseWriter, r *http.Request) error {
	id, b := r.PathValue("id"), by(r)
	err := d.write(r, func(tx *store.Tx) error {
		if r.PostFormValue("act") == "leave" {
			return consignment.LeaveHand(tx, id, b.Login)
		}
		c, err := consignment.Get(tx, id)
		if err != nil {
			return err
		}
		return consignment.Take(tx, c, b.Login, b.Name)
	})
	if err != nil {
		return err
	}
	return d.site.Go(w, r, "/issuing/"+url.PathEscape(id), "")
}

// acts are the ways on that the visitor's roles have, the usual one first.
func (d *desk) acts(p *lang.Printer, c *consignment.Consignment, roles access.RoleList, validator, login string) (out []link) {
	usual, _ := consignment.Follows(c.State)
	if c.State == consignment.Valued {
		usual.Act = consignment.Tax
	}
	own := ""
	if o, err := d.officers.Of(login); err == nil {
		own = o.Key.String()
	}
	for _, act := range consignment.Acts() {
		if _, has := specs()[act]; !has {
			continue
		}
		if _, err := consignment.RoleFor(c, act, roles); err != nil || act == consignment.Issue && own != validator {
			continue
		}
		l := link{Path: "/issuing/" + c.ID + "/" + string(act), Text: p.T("certificate.issuing.do."+string(act), nil), First: act == usual.Act}
		if l.First {
			out = slices.Insert(out, 0, l)
			continue
		}
		out = append(out, l)
	}
	return out
}

// papers are what can be printed or taken away of a certificate.
func papers(p *lang.Printer, c *consignment.Consignment) (out []link) {
	if !c.Exports() || c.Statement.IsZero() {
		return nil
	}
	return []link{{Path: "/issuing/" + c.ID + "/print", Text: p.T("certificate.issuing.print", nil), First: c.State == consignment.Issued},
		{Path: "/issuing/" + c.ID + "/bundle", Text: p.T("certificate.issuing.bundle", nil)},
		{Path: "/certificates/" + c.Number, Text: p.T("certificate.issuing.public", nil)}}
}

// record is how far the record of the certificate has come.
func (d *desk) record(p *lang.Printer, o *opened) (out []fact, waiting bool) {
	c := o.Consignment
	if c.Number == "" {
		return nil, false
	}
	out = []fact{{Name: p.T("certificate.issuing.col.number", nil), Text: ident.CertificateNumber(c.Number).Display(), Mono: true}}
	if o.Expires != 0 {
		out = append(out, fact{Name: p.T("certificate.issuing.expires", nil), Text: p.Show(o.Expires)})
	}
	if !o.recorded {
		return out, false
	}
	return append(out, fact{Name: p.T("certificate.issuing.record", nil), Text: p.T("certificate.issuing.record."+o.record.String(), nil)}), o.record != ledger.Witnessed
}

// facts are the application as it was filed.
func facts(p *lang.Printer, f *exporting.File) []fact {
	a := &f.Application
	t := func(key string) string { return p.T("certificate.issuing.f."+key, nil) }
	person := func(name, address string) string { return name + "\n" + address }
	out := []fact{{Name: t("kind"), Text: p.Show(a.Kind)}, {Name: t("destination"), Text: p.Participant(a.Destination)},
		{Name: t("applicant"), Text: person(a.Applicant.Name, a.Applicant.Address)}, {Name: t("exporter"), Text: person(a.Exporter.Name, a.Exporter.Address)}}
	if l := a.Exporter.Licence; l != nil {
		out = append(out, fact{Name: t("licence"), Text: p.T("certificate.issuing.licence", lang.Args{"number": l.Number, "until": l.Until})})
	}
	out = append(out, fact{Name: t("consignee"), Text: person(a.Consignee.Name, a.Consignee.Address)}, fact{Name: t("carats"), Text: p.Show(a.Carats())},
		fact{Name: t("carriage"), Text: p.T("certificate.issuing.mode."+a.Carriage.Mode, nil) + ", " + a.Carriage.Carrier})
	if a.ReturnBy != 0 {
		out = append(out, fact{Name: t("return_by"), Text: p.Show(a.ReturnBy)})
	}
	if a.Follows != nil {
		out = append(out, fact{Name: t("follows"), Text: string(a.Follows.Number) + ", " + a.Follows.Case})
	}
	for _, x := range a.Additions {
		out = append(out, fact{Name: x.Field, Text: x.Value})
	}
	return append(out, fact{Name: t("declaration"), Text: p.T("certificate.issuing.declared", lang.Args{"by": a.Declaration.By, "day": a.Declaration.Day})})
}

// parcels is the first of the grids.
func (d *desk) parcels(p *lang.Printer, f *exporting.File) []grid { return d.grids(p, f)[:1] }

// grids are parcels, lines, evidence, valuations, tax and container seals.
func (d *desk) grids(p *lang.Printer, f *exporting.File) (out []grid) {
	t := func(key string) string { return p.T("certificate.issuing.g."+key, nil) }
	a := &f.Application
	parcels := grid{Caption: t("parcels"), Heads: []head{{t("mark"), false}, {t("container"), false}, {t("carats"), true}, {t("stones"), true}}}
	for _, x := range a.Parcels {
		stones := ""
		if x.Stones > 0 {
			stones = p.Show(x.Stones)
		}
		parcels.add(cell{Text: x.Mark}, cell{Text: x.Container}, cell{Text: p.Show(x.Carats)}, cell{Text: stones})
	}
	evidence := grid{Caption: t("evidence"), Heads: []head{{t("origin"), false}, {t("carats"), true}, {t("rests_on"), false}}}
	for _, e := range a.Evidence {
		on := ""
		switch {
		case e.Mine != nil:
			on = e.Mine.Name + ", " + e.Mine.Record
		case e.Lot != nil:
			on = p.T("certificate.issuing.lot", lang.Args{"lot": e.Lot.Lot})
		case e.Certificate != nil:
			on = e.Certificate.Number.Display()
		case e.Stock != nil:
			on = e.Stock.Basis
		}
		evidence.add(cell{Text: p.Country(e.Origin)}, cell{Text: p.Show(e.Carats)}, cell{Text: on})
	}
	out = append(out, parcels, evidence, valuationGrid(p, f))
	if x := f.Tax; x != nil {
		g := grid{Caption: p.T("certificate.issuing.g.tax", lang.Args{"number": x.Number, "authority": x.Authority}), Heads: []head{{t("levy"), false}, {t("rate"), true}, {t("amount"), true}},
			Empty: x.Exempt}
		for _, l := range x.Lines {
			g.add(cell{Text: dutyWords(p, l.Name)}, cell{Text: l.Rate + " %"}, cell{Text: p.Show(l.Amount)})
		}
		out = append(out, g)
	}
	if x := f.Sealing; x != nil {
		g := grid{Caption: t("sealing"), Heads: []head{{t("container"), false}, {t("seal"), false}, {t("photo"), false}}}
		for _, c := range x.Containers {
			row := cell{Text: p.T("certificate.issuing.photo.none", nil)}
			if !c.Photo.IsZero() {
				row = cell{Text: c.Photo.String()[:12] + "…", Mono: true, Path: "/issuing/" + f.Consignment.ID + "/photos/" + c.Photo.String()}
			}
			g.add(cell{Text: c.Container}, cell{Text: c.Seal, Mono: true}, row)
		}
		out = append(out, g)
	}
	return out
}

func dutyWords(p *lang.Printer, name string) string {
	if key := "certificate.issuing.duty." + strings.ReplaceAll(name, "-", "_"); p.Has(key) {
		return p.T(key, nil)
	}
	return name
}

// detail is what a step says in words beyond its act: reasons, numbers, days.
func detail(p *lang.Printer, s *consignment.Step) (out []fact) {
	var v struct {
		Reason string `json:"reason"`
		Number string `json:"number"`
		Name   string `json:"name"`
		By     string `json:"by"`
		Exit   string `json:"exit_point"`
		Remark string `json:"remark"`
		Note   string `json:"note"`
		Fields []struct {
			Field  string `json:"field"`
			Reason string `json:"reason"`
		} `json:"fields"`
	}
	if json.Unmarshal(s.Detail, &v) != nil || s.Act == consignment.Apply || s.Act == consignment.Amend {
		return nil // particulars of other kinds are shown above
	}
	add := func(key, text string) {
		if text != "" {
			out = append(out, fact{Name: p.T("certificate.issuing.d."+key, nil), Text: text})
		}
	}
	if s.Act == consignment.Value {
		add("valued_by", p.T("certificate.issuing.valuer."+v.By, nil)+", "+v.Name)
	}
	add("number", v.Number)
	add("reason", v.Reason)
	for _, f := range v.Fields {
		out = append(out, fact{Name: f.Field, Text: f.Reason})
	}
	add("exit", v.Exit)
	add("remark", v.Remark)
	add("remark", v.Note)
	return out
}

// unknownFile is what an address of something that a file has not answers.
func unknownFile(r *http.Request) error {
	return fault.NotFound("web.no_page", fault.Text(r.URL.Path))
}
