package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"adamas.example/internal/fault"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
)

// Page is a table that was read: its first row that is not empty is the head.
type Page struct {
	Head Row
	Rows []Row // without empty ones
}

// Row is one row with its number in the file.
type Row struct {
	N     int
	Cells []Cell
}

// Cell is one cell. Text is what stands in it: in a workbook a number has a point
// before its decimals and nothing else in it, and a day is "2026-11-28"; in CSV it is
// as somebody typed it.
type Cell struct {
	At   string // "B7"
	Text string
}

// Cell in a column, counted from 0; an empty one beyond the last.
func (r Row) Cell(column int) Cell {
	if column < len(r.Cells) {
		return r.Cells[column]
	}
	return Cell{At: at(column, r.N)}
}

func (r Row) empty() bool {
	return !slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Text != "" })
}

// at is a cell's address, "B7".
func at(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column+1, row)
	if err != nil {
		return strconv.Itoa(row)
	}
	return name
}

// Read reads an xlsx or a CSV file, told apart by what is in them. Of a workbook it
// reads the first sheet. CSV has semicolons, commas or tabs between cells and is UTF-8,
// or what Excel writes in Western Europe, Windows-1252. Faults: sheet.large,
// sheet.unreadable, sheet.rows, sheet.columns, sheet.empty, sheet.formula (at the
// cell's address).
func Read(raw []byte) (*Page, error) {
	if len(raw) > MostBytes {
		return nil, fault.TooLarge("sheet.large", fault.Most(MostBytes))
	}
	var p page
	var err error
	if bytes.HasPrefix(raw, []byte("PK\x03\x04")) {
		err = p.workbook(raw)
	} else {
		err = p.csv(raw)
	}
	if err == nil {
		err = p.faults.Err()
	}
	if err != nil {
		return nil, err
	}
	if p.head.N == 0 {
		return nil, fault.Invalid("sheet.empty")
	}
	return &Page{p.head, p.rows}, nil
}

type page struct {
	head   Row
	rows   []Row
	faults fault.List
}

// add takes over a row, or refuses more than there may be.
func (p *page) add(n int, texts []string) error {
	for len(texts) > 0 && strings.TrimSpace(texts[len(texts)-1]) == "" {
		texts = texts[:len(texts)-1]
	}
	if len(texts) > mostColumns {
		return fault.TooLarge("sheet.columns", fault.At(at(mostColumns, n)), fault.Arg("most", mostColumns))
	}
	row := Row{N: n}
	for i, t := range texts {
		row.Cells = append(row.Cells, Cell{at(i, n), strings.TrimSpace(t)})
	}
	switch {
	case row.empty():
	case p.head.N == 0:
		p.head = row
		p.head.Cells[0].Text = strings.TrimPrefix(p.head.Cells[0].Text, made+" · ")
	case len(p.rows) == mostRows:
		return fault.TooLarge("sheet.rows", fault.At(at(0, n)), fault.Arg("most", mostRows))
	default:
		p.rows = append(p.rows, row)
	}
	return nil
}

func unreadable(err error) error {
	return fault.Invalid("sheet.unreadable", fault.Because(err))
}

func (p *page) csv(raw []byte) error {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if bytes.IndexByte(raw, 0) >= 0 {
		return unreadable(errors.New("no text"))
	}
	if !utf8.Valid(raw) {
		var err error
		if raw, err = charmap.Windows1252.NewDecoder().Bytes(raw); err != nil {
			return unreadable(err)
		}
	}
	in := csv.NewReader(bytes.NewReader(raw))
	in.Comma, in.FieldsPerRecord, in.LazyQuotes = separator(raw), -1, true
	row, end := 0, 0 // the row, and the line on which it ends
	for {
		texts, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(err)
		}
		// Lines that are empty are rows in a spreadsheet, and lines within a cell are not.
		line, _ := in.FieldPos(0)
		row += line - end
		end = line
		for i, t := range texts {
			end += strings.Count(t, "\n")
			texts[i] = plain(t)
		}
		if err := p.add(row, texts); err != nil {
			return err
		}
	}
}

// separator is the sign that stands most often in the first line outside quotes.
func separator(raw []byte) rune {
	counts := map[rune]int{}
	quoted := false
	for _, r := range string(raw[:min(len(raw), 64<<10)]) {
		if r == '"' {
			quoted = !quoted
		}
		if r == '\n' && !quoted && len(counts) > 0 {
			break
		}
		if !quoted && strings.ContainsRune(";,\t", r) {
			counts[r]++
		}
	}
	best := ';'
	for _, r := range ",\t" {
		if counts[r] > counts[best] {
			best = r
		}
	}
	return best
}

// honest unzips every part and throws it away: an archive's head can say less than
// there is in it, and excelize believes the head.
func honest(raw []byte) error {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return unreadable(err)
	}
	large := fault.TooLarge("sheet.large", fault.Most(mostUnzip))
	if len(z.File) > mostParts {
		return large
	}
	left := int64(mostUnzip)
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			return unreadable(err)
		}
		n, err := io.Copy(io.Discard, io.LimitReader(r, left+1))
		r.Close()
		if left -= n; left < 0 {
			return large
		}
		if err != nil {
			return unreadable(err)
		}
	}
	return nil
}

func (p *page) workbook(raw []byte) error {
	if err := honest(raw); err != nil {
		return err
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: mostUnzip, UnzipXMLSizeLimit: mostUnzip, RawCellValue: true})
	if err != nil {
		return unreadable(err)
	}
	defer f.Close()
	b := &book{f: f, days: map[int]bool{}}
	if all := f.GetSheetList(); len(all) > 0 {
		b.sheet = all[0]
	}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		b.since1904 = *props.Date1904
	}
	rows, err := f.Rows(b.sheet)
	if err != nil {
		return unreadable(err)
	}
	for n := 1; rows.Next(); n++ {
		texts, err := rows.Columns()
		if err != nil {
			return unreadable(err)
		}
		if err := p.add(n, texts); err != nil {
			return err
		}
	}
	if err := errors.Join(rows.Error(), rows.Close()); err != nil {
		return unreadable(err)
	}
	return b.finish(p)
}
