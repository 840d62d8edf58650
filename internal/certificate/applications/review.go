package applications

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"strings"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/exporting/annex"
	"adamas.example/internal/certificate/life"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/internal/web/form"
	"adamas.example/verify/canonical"
)

// Reviewed is a draft as an application, and what is wrong with it, part by part.
type Reviewed struct {
	Application exporting.Application // of the parts that can be read
	Wrong       map[Part]error        // faults, each at its field
}

// Whole tells whether it can be sent: nothing is wrong but that it is not declared yet.
func (r *Reviewed) Whole() bool { return len(r.Wrong) == 0 }

// Review reads a draft as an application. What is wrong is no error of it.
func (s *Service) Review(ctx context.Context, d *Draft) (r *Reviewed, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		r, err = s.review(tx, d)
		return err
	})
	return r, err
}

func (s *Service) review(tx *store.Tx, d *Draft) (*Reviewed, error) {
	r := &Reviewed{Wrong: map[Part]error{}}
	for _, part := range Parts() {
		given, err := s.prepared(tx, part, d.Fields(part))
		var a exporting.Application
		if err == nil {
			a, err = form.Values[exporting.Application](given)
		}
		if err != nil {
			if _, told := fault.Of(err); !told {
				return nil, err
			}
			r.Wrong[part] = err
			continue
		}
		r.take(part, &a)
	}
	papers, err := attached(tx, d.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range papers {
		r.Application.Attachments = append(r.Application.Attachments, annex.Paper{Name: p.Name, SHA256: p.SHA256, Size: uint64(p.Size)})
	}
	if !kindNeeds(r.Application.Kind, "return_by") {
		r.Application.ReturnBy = 0
	}
	if !kindNeeds(r.Application.Kind, "follows") {
		r.Application.Follows = nil
	}
	return r, s.judge(d, r)
}

// kindNeeds tells which kinds ask for the fields that others do not have.
func kindNeeds(k exporting.Kind, field string) bool {
	return field == "follows" && k == exporting.Technical || field == "return_by" && (k == exporting.Temporary || k == exporting.Laboratory)
}

// take puts a part into the whole.
func (r *Reviewed) take(part Part, a *exporting.Application) {
	to := &r.Application
	switch part {
	case About:
		to.Kind, to.Applicant, to.Exporter, to.ReturnBy, to.Follows = a.Kind, a.Applicant, a.Exporter, a.ReturnBy, a.Follows
	case Route:
		to.Destination, to.Office, to.Consignee, to.Carriage = a.Destination, a.Office, a.Consignee, a.Carriage
	case Goods:
		to.Parcels, to.Lines = a.Parcels, a.Lines
	case Origin:
		to.Evidence = a.Evidence
	case Papers:
		to.Additions = a.Additions
	}
}

// judge adds what the application as a whole lacks, for the parts that can be read. The
// declaration is made when it is sent.
func (s *Service) judge(d *Draft, r *Reviewed) error {
	lists := map[Part]*fault.List{}
	add := func(part Part, f error) {
		if lists[part] == nil {
			lists[part] = &fault.List{}
		}
		lists[part].Add(f)
	}
	unread := r.Wrong
	weighed := unread[Goods] == nil && r.Application.Carats() > 0 // else evidence has nothing to be held against yet
	for _, f := range fault.All(r.Application.Missing(s.cfg.Desk)) {
		part := PartOf(f.Field)
		if unread[part] != nil || part == Word || part == Origin && !weighed && f.Key == "certificate.field_sum" {
			continue
		}
		add(part, inForm(d, f))
	}
	if to := r.Application.Destination; to != "" && to != s.cfg.Office.Participant() {
		why, err := s.Refuses(to)
		if err != nil {
			return err
		}
		if len(why) > 0 {
			add(Route, fault.Conflict("certificate.destination_standing", fault.At("destination"), fault.Arg("participant", to)))
		}
	}
	for part, l := range lists {
		r.Wrong[part] = l.Err()
	}
	return nil
}

// asks is the field of the form that answers first for what an application holds as
// one: a licence, a certificate that is followed, a sort of evidence.
var asks = map[string]string{"licence": "licence.number", "follows": "follows.number", string(Mine): "mine.name", string(Imported): "certificate.number",
	string(Lot): "lot.lot", string(Stock): "stock.basis"}

// inForm puts a fault at a field that the person sees.
func inForm(d *Draft, f *fault.Fault) error {
	at, last := "", f.Field
	if i := strings.LastIndexByte(f.Field, '.'); i >= 0 {
		at, last = f.Field[:i+1], f.Field[i+1:]
	}
	switch {
	case f.Key == "certificate.evidence_one":
		sort := Sort(d.Parts[Origin].Fields.Get(at + sortField))
		if field, ok := asks[sort.part()]; ok {
			return fault.Invalid("certificate.field_missing", fault.At(at+field))
		}
	case f.Key == "certificate.field_missing" && asks[last] != "":
		return fault.Invalid("certificate.field_missing", fault.At(at+asks[last]))
	case last == "statement":
		return fault.Invalid("certificate.field_missing", fault.At(at+"number"))
	}
	return f
}

// Refuses is why nothing may go to a Participant today, as its rules find it
// (R-MEM-01, R-MEM-02); nil when it may.
func (s *Service) Refuses(to ident.ParticipantCode) (out []rule.Finding, err error) {
	found, err := s.cfg.Certificates.Trade(s.cfg.Office.Participant(), to, s.today())
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		if f.Blocks() && (f.Rule == "R-MEM-01" || f.Outcome == rule.Fail) { // where goods come from is judged with the certificate
			out = append(out, f)
		}
	}
	return out, nil
}

