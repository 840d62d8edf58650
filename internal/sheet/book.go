package sheet

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"github.com/xuri/excelize/v2"
)

// book is a workbook that is read: what a cell's number means stands in its style.
type book struct {
	f         *excelize.File
	sheet     string
	since1904 bool
	days      map[int]bool // by style: its numbers are days
}

// finish turns what is stored into what is meant: days, and numbers without the noise
// of binary fractions. A formula without a saved value is a fault.
func (b *book) finish(p *page) error {
	width := len(p.head.Cells)
	for i := range p.rows {
		r := &p.rows[i]
		for j := 0; j < max(width, len(r.Cells)); j++ {
			c := r.Cell(j)
			if c.Text == "" {
				if formula, err := b.f.GetCellFormula(b.sheet, c.At); err != nil {
					return unreadable(err)
				} else if formula != "" {
					p.faults.Add(fault.Invalid("sheet.formula", fault.At(c.At)))
				}
				continue
			}
			text, err := b.meant(c)
			if err != nil {
				return unreadable(err)
			}
			r.Cells[j].Text = text
		}
	}
	return nil
}

// meant is the text of a cell with something in it.
func (b *book) meant(c Cell) (string, error) {
	number, err := strconv.ParseFloat(c.Text, 64)
	if err != nil {
		return c.Text, nil
	}
	kind, err := b.f.GetCellType(b.sheet, c.At)
	if err != nil {
		return "", err
	}
	if kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		return c.Text, nil // digits that are text: a telephone, a number with zeros before it
	}
	style, err := b.f.GetCellStyle(b.sheet, c.At)
	if err != nil {
		return "", err
	}
	day, known := b.days[style]
	if !known {
		if day, err = b.isDay(style); err != nil {
			return "", err
		}
		b.days[style] = day
	}
	if day {
		if t, err := excelize.ExcelDateToTime(number, b.since1904); err == nil {
			return when(t), nil
		}
	}
	return decimal(number), nil
}

// when is a day, or an instant where there is more than a day.
func when(t time.Time) string {
	if t = t.Round(time.Second); t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339)
}

// decimal writes a number with the 15 digits that a spreadsheet keeps.
func decimal(number float64) string {
	short, err := strconv.ParseFloat(strconv.FormatFloat(number, 'g', digits, 64), 64)
	if err != nil {
		short = number
	}
	return strconv.FormatFloat(short, 'f', -1, 64)
}

// quoted is what stands in a number format for itself.
var quoted = regexp.MustCompile(`"[^"]*"|\\.|\[[^\]]*\]`)

// isDay tells whether a style shows days: by a number for the built-in formats
// (ECMA-376 part 1, 18.8.30), by its letters for others.
func (b *book) isDay(style int) (bool, error) {
	s, err := b.f.GetStyle(style)
	if err != nil {
		return false, err
	}
	if s.CustomNumFmt != nil {
		return strings.ContainsAny(strings.ToLower(quoted.ReplaceAllString(*s.CustomNumFmt, "")), "yd"), nil
	}
	n := s.NumFmt
	return n >= 14 && n <= 17 || n == 22 || n >= 27 && n <= 31 || n == 36 || n >= 50 && n <= 54 || n == 57 || n == 58, nil
}
