package issuing

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/filing"
	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/partyweb/entrance"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
)

// actPage is the form of one act, with what one has to see to do it.
type actPage struct {
	ID, State, Path string
	Mark            web.Mark
	Lead            string
	Warn            []string
	Facts           []fact
	Grids           []grid
	Told            []lack
	Form            *form.Form
	Groups          []group
	Multi           bool // files are sent
	Submit          string
	Passkey         *form.Passkey // that the officer assents with
	Grave           bool          // it cannot be taken back
	Links           []link
}

// group is fields that belong together; rows of a list have a button that takes them
// out, and after the last one that adds.
type group struct {
	Legend string
	Fields []form.Field
	Across bool
	Less   string // path of the row
	More   string // name of the list
}

// deed is one act on its way through a page.
type deed struct {
	*desk
	r    *http.Request
	p    *lang.Printer
	act  consignment.Act
	file *exporting.File
	sent *form.Sent // nil while a form is only shown
	who  exporting.Officer
	may  bool // as the file stands
	by   filing.By
	f    *form.Form
	page *actPage
}

// spec is how one act is shown and done. fill puts in what the office knows already,
// show makes the fields and what stands above them, do does it.
type spec struct {
	fill  func(*deed)
	show  func(*deed) error
	do    func(*deed) error
	multi bool
	grave bool
}

func (d *desk) today() period.Date { return period.DateOf(d.node.Now().UTC()) }

// begin finds the file and the role in which the visitor does an act. Faults: web.no_page
// for a word that is no act of this desk, those of consignment.Refused. sent is what was
// posted, nil for a form that is only shown.
func (d *desk) begin(r *http.Request, name string, sent *form.Sent) (*deed, spec, error) {
	if name == "" {
		name = r.PathValue("act")
	}
	it, ok := specs()[consignment.Act(name)]
	if !ok {
		return nil, it, unknownFile(r)
	}
	f, err := d.exports.File(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, it, err
	}
	x := &deed{desk: d, r: r, p: d.site.Printer(r), act: consignment.Act(name), file: f, sent: sent, by: by(r)}
	c := f.Consignment
	role, err := consignment.RoleFor(c, x.act, d.roles(r))
	x.may = err == nil
	if err != nil && sent != nil && sent.Values.Get("seen") != strconv.FormatInt(c.Steps, 10) { // who was first is told, before what can no longer be done
		if all := d.roles(r); len(all) > 0 {
			role, err = all[0], nil
		}
	}
	if err != nil {
		return nil, it, err
	}
	x.who = exporting.Officer{ID: x.by.Login, Role: role}
	x.page = &actPage{ID: c.ID, State: x.p.Show(c.State), Mark: markOf(c.State), Path: "/issuing/" + c.ID + "/" + name, Lead: x.p.T("certificate.issuing.lead."+name, nil),
		Multi: it.multi, Grave: it.grave, Submit: x.p.T("certificate.issuing.do."+name, nil)}
	return x, it, nil
}

// showAct serves the form of an act.
func (d *desk) showAct(w http.ResponseWriter, r *http.Request) error {
	x, it, err := d.begin(r, "", nil)
	if err != nil {
		return err
	}
	x.f = form.New(x.p, url.Values{})
	if it.fill != nil {
		it.fill(x)
	}
	if _, err := x.ask(); entrance.ToProve(w, r, err, x.page.Path) {
		return nil
	}
	x.f.Set("seen", strconv.FormatInt(x.file.Consignment.Steps, 10))
	return x.render(w, it, http.StatusOK)
}

func (x *deed) render(w http.ResponseWriter, it spec, status int) error {
	if err := it.show(x); err != nil {
		return err
	}
	x.page.Form = x.f
	if asked, err := x.ask(); err == nil { // who has to prove himself first has been told so
		x.page.Passkey = asked
	}
	return x.desk.act.RenderAs(w, x.r, status, x.p.T("certificate.issuing.title."+string(x.act), lang.Args{"consignment": x.page.ID}), *x.page)
}

// postAct does an act, or gives the form back with what is wrong in it.
func (d *desk) postAct(name string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		sent, lost := form.Receive(w, r)
		x, it, err := d.begin(r, name, sent)
		if err != nil {
			return cmp.Or(lost, err)
		}
		x.f = form.New(x.p, sent.Values)
		if lost == nil && x.f.Changed() {
			return x.render(w, it, http.StatusOK)
		}
		status := http.StatusUnprocessableEntity
		if err = lost; err != nil {
			status = fault.KindOf(err).Status()
		} else if x.who.Seen, err = strconv.ParseInt(sent.Values.Get("seen"), 10, 64); err != nil || x.who.Seen < 1 {
			return fault.Invalid("web.form_kind", fault.At("seen"), fault.Text(sent.Values.Get("seen")))
		} else if err = x.assented(); err == nil {
			err = it.do(x)
		}
		if err == nil {
			return d.site.Go(w, r, "/issuing/"+url.PathEscape(x.page.ID), "certificate.issuing.said."+string(x.act), "consignment", x.page.ID)
		}
		if fault.Is(err, "certificate.consignment_moved") {
			return d.movedOn(w, x, it, name, err)
		}
		if !mendable(err) {
			return err
		}
		if err := x.f.Refuse(err); err != nil {
			return err
		}
		return x.render(w, it, status)
	}
}

