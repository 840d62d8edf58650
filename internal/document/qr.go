package document

import (
	"errors"
	"math"
	"strings"

	"rsc.io/qr/coding"
)

// QR is a code as modules.
type QR struct {
	Modules int
	Level   string // of correction: Q, M
	code    *coding.Code
}

// ErrTooLong means that no QR code of the wanted size holds a text.
var ErrTooLong = errors.New("document: too much for a QR code of this size")

// Print rules (tech.md 3.4): modules of a third of a millimetre are read by cameras.
const (
	least = 0.33 // mm of a module
	quiet = 4    // modules of white around (ISO/IEC 18004)
)

// NewQR makes the code of an address whose digits stand behind a #, to be printed in a
// square of so many millimetres: with correction level Q where the modules stay large
// enough to be photographed, else with M.
func NewQR(text string, side float64) (*QR, error) {
	parts := segments(text)
	for _, level := range []coding.Level{coding.Q, coding.M} {
		version, ok := fit(parts, level)
		if modules := 17 + 4*int(version); !ok || math.Floor(side/float64(modules)/dot)*dot < least {
			continue
		}
		code, err := best(parts, version, level)
		if err != nil {
			return nil, err
		}
		return &QR{code.Size, level.String(), code}, nil
	}
	return nil, ErrTooLong
}

// segments splits the text into the alphabets in which it is short: capitals, the #
// by itself, digits.
func segments(text string) []coding.Encoding {
	head, digits, ok := strings.Cut(text, "#")
	if !ok || coding.Alpha(head).Check() != nil || coding.Num(digits).Check() != nil {
		return []coding.Encoding{coding.String(text)}
	}
	return []coding.Encoding{coding.Alpha(head), coding.String("#"), coding.Num(digits)}
}

func fit(parts []coding.Encoding, level coding.Level) (coding.Version, bool) {
	for v := coding.Version(1); v <= 40; v++ {
		bits := 0
		for _, p := range parts {
			bits += p.Bits(v)
		}
		if bits <= 8*v.DataBytes(level) {
			return v, true
		}
	}
	return 0, false
}

// best tries the eight masks: one that makes runs and blocks is read badly.
func best(parts []coding.Encoding, v coding.Version, l coding.Level) (*coding.Code, error) {
	var out *coding.Code
	lowest := 0
	for m := coding.Mask(0); m < 8; m++ {
		plan, err := coding.NewPlan(v, l, m)
		if err != nil {
			return nil, err
		}
		code, err := plan.Encode(parts...)
		if err != nil {
			return nil, err
		}
		if n := penalty(code); out == nil || n < lowest {
			out, lowest = code, n
		}
	}
	return out, nil
}

// penalty counts what ISO/IEC 18004 §7.8.3 counts against a mask, but for the look of
// finder patterns in rows: runs, blocks of four, and more of one colour than of the
// other.
func penalty(c *coding.Code) int {
	n, dark := 0, 0
	for y := range c.Size {
		row, column := 0, 0
		for x := range c.Size {
			if c.Black(x, y) {
				dark++
			}
			if row++; x > 0 && c.Black(x, y) != c.Black(x-1, y) {
				row = 1
			}
			if column++; x > 0 && c.Black(y, x) != c.Black(y, x-1) {
				column = 1
			}
			for _, run := range []int{row, column} {
				if run == 5 {
					n += 3
				} else if run > 5 {
					n++
				}
			}
			if x > 0 && y > 0 && c.Black(x, y) == c.Black(x-1, y) && c.Black(x, y) == c.Black(x, y-1) && c.Black(x, y) == c.Black(x-1, y-1) {
				n += 3
			}
		}
	}
	off := dark*100/(c.Size*c.Size) - 50
	return n + max(off, -off)/5*10
}

// Black tells whether a module is dark; (0, 0) is the one at the top left.
func (q *QR) Black(x, y int) bool { return q.code.Black(x, y) }

// dot is that of a printer with 300 dots to the inch, in millimetres: modules of whole
// dots have edges that 300 and 600 dpi print sharp.
const dot = 25.4 / 300

// Side is how large the code is in a square of side millimetres.
func (q *QR) Side(side float64) float64 { return q.module(side) * float64(q.Modules) }

func (q *QR) module(side float64) float64 { return math.Floor(side/float64(q.Modules)/dot) * dot }

// QR draws the code from the top left of a square of side millimetres, with its white
// border around; rows of modules are joined, since seams between single squares show.
func (p *Page) QR(q *QR, x, y, side float64) {
	module := q.module(side)
	border := quiet * module
	whole := module*float64(q.Modules) + 2*border
	p.Box(x-border, y-border, whole, whole, Colour{255, 255, 255})
	p.pdf.SetFillColor(0, 0, 0)
	for row := range q.Modules {
		for from := 0; from < q.Modules; from++ {
			if !q.code.Black(from, row) {
				continue
			}
			to := from
			for to < q.Modules && q.code.Black(to, row) {
				to++
			}
			p.pdf.Rect(x+float64(from)*module, y+float64(row)*module, float64(to-from)*module, module, "F")
			from = to
		}
	}
}
