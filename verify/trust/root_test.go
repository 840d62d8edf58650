package trust_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"adamas.example/verify/canonical"
	"adamas.example/verify/internal/vectors"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

// copyRoot gives a root that can be bent without touching the world's.
func copyRoot(w *verifytest.World) *trust.Root {
	r := *w.Root
	r.Keys, r.Participants, r.Logs = slices.Clone(r.Keys), slices.Clone(r.Participants), slices.Clone(r.Logs)
	for i := range r.Participants {
		r.Participants[i].Homes = slices.Clone(r.Participants[i].Homes)
	}
	return &r
}

// TestRootRefusals bends one field of a root at a time; the error names it.
func TestRootRefusals(t *testing.T) {
	w := verifytest.New()
	if err := copyRoot(w).Check(); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 201)
	fresh := verifytest.NewSigner("former").Key
	cut := statement.Vector{Origin: "a.example/log", Size: 1, Root: canonical.Sum(nil)}
	policyText := func(from, to string) func(*trust.Root) {
		return func(r *trust.Root) { r.Logs[1].Policy = strings.ReplaceAll(r.Logs[1].Policy, from, to) }
	}
	for _, c := range []struct {
		field string
		bend  func(*trust.Root)
	}{
		{"version", func(r *trust.Root) { r.Version = 0 }},
		{"version", func(r *trust.Root) { r.Version = 2 }},
		{"prev", func(r *trust.Root) { r.Prev = canonical.Sum(nil) }},
		{"expires", func(r *trust.Root) { r.Expires = r.Issued }},
		{"expires", func(r *trust.Root) { r.Issued = -1 }},
		{"expires", func(r *trust.Root) { r.Expires = 253402300800 }},
		{"scheme", func(r *trust.Root) { r.Scheme = "" }},
		{"scheme", func(r *trust.Root) { r.Scheme = long }},
		{"keys", func(r *trust.Root) { r.Keys[0].Pillar = 0 }},
		{"keys", func(r *trust.Root) { r.Keys[0].Pillar = 4 }},
		{"keys", func(r *trust.Root) { r.Keys[0].Holder = "a\nb" }},
		{"keys", func(r *trust.Root) { r.Keys[0].Holder = "" }},
		{"keys", func(r *trust.Root) { r.Keys[0].Key = statement.Key{} }},
		{"keys", func(r *trust.Root) { r.Keys[5].Key = r.Keys[0].Key }}, // one key, two pillars
		{"keys", func(r *trust.Root) { r.Keys[1].Key = r.Keys[0].Key }}, // one key, two holders
		{"threshold", func(r *trust.Root) { r.Threshold.Civil = 0 }},
		{"threshold", func(r *trust.Root) { r.Threshold.Industry = 3 }},
		{"threshold", func(r *trust.Root) { r.Threshold.Total = 2 }},
		{"threshold", func(r *trust.Root) { r.Threshold.Total = 7 }},
		{"threshold", func(r *trust.Root) { r.Keys = r.Keys[:4] }}, // no civil society
		{"logs", func(r *trust.Root) { r.Logs[0].Origin = "other.example" }},
		{"logs", func(r *trust.Root) { r.Logs[0], r.Logs[1] = r.Logs[1], r.Logs[0] }},
		{"logs", func(r *trust.Root) { r.Logs = append(r.Logs, r.Logs[1]) }},
		{"logs", policyText("group civil any civ1 civ2\n", "")},
		{"logs", policyText("tripartite all", "tripartite 2")},
		{"logs", policyText("quorum tripartite", "quorum none")},
		{"logs", func(r *trust.Root) {
			r.Logs[1].Policy = strings.Replace(r.Logs[1].Policy, policy.LogVKey(w.Logs[1].Origin, w.Logs[1].Signer.Public()).String(),
				policy.LogVKey(w.Logs[1].Origin, w.Logs[0].Signer.Public()).String(), 1)
		}}, // two logs, one key
		{"participants", func(r *trust.Root) { r.Participants[0].Code = "ae" }},
		{"participants", func(r *trust.Root) { r.Participants[0].Code = "é" }},
		{"participants", func(r *trust.Root) { r.Participants[0].Name = "" }},
		{"participants", func(r *trust.Root) { r.Participants[0].Name = "A\u202eE" }},
		{"participants", func(r *trust.Root) { r.Participants[0].Code = "ZZ" }},
		{"participants", func(r *trust.Root) { r.Participants[0].Authority = statement.Key{} }},
		{"participants", func(r *trust.Root) { r.Participants[1].Authority = r.Participants[0].Authority }},
		{"participants", func(r *trust.Root) { r.Participants[0].Homes = nil }},
		{"participants", func(r *trust.Root) { r.Participants[0].Homes[0].Origin = "other.example" }},
		{"participants", func(r *trust.Root) { r.Participants[0].Homes[0].From, r.Participants[0].Homes[0].Until = 5, 5 }},
		{"participants", func(r *trust.Root) { r.Participants[0].Fallback = "other.example" }},
		{"participants", func(r *trust.Root) { r.Participants[0].Former = []trust.Former{{Key: fresh}} }},
		{"participants", func(r *trust.Root) {
			r.Participants[0].Former = []trust.Former{{Key: fresh, CutOff: []statement.Vector{{Origin: "a"}}}}
		}},
		{"participants", func(r *trust.Root) {
			r.Participants[0].Former = []trust.Former{{Key: r.Participants[0].Authority, CutOff: []statement.Vector{cut}}}
		}},
		// One raw key in two roles.
		{"participants", func(r *trust.Root) { r.Participants[0].Authority = r.Keys[2].Key }},
		{"participants", func(r *trust.Root) { r.Participants[0].Authority = w.Logs[0].Signer.Key }},
		{"participants", func(r *trust.Root) { r.Participants[0].Authority = w.Witnesses["civ1"].Key }},
		{"logs", func(r *trust.Root) { r.Keys[0].Key = w.Logs[0].Signer.Key }},
		{"logs", func(r *trust.Root) { r.Keys[0].Key = w.Witnesses["gov1"].Key }},
		{"logs", func(r *trust.Root) { // civ1 of one log is gov1 of the other
			p := r.Logs[1].Policy
			p = strings.ReplaceAll(p, "witness civ1 ", "witness x ")
			p = strings.ReplaceAll(p, "witness gov1 ", "witness civ1 ")
			r.Logs[1].Policy = strings.ReplaceAll(p, "witness x ", "witness gov1 ")
		}},
		{"participants", func(r *trust.Root) { r.Participants[0].Former = []trust.Former{{Key: r.Participants[0].Authority}} }},
		{"participants", func(r *trust.Root) { r.Participants[0].Former = []trust.Former{{}} }},
	} {
		r := copyRoot(w)
		c.bend(r)
		err := r.Check()
		if err == nil {
			t.Errorf("%s: accepted", c.field)
			continue
		}
		if names, _, _ := strings.Cut(err.Error(), ":"); !strings.Contains(names, c.field) {
			t.Errorf("the refusal of %s names another field: %v", c.field, err)
		}
		if _, err := r.Encode(); err == nil {
			t.Errorf("%s: Encode wrote what Check refuses", c.field)
		}
	}
}

