package camera

import (
	"image"
	"image/draw"
)

// grey is a picture in shades of grey, 0 black.
type grey struct {
	w, h int
	px   []uint8
}

func newGrey(w, h int) *grey { return &grey{w, h, make([]uint8, w*h)} }

// greyOf takes the brightness of a picture. What is transparent is paper.
func greyOf(m image.Image) *grey {
	b := m.Bounds()
	g := newGrey(b.Dx(), b.Dy())
	switch m := m.(type) {
	case *image.YCbCr:
		for y := range g.h {
			copy(g.px[y*g.w:], m.Y[m.YOffset(b.Min.X, b.Min.Y+y):][:g.w])
		}
	case *image.Gray:
		for y := range g.h {
			copy(g.px[y*g.w:], m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):][:g.w])
		}
	default:
		to := &image.Gray{Pix: g.px, Stride: g.w, Rect: image.Rect(0, 0, g.w, g.h)}
		draw.Draw(to, to.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(to, to.Rect, m, b.Min, draw.Over)
	}
	return g
}

// half averages four pixels to one.
func (g *grey) half() *grey {
	out := newGrey(g.w/2, g.h/2)
	for y := range out.h {
		a, b := g.px[2*y*g.w:], g.px[(2*y+1)*g.w:]
		row := out.px[y*out.w:][:out.w]
		for x := range row {
			row[x] = uint8((int(a[2*x]) + int(a[2*x+1]) + int(b[2*x]) + int(b[2*x+1]) + 2) / 4)
		}
	}
	return out
}

// twice puts pixels between the pixels.
func (g *grey) twice() *grey {
	out := newGrey(2*g.w, 2*g.h)
	for y := range out.h {
		for x := range out.w {
			out.px[y*out.w+x] = uint8(g.at((float64(x)+0.5)/2, (float64(y)+0.5)/2) + 0.5)
		}
	}
	return out
}

// at is the brightness between pixels; (0.5, 0.5) is the middle of the first. Beyond
// the edge it is that of the edge.
func (g *grey) at(x, y float64) float64 {
	x, y = min(max(x-0.5, 0), float64(g.w-1)), min(max(y-0.5, 0), float64(g.h-1))
	ix, iy := min(int(x), g.w-2), min(int(y), g.h-2)
	fx, fy := x-float64(ix), y-float64(iy)
	p := g.px[iy*g.w+ix:]
	a, b, c, d := float64(p[0]), float64(p[1]), float64(p[g.w]), float64(p[g.w+1])
	return (a*(1-fx)+b*fx)*(1-fy) + (c*(1-fx)+d*fx)*fy
}

// binary is a picture in black and white.
type binary struct {
	w, h int
	dark []bool
}

// binarizations are ways to tell black from white, by which finder patterns are looked
// for. Each pixel is held against the mean of a square around it: small where shadows
// are sharp and modules run into each other, large where the square in the middle of a
// finder pattern is wide; or against less or more than the mean, for dark pictures.
var binarizations = []func(*grey) *binary{
	func(g *grey) *binary { return g.darker(max(g.w, g.h)/24, 0) },
	func(g *grey) *binary { return g.sharp().darker(max(g.w, g.h)/100, 0) },
	func(g *grey) *binary { return g.smooth().darker(max(g.w, g.h)/48, 4) },
	func(g *grey) *binary { return g.sharp().darker(max(g.w, g.h)/40, 0) },
	func(g *grey) *binary { return g.darker(max(g.w, g.h)/60, -6) },
	func(g *grey) *binary { return g.sharp().darker(max(g.w, g.h)/140, -3) },
}

// darker marks what is darker than the mean of the square of 2r+1 pixels around, by
// more than so many hundredths of it.
func (g *grey) darker(r, percent int) *binary {
	r = max(r, 7)
	sums := g.sums()
	out := &binary{g.w, g.h, make([]bool, g.w*g.h)}
	stride := g.w + 1
	for y := range g.h {
		top, bottom := max(0, y-r), min(g.h, y+r+1)
		for x := range g.w {
			left, right := max(0, x-r), min(g.w, x+r+1)
			sum := sums[bottom*stride+right] - sums[top*stride+right] - sums[bottom*stride+left] + sums[top*stride+left]
			n := (bottom - top) * (right - left)
			out.dark[y*g.w+x] = int64(g.px[y*g.w+x])*int64(n)*100 < int64(sum)*int64(100-percent)
		}
	}
	return out
}

// sums are those of all pixels above and to the left; they wrap, and differences are
// right all the same.
func (g *grey) sums() []uint32 {
	stride := g.w + 1
	sums := make([]uint32, stride*(g.h+1))
	for y := range g.h {
		row := uint32(0)
		for x := range g.w {
			row += uint32(g.px[y*g.w+x])
			sums[(y+1)*stride+x+1] = sums[y*stride+x+1] + row
		}
	}
	return sums
}

// smooth averages nine pixels, against noise.
func (g *grey) smooth() *grey { return g.around(func(_, mean int) int { return mean }) }

// sharp takes away what has run in from the sides.
func (g *grey) sharp() *grey {
	return g.smooth().around(func(p, mean int) int { return p + 2*(p-mean) })
}

// around makes each pixel of itself and the mean of the nine around it.
func (g *grey) around(of func(p, mean int) int) *grey {
	out := newGrey(g.w, g.h)
	copy(out.px, g.px)
	for y := 1; y < g.h-1; y++ {
		a, b, c := g.px[(y-1)*g.w:], g.px[y*g.w:], g.px[(y+1)*g.w:]
		for x := 1; x < g.w-1; x++ {
			sum := int(a[x-1]) + int(a[x]) + int(a[x+1]) + int(b[x-1]) + int(b[x]) + int(b[x+1]) + int(c[x-1]) + int(c[x]) + int(c[x+1])
			out.px[y*g.w+x] = uint8(min(max(of(int(b[x]), (sum+4)/9), 0), 255))
		}
	}
	return out
}
