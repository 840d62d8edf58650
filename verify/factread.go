package verify

import "adamas.example/verify/canonical"

// factSheet is what the facts of most certificates are written on, made in one
// piece; longer lists find room by themselves.
type factSheet struct {
	facts                  Facts
	carats, parcels, value uint64
	exporter, importer     Party
	hs, origin             [1]Weight
	seals                  [1]Seal
}

// read takes the value of a label; false means that this version does not know
// the label, and nothing is taken. The forms are fact-carats and those after it
// in docs/formats/statement.cddl; factread_test.go holds them against the library.
func (s *factSheet) read(c *canonical.Cursor, l Label) bool {
	f := &s.facts
	switch l {
	case LabelCarats:
		f.Carats = readAmount(c, &s.carats)
	case LabelHS:
		f.HS = readWeights(c, s.hs[:])
	case LabelOrigin:
		f.Origin = readWeights(c, s.origin[:])
	case LabelParcels:
		f.Parcels = readAmount(c, &s.parcels)
	case LabelConsumed:
		f.Consumed = readConsumed(c)
	case LabelExporter:
		f.Exporter = readParty(c, &s.exporter)
	case LabelImporter:
		f.Importer = readParty(c, &s.importer)
	case LabelValue:
		f.Value = readAmount(c, &s.value)
	case LabelSeals:
		f.Seals = readSeals(c, s.seals[:])
	case LabelHSValue:
		f.HSValues = readCents(c)
	case LabelParcelList:
		f.ParcelList = readParcels(c)
	case LabelCarriage:
		f.Carriage = readCarriage(c)
	case LabelAdditions:
		f.Additions = readAdditions(c)
	case LabelFile:
		f.File = new(c.Hash())
	default:
		return false
	}
	return true
}

func readAmount(c *canonical.Cursor, to *uint64) *uint64 {
	*to = c.Uint()
	return to
}

// list opens a list and gives room for it, if there is enough the room that is there.
func list[T any](c *canonical.Cursor, room []T) []T {
	if n := c.List(); n > len(room) {
		return make([]T, 0, n)
	}
	return room[:0]
}

func readWeights(c *canonical.Cursor, room []Weight) []Weight {
	all := list(c, room)
	for c.More() {
		c.Tuple(2)
		all = append(all, Weight{Name: c.Text(), Hundredths: c.Uint()})
		c.End()
	}
	return all
}

func readConsumed(c *canonical.Cursor) []Consumed {
	all := make([]Consumed, 0, c.List())
	for c.More() {
		c.Tuple(3)
		all = append(all, Consumed{Number: c.Text(), Statement: c.Hash(), Hundredths: c.Uint()})
		c.End()
	}
	return all
}

func readParty(c *canonical.Cursor, to *Party) *Party {
	c.Tuple(2)
	to.Name, to.Address = c.Text(), c.Text()
	c.End()
	return to
}

func readSeals(c *canonical.Cursor, room []Seal) []Seal {
	all := list(c, room)
	for c.More() {
		c.Tuple(2)
		all = append(all, Seal{Container: c.Text(), Seal: c.Text()})
		c.End()
	}
	return all
}

func readCents(c *canonical.Cursor) []Cents {
	all := make([]Cents, 0, c.List())
	for c.More() {
		c.Tuple(2)
		all = append(all, Cents{Name: c.Text(), Cents: c.Uint()})
		c.End()
	}
	return all
}

func readParcels(c *canonical.Cursor) []Parcel {
	all := make([]Parcel, 0, c.List())
	for c.More() {
		c.Tuple(4)
		all = append(all, Parcel{Mark: c.Text(), Container: c.Text(), Hundredths: c.Uint(), Stones: c.Uint()})
		c.End()
	}
	return all
}

func readCarriage(c *canonical.Cursor) *Carriage {
	c.Tuple(3)
	v := &Carriage{Mode: c.Text(), Carrier: c.Text(), Licence: c.Text()}
	c.End()
	return v
}

func readAdditions(c *canonical.Cursor) []Addition {
	all := make([]Addition, 0, c.List())
	for c.More() {
		c.Tuple(2)
		all = append(all, Addition{Field: c.Text(), Value: c.Text()})
		c.End()
	}
	return all
}
