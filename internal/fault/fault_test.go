package fault_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
)

func TestErrorIsTechnicalAndStable(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"bare", fault.Busy("store.locked"), "busy: store.locked"},
		{"arguments by name", fault.Invalid("certificate.expiry_before_issue",
			fault.At("expires"), fault.Arg("issued", "2026-11-23"), fault.Arg("expires", "2026-11-01")),
			"invalid: certificate.expiry_before_issue (expires=2026-11-01, field=expires, issued=2026-11-23)"},
		{"cause last", fault.NotFound("pack.missing", fault.File("D/pack"), fault.Because(fs.ErrNotExist)),
			"not_found: pack.missing (file=D/pack): file does not exist"},
		{"kind outside the table", fault.New(99, "x.y"), "internal: x.y"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.err.Error(); got != tt.want {
				t.Errorf("Error() = %q, want %q", got, tt.want)
			}
		})
	}
}

// The numbers are a promise to scripts and to other programs: changing one is a
// breaking change, so they are written out here a second time.
func TestKindsHaveTheirPromisedNumbers(t *testing.T) {
	tests := []struct {
		make   func(string, ...fault.Detail) *fault.Fault
		name   string
		status int
		exit   int
	}{
		{fault.Usage, "usage", 400, 64},
		{fault.Invalid, "invalid", 422, 65},
		{fault.TooLarge, "too_large", 413, 65},
		{fault.Media, "media", 415, 65},
		{fault.NotFound, "not_found", 404, 66},
		{fault.Conflict, "conflict", 409, 73},
		{fault.Unproven, "unproven", 401, 77},
		{fault.Forbidden, "forbidden", 403, 77},
		{fault.Limited, "limited", 429, 75},
		{fault.Busy, "busy", 503, 75},
		{fault.Unavailable, "unavailable", 503, 69},
		{fault.CannotCreate, "cannot_create", 500, 73},
		{fault.IO, "io", 500, 74},
		{fault.Corrupt, "corrupt", 500, 65},
		{fault.Internal, "internal", 500, 70},
	}
	seen := map[fault.Kind]bool{}
	for _, tt := range tests {
		k := tt.make("a.b").Kind
		seen[k] = true
		if k.String() != tt.name || k.Status() != tt.status || k.ExitCode() != tt.exit {
			t.Errorf("%v: status %d exit %d, want %s %d %d", k, k.Status(), k.ExitCode(), tt.name, tt.status, tt.exit)
		}
	}
	if len(seen) != int(fault.KindInternal) {
		t.Errorf("%d kinds tested, %d exist", len(seen), fault.KindInternal)
	}
}

func TestKindAndExitCodeOfAnyError(t *testing.T) {
	plain := errors.New("disk on fire")
	tests := []struct {
		name string
		err  error
		kind fault.Kind
		exit int
	}{
		{"nil", nil, 0, 0},
		{"no fault", plain, fault.KindInternal, 70},
		{"wrapped fault", fmt.Errorf("reading: %w", fault.NotFound("a.b")), fault.KindNotFound, 66},
		{"gravest of a join", errors.Join(fault.Invalid("a.b"), fault.Forbidden("c.d")), fault.KindForbidden, 77},
		{"a plain error among faults is not lost", errors.Join(fault.Invalid("a.b"), plain), fault.KindInternal, 70},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fault.KindOf(tt.err); got != tt.kind {
				t.Errorf("KindOf = %v, want %v", got, tt.kind)
			}
			if got := fault.ExitCode(tt.err); got != tt.exit {
				t.Errorf("ExitCode = %d, want %d", got, tt.exit)
			}
		})
	}
}

func TestListKeepsOrderAndUnknownErrors(t *testing.T) {
	var l fault.List
	if l.Err() != nil {
		t.Fatal("an empty list is an error")
	}
	plain := errors.New("disk on fire")
	l.Add(nil, fault.Invalid("a.first"), errors.Join(fault.Invalid("a.second"), fault.Conflict("a.third")), plain)
	err := l.Err()
	var keys []string
	for _, f := range fault.All(fmt.Errorf("import: %w", err)) {
		keys = append(keys, f.Key)
	}
	if diff := cmp.Diff([]string{"a.first", "a.second", "a.third", fault.Unexpected}, keys); diff != "" {
		t.Error(diff)
	}
	if !errors.Is(err, plain) {
		t.Error("the cause of an unexpected fault is not reachable")
	}
	if !fault.Is(err, "a.third") || fault.Is(err, "a.fourth") {
		t.Error("Is does not tell the keys in the list")
	}
}

