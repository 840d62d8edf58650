package audit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"adamas.example/internal/audit/code"
	"adamas.example/internal/audit/wire"
	"adamas.example/internal/lang"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// staffFixture is the people of an office, with what was signed for them and what is kept
// of it, written here as the program writes it and by nothing of the program.
type staffFixture struct {
	n        *nodeFixture
	s        *stage
	first    *member // prepares
	second   *member // issues and cancels
	rows     []trailed
	assents  []*assented
	files    []*filed
	seconds  int64
	password bool // the second officer proves who he is by password and code
	unnoted  bool // nobody has noted whose the signing keys are
	untold   bool // the trail does not say which passkeys they came in with, as it once did not
}

// member is an officer with a passkey and a key to sign with.
type member struct {
	id, login string
	passkey   *ecdsa.PrivateKey
	key       string // by which he signs
}

func (m *member) credential() []byte { return []byte("credential of " + m.login) }

// cose is the passkey's public key.
func (m *member) cose() []byte {
	raw, err := m.passkey.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return wire.Encode(wire.Mapping{1: int64(2), 3: int64(-7), -1: int64(1), -2: raw[1:33], -3: raw[33:]})
}

type trailed struct {
	at              int64
	who, act, about string
	args            map[string]string
}

// assented is an assertion with what goes into it.
type assented struct {
	by, device      *member
	purpose, record string
	at              int64
	text, digest    []byte
	client          map[string]any
	flags           byte
	missing         bool
}

// filed is a consignment with its steps.
type filed struct {
	id    string
	steps []stepped
}

type stepped struct {
	act, role, actor string
	at               int64
	to               string
	detail           map[string]any
}

func (f *staffFixture) member(login, key string) *member {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.n.t.Fatal(err)
	}
	return &member{id: "id-of-" + login, login: login, passkey: k, key: key}
}

// staff writes the people of the stage's office and the files of its certificates.
func (n *nodeFixture) staff(s *stage) {
	n.t.Helper()
	f := &staffFixture{n: n, s: s}
	f.first, f.second = f.member("f.fontaine", s.cf.Preparer.Key.ID().String()), f.member("g.gbeho", s.cf.Validator.Key.ID().String())
	for i, b := range s.bundles {
		f.file(s, fmt.Sprintf("CF-bangui-2026-%06d", i+1), b)
	}
	if s.assents != nil {
		s.assents(f)
	}
	f.write()
}

// file is what the office keeps of one certificate: applied for, prepared by the first
// officer, issued by the second, perhaps cancelled by him.
func (f *staffFixture) file(s *stage, id string, b *bundle.Bundle) {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		f.n.t.Fatal(err)
	}
	c := st.Body.(*statement.Certificate)
	digest, err := statement.ApprovalDigest(st.Header, c)
	if err != nil {
		f.n.t.Fatal(err)
	}
	at := start + 100*int64(len(f.files))
	file := &filed{id: id, steps: []stepped{
		{"apply", "exporter", "c.cisse", at, "applied", map[string]any{"reason": "SYNTHETIC"}},
		{"prepare", "validating_officer", f.first.key, at + 20, "prepared", map[string]any{"number": c.Number, "validator": f.second.key}},
		{"issue", "validating_officer", f.second.key, at + 40, "issued", map[string]any{"number": c.Number}},
		{"open", "clock", "clock", at + 50, "issued", nil},
	}}
	f.assent(f.first, "certificate.prepare", id, at+19, map[string][]string{"seen": {"1"}, "validator": {f.second.key}})
	f.assents = append(f.assents, &assented{by: f.second, device: f.second, purpose: "certificate.issue", record: id, at: at + 39, digest: digest[:], flags: 5})
	file.steps = append(file.steps, stepped{"open", "validating_officer", f.second.login, at + 60, "issued", nil})
	f.assent(f.second, "certificate.open", id, at+59, map[string][]string{"seen": {"4"}})
	if s.cancelled[c.Number] {
		file.steps = append(file.steps, stepped{"cancel", "validating_officer", f.second.login, at + 70, "void", map[string]any{"reason": "SYNTHETIC"}})
		f.assent(f.second, "certificate.cancel", id, at+69, map[string][]string{"seen": {"5"}, "reason": {"SYNTHETIC "}})
	}
	f.files = append(f.files, file)
}

