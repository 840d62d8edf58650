package transcribing

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"time"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing/keying"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
	"adamas.example/internal/web/table"
)

// listPage is where papers from outside begin and are found again.
type listPage struct {
	Form *form.Form
	Hint string
	List *table.Shown
}

// row is a paper: one that waits to be keyed, or one that is recorded.
type row struct {
	path, number string
	from         ident.ParticipantCode
	stage        stage
	state        consignment.State
	since        time.Time
}

// stage is how far a paper has come.
type stage string

// TextKeys names its words.
func (s stage) TextKeys() []string { return []string{"papers.stage." + string(s)} }

func stages() []stage { return []stage{"waiting", "judged", "confirmed", "doubtful", "ended"} }

func stageOf(s consignment.State) stage {
	switch s {
	case consignment.Arrived, consignment.Verified:
		return "judged"
	case consignment.Confirmed:
		return "confirmed"
	case consignment.Discrepant, consignment.Detained, consignment.Seized:
		return "doubtful"
	}
	return "ended"
}

var stageMarks = map[stage]web.Mark{"waiting": web.Wait, "judged": web.Wait, "confirmed": web.Valid, "doubtful": web.Tell, "ended": web.Invalid}

var papers = table.Table[row]{
	Name: "papers.list",
	Columns: []table.Column[row]{
		{Key: "number", Title: "papers.col.number", Value: func(x row) any {
			if x.number == "" {
				return unnumbered{}
			}
			return ident.CertificateNumber(x.number).Display()
		}, Sort: true, Exact: true},
		{Key: "from", Title: "papers.col.from", Value: func(x row) any {
			if x.from == "" {
				return nil
			}
			return x.from
		}, Sort: true},
		{Key: "stage", Title: "papers.col.stage", Value: func(x row) any { return x.stage }, Mark: func(x row) web.Mark { return stageMarks[x.stage] }},
		{Key: "since", Title: "papers.col.since", Value: func(x row) any { return x.since }, Sort: true},
	},
	Filters: []table.Filter[row]{
		{Key: "stage", Label: "papers.col.stage", Value: func(x row) string { return string(x.stage) }, Options: func(p *lang.Printer) []form.Option { return form.Options(p, stages()...) }},
		{Key: "number", Label: "papers.col.number", Value: func(x row) string { return x.number }},
	},
	Link:  func(x row) string { return x.path },
	Order: "-since",
	Empty: "papers.none",
}

// unnumbered stands where nobody has keyed a number yet.
type unnumbered struct{}

// TextKeys names its words.
func (unnumbered) TextKeys() []string { return []string{"papers.unkeyed"} }

func (d *desk) showList(w http.ResponseWriter, r *http.Request) error {
	return d.renderList(w, r, http.StatusOK, form.New(d.site.Printer(r), nil))
}

// rows reads all papers of this office.
func (d *desk) rows(r *http.Request) (out []row, err error) {
	return out, d.read(r, func(tx *store.Tx) error {
		out = nil
		waiting, err := keying.Waiting(tx)
		if err != nil {
			return err
		}
		for _, p := range waiting {
			code, _ := ident.ParseParticipant(p.Fields.Get("issuer"))
			out = append(out, row{path: "/keying/" + string(p.ID), number: p.Fields.Get("certificate_number"), from: code, stage: "waiting", since: p.OpenedAt})
		}
		keyed, err := consignment.Keyed(tx)
		for _, c := range keyed {
			out = append(out, row{path: "/papers/" + c.ID, number: c.Number, from: c.Counterpart, stage: stageOf(c.State), state: c.State, since: c.MovedAt})
		}
		return err
	})
}

func (d *desk) renderList(w http.ResponseWriter, r *http.Request, code int, f *form.Form) error {
	rows, err := d.rows(r)
	if err != nil {
		return err
	}
	shown, err := papers.Answer(w, r, d.site, table.Rows(&papers, rows))
	if shown == nil || err != nil {
		return err
	}
	p := d.site.Printer(r)
	return d.list.RenderAs(w, r, code, p.T("papers.title", nil), listPage{Form: f, List: shown, Hint: p.T("papers.f.scans.hint", nil)})
}

// begin takes the scans of a new paper.
func (d *desk) begin(w http.ResponseWriter, r *http.Request) error {
	sent, err := form.Receive(w, r)
	f := form.New(d.site.Printer(r), nil)
	var p *keying.Paper
	if err == nil {
		err = d.write(r, func(tx *store.Tx) (err error) {
			p, err = keying.Open(tx, rand.Reader, web.VisitorOf(r.Context()).Login, "", url.Values{}, sent.Contents("scans"))
			return err
		})
	}
	if err == nil {
		return d.site.Go(w, r, "/keying/"+string(p.ID), "")
	}
	if err := f.Refuse(err); err != nil {
		return err
	}
	return d.renderList(w, r, fault.KindOf(err).Status(), f)
}
