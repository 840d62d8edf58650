package exporting

import (
	"slices"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/exporting/annex"
	"adamas.example/internal/certificate/exporting/fields"
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
	c := &fields.Checker{}
	if _, ok := kinds[a.Kind]; !ok {
		c.Missing("kind")
	}
	c.Within("applicant", func(c *fields.Checker) {
		c.Need("name", a.Applicant.Name, 200)
		c.Need("address", a.Applicant.Address, 300)
		c.May("acts_for", a.Applicant.For, 200)
	})
	c.Within("exporter", func(c *fields.Checker) { a.Exporter.check(c, true) })
	c.Within("consignee", func(c *fields.Checker) { a.Consignee.check(c, false) })
	a.checkDestination(c, d)
	a.checkGoods(c)
	a.checkEvidence(c, d.today())
	a.checkCarriage(c)
	seen := map[string]bool{}
	for i, x := range a.Additions {
		c.Within(fields.Each("additions", i), func(c *fields.Checker) {
			c.Need("field", x.Field, 60)
			c.Need("value", x.Value, 300)
			c.Once(seen, "field", x.Field)
		})
	}
	a.checkKind(c, d.today())
	c.Faults.Add(annex.Check("attachments", a.Attachments))
	c.Within("declaration", func(c *fields.Checker) {
		c.Need("by", a.Declaration.By, 200)
		c.Day("day", a.Declaration.Day, d.today())
		if a.Declaration.Warranty == 0 {
			c.Missing("warranty_text_of")
		}
	})
	return c.Faults.Err()
}

func (t *Trader) check(c *fields.Checker, licensed bool) {
	c.Need("name", t.Name, 200)
	c.Need("address", t.Address, 300)
	if t.Licence == nil {
		if licensed {
			c.Missing("licence")
		}
		return
	}
	c.Within("licence", func(c *fields.Checker) { fields.Licence(c, t.Licence) })
}

func (a *Application) checkDestination(c *fields.Checker, d *Desk) {
	switch {
	case a.Destination == "":
		c.Missing("destination")
	case a.Destination == d.participant():
		c.Faults.Add(fault.Invalid("certificate.destination_here", fault.At("destination"), fault.Arg("participant", a.Destination)))
	}
	if a.Office != "" && a.Office.Participant() != a.Destination {
		c.Wrong("destination_office", string(a.Office))
	}
}

// checkGoods holds parcels and tariff lines: each weighs something, no mark and no
// code stands twice, and both come to one weight.
func (a *Application) checkGoods(c *fields.Checker) {
	if len(a.Parcels) == 0 {
		c.Missing("parcels")
	}
	if len(a.Lines) == 0 {
		c.Missing("lines")
	}
	var weight, lines measure.Carats
	var err error
	marks := map[string]bool{}
	for i, p := range a.Parcels {
		c.Within(fields.Each("parcels", i), func(c *fields.Checker) {
			c.Need("mark", p.Mark, 60)
			c.Once(marks, "mark", p.Mark)
			c.Need("container", p.Container, 60)
			if p.Carats <= 0 {
				c.Missing("carats")
			}
			if weight, err = weight.Add(p.Carats); err != nil {
				c.Wrong("carats", p.Carats.String())
			}
		})
	}
	fields.Lines(c, a.Lines)
	for _, l := range a.Lines {
		lines, _ = lines.Add(l.Carats)
	}
	if len(a.Parcels) > 0 && len(a.Lines) > 0 {
		c.Sum("lines", lines, weight, lines == weight)
	}
}

func (a *Application) checkEvidence(c *fields.Checker, today period.Date) {
	if len(a.Evidence) == 0 {
		c.Missing("evidence")
		return
	}
	var sum measure.Carats
	for i, e := range a.Evidence {
		c.Within(fields.Each("evidence", i), func(c *fields.Checker) { checkEvidence(c, &e, today) })
		sum, _ = sum.Add(e.Carats)
	}
	c.Sum("evidence", sum, a.Carats(), sum == a.Carats())
}

// checkEvidence wants one of the four kinds of evidence, and all of it.
func checkEvidence(c *fields.Checker, e *certificate.Evidence, today period.Date) {
	if e.Origin == "" {
		c.Missing("origin")
	}
	if e.Carats <= 0 {
		c.Missing("carats")
	}
	kinds := 0
	if m := e.Mine; m != nil {
		kinds++
		c.Within("mine", func(c *fields.Checker) {
			c.Need("name", m.Name, 200)
			switch {
			case !slices.Contains(certificate.MineSorts(), m.Sort):
				c.Wrong("sort", m.Sort)
			case m.Sort == certificate.Exploration && m.Point == "":
				c.Missing("point")
			case m.Place == "" && m.Point == "":
				c.Missing("place")
			}
			c.May("place", m.Place, 200)
			c.May("point", m.Point, 60)
			c.Need("record", m.Record, 200)
		})
	}
	if l := e.Lot; l != nil {
		kinds++
		c.Within("lot", func(c *fields.Checker) {
			c.Need("lot", l.Lot, 100)
			if l.Root.IsZero() {
				c.Missing("root")
			}
		})
	}
	if s := e.Certificate; s != nil {
		kinds++
		c.Within("certificate", func(c *fields.Checker) {
			if s.Number == "" {
				c.Missing("number")
			}
			if s.Statement.IsZero() {
				c.Missing("statement")
			}
		})
	}
	if s := e.Stock; s != nil {
		kinds++
		c.Within("stock", func(c *fields.Checker) {
			c.Need("basis", s.Basis, 300)
			c.Day("on", s.On, today)
		})
	}
	if kinds != 1 {
		c.Faults.Add(fault.Invalid("certificate.evidence_one", fault.At(c.At("origin")), fault.Arg("kinds", kinds)))
	}
}

func (a *Application) checkCarriage(c *fields.Checker) {
	c.Within("carriage", func(c *fields.Checker) {
		if !slices.Contains(modes, a.Carriage.Mode) {
			if a.Carriage.Mode == "" {
				c.Missing("mode")
			} else {
				c.Wrong("mode", a.Carriage.Mode)
			}
		}
		c.Need("carrier", a.Carriage.Carrier, 200)
		if a.Carriage.Licence == nil {
			c.Missing("licence")
			return
		}
		c.Within("licence", func(c *fields.Checker) { fields.Licence(c, a.Carriage.Licence) })
	})
}

// checkKind wants what the kind of certificate needs: a day of return, a case, the
// certificate under which the goods came.
func (a *Application) checkKind(c *fields.Checker, today period.Date) {
	if a.Kind.comesBack() && a.ReturnBy <= today {
		c.Missing("return_by")
	}
	if a.Kind == Technical {
		if a.Follows == nil {
			c.Missing("follows")
			return
		}
		c.Within("follows", func(c *fields.Checker) {
			if a.Follows.Number == "" {
				c.Missing("number")
			}
			if a.Follows.Statement.IsZero() {
				c.Missing("statement")
			}
			c.Need("case", a.Follows.Case, 100)
			c.Need("reason", a.Follows.Reason, 60)
		})
	}
	if a.Kind == Return && !slices.ContainsFunc(a.Evidence, func(e certificate.Evidence) bool { return e.Certificate != nil }) {
		c.Faults.Add(fault.Invalid("certificate.return_of_nothing", fault.At("evidence")))
	}
}

// party is a trader as the certificate names him.
func (t *Trader) party() *verify.Party { return &verify.Party{Name: t.Name, Address: t.Address} }
