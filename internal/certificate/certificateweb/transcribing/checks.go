package transcribing

import (
	"strconv"
	"strings"

	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/specimen"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
)

// check is one question that was asked of a paper, with what came of it.
type check struct {
	Name  string
	Mark  web.Mark
	Lines []line
}

type line struct {
	Mark web.Mark
	Text string
	Rule string
}

// question is which findings answer a question.
type question struct {
	name string
	owns func(importing.Found) bool
	none string // key of what is said where nothing was found
}

func ruled(rules ...string) func(importing.Found) bool {
	return func(f importing.Found) bool {
		for _, r := range rules {
			if f.Rule == r && !sighted(f) {
				return true
			}
		}
		return false
	}
}

// sighted tells the findings of earlier sightings, which are found under the rule of
// numbers.
func sighted(f importing.Found) bool {
	return strings.HasPrefix(f.Reason, "certificate.finding.number_")
}

// questions are asked of every paper, in this order.
var questions = []question{
	{"standing", ruled("R-MEM-01", "R-MEM-02"), "papers.check.standing.none"},
	{"range", ruled("R-CRT-03"), "papers.check.range.none"},
	{"specimen", ruled("R-CRT-08"), "papers.check.specimen.none"},
	{"pattern", ruled("R-CRT-02", "R-CRT-04"), "papers.check.pattern.none"},
	{"sightings", sighted, "papers.check.sightings.none"},
	{"content", ruled("R-CRT-01", "R-CRT-05", "R-CRT-06", "R-CRT-07"), "papers.check.content.none"},
}

// checks puts findings into words, one question after the other. All are shown, also
// those that were passed.
func checks(p *lang.Printer, found []importing.Found) (out []check) {
	for _, q := range questions {
		c := check{Name: p.T("papers.check."+q.name, nil), Mark: web.Valid}
		for _, f := range found {
			if !q.owns(f) {
				continue
			}
			l := line{markOf(f), p.T(f.Reason, f.Args), f.Rule}
			c.Lines = append(c.Lines, l)
			c.Mark = worse(c.Mark, l.Mark)
		}
		if len(c.Lines) == 0 {
			mark := web.Valid
			if q.name != "sightings" {
				mark = web.Tell
			}
			c.Mark = mark
			c.Lines = []line{{mark, p.T(q.none, nil), ""}}
		}
		out = append(out, c)
	}
	return out
}

func markOf(f importing.Found) web.Mark {
	switch {
	case f.Outcome == rule.Pass:
		return web.Valid
	case f.Outcome == rule.Fail && f.Severity == rule.Block:
		return web.Invalid
	}
	return web.Tell
}

func worse(a, b web.Mark) web.Mark {
	weight := map[web.Mark]int{web.Valid: 0, web.Wait: 1, web.Tell: 2, web.Invalid: 3}
	if weight[b] > weight[a] {
		return b
	}
	return a
}

// verdict is what the checks come to, in one sentence. It never says that a paper is
// genuine.
func verdict(p *lang.Printer, found []importing.Found) line {
	key, mark := "papers.verdict.nothing", web.Valid
	for _, f := range found {
		mark = worse(mark, markOf(f))
	}
	switch mark {
	case web.Invalid:
		key = "papers.verdict.against"
	case web.Tell:
		key = "papers.verdict.open"
	}
	return line{Mark: mark, Text: p.T(key, nil)}
}

// beside is a specimen that a paper is held against.
type beside struct {
	Name, Path string
	Features   []string
	Pages      []string
}

// besides are the specimens that were in use on the paper's day of issue.
func besides(tx *store.Tx, issuer ident.ParticipantCode, issued period.Date) (out []beside, err error) {
	if issuer == "" || issued == 0 {
		return nil, nil
	}
	all, err := specimen.On(tx, issuer, specimen.Certificate, issued)
	for _, s := range all {
		b := beside{Name: s.Name, Features: specimen.Lines(s.Features), Path: "/participants/" + string(issuer)}
		if s.ID != "" {
			b.Path = "/specimens/" + string(s.ID)
			for _, pic := range s.Pictures {
				for page := range pic.Pages {
					b.Pages = append(b.Pages, b.Path+"/"+strconv.Itoa(pic.N)+"/"+strconv.Itoa(page+1))
				}
			}
		}
		out = append(out, b)
	}
	return out, err
}
