package applying

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"adamas.example/internal/certificate/applications"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
)

// overview is a draft with its parts and how far each has come.
type overview struct {
	Back      string
	Mends     string // the file that is mended; "" for a new application
	Reasons   *reasons
	Edited    string
	Parts     []progress
	Ready     bool
	Check     string
	Delete    string
	Remaining string
}

// progress is how far a part has come.
type progress struct {
	Path, Name, Says string
	Mark             web.Mark
}

// reasons is why an application was sent back or refused, with the place of each field.
type reasons struct {
	Reason string
	Fields []reasonLine
}

type reasonLine struct{ Path, Name, Reason string }

func draftPath(id string) string { return "/applications/drafts/" + id }

func partPath(id string, part applications.Part) string {
	return draftPath(id) + "/part/" + string(part)
}

// start begins a new application.
func (c *counter) start(w http.ResponseWriter, r *http.Request) error {
	who, err := c.who(r)
	if err != nil {
		return err
	}
	d, err := c.service.Start(r.Context(), who)
	if err != nil {
		return err
	}
	return c.site.Go(w, r, draftPath(d.ID), "")
}

// ask finds the visitor and the draft that he asks for.
func (c *counter) ask(r *http.Request) (applications.Who, *applications.Draft, error) {
	who, err := c.who(r)
	if err != nil {
		return who, nil, err
	}
	d, err := c.service.Draft(r.Context(), who, r.PathValue("id"))
	return who, d, err
}

func (c *counter) showDraft(w http.ResponseWriter, r *http.Request) error {
	who, d, err := c.ask(r)
	if err != nil {
		return err
	}
	p := c.site.Printer(r)
	data := overview{Back: "/applications", Mends: d.Mends, Check: draftPath(d.ID) + "/check", Delete: draftPath(d.ID) + "/delete",
		Edited: p.T("apply.edited", lang.Args{"by": d.EditedBy, "at": d.EditedAt})}
	if data.Reasons, err = c.reasonsOf(r, p, who, d); err != nil {
		return err
	}
	reviewed, err := c.service.Review(r.Context(), d)
	if err != nil {
		return err
	}
	left := 0
	for _, part := range applications.Parts() {
		at := progress{Path: partPath(d.ID, part), Name: p.T("apply.part."+string(part), nil), Mark: web.Valid, Says: p.T("apply.done", nil)}
		wrong := fault.All(reviewed.Wrong[part])
		switch {
		case part == applications.Papers && len(wrong) == 0:
			at.Says = p.T("apply.papers.count", lang.Args{"count": len(reviewed.Application.Attachments)})
		case len(wrong) > 0 && len(d.Parts[part].Fields) == 0:
			at.Mark, at.Says = web.Wait, p.T("apply.not_begun", nil)
			left++
		case len(wrong) > 0:
			at.Mark, at.Says = web.Tell, p.T("apply.to_mend", lang.Args{"count": len(wrong)})
			left++
		}
		data.Parts = append(data.Parts, at)
	}
	data.Ready = left == 0
	data.Remaining = p.T("apply.remaining", lang.Args{"count": left})
	return c.draft.Render(w, r, c.titleOf(p, d), data)
}

func (c *counter) titleOf(p *lang.Printer, d *applications.Draft) string {
	if d.Mends != "" {
		return p.T("apply.mending", lang.Args{"consignment": d.Mends})
	}
	return p.T("apply.new", nil)
}

// reasonsOf is why the office has sent back what is mended; nil when it has not.
func (c *counter) reasonsOf(r *http.Request, p *lang.Printer, who applications.Who, d *applications.Draft) (*reasons, error) {
	if d.Mends == "" {
		return nil, nil
	}
	_, f, err := c.service.File(r.Context(), who, d.Mends)
	if err != nil || f.Sent == nil || f.SentFor != consignment.FindDeficient {
		return nil, err
	}
	return reasonsIn(p, f.Sent, func(field string) string {
		part := applications.PartOf(field)
		if part == "" || part == applications.Word {
			return ""
		}
		return partPath(d.ID, part) + "#" + form.New(p, nil).Text(field, "apply.new").ID
	}), nil
}

// reasonsIn puts reasons into words; path leads to a field, or is nil.
func reasonsIn(p *lang.Printer, sent *exporting.Reasons, path func(string) string) *reasons {
	out := &reasons{Reason: sent.Reason}
	for _, f := range sent.Fields {
		line := reasonLine{Name: f.Field, Reason: f.Reason}
		if p.Has(label(f.Field)) {
			line.Name = fieldName(p, f.Field)
		}
		if path != nil {
			line.Path = path(f.Field)
		}
		out.Fields = append(out.Fields, line)
	}
	return out
}

func (c *counter) delete(w http.ResponseWriter, r *http.Request) error {
	who, err := c.who(r)
	if err != nil {
		return err
	}
	if err := c.service.Delete(r.Context(), who, r.PathValue("id")); err != nil {
		return err
	}
	return c.site.Go(w, r, "/applications", "apply.said.deleted")
}

// partPage is one part of the form.
type partPage struct {
	Back    string
	Action  string
	Form    *form.Form
	Seen    string
	Number  string
	Edited  string
	Groups  []group
	Hidden  []form.Field
	Papers  []paperLine
	Upload  string // where papers are sent; "" on the other parts
	File    form.Field
	Skip    string // the next part, for who mends later; "" where nothing is wrong
	Anchors []string
}

// partOf finds the part that an address names.
func partOf(r *http.Request) (applications.Part, error) {
	part := applications.Part(r.PathValue("part"))
	if !slices.Contains(applications.Parts(), part) {
		return "", fault.NotFound("web.no_page", fault.Text(r.URL.Path))
	}
	return part, nil
}

