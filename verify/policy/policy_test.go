package policy_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"filippo.io/torchwood"
	f_log "github.com/transparency-dev/formats/log"
	f_note "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"adamas.example/verify/internal/vectors"
	"adamas.example/verify/policy"
	"adamas.example/verify/verifytest"
)

func parse(t testing.TB, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestForeignersAcceptOurs: the policies and cosigned checkpoints that we
// accept are accepted by both foreign libraries, and what lacks a pillar is
// refused by all three.
func TestForeignersAcceptOurs(t *testing.T) {
	w := verifytest.New()
	l := w.Logs[1]
	text := w.Policy(l)
	pol := parse(t, text)
	tw, err := torchwood.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal("torchwood:", err)
	}
	fg, err := witness.ParsePolicy([]byte(addresses(text)))
	if err != nil {
		t.Fatal("formats:", err)
	}
	logVerifier, err := note.NewVerifier(pol.Log.String())
	if err != nil {
		t.Fatal("note:", err)
	}
	rapid.Check(t, func(t *rapid.T) {
		labels := []string{}
		for _, label := range verifytest.WitnessLabels {
			if rapid.Bool().Draw(t, label) {
				labels = append(labels, label)
			}
		}
		cp := l.Checkpoint(rapid.Int64Range(0, int64(len(l.Leaves))).Draw(t, "size"), verifytest.Start+60, labels...)
		c, err := policy.ParseCheckpoint(cp)
		if err != nil {
			t.Fatal(err)
		}
		if c.String() != cp {
			t.Fatalf("read %q, writes %q", cp, c)
		}
		co, err := pol.Check(c)
		if err != nil && !errors.Is(err, policy.ErrQuorum) {
			t.Fatal(err)
		}
		foreign, _, twErr := torchwood.VerifyCheckpoint([]byte(cp), tw)
		if (twErr == nil) != (err == nil) || fg.Satisfied([]byte(cp)) != (err == nil) {
			t.Fatalf("%v: we say %v, torchwood %v, formats %t", labels, err, twErr, fg.Satisfied([]byte(cp)))
		}
		fc, rest, _, err2 := f_log.ParseCheckpoint([]byte(cp), l.Origin, logVerifier)
		if err2 != nil || len(rest) != 0 || fc.Size != uint64(c.Size) || !bytes.Equal(fc.Hash, c.Root[:]) {
			t.Fatalf("formats reads %v: %v", fc, err2)
		}
		if err == nil && (foreign.N != c.Size || [32]byte(foreign.Hash) != c.Root || foreign.Origin != c.Origin || len(co.Witnesses) != len(labels)) {
			t.Fatalf("torchwood reads %v, we %v", foreign, c)
		}
	})
}

// TestVKeys compares our key texts and cosignature messages with the foreign
// libraries' own.
func TestVKeys(t *testing.T) {
	w := verifytest.New()
	l := w.Logs[1]
	for _, label := range verifytest.WitnessLabels {
		wit := w.Witnesses[label]
		tv, err := torchwood.NewCosignatureVerifier(wit.VKey.String())
		if err != nil || tv.KeyHash() != wit.VKey.Hash || tv.Name() != wit.VKey.Name || tv.String() != wit.VKey.String() {
			t.Errorf("%s: torchwood reads %v: %v", label, tv, err)
		}
		fv, err := f_note.NewVerifierForCosignatureV1(wit.VKey.String())
		if err != nil || fv.KeyHash() != wit.VKey.Hash {
			t.Errorf("%s: formats: %v", label, err)
		}
		// A cosignature made by torchwood is one of ours.
		signer, err := torchwood.NewCosignatureSigner(wit.VKey.Name, wit.Private)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := note.Sign(&note.Note{Text: l.Body(3)}, signer)
		if err != nil {
			t.Fatal(err)
		}
		line := string(signed[len(l.Body(3))+1:])
		others := slices.DeleteFunc(slices.Clone(verifytest.WitnessLabels), func(o string) bool { return o == label })
		c, err := policy.ParseCheckpoint(l.Checkpoint(3, verifytest.Start, others...) + line)
		if err != nil {
			t.Fatal(err)
		}
		if co, err := parse(t, w.Policy(l)).Check(c); err != nil || co.Witnesses[label] == 0 {
			t.Errorf("%s: torchwood's cosignature: %v", label, err)
		}
	}
	for _, bad := range []string{"", "a", "a+b", "a+00000000+AAAA", "+aabbccdd+AAAA", "a b+00000000+AAAA",
		strings.ToUpper(w.Witnesses["gov1"].VKey.String()), w.Witnesses["gov1"].VKey.String() + "\r", w.Witnesses["gov1"].VKey.String() + "="} {
		if k, err := policy.ParseVKey(bad); err == nil {
			t.Errorf("%q was read as %v", bad, k)
		}
	}
}

