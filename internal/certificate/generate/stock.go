package generate

import (
	"cmp"
	"slices"

	"adamas.example/internal/certificate/generate/chance"
)

// part is a Participant of origin with its hundredths of a carat.
type part struct {
	code       string
	hundredths int64
}

// lot is goods in stock: what is left of one imported certificate, or of the
// opening stock, which came under none.
type lot struct {
	under      *paper // nil: opening stock
	hundredths int64
	cents      int64
	origins    []part // ascending by code, adding up to hundredths
}

// stock is first in, first out. No lot in it is empty.
type stock struct {
	lots       []lot
	hundredths int64
}

func (s *stock) put(l lot) {
	if l.hundredths > 0 {
		s.lots = append(s.lots, l)
		s.hundredths += l.hundredths
	}
}

// putBack returns what a cancelled certificate had used.
func (s *stock) putBack(lots []lot) {
	s.lots = slices.Concat(lots, s.lots)
	for _, l := range lots {
		s.hundredths += l.hundredths
	}
}

// mostLots is how many certificates one re-export uses up at most.
const mostLots = 24

// take removes up to the wanted weight, oldest lots first, a lot in part where
// less is needed.
func (s *stock) take(want int64) []lot {
	var out []lot
	for want > 0 && len(out) < mostLots && len(s.lots) > 0 {
		head := &s.lots[0]
		piece := *head
		if head.hundredths > want {
			piece = head.split(want)
		} else {
			s.lots[0] = lot{} // lets go of what it held
			s.lots = s.lots[1:]
		}
		want -= piece.hundredths
		s.hundredths -= piece.hundredths
		out = addLot(out, piece)
	}
	return out
}

// addLot joins pieces of one certificate: a cancelled re-export may have brought
// one back beside the rest.
func addLot(lots []lot, piece lot) []lot {
	for i := range lots {
		if l := &lots[i]; l.under == piece.under {
			l.hundredths += piece.hundredths
			l.cents += piece.cents
			l.origins = join(slices.Clone(l.origins), piece.origins)
			return lots
		}
	}
	return append(lots, piece)
}

// split takes a piece off a lot, its origins and value in proportion; what is
// rounded stays with the rest, and nothing is lost.
func (l *lot) split(hundredths int64) lot {
	piece := lot{under: l.under, hundredths: hundredths, cents: chance.Share(l.cents, hundredths, l.hundredths)}
	piece.origins = divide(l.origins, hundredths, l.hundredths)
	rest := make([]part, 0, len(l.origins))
	for _, o := range l.origins {
		if o.hundredths -= weightOf(piece.origins, o.code); o.hundredths > 0 {
			rest = append(rest, o)
		}
	}
	l.hundredths -= hundredths
	l.cents -= piece.cents
	l.origins = rest
	return piece
}

// divide gives the origins of a piece of the whole: shares rounded down, and the
// units that are left to those that have most to give. The parts add up to the
// piece, and none is more than the whole has.
func divide(origins []part, piece, whole int64) []part {
	out := make([]part, len(origins))
	left := piece
	for i, o := range origins {
		out[i] = part{o.code, chance.Share(o.hundredths, piece, whole)}
		left -= out[i].hundredths
	}
	for left > 0 {
		best := 0
		for i := range out {
			if origins[i].hundredths-out[i].hundredths > origins[best].hundredths-out[best].hundredths {
				best = i
			}
		}
		out[best].hundredths++
		left--
	}
	return slices.DeleteFunc(out, func(p part) bool { return p.hundredths == 0 })
}

func weightOf(origins []part, code string) int64 {
	for _, o := range origins {
		if o.code == code {
			return o.hundredths
		}
	}
	return 0
}

// join adds origins to a set that ascends by code.
func join(set []part, more []part) []part {
	for _, o := range more {
		i, found := slices.BinarySearchFunc(set, o.code, func(p part, code string) int { return cmp.Compare(p.code, code) })
		if found {
			set[i].hundredths += o.hundredths
		} else {
			set = slices.Insert(set, i, o)
		}
	}
	return set
}
