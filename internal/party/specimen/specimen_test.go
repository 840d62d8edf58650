package specimen_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"image"
	"image/png"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/party"
	"adamas.example/internal/party/specimen"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
	"adamas.example/rules"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

var now = time.Unix(verifytest.Start, 0).UTC()

func engines(t *testing.T, test func(t *testing.T, s *store.Store)) {
	for name, sc := range map[string]func() store.Config{
		"SQLite":     func() store.Config { return store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")} },
		"PostgreSQL": func() store.Config { return store.Config{DSN: pgtest.Start(t)} },
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t, sc())) })
	}
}

func open(t *testing.T, sc store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), sc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Migrate(t.Context(), now, []store.Schema{stated.Schema()}); err != nil {
		t.Fatal(err)
	}
	return s
}

func sqlite(t *testing.T) *store.Store {
	return open(t, store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")})
}

func write[T any](t *testing.T, s *store.Store, f func(*store.Tx) (T, error)) (out T, err error) {
	t.Helper()
	err = s.Write(t.Context(), now, func(tx *store.Tx) (err error) {
		out, err = f(tx)
		return err
	})
	return out, err
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// drawn is a SYNTHETIC picture with a text beside it that nobody may see.
func drawn(n byte) []byte {
	m := image.NewGray(image.Rect(0, 0, 5, 5))
	m.Pix[0] = n
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	raw := b.Bytes()
	told := append([]byte{0, 0, 0, byte(len(secret))}, "tEXt"+secret+"\x00\x00\x00\x00"...)
	return slices.Concat(raw[:33], told, raw[33:])
}

const secret = "SYNTHETIC place of the camera"

func day(y, m, d int) period.Date { return period.MustDay(y, time.Month(m), d) }

func draft(change func(*specimen.Draft)) specimen.Draft {
	d := specimen.Draft{Participant: "SL", Kind: specimen.Certificate, Name: "SYNTHETIC 2024 series", From: day(2024, 1, 1), Features: "guilloche\n\n red serial ", Source: "SYNTHETIC Chair's letter"}
	if change != nil {
		change(&d)
	}
	return d
}

func enter(t *testing.T, s *store.Store, d specimen.Draft, pictures ...[]byte) ident.RecordID {
	t.Helper()
	return must[ident.RecordID](t)(write(t, s, func(tx *store.Tx) (ident.RecordID, error) {
		return specimen.Enter(tx, rand.Reader, "a.sesay", d, pictures)
	}))
}

// TestLife: entered, replaced, withdrawn; nothing is lost, and each end has who and why.
func TestLife(t *testing.T) {
	engines(t, func(t *testing.T, s *store.Store) {
		first := enter(t, s, draft(nil), drawn(1), drawn(2))
		until := day(2025, 6, 30)
		second := must[ident.RecordID](t)(write(t, s, func(tx *store.Tx) (ident.RecordID, error) {
			return specimen.Replace(tx, rand.Reader, "b.kamara", first, draft(func(d *specimen.Draft) { d.Until = &until }), nil, "its last day is known")
		}))
		if _, err := write(t, s, func(tx *store.Tx) (ident.RecordID, error) {
			return specimen.Replace(tx, rand.Reader, "b.kamara", first, draft(nil), nil, "again")
		}); !fault.Is(err, "party.specimen_ended") {
			t.Errorf("replaced twice: %v", err)
		}
		all := must[[]specimen.Specimen](t)(write(t, s, func(tx *store.Tx) ([]specimen.Specimen, error) { return specimen.Of(tx, specimen.Office, "SL") }))
		if len(all) != 2 {
			t.Fatalf("%d specimens", len(all))
		}
		i := slices.IndexFunc(all, func(x specimen.Specimen) bool { return x.ID == first })
		was, is := all[i], all[1-i]
		if was.Ended == nil || was.Ended.By != "b.kamara" || was.Ended.Why != "its last day is known" || was.Replaced != second || is.Replaces != first || is.Ended != nil {
			t.Errorf("%+v\n%+v", was, is)
		}
		if is.Days != period.Days(day(2024, 1, 1), until) || !was.Days.Open() || !is.Restricted || is.Features != "guilloche\nred serial" || is.EnteredBy != "b.kamara" {
			t.Errorf("%+v", is)
		}
		if len(is.Pictures) != 2 || is.Pictures[0].Hash != canonical.Sum(drawn(1)) || is.Pictures[1].Pages != 1 {
			t.Errorf("pictures: %+v", is.Pictures)
		}
		shown := must[[]byte](t)(write(t, s, func(tx *store.Tx) ([]byte, error) {
			b, media, err := specimen.Page(tx, specimen.Office, second, 2, 1)
			if media != "image/png" {
				t.Errorf("shown as %q", media)
			}
			return b, err
		}))
		if bytes.Contains(shown, []byte(secret)) {
			t.Error("what stood beside the picture is shown")
		}
		kept := must[[]byte](t)(write(t, s, func(tx *store.Tx) ([]byte, error) { return specimen.Original(tx, specimen.Office, second, 2) }))
		if !bytes.Equal(kept, drawn(2)) {
			t.Error("what came is not what is kept")
		}
		if _, err := write(t, s, func(tx *store.Tx) (int, error) { return 0, specimen.Withdraw(tx, "b.kamara", second, "false pictures") }); err != nil {
			t.Error(err)
		}
		if on := must[[]specimen.Specimen](t)(write(t, s, func(tx *store.Tx) ([]specimen.Specimen, error) {
			return specimen.On(tx, "SL", specimen.Certificate, day(2024, 5, 5))
		})); len(on) != 0 {
			t.Errorf("compared with what was withdrawn: %v", on)
		}
	})
}

// TestRefused: each mistake at its field; the same twice is told.
func TestRefused(t *testing.T) {
	s := sqlite(t)
	early := day(2023, 1, 1)
	for name, x := range map[string]struct {
		change   func(*specimen.Draft)
		pictures [][]byte
		key      string
		field    string
	}{
		"no Participant":  {func(d *specimen.Draft) { d.Participant = "XX" }, [][]byte{drawn(1)}, "ident.participant_unknown", "participant"},
		"no kind":         {func(d *specimen.Draft) { d.Kind = "photo" }, [][]byte{drawn(1)}, "party.specimen_kind", "kind"},
		"no name":         {func(d *specimen.Draft) { d.Name = "" }, [][]byte{drawn(1)}, "party.specimen_missing", "name"},
		"no features":     {func(d *specimen.Draft) { d.Features = " \n" }, [][]byte{drawn(1)}, "party.specimen_missing", "features"},
		"no source":       {func(d *specimen.Draft) { d.Source = strings.Repeat("x", 400) }, [][]byte{drawn(1)}, "party.specimen_field", "source"},
		"no day":          {func(d *specimen.Draft) { d.From = 0 }, [][]byte{drawn(1)}, "party.specimen_days", "from"},
		"ends before":     {func(d *specimen.Draft) { d.Until = &early }, [][]byte{drawn(1)}, "party.specimen_days", "until"},
		"no picture":      {nil, nil, "party.specimen_pictures", "pictures"},
		"a page of HTML":  {nil, [][]byte{[]byte("<script>")}, "party.specimen_picture", "pictures"},
		"half a picture":  {nil, [][]byte{drawn(1)[:60]}, "party.specimen_picture", "pictures"},
		"a huge picture":  {nil, [][]byte{make([]byte, specimen.MostPicture+1)}, "party.specimen_large", "pictures"},
		"a wall of a PNG": {nil, [][]byte{wall()}, "party.specimen_picture", "pictures"},
	} {
		_, err := write(t, s, func(tx *store.Tx) (ident.RecordID, error) {
			return specimen.Enter(tx, rand.Reader, "a", draft(x.change), x.pictures)
		})
		f, _ := fault.Of(err)
		if f == nil || f.Key != x.key || f.Field != x.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	enter(t, s, draft(nil), drawn(1))
	if _, err := write(t, s, func(tx *store.Tx) (ident.RecordID, error) {
		return specimen.Enter(tx, rand.Reader, "a", draft(nil), [][]byte{drawn(1)})
	}); !fault.Is(err, "party.specimen_twice") {
		t.Errorf("%v", err)
	}
}

// wall is a PNG of a few bytes that says it has 65,000 by 65,000 dots.
func wall() []byte {
	b := drawn(1)
	copy(b[16:24], []byte{0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff})
	return b
}

// TestRestricted is the property that the register promises to those who show theirs to
// authorities alone: whatever is in it, the public gets from every function the same as if
// the restricted ones were not there, but for one sign per Participant.
func TestRestricted(t *testing.T) {
	with, without := sqlite(t), sqlite(t)
	rapid.Check(t, func(rt *rapid.T) {
		for _, s := range []*store.Store{with, without} {
			if _, err := write(t, s, func(tx *store.Tx) (int64, error) {
				if _, err := tx.Exec(`DELETE FROM party_kept_picture`); err != nil {
					return 0, err
				}
				return tx.Exec(`DELETE FROM party_kept`)
			}); err != nil {
				rt.Fatal(err)
			}
		}
		hidden := map[ident.ParticipantCode]bool{}
		var secrets []ident.RecordID
		for i := range rapid.IntRange(1, 6).Draw(rt, "specimens") {
			d := draft(func(d *specimen.Draft) {
				d.Participant = rapid.SampledFrom([]ident.ParticipantCode{"SL", "AO", "BW"}).Draw(rt, "participant")
				d.Open = rapid.Bool().Draw(rt, "open")
				d.Name = "SYNTHETIC " + string(rune('A'+i))
			})
			id := enter(t, with, d, drawn(byte(i)))
			if d.Open {
				enter(t, without, d, drawn(byte(i)))
				continue
			}
			hidden[d.Participant] = true
			secrets = append(secrets, id)
		}
		seen := func(s *store.Store) []specimen.Holding {
			return must[[]specimen.Holding](t)(write(t, s, func(tx *store.Tx) ([]specimen.Holding, error) { return specimen.All(tx, specimen.Public) }))
		}
		names := func(all []specimen.Holding) (out []string) {
			for _, h := range all {
				for _, x := range h.Specimens {
					out = append(out, x.String())
				}
			}
			slices.Sort(out)
			return out
		}
		public := seen(with)
		if !slices.Equal(names(public), names(seen(without))) {
			rt.Fatalf("%v, without the restricted ones %v", names(public), names(seen(without)))
		}
		for _, h := range public {
			if h.Restricted != hidden[h.Participant] {
				rt.Fatalf("%s: restricted %v", h.Participant, h.Restricted)
			}
		}
		for _, id := range secrets {
			_, err := write(t, with, func(tx *store.Tx) (int, error) {
				_, e1 := specimen.Get(tx, specimen.Public, id)
				_, _, e2 := specimen.Page(tx, specimen.Public, id, 1, 1)
				_, e3 := specimen.Original(tx, specimen.Public, id, 1)
				_, e4 := specimen.Get(tx, specimen.Public, "01a208b6-b03b-7102-8304-05060708090a") // one that never was
				for _, e := range []error{e1, e2, e3} {
					if !fault.Is(e, "party.no_specimen") || e.Error() != e4.Error() {
						return 0, errors.New("told apart from one that is not there: " + e4.Error())
					}
				}
				return 0, nil
			})
			if err != nil {
				rt.Fatal(err)
			}
		}
	})
}

func ruleSet(t *testing.T) rule.Set {
	t.Helper()
	shipped, err := fs.Sub(rules.FS(), rules.KPCS)
	if err != nil {
		t.Fatal(err)
	}
	return must[rule.Set](t)(rule.Check(shipped))
}

// say has CF's authority state a specimen, as the view takes it from its register.
func say(t *testing.T, s *store.Store, name string, from, until period.Date, pictures ...statement.Blob) {
	t.Helper()
	w := verifytest.New()
	v, err := stated.NewView(must[*trust.Chain](t)(trust.ParseChain(w.Roots, canonical.Hash{})))
	if err != nil {
		t.Fatal(err)
	}
	h, body, err := stated.StateSpecimen(keyring.Act{Issuer: "CF/authority", At: now.Add(time.Hour), Synthetic: true}, statement.Specimen{Participant: "CF", Name: name, Features: "SYNTHETIC",
		From: canonical.Day(from), Until: canonical.Day(until), Pictures: pictures})
	if err != nil {
		t.Fatal(err)
	}
	leaf := w.Authority["CF"].Statement(h, body)
	st := must[*statement.Statement](t)(statement.Parse(leaf))
	_, err = write(t, s, func(tx *store.Tx) (int, error) {
		return 0, v.Apply(tx, follow.Followed{Origin: "cf.kp.example/2026", Index: 100, State: ledger.Witnessed, Bytes: leaf, Hash: st.Hash, Statement: st})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestJudge: a paper is held against what was in use on its day.
func TestJudge(t *testing.T) {
	s := sqlite(t)
	words := must[*lang.Catalogue](t)(lang.Load(party.Text(), specimen.Text()))
	until := day(2025, 12, 31)
	enter(t, s, draft(func(d *specimen.Draft) { d.Until = &until }), drawn(1))
	ended := enter(t, s, draft(func(d *specimen.Draft) { d.Name, d.From = "SYNTHETIC withdrawn", day(2026, 1, 1) }), drawn(2))
	if _, err := write(t, s, func(tx *store.Tx) (int, error) { return 0, specimen.Withdraw(tx, "a", ended, "false") }); err != nil {
		t.Fatal(err)
	}
	enter(t, s, draft(func(d *specimen.Draft) { d.Name, d.Kind, d.From = "SYNTHETIC coupon", specimen.Coupon, day(2026, 1, 1) }), drawn(3))
	blob := statement.Blob{Hash: canonical.Sum(drawn(4)), Size: uint64(len(drawn(4))), Media: "image/png"}
	say(t, s, "SYNTHETIC 2026", day(2026, 1, 1), day(2026, 12, 31), blob)
	told := enter(t, s, draft(func(d *specimen.Draft) { d.Participant, d.Name, d.From = "CF", "SYNTHETIC picture", day(2026, 1, 1) }), drawn(4))
	got := must[*specimen.Specimen](t)(write(t, s, func(tx *store.Tx) (*specimen.Specimen, error) { return specimen.Get(tx, specimen.Office, told) }))
	if !got.Pictures[0].Stated {
		t.Error("a picture whose digest the authority has signed is not known as such")
	}
	set := ruleSet(t)
	for _, c := range []struct {
		code    ident.ParticipantCode
		issued  period.Date
		outcome rule.Outcome
		key     string
		names   string
	}{
		{"SL", day(2024, 1, 1), rule.Pass, "specimen", "SYNTHETIC 2024 series"},
		{"SL", day(2025, 12, 31), rule.Pass, "specimen", "SYNTHETIC 2024 series"},
		{"SL", day(2023, 12, 31), rule.CannotTell, "specimen_gap", ""},
		{"SL", day(2026, 3, 1), rule.CannotTell, "specimen_gap", ""}, // one is withdrawn, one no certificate
		{"CF", day(2026, 3, 1), rule.Pass, "specimen", "SYNTHETIC 2026,SYNTHETIC picture"},
		{"CF", day(2025, 3, 1), rule.Fail, "specimen_none", ""}, // its authority says what there is
		{"BW", day(2026, 3, 1), rule.CannotTell, "specimens_unknown", ""},
	} {
		all := must[[]rule.Finding](t)(write(t, s, func(tx *store.Tx) ([]rule.Finding, error) {
			return specimen.JudgePaper(tx, set, rule.Scope{Participant: c.code, On: c.issued}, ident.CertificateNumber(string(c.code)+"004911"), c.issued)
		}))
		f := all[1]
		names, _ := f.Facts["specimens"].([]string)
		if f.Rule != "R-CRT-08" || f.Outcome != c.outcome || f.Reason.Key != "party.finding."+c.key || strings.Join(names, ",") != c.names {
			t.Errorf("%s on %s: %s %s %v", c.code, c.issued, f.Outcome, f.Reason.Key, names)
		}
		for _, l := range lang.Languages() {
			if text := words.Printer(l).T(f.Reason.Key, f.Reason.Args); text == f.Reason.Key || strings.ContainsAny(text, "{}") {
				t.Errorf("%s: %s", l, text)
			}
		}
	}
}
