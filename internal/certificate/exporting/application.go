package exporting

import (
	"slices"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/exporting/annex"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/verify"
	"adamas.example/verify/statement"
)

// Kind is what the certificate is wanted for.
type Kind string

// The kinds.
const (
	Export     Kind = "export"
	Technical  Kind = "technical"  // returned, detained, seized goods; research (R-CRT-12)
	Temporary  Kind = "temporary"  // comes back: a tender or an exhibition abroad
	Laboratory Kind = "laboratory" // comes back from grading or analysis
	Return     Kind = "return"     // brings back what came under another certificate
)

var kinds = map[Kind]statement.Kind{Export: statement.KindExport, Technical: statement.KindTechnical, Temporary: statement.KindTemporary,
	Laboratory: statement.KindLaboratory, Return: statement.KindReturn}

// TextKeys names the kind's words.
func (k Kind) TextKeys() []string { return []string{"certificate.kind." + string(k)} }

// UnmarshalText reads one of the kinds. Fault certificate.kind_unknown.
func (k *Kind) UnmarshalText(text []byte) error {
	if _, ok := kinds[Kind(text)]; !ok {
		return fault.Invalid("certificate.kind_unknown", fault.Text(string(text)))
	}
	*k = Kind(text)
	return nil
}

func (k Kind) comesBack() bool { return k == Temporary || k == Laboratory }

// Application is what an exporter asks for: Canada's list of fields, the best
// public model (SOR/2003-15 s. 2; domain.md 2.2), and what Annex I and II need.
type Application struct {
	Kind        Kind                     `json:"kind"`
	Applicant   Person                   `json:"applicant"`
	Exporter    Trader                   `json:"exporter"`
	Consignee   Trader                   `json:"consignee"`
	Destination ident.ParticipantCode    `json:"destination"`
	Office      ident.OfficeID           `json:"destination_office,omitempty"` // that will be told; known of a Participant with this program
	Parcels     []Parcel                 `json:"parcels"`
	Lines       []certificate.ValuedLine `json:"lines"` // by tariff code, with the value that the exporter declares
	Evidence    []certificate.Evidence   `json:"evidence"`
	Carriage    Carriage                 `json:"carriage"`
	Additions   []Addition               `json:"additions,omitempty"` // fields that the Participant adds (R-CRT-01)
	ReturnBy    period.Date              `json:"return_by,omitzero"`  // of goods that come back
	Follows     *certificate.Follows     `json:"follows,omitempty"`   // of a technical certificate
	Attachments []annex.Paper            `json:"attachments,omitempty"`
	Declaration Declaration              `json:"declaration"`
	Offline     bool                     `json:"offline,omitempty"` // from the range for work without network
}

// Person is who applies: for a corporation the individual who acts for it.
type Person struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	For     string `json:"acts_for,omitempty"`
}

// Trader is the exporter or the consignee.
type Trader struct {
	Name    string               `json:"name"`
	Address string               `json:"address"`
	Licence *certificate.Licence `json:"licence,omitempty"`
}

// Parcel is one packet, its container and weight.
type Parcel struct {
	Mark      string         `json:"mark"`
	Container string         `json:"container"`
	Carats    measure.Carats `json:"carats"`
	Stones    uint64         `json:"stones,omitempty"`
}

// Carriage is how the shipment travels (KPCS Annex II 13).
type Carriage struct {
	Mode    string               `json:"mode"` // hand_carry, courier, air_freight
	Carrier string               `json:"carrier"`
	Licence *certificate.Licence `json:"licence,omitempty"`
}

var modes = []string{"hand_carry", "courier", "air_freight"}

// Addition is one field that the Participant adds to Annex I.
type Addition struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// Declaration is the signed word that these are no conflict diamonds (Annex II 18),
// with the warranty text that goes with the goods.
type Declaration struct {
	By       string      `json:"by"`
	Day      period.Date `json:"day"`
	Warranty period.Date `json:"warranty_text_of"` // day from which the text used is in force (R-SOW-01)
}

