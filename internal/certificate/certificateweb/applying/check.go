package applying

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"adamas.example/internal/certificate/applications"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/period"
	"adamas.example/internal/web/form"
)

// checkPage is the whole application, to be read before it is sent.
type checkPage struct {
	Back     string
	Action   string
	Form     *form.Form
	Wrong    form.Summary // of the parts; nothing is sent while there is any
	Sections []section
	Papers   []paperLine
	Warranty *warranty
	By       form.Field
	Agreed   form.Field
	Version  string
	Text     string // day of the warranty text that is shown
	Seen     string
	Mends    string
}

// section is the answers of a part.
type section struct {
	Heading, Change string
	Groups          []answers
}

type answers struct {
	Heading string
	Lines   []answer
	Totals  []string
}

type answer struct{ Name, Text string }

// warranty is the text that goes with the goods.
type warranty struct {
	Text, Since, Source string
}

// answersOf reads the answers out of the sections of a form.
func answersOf(p *lang.Printer, groups []group) (out []answers) {
	for _, g := range groups {
		if len(g.Rows) == 0 {
			if lines := linesOf(p, g.Fields); len(lines) > 0 {
				out = append(out, answers{Heading: g.Heading, Lines: lines})
			}
			continue
		}
		for i, r := range g.Rows {
			a := answers{Heading: r.Legend, Lines: linesOf(p, r.Fields)}
			if i == len(g.Rows)-1 {
				a.Totals = g.Totals
			}
			out = append(out, a)
		}
	}
	return out
}

func linesOf(p *lang.Printer, fields []form.Field) (out []answer) {
	for _, f := range fields {
		text := f.Value
		for _, o := range f.Options {
			if o.Chosen {
				text = o.Text
			}
		}
		if f.Kind == "hidden" || strings.TrimSpace(text) == "" {
			continue
		}
		if d, err := period.ParseTyped(text); f.Type == "date" && err == nil {
			out = append(out, answer{f.Label, p.Show(d)})
			continue
		}
		out = append(out, answer{f.Label, strings.TrimSpace(text + " " + f.Suffix)})
	}
	return out
}

// sections are all answers of a draft; change leads to a part, "" leads nowhere.
func sections(p *lang.Printer, fields func(applications.Part) map[string][]string, change func(applications.Part) string) (out []section) {
	for _, part := range applications.Parts() {
		given := fields(part)
		b := &builder{p: p, f: form.New(p, given), given: given, where: nil}
		out = append(out, section{Heading: p.T("apply.part."+string(part), nil), Change: change(part), Groups: answersOf(p, b.groups(part))})
	}
	return out
}

func (c *counter) showCheck(w http.ResponseWriter, r *http.Request) error {
	who, d, err := c.ask(r)
	if err != nil {
		return err
	}
	p := c.site.Printer(r)
	f := form.New(p, nil)
	f.Set("declaration.by", who.Name)
	return c.renderCheck(w, r, who, d, f, nil)
}

func (c *counter) renderCheck(w http.ResponseWriter, r *http.Request, who applications.Who, d *applications.Draft, f *form.Form, refused error) error {
	p := c.site.Printer(r)
	reviewed, err := c.service.Review(r.Context(), d)
	if err != nil {
		return err
	}
	data := checkPage{Back: draftPath(d.ID), Action: draftPath(d.ID) + "/check", Form: f, Mends: d.Mends, Version: strconv.FormatInt(d.Version, 10), Seen: "0"}
	if refused != nil {
		if err := f.Refuse(name(p, refused)); err != nil {
			return err
		}
	}
	data.Wrong = c.wrongIn(p, d, reviewed)
	data.Sections = sections(p, func(part applications.Part) map[string][]string { return d.Fields(part) }, func(part applications.Part) string { return partPath(d.ID, part) })
	papers, err := c.service.Attached(r.Context(), who, d.ID)
	if err != nil {
		return err
	}
	data.Papers = paperLines(p, draftPath(d.ID)+"/paper/", papers, false)
	text, ok, err := c.service.Warranty(reviewed.Application.Destination)
	if err != nil {
		return err
	}
	if ok {
		data.Warranty, data.Text = c.warrantyOf(p, text), text.From.String()
	}
	if d.Mends != "" {
		file, _, err := c.service.File(r.Context(), who, d.Mends)
		if err != nil {
			return err
		}
		data.Seen = strconv.FormatInt(file.Steps, 10)
	}
	data.By = f.Text("declaration.by", label("declaration.by")).Complete("name")
	data.Agreed = f.Check("agreed", label("agreed"))
	status := http.StatusOK
	if f.Wrong() {
		status = http.StatusUnprocessableEntity
	}
	return c.check.RenderAs(w, r, status, p.T("apply.check", nil), data)
}

// wrongIn lists what is wrong in all parts, each line leading into its part.
func (c *counter) wrongIn(p *lang.Printer, d *applications.Draft, reviewed *applications.Reviewed) (out form.Summary) {
	out.Title = p.T("apply.check.wrong", nil)
	for _, part := range applications.Parts() {
		f := form.New(p, nil)
		if err := f.Refuse(name(p, reviewed.Wrong[part])); err != nil {
			continue // no fault: Review would have given it
		}
		for _, line := range f.Summary().Lines {
			line.ID = partPath(d.ID, part) + "#" + line.ID
			out.Lines = append(out.Lines, line)
		}
	}
	for i := len(out.Lines) - 1; i > 0; i-- { // said once of all that it is the way out of
		if out.Lines[i].Remedy == out.Lines[i-1].Remedy {
			out.Lines[i-1].Remedy = ""
		}
	}
	return out
}

// warrantyOf puts a warranty text into words, with where it is from.
func (c *counter) warrantyOf(p *lang.Printer, text applications.Warranty) *warranty {
	w := &warranty{Text: text.Text, Since: p.T("apply.warranty.since", lang.Args{"day": text.From})}
	var from []string
	for _, s := range text.Sources {
		from = append(from, c.sources.Named(s.Ref))
	}
	w.Source = p.T("apply.warranty.source", lang.Args{"source": cmp.Or(strings.Join(from, "; "), "R-SOW-01")})
	return w
}

// send files the application.
func (c *counter) send(w http.ResponseWriter, r *http.Request) error {
	who, d, err := c.ask(r)
	if err != nil {
		return err
	}
	given, err := posted(r)
	if err != nil {
		return err
	}
	p := c.site.Printer(r)
	f := form.New(p, given)
	x := applications.Sending{By: strings.TrimSpace(given.Get("declaration.by"))}
	x.Version, _ = strconv.ParseInt(given.Get("version"), 10, 64)
	x.Seen, _ = strconv.ParseInt(given.Get("seen"), 10, 64)
	if text := given.Get("warranty"); text != "" {
		if x.Warranty, err = period.Parse(text); err != nil {
			return err
		}
	}
	if given.Get("agreed") != "yes" {
		return c.renderCheck(w, r, who, d, f, fault.Invalid("certificate.not_declared", fault.At("agreed")))
	}
	file, err := c.service.Send(r.Context(), who, d.ID, x)
	if _, told := fault.Of(err); err != nil && (!told || fault.Is(err, "certificate.no_draft")) {
		return err
	}
	if err != nil {
		now, gone := c.service.Draft(r.Context(), who, d.ID)
		if gone != nil {
			return gone
		}
		return c.renderCheck(w, r, who, now, f, err)
	}
	key := "apply.said.sent"
	if d.Mends != "" {
		key = "apply.said.mended"
	}
	return c.site.Go(w, r, "/applications/"+file.ID, key, "consignment", file.ID)
}
