package form

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
)

// Form is a form as it stands on a page: what was typed, and what is wrong with it. It
// serves one answer and is used by one goroutine.
type Form struct {
	p      *lang.Printer
	values url.Values
	apart  string // in the ids of its fields
	told   []lang.Sentence
	labels map[string]string // of fields and lists, by name
	made   map[string]bool   // the fields that are shown
}

// New is a form with what was typed; nil for an empty one.
func New(p *lang.Printer, given url.Values) *Form { return &Form{p: p, values: given} }

// Apart gives its fields ids of their own, on a page with another form that has fields
// of the same names.
func (f *Form) Apart(as string) *Form {
	f.apart = as + "-"
	return f
}

// Refuse takes the faults of a refusal and gives back what is no fault of the form: an
// error that nobody can mend by typing or by waiting a moment.
func (f *Form) Refuse(err error) error {
	if err == nil {
		return nil
	}
	kind := fault.KindOf(err)
	if _, known := fault.Of(err); !known || kind.Status() >= 500 && kind != fault.KindBusy && kind != fault.KindUnavailable {
		return err
	}
	f.told = append(f.told, f.p.Explain(err, "-")...)
	return nil
}

// Wrong tells whether anything was refused.
func (f *Form) Wrong() bool { return len(f.told) > 0 }

// Value is what was typed into a field.
func (f *Form) Value(name string) string {
	if all := f.values[name]; len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// Set puts a text into a field that is shown: of somebody whom the office knows already.
func (f *Form) Set(name, text string) {
	if f.values == nil {
		f.values = url.Values{}
	}
	f.values.Set(name, text)
}

// Values are what stands in the form: what was typed, with the rows that a button has
// added or taken out.
func (f *Form) Values() url.Values { return f.values }

// Summary is all that is wrong, for the top of the page; each line leads to its field.
type Summary struct {
	Title string
	Lines []SummaryLine
}

// SummaryLine is one fault.
type SummaryLine struct {
	ID           string // of the field; "" for what is wrong with the whole, or with no field that is shown
	Text, Remedy string
}

// Summary lists what is wrong. As long as no field was made it takes it that all are
// shown.
func (f *Form) Summary() Summary {
	s := Summary{Title: f.p.T("web.form.summary", nil)}
	for _, t := range f.told {
		line := SummaryLine{Text: f.labelled(t), Remedy: t.Remedy}
		if t.Field != "" && (f.made[t.Field] || len(f.made) == 0) {
			line.ID = f.id(t.Field)
		}
		s.Lines = append(s.Lines, line)
	}
	return s
}

// labelled is a sentence in which a field that is called by its name in the program, in
// quotation marks, is called as the form calls it: its reader has seen no other name.
func (f *Form) labelled(t lang.Sentence) string {
	label, known := f.labels[t.Field]
	if !known || label == "" {
		return t.Text
	}
	for _, marks := range [][2]string{{"“", "”"}, {"« ", " »"}, {"«\u00a0", "\u00a0»"}, {"«\u202f", "\u202f»"}, {"«", "»"}} {
		if before, after, found := strings.Cut(t.Text, marks[0]+t.Field+marks[1]); found {
			return before + marks[0] + label + marks[1] + after
		}
	}
	return t.Text
}

// wrong is what is wrong with one field.
func (f *Form) wrong(name string) (out []string) {
	for _, t := range f.told {
		if t.Field == name {
			out = append(out, strings.TrimSpace(f.labelled(t)+" "+t.Remedy))
		}
	}
	return out
}

// addressed takes brackets and points out of a field's name.
var addressed = strings.NewReplacer("[", "-", "]", "", ".", "-", "_", "-")

// id is a field's name as an address within the page.
func (f *Form) id(name string) string { return "f-" + f.apart + addressed.Replace(name) }

// Changed does what a button for rows wants and tells whether one was pressed: "more"
// adds a row to a list, "less" takes one out and moves up those below.
func (f *Form) Changed() bool {
	if list := f.values.Get("more"); list != "" {
		f.values.Del("more")
		f.Set(fmt.Sprintf("%s[%d]", list, f.count(list)+1), "")
		return true
	}
	path := f.values.Get("less")
	f.values.Del("less")
	list, row, ok := strings.Cut(strings.TrimSuffix(path, "]"), "[")
	if last := strings.LastIndex(path, "["); last >= 0 { // the innermost list
		list, row, ok = path[:last], strings.TrimSuffix(path[last+1:], "]"), true
	}
	n, err := strconv.Atoi(row)
	if !ok || err != nil {
		return path != ""
	}
	f.takeOut(list, n)
	return true
}

// Close takes out the rows of a list in which nothing stands, or nothing but in fields
// that the page fills in itself: what is found wrong with a row of the value is then at
// the row that is shown.
func (f *Form) Close(list string, itself ...string) {
	for n := f.count(list); n > 0; n-- {
		empty := true
		for name, all := range f.values {
			at, rest, in := rowOf(name, list)
			empty = empty && (!in || at != n || slices.Contains(itself, strings.TrimPrefix(rest, ".")) || strings.TrimSpace(strings.Join(all, "")) == "")
		}
		if empty {
			f.takeOut(list, n)
		}
	}
}

// takeOut takes out a row of a list and moves up those below.
func (f *Form) takeOut(list string, n int) {
	moved := url.Values{}
	for name, all := range f.values {
		at, rest, in := rowOf(name, list)
		switch {
		case in && at == n:
			continue
		case in && at > n:
			name = fmt.Sprintf("%s[%d]%s", list, at-1, rest)
		}
		moved[name] = all
	}
	f.values = moved
}

// rowOf finds which row of a list a name belongs to.
func rowOf(name, list string) (n int, rest string, in bool) {
	after, ok := strings.CutPrefix(name, list+"[")
	if !ok {
		return 0, "", false
	}
	number, rest, ok := strings.Cut(after, "]")
	n, err := strconv.Atoi(number)
	return n, rest, ok && err == nil && n > 0 && n <= MostRows
}

// count is the last row of a list of which anything is known.
func (f *Form) count(list string) int {
	last := 0
	for name := range f.values {
		if n, _, in := rowOf(name, list); in {
			last = max(last, n)
		}
	}
	for _, t := range f.told {
		if n, _, in := rowOf(t.Field, list); in {
			last = max(last, n)
		}
	}
	return last
}

// Row is one row of a list on the page.
type Row struct {
	N      int
	Prefix string // "parcels[2]"
	Only   bool   // there is no other: it cannot be taken out
}

// Name is a field's name in the row.
func (r Row) Name(field string) string { return r.Prefix + "." + field }

// Rows are the rows of a list that are shown: those with anything in them, and at
// least so many.
func (f *Form) Rows(list string, least int) (rows []Row) {
	n := max(f.count(list), least)
	for i := range min(n, MostRows) {
		rows = append(rows, Row{N: i + 1, Prefix: fmt.Sprintf("%s[%d]", list, i+1), Only: n == 1})
	}
	return rows
}

// chosen marks the options that were chosen.
func (f *Form) chosen(name string, options []Option) []Option {
	out := slices.Clone(options)
	for i := range out {
		out[i].Chosen = slices.Contains(f.values[name], out[i].Value)
		out[i].ID = f.id(name) + "-" + strconv.Itoa(i+1)
	}
	return out
}

// Take takes over what another form was refused for: an act beside the form's own fields
// failed, and what it is about is shown with them.
func (f *Form) Take(other *Form) { f.told = append(f.told, other.told...) }
