package form

import "adamas.example/internal/lang"

// Field is one input as the template "field" shows it. The methods that change one give
// a changed copy, so that a template can say {{template "field" ((.F.Text "a" "key").Narrow)}}.
type Field struct {
	Kind         string // text, area, select, radios, check, file, hidden, group
	Type         string // of an input: text, password, date, email
	Name, ID     string
	Label, Hint  string
	Value        string
	Errors       []string
	Options      []Option
	Suffix       string // unit behind the input
	Width        string // of govuk-input--width-N; "" for all
	AutoComplete string
	InputMode    string
	Accept       string // of a file
	Many         bool   // more files than one
	Lines        int    // of an area
	Heading      bool   // the label is the page's question
	Focus        bool
	Mono         bool // to be compared sign by sign
}

// Option is one of several answers.
type Option struct {
	Value, Text, Hint string
	ID                string
	Chosen            bool
}

// Call gives a list the name that its reader knows it by in a fault.
func (f *Form) Call(name, label string) {
	if f.labels == nil {
		f.labels = map[string]string{}
	}
	f.labels[name] = f.p.T(label, nil)
}

func (f *Form) field(kind, name, label string) Field {
	f.Call(name, label)
	if f.made == nil {
		f.made = map[string]bool{}
	}
	f.made[name] = true
	return Field{Kind: kind, Type: "text", Name: name, ID: f.id(name), Label: f.labels[name], Value: f.Value(name), Errors: f.wrong(name)}
}

// Named gives a field a label that is not of the catalogue alone: the words of a row.
func (f *Form) Named(x Field, label string) Field {
	f.labels[x.Name] = label
	x.Label, x.Errors = label, f.wrong(x.Name)
	return x
}

// Text is a line of text.
func (f *Form) Text(name, label string) Field { return f.field("text", name, label) }

// Number is an amount or a weight; unit stands behind it, "ct".
func (f *Form) Number(name, label, unit string) Field {
	x := f.field("text", name, label)
	x.Suffix, x.InputMode, x.Width, x.AutoComplete = unit, "decimal", "10", "off"
	return x
}

// Date is a day: browsers show a calendar and send the form that every language reads.
func (f *Form) Date(name, label string) Field {
	x := f.field("text", name, label)
	x.Type, x.Width = "date", "10"
	return x
}

// Password is not shown, and never given back.
func (f *Form) Password(name, label, complete string) Field {
	x := f.field("text", name, label)
	x.Type, x.Value, x.AutoComplete, x.Width = "password", "", complete, "20"
	return x
}

// Area is several lines of text.
func (f *Form) Area(name, label string, lines int) Field {
	x := f.field("area", name, label)
	x.Lines = lines
	return x
}

// Select is one of many.
func (f *Form) Select(name, label string, options []Option) Field {
	x := f.field("select", name, label)
	x.Options = f.chosen(name, options)
	return x
}

// Radios is one of a few.
func (f *Form) Radios(name, label string, options []Option) Field {
	x := f.field("radios", name, label)
	x.Options = f.chosen(name, options)
	return x
}

// Checks is any of a few.
func (f *Form) Checks(name, label string, options []Option) Field {
	x := f.field("checks", name, label)
	x.Options = f.chosen(name, options)
	return x
}

// Check is yes or nothing.
func (f *Form) Check(name, label string) Field {
	x := f.field("check", name, label)
	x.Options = f.chosen(name, []Option{{Value: "yes", Text: x.Label}})
	return x
}

// File is a file to send; its form needs enctype="multipart/form-data".
func (f *Form) File(name, label, accept string) Field {
	x := f.field("file", name, label)
	x.Accept = accept
	return x
}

// Files is one or more files to send.
func (f *Form) Files(name, label, accept string) Field {
	x := f.File(name, label, accept)
	x.Many = true
	return x
}

// Group is a fieldset: what is wrong with a list as a whole stands at its head. Its page
// writes it, with the templates "field-by", "field-legend" and "field-said".
func (f *Form) Group(name, label string) Field { return f.field("group", name, label) }

// Hidden travels with the form.
func (f *Form) Hidden(name string) Field {
	return Field{Kind: "hidden", Name: name, ID: f.id(name), Value: f.Value(name)}
}

// Options makes options of values that have words (plain.Keyed).
func Options[T ~string](p *lang.Printer, all ...T) (out []Option) {
	for _, v := range all {
		out = append(out, Option{Value: string(v), Text: p.Show(v)})
	}
	return out
}

// With adds a hint below the label.
func (x Field) With(hint string) Field { x.Hint = hint; return x }

// Narrow makes the input as wide as so many signs: 2, 3, 4, 5, 10, 20 or 30.
func (x Field) Narrow(width string) Field { x.Width = width; return x }

// Complete names what a browser may fill in (HTML, autofill detail tokens).
func (x Field) Complete(token string) Field { x.AutoComplete = token; return x }

// Digits has a phone show digits alone.
func (x Field) Digits() Field { x.InputMode = "numeric"; return x }

// First is where the cursor stands when the page opens.
func (x Field) First() Field { x.Focus = true; return x }

// AsHeading makes the label the page's heading.
func (x Field) AsHeading() Field { x.Heading = true; return x }

// Exact shows what is typed sign by sign, for numbers that are compared.
func (x Field) Exact() Field { x.Mono = true; x.AutoComplete = "off"; return x }
