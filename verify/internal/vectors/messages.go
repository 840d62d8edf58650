package vectors

import (
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/message"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// MessageVector is a message between offices with every step to it, as far as it
// is signed. How it is then encrypted is age's (age-encryption.org/v1).
type MessageVector struct {
	Name         string `json:"name"`
	Key          string `json:"key"`
	Payload      Hex    `json:"payload"`
	PayloadText  string `json:"payload_diagnostic,omitempty"`
	SigStructure Hex    `json:"sig_structure"`
	Signature    Hex    `json:"signature"`      // the detached COSE_Sign1
	Message      Hex    `json:"signed_message"` // what is encrypted
}

func messages(whole *bundle.Bundle, d *verifytest.Draft) []MessageVector {
	file := must(whole.Encode())
	cf, ae := Ed25519("office CF/bangui"), Ed25519("office AE/dubai")
	st := verifytest.NewSigner("office AE/dubai").Statement(statement.Header{Issuer: "AE/dubai", IssuedAt: verifytest.Start + 100, Subject: "snapshot", Synthetic: true},
		&statement.Snapshot{Logs: []statement.Vector{{Origin: "ae.kp.example/2026", Size: 1, Root: canonical.Sum([]byte("x"))}}, Digest: canonical.Sum([]byte("y")), Count: 1})
	id := func(text string) message.ID {
		h := canonical.Sum([]byte("SYNTHETIC " + text))
		return message.ID(h[:16])
	}
	var out []MessageVector
	for _, v := range []struct {
		name string
		by   Signer
		m    message.Message
	}{
		{"advice with a bundle", cf, message.Message{ID: id("advice"), From: "CF/bangui", To: "AE/dubai", Kind: message.Advice, Bundles: [][]byte{file}, Note: "SYNTHETIC: before arrival"}},
		{"confirmation with a statement", ae, message.Message{ID: id("confirmation"), From: "AE/dubai", To: "CF/bangui", Kind: message.Confirmation, Statements: [][]byte{st}, Answers: id("advice")}},
		{"acknowledgement", ae, message.Message{ID: id("acknowledgement"), From: "AE/dubai", To: "CF/bangui", Kind: message.Acknowledgement, Answers: id("advice")}},
		{"notice (ES256)", P256("office CF/bangui"), message.Message{ID: id("notice"), From: "CF/bangui", To: "AE/dubai", Kind: message.Notice, Note: "SYNTHETIC"}},
	} {
		v.m.Version, v.m.Time, v.m.Synthetic = message.Version, d.Header.IssuedAt, true
		payload := must(v.m.Encode())
		signed, structure, _ := v.by.Sign(statement.ContentMessage, payload, true)
		mv := MessageVector{Name: v.name, Key: v.by.Name, Payload: payload, SigStructure: structure, Signature: signed, Message: must(message.Join(payload, signed))}
		if len(payload) < 512 {
			mv.PayloadText = diagnose(payload)
		}
		out = append(out, mv)
	}
	return out
}

// Messages gives the vectors of messages.
func Messages() []MessageVector {
	w := verifytest.New()
	cf := w.Offices["CF/bangui"]
	d := cf.Draft("AE", verifytest.Start+7200)
	return messages(cf.Record(cf.Sign(d), verifytest.Start+7260), d)
}
