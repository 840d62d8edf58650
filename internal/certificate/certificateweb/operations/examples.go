package operations

import (
	"adamas.example/internal/certificate/certificateweb"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/measure"
	"adamas.example/internal/web/api"
	"adamas.example/verify"
	"adamas.example/verify/statement"
)

// The examples of the document: SYNTHETIC, of the day on which the node began to serve,
// and taken as they stand, so that a program's maker replaces what differs. Those of the
// exporting office are the command line's own.

func (d *desk) example(act consignment.Act) any {
	return certificateweb.Example(act, d.today())
}

var (
	examplePreparing = preparing{Preparer: statement.KeyID{1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}, Validator: statement.KeyID{0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10}}
	exampleSigned    = signed{Signature: make([]byte, statement.SignatureSize)}
	exampleArrival   = importing.Arrival{Place: "SYNTHETIC office, Antwerp", Original: true, Seals: []importing.SealFound{{Container: "1", Seal: "A118", Intact: true}}}
)

func (d *desk) examplePresenting() any {
	return presenting{Arrival: importing.Arrival{Place: "SYNTHETIC office, Antwerp", Original: false, Without: "CF", Presenter: "SYNTHETIC carrier", Seals: []importing.SealFound{}}}
}

func (d *desk) exampleMeasured() any {
	return examining{Measured: importing.Measured{Carats: 12400, Parcels: 1, LotsOpened: 1, Scale: "SYNTHETIC scale 2", Original: true, Remark: "SYNTHETIC"}}
}

func (d *desk) exampleIrregular() any {
	return importing.Irregular{Day: d.today(), Reason: "SYNTHETIC: two container seals were broken", Goods: "SYNTHETIC vault 3"}
}

func (d *desk) exampleCrossing() any {
	return importing.Crossing{Place: "SYNTHETIC free zone", Day: d.today(), Seals: []importing.SealFound{{Container: "1", Seal: "A118", Intact: true}}}
}

func (d *desk) exampleEntering() any {
	return entering{Crossing: importing.Crossing{Place: "SYNTHETIC free zone", Day: d.today(), Seals: []importing.SealFound{{Container: "1", Seal: "A118", Intact: true}}}, Codes: exampleCode}
}

func (d *desk) exampleCorrection() any {
	x := d.exampleTranscript().(transcribing)
	x.Scans = nil
	x.Transcript.Exporter.Name = "SYNTHETIC exporter, as the paper has it"
	return correcting{Transcript: x.Transcript, Arrival: x.Arrival, Because: "SYNTHETIC: the exporter's name was mis-keyed"}
}

// exampleCode is where the text of a paper's first code begins.
const exampleCode = "HTTPS://V.KP.EXAMPLE/C#..."

func (d *desk) exampleAttestation() any {
	return attesting{Attestation: exporting.Attestation{Day: d.today(), Carats: 12400, Parcels: 1, By: "SYNTHETIC import officer", Reference: "SYNTHETIC-7"}, Scans: exampleScans()}
}

func exampleScans() []api.Bytes { return []api.Bytes{api.ExamplePicture()} }

func (d *desk) exampleTranscript() any {
	value := measure.USD(248000)
	day := d.today().AddDays(-7)
	return transcribing{Transcript: importing.Transcript{Number: "SL004911", Issuer: "SL", Authority: "SYNTHETIC agency", Issued: day, Expires: day.AddDays(60), Exporter: importing.Named{Name: "SYNTHETIC exporter", Address: "SYNTHETIC street, Freetown"},
		Importer: importing.Named{Name: "SYNTHETIC importer", Address: "SYNTHETIC street"}, Carats: 12400, Value: &value, Parcels: 1, Lines: []importing.PaperLine{{HS: "7102.10", Carats: 12400, Value: &value}},
		Origin: []importing.PaperOrigin{{Country: "SL"}}, ParcelList: []importing.PaperParcel{{Number: "SYN/004911"}}, Seals: []verify.Seal{{Container: "1", Seal: "B7"}}, Validated: true},
		Arrival: exampleArrival, Scans: exampleScans()}
}
