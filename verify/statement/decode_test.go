package statement_test

import (
	"testing"

	"adamas.example/verify/canonical"
	"adamas.example/verify/internal/readtest"
	"adamas.example/verify/internal/vectors"
	"adamas.example/verify/statement"
)

// forms are the good bytes of each form that is read by hand: those of the golden
// vectors, and what they lack.
func forms(t testing.TB) map[*readtest.Pair][][]byte {
	t.Helper()
	encoded := func(v any) []byte {
		b, err := canonical.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	all := map[*readtest.Pair][][]byte{}
	for _, v := range vectors.Statements() {
		signed, err := statement.ParseSign1(v.Statement)
		if err != nil {
			t.Fatal(v.Name, err)
		}
		all[&statement.PairPayload] = append(all[&statement.PairPayload], signed.Payload)
		all[&statement.PairProtected] = append(all[&statement.PairProtected], encoded(map[int]any{1: signed.Algorithm, 3: signed.Content, 4: signed.KeyID[:]}))
	}
	all[&statement.PairPayload] = append(all[&statement.PairPayload],
		encoded(map[int]any{1: 5, 2: 1, 3: "CF/bangui", 4: -1, 5: "x", 6: canonical.Hash{1}, 7: []canonical.Hash{{}, {2}}, 8: 0, 9: true, 10: []any{canonical.Hash{}, 0, ""}}))
	all[&statement.PairProtected] = append(all[&statement.PairProtected], encoded(map[int]any{1: 0, 3: "text/plain", 4: []byte{}}))
	for _, body := range vectors.Bodies() {
		if body.Type() == statement.TypeCertificate {
			all[&statement.PairCertificate] = append(all[&statement.PairCertificate], encoded(body))
		}
	}
	whole := statement.Certificate{Number: "CF00124471", Kind: 3, Destination: "é", Issued: 1, Expires: 1<<32 - 1, Station: "",
		Custody: canonical.Hash{4}, Preparer: statement.KeyID{1}, FourEyes: canonical.Hash{5}}
	all[&statement.PairCertificate] = append(all[&statement.PairCertificate], encoded(whole))
	return all
}

// TestDecodersAgree: what decode.go reads is what the library reads, to the byte.
func TestDecodersAgree(t *testing.T) {
	all := forms(t)
	if len(all) != 3 {
		t.Fatalf("good bytes of %d forms, want 3", len(all))
	}
	for pair, good := range all {
		if pair.Hold(t, 60_000/len(good), good...) == 0 {
			t.Error("no bent form was good: these bends are too coarse to find anything")
		}
	}
}

// FuzzDecoders holds them against each other where fuzzing leads.
func FuzzDecoders(f *testing.F) {
	for _, good := range forms(f) {
		for _, b := range good {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		statement.PairProtected.Agree(t, b)
		statement.PairPayload.Agree(t, b)
		statement.PairCertificate.Agree(t, b)
	})
}
