package applying

import (
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
)

// name gives the faults of a form whose words name a field by its path the name that
// the field has on the page.
func name(p *lang.Printer, err error) error {
	var out fault.List
	all := fault.All(err)
	if len(all) == 0 {
		return err
	}
	for _, f := range all {
		at, called := fault.At(f.Field), fault.Arg("name", fieldName(p, f.Field))
		same := func(arg string) fault.Detail { return fault.Arg(arg, f.Args[arg]) }
		switch f.Key {
		case "certificate.field_missing":
			out.Add(fault.Invalid("certificate.named_missing", at, called))
		case "certificate.field_form", "web.form_kind":
			out.Add(fault.Invalid("certificate.named_form", at, called, same("text")))
		case "certificate.field_future":
			out.Add(fault.Invalid("certificate.named_future", at, called, same("day")))
		case "certificate.field_sum":
			out.Add(fault.Invalid("certificate.named_sum", at, called, same("sum"), same("whole")))
		case "certificate.field_twice":
			out.Add(fault.Invalid("certificate.named_twice", at, called, same("text")))
		default:
			out.Add(f)
		}
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
