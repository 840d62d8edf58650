package verifytest

import (
	"crypto/sha256"

	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
)

// Draft prepares the office's next certificate for a destination at time t:
// 12.40 ct from one origin, one parcel.
func (o *Office) Draft(destination string, t int64) *Draft {
	o.next++
	code := o.ID[:2]
	number := (&statement.NumberRange{Participant: code, Digits: 8}).Number(o.next)
	facts := &verify.Facts{Carats: new(uint64(1240)), HS: []verify.Weight{{Name: "7102.10", Hundredths: 1240}},
		Origin: []verify.Weight{{Name: code, Hundredths: 1240}}, Parcels: new(uint64(1)),
		Exporter: &verify.Party{Name: "SYNTHETIC Bureau d'achat Exemple", Address: "Avenue Exemple, Bangui"},
		Importer: &verify.Party{Name: "SYNTHETIC Example Trading", Address: "Example Tower, Dubai"},
		Value:    new(uint64(248000)), Seals: []verify.Seal{{Container: "1", Seal: "A118"}}}
	fs, err := facts.Encode()
	if err != nil {
		panic(err)
	}
	seed := sha256.Sum256([]byte("SYNTHETIC seed " + number))
	root, err := commitment.Commit(seed[:16], fs)
	if err != nil {
		panic(err)
	}
	day := canonical.DayOf(t)
	return &Draft{Seed: seed[:16], Facts: fs,
		Header: statement.Header{Issuer: o.ID, IssuedAt: t, Subject: statement.CertificateSubject(number), Synthetic: true},
		Body: statement.Certificate{Number: number, Kind: statement.KindExport, Destination: destination, Issued: day, Expires: day + 60,
			Range: o.Range, Station: o.Station, Facts: root, RuleSet: canonical.Sum([]byte("rules")),
			Preparer: o.Preparer.Key.ID(), Validator: o.Validator.Key.ID()}}
}

// About gives the header and reference for a later statement by this office
// about a certificate.
func (o *Office) About(number string, certificate []byte, t int64) (statement.Header, statement.About) {
	return statement.Header{Issuer: o.ID, IssuedAt: t, Subject: statement.CertificateSubject(number), Synthetic: true},
		statement.About{Number: number, Certificate: canonical.Sum(certificate)}
}