// TestCheckRefuses bends a checkpoint that would pass.
func TestCheckRefuses(t *testing.T) {
	w := verifytest.New()
	l := w.Logs[1]
	pol := parse(t, w.Policy(l))
	const at = verifytest.Start + 60
	body := l.Body(4)
	lines := strings.SplitAfter(strings.TrimPrefix(l.Checkpoint(4, at), body+"\n"), "\n")[:4] // log, gov1, ind1, civ1
	sign := func(lines ...string) string { return body + "\n" + strings.Join(lines, "") }
	stranger := verifytest.Witness{Signer: verifytest.NewSigner("stranger")}
	stranger.VKey = policy.WitnessVKey("stranger.example/w", stranger.Public())
	plain := policy.SignatureLine{Name: w.Witnesses["gov1"].VKey.Name, Hash: w.Witnesses["gov1"].VKey.Hash, Sig: make([]byte, 64)}
	zero := w.Witnesses["gov1"].Cosign(body, 0)
	far := w.Witnesses["gov1"].Cosign(body, 253402300800)
	late := w.Witnesses["gov2"].Cosign(body, at-10)
	late.Sig[7]++ // says one second later than was signed
	for _, c := range []struct {
		why  string
		text string
		want error
	}{
		{"log's signature missing", sign(lines[1:]...), policy.ErrSignature},
		{"log's signature twice", sign(lines[0], lines[0], lines[1], lines[2], lines[3]), policy.ErrSignature},
		{"a cosignature twice", sign(lines[0], lines[1], lines[1], lines[2], lines[3]), policy.ErrSignature},
		{"a witness signs twice at different times", sign(append(lines, w.Witnesses["gov1"].Cosign(body, at+1).String())...), policy.ErrSignature},
		{"an unknown witness more", sign(append(lines, stranger.Cosign(body, at).String())...), policy.ErrUnknownSigner},
		{"no government", sign(lines[0], lines[2], lines[3]), policy.ErrQuorum},
		{"no witness", sign(lines[0]), policy.ErrQuorum},
		{"a cosignature without time", sign(lines[0], plain.String(), lines[2], lines[3]), policy.ErrSignature},
		{"a cosignature at time 0", sign(lines[0], zero.String(), lines[2], lines[3]), policy.ErrSignature},
		{"a cosignature in the year 10000", sign(lines[0], far.String(), lines[2], lines[3]), policy.ErrSignature},
		{"a time that was not signed", sign(append(lines, late.String())...), policy.ErrSignature},
		{"another log", w.Logs[0].Checkpoint(1, at), policy.ErrOrigin},
		{"the body of another size", strings.Replace(sign(lines...), "\n4\n", "\n5\n", 1), policy.ErrSignature},
	} {
		cp, err := policy.ParseCheckpoint(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		if _, err := pol.Check(cp); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.why, err, c.want)
		}
	}
	// The order of the lines says nothing.
	cp, err := policy.ParseCheckpoint(sign(lines[3], lines[0], lines[1], lines[2]))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pol.Check(cp); err != nil {
		t.Error("lines in another order:", err)
	}
	// A quorum that is missed still says who has cosigned, for the page.
	cp, err = policy.ParseCheckpoint(sign(lines[0], lines[2]))
	if err != nil {
		t.Fatal(err)
	}
	if co, err := pol.Check(cp); co == nil || co.Time != 0 || co.Witnesses["ind1"] != at || !strings.Contains(err.Error(), "government, civil") {
		t.Errorf("%+v %v", co, err)
	}
}

