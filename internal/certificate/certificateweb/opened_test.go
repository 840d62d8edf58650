package certificateweb

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"adamas.example/internal/certificate/certificateweb/opened"
	"adamas.example/internal/document"
	"adamas.example/verify/bundle"
	"adamas.example/verify/paper"
	"adamas.example/verify/proof"
)

// attach makes a PDF of files, each packed.
func attach(files ...[]byte) []byte {
	out := []byte("%PDF-1.7\n")
	for _, f := range files {
		var packed bytes.Buffer
		w := zlib.NewWriter(&packed)
		if _, err := w.Write(f); err != nil {
			panic(err) // into memory
		}
		if err := w.Close(); err != nil {
			panic(err)
		}
		out = fmt.Appendf(out, "1 0 obj\n<< /Type /EmbeddedFile /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n", packed.Len(), packed.Bytes())
	}
	return out
}

// drawn is a page with codes side by side.
func drawn(t *testing.T, texts ...string) *image.Gray {
	t.Helper()
	const side, edge = 600, 40
	m := image.NewGray(image.Rect(0, 0, side*max(1, len(texts)), side))
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	for k, text := range texts {
		q, err := document.NewQR(text, 40)
		if err != nil {
			t.Fatal(err)
		}
		for y := edge; y < side-edge; y++ {
			for x := edge; x < side-edge; x++ {
				if q.Black((x-edge)*q.Modules/(side-2*edge), (y-edge)*q.Modules/(side-2*edge)) {
					m.SetGray(k*side+x, y, color.Gray{})
				}
			}
		}
	}
	return m
}

func (d *verifyDesk) picture(m image.Image) []byte {
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		d.t.Fatal(err)
	}
	return out.Bytes()
}

func (d *verifyDesk) write(name string, b []byte) string {
	path := filepath.Join(d.t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		d.t.Fatal(err)
	}
	return path
}

// codes are the texts of a certificate's two codes, as printed under the pack's policy.
func (d *verifyDesk) codes(file string) (certificate, compact string) {
	b, err := opened.Bundle(file)
	if err != nil {
		d.t.Fatal(err)
	}
	v, err := (&verifyCmd{Pack: d.pack}).verifier(d.env())
	if err != nil {
		d.t.Fatal(err)
	}
	full, err := proof.Parse(b.Proof.String())
	if err != nil {
		d.t.Fatal(err)
	}
	small, err := full.Compact(v.Pack().Log("cf.kp.example/2026").Policy)
	if err != nil {
		d.t.Fatal(err)
	}
	const site = "HTTPS://V.KP.EXAMPLE"
	return paper.Certificate.Text(site, b.Statement), paper.Proof.Text(site, small)
}