// assent is an assertion over a form.
func (f *staffFixture) assent(by *member, purpose, record string, at int64, form map[string][]string) {
	text, err := json.Marshal([]any{purpose, record, form})
	if err != nil {
		f.n.t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	f.assents = append(f.assents, &assented{by: by, device: by, purpose: purpose, record: record, at: at, text: text, digest: sum[:], flags: 5})
}

// of is the first assertion for a purpose.
func (f *staffFixture) of(purpose string) *assented {
	f.n.t.Helper()
	i := slices.IndexFunc(f.assents, func(a *assented) bool { return a.purpose == purpose })
	if i < 0 {
		f.n.t.Fatal("no assertion for ", purpose)
	}
	return f.assents[i]
}

// sign has a passkey make the assertion.
func (a *assented) sign(t *testing.T) (authenticator, client, signature []byte) {
	t.Helper()
	said := map[string]any{"type": "webauthn.get", "challenge": base64.RawURLEncoding.EncodeToString(a.digest), "origin": "https://bureau.bangui.example:8443", "crossOrigin": false}
	maps.Copy(said, a.client)
	client, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	rp := sha256.Sum256([]byte("bangui.example"))
	authenticator = binary.BigEndian.AppendUint32(append(rp[:], a.flags), 7)
	sum := sha256.Sum256(client)
	signed := sha256.Sum256(slices.Concat(authenticator, sum[:]))
	signature, err = ecdsa.SignASN1(rand.Reader, a.device.passkey, signed[:])
	if err != nil {
		t.Fatal(err)
	}
	return authenticator, client, signature
}

func (f *staffFixture) write() {
	f.n.t.Helper()
	for _, m := range []*member{f.first, f.second} {
		f.n.exec(`INSERT INTO party_person (id, login, name, language, holder, licence, grants, signing_keys, state, made, changed, password, code_step)
			VALUES ($1, $2, $2, 'fr', '', '', '[]', '[]', 'active', $3, $3, '', 0)`, m.id, m.login, stamp(start))
		f.rows = append(f.rows, trailed{start - 900, "", "invited", m.id, map[string]string{"login": m.login, "name": m.login, "roles": "validating_officer CF/bangui"}},
			trailed{start - 800, m.id, "accepted", m.id, f.registers(m)})
		if !f.unnoted {
			f.rows = append(f.rows, trailed{start - 700, m.id, "key_made", m.id, map[string]string{"key": m.key}})
		}
	}
	for i, a := range f.assents {
		args := map[string]string{"way": "passkey", "purpose": a.purpose, "record": a.record}
		if f.password && a.purpose == "certificate.issue" {
			args, a.missing = map[string]string{"way": "code"}, true
		}
		f.rows = append(f.rows, trailed{a.at, a.by.id, "proved", a.by.id, args})
		if a.missing {
			continue
		}
		authenticator, client, signature := a.sign(f.n.t)
		var text any
		if a.text != nil {
			text = a.text
		}
		f.n.exec(`INSERT INTO party_assertion (id, person, credential, digest, purpose, record, text, authenticator_data, client_data, signature, key, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, fmt.Sprint("a", i), a.by.id, a.device.credential(), a.digest, a.purpose, a.record, text,
			authenticator, client, signature, a.device.cose(), stamp(a.at))
	}
	f.trail()
	for _, file := range f.files {
		file.write(f.n)
	}
}

// registers is what the trail says of a passkey.
func (f *staffFixture) registers(m *member) map[string]string {
	if f.untold {
		return map[string]string{"factors": "passkey"}
	}
	sum := sha256.Sum256(m.cose())
	return map[string]string{"factors": "passkey", "credential": base64.RawURLEncoding.EncodeToString(m.credential()), "public_key": wire.Hex(sum[:])}
}

// trail writes the rows in the order of their times, each with the hash of the row before.
func (f *staffFixture) trail() {
	f.n.t.Helper()
	slices.SortStableFunc(f.rows, func(a, b trailed) int { return int(a.at - b.at) })
	last := ""
	for i, r := range f.rows {
		args, err := json.Marshal(r.args)
		if err != nil {
			f.n.t.Fatal(err)
		}
		h := sha256.New()
		put := func(s string) {
			h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(s))))
			h.Write([]byte(s))
		}
		put("adamas people trail 1")
		put(last)
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(i+1)))
		for _, s := range []string{stamp(r.at), r.who, r.act, r.about, string(args), "127.0.0.1"} {
			put(s)
		}
		last = wire.Hex(h.Sum(nil))
		f.n.exec(`INSERT INTO party_trail (n, at, who, act, about, args, address, hash) VALUES ($1, $2, $3, $4, $5, $6, '127.0.0.1', $7)`, i+1, stamp(r.at), r.who, r.act, r.about, string(args), last)
	}
	f.n.exec(`INSERT INTO party_trail_head (one, n, hash) VALUES (1, $1, $2)`, len(f.rows), last)
}

func (file *filed) write(n *nodeFixture) {
	n.t.Helper()
	prev, from := make([]byte, 32), "none"
	hashes := [][]byte{}
	for i, s := range file.steps {
		detail, err := json.Marshal(s.detail)
		if err != nil {
			n.t.Fatal(err)
		}
		sum := sha256.Sum256(wire.Encode([]wire.Value{file.id, int64(i + 1), s.act, s.role, s.actor, s.at * 1e9, from, s.to, detail, prev}))
		hashes = append(hashes, sum[:])
		prev, from = sum[:], s.to
	}
	n.exec(`INSERT INTO certificate_consignment (id, state, counterpart, kind, steps, head, opened_at, moved_at) VALUES ($1, $2, 'AE', 1, $3, $4, $5, $5)`,
		file.id, from, len(file.steps), prev, stamp(start))
	prev, from = make([]byte, 32), "none"
	for i, s := range file.steps {
		detail, _ := json.Marshal(s.detail)
		n.exec(`INSERT INTO certificate_step (consignment, seq, act, role, actor, at, from_state, to_state, detail, prev, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			file.id, i+1, s.act, s.role, s.actor, stamp(s.at), from, s.to, detail, prev, hashes[i])
		prev, from = hashes[i], s.to
	}
}

// bentAssent is one thing bent, and what has to be found of it.
type bentAssent struct {
	name, code string
	facts      map[string]any
	bend       func(f *staffFixture)
	query      string
	stands     bool // the certificate is not cancelled
}

const firstFile = "CF-bangui-2026-000001"

// bentAssents bend one thing at a time. Everything else stays as it is: the findings of a
// case are all of its code.
func bentAssents() []bentAssent {
	issue := func(do func(f *staffFixture, a *assented)) func(f *staffFixture) {
		return func(f *staffFixture) { do(f, f.of("certificate.issue")) }
	}
	facts := func(pairs ...any) map[string]any {
		out := map[string]any{"consignment": firstFile}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i].(string)] = pairs[i+1]
		}
		return out
	}
	return []bentAssent{
		{"no passkey", "assent.missing", facts("field", "validator", "officer", "g.gbeho", "proved", "code", "number", "CF00000001"), func(f *staffFixture) { f.password = true }, "", false},
		{"assertion taken out", "assent.lost", facts("field", "validator", "officer", "g.gbeho"), nil, `DELETE FROM party_assertion WHERE purpose = 'certificate.issue' AND record = '` + firstFile + `'`, false},
		{"assertion of no act taken out", "assent.lost", map[string]any{"field": "party_assertion", "purpose": "proof"}, func(f *staffFixture) {
			f.assents = append(f.assents, &assented{by: f.first, device: f.first, purpose: "proof", at: start + 5, digest: make([]byte, 32), missing: true})
		}, "", false},
		{"assertion put in", "assent.unnoted", facts("field", "at"), nil,
			`INSERT INTO party_assertion (id, person, credential, digest, purpose, record, text, authenticator_data, client_data, signature, key, at) SELECT 'x', person, credential, digest, purpose, record, text, authenticator_data, client_data, signature, key, '` + stamp(start+38) + `' FROM party_assertion WHERE purpose = 'certificate.issue' AND record = '` + firstFile + `'`, false},
		{"changed challenge", "assent.false", facts("field", "client_data", "why", "challenge"), issue(func(_ *staffFixture, a *assented) {
			a.client = map[string]any{"challenge": base64.RawURLEncoding.EncodeToString(make([]byte, 32))}
		}), "", false},
		{"another question", "assent.false", facts("field", "client_data", "why", "type"), issue(func(_ *staffFixture, a *assented) { a.client = map[string]any{"type": "webauthn.create"} }), "", false},
		{"from another page", "assent.false", facts("field", "authenticator_data", "why", "origin"), issue(func(_ *staffFixture, a *assented) { a.client = map[string]any{"origin": "https://evil.example"} }), "", false},
		{"within another page", "assent.false", facts("field", "client_data", "why", "cross_origin"), issue(func(_ *staffFixture, a *assented) { a.client = map[string]any{"crossOrigin": true} }), "", false},
		{"nobody verified", "assent.false", facts("field", "authenticator_data", "why", "not_verified"), issue(func(_ *staffFixture, a *assented) { a.flags = 1 }), "", false},
		{"signature of another", "assent.false", facts("field", "signature", "why", "false"), nil,
			`UPDATE party_assertion SET signature = (SELECT signature FROM party_assertion WHERE purpose = 'certificate.prepare') WHERE purpose = 'certificate.issue'`, false},
		{"changed form", "assent.false", facts("field", "text", "why", "digest"), func(f *staffFixture) {
			a := f.of("certificate.prepare")
			a.text = []byte(strings.Replace(string(a.text), f.second.key, f.first.key, 1))
		}, "", false},
		{"other officer's passkey", "assent.credential", facts("field", "credential", "why", "of_another"), issue(func(f *staffFixture, a *assented) { a.device = f.first }), "", false},
		{"passkey of nobody", "assent.credential", facts("why", "unknown"), issue(func(f *staffFixture, a *assented) { a.device = f.member("nobody", "") }), "", false},
		{"key of nobody", "assent.credential", facts("why", "key"), issue(func(f *staffFixture, a *assented) { a.device = f.member(f.second.login, "") }), "", false},
		{"passkey taken away before", "assent.credential", facts("why", "not_then"), func(f *staffFixture) {
			f.rows = append(f.rows, trailed{start + 30, f.second.id, "passkey_removed", f.second.id, map[string]string{"credential": base64.RawURLEncoding.EncodeToString(f.second.credential())}})
			f.only("certificate.issue")
		}, "", true},
		{"came in anew before", "assent.credential", facts("why", "not_then"), func(f *staffFixture) {
			f.rows = append(f.rows, trailed{start + 30, f.second.id, "recovered", f.second.id, map[string]string{"factors": "password, code"}})
			f.only("certificate.issue")
		}, "", true},
		{"other officer", "assent.other", facts("field", "validator", "officer", "g.gbeho", "other", "f.fontaine"), issue(func(f *staffFixture, a *assented) { a.by, a.device = f.first, f.first }), "", false},
		{"changed signed bytes", "assent.content", facts("field", "validator", "why", "digest"), issue(func(_ *staffFixture, a *assented) {
			sum := sha256.Sum256([]byte("another certificate"))
			a.digest = sum[:]
		}), "", false},
		{"another second officer", "assent.content", facts("field", "preparer", "why", "validator"), func(f *staffFixture) {
			f.reform("certificate.prepare", map[string][]string{"seen": {"1"}, "validator": {f.first.key}})
		}, "", false},
		{"another state of the file", "assent.content", facts("field", "preparer", "why", "seen"), func(f *staffFixture) {
			f.reform("certificate.prepare", map[string][]string{"seen": {"9"}, "validator": {f.second.key}})
		}, "", false},
		{"another reason", "assent.content", facts("field", "cancel", "why", "reason"), func(f *staffFixture) {
			f.reform("certificate.cancel", map[string][]string{"seen": {"5"}, "reason": {"something else"}})
		}, "", false},
		{"a reason that was not stated", "assent.content", facts("field", "cancel", "why", "reason"), func(f *staffFixture) {
			f.reform("certificate.cancel", map[string][]string{"seen": {"5"}, "reason": {"something else"}})
			f.files[0].steps[5].detail["reason"] = "something else"
		}, "", false},
		{"mended without the passkey", "assent.missing", facts("field", "cancel", "officer", "g.gbeho", "proved", "passkey"), func(f *staffFixture) {
			f.reform("certificate.cancel", map[string][]string{"seen": {"5"}, "reason": {"a reason that was refused"}})
			f.rows = append(f.rows, trailed{start + 70, f.second.id, "assented", f.second.id, map[string]string{"way": "plain", "purpose": "certificate.cancel", "record": firstFile}})
		}, "", false},
		{"another without a passkey", "assent.other", facts("field", "cancel", "officer", "g.gbeho", "other", "f.fontaine"), func(f *staffFixture) {
			f.rows = append(f.rows, trailed{start + 70, f.first.id, "assented", f.first.id, map[string]string{"way": "plain", "purpose": "certificate.cancel", "record": firstFile}})
		}, "", false},
		{"issued with another's key", "assent.content", facts("field", "validator", "why", "officer"), func(f *staffFixture) {
			a := f.of("certificate.issue")
			a.by, a.device = f.first, f.first
			f.files[0].steps[2].actor = f.first.key
		}, "", false},
		{"prepared with another's key", "assent.content", facts("field", "preparer", "why", "officer"), func(f *staffFixture) {
			a := f.of("certificate.prepare")
			a.by, a.device = f.second, f.second
			f.files[0].steps[1].actor = f.second.key
		}, "", false},
		{"what is in the database alone", "assent.content", facts("field", "validator", "why", "digest"), func(f *staffFixture) {
			f.of("certificate.issue").digest = f.beside(f.s.cf.Draft("AE", start+60))
		}, "", false},
		{"issued by the clock", "assent.missing", facts("field", "validator", "proved", "code"), func(f *staffFixture) {
			f.files[0].steps[2].role, f.password = "clock", true
		}, "", false},
		{"suspended before", "assent.credential", facts("why", "not_then"), func(f *staffFixture) {
			f.rows = append(f.rows, trailed{start + 30, "id-of-admin", "suspended", f.second.id, map[string]string{"reason": "SYNTHETIC"}})
			f.only("certificate.issue")
		}, "", true},
		{"ended before", "assent.credential", facts("why", "not_then"), func(f *staffFixture) {
			f.rows = append(f.rows, trailed{start + 30, "id-of-admin", "ended", f.second.id, map[string]string{"reason": "SYNTHETIC"}}, trailed{start + 31, "id-of-admin", "resumed", f.second.id, nil})
			f.only("certificate.issue")
		}, "", true},
		{"passkey copied before", "assent.credential", facts("why", "not_then"), func(f *staffFixture) {
			f.rows = append(f.rows, trailed{start + 30, "", "passkey_copied", f.second.id, map[string]string{"passkey": "x", "credential": base64.RawURLEncoding.EncodeToString(f.second.credential())}})
			f.only("certificate.issue")
		}, "", true},
		{"at another address", "assent.origin", facts("page", "https://www.bangui.example"), issue(func(_ *staffFixture, a *assented) { a.client = map[string]any{"origin": "https://www.bangui.example"} }), "", false},
		{"no file", "file.none", map[string]any{"number": "CF00000001", "field": "prepare"}, func(f *staffFixture) { f.files, f.assents = nil, nil }, "", false},
		{"file of another number", "file.none", map[string]any{"number": "CF00000001"}, func(f *staffFixture) {
			f.files[0].steps[1].detail["number"], f.files[0].steps[2].detail["number"] = "CF00000009", "CF00000009"
		}, "", false},
		{"act of another name", "file.none", map[string]any{"number": "CF00000001", "field": "issue"}, func(f *staffFixture) {
			f.files[0].steps[2].act = "note"
			f.only("certificate.prepare")
			f.assents = slices.DeleteFunc(f.assents, func(a *assented) bool { return a.by == f.second })
		}, "", true},
		{"cancelled beside the file", "file.none", map[string]any{"number": "CF00000001", "field": "cancel"}, func(f *staffFixture) {
			f.files[0].steps = f.files[0].steps[:5]
			f.assents = slices.DeleteFunc(f.assents, func(a *assented) bool { return a.purpose == "certificate.cancel" })
		}, "", false},
		{"found in the log", "file.recovered", map[string]any{"number": "CF00000001", "field": "prepare"}, func(f *staffFixture) {
			f.files, f.assents = nil, nil
			sum := canonical.Sum(f.s.first.Statement)
			f.n.exec(`DELETE FROM certificate_sheet WHERE number = 'CF00000001'`)
			f.n.exec(`INSERT INTO certificate_elsewhere (number, statement, found_at) VALUES ('CF00000001', $1, $2)`, sum[:], stamp(start))
		}, "", false},
		{"steps of no file", "file.broken", facts("step", int64(6)), nil, `DELETE FROM certificate_consignment`, false},
		{"time of a step", "file.broken", facts("step", int64(1)), nil, `UPDATE certificate_step SET at = REPLACE(at, '.', ',')`, false},
		{"long before", "assent.missing", facts("field", "validator", "proved", "passkey"), issue(func(_ *staffFixture, a *assented) { a.at -= 700 }), "", false},
		{"nobody's key", "assent.officer", facts("field", "preparer"), func(f *staffFixture) { f.unnoted = true }, "", false},
		{"step changed", "file.broken", facts("step", int64(1)), nil, `UPDATE certificate_step SET actor = 'x' WHERE seq = 1`, false},
		{"step taken out", "file.broken", facts("step", int64(5)), nil, `DELETE FROM certificate_step WHERE seq = 6`, false},
		{"file taken out", "file.broken", facts("step", int64(0)), nil, `DELETE FROM certificate_step WHERE role <> 'x'`, false},
		{"row of the trail changed", "trail.broken", map[string]any{"row": "2"}, nil, `UPDATE party_trail SET address = 'x' WHERE n = 2`, false},
		{"row of the trail taken out", "trail.broken", nil, nil, `DELETE FROM party_trail WHERE n = (SELECT MAX(n) FROM party_trail)`, false},
		{"head of the trail set back", "trail.broken", nil, nil, `UPDATE party_trail_head SET n = n - 1`, false},
		{"head of the trail taken out", "trail.broken", nil, nil, `DELETE FROM party_trail_head`, false},
	}
}

