package receiving

import (
	"strconv"

	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/verify"
)

// weighing is the form of what was measured: what stands in its fields, and beside each
// what the certificate says.
type weighing struct {
	Parcels  []weighed
	Listed   bool // each parcel is weighed by itself, and the whole is their sum
	Whole    weighed
	Count    string // of parcels
	Stated   string // number of parcels on the certificate; "" where it is not shown
	Stones   bool   // a column of stones
	Seals    []sealed
	More     []sealed // empty lines for seals that the certificate does not name
	Original bool
	Opens    bool // a share has to be opened here, and is counted
	Opened   string
	Scale    string
	Value    string
	Remark   string
	Because  string
	Reason   string
	Note     string
}

// weighed is one line: as stated, and as measured.
type weighed struct {
	Field           string // in the form
	Mark            string
	Container       string
	Stated, Typed   string
	StatedStones    string
	Stones          string
	Thousandths     int64 // as stated, for the script; 0 where it is not shown
	Allowed         int64 // difference, in thousandths
	AllowedWords    string
	Difference      string // as the server has reckoned it; "" where nothing is compared
	Beyond          bool
	measured, wants measure.Carats
}

// sealed is a line of container seals.
type sealed struct {
	Field           string
	Container, Seal string
	Whole           bool
	Typed           bool // the officer typed it: the certificate does not name it
}

// moreSeals is how many lines there are for seals that the certificate does not name.
const moreSeals = 2

// blank is the form as it stands before anybody has measured: with the certificate's
// figures, every seal as it should be.
func (c *counter) blank(p *lang.Printer, s *importing.Sight, v *verify.Verdict, scale string) (*weighing, error) {
	f := &weighing{Original: true, Scale: scale, Opens: c.desk.Opens(s.Counterpart)}
	shown := v.Shown
	if shown == nil {
		shown = &verify.Facts{}
	}
	line := func(stated *uint64) (out weighed, err error) {
		if stated == nil {
			return out, nil
		}
		out.wants = reading.Carats(*stated)
		allowed, err := c.desk.Allowed(s.Counterpart, out.wants)
		out.Stated, out.Typed, out.Thousandths = p.Weight(out.wants), p.Weight(out.wants), int64(out.wants)
		out.Allowed, out.AllowedWords, out.measured = int64(allowed), p.Carats(allowed), out.wants
		return out, err
	}
	var err error
	if f.Whole, err = line(shown.Carats); err != nil {
		return nil, err
	}
	f.Whole.Field = "carats"
	if shown.Parcels != nil {
		f.Count = strconv.FormatUint(*shown.Parcels, 10)
		f.Stated = p.Number(int64(*shown.Parcels))
	}
	f.Listed = shown.Parcels != nil && len(shown.ParcelList) > 0 && uint64(len(shown.ParcelList)) == *shown.Parcels
	for i, parcel := range shown.ParcelList {
		if !f.Listed {
			break
		}
		one, err := line(&parcel.Hundredths)
		if err != nil {
			return nil, err
		}
		one.Mark, one.Container, one.Field = parcel.Mark, parcel.Container, "parcel_list["+strconv.Itoa(i+1)+"]"
		if parcel.Stones > 0 {
			f.Stones = true
			one.StatedStones, one.Stones = p.Number(int64(parcel.Stones)), strconv.FormatUint(parcel.Stones, 10)
		}
		f.Parcels = append(f.Parcels, one)
	}
	for _, seal := range shown.Seals {
		f.Seals = append(f.Seals, sealed{Field: "seals[" + strconv.Itoa(len(f.Seals)+1) + "]", Container: seal.Container, Seal: seal.Seal, Whole: true})
	}
	for range moreSeals {
		f.More = append(f.More, sealed{Field: "seals[" + strconv.Itoa(len(f.Seals)+len(f.More)+1) + "]", Typed: true, Whole: true})
	}
	return f, nil
}

