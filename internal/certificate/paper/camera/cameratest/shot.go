package cameratest

import (
	"bytes"
	"hash/fnv"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
)

// shot is how a picture is taken: the paper, the light on it, the way to the lens, the
// sensor, the file. Zero is a flat paper in good light before a steady hand.
type shot struct {
	name   string
	must   bool    // our reader must read both codes of it
	w, h   int     // pixels of the sensor, cut to what matters; 0: 2000 × 760
	field  float64 // millimetres of paper that the width sees; 0: 190
	tilt   float64 // degrees: the far edge is up
	pan    float64 // degrees: the right edge is away
	roll   float64 // degrees in the plane of the picture
	barrel float64 // of the lens: how much farther its corners see
	copied int     // photocopies before

	folds   []fold
	crumple float64 // millimetres by which a crumpled paper is displaced
	coffee  *spot
	shadow  func(x, y float64) float64 // light on a place of the paper, 1 is full
	glare   *spot

	defocus float64                    // standard deviation of the blur, pixels
	uneven  func(x, y float64) float64 // instead: by place of the picture, 0 to 1
	motion  [2]float64                 // pixels that the hand moves during the exposure
	photons float64                    // of white, for each pixel; 0: 6000
	dark    float64                    // of the light that there is, part that the camera finds; 0: 1
	quality int                        // of the JPEG; 0: 92
	scanner bool                       // no lens: a flat scan, as grey PNG
}

// fold is a crease: beyond the line the paper stands up by an angle.
type fold struct {
	x, y, along float64 // a place on the line, millimetres; its direction, degrees
	angle       float64 // degrees
}

// spot is round, with a soft edge.
type spot struct{ x, y, radius, strength float64 }

// distance of the lens from the paper, in millimetres, as people hold a telephone.
const distance = 280.0

// The middle of what is seen: between the two codes.
const middleX, middleY = 105.0, 237.0

// take takes the picture of a page.
func (s shot) take(page *image.Gray) []byte {
	if s.w == 0 {
		s.w, s.h = 2000, 760
	}
	if s.field == 0 {
		s.field = 190
	}
	if s.photons == 0 {
		s.photons = 6000
	}
	if s.dark == 0 {
		s.dark = 1
	}
	if s.quality == 0 {
		s.quality = 92
	}
	for range s.copied {
		page = photocopy(page)
	}
	light := s.expose(page)
	light = s.blur(light)
	return s.develop(light)
}

// plane is light on the sensor, linear: 1 is what a white page in full light sends.
type plane struct {
	w, h int
	v    []float32
}

func newPlane(w, h int) *plane { return &plane{w, h, make([]float32, w*h)} }

// rows runs over all rows on all cores.
func (p *plane) rows(each func(y int, row []float32)) {
	var wg sync.WaitGroup
	cores := runtime.GOMAXPROCS(0)
	for c := range cores {
		wg.Go(func() {
			for y := c; y < p.h; y += cores {
				each(y, p.v[y*p.w:][:p.w])
			}
		})
	}
	wg.Wait()
}

// expose follows each ray from the sensor to the paper.
func (s shot) expose(page *image.Gray) *plane {
	out := newPlane(s.w, s.h)
	eye := s.eye()
	wrinkles := newNoise(s.name + " crumple")
	out.rows(func(y int, row []float32) {
		for x := range row {
			sum := 0.0
			for _, d := range [4][2]float64{{0.25, 0.25}, {0.75, 0.25}, {0.25, 0.75}, {0.75, 0.75}} {
				u, v := eye.paper(float64(x)+d[0], float64(y)+d[1])
				sum += s.light(page, wrinkles, u, v)
			}
			row[x] = float32(sum / 4)
		}
	})
	return out
}

// eye is lens and paper: where a ray meets the paper.
type eye struct {
	shot
	across, down [3]float64 // the paper's sides as the camera sees them
	focal        float64
}

