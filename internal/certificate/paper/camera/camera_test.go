package camera_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"adamas.example/internal/certificate/paper/camera"
	"adamas.example/internal/certificate/paper/camera/cameratest"
	"adamas.example/internal/document"
	"adamas.example/verify/paper"
	"adamas.example/verify/proof"
)

// page is a printed certificate at 600 dpi, and what its codes hold. Where there is no
// poppler the test is left out, unless ADAMAS_REQUIRE_JUDGES=1.
func page(t *testing.T) (rendered *image.Gray, certificate, compact []byte) {
	t.Helper()
	file, b, p, err := cameratest.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	full, err := proof.Parse(b.Proof.String())
	if err != nil {
		t.Fatal(err)
	}
	if compact, err = full.Compact(p.Log("cf.kp.example/2026").Policy); err != nil {
		t.Fatal(err)
	}
	rendered, err = cameratest.Render(file, 600)
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("ADAMAS_REQUIRE_JUDGES") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return rendered, b.Statement, compact
}

// TestPhotographs: what an officer must be able to photograph is read, and nothing is
// ever read that is not there. The others, which take a minute, are taken where all
// judges must be heard; which of them are read, bench measures.
func TestPhotographs(t *testing.T) {
	rendered, certificate, compact := page(t)
	all := os.Getenv("ADAMAS_REQUIRE_JUDGES") == "1"
	n, must := 0, 0
	for p := range cameratest.Pictures(rendered, all) {
		n++
		c, err := camera.Read(t.Context(), p.File)
		if err != nil {
			if !errors.Is(err, camera.ErrNoCode) {
				t.Errorf("%s: %v", p.Name, err)
			}
			c = new(camera.Codes)
		}
		if c.Certificate != nil && !bytes.Equal(c.Certificate, certificate) || c.Proof != nil && !bytes.Equal(c.Proof, compact) {
			t.Errorf("%s: something else was read", p.Name)
		}
		if p.Must {
			if must++; c.Certificate == nil || c.Proof == nil {
				t.Errorf("%s: certificate read %v, proof read %v", p.Name, c.Certificate != nil, c.Proof != nil)
			}
		}
	}
	if len(cameratest.Names()) != 30 || all && n != 30 || must < 12 {
		t.Errorf("%d pictures, %d of which must be read", n, must)
	}
}

// TestSamePictures: the same page gives the same pictures.
func TestSamePictures(t *testing.T) {
	flat := image.NewGray(image.Rect(0, 0, 4960, 7016))
	for i := range flat.Pix {
		flat.Pix[i] = uint8(i * 7)
	}
	for _, name := range []string{"low light", "crumpled"} {
		first := cameratest.Take(flat, name)
		if len(first) == 0 || !bytes.Equal(first, cameratest.Take(flat, name)) {
			t.Errorf("%s: other bytes", name)
		}
	}
}

// draw draws a code of so many pixels to the module, turned, on white.
func draw(t testing.TB, text string, module, degrees float64) []byte {
	t.Helper()
	q, err := document.NewQR(text, 60)
	if err != nil {
		t.Fatal(err)
	}
	side := int(float64(q.Modules+8) * module * 1.45)
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	m := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			u, v := float64(x)-float64(side)/2+0.5, float64(y)-float64(side)/2+0.5
			u, v = (u*cos+v*sin)/module+float64(q.Modules)/2, (v*cos-u*sin)/module+float64(q.Modules)/2
			dark := u >= 0 && v >= 0 && int(u) < q.Modules && int(v) < q.Modules && q.Black(int(u), int(v))
			m.SetGray(x, y, color.Gray{Y: map[bool]uint8{true: 30, false: 220}[dark]})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestSizes: codes of every size that is printed, at every turn.
func TestSizes(t *testing.T) {
	for i, n := 0, 120; n <= 900; i, n = i+1, n+60 {
		want := bytes.Repeat([]byte{0, byte(n), 255}, n/3)
		turned := float64(i * 29)
		c, err := camera.Read(t.Context(), draw(t, paper.Proof.Text("HTTPS://V.KP.EXAMPLE", want), 4, turned))
		if err != nil || !bytes.Equal(c.Proof, want) || c.Certificate != nil {
			t.Errorf("%d bytes, turned by %.0f°: %v", n, turned, err)
		}
	}
}

// TestNothingOfOurs: a code that is none of a certificate, and one that is cut off.
func TestNothingOfOurs(t *testing.T) {
	for _, text := range []string{"https://example.org/somewhere/that/is/long/enough/for/a/code/of/version/7/or/more/so/that/it/is/looked/at/as/others/are/and/then/some/more/of/it/again",
		"HTTPS://V.KP.EXAMPLE/C#" + fmt.Sprintf("%0300d", 7)} {
		if c, err := camera.Read(t.Context(), draw(t, text, 4, 3)); !errors.Is(err, camera.ErrNoCode) {
			t.Errorf("%v, %v", c, err)
		}
	}
}

// TestReceipt: the code of a confirmation of import is told as such, and never taken for
// a certificate.
func TestReceipt(t *testing.T) {
	file := draw(t, paper.Receipt.Text("HTTPS://V.KP.EXAMPLE", bytes.Repeat([]byte{7}, 200)), 4, 3)
	if c, err := camera.Read(t.Context(), file); !errors.Is(err, camera.ErrReceipt) || !errors.Is(err, camera.ErrNoCode) {
		t.Errorf("%v, %v", c, err)
	}
}

// TestDrawnOver: a JPEG that has its pixels gone through again and again is refused
// before it is; the same picture drawn once is read.
func TestDrawnOver(t *testing.T) {
	want := bytes.Repeat([]byte{7}, 120)
	m, err := png.Decode(bytes.NewReader(draw(t, paper.Proof.Text("HTTPS://V.KP.EXAMPLE", want), 4, 0)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, nil); err != nil {
		t.Fatal(err)
	}
	once := out.Bytes()
	at := bytes.LastIndex(once, []byte("\xff\xda"))
	over := slices.Concat(once[:at], bytes.Repeat(once[at:len(once)-2], 101), once[len(once)-2:])
	if _, err := camera.Read(t.Context(), over); !errors.Is(err, camera.ErrDamaged) {
		t.Errorf("%v", err)
	}
	// What follows a picture's end, a film say, is none of it.
	if c, err := camera.Read(t.Context(), slices.Concat(once, bytes.Repeat([]byte("\xff\xda"), 200))); err != nil || !bytes.Equal(c.Proof, want) {
		t.Errorf("%v %v", c, err)
	}
}

// TestTime: who waits no longer gets what there is.
func TestTime(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	end()
	if _, err := camera.Read(ctx, draw(t, paper.Certificate.Text("HTTPS://V.KP.EXAMPLE", make([]byte, 200)), 4, 0)); !errors.Is(err, camera.ErrNoCode) {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	whole := draw(f, paper.Certificate.Text("HTTPS://V.KP.EXAMPLE", bytes.Repeat([]byte{7}, 120)), 2, 0)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add([]byte("\xff\xd8\xff\xe0\x00\x10JFIF"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		ctx, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		c, err := camera.Read(ctx, raw)
		if (err == nil) != (c != nil && (c.Certificate != nil || c.Proof != nil)) {
			t.Errorf("%v, %v", c, err)
		}
	})
}
