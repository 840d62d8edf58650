package issuing

import (
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
)

var valuers = []certificate.Valuer{certificate.ByGovernment, certificate.ByIndependent, certificate.ByExporter}

// valuationGrid sets the three valuations side by side by tariff line, says how far they
// are apart, and which one counts and why (R-VAL-01, domain.md 3.3).
func valuationGrid(p *lang.Printer, f *exporting.File) grid {
	t := func(key string) string { return p.T("certificate.issuing.v."+key, nil) }
	g := grid{Caption: t("title"), Heads: []head{{t("line"), false}, {t("declared"), true}}, Empty: t("none")}
	latest := map[certificate.Valuer]*certificate.Valuation{}
	for i := range f.Valuations {
		latest[f.Valuations[i].By] = &f.Valuations[i]
	}
	for _, by := range valuers {
		g.Heads = append(g.Heads, head{p.T("certificate.issuing.valuer."+string(by), nil), true})
	}
	g.Heads = append(g.Heads, head{t("apart"), true})
	declared := certificate.Valuation{Lines: f.Application.Lines}
	for _, hs := range ident.HSCodes() {
		row, any := []cell{{Text: string(hs), Sub: hsWords(p, hs)}}, false
		var low, high measure.USD
		for i, v := range append([]*certificate.Valuation{&declared}, latest[valuers[0]], latest[valuers[1]], latest[valuers[2]]) {
			c, has := lineOf(p, v, hs)
			any = any || has
			if value := valueOf(v, hs); has && i > 0 {
				if low == 0 || value < low {
					low = value
				}
				high = max(high, value)
			}
			row = append(row, c)
		}
		if any {
			g.add(append(row, cell{Text: apart(p, low, high)})...)
		}
	}
	total := []cell{{Text: t("total")}}
	var low, high measure.USD
	for i, v := range append([]*certificate.Valuation{&declared}, latest[valuers[0]], latest[valuers[1]], latest[valuers[2]]) {
		if v == nil {
			total = append(total, cell{Text: "–"})
			continue
		}
		sum, err := v.Total()
		if err != nil {
			sum = 0 // refused when it was entered
		}
		c := cell{Text: p.Show(sum)}
		if i > 0 {
			if low == 0 || sum < low {
				low = sum
			}
			high = max(high, sum)
		}
		if f.Official != nil && v.By == f.Official.By {
			c.Sub = t("counts")
		}
		total = append(total, c)
	}
	g.add(append(total, cell{Text: apart(p, low, high)})...)
	return g
}

// whyCounts says which valuation counts, and why.
func whyCounts(p *lang.Printer, f *exporting.File) string {
	if f.Official == nil {
		return p.T("certificate.issuing.v.no_official."+f.Method, nil)
	}
	total, _ := f.Official.Total()
	return p.T("certificate.issuing.v.official."+f.Method, lang.Args{"by": p.T("certificate.issuing.valuer."+string(f.Official.By), nil), "value": total, "have": len(distinct(f)), "want": f.Wanted})
}

func distinct(f *exporting.File) map[certificate.Valuer]bool {
	out := map[certificate.Valuer]bool{}
	for _, v := range f.Valuations {
		out[v.By] = true
	}
	return out
}

func valueOf(v *certificate.Valuation, hs ident.HSCode) (sum measure.USD) {
	if v == nil {
		return 0
	}
	for _, l := range v.Lines {
		if l.HS == hs {
			sum = l.Value
		}
	}
	return sum
}

// lineOf is what a valuation says of a tariff line, with dollars by the carat.
func lineOf(p *lang.Printer, v *certificate.Valuation, hs ident.HSCode) (cell, bool) {
	if v == nil {
		return cell{Text: "–"}, false
	}
	for _, l := range v.Lines {
		if l.HS == hs {
			c := cell{Text: p.Show(l.Value), Sub: p.Show(l.Carats)}
			if l.Carats > 0 {
				c.Sub += ", " + p.T("certificate.issuing.v.per_carat", lang.Args{"value": measure.USD((int64(l.Value)*1000 + int64(l.Carats)/2) / int64(l.Carats))})
			}
			return c, true
		}
	}
	return cell{Text: "–"}, false
}

// apart is the difference between the lowest and the highest, and as a part of the
// highest.
func apart(p *lang.Printer, low, high measure.USD) string {
	if high == 0 || high == low {
		return "–"
	}
	return p.Show(high-low) + " (" + p.Show(int64(high-low)*100/int64(high)) + " %)"
}

// hsWords names a tariff line.
func hsWords(p *lang.Printer, hs ident.HSCode) string {
	key := map[ident.HSCode]string{ident.Unsorted: "unsorted", ident.Industrial: "industrial", ident.NonIndustrial: "gem"}[hs]
	return p.T("certificate.issuing.hs."+key, nil)
}