// TestQuorumTime: freshness is the oldest time of the quorum that speaks best
// for it (design.md §6).
func TestQuorumTime(t *testing.T) {
	w := verifytest.New()
	l := w.Logs[1]
	for _, c := range []struct {
		threshold string
		times     map[string]int64
		want      int64
	}{
		{"any", map[string]int64{"gov1": 10, "gov2": 20, "ind1": 30, "civ1": 40}, 20},
		{"any", map[string]int64{"gov1": 50, "ind1": 30, "ind2": 60, "civ1": 40}, 40},
		{"all", map[string]int64{"gov1": 10, "gov2": 20, "ind1": 30, "ind2": 30, "civ1": 40, "civ2": 40}, 10},
		{"2", map[string]int64{"gov1": 15, "gov2": 20, "ind1": 30, "ind2": 30, "civ1": 40, "civ2": 11}, 11},
	} {
		text := w.Policy(l)
		for _, g := range policy.Pillars {
			text = strings.Replace(text, "group "+g.String()+" any", "group "+g.String()+" "+c.threshold, 1)
		}
		cp := l.Checkpoint(2, 1, []string{}...)
		for _, label := range verifytest.WitnessLabels {
			if at := c.times[label]; at != 0 {
				cp += w.Witnesses[label].Cosign(l.Body(2), at).String()
			}
		}
		parsed, err := policy.ParseCheckpoint(cp)
		if err != nil {
			t.Fatal(err)
		}
		co, err := parse(t, text).Check(parsed)
		if err != nil || co.Time != c.want {
			t.Errorf("%v: %+v, want %d (%v)", c, co, c.want, err)
		}
	}
}

// TestTripartite refuses policies whose quorum is not all three pillars.
func TestTripartite(t *testing.T) {
	w := verifytest.New()
	text := w.Policy(w.Logs[1])
	if err := parse(t, text).Tripartite(2); err != nil {
		t.Error(err)
	}
	for why, p := range map[string]string{
		"three of each wanted":       text,
		"two of three pillars":       strings.Replace(text, "tripartite all", "tripartite 2", 1),
		"any of three":               strings.Replace(text, "tripartite all", "tripartite any", 1),
		"a pillar by another name":   strings.ReplaceAll(text, "civil", "ngos"),
		"only two groups":            strings.Replace(text, "all government industry civil", "all government industry", 1),
		"the quorum is one witness":  strings.Replace(text, "quorum tripartite", "quorum gov1", 1),
		"the quorum is one pillar":   strings.Replace(text, "quorum tripartite", "quorum civil", 1),
		"a witness in place of one":  strings.Replace(strings.Replace(text, "group civil any civ1 civ2\n", "", 1), "industry civil", "industry civ1", 1),
		"a group inside a pillar":    strings.Replace(text, "group civil any civ1 civ2", "group ngos any civ1\ngroup civil any ngos civ2", 1),
		"one witness in some pillar": strings.Replace(text, "any civ1 civ2", "any civ1", 1),
	} {
		least := 2
		if why == "three of each wanted" {
			least = 3
		}
		if err := parse(t, p).Tripartite(least); err == nil {
			t.Errorf("%s: accepted", why)
		}
	}
	pol := parse(t, text)
	for i, label := range verifytest.WitnessLabels {
		if p, ok := pol.PillarOf(label); !ok || p != policy.Pillars[i/2] {
			t.Errorf("%s stands in %v", label, p)
		}
	}
	if _, ok := pol.PillarOf("nobody"); ok {
		t.Error("a stranger has a pillar")
	}
}

// TestKeyHashesAreUnique finds two keys with one 32-bit hash (a birthday, not
// a break) and holds that a policy refuses the second: a compact proof names a
// key by this hash alone.
func TestKeyHashesAreUnique(t *testing.T) {
	w := verifytest.New()
	text := w.Policy(w.Logs[1])
	seen := map[uint32]int{}
	for n := 0; ; n++ {
		k := nth(n)
		other, ok := seen[k.Hash]
		if !ok {
			seen[k.Hash] = n
			continue
		}
		lines := strings.Split(text, "\n")
		lines[1], lines[2] = fmt.Sprintf("witness gov1 %s", nth(other)), fmt.Sprintf("witness gov2 %s", k)
		_, err := policy.Parse(strings.Join(lines, "\n"))
		if err == nil || !strings.Contains(err.Error(), "policy line 3") || !strings.Contains(err.Error(), "key hash") {
			t.Errorf("two keys with hash %08x: %v", k.Hash, err)
		}
		return
	}
}

// nth makes a verifier key that nobody can sign with.
func nth(n int) policy.VKey {
	raw := make([]byte, 32)
	raw[0], raw[1], raw[2] = byte(n)+2, byte(n>>8), byte(n>>16) // 0 and 1 are points of small order
	return policy.WitnessVKey(fmt.Sprintf("w%d.example/w", n), raw)
}

