package receiving

import (
	"net/http"
	"slices"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/certificateweb/desk"
	"adamas.example/internal/certificate/certificateweb/receiving/bulk"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/document/ornament"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
	"adamas.example/verify"
)

// screen is all that is known of a shipment, and what can be done with it.
type screen struct {
	ID, Number string
	Path       string
	State      string
	Seen       int64
	Prove      *proof
	Said       *said // of the certificate; nil where there is none or it is judged no more
	Presented  []string
	Earlier    *earlier
	Findings   []finding
	Form       *form.Form
	Measuring  *measuring // nil when there is nothing to examine
	Can        can
	Ready      bool // confirming is all that is left to do
	Undecided  bool // a written reason is wanted
	Doubt      bool // something speaks against the goods
	Lacks      bool // the code of the proof, or the certificate's file, would tell more
	Entered    *crossing
	Past       []past
}

// can is what somebody at the desk may do now.
type can struct{ Arrive, Confirm, Dispute, Case, Leave, Print bool }

// said is the verdict and what the certificate says, in words.
type said struct {
	reading.Reading
	Mark       web.Mark
	First      string
	More       []string
	AsOf       *reading.Field
	CheckWords string
	Rosette    ornament.Drawing
}

type earlier struct{ Path, Place, At string }

// finding is what a rule says of it.
type finding struct {
	Mark web.Mark
	Rule string
	Text string
	Bad  bool
}

// past is a step of the file.
type past struct{ At, What, Who string }

var marks = map[verify.Outcome]web.Mark{verify.Valid: web.Valid, verify.CannotTell: web.Tell, verify.Invalid: web.Invalid}

func saidOf(p *lang.Printer, v *verify.Verdict, s *importing.Sight, synthetic bool) *said {
	read := reading.Of(p, v, synthetic)
	out := &said{Reading: read, Mark: marks[read.Outcome], First: read.Headline[0], More: read.Headline[1:]}
	out.Fields = slices.DeleteFunc(slices.Clone(read.Fields), func(f reading.Field) bool {
		if f.Key == "as_of" {
			out.AsOf = &f
		}
		return f.Key == "as_of" || f.Key == "number" || f.Key == "question"
	})
	if l, err := desk.LikenessOf(s.Certificate); err == nil && read.Unproved == "" {
		out.CheckWords, out.Rosette = l.CheckWords, l.Rosette
	}
	return out
}