func TestLocateAddsThePlaceAndLeavesTheOriginal(t *testing.T) {
	inner := fault.Invalid("measure.decimals", fault.At("weight"), fault.Because(fs.ErrInvalid))
	err := fault.Locate(fmt.Errorf("row: %w", inner), fault.File("slips.csv"), fault.Record(7), fault.At("row"))
	got, ok := fault.Of(err)
	if !ok {
		t.Fatalf("no fault in %v", err)
	}
	want := map[string]any{"field": "weight", "file": "slips.csv", "record": 7}
	if diff := cmp.Diff(want, got.Args); diff != "" || got.Field != "weight" {
		t.Errorf("field %q %s", got.Field, diff)
	}
	if !errors.Is(err, fs.ErrInvalid) {
		t.Error("the cause was lost")
	}
	if len(inner.Args) != 1 {
		t.Errorf("the original was changed: %v", inner.Args)
	}
	again, _ := fault.Of(fault.Restate(err, fault.At("row"), fault.Record(8)))
	if again.Field != "row" || again.Args["record"] != 8 || again.Args["file"] != "slips.csv" || got.Args["record"] != 7 {
		t.Errorf("restated as %v, from %v", again, got)
	}
	if plain := errors.New("x"); fault.Locate(plain, fault.File("f")) != plain || fault.Locate(nil) != nil {
		t.Error("an error without fault must come back as it was")
	}
}

func TestProblemIsRFC9457AndHidesCauses(t *testing.T) {
	words := func(f *fault.Fault) (string, string) { return "text of " + f.Key, "remedy of " + f.Key }
	err := errors.Join(
		fault.Invalid("certificate.weight", fault.At("carats"), fault.Arg("limit", int64(5)), fault.Because(errors.New("SECRET"))),
		fault.Conflict("certificate.spent", fault.Arg("why", errors.New("first come"))),
		errors.New("SECRET TOO"),
	)
	raw, e := json.MarshalIndent(fault.ProblemOf(err, "urn:ref:7", words), "", " ")
	if e != nil {
		t.Fatal(e)
	}
	const want = `{
 "type": "tag:adamas.example,2026:fault/internal.unexpected",
 "title": "text of internal.unexpected",
 "status": 500,
 "detail": "remedy of internal.unexpected",
 "instance": "urn:ref:7",
 "kind": "internal",
 "key": "internal.unexpected",
 "faults": [
  {
   "type": "tag:adamas.example,2026:fault/certificate.weight",
   "title": "text of certificate.weight",
   "status": 422,
   "detail": "remedy of certificate.weight",
   "kind": "invalid",
   "key": "certificate.weight",
   "field": "carats",
   "args": {
    "field": "carats",
    "limit": 5
   }
  },
  {
   "type": "tag:adamas.example,2026:fault/certificate.spent",
   "title": "text of certificate.spent",
   "status": 409,
   "detail": "remedy of certificate.spent",
   "kind": "conflict",
   "key": "certificate.spent",
   "args": {
    "why": "first come"
   }
  },
  {
   "type": "tag:adamas.example,2026:fault/internal.unexpected",
   "title": "text of internal.unexpected",
   "status": 500,
   "detail": "remedy of internal.unexpected",
   "kind": "internal",
   "key": "internal.unexpected"
  }
 ]
}`
	if diff := cmp.Diff(want, string(raw)); diff != "" {
		t.Error(diff)
	}
}

func TestKeysOfTheCatalogue(t *testing.T) {
	f := fault.Usage("verify.no_pack")
	if f.TextKey() != "fault.verify.no_pack" || f.RemedyKey() != "fault.verify.no_pack.remedy" {
		t.Errorf("%q %q", f.TextKey(), f.RemedyKey())
	}
	if got := f.Problem().Title; got != "verify.no_pack" {
		t.Errorf("a problem without words is titled %q, want its key", got)
	}
}

func TestTextIsSafeToPrint(t *testing.T) {
	tests := []struct{ in, want string }{
		{"2,31", "2,31"},
		{"a\x1b[31m\x00b\n", "a\uFFFD[31m\uFFFDb\uFFFD"},
		{"\xff", "\uFFFD"},
		{strings.Repeat("é", 61), strings.Repeat("é", 60) + "…"},
	}
	for _, tt := range tests {
		if got := fault.Invalid("a.b", fault.Text(tt.in)).Args["text"]; got != tt.want {
			t.Errorf("Text(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
