// Package annex is the papers that are handed in with an application, as the application
// names them: the file's chain, and with it the certificate, commits to their content.
// Where the content lies is package applications' to say.
//
// Imports: fault, verify.
package annex

import (
	"fmt"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Paper is one of them.
type Paper struct {
	Name   string         `json:"name"`
	SHA256 canonical.Hash `json:"sha256"`
	Size   uint64         `json:"size"`
}

// What may be handed in with one application.
const (
	Most     = 20
	MostSize = 10 << 20
)

// Check holds the papers of an application. Faults, at their fields below path:
// certificate.field_missing, field_form, field_twice.
func Check(path string, all []Paper) error {
	var faults fault.List
	if len(all) > Most {
		faults.Add(fault.Invalid("certificate.field_form", fault.At(path), fault.Text(fmt.Sprint(len(all)))))
	}
	seen := map[canonical.Hash]bool{}
	for i, x := range all {
		at := fmt.Sprintf("%s[%d].", path, i+1)
		if statement.CheckText(x.Name, 1, 200) != nil {
			faults.Add(fault.Invalid("certificate.field_form", fault.At(at+"name"), fault.Text(x.Name)))
		}
		if x.SHA256.IsZero() {
			faults.Add(fault.Invalid("certificate.field_missing", fault.At(at+"sha256")))
		}
		if x.Size == 0 || x.Size > MostSize {
			faults.Add(fault.Invalid("certificate.field_form", fault.At(at+"size"), fault.Text(fmt.Sprint(x.Size))))
		}
		if seen[x.SHA256] {
			faults.Add(fault.Invalid("certificate.field_twice", fault.At(at+"sha256"), fault.Text(x.SHA256.String())))
		}
		seen[x.SHA256] = true
	}
	return faults.Err()
}