// take puts what was typed into the form and reads it. Faults: those of the numbers,
// each at its field, and what is missing is left to Measured's own check.
func (f *weighing) take(p *lang.Printer, in *posted) (importing.Measured, error) {
	var wrong fault.List
	m := importing.Measured{}
	asStated := true
	carats := func(w *weighed, field string) measure.Carats {
		w.Typed, w.Difference, w.Beyond = in.one(field), "", false
		got, err := measure.ParseCarats(w.Typed)
		if err != nil {
			wrong.Add(fault.Locate(err, fault.At(field)))
			return 0
		}
		w.measured = got
		asStated = asStated && got == w.wants
		return got
	}
	number := func(field string) uint64 {
		n, err := strconv.ParseUint(in.one(field), 10, 32)
		if err != nil && in.one(field) != "" {
			wrong.Add(fault.Invalid("receiving.number", fault.At(field), fault.Text(in.one(field))))
		}
		return n
	}
	for i := range f.Parcels {
		w := &f.Parcels[i]
		one := importing.Weighed{Mark: w.Mark, Carats: carats(w, w.Field+".carats")}
		if w.StatedStones != "" {
			asStated = asStated && in.one(w.Field+".stones") == w.Stones
			w.Stones = in.one(w.Field + ".stones")
			one.Stones = number(w.Field + ".stones")
		}
		m.Carats += one.Carats
		m.ParcelList = append(m.ParcelList, one)
	}
	if f.Listed {
		f.Whole.Typed, f.Whole.measured = p.Weight(m.Carats), m.Carats
	} else {
		m.Carats = carats(&f.Whole, "carats")
	}
	asStated = asStated && in.one("parcels") == f.Count
	f.Count, f.Opened, f.Scale = in.one("parcels"), in.one("lots_opened"), in.one("scale")
	m.Parcels, m.LotsOpened, m.Scale = number("parcels"), number("lots_opened"), f.Scale
	f.Original = in.Get("original") != ""
	m.Original = f.Original
	f.Remark, f.Because, f.Reason, f.Note = in.one("remark"), in.one("because"), in.one("reason"), in.one("note")
	m.Remark = f.Remark
	if f.Value = in.one("value_usd"); f.Value != "" {
		value, err := measure.ParseUSD(f.Value)
		wrong.Add(fault.Locate(err, fault.At("value_usd")))
		m.Value = &value
		asStated = false
	}
	m.Seals, asStated = f.takeSeals(in), asStated && f.Original
	for _, s := range f.Seals {
		asStated = asStated && s.Whole
	}
	m.AsStated = asStated
	return m, wrong.Err()
}

// takeSeals reads the ticks, and the seals that were typed.
func (f *weighing) takeSeals(in *posted) (out []importing.SealFound) {
	for i := range f.Seals {
		s := &f.Seals[i]
		s.Whole = in.Get(s.Field+".intact") != ""
		out = append(out, importing.SealFound{Container: s.Container, Seal: s.Seal, Intact: s.Whole})
	}
	for i := range f.More {
		s := &f.More[i]
		s.Container, s.Seal, s.Whole = in.one(s.Field+".container"), in.one(s.Field+".seal"), in.Get(s.Field+".intact") != ""
		if s.Container != "" || s.Seal != "" {
			out = append(out, importing.SealFound{Container: s.Container, Seal: s.Seal, Intact: s.Whole})
		}
	}
	return out
}

// compare reckons what the script also reckons while somebody types.
func (f *weighing) compare(p *lang.Printer) {
	for i := range f.Parcels {
		f.Parcels[i].compare(p)
	}
	f.Whole.compare(p)
}

func (w *weighed) compare(p *lang.Printer) {
	if w.Thousandths == 0 {
		return
	}
	gap := w.measured - w.wants
	w.Difference = p.Weight(max(gap, -gap))
	switch {
	case gap > 0:
		w.Difference = "+" + w.Difference
	case gap < 0:
		w.Difference = "−" + w.Difference
	}
	w.Beyond = int64(max(gap, -gap)) > w.Allowed
}
