package stated

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/data"
	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/party"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// scene is the two logs of the world followed, and more stated by CF's authority.
type scene struct {
	*store.Store
	w     *verifytest.World
	v     *View
	next  int64
	start time.Time
}

func newScene(t *testing.T, sc store.Config) *scene {
	s := &scene{Store: open(t, sc), w: verifytest.New(), next: 100, start: time.Unix(start, 0).UTC()}
	s.v = view(t, s.w.Roots)
	for _, l := range s.w.Logs {
		for i, leaf := range l.Leaves {
			apply(t, s.Store, s.v, entry(l.Origin, int64(i), leaf))
		}
	}
	return s
}

func (s *scene) act(after time.Duration) keyring.Act {
	return keyring.Act{Issuer: "CF/authority", At: s.start.Add(after), Synthetic: true}
}

// state records what CF's authority states.
func (s *scene) state(t *testing.T, h statement.Header, body statement.Body, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	s.next++
	apply(t, s.Store, s.v, entry("cf.kp.example/2026", s.next, s.w.Authority["CF"].Statement(h, body)))
}

func offices(t *testing.T, s *scene, at time.Time) []Office {
	return read(t, s.Store, func(tx *store.Tx) ([]Office, error) { return Offices(tx, "CF", at) })
}

func TestOfficesAndOfficers(t *testing.T) {
	engines(t, func(t *testing.T, sc store.Config) {
		s := newScene(t, sc)
		office := s.w.Offices["CF/bangui"]
		roles := func(after time.Duration, until time.Duration, rs ...access.Role) {
			act := s.act(after)
			h, body, err := StateRoles(act, office.Preparer.Key.ID(), "CF/bangui", rs, act.At, s.start.Add(until))
			s.state(t, h, body, err)
		}
		roles(time.Hour, 48*time.Hour, access.Validator, access.Importer)
		roles(24*time.Hour, 100*time.Hour, access.Validator)
		roles(30*time.Hour, 100*time.Hour)
		of := func(after time.Duration) string {
			all := offices(t, s, s.start.Add(after))
			if len(all) != 1 || all[0].ID != "CF/bangui" || len(all[0].Keys) != 1 || len(all[0].Officers) != 2 ||
				!slices.Equal(all[0].Stations, []ident.StationID{"CF/bangui/pc-1"}) {
				t.Fatalf("%+v", all)
			}
			for _, o := range all[0].Officers {
				if o.Key.ID == office.Preparer.Key.ID().String() {
					return o.Roles.String()
				}
			}
			return "nobody"
		}
		for after, want := range map[time.Duration]string{0: "", time.Hour: "import_officer, validating_officer", 23 * time.Hour: "import_officer, validating_officer",
			24 * time.Hour: "validating_officer", 29 * time.Hour: "validating_officer", 30 * time.Hour: ""} {
			if got := of(after); got != want {
				t.Errorf("after %s %q, want %q", after, got, want)
			}
		}
		// A key that has ended has no role.
		roles(31*time.Hour, 100*time.Hour, access.Validator)
		h, body, err := keyring.Revoke(s.act(40*time.Hour), office.Preparer.Key.ID(), "SYNTHETIC: lost", []statement.Vector{{Origin: "cf.kp.example/2026", Size: 9, Root: s.v.root}})
		s.state(t, h, body, err)
		if got := of(50 * time.Hour); got != "" {
			t.Error(got)
		}
		keys := read(t, s.Store, func(tx *store.Tx) ([]Key, error) { return Keys(tx, "CF") })
		i := slices.IndexFunc(keys, func(k Key) bool { return k.ID == office.Preparer.Key.ID().String() })
		if k := keys[i]; len(k.Ended) != 1 || k.Ended[0].CutOff["cf.kp.example/2026"] != 9 || k.Good(s.start.Add(time.Hour)) {
			t.Errorf("%+v", k)
		}
		accounts := read(t, s.Store, Accounts)
		if len(accounts) != 2 || accounts[0].Code != "AE" || accounts[1].Digits != 8 || !accounts[0].Synthetic {
			t.Errorf("%+v", accounts)
		}
		if got := read(t, s.Store, Stating); !slices.Equal(got, []ident.ParticipantCode{"AE", "CF"}) {
			t.Error(got)
		}
	})
}