// beside puts a draft under the number of the first certificate into the database, and
// into no log; it gives what its officers would approve.
func (f *staffFixture) beside(d *verifytest.Draft) []byte {
	f.n.t.Helper()
	d.Body.Number, d.Header.Subject = "CF00000001", statement.CertificateSubject("CF00000001")
	st, err := statement.Parse(f.s.cf.Sign(d).Statement)
	if err != nil {
		f.n.t.Fatal(err)
	}
	digest, err := statement.ApprovalDigest(st.Header, st.Body.(*statement.Certificate))
	if err != nil {
		f.n.t.Fatal(err)
	}
	id := canonical.Sum(st.Signed.Payload)
	f.n.exec(`DROP INDEX ledger_entry_chain`)
	f.n.exec(`INSERT INTO ledger_entry (id, n, type, issuer, subject, prev, algorithm, key_id, payload, origin, prepared_at)
		VALUES ($1, (SELECT MAX(n) + 1 FROM ledger_entry), $2, $3, $4, $5, $6, $7, $8, $9, $10)`, id[:], int64(st.Type), st.Issuer, st.Subject, st.Prev[:],
		int64(st.Signed.Algorithm), st.Signed.KeyID[:], st.Signed.Payload, f.s.cf.Log.Origin, stamp(start))
	return digest[:]
}

