package verify_test

import (
	"testing"

	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

var issuerCases = []verdictCase{
	{name: "a key that nobody names", bend: func(s *scene) { s.by(stranger) }, record: "cannot_tell issuer.known unknown_issuer"},
	{name: "a false signature", bend: func(s *scene) {
		s.sign(s.draft())
		s.bundle.Statement[len(s.bundle.Statement)-1] ^= 1
		s.logged(s.cf.Log, cosigned)
	}, record: "invalid issuer.signature false_signature"},
	{name: "no longer SYNTHETIC under the old signature", bend: func(s *scene) {
		s.sign(s.draft())
		signature := len(s.bundle.Statement) - 2 - statement.SignatureSize
		s.bundle.Statement[signature-1] ^= 1
		s.logged(s.cf.Log, cosigned)
	}, record: "invalid trust.synthetic other_world", look: func(t *testing.T, record, _ *verify.Verdict) {
		if c := record.Check(verify.CodeSignature); c == nil || c.Reason != "false_signature" {
			t.Errorf("%+v", c)
		}
	}},
	{name: "the key of another office of the Participant", bend: func(s *scene) {
		k := verifytest.NewSigner("office CF/berberati")
		s.key("CF/berberati", k, statement.UseOffice, -3600, year, statement.TypeCertificate)
		s.by(k)
	}, record: "invalid issuer.entitled key_of_another_office"},
	{name: "the key of another Participant's office", bend: func(s *scene) { s.by(s.ae.Signer) }, record: "invalid issuer.entitled key_of_another_office"},
	{name: "an officer's key", bend: func(s *scene) { s.by(s.cf.Preparer) }, record: "invalid issuer.entitled key_of_another_use"},
	{name: "a key for other statements", bend: func(s *scene) {
		k := verifytest.NewSigner("printer CF/bangui")
		s.key("CF/bangui", k, statement.UseOffice, -3600, year, statement.TypePrint)
		s.by(k)
	}, record: "invalid issuer.entitled key_of_another_use"},
	{name: "a key of later", bend: func(s *scene) { s.by(s.timed(issued+1, year)) }, record: "invalid issuer.entitled key_of_another_time"},
	{name: "the first second of a key", bend: func(s *scene) { s.by(s.timed(issued, year)) }, record: "valid"},
	{name: "a key that has ended", bend: func(s *scene) { s.by(s.timed(-3600, issued)) }, record: "invalid issuer.entitled key_of_another_time"},
	{name: "the last second of a key", bend: func(s *scene) { s.by(s.timed(-3600, issued+1)) }, record: "valid"},
	{name: "an office with a log of its own, recorded there", bend: func(s *scene) { s.housed(); s.by(housed) }, record: "valid"},
	{name: "an office with a log of its own, recorded elsewhere", bend: func(s *scene) { l := s.housed(); s.signedBy(housed); s.logged(l, cosigned) },
		record: "invalid issuer.entitled key_of_another_log"},
	{name: "a key revoked later", bend: func(s *scene) { s.snapshot = s.ae.Signer; s.good(); s.revoke(s.cf.Signer) }, record: "valid",
		look: func(t *testing.T, record, _ *verify.Verdict) {
			if c := record.Check(verify.CodeRevoked); c.Facts["revoked_later"] != true {
				t.Errorf("%+v", c)
			}
		}},
	{name: "a key revoked before", bend: func(s *scene) { s.snapshot = s.ae.Signer; s.revoke(s.cf.Signer); s.good() }, record: "invalid issuer.revoked key_revoked"},
	{name: "a key revoked, and the certificate in no log", bend: func(s *scene) { s.snapshot = s.ae.Signer; s.sign(s.offline()); s.revoke(s.cf.Signer) },
		record: "invalid issuer.revoked key_revoked"},
	{name: "a key revoked by a stranger", bend: func(s *scene) {
		st := s.Authority["AE"].Statement(statement.Header{Issuer: "AE/authority", IssuedAt: start, Subject: "key/x", Synthetic: true},
			&statement.KeyRevoked{Key: s.cf.Signer.Key.ID(), Reason: "x", CutOff: []statement.Vector{{Origin: "x", Root: canonical.Hash{1}}}})
		s.ae.Log.Append(st)
		s.good()
	}, record: "valid"},
}

var officerCases = []verdictCase{
	{name: "approvals left out", bend: func(s *scene) { s.good(); s.bundle.Approvals = nil }, record: "valid", look: func(t *testing.T, record, _ *verify.Verdict) {
		if record.Open.FourEyes != "asserted" {
			t.Errorf("four eyes are %s", record.Open.FourEyes)
		}
	}},
	{name: "an officer that nobody names", bend: func(s *scene) { s.officers(s.cf.Preparer, stranger) }, record: "cannot_tell issuer.four_eyes unknown_officer"},
	{name: "an officer of another Participant", bend: func(s *scene) { s.officers(s.cf.Preparer, s.ae.Validator) }, record: "invalid issuer.four_eyes officer_not_entitled"},
	{name: "an officer of another office", bend: func(s *scene) {
		k := verifytest.NewSigner("officer CF/berberati")
		s.key("CF/berberati", k, statement.UseOfficer, -3600, year)
		s.officers(s.cf.Preparer, k)
	}, record: "invalid issuer.four_eyes officer_not_entitled"},
	{name: "the office's own key as an officer", bend: func(s *scene) { s.officers(s.cf.Signer, s.cf.Validator) }, record: "invalid issuer.four_eyes officer_not_entitled"},
	{name: "an officer who has left", bend: func(s *scene) {
		k := verifytest.NewSigner("officer who has left")
		s.key("CF/bangui", k, statement.UseOfficer, -3600, issued)
		s.officers(k, s.cf.Validator)
	}, record: "invalid issuer.four_eyes officer_not_entitled"},
	{name: "an officer whose key was revoked before", bend: func(s *scene) { s.revoke(s.cf.Validator); s.good() }, record: "invalid issuer.four_eyes officer_not_entitled"},
	{name: "an officer whose key was revoked later", bend: func(s *scene) { s.good(); s.revoke(s.cf.Validator) }, record: "valid"},
	{name: "approvals the wrong way round", bend: func(s *scene) {
		s.good()
		a := s.bundle.Approvals
		a[0], a[1] = a[1], a[0]
	}, record: "invalid issuer.four_eyes false_approval"},
	{name: "approvals of another certificate", bend: func(s *scene) {
		s.good()
		approvals := s.bundle.Approvals
		s.good()
		s.bundle.Approvals = approvals
	}, record: "invalid issuer.four_eyes false_approval"},
	{name: "approvals of other words, signed for by the office", bend: func(s *scene) { s.approved(s.cf.Preparer, s.cf.Validator, true) },
		record: "invalid issuer.four_eyes false_approval"},
	{name: "one officer's approval twice, signed for by the office", bend: func(s *scene) { s.approved(s.cf.Preparer, s.cf.Preparer, false) },
		record: "invalid issuer.four_eyes false_approval"},
	{name: "each approves in the other's place, signed for by the office", bend: func(s *scene) { s.approved(s.cf.Validator, s.cf.Preparer, false) },
		record: "invalid issuer.four_eyes false_approval"},
	{name: "the second officer approves for the first, signed for by the office", bend: func(s *scene) { s.approved(s.cf.Validator, s.cf.Validator, false) },
		record: "invalid issuer.four_eyes false_approval"},
	{name: "true approvals that the office has not signed for", bend: func(s *scene) {
		d := s.draft()
		s.sign(d)
		d.Body.FourEyes[0] ^= 1
		s.bundle.Statement = s.cf.Signer.Statement(d.Header, &d.Body)
		s.logged(s.cf.Log, cosigned)
	}, record: "invalid issuer.four_eyes false_approval"},
	{name: "approvals that the certificate does not name", bend: func(s *scene) {
		s.good()
		approvals := s.bundle.Approvals
		d := s.draft()
		s.bundle.Statement = s.cf.Signer.Statement(d.Header, &d.Body)
		s.bundle.Disclosure.Seed, s.bundle.Disclosure.Facts, s.bundle.Approvals = d.Seed, d.Facts, approvals
		s.logged(s.cf.Log, cosigned)
	}, record: "invalid issuer.four_eyes approvals_not_signed"},
}

// signedBy signs a certificate of CF/bangui with another key; nothing is logged.
func (s *scene) signedBy(k verifytest.Signer) {
	own := s.cf.Signer
	s.cf.Signer = k
	s.sign(s.draft())
	s.cf.Signer = own
}

// by records a certificate of CF/bangui that another key signed.
func (s *scene) by(k verifytest.Signer) {
	s.signedBy(k)
	s.logged(s.cf.Log, cosigned)
}

// housed is a key of CF/bangui that is good in CF's own log only.
var housed = verifytest.NewSigner("key with a home CF/bangui")

// housed logs that key, and opens a fallback log, where it counts for nothing.
func (s *scene) housed() *verifytest.Log {
	l := s.fallback()
	s.authority("key/"+housed.Key.ID().String(), &statement.OfficeKey{Office: "CF/bangui", Name: "SYNTHETIC office CF/bangui", Use: statement.UseOffice,
		Key: housed.Key, From: start - 3600, Until: start + year, Types: []statement.Type{statement.TypeCertificate}, Home: s.cf.Log.Origin})
	return l
}

// timed is a second key of CF/bangui with its own time, in seconds after start.
func (s *scene) timed(from, until int64) verifytest.Signer {
	k := verifytest.NewSigner("second key CF/bangui")
	s.key("CF/bangui", k, statement.UseOffice, from, until, statement.TypeCertificate)
	return k
}

// officers records a certificate that two others prepared and validated.
func (s *scene) officers(preparer, validator verifytest.Signer) {
	s.cf.Preparer, s.cf.Validator = preparer, validator
	s.good()
}

// approved records a certificate whose pair of approvals the office has signed
// for, although they are by the given keys, or over other words.
func (s *scene) approved(first, second verifytest.Signer, otherWords bool) {
	d := s.draft()
	h := d.Header
	h.Type = statement.TypeCertificate
	body := d.Body
	if otherWords {
		body.Expires++
	}
	digest, err := statement.ApprovalDigest(h, &body)
	if err != nil {
		s.t.Fatal(err)
	}
	approvals := [][]byte{first.Sign(statement.ContentApproval, digest[:], true), second.Sign(statement.ContentApproval, digest[:], true)}
	s.sign(d)
	d.Body.FourEyes = statement.PairHash(approvals[0], approvals[1])
	s.bundle.Statement, s.bundle.Approvals = s.cf.Signer.Statement(d.Header, &d.Body), approvals
	s.logged(s.cf.Log, cosigned)
}
