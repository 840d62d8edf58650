package importing_test

import (
	"errors"
	"slices"
	"testing"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

func untaken(*store.Tx, string) error { return nil }

// correct keys a paper again.
func (w *world) correct(id string, p importing.Transcript, scan byte) (*importing.Transcribed, error) {
	return w.Correct(w.t.Context(), id, officer, p, presented, [][]byte{picture(w.t, scan)}, "SYNTHETIC: two digits were swapped", ledger.Logged, untaken)
}

// TestCorrect: a slip of the keys has opened a case; keyed again, a new transcript names
// the one before, the file keeps both, and receipt is confirmed over the new one alone.
func TestCorrect(t *testing.T) {
	w := withPapers(t)
	wrong := paper()
	wrong.Number, wrong.Expires = "SL 04911", wrong.Issued-1
	first := w.transcribe(wrong, 1)
	if first.Consignment.State != consignment.Discrepant {
		t.Fatalf("it is %s", first.Consignment.State)
	}
	id := first.Consignment.ID
	got, err := w.correct(id, paper(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if c := got.Consignment; c.State != consignment.Arrived || c.Number != "SL004911" || c.Statement != got.Entry.Hash || c.Statement == first.Entry.Hash {
		t.Errorf("%+v", c)
	}
	st, err := statement.Parse(got.Entry.Signed)
	if err != nil || !slices.Equal(st.Refs, []canonical.Hash{first.Entry.Hash}) {
		t.Errorf("it names %v, %v", st, err)
	}
	file, err := w.Paper(t.Context(), id)
	if err != nil || file.Paper.Number != "SL 004911" || file.Replaces != first.Entry.Hash || file.Because == "" {
		t.Errorf("%+v %v", file, err)
	}
	_, steps, err := w.Get(t.Context(), id)
	if err != nil || steps[0].Act != consignment.Arrive || steps[len(steps)-1].Act != consignment.Correct {
		t.Errorf("the file: %v, %v", steps, err)
	}
	if _, err := w.Examine(t.Context(), id, officer, found, "SYNTHETIC: the authority confirmed the number"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.correct(id, paper(), 1); err != nil { // examined, and keyed again: it is to be examined anew
		t.Fatal(err)
	}
	if s, err := w.Look(t.Context(), id); err != nil || s.State != consignment.Arrived || s.Measured != nil {
		t.Errorf("%+v %v", s, err)
	}
	if _, err := w.Examine(t.Context(), id, officer, found, "SYNTHETIC: the authority confirmed the number"); err != nil {
		t.Fatal(err)
	}
	c, e, err := w.Confirm(t.Context(), id, officer, "", ledger.Logged)
	if err != nil {
		t.Fatal(err)
	}
	if r := w.body(e).(*statement.Receipt); r.Certificate != c.Statement || r.Certificate == first.Entry.Hash || r.Certificate == got.Entry.Hash {
		t.Errorf("confirmed over %v", r.Certificate)
	}
	if said, err := w.Confirmation(t.Context(), id); err != nil || !said.OnPaper {
		t.Errorf("%+v %v", said, err)
	}
	if _, err := w.correct(id, paper(), 1); !fault.Is(err, "certificate.consignment_ended") {
		t.Errorf("keyed again after it was confirmed: %v", err)
	}
}

// TestCorrectRefused: without a reason, of what is no paper, and where the transcript
// before would stand; what the caller refuses leaves nothing behind.
func TestCorrectRefused(t *testing.T) {
	w := withPapers(t)
	first := w.transcribe(paper(), 1)
	id := first.Consignment.ID
	if _, err := w.Correct(t.Context(), id, officer, paper(), presented, [][]byte{picture(t, 1)}, "", ledger.Signed, untaken); !fault.Is(err, "certificate.correction") {
		t.Errorf("without a reason: %v", err)
	}
	letters := paper()
	letters.Number = "SL 4911 A"
	if _, err := w.correct(id, letters, 1); !fault.Is(err, "certificate.correction_unstated") {
		t.Errorf("a number that no statement bears: %v", err)
	}
	refused := errors.New("somebody was first")
	if _, err := w.Correct(t.Context(), id, officer, paper(), presented, [][]byte{picture(t, 1)}, "SYNTHETIC", ledger.Signed, func(*store.Tx, string) error { return refused }); !errors.Is(err, refused) {
		t.Errorf("%v", err)
	}
	if c, _, err := w.Get(t.Context(), id); err != nil || c.Statement != first.Entry.Hash || c.Steps != first.Consignment.Steps {
		t.Errorf("%+v %v", c, err)
	}
	signed := w.arrive(w.certificate(), whole(w.certificate()))
	if _, err := w.correct(signed.ID, paper(), 1); !fault.Is(err, "certificate.no_paper") {
		t.Errorf("of a signed certificate: %v", err)
	}
	if _, err := w.TranscribeAs(t.Context(), officer, paper(), presented, [][]byte{picture(t, 9)}, ledger.Signed, func(*store.Tx, string) error { return refused }); !errors.Is(err, refused) {
		t.Errorf("%v", err)
	}
	err := w.ledger.Store().Read(t.Context(), now, func(tx *store.Tx) error {
		_, _, err := outside.Original(tx, canonical.Sum(picture(t, 9)))
		return err
	})
	if !fault.Is(err, "certificate.no_scan") {
		t.Errorf("what was refused has left a picture: %v", err)
	}
}