func (c *counter) showScreen(w http.ResponseWriter, r *http.Request) error {
	s, err := c.desk.Look(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if s.OnPaper { // its pages are package transcribing's
		return next(w, r, "/papers/"+s.ID)
	}
	return c.render(w, r, http.StatusOK, s, form.New(c.site.Printer(r), nil))
}

// render shows the screen: as it begins, or with what was typed and what is wrong with it.
func (c *counter) render(w http.ResponseWriter, r *http.Request, status int, s *importing.Sight, f *form.Form) error {
	data, err := c.screenOf(r, c.site.Printer(r), s, f)
	if err != nil {
		return err
	}
	title := data.Number
	if title == "" {
		title = data.ID
	}
	return c.screen.RenderAs(w, r, status, title, *data)
}

func (c *counter) screenOf(r *http.Request, p *lang.Printer, s *importing.Sight, f *form.Form) (*screen, error) {
	may := consignment.May(s.State, access.Importer)
	data := &screen{ID: s.ID, Number: ident.CertificateNumber(s.Number).Display(), Path: "/imports/" + s.ID, State: p.Show(s.State), Seen: s.Steps, Form: f}
	data.Can = can{Arrive: slices.Contains(may, consignment.Arrive), Dispute: slices.Contains(may, consignment.Dispute), Case: isCase(s.State) || len(s.Decisions) > 0,
		Leave: slices.Contains(may, consignment.Leave), Print: s.State == consignment.Confirmed}
	place, scale := kept(r)
	if (data.Can.Arrive || data.Can.Leave) && !f.Values().Has("place") {
		f.Set("place", place)
	}
	data.Presented = presentedWords(p, s)
	if e := s.Earlier; e != nil {
		data.Earlier = &earlier{"/imports/" + e.Consignment, e.Place, p.Time(e.At)}
	}
	for _, step := range s.Past {
		data.Past = append(data.Past, past{p.Time(step.At), p.Show(step.Act), who(p, step)})
	}
	data.Entered = crossingOf(p, s, f, period.DateOf(c.site.Now()))
	if s.Certificate == nil {
		return data, nil
	}
	v, err := c.desk.Verdict(r.Context(), s)
	if err != nil {
		return nil, err
	}
	data.Said = saidOf(p, v, s, c.site.Synthetic())
	if slices.Contains(may, consignment.Examine) {
		return data, c.weigh(r, p, data, s, v, scale)
	}
	return data, nil
}

// weigh puts the form on the screen, with what the rules say of what stands in it.
func (c *counter) weigh(r *http.Request, p *lang.Printer, data *screen, s *importing.Sight, v *verify.Verdict, scale string) (err error) {
	f := data.Form
	given := f.Values()
	posted := given.Has("parcels")
	if !posted {
		given = asStated(p, v, scale)
		for name := range given {
			f.Set(name, given.Get(name))
		}
	}
	data.Prove = c.prove(r)
	data.Undecided = v.Outcome == verify.CannotTell
	proved := v.Check(verify.CodeProof)
	data.Lacks = proved != nil && proved.Outcome == verify.CannotTell || v.Outcome == verify.CannotTell || v.Shown == nil || v.Shown.Carats == nil
	data.Doubt = s.Earlier != nil || v.Outcome == verify.Invalid
	blocks := false
	m, wrong := weighed(given, factsOf(v))
	found := &m.Measured
	if wrong != nil || posted && !m.whole() {
		found = nil // there is nothing to compare yet
	} else {
		report, err := c.desk.Try(s, v, *found)
		if err != nil {
			return err
		}
		blocks = report.Blocks()
		for x := range report.All() {
			data.Findings = append(data.Findings, findingOf(p, x))
			data.Doubt = data.Doubt || x.Blocks() && x.Outcome == rule.Fail
		}
		if data.Doubt && f.Value("reason") == "" && f.Value("act") != "dispute" {
			suggest(p, f, s, v, report)
		}
	}
	data.Can.Confirm = v.Outcome != verify.Invalid && s.Earlier == nil
	data.Ready = data.Can.Confirm && v.Outcome == verify.Valid && !blocks
	data.Measuring, err = c.measuringOf(p, s, v, f, found)
	return err
}

func findingOf(p *lang.Printer, f rule.Finding) finding {
	out := finding{Mark: web.Valid, Rule: f.Rule, Text: p.T(f.Reason.Key, f.Reason.Args)}
	switch f.Outcome {
	case rule.Fail:
		out.Mark, out.Bad = web.Tell, f.Blocks()
		if f.Blocks() {
			out.Mark = web.Invalid
		}
	case rule.CannotTell:
		out.Mark, out.Bad = web.Tell, f.Blocks()
	}
	return out
}

// suggest writes into the form what an officer would write of a discrepancy: what
// everybody may read, and what stays in the file. Weights and seals of a certificate are
// nobody else's business before it is opened (design.md §5), so the public sentence has
// none.
func suggest(p *lang.Printer, f *form.Form, s *importing.Sight, v *verify.Verdict, report rule.Report) {
	var public, private []string
	add := func(name string) {
		key := "receiving.reason." + name
		if said := p.T(key, nil); p.Has(key) && !slices.Contains(public, said) {
			public = append(public, said)
		}
	}
	if s.Earlier != nil {
		add("presented_before")
	}
	if v.Outcome == verify.Invalid {
		add("certificate")
		for _, check := range reading.Of(p, v, false).Checks {
			if verify.Outcome(check.Outcome) == verify.Invalid {
				private = append(private, check.Text)
			}
		}
	}
	for _, x := range report.Blocking() {
		add(x.Reason.Key[strings.LastIndexByte(x.Reason.Key, '.')+1:])
		private = append(private, x.Rule+": "+p.T(x.Reason.Key, x.Reason.Args))
	}
	if len(public) == 0 {
		add("other")
	}
	f.Set("reason", bulk.Cut(strings.Join(public, " "), 480))
	if f.Value("note") == "" {
		f.Set("note", bulk.Cut(strings.ReplaceAll(strings.Join(private, " "), "\u00a0", " "), 1900))
	}
}

// presentedWords are how it came here, in sentences.
func presentedWords(p *lang.Printer, s *importing.Sight) (out []string) {
	for i, a := range s.Advices {
		key := "receiving.announced"
		if i > 0 {
			key = "receiving.announced_before"
		}
		said := []string{p.T(key, lang.Args{"office": a.From, "at": a.At, "day": a.Day}), a.Exit, a.Note}
		out = append(out, strings.Join(slices.DeleteFunc(said, func(text string) bool { return text == "" }), " · "))
	}
	switch {
	case len(s.Advices) > 0:
	case s.OnPaper:
		out = append(out, p.T("receiving.on_paper", nil))
	case s.Arrival != nil && s.Arrival.Without != "":
		out = append(out, p.T("receiving.without", lang.Args{"from": ident.ParticipantCode(s.Arrival.Without)}))
	case s.Entered == nil:
		out = append(out, p.T("receiving.not_announced", nil))
	}
	if a := s.Arrival; a != nil {
		out = append(out, p.T("receiving.presented", lang.Args{"place": a.Place, "at": s.ArrivedAt, "by": s.ArrivedBy}))
		if a.Read != "" {
			out = append(out, p.T("receiving.read."+string(a.Read), nil))
		}
	}
	if m := s.Measured; m != nil {
		out = append(out, measuredWords(p, m))
	}
	return out
}

// measuredWords say what was found inside, or that the certificate's figures were left to
// stand.
func measuredWords(p *lang.Printer, m *importing.Measured) string {
	key := "receiving.measured"
	if m.AsStated {
		key = "receiving.measured.as_stated"
	}
	return p.T(key, lang.Args{"carats": m.Carats, "parcels": m.Parcels, "scale": m.Scale})
}

// who did a step: the exporting office's message, or an officer.
func who(p *lang.Printer, s consignment.Step) string {
	if s.Role == consignment.Record {
		return p.T("receiving.by_message", nil)
	}
	return s.Actor
}