// Carats is the weight of all parcels.
func (a *Application) Carats() (sum measure.Carats) {
	for _, p := range a.Parcels {
		sum, _ = sum.Add(p.Carats) // what does not fit was refused
	}
	return sum
}

// Missing says exactly what an application lacks or has wrong, each by its field;
// nil when it can be worked on.
func (a *Application) Missing(d *Desk) error {
	c := &checker{}
	if _, ok := kinds[a.Kind]; !ok {
		c.missing("kind")
	}
	c.within("applicant", func(c *checker) {
		c.need("name", a.Applicant.Name, 200)
		c.need("address", a.Applicant.Address, 300)
		c.may("acts_for", a.Applicant.For, 200)
	})
	c.within("exporter", func(c *checker) { a.Exporter.check(c, true) })
	c.within("consignee", func(c *checker) { a.Consignee.check(c, false) })
	a.checkDestination(c, d)
	a.checkGoods(c)
	a.checkEvidence(c, d.today())
	a.checkCarriage(c)
	seen := map[string]bool{}
	for i, x := range a.Additions {
		c.within(each("additions", i), func(c *checker) {
			c.need("field", x.Field, 60)
			c.need("value", x.Value, 300)
			c.once(seen, "field", x.Field)
		})
	}
	a.checkKind(c, d.today())
	c.faults.Add(annex.Check("attachments", a.Attachments))
	c.within("declaration", func(c *checker) {
		c.need("by", a.Declaration.By, 200)
		c.day("day", a.Declaration.Day, d.today())
		if a.Declaration.Warranty == 0 {
			c.missing("warranty_text_of")
		}
	})
	return c.faults.Err()
}

func (t *Trader) check(c *checker, licensed bool) {
	c.need("name", t.Name, 200)
	c.need("address", t.Address, 300)
	if t.Licence == nil {
		if licensed {
			c.missing("licence")
		}
		return
	}
	c.within("licence", func(c *checker) { checkLicence(c, t.Licence) })
}

func checkLicence(c *checker, l *certificate.Licence) {
	c.need("holder", l.Holder, 200)
	c.need("number", l.Number, 60)
	c.may("kind", l.Kind, 40)
	if l.Until == 0 {
		c.missing("until")
	}
}

func (a *Application) checkDestination(c *checker, d *Desk) {
	switch {
	case a.Destination == "":
		c.missing("destination")
	case a.Destination == d.participant():
		c.faults.Add(fault.Invalid("certificate.destination_here", fault.At("destination"), fault.Arg("participant", a.Destination)))
	}
	if a.Office != "" && a.Office.Participant() != a.Destination {
		c.wrong("destination_office", string(a.Office))
	}
}

// checkGoods holds parcels and tariff lines: each weighs something, no mark and no
// code stands twice, and both come to one weight.
func (a *Application) checkGoods(c *checker) {
	if len(a.Parcels) == 0 {
		c.missing("parcels")
	}
	if len(a.Lines) == 0 {
		c.missing("lines")
	}
	var weight, lines measure.Carats
	var err error
	marks := map[string]bool{}
	for i, p := range a.Parcels {
		c.within(each("parcels", i), func(c *checker) {
			c.need("mark", p.Mark, 60)
			c.once(marks, "mark", p.Mark)
			c.need("container", p.Container, 60)
			if p.Carats <= 0 {
				c.missing("carats")
			}
			if weight, err = weight.Add(p.Carats); err != nil {
				c.wrong("carats", p.Carats.String())
			}
		})
	}
	checkLines(c, a.Lines)
	for _, l := range a.Lines {
		lines, _ = lines.Add(l.Carats)
	}
	if len(a.Parcels) > 0 && len(a.Lines) > 0 {
		c.sum("lines", lines, weight, lines == weight)
	}
}

// checkLines holds tariff lines: of rough diamonds, each code once, with weight and
// value.
func checkLines(c *checker, lines []certificate.ValuedLine) {
	codes := map[string]bool{}
	var value measure.USD
	var err error
	for i, l := range lines {
		c.within(each("lines", i), func(c *checker) {
			if l.HS == "" {
				c.missing("hs")
			} else {
				c.once(codes, "hs", string(l.HS))
			}
			if l.Carats <= 0 {
				c.missing("carats")
			}
			if l.Value <= 0 {
				c.missing("value_usd")
			}
			if value, err = value.Add(l.Value); err != nil {
				c.wrong("value_usd", l.Value.String())
			}
		})
	}
}

