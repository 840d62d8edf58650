package vectors

import (
	"bytes"
	"slices"

	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// issued is the time of most vectors: 2026-11-23T14:00:00Z.
const issued = verifytest.Start + 6*3600

// Seed is the seed of the vectors' commitment.
var seed = []byte("SYNTHETIC seed 1")

// Facts are committed facts of every label in the registry.
func Facts() []commitment.Fact {
	f := verify.Facts{
		Carats:     new(uint64(123456)),
		HS:         []verify.Weight{{Name: "7102.10", Hundredths: 120000}, {Name: "7102.31", Hundredths: 3456}},
		Origin:     []verify.Weight{{Name: "CF", Hundredths: 123455}, {Name: "XX", Hundredths: 1}},
		Parcels:    new(uint64(2)),
		Consumed:   []verify.Consumed{{Number: "AE00000009", Statement: hash("consumed"), Hundredths: 12}},
		Exporter:   &verify.Party{Name: "SYNTHETIC Bureau d'achat Exemple", Address: "Avenue de l'Indépendance, Bangui"},
		Importer:   &verify.Party{Name: "SYNTHETIC Example Trading", Address: "Example Tower, Dubai"},
		Value:      new(uint64(24800000)),
		Seals:      []verify.Seal{{Container: "1", Seal: "A118"}, {Container: "2", Seal: "A119"}},
		HSValues:   []verify.Cents{{Name: "7102.10", Cents: 24000000}, {Name: "7102.31", Cents: 800000}},
		ParcelList: []verify.Parcel{{Mark: "A", Container: "1", Hundredths: 120000, Stones: 815}, {Mark: "B", Container: "2", Hundredths: 3456}},
		Carriage:   &verify.Carriage{Mode: "hand_carry", Carrier: "SYNTHETIC Courier Exemple", Licence: "C-17"},
		Additions:  []verify.Addition{{Field: "clearing_contact", Value: "SYNTHETIC Exemple"}},
		File:       new(hash("file")),
	}
	facts, err := f.Encode()
	if err != nil {
		panic(err) // a fixed value that encodes
	}
	return facts
}

// Disclosure shows all facts of the vectors.
func Disclosure() *commitment.Disclosure {
	return &commitment.Disclosure{Seed: seed, Facts: Facts()}
}

func commit() commitment.Root {
	r, err := commitment.Commit(seed, Facts())
	if err != nil {
		panic(err)
	}
	return r
}

// delayed shows the delayed facts and hides the private ones.
func delayed() commitment.Disclosure {
	d, err := Disclosure().Select(verify.Delayed)
	if err != nil {
		panic(err)
	}
	return *d
}

func hash(of string) canonical.Hash { return canonical.Sum([]byte("SYNTHETIC " + of)) }

// Number is the certificate of the vectors.
const Number = "CF00000001"

func about() statement.About {
	return statement.About{Number: Number, Certificate: hash("certificate")}
}

// Bodies gives a whole, valid body of every type that has a decoder, in order
// of type. Each call makes new values.
func Bodies() []statement.Body {
	day := canonical.DayOf(issued)
	vector := statement.Vector{Origin: "cf.kp.example/2026", Size: 7, Root: hash("tree of seven")}
	return []statement.Body{
		&statement.Participant{Code: "CF", Name: "SYNTHETIC République Exemple", Authority: "SYNTHETIC Autorité Exemple", Digits: 8},
		&statement.OfficeKey{Office: "CF/bangui", Name: "SYNTHETIC Bureau Exemple", Use: statement.UseOffice,
			Key: Ed25519("office CF/bangui").Key, From: verifytest.Start, Until: verifytest.Start + 366*86400,
			Age:   "age1synthetic0recipient",
			Types: []statement.Type{statement.TypeCertificate, statement.TypeOpening, statement.TypeVoid}, Home: "cf.kp.example/2026"},
		&statement.KeyRevoked{Key: Ed25519("office CF/bangui").Key.ID(), Reason: "SYNTHETIC: ordinateur volé", CutOff: []statement.Vector{vector}},
		&statement.NumberRange{Participant: "CF", Digits: 8, First: 1, Last: 500, Station: "CF/bangui/pc-1", Offline: true,
			LogWithin: 259200, From: day, Until: day + 365},
		&statement.Certificate{Number: Number, Kind: statement.KindExport, Destination: "AE", Issued: day, Expires: day + 60,
			Range: hash("number range"), Station: "CF/bangui/pc-1", Facts: commit(), Custody: hash("custody root"), RuleSet: hash("rule set"),
			Preparer: Ed25519("preparer CF/bangui").Key.ID(), Validator: Ed25519("validator CF/bangui").Key.ID(), FourEyes: hash("pair of approvals")},
		&statement.Opening{About: about(), Facts: delayed()},
		&statement.Void{About: about(), Reason: "SYNTHETIC: mis-typed weight"},
		&statement.Replacement{About: about(), By: "CF00000002", Reason: "SYNTHETIC: torn paper"},
		&statement.Loss{About: about(), Day: day, Reason: "SYNTHETIC: lost in transit"},
		&statement.Print{About: about(), Paper: hash("PDF"), Reason: "SYNTHETIC: first print"},
		&statement.Receipt{About: about(), Day: day + 3, Carats: 123456, Parcels: 2},
		&statement.Transcript{Number: Number, Claimed: "CF", Kind: statement.KindExport, Issued: day, Expires: day + 60, Destination: "AE", Facts: commit(),
			Scans: ascending(hash("front"), hash("back")), Original: true, Findings: []string{"R-CRT-03", "R-CRT-08"}},
		&statement.Discrepancy{About: about(), Day: day + 3, Reason: "SYNTHETIC: one container seal is broken"},
		&statement.CustodyRoot{Lot: "CF/lot/2026-0042", Sources: commitment.Root{Hash: hash("slips"), Count: 17}},
		&statement.RuleSet{Set: "kpcs-core", Version: "2026.1", Content: hash("rules"), From: day},
		&statement.Snapshot{Logs: []statement.Vector{vector}, Digest: hash("selection"), Count: 5},
		&statement.LogClosed{At: vector, Successor: "cf.kp.example/2027", Reason: "SYNTHETIC: restored from an old copy"},
		&statement.Advice{About: about(), To: "AE/dubai", Day: day + 1, Exit: "SYNTHETIC Bangui M'Poko", Note: "SYNTHETIC: one box"},
		&statement.Disposition{About: about(), Step: statement.Returned, Day: day + 9, Reason: "SYNTHETIC: sent back as it came", Under: "AE00000007"},
		&statement.Endorsement{About: about(), Field: "importer", Correction: commitment.Root{Hash: hash("correction"), Count: 1}, Reason: "SYNTHETIC: misprint"},
		&statement.Transit{About: about(), In: day + 1, Out: day + 2, Identical: true, Remark: "SYNTHETIC: bonded store"},
		&statement.Standing{Code: "CF", Kind: "reinstated", From: day, Until: day, What: "SYNTHETIC: restrictions lifted", Source: "SYNTHETIC: communiqué", Certainty: "seen"},
		&statement.Specimen{Participant: "CF", Name: "SYNTHETIC 2026 series", From: day, Until: day + 3650, Features: "SYNTHETIC: watermark",
			Pictures: []statement.Blob{{Hash: hash("picture"), Size: 123456, Media: "image/png"}}},
		&statement.RoleGrant{Key: Ed25519("preparer CF/bangui").Key.ID(), Office: "CF/bangui", Roles: []string{"sealing_officer", "validating_officer"},
			From: verifytest.Start, Until: verifytest.Start + 366*86400},
		&statement.Attestation{About: about(), By: "AE", Day: day + 3, Carats: 123456, Parcels: 2, Scans: []canonical.Hash{hash("confirmation")}},
	}
}

func ascending(hashes ...canonical.Hash) []canonical.Hash {
	slices.SortFunc(hashes, func(a, b canonical.Hash) int { return bytes.Compare(a[:], b[:]) })
	return hashes
}

// Header is the header of the vectors for a type.
func Header(t statement.Type) statement.Header {
	h := statement.Header{Type: t, Issuer: "CF/bangui", IssuedAt: issued, Subject: statement.CertificateSubject(Number), Synthetic: true}
	switch t {
	case statement.TypeParticipant, statement.TypeOfficeKey, statement.TypeKeyRevoked, statement.TypeNumberRange,
		statement.TypeStanding, statement.TypeSpecimen, statement.TypeRoleGrant:
		h.Issuer, h.Subject = "CF/authority", t.String()+"/1"
	case statement.TypeReceipt, statement.TypeDiscrepancy, statement.TypeDisposition, statement.TypeTransit:
		h.Issuer, h.Refs = "AE/dubai", []canonical.Hash{hash("certificate"), hash("opening")}
	case statement.TypeTranscript:
		h.Issuer = "AE/dubai"
	case statement.TypeCustodyRoot, statement.TypeRuleSet, statement.TypeSnapshot, statement.TypeLogClosed:
		h.Subject = t.String() + "/1"
	case statement.TypeVoid, statement.TypeReplacement, statement.TypeLoss, statement.TypePrint, statement.TypeOpening,
		statement.TypeAdvice, statement.TypeEndorsement, statement.TypeAttestation:
		h.Prev = hash("certificate")
	}
	return h
}

// SignerOf is the key that signs the vector of a type.
func SignerOf(t statement.Type) Signer {
	switch Header(t).Issuer {
	case "CF/authority":
		return Ed25519("authority CF")
	case "AE/dubai":
		return Ed25519("office AE/dubai")
	}
	return Ed25519("office CF/bangui")
}
