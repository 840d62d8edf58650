package tables

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/audit/assertion"
	"adamas.example/internal/audit/wire"
)

// assent is a kept assertion (docs/adr/0015).
type assent struct {
	person, purpose, record, at string
	credential                  string
	digest                      []byte
	form                        map[string]string // as it was sent; nil where the digest is of bytes that the log has
	good                        bool
	sure                        bool // whose passkey it is, is known
}

// assertions holds every kept assertion against itself, against the trail, and against
// whose passkey it was.
func (c *checker) assertions() error {
	const query = `SELECT person, credential, digest, purpose, record, text, authenticator_data, client_data, signature, key, at FROM party_assertion ORDER BY at, id`
	if there, err := c.db.has(c.ctx, "party_assertion", "text"); err != nil || !there {
		if err == nil { // of a program from before it was kept what an assertion is for
			c.Cannot("assent.record")
			c.staff.older = true
		}
		return err
	}
	return c.db.each(c.ctx, query, func(scan func(...any) error) error {
		var a assent
		var credential, text []byte
		var kept assertion.Assertion
		if err := scan(&a.person, &credential, &a.digest, &a.purpose, &a.record, &text, &kept.AuthenticatorData, &kept.ClientData, &kept.Signature, &kept.Key, &a.at); err != nil {
			return err
		}
		kept.Digest, a.credential = a.digest, base64.RawURLEncoding.EncodeToString(credential)
		facts := []any{"officer", c.staff.login(a.person), "consignment", a.record, "purpose", a.purpose, "at", a.at}
		field, why := kept.Wrong()
		if field == "" && text != nil {
			field, why = a.read(text)
		}
		if a.good = field == ""; !a.good {
			c.Found("assent.false", "", -1, append(facts, "field", field, "why", why)...)
		}
		why, a.sure = c.registered(&a, kept.Key)
		if why != "" {
			a.good = false
			c.Found("assent.credential", "", -1, append(facts, "field", "credential", "why", why)...)
		}
		if c.Page == nil {
			c.Cannot("assent.origin")
		} else if a.good && !c.Page(kept.Origin()) {
			c.Found("assent.origin", "", -1, append(facts, "field", "client_data", "page", kept.Origin())...)
		}
		if c.staff.known && !c.noted(&a) {
			c.Found("assent.unnoted", "", -1, append(facts, "field", "at")...)
		}
		c.assents = append(c.assents, &a)
		return nil
	})
}

// read takes the text that the digest is of: [act, record, form].
func (a *assent) read(text []byte) (field, why string) {
	if sum := sha256.Sum256(text); !bytes.Equal(sum[:], a.digest) {
		return "text", "digest"
	}
	var parts []json.RawMessage
	var purpose, record string
	var form map[string][]string
	if json.Unmarshal(text, &parts) != nil || len(parts) != 3 || json.Unmarshal(parts[0], &purpose) != nil || json.Unmarshal(parts[1], &record) != nil || json.Unmarshal(parts[2], &form) != nil {
		return "text", "form"
	}
	a.form = map[string]string{}
	for name, all := range form {
		a.form[name] = strings.Join(all, "\n")
	}
	switch {
	case purpose != a.purpose:
		return "purpose", "text"
	case record != a.record:
		return "record", "text"
	}
	return "", ""
}

// registered tells what speaks against the passkey having been the person's when it
// signed; "" when nothing does, and sure when that is known.
func (c *checker) registered(a *assent, key []byte) (why string, sure bool) {
	list, told := c.staff.credentials[a.credential]
	if !told {
		if !c.staff.known || c.staff.untold[a.person] {
			c.Cannot("assent.registration")
			return "", false
		}
		return "unknown", true
	}
	h, is := holds(list, a.person, a.at)
	switch sum := sha256.Sum256(key); {
	case !is && h.person != "":
		return "of_another", true
	case !is:
		return "not_then", true
	case h.print != wire.Hex(sum[:]):
		return "key", true
	}
	return "", true
}

// noted finds the row of the trail that was written with an assertion.
func (c *checker) noted(a *assent) bool {
	for _, p := range c.staff.near(a.person, a.at, a.at) {
		if p.at == a.at && p.way == "passkey" && p.purpose == a.purpose && p.record == a.record {
			p.kept = true
			return true
		}
	}
	return false
}

// signature is one that the office's file says was made for an officer.
type signature struct {
	consignment, number, field string // field: which member of the file or certificate
	purpose, at                string
	seq                        int64
	actor                      string // key id, or login
	byKey                      bool
	detail                     map[string]any
}

// Times about an act: how long before it its assent was given, and how long a proof of
// identity without one holds.
const (
	assentWithin = 10 * time.Minute
	proofWithin  = 15 * time.Minute
)

// before is a stored time some time earlier.
func before(at string, d time.Duration) string {
	t, err := time.Parse("2006-01-02T15:04:05.000000Z", at)
	if err != nil {
		return at
	}
	return t.Add(-d).Format("2006-01-02T15:04:05.000000Z")
}

