package forge

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"

	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

// alteredPDF changes what the eye sees of a printed certificate, with an editor of PDFs.
// The certificate's file, which is attached to it, stays as it was signed.
func alteredPDF(print Printer) *Attempt {
	w := newWorld("")
	b := w.cf.issue()
	printed := must(print(b, must(policy.Parse(w.trustees.PolicyOf(w.cf.log.signer)))))
	w.cf.says(b, start+600, func(a statement.About) statement.Body {
		return &statement.Print{About: a, Paper: canonical.Sum(printed), Reason: "SYNTHETIC: original"}
	})
	// An 8 stands on the page already: a font in a PDF has only the digits that it needs.
	altered := must(edited(printed, strings.NewReplacer(wide("12.40"), wide("82.40"), wide("12,40"), wide("82,40"))))
	show := func(pdf []byte) *Shown {
		return &Shown{PDF: pdf, Pack: w.pack(packed, w.cf), At: at(judged), Here: "AE"}
	}
	return &Attempt{show(printed), show(altered)}
}

// wide is a text as a page's content has it: UTF-16, the high byte first.
func wide(text string) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u>>8), byte(u))
	}
	return string(out)
}

var (
	errNoPage = errors.New("the PDF has no page content that an editor could change")
	contents  = regexp.MustCompile(`/Contents (\d+) 0 R`)
	ending    = regexp.MustCompile(`trailer\s*<<\s*/Size (\d+)\s*/Root (\d+) 0 R(?s:.*)startxref\s+(\d+)\s+%%EOF\s*$`)
)

// edited changes the text of a PDF's page, and saves the changed page at the end of the
// file as editors do (ISO 32000-1 §7.5.6): nothing before it is touched.
func edited(pdf []byte, change *strings.Replacer) ([]byte, error) {
	page, end := contents.FindSubmatch(pdf), ending.FindSubmatch(pdf)
	if page == nil || end == nil {
		return nil, errNoPage
	}
	_, object, ok := bytes.Cut(pdf, []byte("\n"+string(page[1])+" 0 obj\n"))
	_, stream, ok2 := bytes.Cut(object, []byte("stream\n"))
	if !ok || !ok2 {
		return nil, errNoPage
	}
	unpacked, err := zlib.NewReader(bytes.NewReader(stream))
	if err != nil {
		return nil, err
	}
	before, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, err
	}
	after := change.Replace(string(before))
	if after == string(before) {
		return nil, errNoPage
	}
	number, err := strconv.Atoi(string(page[1]))
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := io.WriteString(z, after); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(bytes.Clone(pdf))
	at := out.Len()
	fmt.Fprintf(out, "%d 0 obj\n<</Filter /FlateDecode /Length %d>>\nstream\n%s\nendstream\nendobj\n", number, packed.Len(), packed.Bytes())
	xref := out.Len()
	fmt.Fprintf(out, "xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %s /Root %s 0 R /Prev %s>>\nstartxref\n%d\n%%%%EOF\n", number, at, end[1], end[2], end[3], xref)
	return out.Bytes(), nil
}
