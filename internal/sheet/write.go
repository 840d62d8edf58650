package sheet

import (
	"encoding"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"reflect"
	"strconv"
	"strings"
	"time"

	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"github.com/xuri/excelize/v2"
)

// Sheet is a table on its way into a file.
type Sheet struct {
	Name      string // of the sheet
	Synthetic bool   // the node's world is made up
	Columns   []Column
	// Rows hold, in the order of the columns, whole numbers, measure.Carats, measure.USD,
	// period.Date, time.Time, bool, nil, and anything else that is text. An error ends the
	// writing with it.
	Rows iter.Seq2[[]any, error]
}

// Column is one column's head and its width in signs; 0 for the width of the head.
type Column struct {
	Head  string
	Width int
}

// heads are the words of the first row.
func (s Sheet) heads() []string {
	out := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		out[i] = c.Head
	}
	if s.Synthetic && len(out) > 0 {
		out[0] = made + " · " + out[0]
	}
	return out
}

// value is a cell: a decimal number, or text.
type value struct {
	text    string
	decimal bool
	format  string // of the number in a spreadsheet
	instant time.Time
}

// spreadsheets keep 15 digits of a number (IEEE 754); a longer one is written as text.
const digits = 15

func valueOf(v any) value {
	switch v := v.(type) {
	case nil:
		return value{}
	case measure.Carats:
		return number(v.String(), "#,##0.00#")
	case measure.USD:
		return number(v.String(), "#,##0.00")
	case period.Date:
		return value{text: v.String(), instant: v.Start(), format: "yyyy-mm-dd"}
	case time.Time:
		if v.IsZero() {
			return value{}
		}
		at := v.UTC().Truncate(time.Second)
		return value{text: at.Format(time.RFC3339), instant: at, format: "yyyy-mm-dd hh:mm:ss"}
	case bool:
		return value{text: map[bool]string{true: "yes", false: "no"}[v]}
	case encoding.TextMarshaler:
		if b, err := v.MarshalText(); err == nil {
			return value{text: string(b)}
		}
	}
	switch r := reflect.ValueOf(v); {
	case r.Kind() == reflect.String:
		return value{text: r.String()}
	case r.CanInt():
		return number(strconv.FormatInt(r.Int(), 10), "#,##0")
	case r.CanUint():
		return number(strconv.FormatUint(r.Uint(), 10), "#,##0")
	}
	return value{text: fmt.Sprint(v)}
}

func number(text, format string) value {
	if len(strings.Trim(text, "-.")) > digits {
		return value{text: text}
	}
	return value{text: text, decimal: true, format: format}
}

// CSV writes the table for the spreadsheet of a language: French and Portuguese ones
// take semicolons between cells and a comma before decimals. A byte order mark says
// that it is UTF-8.
func (s Sheet) CSV(w io.Writer, l lang.Language) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180 §2
	if l != lang.English {
		out.Comma = ';'
	}
	heads := s.heads()
	for i := range heads {
		heads[i] = harmless(heads[i])
	}
	if err := out.Write(heads); err != nil {
		return err
	}
	for row, err := range s.Rows {
		if err != nil {
			return err
		}
		cells := make([]string, len(row))
		for i, v := range row {
			c := valueOf(v)
			switch {
			case !c.decimal:
				c.text = harmless(c.text)
			case out.Comma == ';':
				c.text = strings.Replace(c.text, ".", ",", 1)
			}
			cells[i] = c.text
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// begins are the signs with which spreadsheets begin a formula (OWASP, CSV injection).
const begins = "=+-@\t\r"

// harmless keeps a text from being taken for a formula, by the apostrophe with which
// spreadsheets mark text. One that stands there already is doubled, so that reading
// takes off what was put on.
func harmless(text string) string {
	if t := strings.TrimLeft(text, "'"); t != "" && strings.ContainsRune(begins, rune(t[0])) {
		return "'" + text
	}
	return text
}

// plain takes harmless back.
func plain(text string) string {
	if t := strings.TrimLeft(text, "'"); len(t) < len(text) && t != "" && strings.ContainsRune(begins, rune(t[0])) {
		return text[1:]
	}
	return text
}

// XLSX writes the table as a workbook of one sheet, its head bold and standing still.
func (s Sheet) XLSX(w io.Writer) error {
	f := excelize.NewFile()
	defer f.Close()
	name := sheetName(s.Name, s.Synthetic)
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	if s.Synthetic { // on paper too
		if err := f.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddHeader: "&C" + made}); err != nil {
			return err
		}
	}
	out, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := s.fill(f, out); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}

func (s Sheet) fill(f *excelize.File, out *excelize.StreamWriter) error {
	heads := s.heads()
	for i, c := range s.Columns {
		if err := out.SetColWidth(i+1, i+1, float64(max(c.Width, len([]rune(heads[i]))+2, 8))); err != nil {
			return err
		}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	styles := map[string]int{}
	row := make([]any, len(heads))
	for i, head := range heads {
		row[i] = excelize.Cell{StyleID: bold, Value: head}
	}
	if err := out.SetRow("A1", row); err != nil {
		return err
	}
	n := 1
	for values, err := range s.Rows {
		if err != nil {
			return err
		}
		n++
		row := make([]any, len(values))
		for i, v := range values {
			if row[i], err = styled(f, styles, valueOf(v)); err != nil {
				return err
			}
		}
		if err := out.SetRow("A"+strconv.Itoa(n), row); err != nil {
			return err
		}
	}
	return nil
}

// styled is a value as the workbook holds it.
func styled(f *excelize.File, styles map[string]int, v value) (any, error) {
	if v.format == "" {
		if v.text == "" {
			return nil, nil
		}
		return v.text, nil
	}
	style, made := styles[v.format]
	if !made {
		var err error
		if style, err = f.NewStyle(&excelize.Style{CustomNumFmt: &v.format}); err != nil {
			return nil, err
		}
		styles[v.format] = style
	}
	if !v.instant.IsZero() {
		return excelize.Cell{StyleID: style, Value: v.instant}, nil
	}
	decimal, err := strconv.ParseFloat(v.text, 64)
	return excelize.Cell{StyleID: style, Value: decimal}, err
}

// sheetName is a name as spreadsheets allow it: at most 31 signs, some not among them.
func sheetName(name string, synthetic bool) string {
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) || r < ' ' || r > 0xffff { // counted in UTF-16
			return ' '
		}
		return r
	}, name))
	if synthetic {
		name = strings.TrimSpace(made + " " + name)
	}
	if name == "" {
		name = "Adamas"
	}
	signs := []rune(name)
	return strings.TrimSpace(string(signs[:min(len(signs), 31)]))
}
