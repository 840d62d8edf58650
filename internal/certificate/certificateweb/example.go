package certificateweb

import (
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/period"
)

// The examples of the acts' particulars: SYNTHETIC, and good as they stand, so that
// a person replaces what differs.

func exampleApplication(day period.Date) any {
	until := day.AddMonths(12)
	return exporting.Application{
		Kind:        exporting.Export,
		Applicant:   exporting.Person{Name: "SYNTHETIC agent", Address: "SYNTHETIC street, Bangui", For: "SYNTHETIC exporter"},
		Exporter:    exporting.Trader{Name: "SYNTHETIC exporter", Address: "SYNTHETIC street, Bangui", Licence: &certificate.Licence{Holder: "SYNTHETIC exporter", Number: "BA-1", Kind: "buying_house", Until: until}},
		Consignee:   exporting.Trader{Name: "SYNTHETIC importer", Address: "SYNTHETIC tower, Dubai"},
		Destination: "AE", Office: "AE/dubai",
		Parcels:     []exporting.Parcel{{Mark: "P1", Container: "1", Carats: 12400, Stones: 12}},
		Lines:       exampleLines(),
		Evidence:    []certificate.Evidence{{Origin: "CF", Carats: 12400, Mine: &certificate.MineSource{Name: "SYNTHETIC site", Place: "Carnot", Record: "SYNTHETIC register 4"}}},
		Carriage:    exporting.Carriage{Mode: "hand_carry", Carrier: "SYNTHETIC carrier", Licence: &certificate.Licence{Holder: "SYNTHETIC carrier", Number: "T-1", Kind: "carrier", Until: until}},
		Declaration: exporting.Declaration{By: "SYNTHETIC agent", Day: day, Warranty: period.MustDay(2021, 1, 1)},
	}
}

func exampleLines() []certificate.ValuedLine {
	return []certificate.ValuedLine{{HS: "7102.10", Carats: 12400, Value: 248000}}
}

func exampleReasons(period.Date) any {
	return exporting.Reasons{Reason: "SYNTHETIC reason", Fields: []exporting.FieldReason{{Field: "parcels[1].stones", Reason: "13 were counted"}}}
}

func exampleValuation(day period.Date) any {
	return certificate.Valuation{By: certificate.ByGovernment, Name: "SYNTHETIC valuer", Day: day, Lines: exampleLines()}
}

func exampleTax(day period.Date) any {
	return certificate.Tax{Number: "SYNTHETIC-1", Authority: "SYNTHETIC treasury", Day: day, Assessed: 248000,
		Lines: []certificate.TaxLine{{Name: "export-duty", Rate: "4", Amount: 9920}}}
}

func exampleSealing(day period.Date) any {
	return certificate.Sealing{Method: "every-container", Day: day, Verified: true, Containers: []certificate.Container{{Container: "1", Seal: "A118"}},
		Witnesses: []string{"SYNTHETIC customs officer"}}
}

func examplePreparing(period.Date) any {
	return map[string]string{"validator": "0123456789abcdef"}
}

func exampleSpoiling(period.Date) any { return spoiling{Reason: "SYNTHETIC reason"} }

func exampleExport(day period.Date) any {
	return exporting.Exported{Day: day, Exit: "SYNTHETIC airport", Reference: "SYNTHETIC-D-1"}
}

func exampleAdvice(period.Date) any {
	return exporting.Announcement{To: "AE/dubai", Note: "SYNTHETIC note"}
}

func exampleCorrection(period.Date) any {
	return exporting.Correction{Field: "importer", Stands: "SYNTHETIC Dubay", Shall: "SYNTHETIC Dubai", Reason: "SYNTHETIC slip of the pen"}
}

func exampleReissue(period.Date) any {
	return exporting.Reissued{Reason: "SYNTHETIC reason", Surrendered: true}
}

func exampleLost(day period.Date) any {
	return exporting.Lost{Day: day, Reason: "SYNTHETIC account"}
}

// Example is the particulars of an act of the exporting office as somebody may give them;
// nil for an act without any.
func Example(act consignment.Act, day period.Date) any {
	if it := deeds()[act]; it.example != nil {
		return it.example(day)
	}
	return nil
}
