// Package spread writes a list that an office takes away: as CSV, or as a workbook.
//
// The workbook is the least that ECMA-376 asks for, one sheet of texts and numbers. When
// package sheet has a writer, its place is there.
//
// Invariant: no cell is read as a formula by the program that opens it.
//
// It may import floor 0.
package spread

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"strings"
)

// Sheet is a list: its head and its rows. A cell is a string or a Number.
type Sheet struct {
	Name string
	Head []string
	Rows [][]any
}

// Number is a cell that is reckoned with: a decimal number with a point.
type Number string

// Kinds of files.
const (
	CSV  = "text/csv; charset=utf-8"
	XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// harmless keeps a text from being run as a formula (OWASP, CSV injection).
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// CSV writes it in UTF-8 with a byte order mark, by which spreadsheets know that it is.
// comma parts the cells: spreadsheets in French and Portuguese want a semicolon.
func (s *Sheet) CSV(comma rune) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.Comma = comma
	w.Write(s.Head) // into memory: Error tells of a comma that cannot be one
	for _, row := range s.Rows {
		line := make([]string, len(row))
		for i, c := range row {
			if n, ok := c.(Number); ok {
				line[i] = string(n)
				if comma == ';' {
					line[i] = strings.Replace(line[i], ".", ",", 1)
				}
				continue
			}
			line[i] = harmless(fmt.Sprint(c))
		}
		w.Write(line)
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// parts of a workbook that are the same in all of them.
var parts = []struct{ name, content string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
}

// XLSX writes a workbook with one sheet. The same list gives the same bytes.
func (s *Sheet) XLSX() ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	put := func(name, content string) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err == nil {
			_, err = w.Write([]byte(xml.Header + content))
		}
		return err
	}
	for _, p := range parts {
		if err := put(p.name, p.content); err != nil {
			return nil, err
		}
	}
	name := []rune(strings.NewReplacer("[", "", "]", "", "*", "", "?", "", "/", "-", `\`, "-", ":", "-").Replace(s.Name))
	book := `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="` +
		escaped(string(name[:min(len(name), 31)])) + `" sheetId="1" r:id="r1"/></sheets></workbook>`
	if err := put("xl/workbook.xml", book); err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	head := make([]any, len(s.Head))
	for i, h := range s.Head {
		head[i] = h
	}
	for i, row := range append([][]any{head}, s.Rows...) {
		fmt.Fprintf(&b, `<row r="%d">`, i+1)
		for _, c := range row {
			if n, ok := c.(Number); ok && n != "" {
				b.WriteString(`<c><v>` + escaped(string(n)) + `</v></c>`)
				continue
			}
			b.WriteString(`<c t="inlineStr"><is><t xml:space="preserve">` + escaped(fmt.Sprint(c)) + `</t></is></c>`)
		}
		b.WriteString(`</row>`)
	}
	b.WriteString(`</sheetData></worksheet>`)
	if err := put("xl/worksheets/sheet1.xml", b.String()); err != nil {
		return nil, err
	}
	err := z.Close()
	return out.Bytes(), err
}

func escaped(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // into memory; what XML cannot hold becomes U+FFFD
	return b.String()
}
