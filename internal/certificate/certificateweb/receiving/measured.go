package receiving

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"

	"adamas.example/internal/certificate/exporting/fields"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/web/form"
	"adamas.example/verify"
)

// weighing is what stands in the form of the screen.
type weighing struct {
	importing.Measured
	AllWhole bool   `json:"all_whole"` // of more seals than have a row each
	Because  string `json:"because"`
	Reason   string `json:"reason"`
	Note     string `json:"note"`
}

// weighed reads it, beside what the certificate shows. Faults: those of form.Values.
func weighed(given url.Values, shown *verify.Facts) (weighing, error) {
	v, err := form.Values[weighing](oneLine(given))
	asSigned(&v.Measured, shown)
	if v.AllWhole && manySeals(shown) {
		v.Seals = append(asTheyShould(shown), v.Seals...)
	}
	v.Seals = slices.DeleteFunc(v.Seals, func(s importing.SealFound) bool { return s.Container+s.Seal == "" }) // a line that waits, with its tick
	if len(v.ParcelList) > 0 {                                                                                 // each is weighed by itself, and the whole is their sum
		v.Carats = 0
		for _, p := range v.ParcelList {
			v.Carats += p.Carats
		}
	}
	return v, err
}

// asSigned puts the certificate's own characters where a row says the same in one line: a
// signed mark may have two spaces running or one that does not break, and rules compare
// them as they were signed.
func asSigned(m *importing.Measured, shown *verify.Facts) {
	as := func(typed *string, signed string) {
		if *typed == folded(signed) {
			*typed = signed
		}
	}
	for i := range min(len(m.ParcelList), len(shown.ParcelList)) {
		as(&m.ParcelList[i].Mark, shown.ParcelList[i].Mark)
	}
	for i := range min(len(m.Seals), len(shown.Seals)) {
		as(&m.Seals[i].Container, shown.Seals[i].Container)
		as(&m.Seals[i].Seal, shown.Seals[i].Seal)
	}
}

// whole tells whether there is a weight in every place for one.
func (m *weighing) whole() bool {
	return m.Carats > 0 && !slices.ContainsFunc(m.ParcelList, func(p importing.Weighed) bool { return p.Carats <= 0 })
}

// measured reads what was typed, and tells whether it is what the certificate says.
func (c *counter) measured(r *http.Request, s *importing.Sight, f *form.Form) (weighing, error) {
	if s.Certificate == nil {
		return weighed(f.Values(), &verify.Facts{})
	}
	v, err := c.desk.Verdict(r.Context(), s)
	if err != nil {
		return weighing{}, err
	}
	typed, err := weighed(f.Values(), factsOf(v))
	if err != nil {
		return typed, err
	}
	as, unread := weighed(asStated(c.site.Printer(r), v, ""), factsOf(v))
	figures := func(m importing.Measured) importing.Measured {
		m.Scale, m.Remark, m.LotsOpened, m.AsStated = "", "", 0, false
		return m
	}
	typed.AsStated = unread == nil && reflect.DeepEqual(figures(typed.Measured), figures(as.Measured))
	return typed, nil
}

// factsOf is what a certificate shows this office.
func factsOf(v *verify.Verdict) *verify.Facts {
	if v.Shown == nil {
		return &verify.Facts{}
	}
	return v.Shown
}

// listed tells whether each parcel is weighed by itself. Where there are more than a form
// has rows, the whole is.
func listed(f *verify.Facts) bool {
	return f.Parcels != nil && len(f.ParcelList) > 0 && len(f.ParcelList) <= form.MostRows && uint64(len(f.ParcelList)) == *f.Parcels
}

// manySeals tells whether there are more seals than a form has rows: one tick is for all.
func manySeals(f *verify.Facts) bool { return len(f.Seals) > form.MostRows }

// asTheyShould are a certificate's seals, all of them there and whole.
func asTheyShould(f *verify.Facts) (out []importing.SealFound) {
	for _, seal := range f.Seals {
		out = append(out, importing.SealFound{Container: seal.Container, Seal: seal.Seal, Intact: true})
	}
	return out
}

// asStated is the form as it stands before anybody has measured: with the certificate's
// figures, every seal as it should be.
func asStated(p *lang.Printer, v *verify.Verdict, scale string) url.Values {
	shown := factsOf(v)
	m := importing.Measured{Original: true, Scale: scale}
	if shown.Parcels != nil {
		m.Parcels = *shown.Parcels
	}
	many := manySeals(shown)
	if !many {
		m.Seals = asTheyShould(shown)
	}
	weights := map[string]measure.Carats{}
	if listed(shown) {
		for i, parcel := range shown.ParcelList {
			m.ParcelList = append(m.ParcelList, importing.Weighed{Mark: parcel.Mark, Stones: parcel.Stones})
			weights[parcelField(i, "carats")] = reading.Carats(parcel.Hundredths)
		}
	} else if shown.Carats != nil {
		weights["carats"] = reading.Carats(*shown.Carats)
	}
	out := form.Typed(weighing{Measured: m, AllWhole: many})
	for name, weight := range weights { // as the reader's language writes them
		out.Set(name, p.Weight(weight))
	}
	return out
}

func parcelField(i int, name string) string { return fields.Each("parcel_list", i) + "." + name }

// measuring is what the form shows beside its fields: what the certificate says.
type measuring struct {
	*form.Form
	Parcels  []weight
	Whole    weight
	Stones   bool // a column of stones
	Columns  int
	Count    form.Field
	Opens    bool // a share has to be opened here, and is counted
	Seals    []sealed
	AllWhole form.Field // instead, where they are too many for a line each
	More     []sealed   // lines for seals that the certificate does not name
	Rest     bool       // something stands in what is folded away
}

