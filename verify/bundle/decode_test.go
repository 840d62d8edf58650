package bundle_test

import (
	"testing"

	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/internal/readtest"
)

var (
	pairDisclosure = readtest.At(commitment.ReadDisclosure)
	pairRoot       = readtest.Of(commitment.ReadRoot)
)

func forms(t testing.TB) (bundles, disclosures [][]byte) {
	t.Helper()
	_, b := whole(t)
	part, err := b.Disclosure.Select(func(l uint64) bool { return l < 3 })
	if err != nil {
		t.Fatal(err)
	}
	// Both forms at once, with what Check would refuse.
	odd := &commitment.Disclosure{Seed: []byte{1}, Facts: []commitment.Fact{{Value: canonical.Raw("\xf6")}}, Slots: []commitment.Slot{{}, {
		Shown: &commitment.Shown{Salt: []byte{}, Value: canonical.Raw("\xa1\x02\xa1\x01\x80")}, Hidden: &commitment.Hidden{Label: 7}}}}
	for _, d := range []*commitment.Disclosure{b.Disclosure, part, odd, {}, nil} {
		copied := *b
		copied.Disclosure = d
		for _, v := range []any{&copied, d} {
			if d == nil && v == any(d) {
				continue
			}
			encoded, err := canonical.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if v == any(d) {
				disclosures = append(disclosures, encoded)
			} else {
				bundles = append(bundles, encoded)
			}
		}
	}
	small, err := canonical.Marshal(&bundle.Bundle{Statement: []byte{}, Approvals: [][]byte{{}, {1}, {2}}, Proof: canonical.Text("é")})
	if err != nil {
		t.Fatal(err)
	}
	return append(bundles, small), disclosures
}

// TestDecodersAgree: bundles, disclosures and commitments are read as the library
// reads them, to the byte.
func TestDecodersAgree(t *testing.T) {
	bundles, disclosures := forms(t)
	root, err := canonical.Marshal(commitment.Root{Hash: canonical.Hash{1}, Count: 24})
	if err != nil {
		t.Fatal(err)
	}
	if bundle.Pair.Hold(t, 8000, bundles...) == 0 || pairDisclosure.Hold(t, 10_000, disclosures...) == 0 || pairRoot.Hold(t, 10_000, root) == 0 {
		t.Error("no bent form was good: these bends are too coarse to find anything")
	}
}

// FuzzDecoders holds them against each other where fuzzing leads.
func FuzzDecoders(f *testing.F) {
	bundles, disclosures := forms(f)
	for _, b := range append(bundles, disclosures...) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		bundle.Pair.Agree(t, b)
		pairDisclosure.Agree(t, b)
		pairRoot.Agree(t, b)
	})
}
