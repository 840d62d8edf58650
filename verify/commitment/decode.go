package commitment

import "adamas.example/verify/canonical"

// ReadDisclosure takes a disclosure; what Check asks of it is not looked at. Its
// strings share memory with what is read.
func ReadDisclosure(c *canonical.Cursor) *Disclosure {
	d := new(Disclosure)
	c.Map()
	if c.Has(1) {
		d.Seed = c.Bytes()
		c.Says(len(d.Seed) > 0)
	}
	if c.Has(2) {
		d.Facts = make([]Fact, 0, c.List())
		for c.More() {
			d.Facts = append(d.Facts, readFact(c))
		}
		c.Says(len(d.Facts) > 0)
	}
	if c.Has(3) {
		d.Slots = make([]Slot, 0, c.List())
		for c.More() {
			d.Slots = append(d.Slots, readSlot(c))
		}
		c.Says(len(d.Slots) > 0)
	}
	c.End()
	return d
}

func readFact(c *canonical.Cursor) (f Fact) {
	c.Tuple(2)
	f.Label, f.Value = c.Uint(), c.Raw()
	c.End()
	return f
}

func readSlot(c *canonical.Cursor) (s Slot) {
	c.Map()
	if c.Has(1) {
		s.Shown = new(Shown)
		c.Tuple(3)
		s.Shown.Label, s.Shown.Salt, s.Shown.Value = c.Uint(), c.Bytes(), c.Raw()
		c.End()
	}
	if c.Has(2) {
		s.Hidden = new(Hidden)
		c.Tuple(2)
		s.Hidden.Label, s.Hidden.Hash = c.Uint(), c.Hash()
		c.End()
	}
	c.End()
	return s
}

// ReadRoot takes a commitment.
func ReadRoot(c *canonical.Cursor) (r Root) {
	c.Tuple(2)
	r.Hash, r.Count = c.Hash(), c.Uint()
	c.End()
	return r
}
