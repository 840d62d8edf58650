package audit

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"adamas.example/internal/audit/wire"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// stage is a small world in which one thing is bent: two offices that may state
// anything, and one certificate from CF to AE.
type stage struct {
	t         *testing.T
	w         *verifytest.World
	cf, ae    *verifytest.Office
	first     *bundle.Bundle
	opt       Options
	bundles   []*bundle.Bundle
	ahead     int
	files     func(logs map[string]fstest.MapFS) // bends the public files
	twice     bool                               // the first log is given twice
	attest    int64                              // when the logs are attested, 2 h after the start when 0
	node      func(n *nodeFixture)               // bends a node's tables
	assents   func(f *staffFixture)              // bends what the office keeps of its officers
	cancelled map[string]bool                    // numbers
}

func allTypes() []statement.Type {
	var out []statement.Type
	for n := statement.TypeCertificate; n <= statement.TypeAttestation; n++ {
		out = append(out, n)
	}
	return out
}

func newStage(t *testing.T) *stage {
	t.Helper()
	w := verifytest.New()
	s := &stage{t: t, w: w, cf: w.Offices["CF/bangui"], ae: w.Offices["AE/dubai"], cancelled: map[string]bool{}}
	for _, o := range []*verifytest.Office{s.cf, s.ae} {
		s.authority(o, &statement.OfficeKey{Office: o.ID, Name: "SYNTHETIC office", Use: statement.UseOffice, Key: o.Signer.Key, From: start - 3600,
			Until: start + 366*86400, Types: allTypes()}, "more/"+o.ID)
	}
	s.first = s.cf.Record(s.cf.Sign(s.cf.Draft("AE", start+60)), start+70)
	return s
}

// say signs a statement by anyone into an office's log, after the last that the
// issuer has said there on the subject.
func (s *stage) say(o *verifytest.Office, signer verifytest.Signer, issuer, subject string, at int64, body statement.Body) []byte {
	s.t.Helper()
	h := statement.Header{Issuer: issuer, IssuedAt: at, Subject: subject, Synthetic: true}
	for _, leaf := range o.Log.Leaves {
		if st, err := statement.Parse(leaf); err == nil && st.Issuer == issuer && st.Subject == subject {
			h.Prev = st.Hash
		}
	}
	b := signer.Statement(h, body)
	o.Log.Append(b)
	return b
}

func (s *stage) authority(o *verifytest.Office, body statement.Body, subject string) []byte {
	return s.say(o, s.w.Authority[o.ID[:2]], o.ID[:2]+"/authority", subject, start, body)
}

// about has an office state something of a certificate.
func (s *stage) about(o *verifytest.Office, b *bundle.Bundle, at int64, make func(statement.About) statement.Body) []byte {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		s.t.Fatal(err)
	}
	number := st.Body.(*statement.Certificate).Number
	return s.say(o, o.Signer, o.ID, "certificate/"+number, at, make(statement.About{Number: number, Certificate: st.Hash}))
}

func (s *stage) receipt(o *verifytest.Office, b *bundle.Bundle, carats uint64) {
	s.about(o, b, start+3600, func(a statement.About) statement.Body {
		return &statement.Receipt{About: a, Day: canonical.DayOf(start + 3600), Carats: carats, Parcels: 1}
	})
}

// transcript has an office transcribe a paper, and perhaps confirm receipt under it.
func (s *stage) transcript(o *verifytest.Office, number, claimed string, carats uint64) statement.About {
	day := canonical.DayOf(start)
	b := s.say(o, o.Signer, o.ID, "certificate/"+number, start+100, &statement.Transcript{Number: number, Claimed: claimed, Kind: statement.KindExport,
		Issued: day, Expires: day + 60, Destination: o.ID[:2], Facts: commitment.Root{Hash: canonical.Sum([]byte(number)), Count: 3}, Scans: []canonical.Hash{canonical.Sum([]byte("scan"))}})
	about := statement.About{Number: number, Certificate: canonical.Sum(b)}
	if carats > 0 {
		s.say(o, o.Signer, o.ID, "certificate/"+number, start+200, &statement.Receipt{About: about, Day: day, Carats: carats, Parcels: 1})
	}
	return about
}

