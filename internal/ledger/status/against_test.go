package status_test

import (
	"strings"
	"testing"
	"time"

	"adamas.example/internal/ledger/status"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

// packFile is a pack as the specification has it (docs/formats): whoever makes packs
// need not use our code for it.
type packFile struct {
	Roots      [][]byte      `cbor:"1,keyasint"`
	Logs       canonical.Raw `cbor:"2,keyasint"`
	Statements []packItem    `cbor:"3,keyasint"`
	Snapshot   []byte        `cbor:"4,keyasint"`
}

type packItem struct {
	_          struct{} `cbor:",toarray"`
	Log, Index uint64
	Bytes      []byte
}

const packMagic = "adamas-pack/1\n"

// leftOut is a pack made by an office that leaves a statement out and signs for the
// rest as if that were all. Everything else in it is true.
func leftOut(t *testing.T, w *verifytest.World, honest []byte, out canonical.Hash) []byte {
	t.Helper()
	var f packFile
	if err := canonical.Unmarshal([]byte(strings.TrimPrefix(string(honest), packMagic)), &f); err != nil {
		t.Fatal(err)
	}
	var kept []packItem
	var entries []trust.Entry
	for _, item := range f.Statements {
		st, err := statement.Parse(item.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if st.Hash != out {
			kept, entries = append(kept, item), append(entries, trust.Entry{Origin: w.Logs[item.Log].Origin, Index: item.Index, Statement: st})
		}
	}
	if len(kept) != len(f.Statements)-1 {
		t.Fatal("the statement was not in the pack")
	}
	st, err := statement.Parse(f.Snapshot)
	if err != nil {
		t.Fatal(err)
	}
	s := *st.Body.(*statement.Snapshot)
	s.Count, s.Digest = uint64(len(entries)), pack.Digest(entries)
	o := w.Offices["AE/dubai"]
	f.Statements = kept
	f.Snapshot = o.Signer.Statement(statement.Header{Issuer: o.ID, IssuedAt: st.IssuedAt, Subject: "snapshot", Synthetic: true}, &s)
	b, err := canonical.Marshal(&f)
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte(packMagic), b...)
}

// TestAPackThatLeavesOut plays an office that hands out packs without a cancellation.
// Who has only that pack is deceived; who counts the logs is told which statement is
// missing, and where it stands.
func TestAPackThatLeavesOut(t *testing.T) {
	w := verifytest.New()
	cf := w.Offices["CF/bangui"]
	b := cf.Record(cf.Sign(cf.Draft("AE", start+60)), start+70)
	h, about := cf.About("CF00000001", b.Statement, start+600)
	void := cf.Signer.Statement(h, &statement.Void{About: about, Reason: "SYNTHETIC"})
	at := uint64(cf.Log.Append(void))
	honest := w.Pack(start + 7200)
	lying := leftOut(t, w, honest, canonical.Sum(void))

	if told := importable(t, honest, b); told != "invalid" {
		t.Errorf("by the honest pack: %s", told)
	}
	if told := importable(t, lying, b); told != "valid" {
		t.Errorf("by the lying pack: %s; then this play is over, and docs/THREATS.md says too little", told)
	}
	for name, c := range map[string]struct {
		raw  []byte
		want status.Differing
	}{"honest": {honest, status.Agrees}, "lying": {lying, status.Lacks}} {
		p, err := pack.Parse(c.raw, canonical.Hash{})
		if err != nil {
			t.Fatal(err)
		}
		snapshot := p.Snapshot.Body.(*statement.Snapshot)
		got, err := status.Compare(t.Context(), snapshot, p, logsOf(w, 4), spool)
		if err != nil || got.What != c.want {
			t.Fatalf("%s: %+v, %v", name, got, err)
		}
		if c.want == status.Lacks && (got.Log != cf.Log.Origin || *got.Index != at || got.Statement.Type != statement.TypeVoid || got.Ours != got.Theirs+1) {
			t.Errorf("%s: %+v", name, got)
		}
		// With the snapshot alone the count tells.
		if got, err = status.Compare(t.Context(), snapshot, nil, logsOf(w, 4), spool); err != nil || (got.What == status.Agrees) != (c.want == status.Agrees) {
			t.Errorf("%s: by the snapshot: %+v, %v", name, got, err)
		}
	}
}

func spool() (pack.Spool, error) { return new(pack.Memory), nil }

func importable(t *testing.T, raw []byte, b *bundle.Bundle) verify.Outcome {
	t.Helper()
	p, err := pack.Parse(raw, canonical.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	return verify.New(p).Verify(b, verify.Options{Purpose: verify.Import, At: time.Unix(start+7200, 0).UTC(), Destination: "AE"}).Outcome
}
