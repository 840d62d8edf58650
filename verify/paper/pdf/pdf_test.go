package pdf_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/paper/pdf"
)

// file begins as a certificate's does.
func file(rest string) []byte { return []byte("\xd9\xd9\xf7" + rest) }

func deflate(content []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	if _, err := w.Write(content); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// object is a stream with a dictionary; LEN stands for its length.
func object(dict string, content []byte) string {
	return "7 0 obj\n<< " + strings.Replace(dict, "LEN", fmt.Sprint(len(content)), 1) + " >>\nstream\n" + string(content) + "\nendstream\nendobj\n"
}

func document(objects ...string) []byte {
	return []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + strings.Join(objects, "") + "trailer\n<< /Root 1 0 R >>\n%%EOF\n")
}

const flate = "/Type /EmbeddedFile /Length LEN /Filter /FlateDecode"

func TestFound(t *testing.T) {
	want := file("SYNTHETIC certificate, endstream endobj")
	packed := deflate(want)
	b := bundle.Bundle{Version: 1, Statement: []byte("SYNTHETIC"), Proof: canonical.Text("a proof\n")}
	plain, err := b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file []byte
		want []byte
	}{
		"as fpdf writes it":     {document(object(flate+" /Params << /CheckSum <00> /Size 3 >>", packed)), want},
		"a length elsewhere":    {document(object("/Type/EmbeddedFile/Filter/FlateDecode/Length 8 0 R", packed)), want},
		"a false length":        {document(object("/Type /EmbeddedFile /Length 3 /Filter /FlateDecode", packed)), want},
		"not packed":            {document(object("/Type /EmbeddedFile /Length LEN", want)), want},
		"not packed, no length": {document(object("/Type /EmbeddedFile", plain)), plain},
		"its last byte is an end of line, and none is added": {bytes.Replace(document(object("/Type /EmbeddedFile", plain)), []byte("\n\nendstream"), []byte("\nendstream"), 1), plain},
		"no type, as poppler writes it":                      {document(strings.Replace(object("/Length LEN /Params <</Size 9 >>", want), "\nstream", " stream", 1)), want},
		"filters in a list":                                  {document(object("/Filter [ /FlateDecode ] /DecodeParms [ null ] /Type /EmbeddedFile /Length LEN", packed)), want},
		"an empty list":                                      {document(object("/Filter [] /Type /EmbeddedFile /Length LEN", want)), want},
		"no prediction":                                      {document(object(flate+" /DecodeParms << /Predictor 1 >>", packed)), want},
		"a name with its escape":                             {document(object("/T#79pe /Embedded#46ile /Length LEN /Filter /FlateDecode", packed)), want},
		"a remark and a string":                              {document(object("% >> stream\n"+flate+" /Desc (a \\) b (c) >> stream)", packed)), want},
		"a carriage return":                                  {[]byte(strings.ReplaceAll(string(document(object(flate, packed))), "stream\n", "stream\r\n")), want},
		"another file beside":                                {document(object(flate, deflate([]byte("a picture"))), object(flate, packed)), want},
		"the same file twice":                                {document(object(flate, packed), object("/Type /EmbeddedFile /Length LEN", want)), want},
		"a PDF in the PDF": {document(object("/Type /EmbeddedFile /Length LEN", document(object(flate, deflate(file("another"))))),
			object(flate, packed)), want},
		"a damaged file beside": {document(object(flate, []byte("nonsense")), object(flate, packed)), want},
	} {
		got, err := pdf.Bundle(c.file)
		if err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if !pdf.Is(c.file) {
			t.Errorf("%s is no PDF", name)
		}
	}
}

