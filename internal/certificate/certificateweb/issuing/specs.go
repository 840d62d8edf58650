package issuing

import (
	"maps"
	"strconv"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/web/form"
	"adamas.example/verify/statement"
)

// specs are the acts of the desk. What an exporter does with his application stands on
// the pages of applications.
func specs() map[consignment.Act]spec {
	all := untilIssue()
	maps.Copy(all, afterIssue())
	return all
}

// untilIssue are the acts on the way to a certificate.
func untilIssue() map[consignment.Act]spec {
	return map[consignment.Act]spec{
		consignment.Value: {fill: fillValue, show: showValue, do: with(func(x *deed, v certificate.Valuation) error {
			return did(x.exports.Value(x.r.Context(), x.page.ID, x.who, v))
		})},
		consignment.Tax: {fill: fillTax, show: showTax, do: with(func(x *deed, v certificate.Tax) error {
			return did(x.exports.Settle(x.r.Context(), x.page.ID, x.who, v))
		})},
		consignment.Seal: {fill: fillSeal, show: showSeal, multi: true, do: doSeal},
		consignment.FindDeficient: {show: showDeficient, do: with(func(x *deed, v exporting.Reasons) error {
			return did(x.exports.FindDeficient(x.r.Context(), x.page.ID, x.who, v))
		})},
		consignment.Reject: {show: showReason(1000), grave: true, do: with(func(x *deed, v exporting.Reasons) error {
			return did(x.exports.Reject(x.r.Context(), x.page.ID, x.who, v))
		})},
		consignment.Prepare: {show: showPrepare, do: with(func(x *deed, v preparing) error {
			return x.sign(func(s *keyring.Signer) error {
				_, err := x.exports.Prepare(x.r.Context(), x.page.ID, s, v.Validator, x.who.Seen)
				return err
			})
		})},
		consignment.Issue: {show: showIssue, grave: true, do: func(x *deed) error {
			return x.sign(func(s *keyring.Signer) error {
				_, err := x.exports.Issue(x.r.Context(), x.page.ID, s, x.who.Seen, ledger.Signed)
				return err
			})
		}},
		consignment.Spoil: {show: showReason(500), grave: true, do: with(func(x *deed, v exporting.Reasons) error {
			return did(x.exports.Spoil(x.r.Context(), x.page.ID, x.who, v.Reason))
		})},
	}
}

// afterIssue are those that follow it.
func afterIssue() map[consignment.Act]spec {
	return map[consignment.Act]spec{
		consignment.Export: {fill: fillDay, show: func(x *deed) error {
			x.fields(x.day("day", "day_out"), x.text("exit_point", "exit_point"), x.text("customs_reference", "customs_reference"), x.f.Area("remark", x.label("remark"), 2))
			return nil
		}, do: with(func(x *deed, v exporting.Exported) error {
			return did(x.exports.Export(x.r.Context(), x.page.ID, x.who, v))
		})},
		consignment.Advise: {fill: func(x *deed) { x.f.Set("to", string(x.file.Application.Office)) }, show: func(x *deed) error {
			x.fields(x.text("to", "to_office").With(x.t("f.to_office.hint")), x.f.Area("note", x.label("note"), 3))
			return nil
		}, do: with(func(x *deed, v exporting.Announcement) error {
			return did(x.exports.Advise(x.r.Context(), x.page.ID, x.who, v))
		})},
		consignment.Endorse: {show: showEndorse, do: with(func(x *deed, v exporting.Correction) error {
			return stated(x.exports.Endorse(x.r.Context(), x.page.ID, x.who, v, ledger.Signed))
		})},
		consignment.Cancel: {show: showReason(500), grave: true, do: with(func(x *deed, v exporting.Reasons) error {
			return stated(x.exports.Cancel(x.r.Context(), x.page.ID, x.who, v, ledger.Signed))
		})},
		consignment.Reissue: {show: func(x *deed) error {
			x.fields(x.f.Area("reason", x.label("reason"), 3), x.f.Check("old_surrendered", x.label("old_surrendered")))
			return nil
		}, do: with(func(x *deed, v exporting.Reissued) error {
			return did(x.exports.Reissue(x.r.Context(), x.page.ID, x.who, v))
		})},
		consignment.ReportLost: {fill: fillDay, grave: true, show: func(x *deed) error {
			x.fields(x.day("day", "day_lost"), x.f.Area("reason", x.label("reason_lost"), 3))
			return nil
		}, do: with(func(x *deed, v exporting.Lost) error {
			return stated(x.exports.ReportLost(x.r.Context(), x.page.ID, x.who, v, ledger.Signed))
		})},
		consignment.Open: {show: func(*deed) error { return nil }, grave: true, do: func(x *deed) error {
			return stated(x.exports.Open(x.r.Context(), x.page.ID, x.who, ledger.Signed))
		}},
	}
}

