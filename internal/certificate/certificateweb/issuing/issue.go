package issuing

import (
	"slices"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificateweb/issuing/review"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/rule"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
	"adamas.example/verify"
	"adamas.example/verify/statement"
)

// showPrepare shows what stands in the way, and asks who shall issue.
func showPrepare(x *deed) error {
	var own statement.KeyID
	if o, err := x.officers.Of(x.by.Login); err == nil {
		own = o.Key
	}
	report, err := x.exports.Check(x.r.Context(), x.page.ID, own, statement.KeyID{})
	if err != nil {
		return err
	}
	data := x.checkData(x.p, x.file, report, x.roles(x.r))
	x.page.Told = slices.Concat(data.Missing, data.Told)
	x.page.Facts = []fact{{Name: x.t("col.number"), Text: data.Number, Mono: true}, {Name: x.t("expires"), Text: data.Expires}}
	x.page.Links = []link{{Path: "/issuing/" + x.page.ID + "/check", Text: x.t("check")}}
	all, err := x.signers.Officers(x.r.Context())
	if err != nil {
		return err
	}
	var others []form.Option
	for i := range all {
		o := &all[i]
		if o.Login == "" || o.Login == x.by.Login || o.Key == own.String() {
			continue
		}
		lacks, err := x.signers.Told(x.r.Context(), x.p, o)
		if err != nil {
			return err
		}
		if lacks != "" { // whoever is missed in the choice is named with the reason
			x.page.Told = append(x.page.Told, lack{Mark: web.Wait, Text: x.p.T("certificate.issuing.cannot_choose", lang.Args{"name": o.Called()}) + " " + lacks})
			continue
		}
		others = append(others, form.Option{Value: o.Key, Text: officerName(o)})
	}
	second := x.f.Select("validator", x.label("validator"), others).With(x.t("f.validator.hint"))
	if len(others) == 0 {
		x.warn(x.t("no_second"))
	}
	return x.passphrase(second)
}

// showIssue shows the second officer everything that he will sign: the facts beside the
// application with what differs, and what every rule found.
func showIssue(x *deed) error {
	c := x.file.Consignment
	prepared, err := x.certificates.Prepared(x.r.Context(), c.Number)
	if err != nil {
		return err
	}
	if o, err := x.officers.Of(x.by.Login); err == nil && o.Key != prepared.Certificate().Validator {
		if o.Key == prepared.Certificate().Preparer {
			return fault.Forbidden("certificate.same_officer", fault.Arg("number", c.Number))
		}
		return fault.Forbidden("certificate.other_validator", fault.Arg("number", c.Number))
	}
	said, err := prepared.Facts()
	if err != nil {
		return err
	}
	x.page.Grids = []grid{x.reviewed(prepared, said)}
	for f := range prepared.Report().All() {
		if f.Outcome != rule.Pass {
			x.page.Told = append(x.page.Told, x.finding(x.p, x.file, f, nil))
		}
	}
	passed := 0
	for f := range prepared.Report().All() {
		if f.Outcome == rule.Pass {
			passed++
		}
	}
	cert := prepared.Certificate()
	x.page.Facts = []fact{{Name: x.t("prepared_by"), Text: who(x.p, x.officers.All(), cert.Preparer.String(), "")}, {Name: x.t("rules_passed"), Text: x.p.Show(passed)},
		{Name: x.t("digest"), Text: prepared.Digest().String(), Mono: true}}
	if !prepared.Approved() {
		x.warn(x.t("not_approved"))
	}
	x.page.Links = []link{{Path: "/issuing/" + c.ID, Text: x.t("back")}}
	return x.passphrase()
}

// reviewed sets what was applied for beside what will be signed, and marks what differs.
func (x *deed) reviewed(prepared *certificate.Prepared, said *verify.Facts) grid {
	t := func(key string) string { return x.t("review" + key) }
	g := grid{Caption: t(""), Heads: []head{{t(".field"), false}, {t(".applied"), false}, {t(".signed"), false}, {t(".differs"), false}}}
	for _, l := range review.Lines(x.p, &x.file.Application, prepared, said) {
		differs := cell{}
		if l.Differs() {
			m := tell
			differs = cell{Text: t(".other"), Mark: &m}
		}
		g.add(cell{Text: l.Name}, cell{Text: l.Applied}, cell{Text: l.Signed}, differs)
	}
	return g
}
