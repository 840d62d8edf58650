package specimens

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strconv"

	"adamas.example/internal/document/picture"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/specimen"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
	"adamas.example/internal/web/table"
)

// listPage is all specimens.
type listPage struct {
	List *table.Shown
	Keep bool
	All  bool // the visitor sees what is restricted
}

// row is one line: a specimen, or the word that there is something restricted.
type row struct {
	code   ident.ParticipantCode
	shown  *specimen.Specimen // nil: restricted
	office bool
}

func (x row) name() string {
	if x.shown == nil {
		return ""
	}
	return x.shown.Name
}

// status is what a specimen is worth, in words.
type status string

// TextKeys names its words.
func (s status) TextKeys() []string { return []string{"specimens.status." + string(s)} }

func (x row) status() status {
	s := x.shown
	switch {
	case s == nil:
		return "hidden"
	case s.Ended != nil && s.Replaced != "":
		return "replaced"
	case s.Ended != nil:
		return "withdrawn"
	case s.ID == "":
		return "stated"
	case s.Restricted:
		return "restricted"
	}
	return "open"
}

func (x row) mark() web.Mark {
	switch x.status() {
	case "hidden", "restricted":
		return web.Tell
	case "replaced", "withdrawn":
		return web.Wait
	}
	return web.Valid
}

func value(get func(*specimen.Specimen) any) func(row) any {
	return func(x row) any {
		if x.shown == nil {
			return nil
		}
		return get(x.shown)
	}
}

// last is the last day of use; nothing while there is none.
func last(s *specimen.Specimen) any {
	if s.Days.Open() || s.Days.Until.AddDays(-1) >= period.Max.AddDays(-2) {
		return nil
	}
	return s.Days.Until.AddDays(-1)
}

var list = table.Table[row]{
	Name: "specimens.list",
	Columns: []table.Column[row]{
		{Key: "participant", Title: "specimens.col.participant", Value: func(x row) any { return x.code }, Sort: true},
		{Key: "name", Title: "specimens.col.name", Value: value(func(s *specimen.Specimen) any { return s.Name }), Sort: true},
		{Key: "kind", Title: "specimens.col.kind", Value: value(func(s *specimen.Specimen) any { return s.Kind })},
		{Key: "from", Title: "specimens.col.from", Value: value(func(s *specimen.Specimen) any { return s.Days.From }), Sort: true},
		{Key: "until", Title: "specimens.col.until", Value: value(last), Sort: true},
		{Key: "status", Title: "specimens.col.status", Value: func(x row) any { return x.status() }, Mark: func(x row) web.Mark { return x.mark() }},
	},
	Filters: []table.Filter[row]{
		{Key: "participant", Label: "specimens.col.participant", Value: func(x row) string { return string(x.code) }, Options: codes},
		{Key: "kind", Label: "specimens.col.kind", Value: func(x row) string {
			if x.shown == nil {
				return ""
			}
			return string(x.shown.Kind)
		}, Options: func(p *lang.Printer) []form.Option { return form.Options(p, specimen.Kinds()...) }},
		{Key: "name", Label: "specimens.col.name", Value: row.name},
	},
	Link: func(x row) string {
		switch {
		case x.shown == nil:
			return ""
		case x.shown.ID == "":
			return "/participants/" + string(x.code)
		}
		return "/specimens/" + string(x.shown.ID)
	},
	Order: "participant",
	Empty: "specimens.none",
}