// prepared turns what stands beside an application's fields in the form into them: the
// sort of a piece of evidence, a certificate that was imported by its number alone.
func (s *Service) prepared(tx *store.Tx, part Part, given url.Values) (url.Values, error) {
	var faults fault.List
	out := url.Values{}
	if part == About && given.Get("follows.number") != "" {
		maps.Copy(out, given)
		number, statement, err := s.imported(tx, "follows.number", given.Get("follows.number"))
		out.Set("follows.number", number)
		out.Set("follows.statement", statement)
		return out, err
	}
	if part != Origin {
		return given, nil
	}
	for name, all := range given {
		list, n, rest, ok := row(name)
		at := fmt.Sprintf("%s[%d]", list, n)
		sort := Sort(given.Get(at + "." + sortField))
		switch {
		case !ok:
			out[name] = all
		case rest == "."+sortField:
			if sort == Exploration || sort == Concentrate {
				out.Set(at+".mine.sort", string(sort))
			}
		case rest == ".certificate.number":
			number, statement, err := s.imported(tx, name, strings.Join(all, ""))
			faults.Add(err)
			out.Set(name, number)
			out.Set(at+".certificate.statement", statement)
		default:
			out[name] = all
		}
	}
	return out, faults.Err()
}

// imported finds a certificate under which stones came in: by what was received here,
// else by what registers say. Faults, at the field: those of ident,
// certificate.import_unknown, certificate.import_twice.
func (s *Service) imported(tx *store.Tx, field, typed string) (number, statement string, err error) {
	n, err := ident.ParseTypedPaper(typed)
	if err != nil {
		return "", "", fault.Locate(err, fault.At(field))
	}
	b, err := certificate.BalanceOf(tx, string(n))
	if err == nil {
		return string(n), b.Statement.String(), nil
	}
	if !fault.Is(err, "certificate.unknown_balance") {
		return "", "", err
	}
	known, err := life.Of(tx, string(n))
	if err != nil {
		return "", "", err
	}
	contents := map[canonical.Hash]bool{}
	for _, c := range known {
		contents[c.Statement] = true
	}
	switch len(contents) {
	case 1:
		return string(n), known[0].Statement.String(), nil
	case 0:
		return "", "", fault.Invalid("certificate.import_unknown", fault.At(field), fault.Arg("number", n))
	}
	return "", "", fault.Conflict("certificate.import_twice", fault.At(field), fault.Arg("number", n))
}
