package proof_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"filippo.io/torchwood"
	f_proof "github.com/transparency-dev/formats/proof"
	m_proof "github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
	"adamas.example/verify/verifytest"
)

// at is the time of all cosignatures.
const at = verifytest.Start + 60

// grown is the world's second log with n entries, and its policy.
func grown(t testing.TB, n int) (*verifytest.Log, *policy.Policy, string) {
	t.Helper()
	w := verifytest.New()
	l := w.Logs[1]
	for len(l.Leaves) < n {
		l.Append([]byte{byte(len(l.Leaves)), byte(len(l.Leaves) >> 8)})
	}
	text := w.Policy(l)
	pol, err := policy.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return l, pol, text
}

// verified is what package verify asks of a proof.
func verified(p *proof.Proof, leaf canonical.Hash, pol *policy.Policy) error {
	_, err := pol.Check(p.Checkpoint)
	return errors.Join(err, p.CheckPath(leaf))
}

// TestForeignersVerifyOurs: every entry of trees of many sizes, proved by us,
// is verified by torchwood and by formats with merkle, and with another leaf
// by none; the compact form gives back the very same text.
func TestForeignersVerifyOurs(t *testing.T) {
	l, pol, text := grown(t, 70)
	tw, err := torchwood.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(1, 70).Draw(t, "size")
		index := rapid.Int64Range(0, size-1).Draw(t, "index")
		p := l.Proof(index, size, l.Checkpoint(size, at))
		leaf := proof.LeafHash(l.Leaves[index])
		other := proof.LeafHash([]byte("another"))
		if err := verified(p, leaf, pol); err != nil {
			t.Fatal(err)
		}
		if verified(p, other, pol) == nil {
			t.Fatal("another leaf was proved")
		}
		if err := torchwood.VerifyProof(tw, tlog.Hash(leaf), []byte(p.String())); err != nil {
			t.Fatalf("torchwood: %v", err)
		}
		if torchwood.VerifyProof(tw, tlog.Hash(other), []byte(p.String())) == nil {
			t.Fatal("torchwood proves another leaf")
		}
		foreign(t, p, leaf, other)
		again, err := proof.Parse(p.String())
		if err != nil || again.String() != p.String() || again.CheckpointText() != p.CheckpointText() {
			t.Fatalf("the text form: %v", err)
		}
		compact, err := p.Compact(pol)
		if err != nil {
			t.Fatal(err)
		}
		back, err := proof.Expand(compact, leaf, pol)
		if err != nil || back.String() != p.String() {
			t.Fatalf("the compact form: %v", err)
		}
		// For another leaf the root is another, which nobody has signed.
		if p2, err := proof.Expand(compact, other, pol); err == nil && verified(p2, other, pol) == nil {
			t.Fatal("the compact form proves another leaf")
		}
	})
}

// foreign verifies with transparency-dev's formats and merkle.
func foreign(t *rapid.T, p *proof.Proof, leaf, other canonical.Hash) {
	var f f_proof.TLogProof
	if err := f.Unmarshal([]byte(p.String())); err != nil {
		t.Fatalf("formats: %v", err)
	}
	if !bytes.Equal(f.Marshal(), []byte(p.String())) {
		t.Fatal("formats writes the proof otherwise")
	}
	var path [][]byte
	for _, h := range f.Hashes {
		path = append(path, h[:])
	}
	root := p.Checkpoint.Root
	size := uint64(p.Checkpoint.Size)
	if err := m_proof.VerifyInclusion(rfc6962.DefaultHasher, f.Index, size, leaf[:], path, root[:]); err != nil {
		t.Fatalf("merkle: %v", err)
	}
	if m_proof.VerifyInclusion(rfc6962.DefaultHasher, f.Index, size, other[:], path, root[:]) == nil {
		t.Fatal("merkle proves another leaf")
	}
	if h := rfc6962.DefaultHasher.HashLeaf([]byte("x")); !bytes.Equal(h, hashOf("x")) {
		t.Fatalf("leaf hash %x", h)
	}
}