// preparing names the officer who shall issue.
type preparing struct {
	Validator statement.KeyID `json:"validator"`
}

// stated drops the entry of an act that states something.
func stated(_ *consignment.Consignment, _ *ledger.Entry, err error) error { return err }

func fillDay(x *deed) { x.f.Set("day", x.today().String()) }

func showReason(most int) func(*deed) error {
	return func(x *deed) error {
		x.fields(x.f.Area("reason", x.label("reason"), 4).With(x.p.T("certificate.issuing.f.reason.hint", lang.Args{"most": most})))
		return nil
	}
}

func showDeficient(x *deed) error {
	x.fields(x.f.Area("reason", x.label("reason"), 3))
	x.page.Facts = facts(x.p, x.file)
	x.show(x.rows("fields", 1, "field", func(row form.Row) []form.Field {
		return []form.Field{x.f.Select(row.Name("field"), x.label("field"), x.applicationFields()), x.text(row.Name("reason"), "field_reason")}
	})...)
	return nil
}

// applicationFields are the parts of an application that can be found deficient.
func (x *deed) applicationFields() (out []form.Option) {
	for _, name := range []string{"applicant", "exporter", "exporter.licence", "consignee", "parcels", "lines", "evidence", "carriage", "declaration"} {
		out = append(out, form.Option{Value: name, Text: x.t("part." + name)})
	}
	return out
}

func fillValue(x *deed) {
	x.f.Set("day", x.today().String())
	x.f.Set("name", x.by.Name)
	have := distinct(x.file)
	for _, v := range valuers {
		if !have[v] {
			x.f.Set("by", string(v))
			break
		}
	}
	for i, l := range x.file.Application.Lines {
		row := "lines[" + strconv.Itoa(i+1) + "]."
		x.f.Set(row+"hs", string(l.HS))
		x.f.Set(row+"carats", l.Carats.String())
	}
}

func showValue(x *deed) error {
	x.page.Grids = []grid{valuationGrid(x.p, x.file)}
	x.page.Facts = []fact{{Name: x.t("v.which"), Text: whyCounts(x.p, x.file)}}
	var by, hs []form.Option
	for _, v := range valuers {
		by = append(by, form.Option{Value: string(v), Text: x.t("valuer." + string(v))})
	}
	for _, c := range ident.HSCodes() {
		hs = append(hs, form.Option{Value: string(c), Text: string(c) + " " + hsWords(x.p, c)})
	}
	x.fields(x.f.Radios("by", x.label("by"), by), x.text("name", "valuer_name"), x.day("day", "day_valued"))
	x.show(x.rows("lines", 1, "line", func(row form.Row) []form.Field {
		return []form.Field{x.f.Select(row.Name("hs"), x.label("hs"), hs), x.f.Number(row.Name("carats"), x.label("carats"), "ct"),
			x.f.Number(row.Name("value_usd"), x.label("value"), "US$")}
	})...)
	x.show(group{Legend: x.t("local"), Across: true, Fields: []form.Field{x.text("local.currency", "currency").Narrow("5"), x.f.Number("local.amount", x.label("amount_local"), ""),
		x.text("local.rate", "rate_local").Narrow("10"), x.day("local.rate_day", "rate_day")}})
	x.fields(x.f.Area("note", x.label("note"), 2))
	return nil
}

func fillTax(x *deed) {
	x.f.Set("day", x.today().String())
	if x.file.Official == nil {
		return
	}
	if total, err := x.file.Official.Total(); err == nil {
		x.f.Set("assessed_usd", total.String())
	}
	for i, l := range x.file.Levied {
		row := "lines[" + strconv.Itoa(i+1) + "]."
		x.f.Set(row+"name", l.Name)
		x.f.Set(row+"rate", l.Rate)
		x.f.Set(row+"amount_usd", l.Amount.String())
	}
}