// weight is one line: as stated, and as measured.
type weight struct {
	Mark, Container string
	Hidden          form.Field // the mark
	Stated          string
	StatedStones    string
	Carats, Stones  form.Field
	Found           string // "" while it cannot be read
	Thousandths     int64  // as stated, for the script; 0 where it is not shown
	Allowed         int64  // difference, in thousandths
	Allowance       string // the same in words
	Difference      string // as the server has reckoned it; "" where nothing is compared
	Beyond          bool
}

// sealed is a line of container seals.
type sealed struct{ Container, Seal, Intact form.Field }

// moreSeals is how many lines there are for seals that the certificate does not name.
const moreSeals = 2

// measuringOf puts the form on the screen; m is what stands in it, nil as long as that
// cannot be read.
func (c *counter) measuringOf(p *lang.Printer, s *importing.Sight, v *verify.Verdict, f *form.Form, m *importing.Measured) (*measuring, error) {
	shown := factsOf(v)
	out := &measuring{Form: f, Opens: c.desk.Opens(s.Counterpart), Columns: 4}
	var whole *measure.Carats
	if m != nil {
		whole = &m.Carats
	}
	var err error
	if out.Whole, err = c.line(p, s, shown.Carats, whole); err != nil {
		return nil, err
	}
	if !listed(shown) {
		out.Whole.Carats = f.Named(f.Number("carats", "receiving.found", "ct").Narrow("5").First(), p.T("receiving.found_whole", nil))
	} else if err := c.parcels(p, s, shown, out, m); err != nil {
		return nil, err
	}
	out.Count = f.Text("parcels", "receiving.parcels").Digits().Narrow("3")
	if shown.Parcels != nil {
		out.Count = f.Named(out.Count, p.T("receiving.parcels", nil)+", "+p.T("receiving.stated", lang.Args{"n": p.Number(int64(*shown.Parcels))}))
	}
	known := len(shown.Seals)
	if manySeals(shown) {
		out.AllWhole = f.Named(f.Check("all_whole", "receiving.all_whole"), p.T("receiving.all_whole", lang.Args{"n": known}))
		known = 0
	}
	all := seals(f, known, moreSeals)
	out.Seals, out.More = all[:known], all[known:]
	out.Rest = f.Value("value_usd")+f.Value("remark") != "" || len(out.More) > moreSeals
	for _, x := range out.More {
		out.Rest = out.Rest || x.Container.Value+x.Seal.Value != ""
	}
	return out, nil
}

// parcels are the lines of a certificate whose parcels are weighed one by one.
func (c *counter) parcels(p *lang.Printer, s *importing.Sight, shown *verify.Facts, out *measuring, m *importing.Measured) error {
	f := out.Form
	for i, parcel := range shown.ParcelList {
		var found *measure.Carats
		if m != nil && i < len(m.ParcelList) {
			found = &m.ParcelList[i].Carats
		}
		x, err := c.line(p, s, &parcel.Hundredths, found)
		if err != nil {
			return err
		}
		x.Mark, x.Container, x.Hidden = parcel.Mark, parcel.Container, f.Hidden(parcelField(i, "mark"))
		x.Carats = f.Named(f.Number(parcelField(i, "carats"), "receiving.found", "ct").Narrow("5"), p.T("receiving.found_of", lang.Args{"mark": parcel.Mark}))
		x.Carats.Focus = i == 0
		if parcel.Stones > 0 {
			out.Stones, out.Columns = true, 5
			stones := f.Text(parcelField(i, "stones"), "receiving.stones").Digits().Narrow("3")
			x.StatedStones, x.Stones = p.Number(int64(parcel.Stones)), f.Named(stones, p.T("receiving.stones_of", lang.Args{"mark": parcel.Mark}))
		}
		out.Parcels = append(out.Parcels, x)
	}
	return nil
}

// line compares a weight that is stated with what was found; nil where that is not shown
// or cannot be read.
func (c *counter) line(p *lang.Printer, s *importing.Sight, stated *uint64, found *measure.Carats) (x weight, err error) {
	if found != nil {
		x.Found = p.Weight(*found)
	}
	if stated == nil {
		return x, nil
	}
	wants := reading.Carats(*stated)
	allowed, err := c.desk.Allowed(s.Counterpart, wants)
	x.Stated, x.Thousandths, x.Allowed, x.Allowance = p.Weight(wants), int64(wants), int64(allowed), p.T("receiving.allowed", lang.Args{"allowed": allowed})
	if found != nil && wants > 0 {
		gap := *found - wants
		x.Difference, x.Beyond = p.Weight(max(gap, -gap)), max(gap, -gap) > allowed
		switch {
		case gap > 0:
			x.Difference = "+" + x.Difference
		case gap < 0:
			x.Difference = "−" + x.Difference
		}
		if x.Beyond {
			x.Difference += " " + p.T("receiving.beyond", nil)
		}
	}
	return x, err
}

// seals are the lines of a form's container seals: first those that are known, then at
// least so many more, which are whole unless somebody says otherwise.
func seals(f *form.Form, known, least int) (out []sealed) {
	for _, row := range f.Rows("seals", known+least) {
		container, seal, intact := row.Name("container"), row.Name("seal"), row.Name("intact")
		if row.N <= known {
			out = append(out, sealed{f.Hidden(container), f.Hidden(seal), f.Check(intact, "receiving.whole_seal")})
			continue
		}
		if f.Value(container)+f.Value(seal) == "" {
			f.Set(intact, "yes")
		}
		out = append(out, sealed{f.Text(container, "receiving.more.container").Narrow("10"), f.Text(seal, "receiving.more.seal").Narrow("10"), f.Check(intact, "receiving.whole_seal")})
	}
	return out
}
