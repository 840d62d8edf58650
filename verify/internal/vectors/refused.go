package vectors

import (
	"bytes"
	"crypto/elliptic"
	"math/big"
	"strings"

	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// RefusedVector must be refused by every implementation, for the reason given.
// Every signature in it is true over the bytes that stand there, unless the
// reason says otherwise: the form alone is wrong.
type RefusedVector struct {
	What  string `json:"what"` // statement, policy, checkpoint, proof, bundle
	Why   string `json:"why"`
	Key   string `json:"key,omitempty"`   // of a statement, in keys.json
	Bytes Hex    `json:"bytes,omitempty"` // of a statement or bundle
	Text  string `json:"text,omitempty"`  // of the others
	Line  int    `json:"line,omitempty"`  // of a policy: where the fault is
}

// sign1 frames and signs any bytes, also those that Unsign would not write.
func sign1(s Signer, protected []byte, unprotected, payload string) []byte {
	message := must(canonical.Marshal([]any{"Signature1", protected, []byte{}, []byte(payload)}))
	return frame(protected, unprotected, must(canonical.Marshal([]byte(payload))), s.sign(message))
}

func frame(protected []byte, unprotected string, payload, sig []byte) []byte {
	return bytes.Join([][]byte{{0xd2, 0x84}, must(canonical.Marshal(protected)), []byte(unprotected), payload, must(canonical.Marshal(sig))}, nil)
}

func refusedStatements() []RefusedVector {
	s := Ed25519("office CF/bangui")
	body := Bodies()[6] // void: the shortest
	h := Header(statement.TypeVoid)
	payload := string(must(statement.Payload(h, body)))
	good, message, sig := s.Sign(statement.ContentStatement, []byte(payload), false)
	protected := protectedOf(message)
	kid := s.Key.ID()
	header := func(alg int64, content any, id []byte) []byte {
		return must(canonical.Marshal(map[int]any{1: alg, 3: content, 4: id}))
	}
	var out []RefusedVector
	add := func(why string, b []byte) {
		out = append(out, RefusedVector{What: "statement", Why: why, Key: s.Name, Bytes: b})
	}
	add("one byte more than the statement", append(bytes.Clone(good), 0))
	add("one byte less", good[:len(good)-1])
	add("without tag 18", good[1:])
	add("tag 18 in two bytes", append([]byte{0xd8, 0x12}, good[1:]...))
	add("indefinite list", append(append([]byte{0xd2, 0x9f}, good[2:]...), 0xff))
	add("a header that is not signed", sign1(s, protected, "\xa1\x04\x48"+string(kid[:]), payload))
	add("payload detached", frame(protected, "\xa0", []byte{0xf6}, sig))
	add("signature of 63 bytes", frame(protected, "\xa0", must(canonical.Marshal([]byte(payload))), sig[:63]))
	add("algorithm ES384", sign1(s, header(-35, statement.ContentStatement, kid[:]), "\xa0", payload))
	add("algorithm of another kind of key (ES256 for Ed25519): parsed, does not verify", sign1(s, header(-7, statement.ContentStatement, kid[:]), "\xa0", payload))
	add("content type of an approval", sign1(s, header(-8, statement.ContentApproval, kid[:]), "\xa0", payload))
	add("content type a number", sign1(s, header(-8, 60, kid[:]), "\xa0", payload))
	add("key id of 7 bytes", sign1(s, header(-8, statement.ContentStatement, kid[:7]), "\xa0", payload))
	add("a fourth protected header (crit)", sign1(s, must(canonical.Marshal(map[int]any{1: -8, 2: []int{1}, 3: statement.ContentStatement, 4: kid[:]})), "\xa0", payload))
	add("protected header out of order", sign1(s, swap(protected), "\xa0", payload))
	for _, m := range []struct{ why, from, to string }{
		{"version 2", "\x02\x01\x03", "\x02\x02\x03"},
		{"type 0", "\xa8\x01\x07", "\xa8\x01\x00"},
		{"synthetic is no boolean", "\x09\xf5", "\x09\x01"},
		{"type in two bytes", "\xa8\x01\x07", "\xa8\x01\x18\x07"},
		{"an unknown member 11", "\xa8\x01\x07", "\xa9\x01\x07"},
		{"a control character in the reason", "SYNTHETIC: mis", "SYNTHETIC:\tmis"},
		{"a soft hyphen in the reason (U+00AD)", "weight", "weig\xc2\xad"},
		{"an office without a slash", "CF/bangui", "CF-bangui"},
	} {
		p := strings.Replace(payload, m.from, m.to, 1)
		if p == payload {
			panic("vectors: " + m.why + " changes nothing")
		}
		if strings.HasPrefix(m.why, "an unknown") {
			p += "\x0b\x01"
		}
		add(m.why, sign1(s, protected, "\xa0", p))
	}
	return append(out, highS())
}

// swap puts the first two members of the protected header the other way round.
func swap(protected []byte) []byte {
	b := []byte{0xa3}
	b = append(b, protected[3:len(protected)-10]...)
	b = append(b, protected[1:3]...)
	return append(b, protected[len(protected)-10:]...)
}

// highS is an ES256 statement whose signature has the higher s: true for any
// ECDSA library, and refused, since it would be a second statement with the
// same content.
func highS() RefusedVector {
	k := P256("office CF/bangui")
	b, _, sig := k.Sign(statement.ContentStatement, must(statement.Payload(Header(statement.TypeVoid), Bodies()[6])), false)
	s := new(big.Int).SetBytes(sig[32:])
	high := bytes.Clone(b)
	s.Sub(elliptic.P256().Params().N, s).FillBytes(high[len(high)-32:])
	return RefusedVector{What: "statement", Why: "ES256 signature with the higher s: parsed, does not verify", Key: k.Name, Bytes: high}
}

func witnessLine(label string, w verifytest.Witness, name string) string {
	return "witness " + label + " " + policy.WitnessVKey(name, w.Public()).String()
}

func logKey(l *verifytest.Log) string { return policy.LogVKey(l.Origin, l.Signer.Public()).String() }

// flipHash changes the first digit of the key hash in a line.
func flipHash(line string) string {
	i := strings.Index(line, "+") + 1
	digit := "0"
	if line[i] == '0' {
		digit = "1"
	}
	return line[:i] + digit + line[i+1:]
}

// PolicyFaults gives policies that the strict parser refuses, made from a good
// one of the world, each with its line.
func PolicyFaults(w *verifytest.World) []RefusedVector {
	text := w.Policy(w.Logs[1])
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	gov := w.Witnesses["gov1"]
	relabelled := witnessLine("civ1", verifytest.Witness{Signer: gov.Signer}, "witness.other.example/w")
	logAsWitness := witnessLine("civ1", verifytest.Witness{Signer: w.Logs[1].Signer}, "witness.civ1.example/w")
	with := func(line int, s string) string {
		l := append([]string(nil), lines...)
		l[line-1] = s
		return strings.Join(l, "\n") + "\n"
	}
	before := func(line int, s string) string { return with(line, s+"\n"+lines[line-1]) }
	f := func(why string, line int, text string) RefusedVector {
		return RefusedVector{What: "policy", Why: why, Line: line, Text: text}
	}
	return []RefusedVector{
		f("one raw key under two key names, in two pillars", 6, with(6, relabelled)),
		f("one key under two labels", 6, with(6, strings.Replace(lines[1], "gov1", "civ1", 1))),
		f("the log's key among the witnesses", 6, with(6, logAsWitness)),
		f("two logs", 2, before(2, "log "+logKey(w.Logs[0]))),
		f("no log", 13, with(1, "# no log")),
		f("quorum of none", 12, with(12, "quorum none")),
		f("no quorum", 13, with(12, "# nothing")),
		f("a second quorum", 13, text+"quorum tripartite\n"),
		f("quorum that is not defined", 12, with(12, "quorum all-of-them")),
		f("unknown word", 2, with(2, "Witness "+strings.TrimPrefix(lines[1], "witness "))),
		f("a label twice", 3, with(3, strings.Replace(lines[2], "gov2", "gov1", 1))),
		f("a key name twice", 3, with(3, witnessLine("gov2", w.Witnesses["gov2"], gov.VKey.Name))),
		f("a group with the name of a witness", 8, with(8, "group gov1 any ind1")),
		f("a witness in two groups", 9, with(9, "group industry any ind1 gov1")),
		f("a witness twice in one group", 8, with(8, "group government 2 gov1 gov1")),
		f("a member defined below", 8, with(8, "group government any gov1 tripartite")),
		f("threshold 0", 8, with(8, "group government 0 gov1 gov2")),
		f("threshold beyond the members", 8, with(8, "group government 3 gov1 gov2")),
		f("threshold with a sign", 8, with(8, "group government +1 gov1 gov2")),
		f("a group of nobody", 8, with(8, "group government all")),
		f("a name that is a word of the language", 8, strings.ReplaceAll(text, "government", "any")),
		f("carriage return", 3, with(3, lines[2]+"\r")),
		f("escape character in a comment", 2, before(2, "# \x1b[2J")),
		f("no-break space in place of a space", 2, with(2, strings.Replace(lines[1], " gov1", "\u00a0gov1", 1))),
		f("a comment at the end of a line", 8, with(8, lines[7]+" # both")),
		f("a format character in a name (U+202E)", 8, strings.ReplaceAll(text, "government", "gov\u202eernment")),
		f("the key hash is that of another key", 2, with(2, flipHash(lines[1]))),
		f("a witness with a log's key type", 2, with(2, "witness gov1 "+logKey(w.Logs[0]))),
		f("a log with a witness's key type", 1, with(1, "log "+gov.VKey.String())),
		f("an address that is none", 2, with(2, lines[1]+" ftp://example")),
		f("one word too many", 12, with(12, "quorum tripartite now")),
	}
}
