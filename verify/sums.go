package verify

import (
	"errors"
	"fmt"
	"slices"
)

// CheckSums holds what must agree among the facts that are set: HS lines and
// origins each add up to the weight, the HS values to the value, the certificates
// used up to no more than the weight (a parcel may hold domestic goods beside
// them), and no list names the same thing twice.
func (f *Facts) CheckSums() error {
	if f.Parcels != nil && *f.Parcels == 0 {
		return errors.New("parcels: zero")
	}
	if f.Carats != nil {
		if *f.Carats == 0 {
			return errors.New("carats: zero")
		}
		if err := f.checkWeights(*f.Carats); err != nil {
			return err
		}
	}
	if f.Value == nil || f.HSValues == nil {
		return nil
	}
	s := sum{name: "hs_values", total: *f.Value}
	for _, c := range f.HSValues {
		if err := s.add(c.Name, c.Cents); err != nil {
			return err
		}
	}
	return s.complete()
}

func (f *Facts) checkWeights(total uint64) error {
	for _, l := range []struct {
		name    string
		weights []Weight
	}{{"hs", f.HS}, {"origin", f.Origin}} {
		if l.weights == nil {
			continue
		}
		s := sum{name: l.name, total: total}
		for _, w := range l.weights {
			if err := s.add(w.Name, w.Hundredths); err != nil {
				return err
			}
		}
		if err := s.complete(); err != nil {
			return err
		}
	}
	if err := f.checkParcels(total); err != nil {
		return err
	}
	s := sum{name: "consumed", total: total}
	for _, c := range f.Consumed {
		if err := s.add(c.Number, c.Hundredths); err != nil {
			return err
		}
	}
	return nil
}

// checkParcels: where the parcels are listed, all of them are, by different marks.
func (f *Facts) checkParcels(total uint64) error {
	if f.ParcelList == nil {
		return nil
	}
	if f.Parcels != nil && uint64(len(f.ParcelList)) != *f.Parcels {
		return fmt.Errorf("parcel_list: lists %d, parcels says %d", len(f.ParcelList), *f.Parcels)
	}
	s := sum{name: "parcel_list", total: total}
	for _, p := range f.ParcelList {
		if err := s.add(p.Mark, p.Hundredths); err != nil {
			return err
		}
	}
	return s.complete()
}

// sum adds the lines of a list towards a total, in hundredths of a carat or in
// cents. It never passes the total, so it cannot wrap round.
type sum struct {
	name  string
	total uint64
	have  uint64
	few   [glance]string  // the first names,
	n     int             // how many they are,
	many  map[string]bool // and all, once they are more
}

// glance is how many names are compared one by one: most lists are shorter.
const glance = 8

func (s *sum) add(name string, amount uint64) error {
	if name == "" || s.stands(name) {
		return fmt.Errorf("%s: %q stands twice or is empty", s.name, name)
	}
	if amount > s.total-s.have {
		return fmt.Errorf("%s: with %s there is more than the whole, %d", s.name, name, s.total)
	}
	s.have += amount
	return nil
}

// stands tells whether a name was there before, and keeps it.
func (s *sum) stands(name string) bool {
	if s.many == nil {
		if slices.Contains(s.few[:s.n], name) {
			return true
		}
		if s.n < glance {
			s.few[s.n] = name
			s.n++
			return false
		}
		s.many = make(map[string]bool, 2*glance)
		for _, n := range s.few {
			s.many[n] = true
		}
	}
	if s.many[name] {
		return true
	}
	s.many[name] = true
	return false
}

func (s *sum) complete() error {
	if s.have != s.total {
		return fmt.Errorf("%s: adds up to %d, the whole is %d", s.name, s.have, s.total)
	}
	return nil
}