func hashOf(s string) []byte {
	h := proof.LeafHash([]byte(s))
	return h[:]
}

// TestWeReadForeigners: proofs written by torchwood and formats are ours, byte
// for byte, but for the extra line that nobody signs.
func TestWeReadForeigners(t *testing.T) {
	l, pol, text := grown(t, 9)
	cp := l.Checkpoint(9, at)
	p := l.Proof(5, 9, cp)
	leaf := proof.LeafHash(l.Leaves[5])
	path, err := tlog.ProveRecord(9, 5, l)
	if err != nil {
		t.Fatal(err)
	}
	if b := torchwood.FormatProof(5, path, []byte(cp)); string(b) != p.String() {
		t.Errorf("torchwood writes %q, we %q", b, p)
	}
	var f f_proof.TLogProof
	if err := f.Unmarshal([]byte(p.String())); err != nil {
		t.Fatal(err)
	}
	f.ExtraData = []byte("certificate is good")
	tw, err := torchwood.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := torchwood.VerifyProof(tw, tlog.Hash(leaf), f.Marshal()); err != nil {
		t.Errorf("torchwood refuses the extra line too: %v", err)
	}
	if _, err := proof.Parse(string(f.Marshal())); err == nil || !strings.Contains(err.Error(), "extra") {
		t.Errorf("an extra line: %v", err)
	}
	// The foreign parsers skip line ends inside base64: two texts, one proof.
	h := p.String()[strings.Index(p.String(), "index 5\n")+8:]
	loose := strings.Replace(p.String(), h[:8], h[:4]+"\r"+h[4:8], 1)
	if err := torchwood.VerifyProof(tw, tlog.Hash(leaf), []byte(loose)); err != nil {
		t.Errorf("torchwood refuses the carriage return too: %v", err)
	}
	if _, err := proof.Parse(loose); err == nil {
		t.Error("a carriage return inside base64 was accepted")
	}
	if err := verified(p, leaf, pol); err != nil {
		t.Error(err)
	}
}

// TestEveryByteIsBound changes every byte of both forms in turn.
func TestEveryByteIsBound(t *testing.T) {
	l, pol, _ := grown(t, 11)
	p := l.Proof(6, 11, l.Checkpoint(11, at))
	leaf := proof.LeafHash(l.Leaves[6])
	compact, err := p.Compact(pol)
	if err != nil {
		t.Fatal(err)
	}
	text := []byte(p.String())
	for _, m := range []byte{0x01, 0x02, 0x20, 0x80} {
		for i := range text {
			bad := bytes.Clone(text)
			bad[i] ^= m
			if p, err := proof.Parse(string(bad)); err == nil && verified(p, leaf, pol) == nil {
				t.Errorf("text: byte %d (%q) xor %02x still proves", i, text[i], m)
			}
		}
		for i := range compact {
			bad := bytes.Clone(compact)
			bad[i] ^= m
			if p, err := proof.Expand(bad, leaf, pol); err == nil && verified(p, leaf, pol) == nil {
				t.Errorf("compact: byte %d xor %02x still proves", i, m)
			}
		}
	}
}

// TestNoOtherIndex: with the same path no other place of the tree is proved.
func TestNoOtherIndex(t *testing.T) {
	l, _, _ := grown(t, 33)
	for size := int64(1); size <= 33; size++ {
		for index := range size {
			p := l.Proof(index, size, l.Checkpoint(size, at))
			leaf := proof.LeafHash(l.Leaves[index])
			for other := range size + 2 {
				q, err := proof.New(other, p.Path, p.CheckpointText())
				if err != nil {
					t.Fatal(err)
				}
				if (q.CheckPath(leaf) == nil) != (other == index) {
					t.Fatalf("entry %d of %d proved at %d: %t", index, size, other, other != index)
				}
			}
		}
	}
}

