// Package transcript is a paper certificate from outside as it is keyed: what is written
// down of it, what it must have to be written down at all, and the same as facts of a
// certificate.
//
// It may import outside and what lies below.
package transcript

import (
	"slices"
	"strings"

	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/verify"
	"adamas.example/verify/statement"
)

// Transcript is a paper certificate from outside as it is keyed, field by field as in
// KPCS Annex I A. What the paper does not say stays empty: that is found, and recorded.
type Transcript struct {
	Number      string                `json:"certificate_number"` // as it stands on the paper
	Issuer      ident.ParticipantCode `json:"issuer"`             // whose certificate it claims to be
	Authority   string                `json:"issuing_authority"`
	Kind        string                `json:"kind,omitempty"` // export where it says nothing else
	Issued      period.Date           `json:"date_of_issuance"`
	Expires     period.Date           `json:"date_of_expiry"`
	Destination ident.ParticipantCode `json:"destination,omitempty"` // this office's where it says none
	Exporter    Named                 `json:"exporter"`
	Importer    Named                 `json:"importer"`
	Carats      measure.Carats        `json:"carat_weight"`
	Value       *measure.USD          `json:"value_usd,omitempty"`
	Parcels     uint64                `json:"number_of_parcels"`
	Lines       []PaperLine           `json:"hs_codes"`
	Origin      []PaperOrigin         `json:"origin"` // one country; several where it lists them with their weights
	OriginText  string                `json:"origin_as_written,omitempty"`
	ParcelList  []PaperParcel         `json:"parcels,omitempty"`
	Seals       []verify.Seal         `json:"seals,omitempty"`
	Validated   bool                  `json:"validated"` // it bears the authority's signature or stamp
	Looks       Likeness              `json:"looks,omitempty"`
	LooksNote   string                `json:"looks_note,omitempty"` // in what it differs
}

// Likeness is what an officer saw who held the paper beside the specimen of its day.
type Likeness string

// What he saw. Empty: nobody has looked.
const (
	Alike     Likeness = "alike"
	Differs   Likeness = "differs"
	Unsettled Likeness = "unsettled" // he could not tell
)

// Likenesses lists them.
func Likenesses() []Likeness { return []Likeness{Alike, Differs, Unsettled} }

// TextKeys names the words.
func (l Likeness) TextKeys() []string { return []string{"certificate.likeness." + string(l)} }

// Named is who sends or receives.
type Named struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// PaperLine is one tariff line.
type PaperLine struct {
	HS     string         `json:"hs_code"`
	Carats measure.Carats `json:"carat_weight"`
	Value  *measure.USD   `json:"value_usd,omitempty"`
}

// PaperOrigin is a country of origin. Of a parcel of unmixed origin the weight may stay
// empty: it is the whole.
type PaperOrigin struct {
	Country string         `json:"country"`
	Carats  measure.Carats `json:"carat_weight,omitempty"`
}

// PaperParcel is a parcel by its number on the paper; its weight where that stands there.
type PaperParcel struct {
	Number    string         `json:"number"`
	Container string         `json:"container,omitempty"`
	Carats    measure.Carats `json:"carat_weight,omitempty"`
	Stones    uint64         `json:"stones,omitempty"`
}

// KindOf reads the kind; false for a word that is none.
func KindOf(word string) (statement.Kind, bool) {
	if word == "" {
		return statement.KindExport, true
	}
	for k := statement.KindExport; k <= statement.KindReturn; k++ {
		if k.String() == word {
			return k, true
		}
	}
	return 0, false
}

// Check holds what a keyed paper must have to be written down at all: a number, whose
// it claims to be, two dates, a weight. All else that is wrong is the paper's, and
// found. Fault certificate.transcript with field.
func (t *Transcript) Check(scans [][]byte) error {
	var faults fault.List
	wrong := func(field, text string) {
		faults.Add(fault.Invalid("certificate.transcript", fault.At(field), fault.Text(text)))
	}
	if _, err := ident.ParseTypedPaper(t.Number); err != nil {
		faults.Add(fault.Locate(err, fault.At("certificate_number")))
	}
	if t.Issuer == "" {
		wrong("issuer", "")
	}
	if _, ok := KindOf(t.Kind); !ok {
		wrong("kind", t.Kind)
	}
	if t.Issued == 0 {
		wrong("date_of_issuance", "")
	}
	if t.Expires == 0 {
		wrong("date_of_expiry", "")
	}
	for _, x := range []struct{ field, text string }{{"issuing_authority", t.Authority}, {"exporter.name", t.Exporter.Name}, {"exporter.address", t.Exporter.Address},
		{"importer.name", t.Importer.Name}, {"importer.address", t.Importer.Address}, {"origin_as_written", t.OriginText}} {
		if statement.CheckText(x.text, 0, 500) != nil {
			wrong(x.field, x.text)
		}
	}
	t.checkWeights(wrong)
	if t.Looks != "" && !slices.Contains(Likenesses(), t.Looks) {
		wrong("looks", string(t.Looks))
	}
	if statement.CheckText(t.LooksNote, 0, 500) != nil || t.Looks == Differs && t.LooksNote == "" {
		wrong("looks_note", t.LooksNote)
	}
	if len(scans) == 0 || len(scans) > outside.MostScans {
		wrong("scans", "")
	}
	for _, s := range scans {
		faults.Add(outside.Check(s))
	}
	return faults.Err()
}

