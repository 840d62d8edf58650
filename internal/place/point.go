package place

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"adamas.example/internal/fault"
)

// Point is a place on the Earth (WGS 84), in millionths of a degree, and how
// exactly it is stated. Latitude runs from -90 to 90, longitude from -180 to
// 180. The zero Point is 0, 0 to the degree; a place that may be unknown is a
// *Point.
type Point struct {
	Lat, Lon int32 // millionths of a degree, north and east positive
	Decimals uint8 // of the degrees as stated, 0 to 6
}

const (
	pointDecimals = 6
	microDegree   = 1e6
	// earthRadius is the IUGG mean radius R1, metres.
	earthRadius = 6_371_008.8
)

// NewPoint rounds degrees to millionths and refuses what is no place.
func NewPoint(lat, lon float64) (Point, error) {
	if !(math.Abs(lat) <= 90) { // also refuses NaN
		return Point{}, fault.Invalid("place.latitude", fault.At("latitude"), fault.Text(fmt.Sprint(lat)))
	}
	if !(math.Abs(lon) <= 180) {
		return Point{}, fault.Invalid("place.longitude", fault.At("longitude"), fault.Text(fmt.Sprint(lon)))
	}
	return Point{int32(math.Round(lat * microDegree)), int32(math.Round(lon * microDegree)), pointDecimals}, nil
}

// ParsePoint reads decimal degrees as typed or copied, "4.2613" and "15,7884",
// with a minus for south and west. Decimals beyond the sixth, a tenth of a metre,
// are rounded away; the Point is as exact as the coarser of the two.
func ParsePoint(lat, lon string) (Point, error) {
	y, yDecimals, err := parseDegrees(lat)
	if err != nil || math.Abs(y) > 90 {
		return Point{}, fault.Invalid("place.latitude", fault.At("latitude"), fault.Text(lat))
	}
	x, xDecimals, err := parseDegrees(lon)
	if err != nil || math.Abs(x) > 180 {
		return Point{}, fault.Invalid("place.longitude", fault.At("longitude"), fault.Text(lon))
	}
	p, err := NewPoint(y, x)
	p.Decimals = uint8(min(yDecimals, xDecimals, pointDecimals))
	return p, err
}

// parseDegrees refuses what ParseFloat knows beyond plain decimals: exponents,
// hexadecimal, infinities, underscores.
func parseDegrees(typed string) (degrees float64, decimals int, err error) {
	s := strings.Replace(strings.TrimSpace(typed), ",", ".", 1)
	s = strings.Replace(s, "\u2212", "-", 1)
	unsigned := strings.TrimPrefix(s, "-")
	whole, fraction, pointed := strings.Cut(unsigned, ".")
	notDigit := func(r rune) bool { return r < '0' || r > '9' }
	if whole == "" || pointed && fraction == "" || strings.ContainsFunc(whole+fraction, notDigit) {
		return 0, 0, strconv.ErrSyntax
	}
	degrees, err = strconv.ParseFloat(s, 64)
	return degrees, len(fraction), err
}

// Degrees is the point as decimal degrees.
func (p Point) Degrees() (lat, lon float64) {
	return float64(p.Lat) / microDegree, float64(p.Lon) / microDegree
}

// Within is how far, in metres, the true place may lie from the point by the way
// it is stated: half a unit of the last decimal, in both directions.
func (p Point) Within() float64 {
	half := 0.5 * math.Pow10(-int(p.Decimals))
	return math.Sqrt2 * half * math.Pi / 180 * earthRadius
}

// String is "4.2613 15.7884", with as many decimals as were stated.
func (p Point) String() string {
	lat, lon := p.Degrees()
	return fmt.Sprintf("%.*f %.*f", p.Decimals, lat, p.Decimals, lon)
}

// Distance is the way from a to b over the sphere, in metres (haversine).
func Distance(a, b Point) float64 {
	radians := func(micro int32) float64 { return float64(micro) / microDegree * math.Pi / 180 }
	latA, latB := radians(a.Lat), radians(b.Lat)
	sinLat := math.Sin((latB - latA) / 2)
	sinLon := math.Sin((radians(b.Lon) - radians(a.Lon)) / 2)
	h := sinLat*sinLat + math.Cos(latA)*math.Cos(latB)*sinLon*sinLon
	return 2 * earthRadius * math.Asin(math.Sqrt(min(1, h)))
}
