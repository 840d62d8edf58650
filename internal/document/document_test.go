package document

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"adamas.example/verify/canonical"
)

// TestCodeSizes: a code is printed with modules that a camera reads, at the better
// correction where it can be.
func TestCodeSizes(t *testing.T) {
	for _, c := range []struct {
		digits int
		level  string
	}{{300, "Q"}, {1000, "Q"}, {1900, "M"}, {6000, ""}} {
		q, err := NewQR("HTTPS://V.KP.EXAMPLE/C#"+strings.Repeat("7", c.digits), 40)
		switch {
		case c.level == "":
			if !errors.Is(err, ErrTooLong) {
				t.Errorf("%d digits: %v", c.digits, err)
			}
		case err != nil || q.Level != c.level:
			t.Errorf("%d digits: %+v %v, want level %s", c.digits, q, err, c.level)
		case 40/float64(q.Modules) < least:
			t.Errorf("%d digits: modules of %.2f mm", c.digits, 40/float64(q.Modules))
		}
	}
	if _, err := NewQR("http://small.example/é", 40); err != nil {
		t.Error(err)
	}
}

// TestRosette: a digest has one rosette, another digest another.
func TestRosette(t *testing.T) {
	draw := func(d canonical.Hash) []byte {
		p := New(Meta{Title: "x", Language: "en", Made: time.Unix(0, 0)})
		p.Rosette(d, 50, 50, 20, Accent)
		b, err := p.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	one := draw(canonical.Sum([]byte("1")))
	if !bytes.Equal(one, draw(canonical.Sum([]byte("1")))) || bytes.Equal(one, draw(canonical.Sum([]byte("2")))) {
		t.Error("not the digest's own")
	}
}
