package message_test

import (
	"bytes"
	"strings"
	"testing"

	"adamas.example/verify/canonical"
	"adamas.example/verify/internal/vectors"
	"adamas.example/verify/message"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// TestVectors: each reads back as it was written, and its signature is true for
// this payload alone.
func TestVectors(t *testing.T) {
	all := vectors.Messages()
	for i, v := range all {
		s, err := message.Parse(v.Message)
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		again, err := s.Encode()
		if err != nil || !bytes.Equal(again, v.Payload) {
			t.Errorf("%s is written back otherwise: %v", v.Name, err)
		}
		key := vectors.Ed25519(v.Key).Key
		if strings.HasSuffix(v.Key, "(ES256)") {
			key = vectors.P256("office CF/bangui").Key
		}
		k, err := key.Verifier()
		if err != nil {
			t.Fatal(err)
		}
		other := all[(i+1)%len(all)].Payload
		if !s.Signature.VerifiedOver(k, s.Payload) || s.Signature.VerifiedOver(k, other) {
			t.Errorf("%s: the signature binds something else", v.Name)
		}
		if _, err := statement.Parse(v.Signature); err == nil {
			t.Errorf("%s: its signature passes for a statement", v.Name)
		}
	}
}

// TestRefused: what is not well formed, by the field that is wrong.
func TestRefused(t *testing.T) {
	o := verifytest.New().Offices["CF/bangui"]
	b := o.Sign(o.Draft("AE", verifytest.Start))
	file, err := b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	good := func() *message.Message {
		return &message.Message{Version: 1, ID: message.ID{1}, From: "CF/bangui", To: "AE/dubai", Time: verifytest.Start, Kind: message.Notice, Synthetic: true,
			Statements: [][]byte{b.Statement}, Bundles: [][]byte{file}, Note: "SYNTHETIC"}
	}
	if err := good().Check(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(m *message.Message){
		"version 2":               func(m *message.Message) { m.Version = 2 },
		"id: missing":             func(m *message.Message) { m.ID = message.ID{} },
		"from:":                   func(m *message.Message) { m.From = "Bangui" },
		"to:":                     func(m *message.Message) { m.To = "AE/Dubai" },
		"one office":              func(m *message.Message) { m.To = m.From },
		"time:":                   func(m *message.Message) { m.Time = 0 },
		"kind: 0":                 func(m *message.Message) { m.Kind = 0 },
		"kind: 256":               func(m *message.Message) { m.Kind = 256 },
		"note:":                   func(m *message.Message) { m.Note = "two\nlines" },
		"1001 bytes":              func(m *message.Message) { m.Note = strings.Repeat("x", 1001) },
		"all are missing":         func(m *message.Message) { m.Note, m.Statements, m.Bundles = "", nil, nil },
		"answers: an acknowledge": func(m *message.Message) { m.Kind = message.Acknowledgement },
		"answers: is the message": func(m *message.Message) { m.Answers = m.ID },
		"statement 2":             func(m *message.Message) { m.Statements = append(m.Statements, []byte("x")) },
		"bundle 1":                func(m *message.Message) { m.Bundles[0] = b.Statement },
		"statement 1: synthetic":  func(m *message.Message) { m.Synthetic = false },
		"bundle 1: statement: synthetic": func(m *message.Message) {
			m.Synthetic, m.Statements = false, nil
		},
		"65 statements": func(m *message.Message) { m.Statements = make([][]byte, 65) },
	} {
		m := good()
		change(m)
		if err := m.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if _, err := m.Encode(); err == nil {
			t.Errorf("%q is written", want)
		}
		raw, err := canonical.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := message.ParsePayload(raw); err == nil {
			t.Errorf("%q is read", want)
		}
	}
}

// TestTooLarge: the bound holds for writer and reader.
func TestTooLarge(t *testing.T) {
	if _, err := message.Parse(make([]byte, message.MaxSize+1)); err == nil {
		t.Error("read")
	}
	if _, err := message.ParsePayload(make([]byte, message.MaxSize)); err == nil {
		t.Error("read")
	}
}

// FuzzParse: what is accepted is written back as the same bytes.
func FuzzParse(f *testing.F) {
	for _, v := range vectors.Messages() {
		f.Add([]byte(v.Message))
	}
	f.Add([]byte("\x82\x40\x40"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := message.Parse(b)
		if err != nil {
			return
		}
		payload, err := s.Encode()
		if err != nil || !bytes.Equal(payload, s.Payload) {
			t.Fatalf("the payload %x is written back as %x (%v)", s.Payload, payload, err)
		}
		if s.Kind.String() == "" || s.From == s.To {
			t.Fatalf("%+v", s.Message)
		}
	})
}
