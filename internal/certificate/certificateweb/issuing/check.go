package issuing

import (
	"net/http"
	"slices"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/rule"
	"adamas.example/internal/web"
	"adamas.example/verify/statement"
)

// checkPage says exactly what is missing before the certificate can be issued.
type checkPage struct {
	ID, Number, Expires string
	Ready               bool
	Provisional         bool
	Missing             []lack // what stands in the way
	Told                []lack // what does not, and should be seen
	Good                []lack
	Prepare             string // the way on; "" when it is not this visitor's or not yet time
}

// lack is one thing: what, who can give it, and the way there.
type lack struct {
	Mark      web.Mark
	Text, Who string
	Rule      string // what the rule says, with its mark
	Path      string
	Way       string // words of the link
}

// mends is the act by which what a rule finds is mended. A rule that has none here is
// answered by a register: of standing, of specimens, of what was received.
var mends = map[string]consignment.Act{"R-VAL-01": consignment.Value, "R-TAX-01": consignment.Tax, "R-SEA-01": consignment.Seal, "R-CRT-10": consignment.Seal,
	"R-CRT-01": consignment.Amend, "R-CRT-02": consignment.Amend, "R-CRT-04": consignment.Amend, "R-CRT-07": consignment.Value, "R-CRT-08": consignment.Prepare, "R-CRT-12": consignment.Amend,
	"R-ORG-01": consignment.Amend, "R-ORG-02": consignment.Amend, "R-ORG-03": consignment.Amend, "R-LIC-01": consignment.Amend, "R-LIC-02": consignment.Amend, "R-SOW-01": consignment.Amend,
	"R-CRT-09": consignment.Reissue}

// showCheck serves the check before issue. Nothing is spent by it.
func (d *desk) showCheck(w http.ResponseWriter, r *http.Request) error {
	p := d.site.Printer(r)
	id := r.PathValue("id")
	f, err := d.exports.File(r.Context(), id)
	if err != nil {
		return err
	}
	report, err := d.exports.Check(r.Context(), id, statement.KeyID{}, statement.KeyID{})
	if err != nil {
		return err
	}
	data := d.checkData(p, f, report, d.roles(r))
	return d.check.Render(w, r, p.T("certificate.issuing.check.title", lang.Args{"consignment": id}), data)
}

func (d *desk) checkData(p *lang.Printer, f *exporting.File, report *exporting.Report, roles access.RoleList) checkPage {
	c := f.Consignment
	data := checkPage{ID: c.ID, Ready: report.Ready(), Provisional: report.Provisional}
	if report.Number != "" {
		data.Number = ident.CertificateNumber(report.Number).Display()
	}
	data.Expires = p.Show(report.Expires)
	if _, err := consignment.RoleFor(c, consignment.Prepare, roles); err == nil {
		data.Prepare = "/issuing/" + c.ID + "/prepare"
	}
	for _, m := range report.Missing {
		l := way(p, c, m.Act, roles)
		l.Text = p.T("certificate.issuing.missing."+m.What, nil)
		switch v := m.Detail.(type) {
		case certificate.Valuer:
			l.Text = p.T("certificate.issuing.missing.valuation", lang.Args{"by": p.T("certificate.issuing.valuer."+string(v), nil)})
		case string:
			l.Text = sentence(p, m.Fault)
		}
		if l.Mark = web.Tell; m.Blocks {
			l.Mark = web.Invalid
			data.Missing = append(data.Missing, l)
			continue
		}
		data.Told = append(data.Told, l)
	}
	if report.Sheet != nil {
		l := lack{Mark: web.Invalid, Text: sentence(p, report.Sheet), Who: p.Show(access.RoleList{access.Administrator, access.Validator})}
		if slices.Contains(roles, access.Validator) { // others may not open it
			l.Path, l.Way = "/sheets", p.T("certificate.issuing.check.sheets", nil)
		}
		data.Missing = append(data.Missing, l)
	}
	for finding := range report.Report.All() {
		l := d.finding(p, f, finding, roles)
		switch {
		case finding.Outcome == rule.Pass:
			data.Good = append(data.Good, l)
		case finding.Blocks() && !told(report, finding.Rule):
			data.Missing = append(data.Missing, l)
		case !finding.Blocks():
			data.Told = append(data.Told, l)
		}
	}
	return data
}

// told tells whether what a rule finds is said already by what the file lacks.
func told(report *exporting.Report, id string) bool {
	for _, m := range report.Missing {
		if m.Blocks && m.Act == mends[id] && m.What != "application" {
			return true
		}
	}
	return report.Provisional && id == "R-CRT-01"
}

// finding is what a rule says of the draft, with the rule's own words.
func (d *desk) finding(p *lang.Printer, f *exporting.File, x rule.Finding, roles access.RoleList) lack {
	l := lack{Mark: web.Valid, Who: p.T("certificate.issuing.check.registers", nil)}
	if act, ok := mends[x.Rule]; ok && x.Outcome != rule.Pass {
		l = way(p, f.Consignment, act, roles)
	}
	l.Text = p.T(x.Reason.Key, x.Reason.Args)
	switch {
	case x.Outcome == rule.Pass:
		l.Mark = web.Valid
	case x.Blocks():
		l.Mark = web.Invalid
	default:
		l.Mark = web.Tell
	}
	l.Rule = x.Rule
	if about, err := d.node.Rules.Rule(x.Rule, rule.Scope{Participant: d.site.Office().Participant(), Counterpart: f.Consignment.Counterpart, On: d.today()}); err == nil {
		l.Rule += " · " + about.Text.In(p.Language())
	}
	return l
}

// way is who can mend something, and where the visitor does it when it is he.
func way(p *lang.Printer, c *consignment.Consignment, act consignment.Act, roles access.RoleList) lack {
	l := lack{Who: p.Show(consignment.Who(act))}
	if _, has := specs()[act]; !has {
		act = consignment.FindDeficient // the exporter mends it, when he is told
	}
	if _, err := consignment.RoleFor(c, act, roles); err == nil {
		l.Path, l.Way = "/issuing/"+c.ID+"/"+string(act), p.T("certificate.issuing.do."+string(act), nil)
	}
	return l
}

func sentence(p *lang.Printer, err error) string {
	var out []string
	for _, s := range p.Explain(err, "-") {
		out = append(out, strings.TrimSpace(s.Text+" "+s.Remedy))
	}
	return strings.Join(out, " ")
}
