package verify

import (
	"fmt"

	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
)

// Label of a committed fact. Labels up to 32 are delayed (opened at receipt or
// 30 days after expiry), later ones private (design.md §5).
type Label = uint64

// The labels of a certificate.
const (
	LabelCarats     Label = 1  // weight in hundredths of a carat
	LabelHS         Label = 2  // [[HS code, hundredths]...]
	LabelOrigin     Label = 3  // [[country, hundredths]...]; the set with its carats
	LabelParcels    Label = 4  // number of parcels
	LabelConsumed   Label = 5  // [[certificate number, statement hash, hundredths]...]
	LabelParcelList Label = 6  // [[mark, container, hundredths, stones]...]
	lastDelayed     Label = 32 //
	LabelExporter   Label = 33 // [name, address]
	LabelImporter   Label = 34 // [name, address]
	LabelValue      Label = 35 // US cents
	LabelSeals      Label = 36 // [[container, container seal]...]
	LabelHSValue    Label = 37 // [[HS code, US cents]...]
	LabelCarriage   Label = 38 // [mode, carrier, licence]
	LabelAdditions  Label = 39 // [[field, value]...]: what a Participant adds to Annex I
	LabelFile       Label = 40 // head of the consignment's file as it was at issue
)

// Delayed tells whether a label belongs to the group that is opened later.
func Delayed(l Label) bool { return l <= lastDelayed }

var labelNames = map[Label]string{
	LabelCarats: "carats", LabelHS: "hs", LabelOrigin: "origin", LabelParcels: "parcels", LabelConsumed: "consumed",
	LabelExporter: "exporter", LabelImporter: "importer", LabelValue: "value_usd", LabelSeals: "seals", LabelHSValue: "hs_values",
	LabelParcelList: "parcel_list", LabelCarriage: "carriage", LabelAdditions: "additions", LabelFile: "file",
}

// Weight is a name (HS code, country) with hundredths of a carat.
type Weight struct {
	_          struct{} `cbor:",toarray"`
	Name       string   `json:"name"`
	Hundredths uint64   `json:"hundredths"`
}

// Cents is an HS code with its value in US cents.
type Cents struct {
	_     struct{} `cbor:",toarray"`
	Name  string   `json:"name"`
	Cents uint64   `json:"cents"`
}

// Consumed is an imported certificate that a re-export uses up, by carats.
type Consumed struct {
	_          struct{}       `cbor:",toarray"`
	Number     string         `json:"number"`
	Statement  canonical.Hash `json:"statement"`
	Hundredths uint64         `json:"hundredths"`
}

// Party is an exporter or importer.
type Party struct {
	_       struct{} `cbor:",toarray"`
	Name    string   `json:"name"`
	Address string   `json:"address"`
}

// Seal is a container with the number of its seal.
type Seal struct {
	_         struct{} `cbor:",toarray"`
	Container string   `json:"container"`
	Seal      string   `json:"seal"`
}

// Parcel is one packet of a shipment: stones packed together and not
// individualised (KPCS I). Stones is 0 where nobody counted.
type Parcel struct {
	_          struct{} `cbor:",toarray"`
	Mark       string   `json:"mark"`
	Container  string   `json:"container"`
	Hundredths uint64   `json:"hundredths"`
	Stones     uint64   `json:"stones"`
}

// Carriage is how a shipment travels and who carries it (KPCS Annex II 13).
type Carriage struct {
	_       struct{} `cbor:",toarray"`
	Mode    string   `json:"mode"` // air_freight, hand_carry, courier, ...
	Carrier string   `json:"carrier"`
	Licence string   `json:"licence"`
}

// Addition is a field that a Participant adds to those of Annex I.
type Addition struct {
	_     struct{} `cbor:",toarray"`
	Field string   `json:"field"`
	Value string   `json:"value"`
}

// Facts are the committed facts of a certificate: all of them when it is
// prepared, those that were shown when it is checked. Nil means not shown.
type Facts struct {
	Carats     *uint64         `json:"hundredths,omitempty"` // of a carat
	HS         []Weight        `json:"hs,omitempty"`
	Origin     []Weight        `json:"origin,omitempty"`
	Parcels    *uint64         `json:"parcels,omitempty"`
	Consumed   []Consumed      `json:"consumed,omitempty"`
	Exporter   *Party          `json:"exporter,omitempty"`
	Importer   *Party          `json:"importer,omitempty"`
	Value      *uint64         `json:"value_us_cents,omitempty"`
	Seals      []Seal          `json:"seals,omitempty"`
	HSValues   []Cents         `json:"hs_values,omitempty"`
	ParcelList []Parcel        `json:"parcel_list,omitempty"`
	Carriage   *Carriage       `json:"carriage,omitempty"`
	Additions  []Addition      `json:"additions,omitempty"`
	File       *canonical.Hash `json:"file,omitempty"`     // commits to application, valuations, tax and seals
	Withheld   []string        `json:"withheld,omitempty"` // names of Annex I facts that were not shown
}

