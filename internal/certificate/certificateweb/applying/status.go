package applying

import (
	"net/http"
	"strconv"
	"strings"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/applications"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
)

// statusPage is where one application stands.
type statusPage struct {
	ID         string
	Mark       web.Mark
	First      string // the state in words
	Since      string
	Who        string // who has it now
	Next       string // what comes next
	Asked      string // of the exporter; "" for nothing
	Reasons    *reasons
	ReasonsFor string
	Mend       string // address; "" where nothing can be mended
	MendWords  string
	Withdraw   *withdrawing
	Number     string
	Links      []link
	Other      *link // the file whose certificate takes this one's place
	Money      *money
	Steps      []step
	Sections   []section
	Papers     []paperLine
	Warranty   *warranty
	Declared   string
	Owner      string
}

type link struct{ Path, Text string }

type withdrawing struct {
	Action, Seen string
	Form         *form.Form
	Why          form.Field
	Wrong        bool
}

// step is one act in the life of the application.
type step struct{ When, Text string }

// money is what it is worth and what it costs.
type money struct {
	Lines    []moneyLine
	Total    string
	Valued   string
	Duties   []dutyLine
	Sum      string
	Paid     bool
	Receipt  string
	Exempt   string
	Expected string // that duties are not paid yet
}

type moneyLine struct{ Name, Carats, Value string }
type dutyLine struct{ Name, Rate, Amount string }

// holders say who has an application in a state: you, office, carrier, abroad, nobody.
var holders = map[consignment.State]string{
	consignment.Applied: "office", consignment.Deficient: "you", consignment.Rejected: "nobody", consignment.Withdrawn: "nobody",
	consignment.Valued: "you", consignment.Taxed: "office", consignment.Sealed: "office", consignment.Prepared: "office", consignment.Issued: "you",
	consignment.Exported: "abroad", consignment.Overdue: "abroad", consignment.Received: "nobody", consignment.Disputed: "abroad",
	consignment.SentBack: "you", consignment.Forfeited: "nobody", consignment.Expired: "you", consignment.Void: "nobody", consignment.Replaced: "nobody",
	consignment.Lost: "office",
}

var stateMarks = map[consignment.State]web.Mark{
	consignment.Deficient: web.Tell, consignment.Rejected: web.Invalid, consignment.Withdrawn: web.Invalid, consignment.Issued: web.Valid, consignment.Exported: web.Valid,
	consignment.Received: web.Valid, consignment.Overdue: web.Tell, consignment.Disputed: web.Tell, consignment.SentBack: web.Invalid, consignment.Forfeited: web.Invalid,
	consignment.Expired: web.Invalid, consignment.Void: web.Invalid, consignment.Replaced: web.Invalid, consignment.Lost: web.Invalid,
}

func markOf(s consignment.State) web.Mark {
	if m, ok := stateMarks[s]; ok {
		return m
	}
	return web.Wait
}

func (c *counter) showStatus(w http.ResponseWriter, r *http.Request) error {
	who, err := c.who(r)
	if err != nil {
		return err
	}
	return c.renderStatus(w, r, who, form.New(c.site.Printer(r), nil), nil)
}

func (c *counter) renderStatus(w http.ResponseWriter, r *http.Request, who applications.Who, why *form.Form, refused error) error {
	p := c.site.Printer(r)
	file, f, err := c.service.File(r.Context(), who, r.PathValue("id"))
	if err != nil {
		return err
	}
	status := http.StatusOK
	if refused != nil {
		if err := why.Refuse(name(p, refused)); err != nil {
			return err
		}
		status = http.StatusUnprocessableEntity
	}
	s := string(file.State)
	data := statusPage{ID: file.ID, Mark: markOf(file.State), First: p.T("apply.state."+s, nil), Next: p.T("apply.next."+s, lang.Args{"participant": file.Counterpart}),
		Since: p.T("apply.since", lang.Args{"at": file.MovedAt}), Who: p.T("apply.who."+holders[file.State], lang.Args{"office": c.node.Office, "participant": file.Counterpart})}
	if key := "apply.asked." + s; p.Has(key) {
		data.Asked = p.T(key, nil)
	}
	c.ways(p, who, file, f, why, &data)
	if f.Sent != nil {
		data.Reasons, data.ReasonsFor = reasonsIn(p, f.Sent, nil), p.T("apply.reasons."+string(f.SentFor), nil)
	}
	if file.Number != "" && file.Exports() {
		data.Number, data.Links = ident.CertificateNumber(file.Number).Display(), c.linksOf(p, file)
	}
	if f.ReplacedBy != "" {
		data.Other = &link{"/applications/" + f.ReplacedBy, f.ReplacedBy}
	}
	if data.Money, err = moneyOf(p, f); err != nil {
		return err
	}
	data.Steps = stepsOf(p, f.Steps)
	if err := c.applied(p, f, &data); err != nil {
		return err
	}
	return c.status.RenderAs(w, r, status, p.T("apply.status.title", lang.Args{"consignment": file.ID}), data)
}

// ways are what the exporter can do with it now, as the machine lets him.
func (c *counter) ways(p *lang.Printer, who applications.Who, file *consignment.Consignment, f *applications.Filed, why *form.Form, data *statusPage) {
	if who.Company == "" {
		if f.Owner.Name != "" {
			data.Owner = p.T("apply.owner", lang.Args{"name": f.Owner.Name, "company": applications.Who{Company: f.Owner.Company}.Holder()})
		}
		return
	}
	if applications.MayMend(file.State) {
		data.Mend, data.MendWords = "/applications/"+file.ID+"/mend", p.T("apply.mend."+string(file.State), nil)
	}
	if applications.MayWithdraw(file.State) {
		data.Withdraw = &withdrawing{Action: "/applications/" + file.ID + "/withdraw", Seen: strconv.FormatInt(file.Steps, 10), Form: why, Why: why.Area("reason", "apply.f.reason", 3), Wrong: why.Wrong()}
	}
}

