package applying

import (
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
)

// named are the faults whose words name a field by its path; on a page it has a name.
var named = map[string]string{
	"certificate.field_missing": "certificate.named_missing", "certificate.field_form": "certificate.named_form", "certificate.field_future": "certificate.named_future",
	"certificate.field_sum": "certificate.named_sum", "certificate.field_twice": "certificate.named_twice", "web.form_kind": "certificate.named_form",
}

// name gives the faults of a form the names that its fields have on the page.
func name(p *lang.Printer, err error) error {
	var out fault.List
	all := fault.All(err)
	if len(all) == 0 {
		return err
	}
	for _, f := range all {
		key, ok := named[f.Key]
		if !ok {
			out.Add(f)
			continue
		}
		n := fault.New(f.Kind, key, fault.At(f.Field), fault.Arg("name", fieldName(p, f.Field)))
		for arg, v := range f.Args {
			if arg != "field" {
				n.Args[arg] = v
			}
		}
		out.Add(n)
	}
	return out.Err()
}

// fieldName is what a field is called on the page, with its row.
func fieldName(p *lang.Printer, field string) string {
	words := p.T(label(field), nil)
	m := rowForm.FindStringSubmatch(field)
	if m == nil || m[3] == "" {
		return words
	}
	return p.T("apply.in_row", lang.Args{"field": words, "row": p.T("apply.row."+m[1], lang.Args{"n": m[2]})})
}