// only leaves what was signed with one passkey after it had gone out of the fixture.
func (f *staffFixture) only(purpose string) {
	f.assents = slices.DeleteFunc(f.assents, func(a *assented) bool { return a.by == f.second && a.purpose != purpose })
	f.files[0].steps = f.files[0].steps[:4]
}

// reform has an officer assent to another form.
func (f *staffFixture) reform(purpose string, form map[string][]string) {
	old := f.of(purpose)
	f.assents = slices.DeleteFunc(f.assents, func(a *assented) bool { return a == old })
	f.assent(old.by, purpose, old.record, old.at, form)
}

// withFile is the stage with one certificate of which the office keeps a file, cancelled.
func (b *bentAssent) apply(s *stage) {
	s.bundles, s.opt.Bundles, s.opt.Pages = []*bundle.Bundle{s.first}, fstest.MapFS{}, []string{"https://bureau.bangui.example:8443"}
	if !b.stands {
		s.void(s.first, start+200)
	}
	s.assents = b.bend
	s.node = func(n *nodeFixture) {
		if b.query != "" {
			n.exec(b.query)
		}
	}
}

func wrongAssents() (out []wrong) {
	for _, b := range bentAssents() {
		out = append(out, wrong{b.code, b.apply})
	}
	return out
}

// TestAssents: what is kept of the officers' assents is found whole, and one thing bent is
// found as what it is, with its record, its field and what to do, and nothing else is.
func TestAssents(t *testing.T) {
	words, err := lang.Load(Text())
	if err != nil {
		t.Fatal(err)
	}
	violation := map[string]bool{}
	for _, c := range code.All() {
		violation[c.Name] = c.Violation
	}
	s := newStage(t)
	(&bentAssent{}).apply(s)
	if r := s.run(); len(r.Findings) != 0 || counts(r.Checks)["assents"] != 4 {
		t.Fatalf("before: %+v %+v", r.Findings, r.Checks)
	}
	for _, b := range bentAssents() {
		t.Run(b.name, func(t *testing.T) {
			s := newStage(t)
			b.apply(s)
			r := s.run()
			i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Code == b.code })
			if i < 0 {
				t.Fatalf("not found; only %+v", r.Findings)
			}
			for name, want := range b.facts {
				if got := r.Findings[i].Facts[name]; got != want {
					t.Errorf("%s is %v, not %v: %+v", name, got, want, r.Findings[i])
				}
			}
			for _, f := range r.Findings {
				if f.Code != b.code && !strings.HasPrefix(b.code, "trail.") && !strings.HasPrefix(b.code, "file.") {
					t.Errorf("found too: %+v", f)
				}
			}
			if r.Clean() == violation[b.code] {
				t.Errorf("clean: %v", r.Clean())
			}
			for _, l := range lang.Languages() {
				p := words.Printer(l)
				var out strings.Builder
				r.Write(&out, p)
				if remedy := p.T("audit.remedy."+b.code, nil); !strings.Contains(out.String(), remedy) {
					t.Errorf("%s: it does not say what to do", l)
				}
			}
		})
	}
}