// movedOn tells an officer that somebody was first. Where the act can be done all the same,
// the form comes back with what he typed beside the file as it stands now: he has seen that
// then, if he sends it again.
func (d *desk) movedOn(w http.ResponseWriter, x *deed, it spec, name string, moved error) error {
	now, _, err := d.begin(x.r, name, x.sent)
	if err != nil || !now.may {
		return moved
	}
	now.f = x.f
	if err := now.f.Refuse(moved); err != nil {
		return err
	}
	now.f.Set("seen", strconv.FormatInt(now.file.Consignment.Steps, 10))
	return now.render(w, it, http.StatusConflict)
}

// mendable tells whether typing can mend a refusal: not where somebody else was first,
// or the role may not.
func mendable(err error) bool {
	for _, f := range fault.All(err) {
		switch {
		case strings.HasPrefix(f.Key, "certificate.consignment_"), f.Kind == fault.KindForbidden && !strings.HasPrefix(f.Key, "keyring.") && f.Key != "certificate.same_officer":
			return false
		}
	}
	return true
}

// with reads the particulars of an act, strictly, and does it. What opens the officer's
// key and what shows that it is he is no part of them.
func with[T any](do func(x *deed, v T) error) func(*deed) error {
	return func(x *deed) error {
		given := url.Values{}
		for name, all := range x.sent.Values {
			if !slices.Contains([]string{"passphrase", form.Ceremony, form.Answer, entrance.Plain}, name) {
				given[name] = all
			}
		}
		v, err := form.Values[T](given)
		if err != nil {
			return err
		}
		return do(x, v)
	}
}

func did(_ *consignment.Consignment, err error) error { return err }

// sign opens the visitor's key and does something with it.
func (x *deed) sign(do func(*keyring.Signer) error) error {
	s, err := x.officers.Signer(x.r.Context(), x.by.Login, x.sent.Values.Get("passphrase"))
	if err != nil {
		return err
	}
	return do(s)
}

func (x *deed) label(name string) string { return "certificate.issuing.f." + name }

func (x *deed) t(key string) string { return x.p.T("certificate.issuing."+key, nil) }

func (x *deed) text(name, label string) form.Field { return x.f.Text(name, x.label(label)) }

func (x *deed) day(name, label string) form.Field { return x.f.Date(name, x.label(label)) }

// passphrase adds the field for what opens the visitor's key, where anything is needed,
// and says what lacks before he can sign with it.
func (x *deed) passphrase(fields ...form.Field) error {
	if own, err := x.officers.Of(x.by.Login); err != nil || !own.Open {
		fields = append(fields, x.f.Password("passphrase", x.label("passphrase"), "current-password").With(x.t("f.passphrase.hint")))
	}
	x.fields(fields...)
	o, err := x.signers.Of(x.r.Context(), x.by.Login)
	if err != nil {
		return err
	}
	lacks, err := x.signers.Told(x.r.Context(), x.p, &o)
	if lacks != "" {
		x.warn(lacks)
		x.page.Links = append(x.page.Links, link{Path: "/account/key", Text: x.t("own_key")})
	}
	return err
}

// warn adds a sentence above the form.
func (x *deed) warn(sentence string) { x.page.Warn = append(x.page.Warn, sentence) }

// rows makes groups of the rows of a list.
func (x *deed) rows(list string, least int, legend string, fields func(row form.Row) []form.Field) (out []group) {
	x.f.Call(list, "certificate.issuing.rows."+legend)
	rows := x.f.Rows(list, least)
	for i, row := range rows {
		g := group{Legend: x.p.T("certificate.issuing.row."+legend, lang.Args{"n": row.N}), Fields: fields(row), Across: true}
		if !row.Only {
			g.Less = row.Prefix
		}
		if i == len(rows)-1 {
			g.More = list
		}
		out = append(out, g)
	}
	return out
}

func (x *deed) show(groups ...group) { x.page.Groups = append(x.page.Groups, groups...) }

func (x *deed) fields(fields ...form.Field) { x.show(group{Fields: fields}) }

// photos keeps the photographs that were sent with the rows of a list, and puts the hash
// of each into its row: a form that comes back does not want them again.
func (x *deed) photos(list string) error {
	var faults fault.List
	for name, files := range x.sent.Files {
		row, ok := strings.CutPrefix(name, "photo-")
		if !ok || len(files) != 1 {
			faults.Add(fault.Invalid("web.form_unknown", fault.At(name)))
			continue
		}
		if err := x.photo(files[0].Content, list+"["+row+"].photo"); err != nil {
			faults.Add(fault.Locate(err, fault.At("photo-"+row)))
		}
	}
	return faults.Err()
}

func (x *deed) photo(content []byte, field string) error {
	taken, err := filing.Read(content)
	if err != nil {
		return err
	}
	x.f.Set(field, taken.Hash.String())
	return x.write(x.r, func(tx *store.Tx) error { return taken.Keep(tx, x.page.ID, x.by.Login) })
}

// known wants every photograph that a form names to be one of this consignment.
func (x *deed) known(hashes []string) error {
	var all []filing.Photo
	err := x.read(x.r, func(tx *store.Tx) (err error) {
		all, err = filing.Photos(tx, x.page.ID)
		return err
	})
	if err != nil {
		return err
	}
	for i, h := range hashes {
		if h != "" && !slices.ContainsFunc(all, func(p filing.Photo) bool { return p.Hash.String() == h }) {
			return fault.NotFound("certificate.photo_unknown", fault.At("photo-"+strconv.Itoa(i+1)), fault.Arg("consignment", x.page.ID))
		}
	}
	return nil
}
