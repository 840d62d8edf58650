package audit

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"adamas.example/internal/audit/code"
	"adamas.example/internal/audit/wire"
	"adamas.example/internal/lang"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/pack"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

type wrong struct {
	code string
	bend func(s *stage)
}

// TestEachWrongIsFound bends one thing at a time.
func TestEachWrongIsFound(t *testing.T) {
	if r := newStage(t).run(); len(r.Findings) != 0 {
		t.Fatalf("before: %+v", r.Findings)
	}
	violation := map[string]bool{}
	for _, c := range code.All() {
		violation[c.Name] = c.Violation
	}
	words, err := lang.Load(Text())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range wrongs() {
		t.Run(c.code, func(t *testing.T) {
			s := newStage(t)
			c.bend(s)
			r := s.run()
			if !has(r, c.code) {
				t.Errorf("not found; only %+v", r.Findings)
			}
			if r.Clean() == violation[c.code] && violation[c.code] {
				t.Error("called clean")
			}
			readable(t, words, r)
		})
	}
}

// readable wants the report in every language without a key that has no words or a
// placeholder that has no value, and every finding in it by its number.
func readable(t *testing.T, words *lang.Catalogue, r *Report) {
	t.Helper()
	for _, l := range lang.Languages() {
		var b strings.Builder
		r.Write(&b, words.Printer(l))
		for _, bad := range []string{"audit.", "{", "<nil>", "%!"} {
			if strings.Contains(b.String(), bad) {
				t.Errorf("%s: %q in\n%s", l, bad, b.String())
			}
		}
		for _, f := range r.Findings {
			if !strings.Contains(b.String(), fmt.Sprintf(" %d. ", f.N)) {
				t.Errorf("%s: finding %d is not there", l, f.N)
			}
		}
	}
}