// linksOf lead to the certificate and its files.
func (c *counter) linksOf(p *lang.Printer, file *consignment.Consignment) []link {
	out := []link{{"/certificates/" + file.Number, p.T("apply.certificate", nil)}}
	for _, name := range c.node.Offer.Of(file.Number) {
		key := "apply.bundle"
		if strings.HasSuffix(name, ".pdf") {
			key = "apply.pdf"
		}
		out = append(out, link{"/certificates/" + name, p.T(key, nil)})
	}
	return out
}

// moneyOf puts the official value, and the duties on it, into words.
func moneyOf(p *lang.Printer, f *applications.Filed) (*money, error) {
	if f.Official == nil {
		return nil, nil
	}
	m := &money{Valued: p.T("apply.valued", lang.Args{"day": f.Official.Day, "name": f.Official.Name})}
	total, err := f.Official.Total()
	if err != nil {
		return nil, err
	}
	m.Total = p.Show(total)
	for _, l := range f.Official.Lines {
		m.Lines = append(m.Lines, moneyLine{p.T("apply.hs."+string(l.HS), nil), p.Show(l.Carats), p.Show(l.Value)})
	}
	if f.Tax == nil {
		m.Duties, m.Sum, err = dutiesOf(p, f.Due)
		if len(f.Due) > 0 {
			m.Expected = p.T("apply.due", nil)
		}
		return m, err
	}
	m.Duties, m.Sum, err = dutiesOf(p, f.Tax.Lines)
	if m.Paid = f.Tax.Exempt == ""; m.Paid {
		m.Receipt = p.T("apply.receipt", lang.Args{"number": f.Tax.Number, "authority": f.Tax.Authority, "day": f.Tax.Day})
	} else {
		m.Exempt = p.T("apply.exempt", lang.Args{"authority": f.Tax.Authority, "day": f.Tax.Day, "reason": f.Tax.Exempt})
	}
	return m, err
}

func dutiesOf(p *lang.Printer, lines []certificate.TaxLine) (out []dutyLine, sum string, err error) {
	if len(lines) == 0 {
		return nil, "", nil
	}
	total := lines[0].Amount
	for i, l := range lines {
		name := l.Name
		if key := "apply.duty." + strings.ReplaceAll(l.Name, "-", "_"); p.Has(key) {
			name = p.T(key, nil)
		}
		out = append(out, dutyLine{name, p.T("apply.percent", lang.Args{"rate": l.Rate}), p.Show(l.Amount)})
		if i == 0 {
			continue
		}
		if total, err = total.Add(l.Amount); err != nil {
			return nil, "", err
		}
	}
	return out, p.Show(total), nil
}

func stepsOf(p *lang.Printer, steps []consignment.Step) (out []step) {
	for _, s := range steps {
		text := p.Show(s.Act)
		if key := "apply.did." + string(s.Act); p.Has(key) {
			text = p.T(key, nil)
		}
		out = append(out, step{p.Time(s.At), text})
	}
	return out
}

// applied shows what was applied for, as it counts now.
func (c *counter) applied(p *lang.Printer, f *applications.Filed, data *statusPage) error {
	all := applications.Flatten(*f.Application)
	data.Sections = sections(p, func(part applications.Part) map[string][]string {
		given := map[string][]string{}
		for name, v := range all {
			if applications.PartOf(name) == part {
				given[name] = v
			}
		}
		return given
	}, func(applications.Part) string { return "" })
	data.Papers = paperLines(p, "/applications/papers/"+data.ID+"/", f.Papers, false)
	if by := f.Application.Declaration; by.By != "" {
		data.Declared = p.T("apply.declared", lang.Args{"by": by.By, "day": by.Day})
		text, ok, err := c.service.WarrantyOn(f.Application.Destination, by.Day)
		if err != nil {
			return err
		}
		if ok && text.From == by.Warranty {
			data.Warranty = c.warrantyOf(p, text)
		}
	}
	return nil
}

// mend opens what was sent for mending.
func (c *counter) mend(w http.ResponseWriter, r *http.Request) error {
	who, err := c.who(r)
	if err != nil {
		return err
	}
	d, err := c.service.Mend(r.Context(), who, r.PathValue("id"))
	if err != nil {
		return err
	}
	return c.site.Go(w, r, draftPath(d.ID), "")
}

// withdraw takes an application back, with its reason.
func (c *counter) withdraw(w http.ResponseWriter, r *http.Request) error {
	who, err := c.who(r)
	if err != nil {
		return err
	}
	given, err := posted(r)
	if err != nil {
		return err
	}
	seen, _ := strconv.ParseInt(given.Get("seen"), 10, 64)
	_, err = c.service.Withdraw(r.Context(), who, r.PathValue("id"), seen, given.Get("reason"))
	if fault.KindOf(err) == fault.KindInvalid || fault.KindOf(err) == fault.KindConflict {
		return c.renderStatus(w, r, who, form.New(c.site.Printer(r), given), err)
	}
	if err != nil {
		return err
	}
	return c.site.Go(w, r, "/applications/"+r.PathValue("id"), "apply.said.withdrawn")
}
