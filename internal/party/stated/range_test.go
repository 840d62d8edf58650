package stated

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/party"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/rules"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

func TestJudgeRange(t *testing.T) {
	shipped, err := fs.Sub(rules.FS(), rules.KPCS)
	if err != nil {
		t.Fatal(err)
	}
	set, err := rule.Check(shipped)
	if err != nil {
		t.Fatal(err)
	}
	words, err := lang.Load(party.Text())
	if err != nil {
		t.Fatal(err)
	}
	s := newScene(t, store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")})
	first, last := canonical.Day(period.MustDay(2026, 1, 1)), canonical.Day(period.MustDay(2026, 12, 31))
	h, numbers, err := StateRange(s.act(time.Hour), statement.NumberRange{Participant: "CF", Digits: 8, First: 7_000_001, Last: 7_000_009, Station: "CF/bangui/pc-1",
		LogWithin: 60, From: first, Until: last})
	s.state(t, h, numbers, err)
	for _, c := range []struct {
		issuer ident.ParticipantCode
		number ident.CertificateNumber
		issued string
		ranges rule.Outcome
		reason string
	}{
		{"CF", "CF07000001", "2026-06-01", rule.Pass, "range_holds"},
		{"CF", "CF07000001", "2027-01-01", rule.Fail, "range_other_days"}, // last year's numbers
		{"CF", "CF07000010", "2026-06-01", rule.Fail, "range_none"},
		{"CF", "CF7000001", "2026-06-01", rule.Fail, "range_none"},
		{"AE", "AE00000001", "2026-12-01", rule.Pass, "range_holds"},
		{"SL", "SL004306", "2026-06-01", rule.CannotTell, "ranges_unknown"},
	} {
		issued, err := period.Parse(c.issued)
		if err != nil {
			t.Fatal(err)
		}
		got := read(t, s.Store, func(tx *store.Tx) (rule.Finding, error) {
			return JudgeRange(tx, set, rule.Scope{Participant: c.issuer, On: issued}, c.number, issued)
		})
		if got.Rule != "R-CRT-03" || got.Outcome != c.ranges || got.Reason.Key != "party.finding."+c.reason {
			t.Errorf("%s on %s: %s (%s)", c.number, c.issued, got.Outcome, got.Reason.Key)
		}
		for _, l := range lang.Languages() {
			if text := words.Printer(l).T(got.Reason.Key, got.Reason.Args); text == got.Reason.Key || strings.ContainsAny(text, "{}") {
				t.Errorf("%s: %s", l, text)
			}
		}
	}
}