// TestCompactRefuses: what Expand could not give back is not written.
func TestCompactRefuses(t *testing.T) {
	l, pol, _ := grown(t, 4)
	w := verifytest.New()
	body := l.Body(4)
	good := l.Checkpoint(4, at)
	lines := strings.SplitAfter(strings.TrimPrefix(good, body+"\n"), "\n")
	stranger := verifytest.Witness{Signer: verifytest.NewSigner("stranger")}
	stranger.VKey = policy.WitnessVKey("stranger.example/w", stranger.Public())
	relabelled := w.Witnesses["gov1"].Cosign(body, at)
	relabelled.Name = "witness.civ1.example/w"
	short := w.Witnesses["gov1"].Cosign(body, at)
	short.Sig = short.Sig[:71]
	for why, text := range map[string]string{
		"a stranger's line":          good + stranger.Cosign(body, at).String(),
		"a relabelled line":          good + relabelled.String(),
		"the log's line last":        body + "\n" + lines[1] + lines[0],
		"the log's line twice":       body + "\n" + lines[0] + lines[0],
		"no line of the log":         body + "\n" + lines[1],
		"a signature of 71 bytes":    body + "\n" + lines[0] + short.String(),
		"the checkpoint of another":  w.Logs[0].Checkpoint(5, at),
		"an index beyond the size":   l.Checkpoint(2, at),
		"a size without any entries": l.Checkpoint(0, at),
	} {
		p, err := proof.New(2, nil, text)
		if err != nil {
			t.Fatal(why, err)
		}
		if b, err := p.Compact(pol); err == nil {
			t.Errorf("%s: written as %x", why, b)
		}
	}
	if _, err := proof.New(-1, nil, good); err == nil {
		t.Error("a negative index was joined")
	}
	if _, err := proof.New(0, make([]canonical.Hash, 64), good); err == nil {
		t.Error("a path of 64 hashes was joined")
	}
}

// TestPathOfEmptyTree: nothing stands in a tree of no entries.
func TestPathOfEmptyTree(t *testing.T) {
	l, pol, _ := grown(t, 1)
	p, err := proof.New(0, nil, l.Checkpoint(0, at))
	if err != nil {
		t.Fatal(err)
	}
	if err := verified(p, proof.LeafHash(l.Leaves[0]), pol); !errors.Is(err, proof.ErrPath) {
		t.Errorf("%v", err)
	}
}

// FuzzParse: what is read is written back the same, and what we believe
// torchwood believes.
func FuzzParse(f *testing.F) {
	l, pol, text := grown(f, 11)
	tw, err := torchwood.ParsePolicy([]byte(text))
	if err != nil {
		f.Fatal(err)
	}
	leaf := proof.LeafHash(l.Leaves[6])
	for _, size := range []int64{7, 8, 11} {
		f.Add(l.Proof(6, size, l.Checkpoint(size, at)).String())
	}
	f.Add("c2sp.org/tlog-proof@v1\nindex 0\n\n" + l.Checkpoint(1, at))
	f.Fuzz(func(t *testing.T, text string) {
		p, err := proof.Parse(text)
		if err != nil {
			return
		}
		if p.String() != text {
			t.Fatalf("read %q, writes %q", text, p)
		}
		if verified(p, leaf, pol) != nil {
			return
		}
		if err := torchwood.VerifyProof(tw, tlog.Hash(leaf), []byte(text)); err != nil {
			t.Fatalf("we believe, torchwood says %v", err)
		}
	})
}

// FuzzExpand: what is read in the compact form is written back the same.
func FuzzExpand(f *testing.F) {
	l, pol, _ := grown(f, 11)
	leaf := proof.LeafHash(l.Leaves[6])
	for _, size := range []int64{7, 8, 11} {
		b, err := l.Proof(6, size, l.Checkpoint(size, at, verifytest.WitnessLabels...)).Compact(pol)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("\x85\x40\x01\x00\x40\x40"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := proof.Expand(b, leaf, pol)
		if err != nil {
			return
		}
		again, err := p.Compact(pol)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("read %x, writes %x (%v)", b, again, err)
		}
		if q, err := proof.Parse(p.String()); err != nil || q.String() != p.String() {
			t.Fatalf("expanded to %q, which is no proof: %v", p, err)
		}
	})
}