// TestTwoWitnessesInProduction: one witness a pillar will do for a SYNTHETIC
// root only.
func TestTwoWitnessesInProduction(t *testing.T) {
	r := copyRoot(verifytest.New())
	for i := range r.Logs {
		r.Logs[i].Policy = strings.ReplaceAll(r.Logs[i].Policy, "any civ1 civ2", "any civ1")
	}
	if err := r.Check(); err != nil {
		t.Error(err)
	}
	r.Synthetic = false
	if err := r.Check(); err == nil || !strings.Contains(err.Error(), "civil") {
		t.Errorf("one witness in production: %v", err)
	}
}

// second is a valid version 2 of the world's root, bent.
func second(t testing.TB, w *verifytest.World, bend func(*trust.Root)) *trust.Root {
	t.Helper()
	r := copyRoot(w)
	b, err := w.Root.Encode()
	if err != nil {
		t.Fatal(err)
	}
	r.Version, r.Prev, r.Issued = 2, canonical.Sum(b), r.Issued+1
	if bend != nil {
		bend(r)
	}
	return r
}

// TestThreshold: version 1 is believed with the threshold of its own keys,
// each later version with that of both. One pillar can refuse.
func TestThreshold(t *testing.T) {
	w := verifytest.New()
	holders := func(numbers ...int) []string {
		var out []string
		for _, n := range numbers {
			out = append(out, w.Root.Keys[n].Holder)
		}
		return out
	}
	// Keys 0 and 1 are government's, 2 and 3 industry's, 4 and 5 civil society's.
	for _, c := range []struct {
		signed []int
		ok     bool
	}{
		{[]int{0, 1, 2, 4}, true}, {[]int{1, 3, 4, 5}, true}, {[]int{0, 1, 2, 3, 4, 5}, true},
		{[]int{0, 2, 4}, false},       // three, four are wanted
		{[]int{0, 1, 2, 3}, false},    // no civil society
		{[]int{2, 3, 4, 5}, false},    // no government
		{[]int{0, 1, 4, 5}, false},    // no industry
		{[]int{0, 0, 2, 4, 4}, false}, // a signature twice
	} {
		_, err := trust.ParseChain([][]byte{w.SignRoot(w.Root, holders(c.signed...)...)}, canonical.Hash{})
		if (err == nil) != c.ok {
			t.Errorf("signed by %v: %v", c.signed, err)
		}
	}
	payload, err := w.Root.Encode()
	if err != nil {
		t.Fatal(err)
	}
	bare, err := trust.Assemble(payload, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := trust.ParseChain([][]byte{bare}, canonical.Hash{}); err == nil {
		t.Error("a root that nobody signed is believed")
	}
	if _, err := trust.ParseChain(nil, canonical.Hash{}); err == nil {
		t.Error("an empty chain is believed")
	}
}

// TestChain follows a change of keys from version 1 to version 2.
func TestChain(t *testing.T) {
	w := verifytest.New()
	fresh := verifytest.NewSigner("SYNTHETIC civil body 3")
	w.Pillars["SYNTHETIC civil body 3"] = fresh
	r2 := second(t, w, func(r *trust.Root) {
		r.Keys[5] = trust.RootKey{Pillar: policy.Civil, Holder: "SYNTHETIC civil body 3", Key: fresh.Key}
	})
	all := []string{}
	for _, k := range r2.Keys {
		all = append(all, k.Holder)
	}
	first := w.Roots[0]
	chain, err := trust.ParseChain([][]byte{first, w.SignRoot(r2, all...)}, canonical.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	if chain.Current().Version != 2 || len(chain.Fingerprints) != 2 || chain.Fingerprints[0] != r2.Prev {
		t.Errorf("%+v", chain.Fingerprints)
	}
	for i, pin := range chain.Fingerprints {
		if _, err := trust.ParseChain([][]byte{first, w.SignRoot(r2, all...)}, pin); err != nil {
			t.Errorf("pin of version %d: %v", i+1, err)
		}
	}
	if _, err := trust.ParseChain([][]byte{first}, chain.Fingerprints[1]); err == nil || !strings.Contains(err.Error(), "pinned") {
		t.Errorf("a chain without the pinned root: %v", err)
	}
	civil1, civil2, civil3 := "SYNTHETIC civil body 1", "SYNTHETIC civil body 2", "SYNTHETIC civil body 3"
	government := []string{"SYNTHETIC government body 1", "SYNTHETIC government body 2", "SYNTHETIC industry body 1", "SYNTHETIC industry body 2"}
	for why, c := range map[string]struct {
		root    *trust.Root
		holders []string
		ok      bool
	}{
		"the old civil key of both versions":        {r2, append(slices.Clone(government), civil1), true},
		"only the new civil key":                    {r2, append(slices.Clone(government), civil3), false},
		"the key that is being removed, and no new": {r2, append(slices.Clone(government), civil2), false},
		"the removed and the new":                   {r2, append(slices.Clone(government), civil2, civil3), true},
		"version 3":                                 {second(t, w, func(r *trust.Root) { r.Version = 3 }), nil, false},
		"another predecessor":                       {second(t, w, func(r *trust.Root) { r.Prev[0] ^= 1 }), nil, false},
		"issued before its predecessor":             {second(t, w, func(r *trust.Root) { r.Issued -= 2 }), nil, false},
		"no longer synthetic":                       {second(t, w, func(r *trust.Root) { r.Synthetic = false }), nil, false},
	} {
		_, err := trust.ParseChain([][]byte{first, w.SignRoot(c.root, c.holders...)}, canonical.Hash{})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", why, err)
		}
	}
	if _, err := trust.ParseChain([][]byte{w.SignRoot(r2, all...)}, canonical.Hash{}); err == nil {
		t.Error("a chain that begins with version 2 is believed")
	}
}

// TestSignatures bends the list of signatures: all that stand there must be
// true, named, of a root, detached, ascending, each once.
func TestSignatures(t *testing.T) {
	w := verifytest.New()
	payload, err := w.Root.Encode()
	if err != nil {
		t.Fatal(err)
	}
	sign := func(holder, content string, detached bool) []byte {
		return w.Pillars[holder].Sign(content, payload, detached)
	}
	var good [][]byte
	for _, k := range w.Root.Keys {
		good = append(good, sign(k.Holder, statement.ContentRoot, true))
	}
	slices.SortFunc(good, func(a, b []byte) int { return bytes.Compare(idOf(t, a), idOf(t, b)) })
	wrap := func(sigs ...[]byte) []byte {
		b, err := canonical.Marshal([]any{payload, sigs})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if _, err := trust.ParseChain([][]byte{wrap(good...)}, canonical.Hash{}); err != nil {
		t.Fatal(err)
	}
	stranger := verifytest.NewSigner("stranger").Sign(statement.ContentRoot, payload, true)
	other := w.Pillars[w.Root.Keys[0].Holder].Sign(statement.ContentRoot, append(bytes.Clone(payload), 0), true)
	for why, sigs := range map[string][][]byte{
		"one twice":          append([][]byte{good[0]}, good...),
		"descending":         {good[1], good[0], good[2], good[3], good[4], good[5]},
		"a stranger's":       insert(t, good, stranger),
		"one of other bytes": replace(t, good, other),
		"one of an approval": replace(t, good, sign(w.Root.Keys[0].Holder, statement.ContentApproval, true)),
		"one that carries":   replace(t, good, sign(w.Root.Keys[0].Holder, statement.ContentRoot, false)),
		"one that is none":   append(slices.Clone(good), []byte("signature")),
	} {
		if _, err := trust.ParseChain([][]byte{wrap(sigs...)}, canonical.Hash{}); err == nil || !strings.Contains(err.Error(), "signature") {
			t.Errorf("%s: %v", why, err)
		}
	}
}

func idOf(t *testing.T, b []byte) []byte {
	t.Helper()
	s, err := statement.ParseSign1(b)
	if err != nil {
		t.Fatal(err)
	}
	return s.KeyID[:]
}

func insert(t *testing.T, sigs [][]byte, more []byte) [][]byte {
	out := append(slices.Clone(sigs), more)
	slices.SortFunc(out, func(a, b []byte) int { return bytes.Compare(idOf(t, a), idOf(t, b)) })
	return out
}

// replace puts sig in the place of the signature by the same key.
func replace(t *testing.T, sigs [][]byte, sig []byte) [][]byte {
	out := slices.Clone(sigs)
	for i := range out {
		if bytes.Equal(idOf(t, out[i]), idOf(t, sig)) {
			out[i] = sig
		}
	}
	return out
}

// TestEveryByteIsBound changes every byte of a chain of two roots in turn.
func TestEveryByteIsBound(t *testing.T) {
	w := verifytest.New()
	// Four signatures: none can be lost.
	holders := []string{w.Root.Keys[0].Holder, w.Root.Keys[1].Holder, w.Root.Keys[2].Holder, w.Root.Keys[4].Holder}
	b := w.SignRoot(w.Root, holders...)
	for i := range b {
		// A root is long: one mask a byte, another for each.
		bad := bytes.Clone(b)
		bad[i] ^= 1 << (i % 8)
		if _, err := trust.ParseChain([][]byte{bad}, canonical.Hash{}); err == nil {
			t.Errorf("byte %d xor %02x is believed", i, 1<<(i%8))
		}
	}
	r2 := w.SignRoot(second(t, w, nil), holders...)
	for _, bad := range [][][]byte{{b, r2, r2}, {r2, b}, {b, b}} {
		if _, err := trust.ParseChain(bad, canonical.Hash{}); err == nil {
			t.Errorf("a chain of %d in another order is believed", len(bad))
		}
	}
	if _, err := trust.ParseChain([][]byte{b, r2}, canonical.Hash{}); err != nil {
		t.Error(err)
	}
}

// FuzzParseChain: nothing panics, and only roots that the pillars signed are
// believed.
func FuzzParseChain(f *testing.F) {
	w := verifytest.New()
	first := w.Roots[0]
	f.Add(first, []byte(nil))
	f.Add(first, w.SignRoot(second(f, w, nil)))
	f.Add([]byte("\x82\x40\x80"), []byte("\x82\x41\xa0\x81\x40"))
	for _, v := range vectors.Statements() {
		f.Add([]byte(v.Statement), []byte(v.Payload))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		signed := [][]byte{a}
		if len(b) > 0 {
			signed = append(signed, b)
		}
		chain, err := trust.ParseChain(signed, canonical.Hash{})
		if err != nil {
			return
		}
		for i, r := range chain.Roots {
			payload, err := r.Encode()
			if err != nil || canonical.Sum(payload) != chain.Fingerprints[i] {
				t.Fatalf("root %d is written otherwise (%v)", i+1, err)
			}
			if !bytes.Contains(signed[i], payload) {
				t.Fatalf("root %d is not what was signed", i+1)
			}
		}
	})
}
