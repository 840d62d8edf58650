package applying

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/certificate/applications"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
	"adamas.example/internal/web/table"
)

// list is the company's applications, or for an officer everybody's.
type list struct {
	MayStart bool
	Drafts   []draftLine
	List     *table.Shown
}

type draftLine struct{ Path, Name, Edited, Weight string }

// stateWords are a state in the exporter's words.
type stateWords consignment.State

// TextKeys names them.
func (s stateWords) TextKeys() []string { return []string{"apply.state." + string(s)} }

// filed is the table of what was sent.
func filed(officer bool) *table.Table[consignment.Owned] {
	t := &table.Table[consignment.Owned]{
		Name: "apply.sent",
		Columns: []table.Column[consignment.Owned]{
			{Key: "id", Title: "apply.head.id", Value: func(x consignment.Owned) any { return x.ID }, Sort: true, Exact: true},
			{Key: "to", Title: "apply.head.to", Value: func(x consignment.Owned) any { return x.Counterpart }},
			{Key: "state", Title: "apply.head.state", Value: func(x consignment.Owned) any { return stateWords(x.State) }, Mark: func(x consignment.Owned) web.Mark { return markOf(x.State) }},
			{Key: "moved", Title: "apply.head.moved", Value: func(x consignment.Owned) any { return x.MovedAt }, Sort: true},
			{Key: "opened", Title: "apply.head.opened", Value: func(x consignment.Owned) any { return x.OpenedAt }, Sort: true},
			{Key: "number", Title: "apply.head.number", Value: func(x consignment.Owned) any { return ident.CertificateNumber(x.Number) }, Exact: true},
		},
		Filters: []table.Filter[consignment.Owned]{
			{Key: "text", Label: "apply.find"},
			{Key: "state", Label: "apply.head.state", Options: func(p *lang.Printer) []form.Option {
				var all []stateWords
				for _, s := range consignment.ExportStates() {
					all = append(all, stateWords(s))
				}
				return form.Options(p, all...)
			}},
		},
		Link:  func(x consignment.Owned) string { return "/applications/" + x.ID },
		Order: "-moved",
		Empty: "apply.none",
	}
	if officer {
		t.Columns = append(t.Columns, table.Column[consignment.Owned]{Key: "by", Title: "apply.head.by", Value: func(x consignment.Owned) any { return x.Owner.Name }})
	}
	return t
}

// source finds what was sent.
func (c *counter) source(who applications.Who) table.Source[consignment.Owned] {
	return func(ctx context.Context, q table.Query) ([]consignment.Owned, int, error) {
		f := consignment.Filter{Text: q.Filters["text"], Sort: q.Order, Up: !q.Down}
		if s := consignment.State(q.Filters["state"]); slices.Contains(consignment.ExportStates(), s) {
			f.States = []consignment.State{s}
		}
		files, count, err := c.service.Files(ctx, who, f, q.Offset, q.Limit)
		return files, int(count), err
	}
}

func (c *counter) showList(w http.ResponseWriter, r *http.Request) error {
	who, err := c.who(r)
	if err != nil {
		return err
	}
	p := c.site.Printer(r)
	data := list{MayStart: who.Company != ""}
	if data.List, err = filed(who.Company == "").Answer(w, r, c.site, c.source(who)); data.List == nil {
		return err
	}
	if data.MayStart {
		if data.Drafts, err = c.drafts(r, p, who); err != nil {
			return err
		}
	}
	return c.list.Render(w, r, p.T("apply.menu", nil), data)
}

// drafts are the company's applications that are not sent.
func (c *counter) drafts(r *http.Request, p *lang.Printer, who applications.Who) (out []draftLine, err error) {
	all, err := c.service.Drafts(r.Context(), who)
	for _, d := range all {
		line := draftLine{Path: draftPath(d.ID), Name: c.titleOf(p, d), Edited: p.T("apply.edited_ago", lang.Args{"by": d.EditedBy, "at": d.EditedAt, "age": age(p, c.site.Now().Sub(d.EditedAt))})}
		if to, err := ident.ParseParticipant(d.Fields(applications.Route).Get("destination")); err == nil {
			line.Name = p.T("apply.to", lang.Args{"what": line.Name, "participant": to})
		}
		var sum measure.Carats
		for name, v := range d.Fields(applications.Goods) {
			if w, err := measure.ParseCarats(v[0]); err == nil && strings.HasPrefix(name, "parcels[") && strings.HasSuffix(name, ".carats") {
				sum, _ = sum.Add(w)
			}
		}
		if sum > 0 {
			line.Weight = p.Show(sum)
		}
		out = append(out, line)
	}
	return out, err
}

// age is how long ago something was, in whole days.
func age(p *lang.Printer, d time.Duration) string {
	if days := int(d.Hours() / 24); days > 0 {
		return p.T("apply.days", lang.Args{"count": days})
	}
	return p.T("apply.today", nil)
}
