package paper_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"adamas.example/verify"
	"adamas.example/verify/paper"
	"adamas.example/verify/proof"
	"adamas.example/verify/verifytest"
)

const site = "HTTPS://V.KP.EXAMPLE"

// TestTexts: what is written is read again, however it was copied.
func TestTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 1, 600).Draw(t, "content")
		k := rapid.SampledFrom([]paper.Kind{paper.Certificate, paper.Receipt, paper.Proof}).Draw(t, "kind")
		text := k.Text(site, content)
		for _, copied := range []string{text, strings.ToLower(text), " " + text + "\n", text[:len(text)/2] + "\r\n " + text[len(text)/2:], text[len(site):], text[len(site)+1:]} {
			kind, got, err := paper.Read(copied)
			if err != nil || kind != k || !bytes.Equal(got, content) {
				t.Fatalf("%q: %c %x %v", copied, kind, got, err)
			}
		}
		if len(content) > 100 && len(paper.Digits(content)) > len(content)*5/2 {
			t.Fatalf("%d digits for %d bytes", len(paper.Digits(content)), len(content))
		}
	})
}

func TestRefused(t *testing.T) {
	good := paper.Certificate.Text(site, []byte("0123456789"))
	for _, text := range []string{"", "#", "C", "C#", site, site + "/C", site + "/X#" + paper.Digits([]byte("a")), "ABC#" + paper.Digits([]byte("a")),
		"C#0" + paper.Digits([]byte("a")), "C#-1", "C#1", "C#12", "C#½", good + "x", good[:len(good)-1], good + "0",
		"C#" + strings.Repeat("9", 8000)} {
		if _, _, err := paper.Read(text); !errors.Is(err, paper.ErrText) {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

// TestDamaged: one of ours that was cut short is told from what is none of ours.
func TestDamaged(t *testing.T) {
	good := paper.Certificate.Text(site, []byte("0123456789"))
	for text, damaged := range map[string]bool{good[:len(good)-1]: true, good[:len(site)+3]: true, good + "x": true, site + "/X#1": false, "no code": false} {
		if _, _, err := paper.Read(text); errors.Is(err, paper.ErrDamaged) != damaged || !errors.Is(err, paper.ErrText) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(paper.Certificate.Text(site, []byte("0123456789")))
	f.Add("P#257")
	f.Fuzz(func(t *testing.T, text string) {
		k, content, err := paper.Read(text)
		if err != nil {
			return
		}
		if again, same, err := paper.Read(k.Text(site, content)); err != nil || again != k || !bytes.Equal(same, content) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

// TestBundle: the two codes of a paper are judged as the file is, but for the facts
// that are not on them.
func TestBundle(t *testing.T) {
	w := verifytest.New()
	o := w.Offices["CF/bangui"]
	b := o.Record(o.Sign(o.Draft("AE", verifytest.Start+60)), verifytest.Start+70)
	other := o.Record(o.Sign(o.Draft("AE", verifytest.Start+61)), verifytest.Start+71)
	p := w.ParsedPack(verifytest.Start + 3600)
	compact := func(of []byte) []byte {
		full, err := proof.Parse(string(of))
		if err != nil {
			t.Fatal(err)
		}
		small, err := full.Compact(p.Log("cf.kp.example/2026").Policy)
		if err != nil {
			t.Fatal(err)
		}
		return small
	}
	ask := verify.Options{At: time.Unix(verifytest.Start+3700, 0)}
	for _, c := range []struct {
		name          string
		signed, proof []byte
		outcome       verify.Outcome
		code, reason  string
		state         string
	}{
		{name: "both", signed: b.Statement, proof: compact(b.Proof), outcome: verify.Valid, state: "witnessed"},
		{name: "the first alone: the pack has it", signed: b.Statement, outcome: verify.Valid, state: "witnessed"},
		{name: "another's proof", signed: b.Statement, proof: compact(other.Proof), outcome: verify.Invalid, code: "record.proof", reason: "false_checkpoint"},
	} {
		got, err := paper.Bundle(p, c.signed, c.proof)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		v := verify.New(p).Verify(got, ask)
		if v.Outcome != c.outcome || c.state != "" && v.State != c.state {
			t.Errorf("%s: %s %s %+v", c.name, v.Outcome, v.State, v.Failed())
		}
		if f := v.Failed(); c.code != "" && (f == nil || string(f.Code) != c.code || f.Reason != c.reason) {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}