// TestLimits: 64 witnesses and 64 groups, and no more.
func TestLimits(t *testing.T) {
	w := verifytest.New()
	var b strings.Builder
	b.WriteString(strings.SplitAfter(w.Policy(w.Logs[1]), "\n")[0])
	for n := range 64 {
		fmt.Fprintf(&b, "witness w%d %s\n", n, nth(n))
	}
	full := b.String() + "group g0 any w0\n"
	for n := range 63 {
		full += fmt.Sprintf("group g%d any g%d\n", n+1, n)
	}
	if p := parse(t, full+"quorum g63\n"); len(p.Witnesses) != 64 {
		t.Errorf("%d witnesses", len(p.Witnesses))
	}
	if _, err := policy.Parse(full + "group g64 any g63\nquorum g64\n"); err == nil {
		t.Error("a 65th group was accepted")
	}
	if _, err := policy.Parse(b.String() + fmt.Sprintf("witness w64 %s\nquorum w64\n", nth(64))); err == nil {
		t.Error("a 65th witness was accepted")
	}
	if _, err := policy.Parse("#" + strings.Repeat("x", 1<<16) + "\n" + full + "quorum g63\n"); err == nil || !strings.Contains(err.Error(), "bytes") {
		t.Errorf("a policy of 70 KB: %v", err)
	}
}

// TestEveryByteIsBound changes every byte of a cosigned checkpoint in turn.
func TestEveryByteIsBound(t *testing.T) {
	w := verifytest.New()
	pol := parse(t, w.Policy(w.Logs[1]))
	cp := w.Logs[1].Checkpoint(6, verifytest.Start, verifytest.WitnessLabels...)
	for i := range len(cp) {
		for _, m := range []byte{0x01, 0x02, 0x20, 0x80} {
			bad := []byte(cp)
			bad[i] ^= m
			c, err := policy.ParseCheckpoint(string(bad))
			if err != nil {
				continue
			}
			if _, err := pol.Check(c); err == nil {
				t.Errorf("byte %d (%q) xor %02x still passes", i, cp[i], m)
			}
		}
	}
}

// FuzzParse: no text panics, a fault names its line and a way out, and what we
// accept the foreign parsers accept too.
func FuzzParse(f *testing.F) {
	w := verifytest.New()
	f.Add(w.Policy(w.Logs[1]))
	f.Add(addresses(w.Policy(w.Logs[0])))
	for _, p := range vectors.PolicyFaults(w) {
		f.Add(p.Text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := policy.Parse(text)
		if err != nil {
			fault, ok := errors.AsType[*policy.Fault](err)
			if !ok || fault.Line < 1 || fault.Reason == "" || fault.Remedy == "" {
				t.Fatalf("no proper fault: %v", err)
			}
			return
		}
		_ = p.Tripartite(1)
		if _, err := torchwood.ParsePolicy([]byte(text)); err != nil {
			t.Fatalf("we accept, torchwood says %v", err)
		}
		for _, wit := range p.Witnesses {
			if _, err := url.Parse(wit.URL); err != nil {
				return
			}
		}
		if _, err := witness.ParsePolicy([]byte(addresses(text))); err != nil {
			t.Fatalf("we accept, formats says %v", err)
		}
	})
}

// FuzzParseVKey: what is read is written back the same.
func FuzzParseVKey(f *testing.F) {
	w := verifytest.New()
	for _, label := range verifytest.WitnessLabels {
		f.Add(w.Witnesses[label].VKey.String())
	}
	f.Add(strings.Fields(w.Policy(w.Logs[1]))[1])
	f.Fuzz(func(t *testing.T, s string) {
		k, err := policy.ParseVKey(s)
		if err == nil && k.String() != s {
			t.Fatalf("read %q, writes %q", s, k)
		}
	})
}

// FuzzParseCheckpoint holds the same, and that what passes the policy passes
// torchwood.
func FuzzParseCheckpoint(f *testing.F) {
	w := verifytest.New()
	l := w.Logs[1]
	pol := parse(f, w.Policy(l))
	tw, err := torchwood.ParsePolicy([]byte(w.Policy(l)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(l.Checkpoint(6, verifytest.Start))
	f.Add(l.Checkpoint(0, verifytest.Start, verifytest.WitnessLabels...))
	f.Add(w.Logs[0].Checkpoint(2, verifytest.Start, "civ1"))
	f.Fuzz(func(t *testing.T, text string) {
		c, err := policy.ParseCheckpoint(text)
		if err != nil {
			return
		}
		if c.String() != text {
			t.Fatalf("read %q, writes %q", text, c)
		}
		if _, err := pol.Check(c); err != nil {
			return
		}
		if _, _, err := torchwood.VerifyCheckpoint([]byte(text), tw); err != nil {
			t.Fatalf("we accept, torchwood says %v", err)
		}
	})
}