func (s shot) eye() eye {
	const degree = math.Pi / 180
	st, ct := math.Sincos(s.tilt * degree)
	sp, cp := math.Sincos(s.pan * degree)
	sr, cr := math.Sincos(s.roll * degree)
	turn := func(x, y, z float64) [3]float64 {
		x, y = x*cr-y*sr, x*sr+y*cr
		x, z = x*cp-z*sp, x*sp+z*cp
		y, z = y*ct-z*st, y*st+z*ct
		return [3]float64{x, y, z}
	}
	return eye{s, turn(1, 0, 0), turn(0, 1, 0), float64(s.w) * distance / s.field}
}

func (e eye) paper(x, y float64) (u, v float64) {
	a, b := (x-float64(e.w)/2)/e.focal, (y-float64(e.h)/2)/e.focal
	if e.barrel != 0 {
		r := (a*a + b*b) / (float64(e.w) / 2 / e.focal) / (float64(e.w) / 2 / e.focal)
		a, b = a*(1+e.barrel*r), b*(1+e.barrel*r)
	}
	if e.scanner {
		return middleX + a*distance, middleY + b*distance
	}
	// u·across + v·down + (0, 0, distance) = t·(a, b, 1)
	p, q := e.across, e.down
	m1, n1, m2, n2 := p[0]-a*p[2], q[0]-a*q[2], p[1]-b*p[2], q[1]-b*q[2]
	det := m1*n2 - n1*m2
	c1, c2 := a*distance, b*distance
	return middleX + (c1*n2-n1*c2)/det, middleY + (m1*c2-c1*m2)/det
}

// light is what a place of the paper sends: how white it is, how much falls on it.
func (s shot) light(page *image.Gray, wrinkles *noise, u, v float64) float64 {
	falls, glare := 1.0, 0.0
	if s.shadow != nil {
		falls = s.shadow(u, v)
	}
	if s.glare != nil {
		glare = s.glare.at(u, v)
	}
	stain := 0.0
	if c := s.coffee; c != nil {
		stain = c.at(u, v)
		rim := math.Hypot(u-c.x, v-c.y)/c.radius - 1
		stain += 0.5 * c.strength * math.Exp(-rim*rim*400)
	}
	crack := 0.0
	for _, f := range s.folds {
		var shade, c float64
		u, v, shade, c = f.bend(u, v)
		falls *= shade
		crack = max(crack, c)
	}
	if s.crumple > 0 {
		const size = 17.0
		h, hx, hy := wrinkles.at(u/size, v/size)
		g, gx, gy := wrinkles.at(v/size*1.7+40, u/size*1.7+80)
		falls *= 1 + 0.16*(hx+0.5*hy)*s.crumple + 0.08*(gx-gy)*s.crumple
		u, v = u+s.crumple*h, v+s.crumple*g
	}
	white := 0.05 + 0.80*reflect(page, u, v)
	white += crack * (0.75 - white) * 0.7
	return white*falls*(1-stain) + glare
}

// reflect is how white the page is at a place in millimetres, 0 to 1.
func reflect(page *image.Gray, u, v float64) float64 {
	const dots = 600 / 25.4
	x, y := u*dots-0.5, v*dots-0.5
	w, h := page.Rect.Dx(), page.Rect.Dy()
	if x < 0 || y < 0 || x >= float64(w-1) || y >= float64(h-1) {
		return 0.35 // the table
	}
	ix, iy := int(x), int(y)
	fx, fy := x-float64(ix), y-float64(iy)
	p := page.Pix[iy*page.Stride+ix:]
	a, b, c, d := float64(p[0]), float64(p[1]), float64(p[page.Stride]), float64(p[page.Stride+1])
	return ((a*(1-fx)+b*fx)*(1-fy) + (c*(1-fx)+d*fx)*fy) / 255
}

func (s spot) at(u, v float64) float64 {
	d := math.Hypot(u-s.x, v-s.y) / s.radius
	return s.strength / (1 + math.Exp((d-1)*12))
}

