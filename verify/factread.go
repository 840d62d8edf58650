package verify

import "adamas.example/verify/canonical"

// read takes the value of a label; false means that this version does not know
// the label, and nothing is taken. The forms are fact-carats and those after it
// in docs/formats/statement.cddl; factread_test.go holds them against the library.
func (f *Facts) read(c *canonical.Cursor, l Label) bool {
	switch l {
	case LabelCarats:
		f.Carats = readAmount(c)
	case LabelHS:
		f.HS = readList(c, readWeight)
	case LabelOrigin:
		f.Origin = readList(c, readWeight)
	case LabelParcels:
		f.Parcels = readAmount(c)
	case LabelConsumed:
		f.Consumed = readList(c, readConsumed)
	case LabelExporter:
		f.Exporter = readParty(c)
	case LabelImporter:
		f.Importer = readParty(c)
	case LabelValue:
		f.Value = readAmount(c)
	case LabelSeals:
		f.Seals = readList(c, readSeal)
	case LabelHSValue:
		f.HSValues = readList(c, readCents)
	default:
		return false
	}
	return true
}

func readAmount(c *canonical.Cursor) *uint64 { return new(c.Uint()) }

func readList[T any](c *canonical.Cursor, one func(*canonical.Cursor) T) []T {
	all := make([]T, 0, c.List())
	for c.More() {
		all = append(all, one(c))
	}
	return all
}

func readWeight(c *canonical.Cursor) (w Weight) {
	c.Tuple(2)
	w.Name, w.Hundredths = c.Text(), c.Uint()
	c.End()
	return w
}

func readConsumed(c *canonical.Cursor) (v Consumed) {
	c.Tuple(3)
	v.Number, v.Statement, v.Hundredths = c.Text(), c.Hash(), c.Uint()
	c.End()
	return v
}

func readParty(c *canonical.Cursor) *Party {
	c.Tuple(2)
	p := &Party{Name: c.Text(), Address: c.Text()}
	c.End()
	return p
}

func readSeal(c *canonical.Cursor) (s Seal) {
	c.Tuple(2)
	s.Container, s.Seal = c.Text(), c.Text()
	c.End()
	return s
}

func readCents(c *canonical.Cursor) (v Cents) {
	c.Tuple(2)
	v.Name, v.Cents = c.Text(), c.Uint()
	c.End()
	return v
}
