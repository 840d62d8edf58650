package audit

import (
	"embed"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"adamas.example/internal/lang"
)

//go:embed text/*.toml
var text embed.FS

// Text is the words of the report.
func Text() fs.FS { return text }

// page writes the report for a person: what was examined and checked, what was
// found and where, what could not be told, and what all that means.
type page struct {
	out io.Writer
	w   *lang.Printer
}

// Write puts the report into words. Every finding stands by itself, so that it can
// be quoted: its number, its sentence, its place, its statement, its rule, its
// facts.
func (r *Report) Write(out io.Writer, w *lang.Printer) {
	p := page{out, w}
	p.line("audit.title", nil)
	if r.Synthetic {
		p.line("audit.synthetic", nil)
	}
	p.line("audit.as_of", lang.Args{"time": r.At})
	p.examined(r)
	p.section("audit.section.checked", nil)
	for _, c := range r.Checks {
		p.counted("audit.check.", c)
	}
	p.findings(r)
	p.section("audit.section.untold", nil)
	for _, c := range r.Untold {
		p.counted("audit.untold.", c)
	}
	p.none(len(r.Untold))
	p.section("audit.section.pairs", nil)
	for _, c := range r.Pairs {
		p.item(w.T("audit.pair", lang.Args{"from": c.From, "to": c.To, "issued": c.Issued, "received": c.Received, "ended": c.Ended,
			"overdue": c.Overdue, "open": c.Open}))
		if c.Attested+c.Transcribed > 0 {
			p.item("  " + w.T("audit.pair_on_paper", lang.Args{"attested": c.Attested, "transcribed": c.Transcribed, "received": c.TranscribedReceived}))
		}
	}
	p.none(len(r.Pairs))
	p.section("audit.section.parameters", nil)
	for _, name := range []string{"open_days", "overdue_days", "tolerance_hundredths", "tolerance_per_million", "late_seconds"} {
		p.item(w.T("audit.parameter."+name, lang.Args{"value": r.Parameters[name]}))
	}
	fmt.Fprintln(out)
	if r.Clean() {
		p.line("audit.clean", lang.Args{"time": r.At})
	} else {
		p.line("audit.not_clean", lang.Args{"count": r.Violations, "time": r.At})
	}
}

func (p page) line(key string, args lang.Args) { fmt.Fprintln(p.out, p.w.T(key, args)) }

func (p page) section(key string, args lang.Args) {
	fmt.Fprintln(p.out)
	p.line(key, args)
}

func (p page) item(s string) { fmt.Fprintln(p.out, "  "+s) }

func (p page) none(n int) {
	if n == 0 {
		p.item(p.w.T("audit.none", nil))
	}
}

func (p page) examined(r *Report) {
	p.section("audit.section.examined", nil)
	p.item(p.w.T("audit.root", lang.Args{"root": r.Root, "version": r.Version}))
	for _, l := range r.Logs {
		p.item(p.w.T("audit.log", lang.Args{"origin": l.Origin, "size": l.Size, "certificates": l.Certificates, "root": l.Root}))
		for _, label := range slices.Sorted(maps.Keys(l.Witnesses)) {
			p.item("  " + p.w.T("audit.witness", lang.Args{"witness": label, "time": l.Witnesses[label]}))
		}
	}
	p.item(p.w.T("audit.witnesses", nil))
}

// counted writes one count. What is counted for each of several tables has the
// table's name behind a colon.
func (p page) counted(prefix string, c Count) {
	what, name, _ := strings.Cut(c.What, ": ")
	p.item(p.w.Number(c.Count) + "  " + p.w.T(prefix+what, lang.Args{"name": name}))
}

func (p page) findings(r *Report) {
	p.section("audit.section.violations", lang.Args{"count": r.Violations})
	p.none(r.Violations)
	for _, f := range r.Findings[:r.Violations] {
		p.finding("■", f)
	}
	p.section("audit.section.notices", lang.Args{"count": len(r.Findings) - r.Violations})
	p.none(len(r.Findings) - r.Violations)
	for _, f := range r.Findings[r.Violations:] {
		p.finding("▲", f)
	}
}

func (p page) finding(mark string, f Finding) {
	fmt.Fprintf(p.out, "%s %d. %s\n", mark, f.N, p.w.T("audit.finding."+f.Code, f.Facts))
	var where []string
	switch {
	case f.Index >= 0 && f.Log != "":
		where = append(where, p.w.T("audit.at", lang.Args{"log": f.Log, "index": fmt.Sprint(f.Index)}))
	case f.Log != "":
		where = append(where, p.w.T("audit.at_log", lang.Args{"log": f.Log}))
	}
	if f.Statement != "" {
		where = append(where, p.w.T("audit.statement", lang.Args{"hash": f.Statement}))
	}
	if len(where) > 0 {
		p.item("  " + strings.Join(where, ", "))
	}
	p.item("  " + p.w.T("audit.rule", lang.Args{"rule": p.rule(f.Rule)}))
	var facts []string
	for _, name := range slices.Sorted(maps.Keys(f.Facts)) {
		if v := f.Facts[name]; v != "" {
			facts = append(facts, p.w.T("audit.fact."+name, nil)+": "+p.w.Show(v))
		}
	}
	if len(facts) > 0 {
		p.item("  " + strings.Join(facts, "; "))
	}
	if key := "audit.remedy." + f.Code; p.w.Has(key) {
		p.item("  " + p.w.T("audit.remedy", lang.Args{"remedy": p.w.T(key, nil)}))
	}
}

// rule names a rule in the reader's words; paragraphs of the KPCS are cited alike
// in every language.
func (p page) rule(s string) string {
	if section, ours := strings.CutPrefix(s, "design "); ours {
		return p.w.T("audit.rule.design", lang.Args{"section": section})
	}
	return s
}
