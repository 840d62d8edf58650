package receiving

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/importing/worklist"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// isCase tells whether a state is of an irregular shipment.
func isCase(s consignment.State) bool {
	return slices.Contains([]consignment.State{consignment.Discrepant, consignment.Detained, consignment.Returned, consignment.Seized, consignment.Disposed}, s)
}

// dispositions are the decisions, from the mildest.
var dispositions = []consignment.Act{consignment.Release, consignment.Detain, consignment.Return, consignment.Seize, consignment.Sell, consignment.Destroy}

// caseFile is an irregular shipment with everything that was decided.
type caseFile struct {
	ID, Number, Path, Screen string
	From                     string
	State                    string
	Open                     bool
	Mark                     web.Mark
	Seen                     int64
	Form                     *form.Form
	Prove                    *proof
	Presented                []string
	Certificate              string // where its public page is; "" for goods without one
	Clocks                   []clock
	Decisions                []decision
	Said                     []stated
	Letters                  []letter
	Choices                  []form.Option
}

type clock struct {
	Mark        web.Mark
	What, Until string
	Left        string
}

// decision is one that was taken.
type decision struct {
	When, What, Who, Reason string
	Notes                   []field
}

type field struct{ Name, Text string }

// stated is what this office has stated of it, and how far that has come.
type stated struct{ What, At, State, Path string }

type letter struct{ To, At, State, Remark string }

// deciding is the form of a decision.
type deciding struct {
	Do consignment.Act `json:"do"`
	importing.Irregular
}

