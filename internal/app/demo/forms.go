package demo

import (
	"fmt"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
)

// forms are the papers of one made-up shipment. All names are SYNTHETIC.
type forms struct {
	application exporting.Application
	valuations  []certificate.Valuation
	tax         certificate.Tax
	sealing     certificate.Sealing
}

// The company that applies, at whichever office.
const (
	exporterName    = "SYNTHETIC Bureau d'achat de l'Exemple"
	exporterLicence = "BA-17"
)

// centsPerCarat is what the demonstration's goods are worth.
const centsPerCarat = 20000

// parcel makes the papers of a shipment of one parcel of unsorted rough, without
// the evidence of its origin.
func (d *demo) parcel(to ident.ParticipantCode, office string, carats measure.Carats) *forms {
	day := period.DateOf(d.start)
	until := day.AddMonths(11)
	value := measure.USD(int64(carats) * centsPerCarat / 1000)
	lines := []certificate.ValuedLine{{HS: "7102.10", Carats: carats, Value: value}}
	d.seals++
	f := &forms{application: exporting.Application{
		Kind:        exporting.Export,
		Applicant:   exporting.Person{Name: "SYNTHETIC agent", Address: "SYNTHETIC avenue 1", For: exporterName},
		Exporter:    exporting.Trader{Name: exporterName, Address: "SYNTHETIC avenue 1", Licence: &certificate.Licence{Holder: exporterName, Number: exporterLicence, Kind: "buying_house", Until: until}},
		Consignee:   exporting.Trader{Name: "SYNTHETIC Example Trading", Address: "SYNTHETIC tower 7"},
		Destination: to, Office: ident.OfficeID(office),
		Parcels:     []exporting.Parcel{{Mark: "P1", Container: "1", Carats: carats}},
		Lines:       lines,
		Carriage:    exporting.Carriage{Mode: "courier", Carrier: "SYNTHETIC Courier", Licence: &certificate.Licence{Holder: "SYNTHETIC Courier", Number: "T-3", Kind: "carrier", Until: until}},
		Declaration: exporting.Declaration{By: "SYNTHETIC agent", Day: day, Warranty: period.MustDay(2021, 1, 1)},
	}}
	for _, v := range []certificate.Valuer{certificate.ByGovernment, certificate.ByIndependent, certificate.ByExporter} {
		f.valuations = append(f.valuations, certificate.Valuation{By: v, Name: "SYNTHETIC " + string(v) + " valuer", Day: day, Lines: lines})
	}
	f.tax = certificate.Tax{Number: fmt.Sprintf("SYNTHETIC-%d", d.seals), Authority: "SYNTHETIC treasury", Day: day, Assessed: value,
		Lines: []certificate.TaxLine{{Name: "export-duty", Rate: "4", Amount: value * 4 / 100}}}
	f.sealing = certificate.Sealing{Method: "every-container", Day: day, Verified: true, Witnesses: []string{"SYNTHETIC customs officer"},
		Containers: []certificate.Container{{Container: "1", Seal: fmt.Sprintf("A%d", 117+d.seals)}}}
	return f
}

// seal is the container seal of a shipment's papers, as it is typed on arrival.
func (f *forms) seal() string {
	c := f.sealing.Containers[0]
	return c.Container + "=" + c.Seal
}
