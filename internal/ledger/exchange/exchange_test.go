package exchange_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/peer"
	"adamas.example/internal/store"
	"adamas.example/verify/message"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// TestHTTP: an advice goes over HTTP, is acknowledged in the answer, handled once,
// and what its bundle discloses is in the vault.
func TestHTTP(t *testing.T) {
	engines(t, func(t *testing.T, s *scene) {
		ae := s.open("AE/dubai")
		cf := s.open("CF/bangui", peer.Peer{Participant: "AE", Exchange: ae.serve()})
		d, number, payload := s.advice("AE/dubai")
		id := cf.put(d)
		cf.round()
		m := cf.sent(id)
		if m.State != exchange.Acknowledged || m.Answered.IsZero() || m.SentAt.IsZero() || m.Carrier != exchange.HTTP || !m.Next.IsZero() {
			t.Errorf("%+v", m)
		}
		if len(*ae.got) != 1 || (*ae.got)[0].Contents.Bundles[0].Statement.Subject != "certificate/"+number || (*ae.got)[0].From != "CF/bangui" {
			t.Fatalf("handled %d", len(*ae.got))
		}
		if in := ae.inbox(); len(in) != 1 || in[0].State != exchange.Handled || in[0].Message.ID != id {
			t.Errorf("inbox %+v", in[0])
		}
		err := ae.ledger.Store().Read(t.Context(), s.clock.now(), func(tx *store.Tx) error {
			k, err := ledger.KeptFor(tx, payload)
			if err == nil && (k == nil || k.Disclosure == nil || len(k.Approvals) != 2) {
				t.Errorf("vault: %+v", k)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		// A second round has nothing to do; what was acknowledged goes out no more.
		s.clock.pass(time.Hour)
		cf.round()
		if err := cf.Again(t.Context(), id); !fault.Is(err, "exchange.acknowledged") {
			t.Error(err)
		}
		// The same message once more, as where the answer was lost, is taken once.
		if err := cf.ledger.Store().Write(t.Context(), s.clock.now(), func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE ledger_outbox SET state = $2, next_at = $3, answered_at = NULL WHERE id = $1`, id, exchange.Queued, tx.Now())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		cf.round()
		if m := cf.sent(id); m.State != exchange.Acknowledged || len(*ae.got) != 1 || len(ae.inbox()) != 1 {
			t.Errorf("%+v, handled %d, inbox %d", m, len(*ae.got), len(ae.inbox()))
		}
	})
}

// TestStick: there and back on a stick; nothing is stored without apply, and each
// message once whatever is read again.
func TestStick(t *testing.T) {
	engines(t, func(t *testing.T, s *scene) {
		ae, cf := s.open("AE/dubai"), s.open("CF/bangui")
		stick := t.TempDir()
		d, number, _ := s.advice("AE/dubai")
		id := cf.put(d)
		for _, there := range []bool{false, true} {
			out, err := cf.WriteStick(t.Context(), stick, "")
			if err != nil || len(out) != 1 || out[0].There != there || out[0].Fault != nil {
				t.Fatalf("%+v %v", out, err)
			}
		}
		if m := cf.sent(id); m.State != exchange.Sent || m.Carrier != exchange.Stick {
			t.Errorf("%+v", m)
		}
		secretFree(t, stick, number, "advice")
		read := func(o *office, apply bool) []exchange.Came {
			t.Helper()
			came, err := o.Read(t.Context(), apply, stick)
			if err != nil {
				t.Fatal(err)
			}
			return came
		}
		if came := read(ae, false); len(came) != 1 || came[0].Message.ID != id || came[0].State != "" || len(ae.inbox()) != 0 {
			t.Errorf("%+v, inbox %d", came, len(ae.inbox()))
		}
		if came := read(cf, true); len(came) != 1 || !came[0].Others {
			t.Errorf("the sender reads %+v", came)
		}
		for n := range 2 {
			if came := read(ae, true); len(came) != 1 || came[0].Fault != nil || came[0].Twice != (n > 0) || came[0].State != exchange.Handled {
				t.Errorf("%+v", came)
			}
		}
		if len(*ae.got) != 1 {
			t.Errorf("handled %d times", len(*ae.got))
		}
		// The acknowledgement goes back on the same stick, and is itself not answered.
		if out, err := ae.WriteStick(t.Context(), stick, "CF/bangui"); err != nil || len(out) != 1 || out[0].Message.Kind != message.Acknowledgement {
			t.Fatalf("%+v %v", out, err)
		}
		for range 2 {
			read(cf, true)
		}
		if m := cf.sent(id); m.State != exchange.Acknowledged {
			t.Errorf("%+v", m)
		}
		for _, o := range []*office{ae, cf} {
			if out, err := o.WriteStick(t.Context(), stick, ""); err != nil || len(out) != 0 {
				t.Errorf("still waits: %+v %v", out, err)
			}
		}
		// Lost on the way: who reads the message again answers it again.
		read(ae, true)
		if out, err := ae.WriteStick(t.Context(), t.TempDir(), ""); err != nil || len(out) != 1 {
			t.Errorf("%+v %v", out, err)
		}
	})
}

// secretFree wants none of the words in any file or its name.
func secretFree(t *testing.T, dir string, words ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range words {
			if strings.Contains(e.Name()+string(b), w) {
				t.Errorf("%s says %q", e.Name(), w)
			}
		}
	}
}

// TestCutOffForDays: tries come later and later, at most an hour apart; when the
// other side is back everything arrives, once. After a month a person is asked.
func TestCutOffForDays(t *testing.T) {
	s := onSQLite(t)
	ae := s.open("AE/dubai")
	var asked atomic.Int64
	var up atomic.Bool
	inner := ae.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if !up.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	defer server.Close()
	cf := s.open("CF/bangui", peer.Peer{Office: "AE/dubai", Exchange: server.URL})
	first := cf.put(s.draft("AE/dubai"))
	for range 3 * 24 * 12 { // three days, a look each five minutes
		cf.round()
		s.clock.pass(5 * time.Minute)
	}
	m := cf.sent(first)
	if n := asked.Load(); n < 66 || n > 85 || m.Attempts != n || m.State != exchange.Queued {
		t.Errorf("asked %d times, %+v", n, m)
	}
	wantFault(t, m.Reason, "exchange.unreachable")
	second := cf.put(s.draft("AE/dubai"))
	up.Store(true)
	s.clock.pass(time.Hour)
	cf.round()
	for _, id := range []message.ID{first, second} {
		if m := cf.sent(id); m.State != exchange.Acknowledged || m.Reason != nil {
			t.Errorf("%+v", m)
		}
	}
	if len(*ae.got) != 2 {
		t.Errorf("handled %d", len(*ae.got))
	}
	up.Store(false)
	third := cf.put(s.draft("AE/dubai"))
	for range 31 * 24 {
		cf.round()
		s.clock.pass(time.Hour + time.Minute)
	}
	if m := cf.sent(third); m.State != exchange.Failed || !m.Next.IsZero() {
		t.Errorf("%+v", m)
	}
	up.Store(true)
	if err := cf.Again(t.Context(), third); err != nil {
		t.Fatal(err)
	}
	cf.round()
	if m := cf.sent(third); m.State != exchange.Acknowledged {
		t.Errorf("%+v", m)
	}
}

func (s *scene) draft(to string) exchange.Draft {
	return exchange.Draft{To: to, Kind: message.Advice, Note: "SYNTHETIC"}
}

// TestHandlerFails: what the handler did is undone, the message stays, and it is
// asked again, unless it has said that the message is wrong.
func TestHandlerFails(t *testing.T) {
	s := onSQLite(t)
	ae, cf := s.open("AE/dubai"), s.open("CF/bangui")
	calls, fails := 0, errors.New("the disk is full")
	ae.register(message.Confirmation, func(tx *store.Tx, in *exchange.Arrived) error {
		calls++
		if _, err := ae.Post(tx, exchange.Draft{To: in.From, Kind: message.Notice, Note: "SYNTHETIC answer", Answers: in.ID}); err != nil {
			return err
		}
		return fails
	})
	stick := t.TempDir()
	id := cf.put(exchange.Draft{To: "AE/dubai", Kind: message.Confirmation, Note: "SYNTHETIC"})
	if _, err := cf.WriteStick(t.Context(), stick, ""); err != nil {
		t.Fatal(err)
	}
	if came, err := ae.Read(t.Context(), true, stick); err != nil || came[0].State != exchange.Taken {
		t.Fatalf("%+v %v", came, err)
	}
	in := ae.inbox()[0]
	wantFault(t, in.Reason, "exchange.failed")
	answers := func() (n int) {
		out, err := ae.Outbox(t.Context(), 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range out {
			if m.Message.Answers == id && m.Message.Kind == message.Notice {
				n++
			}
		}
		return n
	}
	if calls != 1 || answers() != 0 || in.Next.IsZero() {
		t.Errorf("%d calls, %d answers, %+v", calls, answers(), in)
	}
	fails = nil
	s.clock.pass(time.Minute)
	ae.round()
	if in := ae.inbox()[0]; in.State != exchange.Handled || calls != 2 || answers() != 1 || in.Reason != nil {
		t.Errorf("%d calls, %d answers, %+v", calls, answers(), in)
	}
	fails = fault.Invalid("exchange.unreadable", fault.Arg("why", "SYNTHETIC"))
	cf.put(exchange.Draft{To: "AE/dubai", Kind: message.Confirmation, Note: "SYNTHETIC"})
	if _, err := cf.WriteStick(t.Context(), stick, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := ae.Read(t.Context(), true, stick); err != nil {
		t.Fatal(err)
	}
	s.clock.pass(24 * time.Hour)
	ae.round()
	if in := ae.inbox()[0]; in.State != exchange.Taken || calls != 3 || !in.Next.IsZero() {
		t.Errorf("%d calls, %+v", calls, in)
	}
}

// TestStrangerBecomesKnown: a message whose signer is not known waits, and is taken
// and acknowledged once the log that names the key has been followed.
func TestStrangerBecomesKnown(t *testing.T) {
	engines(t, func(t *testing.T, s *scene) {
		ae := s.open("AE/dubai")
		url := ae.serve()
		s.Offices["CF/bangui"].Signer = nextKey(s)
		raw := s.raw(s.note(func(m *message.Message) { m.Kind = message.Advice }), s.Offices["CF/bangui"].Signer, "AE/dubai")
		if status, body := postRaw(t, url, raw); status != http.StatusAccepted || len(body) != 0 {
			t.Errorf("a stranger is told %d %q", status, body)
		}
		in := ae.inbox()[0]
		if in.State != exchange.Received || in.Message != nil {
			t.Errorf("%+v", in)
		}
		wantFault(t, in.Reason, "exchange.sender_unknown")
		s.clock.pass(time.Minute)
		ae.round()
		if in := ae.inbox()[0]; in.State != exchange.Received {
			t.Errorf("%+v", in)
		}
		s.appoint("CF/bangui", s.Offices["CF/bangui"].Signer, 1, s.ids["CF/bangui"].Recipient().String(), s.clock.now().Unix()+86400)
		s.publish()
		ae.follow()
		s.clock.pass(time.Hour)
		ae.round()
		if in := ae.inbox()[0]; in.State != exchange.Handled || len(*ae.got) != 1 {
			t.Errorf("%+v", in)
		}
		// A second look that had read it before the first was done takes nothing away.
		if err := ae.LookAgainAt(t.Context(), in); err != nil {
			t.Error(err)
		}
		if all := ae.inbox(); len(all) != 1 || all[0].State != exchange.Handled || len(*ae.got) != 1 {
			t.Errorf("%d messages, %d handled", len(all), len(*ae.got))
		}
		out, err := ae.Outbox(t.Context(), 10)
		if err != nil || len(out) != 1 || out[0].Message.Kind != message.Acknowledgement {
			t.Errorf("%v %v", out, err)
		}
	})
}

// TestSlowOffice: an office that does not answer keeps no other waiting, and is not
// asked for each of its messages in one round.
func TestSlowOffice(t *testing.T) {
	s := onSQLite(t)
	s.Offices["AE/sharjah"] = &verifytest.Office{ID: "AE/sharjah", Log: s.Offices["AE/dubai"].Log}
	s.appoint("AE/sharjah", verifytest.NewSigner("sharjah"), statement.UseOffice, s.ids["AE/dubai"].Recipient().String(), s.clock.now().Unix()+86400)
	s.publish()
	ae := s.open("AE/dubai")
	release := make(chan struct{})
	var asked atomic.Int64
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		select {
		case <-release:
		case <-r.Context().Done():
		}
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer slow.Close()
	cf := s.open("CF/bangui", peer.Peer{Office: "AE/sharjah", Exchange: slow.URL}, peer.Peer{Office: "AE/dubai", Exchange: ae.serve()})
	ctx, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { cf.Run(ctx) })
	defer done.Wait()
	defer stop()
	defer close(release)
	for range 3 {
		cf.put(s.draft("AE/sharjah"))
	}
	for range 3 {
		id := cf.put(s.draft("AE/dubai"))
		for n := 0; cf.sent(id).State != exchange.Acknowledged; n++ {
			if n > 600 {
				t.Fatal("it waits for the slow one")
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("the slow one was asked %d times at once", n)
	}
}
