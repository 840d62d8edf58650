package certificate

import (
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/verify/canonical"
)

// Dossier is what the office's file shows of a shipment and the rules ask for,
// beyond what stands on the certificate. A part that is missing is not known, and
// a rule that blocks does not let the certificate through.
type Dossier struct {
	Exporter   *Licence
	Carrier    *Licence
	Evidence   []Evidence
	Valuations []Valuation
	Tax        *Tax
	Sealing    *Sealing
	Follows    *Follows // of a technical certificate
	Replaces   *Replaces
	Warranty   *Warranty
}

// Warranty is the exporter's declaration with the warranty text that goes with the
// goods (R-SOW-01).
type Warranty struct {
	Declared period.Date
	TextOf   period.Date // day from which the text that was used is in force
}

// Licence is a right to trade or to carry (KPCS Annex II 11 to 14).
type Licence struct {
	Holder string      `json:"holder"`
	Number string      `json:"number"`
	Kind   string      `json:"kind,omitempty"` // buying_house, mining_company, dealer, collector, carrier
	Until  period.Date `json:"until"`          // last day
}

// Evidence is what one part of the weight rests on. One of the four is given.
type Evidence struct {
	Origin      ident.CountryCode `json:"origin"`
	Carats      measure.Carats    `json:"carats"`
	Mine        *MineSource       `json:"mine,omitempty"`
	Lot         *LotSource        `json:"lot,omitempty"`
	Certificate *ImportSource     `json:"certificate,omitempty"`
	Stock       *StockSource      `json:"stock,omitempty"`
}

// Sorts of a mine's evidence beside a mine or site itself, "" (SOR/2003-15 s. 2).
const (
	Exploration = "exploration" // an exploration site, by its point, with the facility where stones were extracted
	Concentrate = "concentrate" // a facility where stones were extracted from concentrate
)

// MineSorts lists them.
func MineSorts() []string { return []string{"", Exploration, Concentrate} }

// MineSource is a mine or site with its production record.
type MineSource struct {
	Sort   string `json:"sort,omitempty"`
	Name   string `json:"name"`
	Place  string `json:"place,omitempty"`
	Point  string `json:"point,omitempty"` // coordinates, where no place has a name
	Record string `json:"record"`          // of production: register, slip or mill feed
}

// LotSource is a lot of purchase slips whose salted root is recorded.
type LotSource struct {
	Lot       string         `json:"lot"`
	Root      canonical.Hash `json:"root"`
	Statement canonical.Hash `json:"statement,omitzero"` // the custody-root statement
	Slips     []string       `json:"slips,omitempty"`
}

// ImportSource is a certificate under which the stones were imported.
type ImportSource struct {
	Number    ident.CertificateNumber `json:"number"`
	Statement canonical.Hash          `json:"statement"`
}

// StockSource is proof that the goods were there at the entry into force.
type StockSource struct {
	Basis string      `json:"basis"`
	On    period.Date `json:"on"`
}

// Valuer is for whom somebody values.
type Valuer string

// The valuers (domain.md 3.3).
const (
	ByGovernment  Valuer = "government"
	ByIndependent Valuer = "independent"
	ByExporter    Valuer = "exporter"
)

// UnmarshalText reads one of the three. Fault certificate.valuer_unknown.
func (v *Valuer) UnmarshalText(text []byte) error {
	switch got := Valuer(text); got {
	case ByGovernment, ByIndependent, ByExporter:
		*v = got
		return nil
	}
	return fault.Invalid("certificate.valuer_unknown", fault.Text(string(text)))
}

// Valuation is one valuation, by tariff line, of the carats as they were weighed
// for it.
type Valuation struct {
	By    Valuer       `json:"by"`
	Name  string       `json:"name"` // of the valuer
	Day   period.Date  `json:"day"`
	Lines []ValuedLine `json:"lines"`
	Local *Local       `json:"local,omitempty"`
	Note  string       `json:"note,omitempty"`
}

// ValuedLine is a tariff line with its value.
type ValuedLine struct {
	HS     ident.HSCode   `json:"hs"`
	Carats measure.Carats `json:"carats"`
	Value  measure.USD    `json:"value_usd"`
}

// Local is the same total in local money, with the rate of its day.
type Local struct {
	Currency measure.Currency `json:"currency"`
	Amount   string           `json:"amount"`
	Rate     string           `json:"rate"` // local money for one US dollar
	RateDay  period.Date      `json:"rate_day"`
}

// Total adds the lines up.
func (v *Valuation) Total() (total measure.USD, err error) {
	for _, l := range v.Lines {
		if total, err = total.Add(l.Value); err != nil {
			return 0, err
		}
	}
	return total, nil
}

// Tax is the receipt for what is levied on the export, or the exemption (R-TAX-01).
type Tax struct {
	Number    string      `json:"number,omitempty"`
	Authority string      `json:"authority"`
	Day       period.Date `json:"day"`
	Assessed  measure.USD `json:"assessed_usd"` // the value on which it was reckoned
	Special   bool        `json:"special_stone,omitempty"`
	Lines     []TaxLine   `json:"lines,omitempty"`
	Exempt    string      `json:"exempt,omitempty"` // reason of an exemption
}

// TaxLine is one duty.
type TaxLine struct {
	Name   string      `json:"name"` // as the parameter of R-TAX-01: export-duty, rehabilitation-fund, ...
	Rate   string      `json:"rate"` // percent, at most two decimals
	Amount measure.USD `json:"amount_usd"`
}

// Sealing is how the containers were closed.
type Sealing struct {
	Method     string      `json:"method"` // every-container, risk-analysis
	Day        period.Date `json:"day"`
	Verified   bool        `json:"content_verified"` // the content was seen and is as described
	Containers []Container `json:"containers"`
	Number     string      `json:"certificate_number,omitempty"` // on the containers, where it is put there; the sheet's
	Witnesses  []string    `json:"witnesses,omitempty"`
}

// Container is a closed container.
type Container struct {
	Container string         `json:"container"`
	Seal      string         `json:"seal"`
	Photo     canonical.Hash `json:"photo,omitzero"` // SHA-256 of the photograph
}

// Follows names what a technical certificate is issued for (R-CRT-12).
type Follows struct {
	Number    ident.CertificateNumber `json:"number"`    // of the certificate it follows
	Statement canonical.Hash          `json:"statement"` // its content
	Case      string                  `json:"case"`      // reference of the case
	Reason    string                  `json:"reason"`    // one of R-CRT-12's reasons
	Requested bool                    `json:"requested_by_issuer,omitempty"`
}

// Replaces names the certificate that this one takes the place of (R-CRT-09).
type Replaces struct {
	Number      string
	Surrendered bool // the old paper is in the office
	Exported    bool
}