// TestAssentsUncertain: what cannot be told is said, and is not counted as proved; what is
// in order stays without a finding.
func TestAssentsUncertain(t *testing.T) {
	for _, tt := range []struct {
		name   string
		bend   func(s *stage)
		proved int64
		untold map[string]int64
	}{
		{"suspended and back", func(s *stage) {
			s.assents = func(f *staffFixture) {
				f.rows = append(f.rows, trailed{start + 2, "id-of-admin", "suspended", f.second.id, nil}, trailed{start + 4, "id-of-admin", "resumed", f.second.id, nil})
			}
		}, 4, nil},
		{"passkeys from before the trail told of them", func(s *stage) { s.assents = func(f *staffFixture) { f.untold = true } }, 0, map[string]int64{"assent.registration": 4}},
		{"come in anew since", func(s *stage) {
			s.assents = func(f *staffFixture) {
				f.untold = true
				for _, m := range []*member{f.first, f.second} {
					sum := sha256.Sum256(m.cose())
					f.rows = append(f.rows, trailed{start - 600, m.id, "recovered", m.id, map[string]string{"factors": "passkey",
						"credential": base64.RawURLEncoding.EncodeToString(m.credential()), "public_key": wire.Hex(sum[:])}})
				}
			}
		}, 4, nil},
		{"no word of the address", func(s *stage) { s.opt.Pages = nil }, 4, map[string]int64{"assent.origin": 4}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t)
			(&bentAssent{}).apply(s)
			tt.bend(s)
			r := s.run()
			if got := counts(r.Checks)["assents"]; len(r.Findings) != 0 || got != tt.proved {
				t.Errorf("%d proved, want %d: %+v", got, tt.proved, r.Findings)
			}
			untold := counts(r.Untold)
			for _, what := range []string{"assent.registration", "assent.origin", "assent.record", "assent.unsigned"} {
				if untold[what] != tt.untold[what] {
					t.Errorf("%s: %d, want %d", what, untold[what], tt.untold[what])
				}
			}
		})
	}
}

// TestAssentsOfBefore: a database of a program that did not keep what an assertion is for is
// no violation.
func TestAssentsOfBefore(t *testing.T) {
	s := newStage(t)
	(&bentAssent{query: `ALTER TABLE party_assertion DROP COLUMN text`}).apply(s)
	r := s.run()
	if len(r.Findings) != 0 || counts(r.Checks)["assents"] != 0 || counts(r.Untold)["assent.record"] == 0 {
		t.Errorf("%+v %+v", r.Findings, r.Untold)
	}
}