func TestRefused(t *testing.T) {
	packed := deflate(file("SYNTHETIC"))
	bomb := deflate(append(file(""), make([]byte, 64<<20)...))
	nested := "<<" + strings.Repeat("/A <<", 100)
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"nothing attached":  {document(object("/Type /XObject /Length LEN", packed)), pdf.ErrNone},
		"another file":      {document(object(flate, deflate([]byte("text")))), pdf.ErrNone},
		"not a PDF":         {[]byte("obj << >> stream"), pdf.ErrNone},
		"empty":             {nil, pdf.ErrNone},
		"two":               {document(object(flate, packed), object(flate, deflate(file("another")))), pdf.ErrTwo},
		"a bomb":            {document(object(flate, bomb)), pdf.ErrTooLarge},
		"a plain giant":     {document(object("/Type /EmbeddedFile /Length LEN", append(file(""), make([]byte, bundle.MaxSize)...))), pdf.ErrTooLarge},
		"a giant":           {make([]byte, pdf.MaxSize+1), pdf.ErrTooLarge},
		"many":              {document(strings.Repeat(object(flate, deflate([]byte("x"))), 33)), pdf.ErrTooLarge},
		"cut short":         {document(object(flate, packed))[:80+len(packed)/2], pdf.ErrDamaged},
		"bent":              {document(object(flate, append(bytes.Clone(packed[:len(packed)-1]), packed[len(packed)-1]^1))), pdf.ErrDamaged},
		"another filter":    {document(object("/Type /EmbeddedFile /Length LEN /Filter /LZWDecode", packed)), pdf.ErrDamaged},
		"two filters":       {document(object("/Type /EmbeddedFile /Length LEN /Filter [/ASCIIHexDecode /FlateDecode]", packed)), pdf.ErrDamaged},
		"a prediction":      {document(object(flate+" /DecodeParms << /Predictor 12 >>", packed)), pdf.ErrDamaged},
		"encrypted":         {append(document(object(flate, []byte("nonsense"))), "<< /Encrypt 9 0 R >>"...), pdf.ErrEncrypted},
		"a key twice":       {document(object("/Type /EmbeddedFile "+flate, packed)), pdf.ErrNone},
		"entangled":         {[]byte("%PDF-1.7" + strings.Repeat("obj<</A(", 1<<20)), pdf.ErrDamaged},
		"looked ahead":      {[]byte("%PDF-1.7" + strings.Repeat("obj<</A 1(", 1<<16)), pdf.ErrDamaged},
		"only remarks":      {[]byte("%PDF-1.7" + strings.Repeat("obj<<>>%", 1<<16)), pdf.ErrDamaged},
		"deep":              {document("7 0 obj " + nested), pdf.ErrNone},
		"an endless string": {document("7 0 obj << /Type ("), pdf.ErrNone},
	} {
		if got, err := pdf.Bundle(c.file); !errors.Is(err, c.want) {
			t.Errorf("%s: %.20q, %v, want %v", name, got, err, c.want)
		}
	}
}

// TestAnyContent: whatever is in the file, it comes out as it went in.
func TestAnyContent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := append(file(""), rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "content")...)
		dict, content := flate, deflate(want)
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 1:
			dict = "/Length 9 0 R /Type /EmbeddedFile /Filter /FlateDecode"
		case 2:
			dict, content = "/Type /EmbeddedFile /Length LEN", want
		}
		got, err := pdf.Bundle(document(object("/Length LEN", []byte("a page")), object(dict, content)))
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%q, %v", got, err)
		}
	})
}

func FuzzBundle(f *testing.F) {
	f.Add(document(object(flate, deflate(file("SYNTHETIC")))))
	f.Add(document(object("/T#79pe /EmbeddedFile /Length 8 0 R /Filter [/FlateDecode] /DecodeParms [<</Predictor 1>>]", deflate(file("x")))))
	f.Add(document(object("/Type /EmbeddedFile", file("endstream"))))
	f.Add([]byte("obj<<(\\"))
	f.Add([]byte("obj<</A[1 0 R<</B<aa>>>]>>stream\r"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := pdf.Bundle(raw)
		if (err == nil) != bundle.Is(got) {
			t.Errorf("%q, %v", got, err)
		}
		if len(got) > bundle.MaxSize {
			t.Errorf("%d bytes", len(got))
		}
	})
}