func (c *counter) showPart(w http.ResponseWriter, r *http.Request) error {
	part, err := partOf(r)
	if err != nil {
		return err
	}
	who, d, err := c.ask(r)
	if err != nil {
		return err
	}
	return c.renderPart(w, r, who, d, part, d.Fields(part), r.URL.Query().Get("more"), nil)
}

// renderPart shows a part with what was typed into it, and with what is wrong.
func (c *counter) renderPart(w http.ResponseWriter, r *http.Request, who applications.Who, d *applications.Draft, part applications.Part, given url.Values, more string, wrong error) error {
	p := c.site.Printer(r)
	f := form.New(p, given)
	if err := f.Refuse(name(p, wrong)); err != nil {
		return err
	}
	b := &builder{p: p, f: f, given: given, more: more, fixed: d.Mends != ""}
	var err error
	if b.notes, err = c.notes(r, who, d); err != nil {
		return err
	}
	if part == applications.Route {
		if b.where, err = c.today(); err != nil {
			return err
		}
	}
	if part == applications.Origin {
		if b.mine, err = c.service.Imports(r.Context(), who); err != nil {
			return err
		}
	}
	typed := d.Parts[part]
	data := partPage{Back: draftPath(d.ID), Action: partPath(d.ID, part), Form: f, Seen: strconv.FormatInt(typed.Version, 10), Groups: b.groups(part)}
	data.Hidden = b.hidden()
	all := applications.Parts()
	i := slices.Index(all, part)
	data.Number = p.T("apply.step", lang.Args{"n": i + 1, "of": len(all)})
	if typed.Version > 0 {
		data.Edited = p.T("apply.edited", lang.Args{"by": typed.Name, "at": typed.At})
	}
	if f.Wrong() {
		data.Skip = next(d.ID, part)
	}
	if part == applications.Papers {
		if err := c.addPapers(r, p, who, d, f, &data); err != nil {
			return err
		}
	}
	status := http.StatusOK
	if f.Wrong() {
		status = http.StatusUnprocessableEntity
		if fault.KindOf(wrong) == fault.KindConflict && !isForm(wrong) {
			status = http.StatusConflict
		}
	}
	return c.part.RenderAs(w, r, status, p.T("apply.part."+string(part), nil), data)
}

// isForm tells what is wrong with a form from what somebody else has done meanwhile.
func isForm(err error) bool { return !fault.Is(err, "certificate.draft_moved") }

// notes are what the office has written about single fields.
func (c *counter) notes(r *http.Request, who applications.Who, d *applications.Draft) (map[string]string, error) {
	if d.Mends == "" {
		return nil, nil
	}
	_, f, err := c.service.File(r.Context(), who, d.Mends)
	if err != nil || f.Sent == nil {
		return nil, err
	}
	out := map[string]string{}
	for _, x := range f.Sent.Fields {
		out[x.Field] = strings.TrimSpace(out[x.Field] + " " + x.Reason)
	}
	return out, nil
}

// next is where who has finished a part goes on.
func next(id string, part applications.Part) string {
	all := applications.Parts()
	if i := slices.Index(all, part); i+1 < len(all) {
		return partPath(id, all[i+1])
	}
	return draftPath(id) + "/check"
}

// savePart keeps what was typed, whatever the button; then it goes on, stays for one
// more row, or leaves.
func (c *counter) savePart(w http.ResponseWriter, r *http.Request) error {
	part, err := partOf(r)
	if err != nil {
		return err
	}
	who, d, err := c.ask(r)
	if err != nil {
		return err
	}
	given, err := posted(r)
	if err != nil {
		return err
	}
	seen, _ := strconv.ParseInt(given.Get("seen"), 10, 64)
	p := c.site.Printer(r)
	more := given.Get("more")
	less := given.Get("less")
	if less != "" { // Save closes the gap
		maps.DeleteFunc(given, func(name string, _ []string) bool { return strings.HasPrefix(name, less+".") })
	}
	saved, err := c.service.Save(r.Context(), who, d.ID, part, seen, given)
	if fault.Is(err, "certificate.draft_moved") || fault.Is(err, "certificate.draft_large") {
		return c.renderPart(w, r, who, d, part, given, "", err)
	}
	if err != nil {
		return err
	}
	switch {
	case more != "":
		list, _, _ := strings.Cut(more, ":")
		last := form.New(p, saved.Fields(part)).Rows(list, 0)
		at := form.New(p, nil).Text(list+"["+strconv.Itoa(len(last)+1)+"]", "apply.new").ID
		return c.site.Go(w, r, partPath(d.ID, part)+"?more="+url.QueryEscape(more)+"#"+at, "")
	case less != "":
		return c.site.Go(w, r, partPath(d.ID, part), "apply.said.saved")
	case given.Get("act") == "later":
		return c.site.Go(w, r, draftPath(d.ID), "apply.said.saved")
	}
	reviewed, err := c.service.Review(r.Context(), saved)
	if err != nil {
		return err
	}
	if wrong := reviewed.Wrong[part]; wrong != nil {
		return c.renderPart(w, r, who, saved, part, saved.Fields(part), "", wrong)
	}
	return c.site.Go(w, r, next(d.ID, part), "")
}

// posted is the form of a request. Fault web.form_large.
func posted(r *http.Request) (url.Values, error) {
	if err := r.ParseForm(); err != nil {
		return nil, tooLong(err)
	}
	return r.PostForm, nil
}

func tooLong(err error) error {
	return fault.TooLarge("web.form_large", fault.Most(1<<20), fault.Because(err))
}
