package life_test

import (
	"math/rand"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/life"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// history is what offices have stated, certificates and papers from outside under the same
// numbers, and what comes of it by the rules, reckoned apart from the view.
type history struct {
	leaves       [][]byte
	certificates map[canonical.Hash]bool
	papers       map[canonical.Hash]string          // transcript: office
	replaced     map[canonical.Hash]bool            // by one of the same office
	received     map[canonical.Hash]bool            // a receipt of the Participant that has it in hand
	numbers      map[string]map[canonical.Hash]bool // of the papers
}

func draw(t *rapid.T, w *verifytest.World) *history {
	h := &history{certificates: map[canonical.Hash]bool{}, papers: map[canonical.Hash]string{}, replaced: map[canonical.Hash]bool{}, received: map[canonical.Hash]bool{},
		numbers: map[string]map[canonical.Hash]bool{}}
	cf, ae := w.Offices["CF/bangui"], w.Offices["AE/dubai"]
	real, err := statement.Parse(cf.Sign(cf.Draft("AE", verifytest.Start+60)).Statement)
	if err != nil {
		t.Fatal(err)
	}
	cert := real.Body.(*statement.Certificate)
	h.leaves, h.certificates[real.Hash] = append(h.leaves, real.Bytes), true
	var transcripts []canonical.Hash
	numbers := []string{cert.Number, "SL004911", "AO000001"}
	for i := range rapid.IntRange(1, 12).Draw(t, "steps") {
		office := rapid.SampledFrom([]string{"AE/dubai", "CF/bangui"}).Draw(t, "office")
		signer := map[string]verifytest.Signer{"AE/dubai": ae.Signer, "CF/bangui": cf.Signer}[office]
		number := rapid.SampledFrom(numbers).Draw(t, "number")
		head := statement.Header{Issuer: office, IssuedAt: verifytest.Start + 100 + int64(i), Subject: statement.CertificateSubject(number), Synthetic: true}
		if len(transcripts) > 0 && rapid.Bool().Draw(t, "receipt") {
			of := rapid.SampledFrom(transcripts).Draw(t, "of")
			leaf := signer.Statement(head, &statement.Receipt{About: statement.About{Number: number, Certificate: of}, Day: cert.Issued, Carats: 100, Parcels: 1})
			h.leaves = append(h.leaves, leaf)
			h.received[of] = h.received[of] || h.papers[of][:2] == office[:2]
			continue
		}
		if len(transcripts) > 0 && rapid.Bool().Draw(t, "corrects") {
			of := rapid.SampledFrom(transcripts).Draw(t, "before")
			head.Refs = []canonical.Hash{of}
			h.replaced[of] = h.replaced[of] || h.papers[of] == office
		}
		leaf := signer.Statement(head, &statement.Transcript{Number: number, Claimed: rapid.SampledFrom([]string{"SL", "AO"}).Draw(t, "claimed"), Kind: statement.KindExport,
			Issued: cert.Issued, Expires: cert.Expires, Destination: office[:2], Facts: cert.Facts, Scans: []canonical.Hash{canonical.Sum([]byte{byte(i)})}, Original: true})
		hash := canonical.Sum(leaf)
		h.leaves, h.papers[hash] = append(h.leaves, leaf), office
		transcripts = append(transcripts, hash)
		if h.numbers[number] == nil {
			h.numbers[number] = map[canonical.Hash]bool{}
		}
		h.numbers[number][hash] = true
	}
	return h
}

// apply has the view follow leaves in an order.
func (h *history) apply(tx *store.Tx, order []int) error {
	if err := (life.Follower{}).Reset(tx); err != nil {
		return err
	}
	for _, i := range order {
		st, err := statement.Parse(h.leaves[i])
		if err != nil {
			return err
		}
		if err := (life.Follower{}).Apply(tx, follow.Followed{Origin: "one.example", Index: int64(i), Own: true, State: ledger.Witnessed, Bytes: st.Bytes, Hash: st.Hash, Statement: st}); err != nil {
			return err
		}
	}
	return nil
}

// want are the sums by the rules.
func (h *history) want() (n life.Counts) {
	n.Certificates = int64(len(h.certificates))
	for paper := range h.papers {
		if h.replaced[paper] {
			continue
		}
		n.Transcribed++
		if h.received[paper] {
			n.TranscribedReceived++
		}
	}
	return n
}

// TestPapersStandApart is the property of the view: whatever is transcribed, corrected and
// received, in whatever order the logs are read, no paper is ever among certificates, by
// its number, in the list or in a sum; each is among the papers; a corrected one counts no
// more, and only for its own office.
func TestPapersStandApart(t *testing.T) {
	for name, sc := range map[string]func() store.Config{
		"SQLite":     func() store.Config { return store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")} },
		"PostgreSQL": func() store.Config { return store.Config{DSN: pgtest.Start(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Unix(verifytest.Start, 0).UTC()
			s, err := store.Open(t.Context(), sc())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.Migrate(t.Context(), now, []store.Schema{ledger.Schema(), certificate.Schema()}); err != nil {
				t.Fatal(err)
			}
			w := verifytest.New()
			check := func(rt rapid.TB, h *history, order []int) {
				if err := s.Write(t.Context(), now, func(tx *store.Tx) error {
					if err := h.apply(tx, order); err != nil {
						return err
					}
					return h.hold(rt, tx)
				}); err != nil {
					rt.Fatal(err)
				}
			}
			if name == "PostgreSQL" { // the same SQL; a few histories show that it takes it
				made := rapid.Custom(func(rt *rapid.T) *history { return draw(rt, w) })
				for i := range 6 {
					h := made.Example(i)
					check(t, h, rand.New(rand.NewSource(int64(i))).Perm(len(h.leaves)))
				}
				return
			}
			rapid.Check(t, func(rt *rapid.T) {
				h := draw(rt, w)
				check(rt, h, rand.New(rand.NewSource(rapid.Int64().Draw(rt, "order"))).Perm(len(h.leaves)))
			})
		})
	}
}

// hold asks every reader of the view.
func (h *history) hold(t rapid.TB, tx *store.Tx) error {
	got, err := life.Count(tx)
	if err != nil {
		return err
	}
	if want := h.want(); got.Certificates != want.Certificates || got.Transcribed != want.Transcribed || got.TranscribedReceived != want.TranscribedReceived || got.Received != 0 {
		t.Errorf("counted %+v, by the rules %+v", got, want)
	}
	for number, papers := range h.numbers {
		signed, err := life.Of(tx, number)
		if err != nil {
			return err
		}
		for _, c := range signed {
			if !h.certificates[c.Statement] {
				t.Errorf("%s: a paper stands among certificates", number)
			}
			if c.Status(c.Issued) == life.Received {
				t.Errorf("%s: received by what was said of a paper", number)
			}
		}
		found, err := life.TranscriptsOf(tx, number)
		if err != nil {
			return err
		}
		for _, p := range found {
			if !papers[p.Statement] || p.ReplacedBy.IsZero() == h.replaced[p.Statement] {
				t.Errorf("%s: %+v", number, p)
			}
		}
		if len(found) != len(papers) {
			t.Errorf("%s: %d papers of %d", number, len(found), len(papers))
		}
	}
	newest, err := life.Newest(tx, 100)
	listed, err2 := life.List(tx, life.Filter{}, life.Place{}, false, 100)
	if err != nil || err2 != nil {
		return err
	}
	for _, c := range slices.Concat(newest, listed.Certificates) {
		if !h.certificates[c.Statement] {
			t.Errorf("a paper stands in a list of certificates")
		}
	}
	return nil
}