func showTax(x *deed) error {
	x.page.Grids = []grid{valuationGrid(x.p, x.file)}
	x.page.Facts = []fact{{Name: x.t("v.which"), Text: whyCounts(x.p, x.file)}}
	x.fields(x.text("number", "receipt").Exact(), x.text("authority", "authority"), x.day("day", "day_paid"), x.f.Number("assessed_usd", x.label("assessed"), "US$").With(x.t("f.assessed.hint")),
		x.f.Check("special_stone", x.label("special")))
	var duties []form.Option
	for _, name := range []string{"export-duty", "rehabilitation-fund", "special-stone-royalty"} {
		duties = append(duties, form.Option{Value: name, Text: dutyWords(x.p, name)})
	}
	x.show(x.rows("lines", 1, "duty", func(row form.Row) []form.Field {
		return []form.Field{x.f.Select(row.Name("name"), x.label("levy"), duties), x.f.Number(row.Name("rate"), x.label("rate"), "%").Narrow("5"),
			x.f.Number(row.Name("amount_usd"), x.label("amount"), "US$")}
	})...)
	x.fields(x.f.Area("exempt", x.label("exempt"), 2).With(x.t("f.exempt.hint")))
	return nil
}

func fillSeal(x *deed) {
	x.f.Set("day", x.today().String())
	x.f.Set("method", "every-container")
	names := map[string]bool{}
	n := 0
	for _, p := range x.file.Application.Parcels {
		if !names[p.Container] {
			names[p.Container] = true
			n++
			x.f.Set("containers["+strconv.Itoa(n)+"].container", p.Container)
		}
	}
	x.f.Set("witnesses[1]", "")
}

func showSeal(x *deed) error {
	x.page.Grids = x.parcels(x.p, x.file)
	methods := []form.Option{{Value: "every-container", Text: x.t("method.every_container")}, {Value: "risk-analysis", Text: x.t("method.risk_analysis")}}
	x.fields(x.f.Radios("method", x.label("method"), methods), x.day("day", "day_sealed"), x.f.Check("content_verified", x.label("verified")))
	x.show(x.rows("containers", 1, "container", func(row form.Row) []form.Field {
		photo := x.f.File("photo-"+strconv.Itoa(row.N), x.label("photo"), "image/jpeg,image/png").With(x.t("f.photo.hint"))
		if kept := x.f.Value(row.Name("photo")); kept != "" {
			photo = photo.With(x.p.T("certificate.issuing.f.photo.kept", lang.Args{"hash": short(kept)}))
		}
		return []form.Field{x.text(row.Name("container"), "container").Narrow("10"), x.text(row.Name("seal"), "seal").Exact().Narrow("10"), photo, x.f.Hidden(row.Name("photo"))}
	})...)
	x.fields(x.text("certificate_number", "on_container").Exact().Narrow("20").With(x.t("f.on_container.hint")))
	for _, row := range x.f.Rows("witnesses", 1) {
		x.show(group{Legend: x.p.T("certificate.issuing.row.witness", lang.Args{"n": row.N}), Fields: []form.Field{x.text(row.Prefix, "witness")}, More: "witnesses"})
	}
	for i := range x.page.Groups[:len(x.page.Groups)-1] { // only the last witness offers another
		if x.page.Groups[i].More == "witnesses" {
			x.page.Groups[i].More = ""
		}
	}
	return nil
}

func short(s string) string { return s[:min(len(s), 12)] + "…" }

func doSeal(x *deed) error {
	if err := x.photos("containers"); err != nil {
		return err
	}
	return with(func(x *deed, v certificate.Sealing) error {
		var hashes []string
		for _, c := range v.Containers {
			if c.Photo.IsZero() {
				hashes = append(hashes, "")
				continue
			}
			hashes = append(hashes, c.Photo.String())
		}
		if err := x.known(hashes); err != nil {
			return err
		}
		return did(x.exports.Seal(x.r.Context(), x.page.ID, x.who, v))
	})(x)
}

func showEndorse(x *deed) error {
	var fields []form.Option
	for _, name := range []string{"exporter", "importer", "carriage", "additions", "parcels"} {
		fields = append(fields, form.Option{Value: name, Text: x.t("part." + name)})
	}
	x.fields(x.f.Select("field", x.label("endorsed"), fields), x.text("stands", "stands"), x.text("shall_read", "shall_read"), x.f.Area("reason", x.label("reason"), 3))
	return nil
}