// TestEveryCodeHasACase: a code that nobody can bring about proves nothing; and
// each has its sentence in three languages and its place in the document.
func TestEveryCodeHasACase(t *testing.T) {
	document, err := os.ReadFile("../../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	words, err := lang.Load(Text())
	if err != nil {
		t.Fatal(err)
	}
	have := append(wrongs(), wrongAssents()...)
	for _, c := range code.All() {
		if !slices.ContainsFunc(have, func(w wrong) bool { return w.code == c.Name }) {
			t.Errorf("%s has no case", c.Name)
		}
		if !strings.Contains(string(document), "| `"+c.Name+"` |") {
			t.Errorf("docs/audit.md does not explain %s", c.Name)
		}
		for _, l := range lang.Languages() {
			if !words.Printer(l).Has("audit.finding." + c.Name) {
				t.Errorf("%s has no words in %s", c.Name, l)
			}
		}
	}
}

func wrongs() []wrong {
	return slices.Concat(wrongLogs(), wrongEntries(), wrongNumbers(), wrongStanding(), wrongLater(), wrongFacts(), wrongTables())
}

func remove(name string) func(map[string]fstest.MapFS) {
	return func(logs map[string]fstest.MapFS) {
		for _, l := range logs {
			for file := range l {
				if strings.HasPrefix(file, name) {
					delete(l, file)
				}
			}
		}
	}
}

func wrongLogs() []wrong {
	return []wrong{
		{"root.expired", func(s *stage) { s.opt = after(400) }},
		{"log.unreadable", func(s *stage) { s.files = remove("tile/entries") }},
		{"log.unknown", func(s *stage) { s.twice = true }},
		{"log.checkpoint", func(s *stage) {
			s.files = func(logs map[string]fstest.MapFS) {
				logs[s.cf.Log.Origin]["checkpoint"].Data = []byte(s.cf.Log.Checkpoint(int64(len(s.cf.Log.Leaves)), start+7200, "gov1", "gov2", "ind1"))
			}
		}},
		{"log.root", func(s *stage) {
			s.files = func(logs map[string]fstest.MapFS) {
				for file, f := range logs[s.cf.Log.Origin] {
					if strings.HasPrefix(file, "tile/entries") {
						f.Data[100] ^= 1
					}
				}
			}
		}},
		{"log.fork", func(s *stage) {
			other := newStage(s.t) // the same keys, another history
			other.void(other.first, start+80)
			size := int64(len(other.cf.Log.Leaves))
			b := *s.first
			b.Proof = canonical.Text(other.cf.Log.Proof(7, size, other.cf.Log.Checkpoint(size, start+90)).String())
			s.void(s.first, start+81)
			s.bundles = append(s.bundles, &b)
		}},
		{"log.after_close", func(s *stage) { s.closeLog("ae.kp.example/2026"); s.void(s.first, start+99) }},
		{"log.successor", func(s *stage) { s.closeLog("cf.kp.example/2027") }},
		{"file.missing", func(s *stage) { s.files = remove("tile/0") }},
		{"file.differs", func(s *stage) {
			s.files = func(logs map[string]fstest.MapFS) {
				for file, f := range logs[s.cf.Log.Origin] {
					if strings.HasPrefix(file, "tile/0") {
						f.Data[0] ^= 1
					}
				}
			}
		}},
		{"file.unexpected", func(s *stage) {
			s.files = func(logs map[string]fstest.MapFS) {
				logs[s.cf.Log.Origin]["tile/x"] = &fstest.MapFile{Data: []byte("x")}
			}
		}},
		{"file.ahead", func(s *stage) { s.ahead = 1 }},
		{"vector.false", func(s *stage) { s.snapshot(1, canonical.Sum([]byte("x"))) }},
		{"snapshot.differs", func(s *stage) { s.snapshot(1, canonical.Hash{}) }},
	}
}

func (s *stage) closeLog(next string) {
	size := uint64(len(s.cf.Log.Leaves))
	s.say(s.cf, s.cf.Signer, s.cf.ID, "log/x", start+90, &statement.LogClosed{At: statement.Vector{Origin: s.cf.Log.Origin, Size: size, Root: s.rootOf(s.cf)},
		Successor: next, Reason: "SYNTHETIC"})
}

func (s *stage) rootOf(o *verifytest.Office) canonical.Hash {
	h, err := wire.ReadHead(o.Log.Body(int64(len(o.Log.Leaves))) + "\n")
	if err != nil {
		s.t.Fatal(err)
	}
	return canonical.Hash(h.Root)
}

// snapshot has CF count so many statements more than there are; or, with a root,
// name a state of its log that never was.
func (s *stage) snapshot(more uint64, root canonical.Hash) {
	d, err := pack.Prepare(s.w.Roots, []pack.Source{{Checkpoint: s.cf.Log.Checkpoint(int64(len(s.cf.Log.Leaves)), start+80), Leaves: s.cf.Log.Leaves}})
	if err != nil {
		s.t.Fatal(err)
	}
	d.Snapshot.Count += more
	if root != (canonical.Hash{}) {
		d.Snapshot.Logs[0].Root = root
	}
	s.say(s.cf, s.cf.Signer, s.cf.ID, "snapshot", start+85, &d.Snapshot)
}

func wrongEntries() []wrong {
	key := func(o *verifytest.Office) *statement.OfficeKey {
		return &statement.OfficeKey{Office: o.ID, Use: statement.UseOfficer, Key: verifytest.NewSigner("new").Key, From: start, Until: start + 9}
	}
	return []wrong{
		{"entry.form", func(s *stage) { s.cf.Log.Append([]byte("no statement")) }},
		{"entry.twice", func(s *stage) { s.cf.Log.Append(s.first.Statement) }},
		{"entry.home", func(s *stage) { s.ae.Log.Append(s.cf.Sign(s.cf.Draft("AE", start+90)).Statement) }},
		{"entry.synthetic", func(s *stage) {
			d := s.cf.Draft("AE", start+90)
			d.Header.Synthetic = false
			s.cf.Record(s.cf.Sign(d), start+95)
		}},
		{"entry.chain", func(s *stage) {
			h, about := s.cf.About("CF00000001", s.first.Statement, start+90)
			s.cf.Log.Append(s.cf.Signer.Statement(h, &statement.Void{About: about, Reason: "SYNTHETIC"}))
		}},
		{"entry.signature", func(s *stage) {
			forger := *s.cf
			forger.Signer = verifytest.NewSigner("forger")
			forger.Record(forger.Sign(s.cf.Draft("AE", start+90)), start+95)
		}},
		{"entry.time", func(s *stage) { s.cf.Record(s.cf.Sign(s.cf.Draft("AE", start+9000)), start+9000) }},
		{"key.form", func(s *stage) {
			s.raw(s.cf, s.w.Authority["CF"], "CF/authority", wire.KindOfficeKey, wire.Mapping{1: "CF/bangui", 2: "", 3: int64(2),
				4: wire.Mapping{1: int64(1), 3: int64(-8), -1: int64(6), -2: make([]byte, 32)}, 5: start, 6: start + 9})
		}},
		{"key.authority", func(s *stage) { s.say(s.cf, s.cf.Signer, "CF/authority", "key/x", start, key(s.cf)) }},
		{"key.conflict", func(s *stage) {
			k := key(s.cf)
			k.Office, k.Key = "CF/berberati", s.cf.Preparer.Key
			s.authority(s.cf, k, "key/x")
		}},
		{"revocation.authority", func(s *stage) { s.revoke(s.cf.Signer, s.cf.Preparer.Key.ID(), 1) }},
		{"revocation.unknown", func(s *stage) { s.revoke(s.w.Authority["CF"], verifytest.NewSigner("nobody").Key.ID(), 1) }},
		{"certificate.four_eyes", func(s *stage) { s.revoke(s.w.Authority["CF"], s.cf.Validator.Key.ID(), 2) }},
		{"role.authority", func(s *stage) {
			s.say(s.cf, s.cf.Signer, "CF/authority", "role/x", start, &statement.RoleGrant{Key: s.cf.Preparer.Key.ID(), Office: s.cf.ID, From: start - 9, Until: start + 9})
		}},
		{"role.missing", func(s *stage) {
			for i, k := range []verifytest.Signer{s.cf.Preparer, s.cf.Validator} {
				s.authority(s.cf, &statement.RoleGrant{Key: k.Key.ID(), Office: s.cf.ID, Roles: []string{[]string{"validating_officer", "valuator"}[i]},
					From: start - 9, Until: start + 86400}, "role/"+k.Key.ID().String())
			}
		}},
	}
}

func (s *stage) revoke(signer verifytest.Signer, id statement.KeyID, size int64) {
	h, err := wire.ReadHead(s.cf.Log.Body(size) + "\n")
	if err != nil {
		s.t.Fatal(err)
	}
	s.say(s.cf, signer, "CF/authority", "key/revoked", start+80, &statement.KeyRevoked{Key: id, Reason: "SYNTHETIC",
		CutOff: []statement.Vector{{Origin: h.Origin, Size: uint64(size), Root: canonical.Hash(h.Root)}}})
}

func wrongNumbers() []wrong {
	bent := func(bend func(s *stage, d *verifytest.Draft)) func(s *stage) {
		return func(s *stage) {
			d := s.cf.Draft("AE", start+90)
			bend(s, d)
			s.cf.Record(s.cf.Sign(d), start+95)
		}
	}
	renumber := func(d *verifytest.Draft, number string) {
		d.Body.Number, d.Header.Subject = number, "certificate/"+number
	}
	return []wrong{
		{"range.authority", func(s *stage) {
			s.say(s.cf, s.cf.Signer, "CF/authority", "range/x", start, s.numbers(s.cf.Station, 5000001, 6000000, 365))
		}},
		{"range.overlap", func(s *stage) { s.authority(s.cf, s.numbers("CF/berberati/pc-1", 999999, 1000005, 365), "range/x") }},
		{"number.twice", bent(func(s *stage, d *verifytest.Draft) {
			renumber(d, "CF00000001")
			d.Header.Prev = canonical.Sum(s.first.Statement)
		})},
		{"number.participant", bent(func(s *stage, d *verifytest.Draft) { d.Header.Subject = "certificate/CF00000099" })},
		{"number.range", bent(func(s *stage, d *verifytest.Draft) { renumber(d, "CF09999999") })},
		{"number.day", bent(func(s *stage, d *verifytest.Draft) {
			d.Body.Range = canonical.Sum(s.authority(s.cf, s.numbers(s.cf.Station, 5000001, 6000000, 8), "range/x"))
			renumber(d, "CF05000001")
		})},
		{"number.station", bent(func(s *stage, d *verifytest.Draft) {
			d.Body.Station = "CF/berberati/pc-1"
			d.Body.Range = canonical.Sum(s.authority(s.cf, s.numbers(d.Body.Station, 5000001, 6000000, 365), "range/x"))
			renumber(d, "CF05000001")
		})},
		{"number.late", func(s *stage) {
			size := int64(len(s.cf.Log.Leaves))
			b := *s.first
			b.Proof = canonical.Text(s.cf.Log.Proof(size-1, size, s.cf.Log.Checkpoint(size, start+6000)).String())
			s.cf.Record(s.cf.Sign(s.cf.Draft("AE", start+90)), start+6100)
			s.bundles = append(s.bundles, &b)
		}},
		{"number.gap", func(s *stage) {
			s.cf.Draft("AE", start+90)
			s.cf.Record(s.cf.Sign(s.cf.Draft("AE", start+90)), start+95)
		}},
		{"certificate.dates", bent(func(_ *stage, d *verifytest.Draft) { d.Body.Issued -= 5 })},
		{"certificate.four_eyes", bent(func(s *stage, d *verifytest.Draft) { d.Body.Validator = s.ae.Validator.Key.ID() })},
		{"certificate.asserted", func(s *stage) {
			d := s.cf.Draft("AE", start+90)
			s.cf.Log.Append(s.cf.Signer.Statement(d.Header, &d.Body))
		}},
		{"approvals.false", func(s *stage) {
			b := *s.first
			b.Approvals = [][]byte{b.Approvals[1], b.Approvals[0]}
			s.bundles = append(s.bundles, &b)
		}},
		{"approvals.false", func(s *stage) { // the pair that is named, by another hand
			d := s.cf.Draft("AE", start+90)
			forged := *s.cf
			forged.Validator = verifytest.NewSigner("forger")
			b := forged.Sign(d)
			s.bundles = append(s.bundles, s.cf.Record(b, start+95))
		}},
	}
}

const listHead = "date,code,kind,adopter,choice,alternative,what,source,certainty\n2003-01-01,AE,admitted,,,,x,x,seen\n2003-01-01,CF,admitted,,,,x,x,seen\n"

func wrongStanding() []wrong {
	list := func(rows string) func(s *stage) {
		return func(s *stage) { s.opt.Standing = []byte(listHead + rows) }
	}
	return []wrong{
		{"standing.export", list("2020-01-01,CF,suspended,,,,x,x,seen\n")},
		{"standing.export", func(s *stage) { // by the list of the importing Participant alone
			s.authority(s.ae, &statement.Standing{Code: "CF", Kind: "suspended", From: 20600, Until: 20600, What: "SYNTHETIC", Source: "x", Certainty: "seen"}, "standing/CF")
			s.receipt(s.ae, s.first, 1240)
		}},
		{"standing.import", list("2020-01-01,AE,removed,,,,x,x,seen\n")},
		{"standing.limited", list("2020-01-01,CF,conditional,,,,x,x,seen\n")},
		{"standing.uncertain", list("2026,CF,suspended,,,,x,x,seen\n")},
		{"standing.uncertain", list("2020-01-01,CF,suspended,,Q,one,x,x,seen\n2020-01-02,CF,reinstated,,Q,one,x,x,seen\n2020-01-01,CF,suspended,,Q,two,x,x,seen\n")},
		{"standing.kind", func(s *stage) {
			s.authority(s.cf, &statement.Standing{Code: "AE", Kind: "beatified", From: 19000, Until: 19000, What: "SYNTHETIC", Source: "x", Certainty: "seen"}, "standing/AE")
		}},
	}
}

// TestAChoiceDecides: where sources disagree the choice is the reader's, and one
// that the list does not know is refused.
func TestAChoiceDecides(t *testing.T) {
	rows := listHead + "2020-01-01,CF,suspended,,Q,one,x,x,seen\n2020-01-01,CF,restricted,,Q,two,x,x,seen\n"
	for choice, code := range map[string]string{"one": "standing.export", "two": "standing.limited"} {
		s := newStage(t)
		s.opt.Standing, s.opt.Choices = []byte(rows), map[string]string{"Q": choice}
		if r := s.run(); !has(r, code) || has(r, "standing.uncertain") {
			t.Errorf("%s: %+v", choice, r.Findings)
		}
	}
	s := newStage(t)
	if _, err := Run(s.w.Roots, nil, Options{At: time.Unix(start, 0), Standing: []byte(rows), Choices: map[string]string{"Q": "three"}}); err == nil {
		t.Error("an unknown choice was taken")
	}
}

func wrongLater() []wrong {
	day := canonical.DayOf(start)
	return []wrong{
		{"advice.logged", func(s *stage) {
			s.about(s.cf, s.first, start+90, func(a statement.About) statement.Body { return &statement.Advice{About: a, To: "AE/dubai", Day: day} })
		}},
		{"later.no_certificate", func(s *stage) {
			h, about := s.ae.About("CF00004711", []byte("none"), start+90)
			s.ae.Log.Append(s.ae.Signer.Statement(h, &statement.Receipt{About: about, Day: day, Carats: 1, Parcels: 1}))
		}},
		{"later.not_read", func(s *stage) {
			h, about := s.ae.About("BW00004711", []byte("none"), start+90)
			s.ae.Log.Append(s.ae.Signer.Statement(h, &statement.Receipt{About: about, Day: day, Carats: 1, Parcels: 1}))
		}},
		{"later.other_content", func(s *stage) {
			h, about := s.cf.About("CF00000001", []byte("another"), start+90)
			h.Prev = canonical.Sum(s.first.Statement)
			s.cf.Log.Append(s.cf.Signer.Statement(h, &statement.Void{About: about, Reason: "SYNTHETIC"}))
		}},
		{"later.stranger", func(s *stage) {
			s.about(s.ae, s.first, start+90, func(a statement.About) statement.Body { return &statement.Void{About: a, Reason: "SYNTHETIC"} })
		}},
		{"later.stranger", func(s *stage) {
			s.about(s.ae, s.first, start+90, func(a statement.About) statement.Body {
				return &statement.Endorsement{About: a, Field: "exporter", Correction: commitment.Root{Hash: canonical.Sum(nil), Count: 1}, Reason: "SYNTHETIC"}
			})
		}},
		{"later.day", func(s *stage) {
			s.about(s.ae, s.first, start+90, func(a statement.About) statement.Body {
				return &statement.Discrepancy{About: a, Day: day + 9, Reason: "SYNTHETIC"}
			})
		}},
		{"transcript.issuer", func(s *stage) { s.transcript(s.ae, "AE00000077", "AE", 0) }},
		{"transcript.stranger", func(s *stage) {
			about := s.transcript(s.ae, "BW00004711", "BW", 0)
			s.say(s.cf, s.cf.Signer, s.cf.ID, "certificate/BW00004711", start+300, &statement.Receipt{About: about, Day: day, Carats: 1, Parcels: 1})
		}},
		{"transcript.signed", func(s *stage) { s.transcript(s.ae, "CF00000001", "CF", 0) }},
		{"attestation.elsewhere", func(s *stage) {
			s.about(s.cf, s.first, start+90, func(a statement.About) statement.Body {
				return &statement.Attestation{About: a, By: "BW", Day: day, Carats: 1, Parcels: 1, Scans: []canonical.Hash{canonical.Sum(nil)}}
			})
		}},
		{"later.stranger", func(s *stage) {
			s.about(s.ae, s.first, start+90, func(a statement.About) statement.Body {
				return &statement.Attestation{About: a, By: "AE", Day: day, Carats: 1, Parcels: 1, Scans: []canonical.Hash{canonical.Sum(nil)}}
			})
		}},
		{"later.after_end", func(s *stage) {
			s.void(s.first, start+90)
			s.about(s.cf, s.first, start+95, func(a statement.About) statement.Body {
				return &statement.Print{About: a, Paper: canonical.Sum(nil), Reason: "SYNTHETIC"}
			})
		}},
		{"void.after_receipt", func(s *stage) { s.receipt(s.ae, s.first, 1240); s.void(s.first, start+3700) }},
		{"loss.after_receipt", func(s *stage) {
			s.receipt(s.ae, s.first, 1240)
			s.about(s.cf, s.first, start+3700, func(a statement.About) statement.Body {
				return &statement.Loss{About: a, Day: day, Reason: "SYNTHETIC"}
			})
		}},
		{"replacement.unknown", func(s *stage) { s.replace("CF00000077") }},
		{"replacement.office", func(s *stage) {
			o := s.secondOffice()
			d := o.Draft("AE", start+90)
			d.Body.Number, d.Header.Subject = "CF03000001", "certificate/CF03000001"
			o.Record(o.Sign(d), start+95)
			s.replace("CF03000001")
		}},
		{"receipt.twice", func(s *stage) { s.receipt(s.ae, s.first, 1240); s.receipt(s.ae, s.first, 1241) }},
		{"receipt.elsewhere", func(s *stage) { s.receipt(s.cf, s.first, 1240) }},
		{"receipt.after_end", func(s *stage) { s.void(s.first, start+90); s.receipt(s.ae, s.first, 1240) }},
		{"receipt.after_end", func(s *stage) { s.step(s.ae, statement.Seized, ""); s.receipt(s.ae, s.first, 1240) }},
		{"receipt.expired", func(s *stage) {
			s.attest = start + 70*86400
			s.about(s.ae, s.first, start+65*86400, func(a statement.About) statement.Body {
				return &statement.Receipt{About: a, Day: day + 61, Carats: 1240, Parcels: 1}
			})
		}},
		{"receipt.early", func(s *stage) {
			s.about(s.ae, s.first, start+90, func(a statement.About) statement.Body {
				return &statement.Receipt{About: a, Day: day - 5, Carats: 1240, Parcels: 1}
			})
		}},
		{"receipt.detained", func(s *stage) { s.step(s.ae, statement.Detained, ""); s.receipt(s.ae, s.first, 1240) }},
		{"receipt.overdue", func(s *stage) { s.opt = after(100) }},
		{"disposition.order", func(s *stage) { s.step(s.ae, statement.Released, "") }},
		{"disposition.order", func(s *stage) { s.step(s.ae, statement.Returned, ""); s.step(s.ae, statement.Detained, "") }},
		{"disposition.elsewhere", func(s *stage) {
			s.about(s.cf, s.first, start+3000, func(a statement.About) statement.Body {
				return &statement.Discrepancy{About: a, Day: canonical.DayOf(start + 3000), Reason: "SYNTHETIC"}
			})
		}},
		{"later.stranger", func(s *stage) { s.step(s.cf, statement.Detained, "") }},
		{"disposition.under", func(s *stage) { s.step(s.ae, statement.Returned, "AE00000099") }},
		{"transit.party", func(s *stage) { s.transit(s.ae, true) }},
		{"transit.changed", func(s *stage) { s.transit(s.ae, false) }},
	}
}

func (s *stage) transit(o *verifytest.Office, same bool) {
	s.about(o, s.first, start+90, func(a statement.About) statement.Body {
		return &statement.Transit{About: a, In: canonical.DayOf(start), Out: canonical.DayOf(start), Identical: same, Remark: "SYNTHETIC"}
	})
}

func (s *stage) replace(by string) {
	s.about(s.cf, s.first, start+100, func(a statement.About) statement.Body {
		return &statement.Replacement{About: a, By: by, Reason: "SYNTHETIC"}
	})
}

// open has CF make facts public: all, or those whose label keep accepts.
func (s *stage) open(d *commitment.Disclosure, at int64, keep func(uint64) bool) {
	part, err := d.Select(keep)
	if err != nil {
		s.t.Fatal(err)
	}
	s.about(s.cf, s.first, at, func(a statement.About) statement.Body { return &statement.Opening{About: a, Facts: *part} })
}

func delayed(label uint64) bool { return label <= 32 }

func wrongFacts() []wrong {
	reexport := func(carats uint64, used func(s *stage) verify.Consumed) func(s *stage) {
		return func(s *stage) {
			s.receipt(s.ae, s.first, 1240)
			s.issue(s.ae, "CF", facts1(carats, used(s)))
		}
	}
	return []wrong{
		{"opening.false", func(s *stage) { s.open(s.cf.Sign(s.cf.Draft("AE", start+90)).Disclosure, start+95, delayed) }},
		{"opening.private", func(s *stage) { s.open(s.first.Disclosure, start+95, func(uint64) bool { return true }) }},
		{"opening.early", func(s *stage) { s.open(s.first.Disclosure, start+95, delayed) }},
		{"opening.partial", func(s *stage) { s.open(s.first.Disclosure, start+95, func(l uint64) bool { return l == 2 }) }},
		{"opening.due", func(s *stage) { s.opt = after(100) }},
		{"bundle.form", func(s *stage) { s.opt.Bundles = fstest.MapFS{"x.adamas": {Data: []byte("x")}} }},
		{"bundle.not_logged", func(s *stage) { s.bundles = append(s.bundles, s.cf.Sign(s.cf.Draft("AE", start+90))) }},
		{"bundle.other_content", func(s *stage) {
			d := s.cf.Draft("AE", start+90)
			d.Body.Number, d.Header.Subject = "CF00000001", "certificate/CF00000001"
			s.bundles = append(s.bundles, s.cf.Sign(d))
		}},
		{"bundle.facts", func(s *stage) {
			b := *s.first
			b.Disclosure = s.cf.Sign(s.cf.Draft("AE", start+90)).Disclosure
			s.bundles = append(s.bundles, &b)
		}},
		{"facts.sums", func(s *stage) {
			f := facts1(900)
			f.Origin[0].Hundredths = 899
			s.issue(s.cf, "AE", f)
		}},
		{"facts.hs", func(s *stage) {
			f := facts1(900)
			f.HS[0].Name = "7102.39"
			s.issue(s.cf, "AE", f)
		}},
		{"receipt.weight", func(s *stage) { s.bundles = append(s.bundles, s.first); s.receipt(s.ae, s.first, 1251) }},
		{"receipt.parcels", func(s *stage) {
			f := facts1(900)
			*f.Parcels = 2
			s.receipt(s.ae, s.issue(s.cf, "AE", f), 900)
		}},
		{"balance.unknown", reexport(100, func(s *stage) verify.Consumed {
			return verify.Consumed{Number: "CF00000055", Statement: canonical.Sum(nil), Hundredths: 100}
		})},
		{"balance.not_read", reexport(100, func(s *stage) verify.Consumed {
			return verify.Consumed{Number: "BW00000055", Statement: canonical.Sum(nil), Hundredths: 100}
		})},
		{"balance.content", reexport(100, func(s *stage) verify.Consumed {
			return verify.Consumed{Number: "CF00000001", Statement: canonical.Sum(nil), Hundredths: 100}
		})},
		{"balance.not_received", func(s *stage) { s.issue(s.ae, "CF", facts1(100, uses(s.first, 100))) }},
		{"balance.same_day", func(s *stage) {
			s.issue(s.ae, "CF", facts1(100, uses(s.first, 100)))
			s.about(s.ae, s.first, start+5400, func(a statement.About) statement.Body {
				return &statement.Receipt{About: a, Day: canonical.DayOf(start + 3600), Carats: 1240, Parcels: 1}
			})
		}},
		{"balance.ended", func(s *stage) {
			s.void(s.first, start+90)
			s.issue(s.ae, "CF", facts1(100, uses(s.first, 100)))
		}},
		{"balance.exceeded", func(s *stage) {
			s.receipt(s.ae, s.first, 1240)
			s.issue(s.ae, "CF", facts1(700, uses(s.first, 700)))
			s.issue(s.ae, "CF", facts1(541, uses(s.first, 541)))
		}},
	}
}

// TestWhatIsRightIsNotFound: the same acts, done as they must be.
func TestWhatIsRightIsNotFound(t *testing.T) {
	s := newStage(t)
	for _, k := range []verifytest.Signer{s.cf.Preparer, s.cf.Validator} {
		s.authority(s.cf, &statement.RoleGrant{Key: k.Key.ID(), Office: s.cf.ID, Roles: []string{"validating_officer"}, From: start - 9, Until: start + 86400},
			"role/"+k.Key.ID().String())
	}
	s.step(s.ae, statement.Detained, "")
	s.step(s.ae, statement.Released, "")
	s.receipt(s.ae, s.first, 1245)
	s.open(s.first.Disclosure, start+4000, delayed)
	s.issue(s.ae, "CF", facts1(700, uses(s.first, 700)))
	s.issue(s.ae, "CF", facts1(545, uses(s.first, 545)))
	second := s.cf.Record(s.cf.Sign(s.cf.Draft("AE", start+5000)), start+5010)
	third := s.cf.Record(s.cf.Sign(s.cf.Draft("AE", start+5000)), start+5010)
	s.about(s.cf, second, start+5100, func(a statement.About) statement.Body {
		return &statement.Replacement{About: a, By: "CF00000003", Reason: "SYNTHETIC"}
	})
	s.about(s.cf, third, start+5100, func(a statement.About) statement.Body {
		return &statement.Endorsement{About: a, Field: "exporter", Correction: commitment.Root{Hash: canonical.Sum(nil), Count: 1}, Reason: "SYNTHETIC"}
	})
	s.about(s.cf, third, start+5100, func(a statement.About) statement.Body {
		return &statement.Print{About: a, Paper: canonical.Sum(nil), Reason: "SYNTHETIC"}
	})
	s.authority(s.ae, &statement.Standing{Code: "CF", Kind: "reinstated", From: 20050, Until: 20050, What: "SYNTHETIC", Source: "x", Certainty: "seen"}, "standing/CF")
	s.snapshot(0, canonical.Hash{})
	s.closeLog("ae.kp.example/2026")
	r := s.run()
	if len(r.Findings) != 0 {
		t.Errorf("%+v", r.Findings)
	}
	c := counts(r.Checks)
	for what, n := range map[string]int64{"roles": 6, "dispositions": 2, "receipts": 1, "openings": 1, "balances": 2, "weights": 1, "snapshots": 1, "vectors": 2} {
		if c[what] != n {
			t.Errorf("%s: %d, want %d", what, c[what], n)
		}
	}
}