func (t *Transcript) checkWeights(wrong func(field, text string)) {
	whole := func(field string, c measure.Carats, empty bool) {
		if h, rounding := c.Hundredths(); rounding != 0 || h < 0 || h == 0 && !empty {
			wrong(field, c.String())
		}
	}
	whole("carat_weight", t.Carats, false)
	for _, l := range t.Lines {
		whole("hs_codes", l.Carats, false)
		if statement.CheckText(l.HS, 1, 20) != nil {
			wrong("hs_codes", l.HS)
		}
	}
	for _, o := range t.Origin {
		whole("origin", o.Carats, true)
		if statement.CheckText(o.Country, 1, 60) != nil {
			wrong("origin", o.Country)
		}
	}
	for _, p := range t.ParcelList {
		whole("parcels", p.Carats, true)
		if statement.CheckText(p.Number, 1, 60) != nil || statement.CheckText(p.Container, 0, 60) != nil {
			wrong("parcels", p.Number)
		}
	}
	for _, s := range t.Seals {
		if statement.CheckText(s.Container, 1, 60) != nil || statement.CheckText(s.Seal, 1, 60) != nil {
			wrong("seals", s.Container+" "+s.Seal)
		}
	}
	if t.Value != nil && *t.Value < 0 {
		wrong("value_usd", t.Value.String())
	}
}

func hundredths(c measure.Carats) uint64 {
	h, _ := c.Hundredths()
	return uint64(max(h, 0))
}

// Facts are what the paper says, in the form of a certificate's facts. What has no place
// there (an origin in words, parcel numbers without weights) is an addition.
func (t *Transcript) Facts() *verify.Facts {
	f := &verify.Facts{Carats: new(hundredths(t.Carats)), Seals: t.Seals}
	if t.Parcels > 0 {
		f.Parcels = new(t.Parcels)
	}
	if t.Exporter.Name != "" {
		f.Exporter = &verify.Party{Name: t.Exporter.Name, Address: t.Exporter.Address}
	}
	if t.Importer.Name != "" {
		f.Importer = &verify.Party{Name: t.Importer.Name, Address: t.Importer.Address}
	}
	if t.Value != nil {
		f.Value = new(uint64(*t.Value))
	}
	add := func(field, value string) {
		if value != "" {
			f.Additions = append(f.Additions, verify.Addition{Field: field, Value: value})
		}
	}
	add("issuing_authority", t.Authority)
	t.lines(f)
	t.origins(f, add)
	t.parcels(f, add)
	return f
}

func (t *Transcript) lines(f *verify.Facts) {
	valued := len(t.Lines) > 0
	for _, l := range t.Lines {
		f.HS = append(f.HS, verify.Weight{Name: l.HS, Hundredths: hundredths(l.Carats)})
		valued = valued && l.Value != nil && *l.Value >= 0
	}
	for _, l := range t.Lines {
		if valued {
			f.HSValues = append(f.HSValues, verify.Cents{Name: l.HS, Cents: uint64(*l.Value)})
		}
	}
}

func (t *Transcript) origins(f *verify.Facts, add func(field, value string)) {
	weighed := len(t.Origin) > 0
	var names []string
	for _, o := range t.Origin {
		weighed = weighed && (o.Carats > 0 || len(t.Origin) == 1)
		names = append(names, o.Country)
	}
	switch {
	case !weighed:
		add("country_of_origin", strings.Join(names, ", "))
	case len(t.Origin) == 1 && t.Origin[0].Carats == 0:
		f.Origin = []verify.Weight{{Name: t.Origin[0].Country, Hundredths: *f.Carats}}
	default:
		for _, o := range t.Origin {
			f.Origin = append(f.Origin, verify.Weight{Name: o.Country, Hundredths: hundredths(o.Carats)})
		}
	}
	add("origin_as_written", t.OriginText)
}

func (t *Transcript) parcels(f *verify.Facts, add func(field, value string)) {
	weighed := len(t.ParcelList) > 0
	var numbers []string
	for _, p := range t.ParcelList {
		weighed = weighed && p.Carats > 0
		numbers = append(numbers, p.Number)
	}
	if !weighed {
		add("parcel_numbers", strings.Join(numbers, "; "))
		return
	}
	for _, p := range t.ParcelList {
		f.ParcelList = append(f.ParcelList, verify.Parcel{Mark: p.Number, Container: p.Container, Hundredths: hundredths(p.Carats), Stones: p.Stones})
	}
}

// Claim is what registers are asked of the paper.
func (t *Transcript) Claim(importer ident.ParticipantCode, arrived period.Date) outside.Claim {
	c := outside.Claim{Issuer: t.Issuer, Importer: importer, Issued: t.Issued, Arrived: arrived}
	c.Number, _ = ident.ParseTypedPaper(t.Number) // Check has held it
	for _, p := range t.ParcelList {
		c.Parcels = append(c.Parcels, p.Number)
	}
	return c
}
