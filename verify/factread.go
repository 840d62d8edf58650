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
		f.HS = readWeights(c)
	case LabelOrigin:
		f.Origin = readWeights(c)
	case LabelParcels:
		f.Parcels = readAmount(c)
	case LabelConsumed:
		f.Consumed = readConsumed(c)
	case LabelExporter:
		f.Exporter = readParty(c)
	case LabelImporter:
		f.Importer = readParty(c)
	case LabelValue:
		f.Value = readAmount(c)
	case LabelSeals:
		f.Seals = readSeals(c)
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

func readAmount(c *canonical.Cursor) *uint64 { return new(c.Uint()) }

func readWeights(c *canonical.Cursor) []Weight {
	all := make([]Weight, 0, c.List())
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

func readParty(c *canonical.Cursor) *Party {
	c.Tuple(2)
	p := &Party{Name: c.Text(), Address: c.Text()}
	c.End()
	return p
}

func readSeals(c *canonical.Cursor) []Seal {
	all := make([]Seal, 0, c.List())
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
