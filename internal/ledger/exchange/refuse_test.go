package exchange_test

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"testing"
	"time"

	"adamas.example/internal/ledger/exchange"
	"adamas.example/verify/canonical"
	"adamas.example/verify/message"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// nextKey is another key for CF/bangui, not appointed.
func nextKey(s *scene) verifytest.Signer { return verifytest.NewSigner("office CF/bangui, next") }

func postRaw(t *testing.T, url string, raw []byte) (int, []byte) {
	t.Helper()
	resp, err := http.Post(url, "application/octet-stream", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, b
}

// TestRefused plays each attack: every one has its own fault, changes nothing, and
// over HTTP looks like any other.
func TestRefused(t *testing.T) {
	s := onSQLite(t)
	officer, expired, revoked := s.Offices["CF/bangui"].Preparer, verifytest.NewSigner("expired"), verifytest.NewSigner("revoked")
	s.appoint("CF/bangui", expired, statement.UseOffice, "", s.clock.now().Unix()-60)
	s.appoint("CF/bangui", revoked, statement.UseOffice, "", s.clock.now().Unix()+86400)
	s.Offices["CF/bangui"].Log.Append(s.Authority["CF"].Statement(statement.Header{Issuer: "CF/authority", IssuedAt: verifytest.Start,
		Subject: "key/" + revoked.Key.ID().String(), Synthetic: true}, &statement.KeyRevoked{Key: revoked.Key.ID(), Reason: "SYNTHETIC: stolen",
		CutOff: []statement.Vector{{Origin: "cf.kp.example/2026", Size: 9, Root: canonical.Sum([]byte("x"))}}}))
	s.publish()
	ae := s.open("AE/dubai")
	url := ae.serve()
	cf, dubai := s.Offices["CF/bangui"].Signer, s.Offices["AE/dubai"].Signer
	good := s.note(nil)
	payload, err := good.Encode()
	if err != nil {
		t.Fatal(err)
	}
	another, err := s.note(nil).Encode()
	if err != nil {
		t.Fatal(err)
	}
	st := cf.Statement(statement.Header{Issuer: "CF/bangui", IssuedAt: verifytest.Start, Subject: "snapshot", Synthetic: true},
		&statement.LogClosed{At: statement.Vector{Origin: "a", Size: 1, Root: canonical.Sum(nil)}, Successor: "b", Reason: "SYNTHETIC"})
	tests := []struct {
		name, fault string
		raw         []byte
		state       exchange.State // "" when nothing is stored
	}{
		{"no message", "exchange.not_a_message", []byte("hello"), ""},
		{"too large", "exchange.too_large", append([]byte("age-encryption.org/v1\n"), make([]byte, exchange.MaxRaw)...), ""},
		{"for another office", "exchange.not_for_us", s.raw(good, cf, "CF/bangui"), ""},
		{"cut short", "exchange.not_for_us", s.raw(good, cf, "AE/dubai")[:300], ""},
		{"a statement in its place", "exchange.unreadable", s.encrypt(payload, st, "AE/dubai"), exchange.Refused},
		{"signed as a statement", "exchange.unreadable", s.encrypt(payload, cf.Sign(statement.ContentStatement, payload, true), "AE/dubai"), exchange.Refused},
		{"the signature of another", "exchange.false_signature", s.encrypt(payload, cf.Sign(statement.ContentMessage, another, true), "AE/dubai"), exchange.Refused},
		{"passed on", "exchange.other_addressee", s.raw(s.note(func(m *message.Message) { m.To = "AE/sharjah" }), cf, "AE/dubai"), exchange.Refused},
		{"not SYNTHETIC", "exchange.synthetic_differs", s.raw(s.note(func(m *message.Message) { m.Synthetic = false }), cf, "AE/dubai"), exchange.Refused},
		{"in another's name", "exchange.other_office", s.raw(s.note(func(m *message.Message) { m.From = "CF/berberati" }), cf, "AE/dubai"), exchange.Refused},
		{"in another Participant's name", "exchange.other_office", s.raw(s.note(func(m *message.Message) { m.From = "CF/bangui" }), dubai, "AE/dubai"), exchange.Refused},
		{"by an officer", "exchange.key_use", s.raw(s.note(nil), officer, "AE/dubai"), exchange.Refused},
		{"by an old key", "exchange.key_time", s.raw(s.note(nil), expired, "AE/dubai"), exchange.Refused},
		{"by a stolen key, dated back", "exchange.key_revoked", s.raw(s.note(func(m *message.Message) { m.Time = verifytest.Start }), revoked, "AE/dubai"), exchange.Refused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := ae.Look(t.Context(), tt.raw)
			wantFault(t, err, tt.fault)
			before := len(ae.inbox())
			_, _, err = ae.Receive(t.Context(), tt.raw, exchange.Stick)
			wantFault(t, err, tt.fault)
			in := ae.inbox()
			if (tt.state != "") != (len(in) > before) {
				t.Errorf("%d rows, %d before", len(in), before)
			}
			if tt.state != "" && (in[0].State != tt.state || in[0].Message != nil) {
				t.Errorf("%+v", in[0])
			}
			if tt.fault == "exchange.not_a_message" || tt.fault == "exchange.too_large" {
				return
			}
			s.clock.pass(time.Hour)
			if status, body := postRaw(t, url, tt.raw); status != http.StatusAccepted || len(body) != 0 {
				t.Errorf("told %d %q", status, body)
			}
		})
	}
	if len(*ae.got) != 0 {
		t.Errorf("handled %d", len(*ae.got))
	}
}

