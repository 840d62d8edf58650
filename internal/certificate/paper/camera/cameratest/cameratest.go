// Package cameratest photographs a printed certificate as people do, for tests and
// measurements: a page rendered from its PDF goes through folds, stains, light, lens,
// a shaking hand, a noisy sensor and a JPEG. Everything is computed from fixed seeds,
// so that the same page gives the same pictures. The certificate is SYNTHETIC.
//
// The paper is seen through a pinhole 28 cm away, 10.5 pixels to the millimetre unless
// a picture says otherwise: what a telephone of 12 megapixels has of a whole A4 page.
// Light is added up before it is made a picture, as in a camera: blur and shadow work
// on light, not on shades of grey.
package cameratest

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"iter"
	"os/exec"
	"strconv"

	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/lang"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/verifytest"
)

// Site is in the codes.
const Site = "HTTPS://V.KP.EXAMPLE"

// Certificate prints a certificate whose register has some thousand entries, so that
// its proof is as long as proofs are, and the pack it is judged from.
func Certificate() (pdf []byte, b *bundle.Bundle, p *pack.Pack, err error) {
	w := verifytest.New()
	o := w.Offices["CF/bangui"]
	for i := range 3000 {
		o.Log.Append(fmt.Appendf(nil, "SYNTHETIC entry %d", i))
	}
	b = o.Record(o.Sign(o.Draft("AE", verifytest.Start+60)), verifytest.Start+70)
	if p, err = pack.Parse(w.Pack(verifytest.Start+3600), canonical.Hash{}); err != nil {
		return nil, nil, nil, err
	}
	words, err := lang.Load(paper.Text())
	if err != nil {
		return nil, nil, nil, err
	}
	pdf, err = paper.Print(words, b, p.Log(o.Log.Origin).Policy, paper.Profile{Language: lang.French, Site: Site, Office: "SYNTHETIC Bureau d’évaluation, Bangui"})
	return pdf, b, p, err
}

// Render makes a grey picture of the first page, by poppler. The error is that of
// exec.LookPath where there is no poppler.
func Render(pdf []byte, dpi int) (*image.Gray, error) {
	cmd := exec.Command("pdftoppm", "-r", strconv.Itoa(dpi), "-gray", "-png", "-singlefile", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	m, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		return nil, err
	}
	if g, ok := m.(*image.Gray); ok {
		return g, nil
	}
	g := image.NewGray(m.Bounds())
	draw.Draw(g, g.Rect, m, m.Bounds().Min, draw.Src)
	return g, nil
}

// Picture is a photograph or scan of the page.
type Picture struct {
	Name string
	Must bool   // both codes must be read
	File []byte // JPEG or PNG
}

// Names are those of all pictures, in their order.
func Names() []string {
	var out []string
	for _, s := range shots {
		out = append(out, s.name)
	}
	return out
}

// Pictures takes them of a page rendered at 600 dpi, one after the other: all, or those
// that must be read.
func Pictures(page *image.Gray, all bool) iter.Seq[Picture] {
	return func(yield func(Picture) bool) {
		for _, s := range shots {
			if (all || s.must) && !yield(Picture{s.name, s.must, s.take(page)}) {
				return
			}
		}
	}
}

// Take takes one of them; nil for a name that is none.
func Take(page *image.Gray, name string) []byte {
	for _, s := range shots {
		if s.name == name {
			return s.take(page)
		}
	}
	return nil
}
