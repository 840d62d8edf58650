package tables

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"adamas.example/internal/audit/wire"
)

// What officers assent to where the audit holds it against a certificate.
const (
	preparePurpose = "certificate.prepare"
	issuePurpose   = "certificate.issue"
)

// signedActs are the acts in a consignment's file that end in a signature for which an
// officer assents (docs/adr/0015).
func signedActs() []string {
	return []string{"prepare", "issue", "endorse", "cancel", "report_lost", "open"}
}

// statedBy is the statement that comes of an act and the member of it that has the
// officer's reason; 0 for an act that has none.
func statedBy(act string) (kind, reason int64) {
	switch act {
	case "endorse":
		return wire.KindEndorsement, 5
	case "cancel":
		return wire.KindVoid, 3
	case "report_lost":
		return wire.KindLoss, 4
	}
	return 0, 0
}

// saidOf names what was stated of a certificate.
type saidOf struct {
	kind   int64
	number string
}

// said is a reason in the log.
type said struct {
	reason string
	found  bool // as in approved
}

// filed names an act in the file of a certificate.
type filed struct{ act, number string }

// approved is what the officers of a certificate approved, and which keys they are. found:
// this database has it from the log, and did not make it.
type approved struct {
	digest              wire.Hash
	preparer, validator string
	found               bool
}

// remember keeps of an entry that stands in the log what an officer's assent is held
// against. What is in the database alone is nothing to hold anything against.
func (c *checker) remember(s *wire.Statement, found bool) {
	number := s.Body.Text(1)
	if s.Kind == wire.KindCertificate {
		if digest, err := wire.ApprovalDigest(s.Payload); err == nil {
			c.certificates[number] = approved{digest: digest, preparer: hexed(s.Body.Bytes(11)), validator: hexed(s.Body.Bytes(12)), found: found}
		}
	}
	for _, act := range signedActs() {
		if kind, reason := statedBy(act); kind != 0 && kind == s.Kind {
			at := saidOf{kind, number}
			c.reasons[at] = append(c.reasons[at], said{plain(s.Body.Text(reason)), found})
		}
	}
}

// step is a row of a consignment's file.
type step struct {
	consignment                    string
	seq                            int64
	act, role, actor, at, from, to string
	detail, prev, hash             []byte
}

// sum is the hash of a step (docs/formats): SHA-256 of a deterministic CBOR array.
func (s *step) sum() wire.Hash {
	const form = "2006-01-02T15:04:05.000000Z"
	at, err := time.Parse(form, s.at)
	if err != nil || at.Format(form) != s.at { // Parse takes a comma for the point
		return wire.Hash{}
	}
	return sum(wire.Encode([]wire.Value{s.consignment, s.seq, s.act, s.role, s.actor, at.UnixNano(), s.from, s.to, s.detail, s.prev}))
}

// consignments reads how far each file is, and by which hash.
func (c *checker) consignments() error {
	return c.db.each(c.ctx, `SELECT id, steps, head FROM certificate_consignment`, func(scan func(...any) error) error {
		var id string
		var s step
		err := scan(&id, &s.seq, &s.hash)
		c.fileHeads[id] = s
		return err
	})
}

// files holds the file of every consignment, step by step, and the signatures that were
// made for officers in it against what is kept of their assent.
func (c *checker) files() error {
	heads, told := c.fileHeads, map[string]bool{}
	c.byAct = map[string][]*assent{}
	for _, a := range c.assents {
		at := a.purpose + " " + a.record
		c.byAct[at] = append(c.byAct[at], a)
	}
	var last step
	number := ""
	broken := func(id string, seq int64) {
		if !told[id] { // once a file
			c.Found("file.broken", "", -1, "consignment", id, "step", seq)
		}
		told[id] = true
	}
	ends := func() {
		if last.consignment == "" {
			return
		}
		if head := heads[last.consignment]; head.seq != last.seq || !bytes.Equal(head.hash, last.hash) { // or there is none
			broken(last.consignment, last.seq)
		}
		delete(heads, last.consignment)
	}
	err := c.db.each(c.ctx, `SELECT consignment, seq, act, role, actor, at, from_state, to_state, detail, prev, hash FROM certificate_step ORDER BY consignment, seq`, func(scan func(...any) error) error {
		var s step
		if err := scan(&s.consignment, &s.seq, &s.act, &s.role, &s.actor, &s.at, &s.from, &s.to, &s.detail, &s.prev, &s.hash); err != nil {
			return err
		}
		if s.consignment != last.consignment {
			ends()
			last, number = step{consignment: s.consignment, to: "none", hash: make([]byte, 32)}, ""
		}
		if h := s.sum(); s.seq != last.seq+1 || s.from != last.to || !bytes.Equal(s.prev, last.hash) || !wire.Same(s.hash, h) {
			broken(s.consignment, s.seq)
		}
		last = s
		c.step(&s, &number)
		return nil
	})
	rows := c.db.rows
	ends()
	for id := range heads {
		broken(id, 0)
	}
	c.unfiled()
	c.lost()
	c.db.rows = rows
	return err
}

// unfiled tells of what stands in the office's log and in no file: nobody can say then who
// wanted it signed. What the database has from its log after a backup was put back had its
// file in what was lost.
func (c *checker) unfiled() {
	missing := func(act, number string, found bool) {
		code := "file.none"
		if found || c.elsewhereFound[number] {
			code = "file.recovered"
		}
		c.Found(code, "", -1, "number", number, "field", act)
	}
	for number, e := range c.certificates {
		for _, act := range []string{"prepare", "issue"} {
			if c.judged[filed{act, number}] == 0 {
				missing(act, number, e.found)
			}
		}
	}
	for _, act := range signedActs() {
		kind, _ := statedBy(act)
		if kind == 0 {
			continue
		}
		for at, all := range c.reasons {
			if at.kind == kind && c.judged[filed{act, at.number}] < len(all) {
				missing(act, at.number, slices.ContainsFunc(all, func(s said) bool { return s.found }))
			}
		}
	}
}

// step holds one that ends in a signature. The clock and the register open a certificate
// without an officer, and do nothing else of what ends in one.
func (c *checker) step(s *step, number *string) {
	var detail map[string]any
	if json.Unmarshal(s.detail, &detail) == nil {
		if n, ok := detail["number"].(string); ok && (s.act == "prepare" || s.act == "issue") {
			*number = n
		}
	}
	if !slices.Contains(signedActs(), s.act) || s.act == "open" && (s.role == "clock" || s.role == "record") {
		return
	}
	c.judged[filed{s.act, *number}]++
	found := &signature{consignment: s.consignment, number: *number, field: s.act, purpose: "certificate." + s.act, at: s.at, seq: s.seq, actor: s.actor, detail: detail}
	switch s.act {
	case "prepare":
		found.field, found.byKey = "preparer", true
	case "issue":
		found.field, found.byKey = "validator", true
	}
	c.signed(found)
}