func (a *Application) checkEvidence(c *checker, today period.Date) {
	if len(a.Evidence) == 0 {
		c.missing("evidence")
		return
	}
	var sum measure.Carats
	for i, e := range a.Evidence {
		c.within(each("evidence", i), func(c *checker) { checkEvidence(c, &e, today) })
		sum, _ = sum.Add(e.Carats)
	}
	c.sum("evidence", sum, a.Carats(), sum == a.Carats())
}

// checkEvidence wants one of the four kinds of evidence, and all of it.
func checkEvidence(c *checker, e *certificate.Evidence, today period.Date) {
	if e.Origin == "" {
		c.missing("origin")
	}
	if e.Carats <= 0 {
		c.missing("carats")
	}
	kinds := 0
	if m := e.Mine; m != nil {
		kinds++
		c.within("mine", func(c *checker) {
			c.need("name", m.Name, 200)
			switch {
			case !slices.Contains(certificate.MineSorts(), m.Sort):
				c.wrong("sort", m.Sort)
			case m.Sort == certificate.Exploration && m.Point == "":
				c.missing("point")
			case m.Place == "" && m.Point == "":
				c.missing("place")
			}
			c.may("place", m.Place, 200)
			c.may("point", m.Point, 60)
			c.need("record", m.Record, 200)
		})
	}
	if l := e.Lot; l != nil {
		kinds++
		c.within("lot", func(c *checker) {
			c.need("lot", l.Lot, 100)
			if l.Root.IsZero() {
				c.missing("root")
			}
		})
	}
	if s := e.Certificate; s != nil {
		kinds++
		c.within("certificate", func(c *checker) {
			if s.Number == "" {
				c.missing("number")
			}
			if s.Statement.IsZero() {
				c.missing("statement")
			}
		})
	}
	if s := e.Stock; s != nil {
		kinds++
		c.within("stock", func(c *checker) {
			c.need("basis", s.Basis, 300)
			c.day("on", s.On, today)
		})
	}
	if kinds != 1 {
		c.faults.Add(fault.Invalid("certificate.evidence_one", fault.At(c.at("origin")), fault.Arg("kinds", kinds)))
	}
}

func (a *Application) checkCarriage(c *checker) {
	c.within("carriage", func(c *checker) {
		if !slices.Contains(modes, a.Carriage.Mode) {
			if a.Carriage.Mode == "" {
				c.missing("mode")
			} else {
				c.wrong("mode", a.Carriage.Mode)
			}
		}
		c.need("carrier", a.Carriage.Carrier, 200)
		if a.Carriage.Licence == nil {
			c.missing("licence")
			return
		}
		c.within("licence", func(c *checker) { checkLicence(c, a.Carriage.Licence) })
	})
}

// checkKind wants what the kind of certificate needs: a day of return, a case, the
// certificate under which the goods came.
func (a *Application) checkKind(c *checker, today period.Date) {
	if a.Kind.comesBack() && a.ReturnBy <= today {
		c.missing("return_by")
	}
	if a.Kind == Technical {
		if a.Follows == nil {
			c.missing("follows")
			return
		}
		c.within("follows", func(c *checker) {
			if a.Follows.Number == "" {
				c.missing("number")
			}
			if a.Follows.Statement.IsZero() {
				c.missing("statement")
			}
			c.need("case", a.Follows.Case, 100)
			c.need("reason", a.Follows.Reason, 60)
		})
	}
	if a.Kind == Return && !slices.ContainsFunc(a.Evidence, func(e certificate.Evidence) bool { return e.Certificate != nil }) {
		c.faults.Add(fault.Invalid("certificate.return_of_nothing", fault.At("evidence")))
	}
}

// party is a trader as the certificate names him.
func (t *Trader) party() *verify.Party { return &verify.Party{Name: t.Name, Address: t.Address} }