// TestPDF: what is attached is judged, the PDF itself by its prints.
func TestPDF(t *testing.T) {
	d := newDesk(t)
	read := func(path string) []byte {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	good, bad := read(d.good), read(d.bad)
	d.want(2, []string{"Nobody recorded this PDF", "The certificate itself is genuine", "the file attached to the PDF"}, nil, "--pack", d.pack, d.write("good.pdf", attach(good)))
	d.want(2, []string{`"read":"pdf"`, `"code":"paper.print","outcome":"cannot_tell","reason":"not_printed"`}, nil, "--json", "--pack", d.pack, d.write("good.pdf", attach([]byte("a picture"), good, good)))
	d.want(1, []string{"■"}, nil, "--pack", d.pack, d.write("bad.pdf", attach(bad)))
	// A certificate's own file is one whatever its text begins like; the page says the same (desk.Take).
	i := bytes.Index(good[:1000], []byte("CF"))
	d.want(1, []string{"■"}, nil, "--pack", d.pack, d.write("odd.adamas", slices.Concat(good[:i], []byte("%PDF-"), good[i+5:])))
	for part, content := range map[string][]byte{
		"No certificate is attached":  attach([]byte("a picture")),
		"Two certificates":            attach(good, bad),
		"not a whole certificate":     attach(good[:len(good)-1]),
		"is locked":                   []byte("%PDF-1.7 /Encrypt"),
		"is attached to the PDF":      []byte("%PDF-1.7"),
		"What is attached to the PDF": attach(append(bytes.Clone(good[:3]), make([]byte, 2*bundle.MaxSize)...)),
	} {
		d.want(65, nil, []string{part, "FILE"}, "--pack", d.pack, d.write("x.pdf", content))
	}
}

// TestPicture: one code is enough for a certificate that the pack holds; what is
// missing is said.
func TestPicture(t *testing.T) {
	d := newDesk(t)
	certificate, compact := d.codes(d.good)
	other, _ := d.codes(d.write("other.adamas", d.second))
	write := func(texts ...string) string { return d.write("x.png", d.picture(drawn(t, texts...))) }
	d.want(0, []string{"both codes in the picture"}, nil, "--pack", d.pack, write(certificate, compact))
	d.want(0, []string{`"read":"picture"`}, nil, "--json", "--pack", d.pack, write(compact, certificate))
	d.want(0, []string{"the proof’s code was not read", "as the pack holds it"}, nil, "--pack", d.pack, write(certificate))
	d.want(2, []string{"No record of it was found", `the proof’s code was not read`}, nil, "--pack", d.pack, write(other))
	d.want(65, nil, []string{"holds the code of a proof, and no certificate"}, "--pack", d.pack, write(compact))
	d.want(65, nil, []string{"codes of two certificates"}, "--pack", d.pack, write(certificate, other))
	d.want(1, []string{"A signature in the proof of its record is false"}, nil, "--pack", d.pack, write(other, compact))
	d.want(65, nil, []string{"do not belong together"}, "--pack", d.pack, write(certificate, paper.Proof.Text("HTTPS://V.KP.EXAMPLE", bytes.Repeat([]byte("no proof"), 40))))
	d.want(65, nil, []string{"No code of a certificate"}, "--pack", d.pack, write("https://example.org/somewhere"))
	d.want(65, nil, []string{"No code of a certificate"}, "--pack", d.pack, write())
	d.want(65, nil, []string{"holds the code of a confirmation of import"}, "--pack", d.pack, write(paper.Receipt.Text("HTTPS://V.KP.EXAMPLE", make([]byte, 200))))
	var out bytes.Buffer
	if err := jpeg.Encode(&out, drawn(t, certificate, compact), &jpeg.Options{Quality: 50}); err != nil {
		t.Fatal(err)
	}
	d.want(0, []string{"both codes in the picture"}, nil, "--pack", d.pack, d.write("x.jpg", out.Bytes()))
	d.want(65, nil, []string{"damaged or not whole"}, "--pack", d.pack, d.write("x.jpg", out.Bytes()[:out.Len()/2]))
}

// TestHostilePicture: a small file that says it is a large picture is refused before
// room is made for it.
func TestHostilePicture(t *testing.T) {
	d := newDesk(t)
	header := func(w, h uint32) []byte {
		out := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
		ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
		ihdr = append(ihdr, 8, 0, 0, 0, 0)
		return binary.BigEndian.AppendUint32(append(out, ihdr...), crc32.ChecksumIEEE(ihdr))
	}
	for name, c := range map[string]struct {
		content []byte
		part    string
	}{
		"huge":         {header(1<<30, 1<<30), "damaged or not whole"},
		"wide":         {header(1<<31-1, 200), "million pixels"},
		"just too big": {header(10_000, 5_201), "more than 52 million pixels"},
		"only a head":  {header(1000, 1000), "damaged or not whole"},
		"tiny":         {header(3, 3), "No code of a certificate"},
		"no size":      {header(0, 0), "damaged or not whole"},
		"four bytes":   {[]byte("\xff\xd8\xff\xe0"), "damaged or not whole"},
	} {
		d.want(65, nil, []string{c.part}, "--pack", d.pack, d.write(name+".png", c.content))
	}
}