func (s *stage) void(b *bundle.Bundle, at int64) {
	s.about(s.cf, b, at, func(a statement.About) statement.Body {
		s.cancelled[a.Number] = true
		return &statement.Void{About: a, Reason: "SYNTHETIC"}
	})
}

func (s *stage) step(o *verifytest.Office, step statement.Step, under string) {
	s.about(o, s.first, start+3000, func(a statement.About) statement.Body {
		return &statement.Disposition{About: a, Step: step, Day: canonical.DayOf(start + 3000), Reason: "SYNTHETIC", Under: under}
	})
}

// issue records a certificate with these facts.
func (s *stage) issue(o *verifytest.Office, to string, f *verify.Facts) *bundle.Bundle {
	s.t.Helper()
	d := o.Draft(to, start+5000)
	facts, err := f.Encode()
	if err != nil {
		s.t.Fatal(err)
	}
	d.Facts = facts
	if d.Body.Facts, err = commitment.Commit(d.Seed, facts); err != nil {
		s.t.Fatal(err)
	}
	b := o.Record(o.Sign(d), start+5010)
	s.bundles = append(s.bundles, b)
	return b
}

// facts of so many hundredths, using certificates up.
func facts1(carats uint64, used ...verify.Consumed) *verify.Facts {
	return &verify.Facts{Carats: &carats, HS: []verify.Weight{{Name: "7102.10", Hundredths: carats}},
		Origin: []verify.Weight{{Name: "CF", Hundredths: carats}}, Parcels: new(uint64(1)), Consumed: used}
}

func uses(b *bundle.Bundle, carats uint64) verify.Consumed {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		panic(err)
	}
	return verify.Consumed{Number: st.Body.(*statement.Certificate).Number, Statement: st.Hash, Hundredths: carats}
}

// secondOffice is another office of CF, with a range of its own.
func (s *stage) secondOffice() *verifytest.Office {
	o := &verifytest.Office{ID: "CF/berberati", Signer: verifytest.NewSigner("x"), Preparer: verifytest.NewSigner("y"), Validator: verifytest.NewSigner("z"),
		Station: "CF/berberati/pc-1", Log: s.cf.Log}
	s.authority(o, &statement.OfficeKey{Office: o.ID, Name: "SYNTHETIC", Use: statement.UseOffice, Key: o.Signer.Key, From: start - 3600,
		Until: start + 86400, Types: allTypes()}, "key/x")
	for i, k := range []verifytest.Signer{o.Preparer, o.Validator} {
		s.authority(o, &statement.OfficeKey{Office: o.ID, Use: statement.UseOfficer, Key: k.Key, From: start - 3600, Until: start + 86400}, fmt.Sprint("key/y", i))
	}
	o.Range = canonical.Sum(s.authority(o, s.numbers(o.Station, 3000001, 4000000, 365), "range/x"))
	return o
}

func (s *stage) numbers(station string, first, last uint64, days canonical.Day) *statement.NumberRange {
	day := canonical.DayOf(start)
	return &statement.NumberRange{Participant: "CF", Digits: 8, First: first, Last: last, Station: station, LogWithin: 3600, From: day - 9, Until: day - 9 + days}
}

// raw signs a payload that no honest encoder would make.
func (s *stage) raw(o *verifytest.Office, signer verifytest.Signer, issuer string, kind int64, body wire.Mapping) {
	o.Log.Append(signer.Sign(statement.ContentStatement, wire.Encode(wire.Mapping{1: kind, 2: int64(1), 3: issuer, 4: start, 5: "raw", 8: body, 9: true}), false))
}

func (s *stage) run() *Report {
	s.t.Helper()
	folders := map[string]fstest.MapFS{}
	attested := max(s.attest, start+7200)
	for _, l := range s.w.Logs {
		folders[l.Origin] = folderAt(l, s.ahead, attested)
	}
	opt := s.opt
	if opt.Bundles == nil && s.bundles != nil {
		opt.Bundles = files(s.t, s.bundles...)
	}
	if s.node != nil {
		n := sqliteNode(s.t, s)
		s.node(n)
		opt.Database = n.open()
		defer opt.Database.Close()
	}
	if s.files != nil {
		s.files(folders)
	}
	var logs []fs.FS
	for _, l := range s.w.Logs {
		logs = append(logs, folders[l.Origin])
	}
	if s.twice {
		logs = append(logs, logs[0])
	}
	if opt.At.IsZero() {
		opt.At = time.Unix(attested, 0)
	}
	return audit(s.t, s.w, logs, opt)
}

