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
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/rule"
	"adamas.example/internal/web"
	"adamas.example/verify"
)

// screen is all that is known of a shipment, and what can be done with it.
type screen struct {
	ID, Number string
	Path       string
	State      string
	Seen       int64
	Problems   []told
	Prove      *proof
	Said       *said // of the certificate; nil where there is none or it is judged no more
	Presented  []string
	Earlier    *earlier
	Findings   []finding
	Form       *weighing // nil when there is nothing to examine
	Place      string    // for an arrival that is recorded here
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
	return c.render(w, r, s, nil, nil, nil)
}

// render shows the screen: as it begins, or with what was typed and what is wrong with it.
func (c *counter) render(w http.ResponseWriter, r *http.Request, s *importing.Sight, form *weighing, m *importing.Measured, problem error) error {
	p := c.site.Printer(r)
	data, err := c.screenOf(r, p, s, form, m)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if problem != nil {
		data.Problems, status = tell(p, problem), fault.KindOf(problem).Status()
	}
	title := data.Number
	if title == "" {
		title = data.ID
	}
	return c.screen.RenderAs(w, r, status, title, *data)
}

func (c *counter) screenOf(r *http.Request, p *lang.Printer, s *importing.Sight, form *weighing, m *importing.Measured) (*screen, error) {
	may := consignment.May(s.State, access.Importer)
	data := &screen{ID: s.ID, Number: ident.CertificateNumber(s.Number).Display(), Path: "/imports/" + s.ID, State: p.Show(s.State), Seen: s.Steps}
	data.Can = can{Arrive: slices.Contains(may, consignment.Arrive), Dispute: slices.Contains(may, consignment.Dispute), Case: isCase(s.State) || len(s.Decisions) > 0,
		Leave: slices.Contains(may, consignment.Leave), Print: s.State == consignment.Confirmed}
	var scale string
	data.Place, scale = kept(r)
	data.Presented = presentedWords(p, s)
	if e := s.Earlier; e != nil {
		data.Earlier = &earlier{"/imports/" + e.Consignment, e.Place, p.Time(e.At)}
	}
	for _, step := range s.Past {
		data.Past = append(data.Past, past{p.Time(step.At), p.Show(step.Act), who(p, step)})
	}
	data.Entered = crossingOf(p, s)
	if s.Certificate == nil {
		return data, nil
	}
	v, err := c.desk.Verdict(r.Context(), s)
	if err != nil {
		return nil, err
	}
	data.Said = saidOf(p, v, s, c.site.Synthetic())
	if slices.Contains(may, consignment.Examine) {
		return data, c.weigh(r, p, data, s, v, form, m, scale)
	}
	return data, nil
}

// weigh puts the form on the screen, with what the rules say of what stands in it.
func (c *counter) weigh(r *http.Request, p *lang.Printer, data *screen, s *importing.Sight, v *verify.Verdict, form *weighing, m *importing.Measured, scale string) (err error) {
	if form == nil {
		if form, err = c.blank(p, s, v, scale); err != nil {
			return err
		}
		m = form.asWritten()
	}
	form.compare(p)
	data.Form, data.Prove = form, c.prove(r)
	data.Undecided = v.Outcome == verify.CannotTell
	proved := v.Check(verify.CodeProof)
	data.Lacks = proved != nil && proved.Outcome == verify.CannotTell || v.Outcome == verify.CannotTell || v.Shown == nil || v.Shown.Carats == nil
	data.Doubt = s.Earlier != nil || v.Outcome == verify.Invalid
	blocks := false
	if m != nil {
		report, err := c.desk.Try(s, v, *m)
		if err != nil {
			return err
		}
		blocks = report.Blocks()
		for f := range report.All() {
			data.Findings = append(data.Findings, findingOf(p, f))
			data.Doubt = data.Doubt || f.Blocks() && f.Outcome == rule.Fail
		}
		if form.Reason == "" && data.Doubt {
			form.Reason, form.Note = suggested(p, s, v, report)
		}
	}
	data.Can.Confirm = v.Outcome != verify.Invalid && s.Earlier == nil
	data.Ready = data.Can.Confirm && v.Outcome == verify.Valid && !blocks
	return nil
}

// asWritten is what the form says while nobody has changed it.
func (f *weighing) asWritten() *importing.Measured {
	m := &importing.Measured{Carats: f.Whole.wants, Original: f.Original, Scale: f.Scale, AsStated: true}
	m.Parcels = digits(f.Count)
	for _, w := range f.Parcels {
		m.ParcelList = append(m.ParcelList, importing.Weighed{Mark: w.Mark, Carats: w.wants, Stones: digits(w.Stones)})
	}
	for _, s := range f.Seals {
		m.Seals = append(m.Seals, importing.SealFound{Container: s.Container, Seal: s.Seal, Intact: s.Whole})
	}
	return m
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

// suggested is what an officer would write of a discrepancy: what everybody may read,
// and what stays in the file. Weights and seals of a certificate are nobody else's
// business before it is opened (design.md §5), so the public sentence has none.
func suggested(p *lang.Printer, s *importing.Sight, v *verify.Verdict, report rule.Report) (reason, note string) {
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
		for _, check := range v.Checks {
			if check.Outcome == verify.Invalid {
				private = append(private, importing.Codes{check}.TextKeys()...)
			}
		}
		for i, key := range private {
			private[i] = p.T(key, nil)
		}
	}
	for _, f := range report.Blocking() {
		add(f.Reason.Key[strings.LastIndexByte(f.Reason.Key, '.')+1:])
		private = append(private, f.Rule+": "+p.T(f.Reason.Key, f.Reason.Args))
	}
	if len(public) == 0 {
		add("other")
	}
	return bulk.Cut(strings.Join(public, " "), 480), bulk.Cut(strings.ReplaceAll(strings.Join(private, " "), "\u00a0", " "), 1900)
}

// presentedWords are how it came here, in sentences.
func presentedWords(p *lang.Printer, s *importing.Sight) (out []string) {
	switch {
	case s.Advice != nil:
		out = append(out, p.T("receiving.announced", lang.Args{"office": s.Advice.From, "at": s.Advice.At, "day": s.Advice.Day}))
		if s.Advice.Note != "" {
			out = append(out, s.Advice.Note)
		}
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
		key := "receiving.measured"
		if m.AsStated {
			key = "receiving.measured.as_stated"
		}
		out = append(out, p.T(key, lang.Args{"carats": m.Carats, "parcels": m.Parcels, "scale": m.Scale}))
	}
	return out
}

// who did a step: the exporting office's message, or an officer.
func who(p *lang.Printer, s consignment.Step) string {
	if s.Role == consignment.Record {
		return p.T("receiving.by_message", nil)
	}
	return s.Actor
}
