package pack_test

import (
	"bytes"
	"runtime"
	"slices"
	"strings"
	"testing"

	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

const (
	start = verifytest.Start
	magic = "adamas-pack/1\n"
)

// file is the wire form, spelled out again so that the tests can bend it.
type file struct {
	Roots      [][]byte  `cbor:"1,keyasint"`
	Logs       []fileLog `cbor:"2,keyasint"`
	Statements []item    `cbor:"3,keyasint"`
	Snapshot   []byte    `cbor:"4,keyasint"`
}

type fileLog struct {
	_          struct{} `cbor:",toarray"`
	Checkpoint string
	Leaves     []byte
}

type item struct {
	_     struct{} `cbor:",toarray"`
	Log   uint64
	Index uint64
	Bytes []byte
}

func open(t testing.TB, b []byte) *file {
	t.Helper()
	f := new(file)
	if err := canonical.Unmarshal(bytes.TrimPrefix(b, []byte(magic)), f); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *file) bytes(t testing.TB) []byte {
	t.Helper()
	b, err := canonical.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte(magic), b...)
}

// TestRoundTrip: a pack holds what its logs hold, and is written again the
// same from what was read.
func TestRoundTrip(t *testing.T) {
	w := verifytest.New()
	cf := w.Offices["CF/bangui"]
	b := cf.Record(cf.Sign(cf.Draft("AE", start)), start+60)
	data := w.Pack(start + 120)
	p, err := pack.Parse(data, canonical.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Digest != canonical.Sum(data) || !bytes.Equal(open(t, data).bytes(t), data) {
		t.Error("the pack is written otherwise")
	}
	for _, l := range w.Logs {
		pl := p.Log(l.Origin)
		if pl == nil || pl.Size() != uint64(len(l.Leaves)) || pl.Cosigned.Time != start+120 {
			t.Fatalf("log %s: %+v", l.Origin, pl)
		}
		for i, leaf := range l.Leaves {
			h := proof.LeafHash(leaf)
			if at, ok := pl.Find(h); !ok || at != uint64(i) {
				t.Errorf("%s: entry %d found at %d %t", l.Origin, i, at, ok)
			}
			if got, ok := pl.Leaf(uint64(i)); !ok || got != h {
				t.Errorf("%s: leaf %d", l.Origin, i)
			}
		}
		if _, ok := pl.Leaf(pl.Size()); ok {
			t.Error("a leaf beyond the log")
		}
		if _, ok := pl.RootAt(pl.Size() + 1); ok {
			t.Error("a root beyond the log")
		}
		if r, ok := pl.RootAt(pl.Size()); !ok || r != pl.Cosigned.Checkpoint.Root {
			t.Error("the root of the whole")
		}
	}
	if _, ok := p.Logs[1].Find(proof.LeafHash([]byte("never logged"))); ok {
		t.Error("found what was never logged")
	}
	if p.Log("zz.example/none") != nil {
		t.Error("a log that is not there")
	}
	if len(p.Directory.Certificates("CF00000001")) != 0 {
		t.Error("a lone certificate travels")
	}
	if i, ok := p.Logs[1].Find(proof.LeafHash(b.Statement)); !ok || i != 6 {
		t.Errorf("the certificate is entry %d %t", i, ok)
	}
}

// TestPin insists on a root that the verifier has from elsewhere.
func TestPin(t *testing.T) {
	w := verifytest.New()
	b, err := w.Root.Encode()
	if err != nil {
		t.Fatal(err)
	}
	pin := canonical.Sum(b)
	if _, err := pack.Parse(w.Pack(start+60), pin); err != nil {
		t.Error(err)
	}
	pin[0] ^= 1
	if _, err := pack.Parse(w.Pack(start+60), pin); err == nil || !strings.Contains(err.Error(), "pinned") {
		t.Errorf("another pin: %v", err)
	}
}

// TestOneNumberTwice: two contents of one number travel, in one log or in two.
func TestOneNumberTwice(t *testing.T) {
	for _, name := range []string{"one log", "two logs", "the same bytes twice"} {
		w := verifytest.New()
		cf := w.Offices["CF/bangui"]
		d := cf.Draft("AE", start)
		first := cf.Sign(d)
		cf.Log.Append(first.Statement)
		other := *d
		other.Body.Destination = "AO"
		second := cf.Sign(&other).Statement
		log := cf.Log
		switch name {
		case "two logs":
			log = w.Logs[0]
		case "the same bytes twice":
			second = first.Statement
		}
		log.Append(second)
		p := w.ParsedPack(start + 120)
		if got := p.Directory.Certificates(d.Body.Number); len(got) != map[string]int{"one log": 2, "two logs": 1, "the same bytes twice": 2}[name] {
			t.Errorf("%s: %d certificates", name, len(got))
		}
		wantIgnored := 0
		if name == "two logs" {
			wantIgnored = 1 // AE's log is no home of CF: it travels, and does not count
		}
		if len(p.Directory.Ignored) != wantIgnored {
			t.Errorf("%s: ignored %v", name, p.Directory.Ignored)
		}
	}
}

// TestLeavesThatAreNoStatements are carried as hashes: a log may hold anything.
func TestLeavesThatAreNoStatements(t *testing.T) {
	w := verifytest.New()
	w.Logs[1].Append([]byte("not a statement"))
	w.Logs[1].Append(nil)
	p := w.ParsedPack(start + 60)
	if got := p.Logs[1].Size(); got != 8 {
		t.Errorf("%d entries", got)
	}
}

// TestRefusals bends one part of a good pack at a time.
func TestRefusals(t *testing.T) {
	w := verifytest.New()
	good := w.Pack(start + 60)
	cf := w.Offices["CF/bangui"]
	snapshot := func(change func(*statement.Snapshot), s verifytest.Signer) []byte {
		st, err := statement.Parse(open(t, good).Snapshot)
		if err != nil {
			t.Fatal(err)
		}
		body := *st.Body.(*statement.Snapshot)
		body.Logs = slices.Clone(body.Logs)
		change(&body)
		return s.Statement(statement.Header{Issuer: cf.ID, IssuedAt: start + 60, Subject: "snapshot", Synthetic: true}, &body)
	}
	same := func(*statement.Snapshot) {}
	for _, c := range []struct {
		why, want string
		bend      func(*file)
	}{
		{"no root", "no root document", func(f *file) { f.Roots = nil }},
		{"another root", "root document", func(f *file) { f.Roots = [][]byte{f.Snapshot} }},
		{"logs in another order", "ascend", func(f *file) { slices.Reverse(f.Logs) }},
		{"a log twice", "ascend", func(f *file) { f.Logs = append(f.Logs, f.Logs[1]) }},
		{"a log less", "is of other logs", func(f *file) {
			f.Logs, f.Statements = f.Logs[:1], slices.DeleteFunc(f.Statements, func(i item) bool { return i.Log == 1 })
			f.Snapshot = w.Offices["AE/dubai"].Signer.Statement(statement.Header{Issuer: "AE/dubai", IssuedAt: start, Subject: "snapshot", Synthetic: true},
				must(statement.Parse(f.Snapshot)).Body)
		}},
		{"a leaf hash less", "not those of its checkpoint", func(f *file) { f.Logs[1].Leaves = f.Logs[1].Leaves[32:] }},
		{"a leaf hash more", "not those of its checkpoint", func(f *file) { f.Logs[1].Leaves = append(f.Logs[1].Leaves, make([]byte, 32)...) }},
		{"half a leaf hash", "cut", func(f *file) { f.Logs[1].Leaves = f.Logs[1].Leaves[:33] }},
		{"two leaf hashes exchanged", "not those of its checkpoint", func(f *file) {
			f.Logs[1].Leaves = slices.Concat(f.Logs[1].Leaves[32:64], f.Logs[1].Leaves[:32], f.Logs[1].Leaves[64:])
		}},
		{"a checkpoint of an earlier size", "not those of its checkpoint", func(f *file) { f.Logs[1].Checkpoint = w.Logs[1].Checkpoint(3, start) }},
		{"a checkpoint without civil society", "missing: civil", func(f *file) { f.Logs[1].Checkpoint = w.Logs[1].Checkpoint(6, start, "gov1", "ind1") }},
		{"a log that the root does not name", "does not name it", func(f *file) {
			f.Logs[1].Checkpoint = strings.Replace(f.Logs[1].Checkpoint, "cf.kp.example", "cg.kp.example", 1)
		}},
		{"a statement withheld", "not those it counts", func(f *file) { f.Statements = f.Statements[1:] }},
		{"a statement twice", "out of order", func(f *file) { f.Statements = append(f.Statements[:1:1], f.Statements...) }},
		{"statements in another order", "out of order", func(f *file) { f.Statements[0], f.Statements[1] = f.Statements[1], f.Statements[0] }},
		{"a statement of no log", "not in the pack", func(f *file) { f.Statements[0].Log = 2 }},
		{"a statement of index 2^63", "is not entry", func(f *file) { f.Statements[0].Index = 1 << 63 }},
		{"another statement at the place", "is not entry", func(f *file) { f.Statements[0].Bytes = f.Statements[1].Bytes }},
		{"no snapshot", "snapshot", func(f *file) { f.Snapshot = nil }},
		{"a snapshot of a stranger", "no root or authority", func(f *file) { f.Snapshot = snapshot(same, verifytest.NewSigner("stranger")) }},
		{"a snapshot by an officer", "may not sign", func(f *file) { f.Snapshot = snapshot(same, cf.Preparer) }},
		{"another type in its place", "is a office-key", func(f *file) { f.Snapshot = f.Statements[1].Bytes }},
		{"another count", "not those it counts", func(f *file) { f.Snapshot = snapshot(func(s *statement.Snapshot) { s.Count++ }, cf.Signer) }},
		{"another digest", "not those it counts", func(f *file) { f.Snapshot = snapshot(func(s *statement.Snapshot) { s.Digest[0] ^= 1 }, cf.Signer) }},
		{"another size", "other logs or sizes", func(f *file) { f.Snapshot = snapshot(func(s *statement.Snapshot) { s.Logs[0].Size++ }, cf.Signer) }},
	} {
		f := open(t, good)
		c.bend(f)
		if _, err := pack.Parse(f.bytes(t), canonical.Hash{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.why, err, c.want)
		}
	}
	for why, b := range map[string][]byte{"without the first line": good[len(magic):], "one byte more": append(bytes.Clone(good), 0), "nothing": nil, "a bundle": []byte("\xd9\xd9\xf7\xa0")} {
		if _, err := pack.Parse(b, canonical.Hash{}); err == nil {
			t.Errorf("%s: accepted", why)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestEveryByteIsBound changes every byte of a small pack in turn.
func TestEveryByteIsBound(t *testing.T) {
	b := verifytest.New().Pack(start + 60)
	const parts = 4
	for part := range parts {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for i := part; i < len(b); i += parts {
				bad := bytes.Clone(b)
				bad[i] ^= 1 << (i % 8)
				if _, err := pack.Parse(bad, canonical.Hash{}); err == nil {
					t.Errorf("byte %d xor %02x is believed", i, 1<<(i%8))
				}
			}
		})
	}
}

// TestPrepareRefuses sources that are not what their checkpoint covers.
func TestPrepareRefuses(t *testing.T) {
	w := verifytest.New()
	l := w.Logs[0]
	for why, s := range map[string]pack.Source{
		"a leaf less":   {Checkpoint: l.Checkpoint(5, start), Leaves: l.Leaves[:4]},
		"a leaf more":   {Checkpoint: l.Checkpoint(3, start), Leaves: l.Leaves[:4]},
		"no checkpoint": {Checkpoint: "", Leaves: l.Leaves},
	} {
		if _, err := pack.Prepare(w.Roots, []pack.Source{s}); err == nil {
			t.Errorf("%s: accepted", why)
		}
	}
}

// TestHostileArrays: a file that declares a million statements of one byte
// each must not be given room for them.
func TestHostileArrays(t *testing.T) {
	for name, b := range map[string][]byte{
		"a million nulls":       append([]byte(magic+"\xa4\x01\x80\x02\x80\x03\x9a\x00\x10\x00\x00"), bytes.Repeat([]byte{0xf6}, 1<<20)...),
		"four billion declared": []byte(magic + "\xa4\x01\x80\x02\x80\x03\x9a\xff\xff\xff\xff"),
		"a million roots":       append([]byte(magic+"\xa4\x01\x9a\x00\x10\x00\x00"), bytes.Repeat([]byte{0x40}, 1<<20)...),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := pack.Parse(b, canonical.Hash{})
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
			t.Errorf("%s: %d bytes of memory for a file of %d", name, grown, len(b))
		}
	}
}

// FuzzParse: nothing panics; what is believed is written back the same.
func FuzzParse(f *testing.F) {
	w := verifytest.New()
	f.Add(w.Pack(start + 60))
	f.Add([]byte(magic + "\xa4\x01\x80\x02\x80\x03\x80\x04\x40"))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := pack.Parse(b, canonical.Hash{}); err == nil && canonical.Check(b[len(magic):]) != nil {
			t.Fatalf("not canonical by a general decoder: %x", b)
		}
	})
}