func (c *counter) showCase(w http.ResponseWriter, r *http.Request) error {
	s, err := c.desk.Look(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !isCase(s.State) && len(s.Decisions) == 0 {
		return next(w, r, "/imports/"+s.ID)
	}
	f := form.New(c.site.Printer(r), nil)
	f.Set("day", period.DateOf(c.site.Now()).String())
	return c.renderCase(w, r, http.StatusOK, s, f)
}

func (c *counter) renderCase(w http.ResponseWriter, r *http.Request, status int, s *importing.Sight, f *form.Form) error {
	p := c.site.Printer(r)
	data := caseFile{ID: s.ID, Number: ident.CertificateNumber(s.Number).Display(), Path: "/imports/" + s.ID + "/case", Screen: "/imports/" + s.ID, From: p.Participant(s.Counterpart),
		State: p.Show(s.State), Seen: s.Steps, Presented: presentedWords(p, s), Prove: c.prove(r), Mark: web.Tell, Form: f, Open: !s.State.Ends()}
	if s.State.Ends() || !isCase(s.State) {
		data.Mark = web.Wait
	}
	if s.Number != "" {
		data.Certificate = "/certificates/" + s.Number
	}
	may := consignment.May(s.State, access.Importer)
	for _, act := range dispositions {
		if slices.Contains(may, act) {
			data.Choices = append(data.Choices, form.Option{Value: string(act), Text: p.T("receiving.do."+string(act), nil), Hint: p.T("receiving.do."+string(act)+".what", nil)})
		}
	}
	for _, d := range s.Decisions {
		data.Decisions = append(data.Decisions, c.decisionOf(p, &d))
	}
	for _, k := range c.work.Clocks(s) {
		data.Clocks = append(data.Clocks, clockOf(p, k, period.DateOf(c.site.Now())))
	}
	if err := c.stated(r, p, s, &data); err != nil {
		return err
	}
	return c.file.RenderAs(w, r, status, p.T("receiving.case.title", lang.Args{"id": s.ID}), data)
}

func clockOf(p *lang.Printer, k worklist.Clock, today period.Date) clock {
	out := clock{What: p.T("receiving.clock."+strings.ReplaceAll(k.Param, "-", "_"), nil), Until: p.Show(k.Until), Mark: web.Wait}
	days := k.Until.DaysSince(today)
	switch {
	case k.Done:
		out.Mark, out.Left = web.Valid, p.T("receiving.clock.done", nil)
	case days < 0:
		out.Mark, out.Left = web.Invalid, p.T("receiving.clock.over", lang.Args{"limit": period.Limit{N: -days, Unit: period.CalendarDays}})
	default:
		out.Left = p.T("receiving.clock.left", lang.Args{"limit": period.Limit{N: days, Unit: period.CalendarDays}})
		if days <= 7 {
			out.Mark = web.Tell
		}
	}
	return out
}

func (c *counter) decisionOf(p *lang.Printer, d *importing.Decision) decision {
	out := decision{When: p.Show(d.Day), What: p.Show(d.Act), Who: d.By, Reason: d.Reason}
	add := func(key, text string) {
		if text != "" {
			out.Notes = append(out.Notes, field{p.T("receiving.decision."+key, nil), text})
		}
	}
	add("note", d.Note)
	if m := d.Found; m != nil {
		add("found", measuredWords(p, m))
	}
	add("under", d.Under)
	add("legal", d.Legal)
	add("goods", d.Goods)
	for _, digest := range d.Papers {
		add("paper", digest)
	}
	if d.Report {
		add("report", p.T("receiving.decision.told", nil))
	}
	return out
}

// lettersRead bounds how far back the outbox is looked through for letters of a case.
const lettersRead = 300

// stated lists what this office has stated of the certificate, and the letters in which
// it went to the office that issued it.
func (c *counter) stated(r *http.Request, p *lang.Printer, s *importing.Sight, data *caseFile) error {
	if s.Statement.IsZero() {
		return nil
	}
	var said []*ledger.Entry
	err := c.node.Ledger.Store().Read(r.Context(), c.site.Now(), func(tx *store.Tx) (err error) {
		said, err = ledger.SaidOf(tx, c.node.Office, statement.CertificateSubject(s.Number))
		return err
	})
	if err != nil {
		return err
	}
	ours := map[canonical.Hash]bool{}
	for _, e := range said {
		st, err := statement.Parse(e.Signed)
		if err != nil {
			continue // signed, and of a form that a later version makes
		}
		if about, ok := statement.Concerns(st.Body); !ok || about.Certificate != s.Statement {
			continue
		}
		ours[e.Hash] = true
		row := stated{What: p.T("receiving.stated."+e.Type.String(), nil), At: p.Time(e.SignedAt), State: p.T("consignment.recorded."+e.State().String(), nil)}
		if e.Index >= 0 {
			row.Path = "/register/" + e.Hash.String()
		}
		data.Said = append(data.Said, row)
	}
	if c.node.Post == nil {
		return nil
	}
	sent, err := c.node.Post.Outbox(r.Context(), lettersRead)
	if err != nil {
		return err
	}
	for _, m := range sent {
		if slices.ContainsFunc(m.Message.Statements, func(b []byte) bool { return ours[canonical.Sum(b)] }) {
			data.Letters = append(data.Letters, letterOf(p, m))
		}
	}
	return nil
}

func letterOf(p *lang.Printer, m *exchange.Outgoing) letter {
	out := letter{To: m.Message.To, At: p.Time(m.Posted), State: p.Show(m.State)}
	if m.Reason != nil {
		if said := p.Explain(m.Reason, ""); len(said) > 0 {
			out.Remark = said[0].Text
		}
	}
	return out
}

// decide takes a decision on an irregular shipment.
func (c *counter) decide(w http.ResponseWriter, r *http.Request) error {
	sent, err := form.Receive(w, r)
	f := form.New(c.site.Printer(r), sent.Values)
	s, missing := c.desk.Look(r.Context(), r.PathValue("id"))
	if missing != nil {
		return missing
	}
	if err == nil {
		err = c.disposed(r, s, oneLine(sent.Values), sent.Contents("papers"))
	}
	if err == nil {
		return next(w, r, "/imports/"+s.ID+"/case")
	}
	if err := f.Refuse(err); err != nil {
		return err
	}
	if now, failed := c.desk.Look(r.Context(), s.ID); failed == nil {
		s = now
	}
	return c.renderCase(w, r, statusOf(err), s, f)
}

func (c *counter) disposed(r *http.Request, s *importing.Sight, in url.Values, papers [][]byte) error {
	v, err := form.Values[deciding](in)
	if err != nil {
		return err
	}
	i := importing.Irregular{Day: v.Day, Reason: v.Reason, Note: v.Note, Under: v.Under, Legal: v.Legal, Goods: v.Goods, Report: v.Report}
	for _, content := range papers {
		i.Papers = append(i.Papers, canonical.Sum(content).String())
	}
	var wrong fault.List
	if !slices.Contains(dispositions, v.Do) {
		wrong.Add(fault.Invalid("receiving.no_decision", fault.At("do")))
	}
	if n, err := ident.ParseTypedPaper(v.Under); v.Under != "" && err == nil {
		i.Under = string(n)
	}
	wrong.Add(i.Check(v.Do, period.DateOf(c.site.Now())))
	seen, err := seenOf(in)
	wrong.Add(err)
	if err := wrong.Err(); err != nil {
		return err
	}
	if err := c.sign(r); err != nil {
		return err
	}
	_, _, err = c.desk.Dispose(r.Context(), s.ID, v.Do, officer(r.Context(), seen), i, ledger.Signed)
	return err
}