// TestOneNumberTwoMessages: the first stands.
func TestOneNumberTwoMessages(t *testing.T) {
	s := onSQLite(t)
	ae := s.open("AE/dubai")
	cf := s.Offices["CF/bangui"].Signer
	first := s.note(nil)
	if _, _, err := ae.Receive(t.Context(), s.raw(first, cf, "AE/dubai"), exchange.Mail); err != nil {
		t.Fatal(err)
	}
	_, _, err := ae.Receive(t.Context(), s.raw(s.note(func(m *message.Message) { m.ID, m.Note = first.ID, "SYNTHETIC: other" }), cf, "AE/dubai"), exchange.Mail)
	wantFault(t, err, "exchange.id_reused")
	// The same again, encrypted anew, and the same bytes again.
	raw := s.raw(first, cf, "AE/dubai")
	for range 2 {
		if in, twice, err := ae.Receive(t.Context(), raw, exchange.Mail); err != nil || !twice || in.Message.Note != "SYNTHETIC" {
			t.Errorf("%+v %t %v", in, twice, err)
		}
	}
	// Another office may use that number too.
	if in := ae.inbox(); len(in) != 2 || in[1].State != exchange.Taken {
		t.Errorf("%d", len(in))
	}
}

// TestClockAhead: a sender whose clock is wrong is taken, with a remark.
func TestClockAhead(t *testing.T) {
	s := onSQLite(t)
	ae := s.open("AE/dubai")
	for _, ahead := range []int64{-3600, 0, 299, 3600} {
		m := s.note(func(m *message.Message) { m.Time += ahead })
		in, _, err := ae.Receive(t.Context(), s.raw(m, s.Offices["CF/bangui"].Signer, "AE/dubai"), exchange.Mail)
		if err != nil {
			t.Fatal(err)
		}
		want := time.Duration(0)
		if ahead == 3600 {
			want = time.Hour
		}
		if in.Skew != want {
			t.Errorf("ahead %d: remark %v", ahead, in.Skew)
		}
	}
}

// TestBounds of what strangers may ask.
func TestBounds(t *testing.T) {
	s := onSQLite(t)
	ae := s.open("AE/dubai")
	url := ae.serve()
	if resp, err := http.Get(url); err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("%v %v", resp, err)
	}
	if status, _ := postRaw(t, url, []byte("hello")); status != http.StatusBadRequest {
		t.Errorf("%d", status)
	}
	if status, _ := postRaw(t, url, make([]byte, exchange.MaxRaw+1)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("%d", status)
	}
	limited := 0
	for range 100 {
		if status, _ := postRaw(t, url, []byte("hello")); status == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited < 50 {
		t.Errorf("only %d of 100 were told to wait", limited)
	}
	// What waits for its signer is bounded, and who is turned away hears of it.
	stranger := verifytest.NewSigner("stranger")
	var full error
	for range 520 {
		m := s.note(func(m *message.Message) { rand.Read(m.ID[:]) })
		if _, _, err := ae.Receive(t.Context(), s.raw(m, stranger, "AE/dubai"), exchange.HTTP); err != nil {
			full = err
			break
		}
	}
	wantFault(t, full, "exchange.inbox_full")
}