// everyBody is one statement body of each type that has a form.
func everyBody() []statement.Body {
	h, day := canonical.Sum([]byte("x")), canonical.DayOf(start)
	about := statement.About{Number: "CF00000001", Certificate: h}
	root := commitment.Root{Hash: h, Count: 1}
	key := verifytest.NewSigner("x").Key
	seed := sha256.Sum256([]byte("SYNTHETIC"))
	fact, err := commitment.NewFact(1, uint64(5))
	if err != nil {
		panic(err)
	}
	vectors := []statement.Vector{{Origin: "cf.kp.example/2026", Size: 1, Root: h}}
	return []statement.Body{
		&statement.Participant{Code: "CF", Name: "SYNTHETIC CF", Authority: "SYNTHETIC authority", Digits: 8},
		&statement.OfficeKey{Office: "CF/bangui", Use: statement.UseOfficer, Key: key, From: start, Until: start + 9},
		&statement.KeyRevoked{Key: key.ID(), Reason: "SYNTHETIC", CutOff: vectors},
		&statement.NumberRange{Participant: "CF", Digits: 8, First: 1, Last: 9, Station: "CF/bangui/pc-1", LogWithin: 9, From: day, Until: day},
		&statement.Certificate{Number: "CF00000001", Kind: statement.KindReturn, Destination: "AE", Issued: day, Expires: day, Range: h, Station: "CF/bangui/pc-1",
			Facts: root, RuleSet: h, Preparer: key.ID(), Validator: statement.KeyID{1}},
		&statement.Opening{About: about, Facts: commitment.Disclosure{Seed: seed[:16], Facts: []commitment.Fact{fact}}},
		&statement.Void{About: about, Reason: "SYNTHETIC"},
		&statement.Replacement{About: about, By: "CF00000002", Reason: "SYNTHETIC"},
		&statement.Loss{About: about, Day: day, Reason: "SYNTHETIC"},
		&statement.Print{About: about, Paper: h, Reason: "SYNTHETIC"},
		&statement.Receipt{About: about, Day: day, Carats: 1, Parcels: 1},
		&statement.Transcript{Number: "CF00000001", Claimed: "CF", Kind: statement.KindExport, Issued: day, Expires: day, Destination: "AE", Facts: root,
			Scans: []canonical.Hash{h}, Findings: []string{"R-CRT-03"}},
		&statement.Discrepancy{About: about, Day: day, Reason: "SYNTHETIC"},
		&statement.CustodyRoot{Lot: "SYNTHETIC", Sources: root},
		&statement.RuleSet{Set: "x", Version: "1", Content: h, From: day},
		&statement.Snapshot{Logs: vectors, Digest: h, Count: 0},
		&statement.LogClosed{At: vectors[0], Successor: "next", Reason: "SYNTHETIC"},
		&statement.Advice{About: about, To: "AE/dubai", Day: day, Exit: "Bangui", Note: "SYNTHETIC"},
		&statement.Disposition{About: about, Step: statement.Returned, Day: day, Reason: "SYNTHETIC", Under: "AE00000001"},
		&statement.Endorsement{About: about, Field: "exporter", Correction: root, Reason: "SYNTHETIC"},
		&statement.Transit{About: about, In: day, Out: day, Identical: true},
		&statement.Standing{Code: "CF", Kind: "suspended", From: day, Until: day, What: "SYNTHETIC", Source: "x", Certainty: "seen"},
		&statement.Specimen{Participant: "CF", Name: "x", From: day, Until: day, Features: "SYNTHETIC"},
		&statement.RoleGrant{Key: key.ID(), Office: "CF/bangui", Roles: []string{"validating_officer"}, From: start, Until: start + 9},
		&statement.Attestation{About: about, By: "AE", Day: day, Carats: 1, Parcels: 1, Scans: []canonical.Hash{h}},
	}
}
