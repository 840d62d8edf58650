package cases

import (
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

var issuerCases = []Case{
	{Name: "a key that nobody names", Bend: func(s *Scene) { s.by(stranger) }, Record: "cannot_tell issuer.known unknown_issuer"},
	{Name: "a false signature", Bend: func(s *Scene) {
		s.sign(s.draft())
		s.Bundle.Statement[len(s.Bundle.Statement)-1] ^= 1
		s.logged(s.cf.Log, cosigned)
	}, Record: "invalid issuer.signature false_signature"},
	{Name: "no longer SYNTHETIC under the old signature", Bend: func(s *Scene) {
		s.sign(s.draft())
		signature := len(s.Bundle.Statement) - 2 - statement.SignatureSize
		s.Bundle.Statement[signature-1] ^= 1
		s.logged(s.cf.Log, cosigned)
	}, Record: "invalid trust.synthetic other_world"},
	{Name: "the key of another office of the Participant", Bend: func(s *Scene) {
		k := verifytest.NewSigner("office CF/berberati")
		s.key("CF/berberati", k, statement.UseOffice, -3600, year, statement.TypeCertificate)
		s.by(k)
	}, Record: "invalid issuer.entitled key_of_another_office"},
	{Name: "the key of another Participant's office", Bend: func(s *Scene) { s.by(s.ae.Signer) }, Record: "invalid issuer.entitled key_of_another_office"},
	{Name: "an officer's key", Bend: func(s *Scene) { s.by(s.cf.Preparer) }, Record: "invalid issuer.entitled key_of_another_use"},
	{Name: "a key for other statements", Bend: func(s *Scene) {
		k := verifytest.NewSigner("printer CF/bangui")
		s.key("CF/bangui", k, statement.UseOffice, -3600, year, statement.TypePrint)
		s.by(k)
	}, Record: "invalid issuer.entitled key_of_another_use"},
	{Name: "a key of later", Bend: func(s *Scene) { s.by(s.timed(issued+1, year)) }, Record: "invalid issuer.entitled key_of_another_time"},
	{Name: "the first second of a key", Bend: func(s *Scene) { s.by(s.timed(issued, year)) }, Record: "valid"},
	{Name: "a key that has ended", Bend: func(s *Scene) { s.by(s.timed(-3600, issued)) }, Record: "invalid issuer.entitled key_of_another_time"},
	{Name: "the last second of a key", Bend: func(s *Scene) { s.by(s.timed(-3600, issued+1)) }, Record: "valid"},
	{Name: "an office with a log of its own, recorded there", Bend: func(s *Scene) { s.housed(); s.by(housed) }, Record: "valid"},
	{Name: "an office with a log of its own, recorded elsewhere", Bend: func(s *Scene) { l := s.housed(); s.signedBy(housed); s.logged(l, cosigned) },
		Record: "invalid issuer.entitled key_of_another_log"},
	{Name: "a key revoked later", Bend: func(s *Scene) { s.snapshot = s.ae.Signer; s.Good(); s.revoke(s.cf.Signer) }, Record: "valid"},
	{Name: "a key revoked before", Bend: func(s *Scene) { s.snapshot = s.ae.Signer; s.revoke(s.cf.Signer); s.Good() }, Record: "invalid issuer.revoked key_revoked"},
	{Name: "a key revoked, and the certificate in no log", Bend: func(s *Scene) { s.snapshot = s.ae.Signer; s.sign(s.offline()); s.revoke(s.cf.Signer) },
		Record: "invalid issuer.revoked key_revoked"},
	{Name: "a key revoked by a stranger", Bend: func(s *Scene) {
		st := s.Authority["AE"].Statement(statement.Header{Issuer: "AE/authority", IssuedAt: verifytest.Start, Subject: "key/x", Synthetic: true},
			&statement.KeyRevoked{Key: s.cf.Signer.Key.ID(), Reason: "x", CutOff: []statement.Vector{{Origin: "x", Root: canonical.Hash{1}}}})
		s.ae.Log.Append(st)
		s.Good()
	}, Record: "valid"},
}

var officerCases = []Case{
	{Name: "approvals left out", Bend: func(s *Scene) { s.Good(); s.Bundle.Approvals = nil }, Record: "valid"},
	{Name: "an officer that nobody names", Bend: func(s *Scene) { s.officers(s.cf.Preparer, stranger) }, Record: "cannot_tell issuer.four_eyes unknown_officer"},
	{Name: "an officer of another Participant", Bend: func(s *Scene) { s.officers(s.cf.Preparer, s.ae.Validator) }, Record: "invalid issuer.four_eyes officer_not_entitled"},
	{Name: "an officer of another office", Bend: func(s *Scene) {
		k := verifytest.NewSigner("officer CF/berberati")
		s.key("CF/berberati", k, statement.UseOfficer, -3600, year)
		s.officers(s.cf.Preparer, k)
	}, Record: "invalid issuer.four_eyes officer_not_entitled"},
	{Name: "the office's own key as an officer", Bend: func(s *Scene) { s.officers(s.cf.Signer, s.cf.Validator) }, Record: "invalid issuer.four_eyes officer_not_entitled"},
	{Name: "an officer who has left", Bend: func(s *Scene) {
		k := verifytest.NewSigner("officer who has left")
		s.key("CF/bangui", k, statement.UseOfficer, -3600, issued)
		s.officers(k, s.cf.Validator)
	}, Record: "invalid issuer.four_eyes officer_not_entitled"},
	{Name: "an officer whose key was revoked before", Bend: func(s *Scene) { s.revoke(s.cf.Validator); s.Good() }, Record: "invalid issuer.four_eyes officer_not_entitled"},
	{Name: "an officer whose key was revoked later", Bend: func(s *Scene) { s.Good(); s.revoke(s.cf.Validator) }, Record: "valid"},
	{Name: "approvals the wrong way round", Bend: func(s *Scene) {
		s.Good()
		a := s.Bundle.Approvals
		a[0], a[1] = a[1], a[0]
	}, Record: "invalid issuer.four_eyes false_approval"},
	{Name: "approvals of another certificate", Bend: func(s *Scene) {
		s.Good()
		approvals := s.Bundle.Approvals
		s.Good()
		s.Bundle.Approvals = approvals
	}, Record: "invalid issuer.four_eyes false_approval"},
	{Name: "approvals of other words, signed for by the office", Bend: func(s *Scene) { s.approved(s.cf.Preparer, s.cf.Validator, true) },
		Record: "invalid issuer.four_eyes false_approval"},
	{Name: "one officer's approval twice, signed for by the office", Bend: func(s *Scene) { s.approved(s.cf.Preparer, s.cf.Preparer, false) },
		Record: "invalid issuer.four_eyes false_approval"},
	{Name: "each approves in the other's place, signed for by the office", Bend: func(s *Scene) { s.approved(s.cf.Validator, s.cf.Preparer, false) },
		Record: "invalid issuer.four_eyes false_approval"},
	{Name: "the second officer approves for the first, signed for by the office", Bend: func(s *Scene) { s.approved(s.cf.Validator, s.cf.Validator, false) },
		Record: "invalid issuer.four_eyes false_approval"},
	{Name: "true approvals that the office has not signed for", Bend: func(s *Scene) {
		d := s.draft()
		s.sign(d)
		d.Body.FourEyes[0] ^= 1
		s.Bundle.Statement = s.cf.Signer.Statement(d.Header, &d.Body)
		s.logged(s.cf.Log, cosigned)
	}, Record: "invalid issuer.four_eyes false_approval"},
	{Name: "approvals that the certificate does not name", Bend: func(s *Scene) {
		s.Good()
		approvals := s.Bundle.Approvals
		d := s.draft()
		s.Bundle.Statement = s.cf.Signer.Statement(d.Header, &d.Body)
		s.Bundle.Disclosure.Seed, s.Bundle.Disclosure.Facts, s.Bundle.Approvals = d.Seed, d.Facts, approvals
		s.logged(s.cf.Log, cosigned)
	}, Record: "invalid issuer.four_eyes approvals_not_signed"},
}

// signedBy signs a certificate of CF/bangui with another key; nothing is logged.
func (s *Scene) signedBy(k verifytest.Signer) {
	own := s.cf.Signer
	s.cf.Signer = k
	s.sign(s.draft())
	s.cf.Signer = own
}

// by records a certificate of CF/bangui that another key signed.
func (s *Scene) by(k verifytest.Signer) {
	s.signedBy(k)
	s.logged(s.cf.Log, cosigned)
}

// housed is a key of CF/bangui that is good in CF's own log only.
var housed = verifytest.NewSigner("key with a home CF/bangui")

// housed logs that key, and opens a fallback log, where it counts for nothing.
func (s *Scene) housed() *verifytest.Log {
	l := s.fallback()
	s.authority("key/"+housed.Key.ID().String(), &statement.OfficeKey{Office: "CF/bangui", Name: "SYNTHETIC office CF/bangui", Use: statement.UseOffice,
		Key: housed.Key, From: verifytest.Start - 3600, Until: verifytest.Start + year, Types: []statement.Type{statement.TypeCertificate}, Home: s.cf.Log.Origin})
	return l
}

// timed is a second key of CF/bangui with its own time, in seconds after the world’s start.
func (s *Scene) timed(from, until int64) verifytest.Signer {
	k := verifytest.NewSigner("second key CF/bangui")
	s.key("CF/bangui", k, statement.UseOffice, from, until, statement.TypeCertificate)
	return k
}

// officers records a certificate that two others prepared and validated.
func (s *Scene) officers(preparer, validator verifytest.Signer) {
	s.cf.Preparer, s.cf.Validator = preparer, validator
	s.Good()
}

// approved records a certificate whose pair of approvals the office has signed
// for, although they are by the given keys, or over other words.
func (s *Scene) approved(first, second verifytest.Signer, otherWords bool) {
	d := s.draft()
	h := d.Header
	h.Type = statement.TypeCertificate
	body := d.Body
	if otherWords {
		body.Expires++
	}
	digest, err := statement.ApprovalDigest(h, &body)
	if err != nil {
		panic(err)
	}
	approvals := [][]byte{first.Sign(statement.ContentApproval, digest[:], true), second.Sign(statement.ContentApproval, digest[:], true)}
	s.sign(d)
	d.Body.FourEyes = statement.PairHash(approvals[0], approvals[1])
	s.Bundle.Statement, s.Bundle.Approvals = s.cf.Signer.Statement(d.Header, &d.Body), approvals
	s.logged(s.cf.Log, cosigned)
}