// TestOneKeyOneHolder: a key that is given again to another use does not count
// there, whichever was read first.
func TestOneKeyOneHolder(t *testing.T) {
	s := newScene(t, store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")})
	k := s.w.Offices["CF/bangui"].Preparer.Key
	at := s.start.Add(time.Hour).Unix()
	s.state(t, header("CF/authority", "key", at), &statement.OfficeKey{Office: "CF/berberati", Use: statement.UseOfficer, Key: k, From: at, Until: at + 1000}, nil)
	for _, o := range offices(t, s, s.start.Add(time.Hour)) {
		for _, f := range o.Officers {
			if f.Key.Conflict != (o.ID == "CF/berberati") {
				t.Errorf("%s: conflict %v", o.ID, f.Key.Conflict)
			}
		}
	}
}

func TestRangesByOfficeStationAndYear(t *testing.T) {
	engines(t, func(t *testing.T, sc store.Config) {
		s := newScene(t, sc)
		allot := func(station string, first, last uint64, from, until period.Date) {
			h, body, err := StateRange(s.act(time.Hour), statement.NumberRange{Participant: "CF", Digits: 8, First: first, Last: last, Station: station,
				LogWithin: 3600, From: canonical.Day(from), Until: canonical.Day(until)})
			s.state(t, h, body, err)
		}
		allot("CF/bangui/pc-2", 3_000_001, 3_000_500, period.MustDay(2027, 1, 1), period.MustDay(2027, 12, 31))
		allot("CF/bangui/pc-2", 3_000_501, 3_000_600, period.MustDay(2027, 6, 1), period.MustDay(2028, 5, 31))
		allot("CF/berberati/pc-1", 3_000_600, 3_000_700, period.MustDay(2027, 1, 1), period.MustDay(2027, 12, 31))
		ranges := func(f RangeFilter) []Range {
			return read(t, s.Store, func(tx *store.Tx) ([]Range, error) { return Ranges(tx, f) })
		}
		for _, c := range []struct {
			f       RangeFilter
			ranges  int
			numbers uint64
		}{
			{RangeFilter{}, 7, 4_000_701}, {RangeFilter{Participant: "CF"}, 5, 2_000_701}, {RangeFilter{Office: "CF/berberati"}, 1, 101},
			{RangeFilter{Station: "CF/bangui/pc-2"}, 2, 600}, {RangeFilter{Station: "CF/bangui/pc-2", Year: 2028}, 1, 100},
			{RangeFilter{Participant: "CF", Year: 2026}, 2, 2_000_000}, {RangeFilter{Participant: "CF", Year: 2030}, 0, 0},
		} {
			got := ranges(c.f)
			var n uint64
			for _, r := range got {
				n += r.Numbers()
			}
			if len(got) != c.ranges || n != c.numbers {
				t.Errorf("%+v: %d ranges with %d numbers, want %d with %d", c.f, len(got), n, c.ranges, c.numbers)
			}
		}
		sums := SumRanges(ranges(RangeFilter{Station: "CF/bangui/pc-2"}))
		if diff := cmp.Diff([]RangeSum{{"CF", "CF/bangui", "CF/bangui/pc-2", 2027, 2, 600}}, sums); diff != "" {
			t.Error(diff)
		}
		if got := Overlapping(ranges(RangeFilter{Participant: "CF"})); len(got) != 1 || got[0][0].Station != "CF/bangui/pc-2" || got[0][1].Station != "CF/berberati/pc-1" {
			t.Errorf("%+v", got)
		}
		for number, want := range map[ident.CertificateNumber]int{"CF00000001": 1, "CF03000600": 2, "CF03000701": 0, "CF3000600": 0, "BW00000001": 0, "CFA0000001": 0,
			"CF000000000000000000000001": 0} {
			got := read(t, s.Store, func(tx *store.Tx) ([]Range, error) { return RangesOf(tx, number) })
			if len(got) != want {
				t.Errorf("%s is in %d ranges, want %d", number, len(got), want)
			}
		}
	})
}

func TestSpecimensOfADay(t *testing.T) {
	s := newScene(t, store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")})
	specimen := func(after time.Duration, name, features string, from, until period.Date) {
		h, body, err := StateSpecimen(s.act(after), statement.Specimen{Participant: "CF", Name: name, Features: features, From: canonical.Day(from), Until: canonical.Day(until),
			Pictures: []statement.Blob{{Hash: s.v.root, Size: 9, Media: "image/png"}}})
		s.state(t, h, body, err)
	}
	far := period.MustDay(9999, 12, 30)
	specimen(time.Hour, "SYNTHETIC 2019", "guilloche", period.MustDay(2019, 1, 1), far)
	specimen(2*time.Hour, "SYNTHETIC 2026", "hologram", period.MustDay(2026, 12, 1), far)
	specimen(3*time.Hour, "SYNTHETIC 2019", "guilloche, withdrawn", period.MustDay(2019, 1, 1), period.MustDay(2026, 12, 31))
	for on, want := range map[period.Date]string{period.MustDay(2018, 12, 31): "", period.MustDay(2019, 1, 1): "guilloche, withdrawn",
		period.MustDay(2026, 12, 15): "guilloche, withdrawn; hologram", period.MustDay(2027, 1, 1): "hologram"} {
		found := read(t, s.Store, func(tx *store.Tx) ([]Specimen, error) { return SpecimensOn(tx, "CF", on) })
		var got []string
		for _, f := range found {
			got = append(got, f.Features)
			if len(f.Pictures) != 1 || f.Pictures[0].Size != 9 || f.Pictures[0].Hash != s.v.root {
				t.Errorf("%+v", f.Pictures)
			}
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: %v, want %s", on, got, want)
		}
	}
}

// TestStatedListsCountForTheirOwn: what CF states of its list changes its list and
// no other.
func TestStatedListsCountForTheirOwn(t *testing.T) {
	engines(t, func(t *testing.T, sc store.Config) {
		s := newScene(t, sc)
		when, err := party.ParseWhen("2027-03")
		if err != nil {
			t.Fatal(err)
		}
		h, body, err := StateStanding(s.act(time.Hour), "ZW", party.Suspended, when, "SYNTHETIC", "SYNTHETIC notice", party.Seen)
		s.state(t, h, body, err)
		h, body, err = StateStanding(s.act(time.Hour), "AE", party.Removed, period.Days(period.MustDay(2027, 1, 1), period.MustDay(2027, 1, 1)), "SYNTHETIC", "SYNTHETIC notice", party.Inference)
		s.state(t, h, body, err)
		events := read(t, s.Store, Events)
		if len(events) != 2 || events[0].Code != "AE" || events[1].Date != "2027-03-01/2027-03-31" || events[1].Adopter != "CF" || events[0].Statement.IsZero() {
			t.Fatalf("%+v", events)
		}
		base, err := party.Load(data.FS, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := base.Register.With(events...)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			by, code ident.ParticipantCode
			on       period.Date
			trade    party.Trade
			possible int
		}{
			{"CF", "ZW", period.MustDay(2027, 2, 28), party.Free, 1}, {"CF", "ZW", period.MustDay(2027, 3, 15), party.None, 2},
			{"CF", "ZW", period.MustDay(2027, 3, 31), party.None, 1}, {"AE", "ZW", period.MustDay(2027, 4, 1), party.Free, 1},
			{"CF", "AE", period.MustDay(2027, 1, 1), party.None, 1}, {"", "AE", period.MustDay(2027, 1, 1), party.Free, 1},
		} {
			if got := r.SeenBy(c.by, c.code, c.on); got.Trade != c.trade || len(got.Possible) != c.possible {
				t.Errorf("%s by %q on %s: %v", c.code, c.by, c.on, got.Possible)
			}
		}
		formats := read(t, s.Store, Formats)
		if len(formats) != 2 || formats[1].Code != "CF" || formats[1].Digits != 8 || formats[1].Certainty != party.Seen {
			t.Errorf("%+v", formats)
		}
	})
}

// TestActsRefused: what would count for nothing is not made.
func TestActsRefused(t *testing.T) {
	act := keyring.Act{Issuer: "CF/authority", At: time.Unix(start, 0).UTC(), Synthetic: true}
	key := verifytest.NewSigner("officer").Key.ID()
	later := act.At.Add(time.Hour)
	today := period.DateOf(act.At)
	good := period.Days(today, today)
	for name, c := range map[string]struct {
		err error
		key string
	}{
		"another's account":   {third(StateAccount(act, statement.Participant{Code: "AE", Name: "SYNTHETIC", Authority: "SYNTHETIC", Digits: 8})), "party.other_participant"},
		"no digits":           {third(StateAccount(act, statement.Participant{Code: "CF", Name: "SYNTHETIC", Authority: "SYNTHETIC", Digits: 3})), "keyring.statement"},
		"another's station":   {third(StateRange(act, statement.NumberRange{Participant: "CF", Station: "AE/dubai/pc-1", First: 1, Last: 2})), "party.other_participant"},
		"no station":          {third(StateRange(act, statement.NumberRange{Participant: "CF", Station: "pc-1", First: 1, Last: 2})), "ident.not_a_station"},
		"a range backwards":   {third(StateRange(act, statement.NumberRange{Participant: "CF", Digits: 8, Station: "CF/bangui/pc-1", First: 2, Last: 1})), "party.backward_range"},
		"a range of zero":     {third(StateRange(act, statement.NumberRange{Participant: "CF", Digits: 8, Station: "CF/bangui/pc-1", Last: 1})), "party.backward_range"},
		"a role nobody has":   {third(StateRoles(act, key, "CF/bangui", []access.Role{"king"}, later, later.Add(time.Hour))), "party.role_unknown"},
		"a role of no office": {third(StateRoles(act, key, "CF/bangui", []access.Role{access.Secretariat}, later, later.Add(time.Hour))), "party.role_unknown"},
		"a role of yesterday": {third(StateRoles(act, key, "CF/bangui", []access.Role{access.Validator}, act.At.Add(-time.Hour), later)), "party.backdated"},
		"another's office":    {third(StateRoles(act, key, "AE/dubai", []access.Role{access.Validator}, later, later.Add(time.Hour))), "party.other_participant"},
		"a role of no time":   {third(StateRoles(act, key, "CF/bangui", []access.Role{access.Validator}, later, later)), "keyring.statement"},
		"another's specimen":  {third(StateSpecimen(act, statement.Specimen{Participant: "AE", Name: "SYNTHETIC", Features: "SYNTHETIC", From: 1, Until: 2})), "party.other_participant"},
		"no such kind":        {third(StateStanding(act, "VE", "forgiven", good, "SYNTHETIC", "SYNTHETIC", party.Seen)), "party.kind_unknown"},
		"no source":           {third(StateStanding(act, "VE", party.Suspended, good, "SYNTHETIC", "", party.Seen)), "party.source_needed"},
		"no such code":        {third(StateStanding(act, "ZZ", party.Suspended, good, "SYNTHETIC", "SYNTHETIC", party.Seen)), "ident.participant_unknown"},
		"no day":              {third(StateStanding(act, "VE", party.Suspended, period.Range{}, "SYNTHETIC", "SYNTHETIC", party.Seen)), "party.when"},
	} {
		if !fault.Is(c.err, c.key) {
			t.Errorf("%s: %v, want %s", name, c.err, c.key)
		}
	}
	if got := OfficeRoles(); !slices.Contains(got, "validating_officer") || slices.Contains(got, "secretariat") || slices.Contains(got, "public") {
		t.Error(got)
	}
}

func third[A, B any](_ A, _ B, err error) error { return err }
