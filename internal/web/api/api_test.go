package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"adamas.example/internal/lang"
)

func TestToken(t *testing.T) {
	for _, sandbox := range []bool{false, true} {
		k, err := NewToken(rand.Reader, sandbox)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := ParseToken(k.Secret())
		if !ok || got != k || got.Hash() != k.Hash() || got.Sandbox != sandbox {
			t.Errorf("%v %v", got, ok)
		}
		for _, printed := range []string{fmt.Sprint(k), fmt.Sprintf("%v %+v %#v %s", k, k, k, k), fmt.Sprint(&k)} {
			if strings.Contains(printed, k.Secret()[25:]) {
				t.Errorf("printed: %s", printed)
			}
		}
		other := k
		other.Sandbox = !sandbox
		if other.Hash() == k.Hash() {
			t.Error("a sandbox's key is as good as one that counts")
		}
	}
	if _, err := NewToken(bytes.NewReader(nil), false); err == nil {
		t.Error("a key of nothing")
	}
}

// FuzzBearer: whatever stands in the header, either it is exactly one key, or none.
func FuzzBearer(f *testing.F) {
	k, err := NewToken(bytes.NewReader(bytes.Repeat([]byte{0xa7}, 64)), false)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"", "Bearer ", "Bearer " + k.Secret(), "bearer  " + k.Secret(), "Basic " + k.Secret(), k.Secret(), "Bearer adamas_live_", "Bearer adamas_test_" + strings.Repeat("0", 12) + "_" + strings.Repeat("f", 64),
		"Bearer " + k.Secret() + " ", "Bearer " + strings.ToUpper(k.Secret()), "Bearer\t" + k.Secret(), "Bearer adamas_live_adamas_live_x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		sent, ok := bearer(header)
		got, key := ParseToken(sent)
		if !ok || !key {
			if !key && got != (Token{}) {
				t.Fatalf("%q is refused and gives something", header)
			}
			return
		}
		scheme, rest, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "bearer") || strings.TrimLeft(rest, " ") != got.Secret() || len(got.ID) != idDigits {
			t.Fatalf("%q is taken as %q", header, got.Secret())
		}
	})
}

// FuzzIdempotencyKey: what is taken is one value, as it was sent, that a database and a
// log can hold.
func FuzzIdempotencyKey(f *testing.F) {
	for _, s := range []string{"", "a", "CF-2026-000017", " ", "a b", "é", "\x00", strings.Repeat("x", 128), strings.Repeat("x", 129), "a\nb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := IdempotencyKey([]string{s})
		if err != nil {
			return
		}
		if got != s || len(s) == 0 || len(s) > 128 || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Fatalf("%q is taken as %q", s, got)
		}
		if _, err := IdempotencyKey([]string{s, s}); err == nil {
			t.Fatal("two are taken for one")
		}
	})
}

// FuzzSeen: an ETag of ours gives the steps, anything else is refused.
func FuzzSeen(f *testing.F) {
	for _, s := range []string{"", "*", `"7.0123456789abcdef"`, `W/"7.0123456789abcdef"`, `"0.0123456789abcdef"`, `"7"`, `"99999999999.0123456789abcdef"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := seen(s)
		if err == nil && s != "" && s != "*" && (n < 1 || !strings.HasPrefix(s, fmt.Sprintf(`"%d.`, n))) {
			t.Fatalf("%q is %d", s, n)
		}
	})
}

// TestTurn: while it is another's turn no body is read, and in one's own it is.
func TestTurn(t *testing.T) {
	ended := false
	turn := func(err error) func(context.Context) (context.Context, func(), error) {
		return func(ctx context.Context) (context.Context, func(), error) { return ctx, func() { ended = true }, err }
	}
	var did []byte
	call := func(body io.Reader, o *Operation) error {
		r := httptest.NewRequest(http.MethodPost, "/", body)
		r.Header.Set("Content-Type", mediaJSON)
		c := &Call{w: httptest.NewRecorder(), r: r, ctx: r.Context(), op: o}
		return c.serve(func(c *Call) error { did = c.Body; return nil })
	}
	busy := errors.New("busy")
	if err := call(iotest.ErrReader(errors.New("it was read")), &Operation{kind: Checking, Most: 10, Turn: turn(busy)}); !errors.Is(err, busy) || did != nil || ended {
		t.Errorf("another's turn: %v, %q", err, did)
	}
	if err := call(strings.NewReader("{}"), &Operation{kind: Checking, Most: 10, Turn: turn(nil)}); err != nil || string(did) != "{}" || !ended {
		t.Errorf("its own: %v, %q, ended: %t", err, did, ended)
	}
}

func TestWords(t *testing.T) {
	if found, err := lang.Compare(Text()); err != nil || len(found) > 0 {
		t.Errorf("%v %v", found, err)
	}
}