func (h *shelf) showList(w http.ResponseWriter, r *http.Request) error {
	eyes := h.eyes(r)
	var rows []row
	err := h.read(r, func(tx *store.Tx) error {
		rows = nil
		all, err := specimen.All(tx, eyes)
		for _, holding := range all {
			for i := range holding.Specimens {
				rows = append(rows, row{code: holding.Participant, shown: &holding.Specimens[i]})
			}
			if holding.Restricted {
				rows = append(rows, row{code: holding.Participant})
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	shown, err := list.Answer(w, r, h.site, table.Rows(&list, rows))
	if shown == nil || err != nil {
		return err
	}
	return h.list.Render(w, r, h.site.Printer(r).T("specimens.title", nil), listPage{List: shown, Keep: h.site.May(r, Keep), All: eyes == specimen.Office})
}

// onePage is one specimen.
type onePage struct {
	ID         string
	Mark       web.Mark
	Status     string
	Kind       string
	Facts      []fact
	Features   []string
	Pictures   []shownPicture
	Restricted bool
	Ended      string
	Replaced   string // address of what has taken its place
	Replace    string // addresses of what may be done; "" for nothing
	Withdraw   string
	Form       *form.Form
}

type fact struct{ Name, Value string }

// shownPicture is a picture in all its pages.
type shownPicture struct {
	N      int
	Pages  []string
	Digest string
	Stated bool
	File   string // as it came; "" for whoever may not have it
}

func (h *shelf) showOne(w http.ResponseWriter, r *http.Request) error {
	return h.renderOne(w, r, http.StatusOK, form.New(h.site.Printer(r), nil))
}

func (h *shelf) get(r *http.Request) (s *specimen.Specimen, err error) {
	err = h.read(r, func(tx *store.Tx) error {
		s, err = specimen.Get(tx, h.eyes(r), ident.RecordID(r.PathValue("id")))
		return err
	})
	return s, err
}

func (h *shelf) renderOne(w http.ResponseWriter, r *http.Request, code int, f *form.Form) error {
	s, err := h.get(r)
	if err != nil {
		return err
	}
	p := h.site.Printer(r)
	x := row{code: s.Participant, shown: s}
	until := p.T("specimens.in_use", nil)
	if d, ok := last(s).(period.Date); ok {
		until = p.Date(d)
	}
	data := onePage{ID: string(s.ID), Mark: x.mark(), Status: p.Show(x.status()), Kind: p.Show(s.Kind), Features: specimen.Lines(s.Features), Restricted: s.Restricted, Form: f}
	data.Facts = []fact{{p.T("specimens.col.participant", nil), p.Participant(s.Participant)}, {p.T("specimens.col.from", nil), p.Date(s.Days.From)}, {p.T("specimens.col.until", nil), until},
		{p.T("specimens.source", nil), s.Source}, {p.T("specimens.entered", nil), p.T("specimens.entered.by", lang.Args{"by": s.EnteredBy, "at": s.EnteredAt})}}
	at := "/specimens/" + string(s.ID)
	for _, pic := range s.Pictures {
		one := shownPicture{N: pic.N, Digest: pic.Hash.String(), Stated: pic.Stated}
		for page := range pic.Pages {
			one.Pages = append(one.Pages, at+"/"+strconv.Itoa(pic.N)+"/"+strconv.Itoa(page+1))
		}
		if h.site.May(r, See) {
			one.File = at + "/" + strconv.Itoa(pic.N) + "/file"
		}
		data.Pictures = append(data.Pictures, one)
	}
	if e := s.Ended; e != nil {
		data.Ended = p.T("specimens.ended", lang.Args{"by": e.By, "at": e.At, "why": e.Why})
		if s.Replaced != "" {
			data.Replaced = "/specimens/" + string(s.Replaced)
		}
	} else if h.site.May(r, Keep) {
		data.Replace, data.Withdraw = at+"/replace", at+"/withdraw"
	}
	w.Header().Set("Cache-Control", "private, no-store")
	return h.one.RenderAs(w, r, code, p.T("specimens.one", lang.Args{"participant": s.Participant, "name": s.Name}), data)
}

// number reads a whole number of the address. Fault party.no_specimen.
func number(r *http.Request, name string) (int, error) {
	n, err := strconv.Atoi(r.PathValue(name))
	if err != nil {
		return 0, fault.NotFound("party.no_specimen")
	}
	return n, nil
}

// sendPicture sends one page of a picture, clean.
func (h *shelf) sendPicture(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r, "n")
	if err != nil {
		return err
	}
	page, err := number(r, "page")
	if err != nil {
		return err
	}
	var file []byte
	var media string
	if err := h.read(r, func(tx *store.Tx) (err error) {
		file, media, err = specimen.Page(tx, h.eyes(r), ident.RecordID(r.PathValue("id")), n, page)
		return err
	}); err != nil {
		return err
	}
	return web.SendPicture(w, media, file)
}

// sendFile sends a picture as it came, to be kept and not shown.
func (h *shelf) sendFile(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r, "n")
	if err != nil {
		return err
	}
	var file []byte
	if err := h.read(r, func(tx *store.Tx) (err error) {
		file, err = specimen.Original(tx, h.eyes(r), ident.RecordID(r.PathValue("id")), n)
		return err
	}); err != nil {
		return err
	}
	media := picture.Media(file)
	ending := map[string]string{picture.JPEG: ".jpg", picture.PNG: ".png", picture.PDF: ".pdf"}[media]
	head := w.Header()
	head.Set("Content-Type", media)
	head.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "specimen-" + r.PathValue("id") + "-" + strconv.Itoa(n) + ending}))
	head.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	head.Set("Cache-Control", "private, no-store")
	head.Set("Content-Length", strconv.Itoa(len(file)))
	_, err = io.Copy(w, bytes.NewReader(file))
	return err
}
