package receiving

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
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
	Problems                 []told
	Prove                    *proof
	Presented                []string
	Certificate              string // where its public page is; "" for goods without one
	Clocks                   []clock
	Decisions                []decision
	Said                     []stated
	Letters                  []letter
	Choices                  []choice
	Typed                    typedDecision
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

type choice struct {
	Act, Name, What string
	Chosen          bool
}

// typedDecision is the form of a decision, given back with what was typed.
type typedDecision struct {
	Day, Reason, Note, Under, Legal, Goods string
	Report                                 bool
}

func (c *counter) showCase(w http.ResponseWriter, r *http.Request) error {
	s, err := c.desk.Look(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !isCase(s.State) && len(s.Decisions) == 0 {
		return next(w, r, "/imports/"+s.ID)
	}
	return c.renderCase(w, r, s, typedDecision{Day: period.DateOf(c.site.Now()).String()}, "", nil)
}

func (c *counter) renderCase(w http.ResponseWriter, r *http.Request, s *importing.Sight, typed typedDecision, chosen consignment.Act, problem error) error {
	p := c.site.Printer(r)
	data := caseFile{ID: s.ID, Number: ident.CertificateNumber(s.Number).Display(), Path: "/imports/" + s.ID + "/case", Screen: "/imports/" + s.ID, From: p.Participant(s.Counterpart),
		State: p.Show(s.State), Seen: s.Steps, Presented: presentedWords(p, s), Prove: c.prove(r), Mark: web.Tell, Typed: typed, Open: !s.State.Ends()}
	if s.State.Ends() || !isCase(s.State) {
		data.Mark = web.Wait
	}
	if s.Number != "" {
		data.Certificate = "/certificates/" + s.Number
	}
	may := consignment.May(s.State, access.Importer)
	for _, act := range dispositions {
		if slices.Contains(may, act) {
			data.Choices = append(data.Choices, choice{string(act), p.T("receiving.do."+string(act), nil), p.T("receiving.do."+string(act)+".what", nil), act == chosen})
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
	status := http.StatusOK
	if problem != nil {
		data.Problems, status = tell(p, problem), fault.KindOf(problem).Status()
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
		add("found", p.T("receiving.measured", lang.Args{"carats": m.Carats, "parcels": m.Parcels, "scale": m.Scale}))
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
	in, err := receive(w, r, mostFile)
	if err != nil {
		return err
	}
	s, err := c.desk.Look(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	typed := typedDecision{Day: in.one("day"), Reason: in.one("reason"), Note: in.one("note"), Under: in.one("under"), Legal: in.one("legal"), Goods: in.one("goods"),
		Report: in.Get("reported") != ""}
	act := consignment.Act(in.Get("do"))
	if err = c.disposed(r, s, in, act, typed); err == nil {
		return next(w, r, "/imports/"+s.ID+"/case")
	}
	if !expected(err) {
		return err
	}
	if now, failed := c.desk.Look(r.Context(), s.ID); failed == nil {
		s = now
	}
	return c.renderCase(w, r, s, typed, act, err)
}

func (c *counter) disposed(r *http.Request, s *importing.Sight, in *posted, act consignment.Act, typed typedDecision) error {
	if !slices.Contains(dispositions, act) {
		return fault.Invalid("receiving.no_decision", fault.At("do"))
	}
	day, err := period.ParseTyped(typed.Day)
	if err != nil {
		return fault.Locate(err, fault.At("day"))
	}
	if today := period.DateOf(c.site.Now()); day > today {
		return fault.Invalid("receiving.day_ahead", fault.At("day"), fault.Arg("day", day))
	}
	i := importing.Irregular{Day: day, Reason: typed.Reason, Note: typed.Note, Under: typed.Under, Legal: typed.Legal, Goods: typed.Goods, Report: typed.Report}
	if typed.Under != "" {
		n, err := ident.ParseTypedPaper(typed.Under)
		if err != nil {
			return fault.Locate(err, fault.At("under"))
		}
		i.Under = string(n)
	}
	for _, f := range in.files {
		sum := sha256.Sum256(f.Content)
		i.Papers = append(i.Papers, hex.EncodeToString(sum[:]))
	}
	seen := int64(digits(in.Get("seen")))
	if seen == 0 {
		return fault.Invalid("receiving.no_act", fault.At("seen"), fault.Text(in.Get("seen")))
	}
	if err := c.sign(r); err != nil {
		return err
	}
	_, _, err = c.desk.Dispose(r.Context(), s.ID, act, officer(r.Context(), seen), i, ledger.Signed)
	return err
}