// bend lifts what is beyond the line: it looks shorter, is pushed along the line by the
// slant of the view, and has other light; on the line the ink has cracked.
func (f fold) bend(u, v float64) (u2, v2, shade, crack float64) {
	sin, cos := math.Sincos(f.along * math.Pi / 180)
	nx, ny := -sin, cos
	d := (u-f.x)*nx + (v-f.y)*ny
	crack = math.Exp(-d * d / 0.03)
	if d <= 0 {
		return u, v, 1, crack
	}
	rise := math.Sin(f.angle * math.Pi / 180)
	more, slip := d/math.Cos(f.angle*math.Pi/180)-d, d*rise*0.12
	return u + nx*more + cos*slip, v + ny*more + sin*slip, 1 - 1.1*rise, crack
}

// noise is smooth chance in the plane, with its slopes.
type noise struct{ v [64][64]float64 }

func newNoise(seed string) *noise {
	n, r := new(noise), chance(seed, 0)
	for i := range n.v {
		for j := range n.v[i] {
			n.v[i][j] = r.Float64()*2 - 1
		}
	}
	return n
}

func (n *noise) at(x, y float64) (v, dx, dy float64) {
	fx, fy := x-math.Floor(x), y-math.Floor(y)
	i, j := int(math.Floor(y))&63, int(math.Floor(x))&63
	a, b, c, d := n.v[i][j], n.v[i][(j+1)&63], n.v[(i+1)&63][j], n.v[(i+1)&63][(j+1)&63]
	ease := func(t float64) (float64, float64) { return t * t * (3 - 2*t), 6 * t * (1 - t) }
	ex, sx := ease(fx)
	ey, sy := ease(fy)
	v = a + (b-a)*ex + (c-a)*ey + (a-b-c+d)*ex*ey
	return v, ((b - a) + (a-b-c+d)*ey) * sx, ((c - a) + (a-b-c+d)*ex) * sy
}

func chance(seed string, n uint64) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte("SYNTHETIC " + seed))
	return rand.New(rand.NewPCG(h.Sum64(), n))
}

// develop is sensor and file: photons come by chance, each pixel sees one colour and
// borrows the others from its neighbours, the camera sharpens what it softened.
func (s shot) develop(light *plane) []byte {
	white := 0.85
	raw := newPlane(light.w, light.h)
	raw.rows(func(y int, row []float32) {
		r := chance(s.name, uint64(y)+1)
		for x := range row {
			electrons := float64(light.v[y*light.w+x]) / white * s.photons * s.dark
			electrons += r.NormFloat64() * math.Sqrt(max(electrons, 0)+16)
			row[x] = float32(electrons / (s.photons * s.dark))
		}
	})
	if s.scanner {
		out := image.NewGray(image.Rect(0, 0, s.w, s.h))
		for i, v := range raw.v {
			out.Pix[i] = tone(float64(v), 1)
		}
		return encode(func(b *bytes.Buffer) error { return png.Encode(b, out) })
	}
	soft := raw.gauss(0.7, 0.7)
	smooth := soft.gauss(1.2, 1.2)
	var tones [2049]uint8
	for i := range tones {
		tones[i] = tone(float64(i)/1024, s.dark)
	}
	out := image.NewRGBA(image.Rect(0, 0, s.w, s.h))
	for i, v := range soft.v {
		p := v + 0.6*(v-smooth.v[i])
		for c, cast := range [3]float32{1.02, 1, 0.93} {
			out.Pix[4*i+c] = tones[int(min(max(p*cast*1024, 0), 2048))]
		}
		out.Pix[4*i+3] = 255
	}
	return encode(func(b *bytes.Buffer) error { return jpeg.Encode(b, out, &jpeg.Options{Quality: s.quality}) })
}

// tone is the curve from light to a number. A camera that finds little light makes the
// picture brighter, not bright.
func tone(v, dark float64) uint8 {
	v = min(max(v*0.9*math.Sqrt(dark), 0), 1)
	return uint8(math.Pow(v, 1/2.2)*255 + 0.5)
}

func encode(write func(*bytes.Buffer) error) []byte {
	var out bytes.Buffer
	if err := write(&out); err != nil {
		panic(err) // into memory
	}
	return out.Bytes()
}