// signed holds a signature that was made for an officer against the assent that is kept of
// it.
func (c *checker) signed(s *signature) {
	if !c.staff.known {
		c.Cannot("assent.no_trail")
		return
	}
	person, who := c.staff.persons[s.actor], s.actor
	if s.byKey {
		if h, _ := holds(c.staff.keys[s.actor], "", s.at); h.person != "" {
			person = h.person
		}
	}
	if person != "" {
		who = c.staff.login(person)
	}
	facts := []any{"consignment", s.consignment, "number", s.number, "step", s.seq, "field", s.field, "officer", who, "at", s.at}
	if s.byKey && person == "" {
		c.Found("assent.officer", "", -1, append(facts, "key", s.actor)...)
	}
	if e, logged := c.certificates[s.number]; s.byKey && logged && s.actor != e.officer(s.purpose) {
		c.Found("assent.content", "", -1, append(facts, "why", "officer")...)
		return
	}
	near := c.given(s)
	if p := c.plainly(s); p != nil && !slices.ContainsFunc(near, func(a *assent) bool { return a.at >= p.at }) {
		if near = nil; person != "" && p.person != person { // the assertions are of tries before
			c.Found("assent.other", "", -1, append(facts, "other", c.staff.login(p.person))...)
			return
		}
	}
	if len(near) == 0 {
		c.without(s, person, facts)
		return
	}
	theirs := slices.DeleteFunc(slices.Clone(near), func(a *assent) bool { return person != "" && a.person != person })
	if len(theirs) == 0 {
		c.Found("assent.other", "", -1, append(facts, "other", c.staff.login(near[0].person))...)
		return
	}
	why := ""
	for _, a := range slices.Backward(theirs) { // the last is of this act, others of tries before
		var sure bool
		if why, sure = c.over(s, a); why == "" {
			if sure {
				c.Did("assents", 1)
			}
			return
		}
	}
	c.Found("assent.content", "", -1, append(facts, "why", why)...)
}

// given are the assertions for an act in a file, shortly before it.
func (c *checker) given(s *signature) (out []*assent) {
	for _, a := range c.byAct[s.purpose+" "+s.consignment] {
		if a.at <= s.at && a.at >= before(s.at, assentWithin) {
			out = append(out, a)
		}
	}
	return out
}

// officer is the key for which an act is signed.
func (a approved) officer(purpose string) string {
	if purpose == preparePurpose {
		return a.preparer
	}
	return a.validator
}

// plainly is the last assent without a passkey to an act in a file, shortly before it.
func (c *checker) plainly(s *signature) (last *proof) {
	for _, p := range c.staff.plain[s.purpose+" "+s.consignment] {
		if p.at <= s.at && p.at >= before(s.at, assentWithin) {
			last = p
		}
	}
	return last
}

// over tells what differs between what an assertion is over and what was signed; "" when
// nothing does, and sure when all of it could be held. Of a certificate that is issued it
// is over the digest that its officers approve, else over the form as it was sent.
func (c *checker) over(s *signature, a *assent) (differs string, sure bool) {
	if !a.good {
		return "", false // what is wrong with it was found with it
	}
	e, logged := c.certificates[s.number]
	switch {
	case s.purpose == issuePurpose && !logged:
		c.Cannot("assent.unsigned")
		return "", false
	case s.purpose == issuePurpose && !bytes.Equal(e.digest[:], a.digest):
		return "digest", true
	case s.purpose == issuePurpose:
		return "", a.sure
	case a.form == nil:
		return "text", true
	}
	if n, err := json.Number(a.form["seen"]).Int64(); err != nil || n != s.seq-1 {
		return "seen", true
	}
	if s.purpose == preparePurpose && logged && a.form["validator"] != e.validator {
		return "validator", true
	}
	for name, value := range s.detail {
		said, text := value.(string)
		typed, sent := a.form[name]
		if text && sent && plain(typed) != plain(said) && (name != "day" || iso(typed)) {
			return name, true
		}
	}
	differs, sure = c.stated(s, a)
	return differs, sure && a.sure
}

// iso tells whether a day was sent as it is kept: a form may take other ways to write it.
func iso(day string) bool {
	_, err := time.Parse(time.DateOnly, day)
	return err == nil
}

// plain is a text without the blanks that a form may lose.
func plain(s string) string { return strings.Join(strings.Fields(s), " ") }

// stated holds the form against the statement that was signed of it: the reason that
// stands in the log.
func (c *checker) stated(s *signature, a *assent) (differs string, sure bool) {
	kind, _ := statedBy(strings.TrimPrefix(s.purpose, "certificate."))
	if kind == 0 {
		return "", true
	}
	all := c.reasons[saidOf{kind, s.number}]
	if len(all) == 0 {
		c.Cannot("assent.unsigned")
		return "", false
	}
	if typed := plain(a.form["reason"]); !slices.ContainsFunc(all, func(s said) bool { return s.reason == typed }) {
		return "reason", true
	}
	return "", true
}

// without tells of a signature of which no assertion is kept: how the officer showed who
// he is instead, or that the trail knows of an assertion.
func (c *checker) without(s *signature, person string, facts []any) {
	if c.staff.older {
		c.Cannot("assent.record")
		return
	}
	how := ""
	for _, p := range c.staff.near(person, before(s.at, proofWithin), s.at) {
		switch {
		case p.at > s.at || person == "":
		case p.way == "passkey" && p.purpose == s.purpose && p.record == "" && p.at >= before(s.at, assentWithin):
			c.Cannot("assent.record") // older than what it was for is kept with it
			return
		case p.way == "passkey" && p.purpose == s.purpose && p.record == s.consignment && p.at >= before(s.at, assentWithin) && !p.kept:
			p.kept = true // told here, with its signature
			c.Found("assent.lost", "", -1, append(facts, "row", p.n)...)
			return
		case p.at >= before(s.at, proofWithin):
			how = p.way
		}
	}
	c.Found("assent.missing", "", -1, append(facts, "proved", how)...)
}

// lost tells of assertions that the trail knows and nobody keeps, beside those that were
// told with their signature.
func (c *checker) lost() {
	if c.staff.older {
		return
	}
	for _, p := range c.staff.all {
		if p.way == "passkey" && p.purpose != "" && !p.kept {
			c.Found("assent.lost", "", -1, "consignment", p.record, "officer", c.staff.login(p.person), "purpose", p.purpose, "at", p.at, "row", p.n, "field", "party_assertion")
		}
	}
}