// slot is where a label's value is kept; nil for a label that this version does
// not know.
func (f *Facts) slot(l Label) any {
	switch l {
	case LabelCarats:
		return &f.Carats
	case LabelHS:
		return &f.HS
	case LabelOrigin:
		return &f.Origin
	case LabelParcels:
		return &f.Parcels
	case LabelConsumed:
		return &f.Consumed
	case LabelExporter:
		return &f.Exporter
	case LabelImporter:
		return &f.Importer
	case LabelValue:
		return &f.Value
	case LabelSeals:
		return &f.Seals
	case LabelHSValue:
		return &f.HSValues
	case LabelParcelList:
		return &f.ParcelList
	case LabelCarriage:
		return &f.Carriage
	case LabelAdditions:
		return &f.Additions
	case LabelFile:
		return &f.File
	}
	return nil
}

// labels are those this version knows, ascending.
var labels = []Label{LabelCarats, LabelHS, LabelOrigin, LabelParcels, LabelConsumed, LabelParcelList, LabelExporter, LabelImporter, LabelValue, LabelSeals, LabelHSValue,
	LabelCarriage, LabelAdditions, LabelFile}

// shows tells whether a label's value is set.
func (f *Facts) shows(l Label) bool {
	switch v := f.slot(l).(type) {
	case **uint64:
		return *v != nil
	case **Party:
		return *v != nil
	case *[]Weight:
		return *v != nil
	case *[]Consumed:
		return *v != nil
	case *[]Seal:
		return *v != nil
	case *[]Cents:
		return *v != nil
	case *[]Parcel:
		return *v != nil
	case **Carriage:
		return *v != nil
	case *[]Addition:
		return *v != nil
	case **canonical.Hash:
		return *v != nil
	}
	return false
}

// Encode gives the facts that are set, in order of label, ready to commit to.
func (f *Facts) Encode() ([]commitment.Fact, error) {
	var out []commitment.Fact
	for _, l := range labels {
		if !f.shows(l) {
			continue
		}
		fact, err := commitment.NewFact(l, f.slot(l))
		if err != nil {
			return nil, err
		}
		out = append(out, fact)
	}
	return out, nil
}

const cborNull = 0xf6

// mandatory are the facts of KPCS Annex I A that every certificate commits to.
var mandatory = []Label{LabelCarats, LabelHS, LabelOrigin, LabelParcels, LabelExporter, LabelImporter, LabelValue}

// DecodeFacts reads shown facts. Labels this version does not know are left
// out: they are signed, but nothing here can say what they mean.
func DecodeFacts(facts []commitment.Fact) (*Facts, error) {
	sheet := new(factSheet)
	f := &sheet.facts
	for _, fact := range facts {
		// Null would pass for a value that is shown and says nothing.
		if len(fact.Value) == 1 && fact.Value[0] == cborNull {
			return nil, fmt.Errorf("fact %d: null", fact.Label)
		}
		c := canonical.NewCursor(fact.Value)
		if !sheet.read(&c, fact.Label) {
			if err := canonical.Check(fact.Value); err != nil {
				return nil, fmt.Errorf("fact %d: %w", fact.Label, err)
			}
			continue
		}
		if err := c.Done(); err != nil {
			return nil, fmt.Errorf("%s: %w", labelNames[fact.Label], err)
		}
	}
	if err := f.checkTexts(); err != nil {
		return nil, err
	}
	for _, l := range mandatory {
		if !f.shows(l) {
			f.Withheld = append(f.Withheld, labelNames[l])
		}
	}
	return f, nil
}

// mostText bounds a name, an address or a number among the facts, in bytes.
const mostText = 500

// checkTexts refuses what would show a reader something else than it says, such
// as orders to his terminal: the facts are printed by every face.
func (f *Facts) checkTexts() error {
	var wrong error
	check := func(l Label, s string) {
		if err := statement.CheckText(s, 0, mostText); err != nil && wrong == nil {
			wrong = fmt.Errorf("%s: %w", labelNames[l], err)
		}
	}
	for _, w := range f.HS {
		check(LabelHS, w.Name)
	}
	for _, w := range f.Origin {
		check(LabelOrigin, w.Name)
	}
	for _, c := range f.Consumed {
		check(LabelConsumed, c.Number)
	}
	for _, c := range f.HSValues {
		check(LabelHSValue, c.Name)
	}
	for _, s := range f.Seals {
		check(LabelSeals, s.Container)
		check(LabelSeals, s.Seal)
	}
	for _, p := range f.ParcelList {
		check(LabelParcelList, p.Mark)
		check(LabelParcelList, p.Container)
	}
	for _, a := range f.Additions {
		check(LabelAdditions, a.Field)
		check(LabelAdditions, a.Value)
	}
	if c := f.Carriage; c != nil {
		check(LabelCarriage, c.Mode)
		check(LabelCarriage, c.Carrier)
		check(LabelCarriage, c.Licence)
	}
	if p := f.Exporter; p != nil {
		check(LabelExporter, p.Name)
		check(LabelExporter, p.Address)
	}
	if p := f.Importer; p != nil {
		check(LabelImporter, p.Name)
		check(LabelImporter, p.Address)
	}
	return wrong
}
