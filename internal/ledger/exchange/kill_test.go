package exchange_test

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/peer"
	"adamas.example/internal/store"
	"adamas.example/verify/message"
	"adamas.example/verify/verifytest"
)

var onSQLiteTime = time.Unix(verifytest.Start, 0).UTC()

// kills is how often the sending process is killed.
const kills = 8

// TestKilled kills the process that posts and sends, at random moments: every
// message that was posted arrives once, whatever was under way.
func TestKilled(t *testing.T) {
	if os.Getenv("ADAMAS_EXCHANGE_SENDER") != "" {
		sender(t)
		return
	}
	s := onSQLite(t)
	ae := s.open("AE/dubai")
	url := ae.serveFreely()
	dir := t.TempDir()
	posted := map[string]bool{}
	for n := range kills {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$", "-test.count=1")
		cmd.Env = append(os.Environ(), "ADAMAS_EXCHANGE_SENDER="+url, "ADAMAS_EXCHANGE_DIR="+dir, "ADAMAS_EXCHANGE_KEY="+s.ids["AE/dubai"].String(),
			"ADAMAS_EXCHANGE_OWN="+s.ids["CF/bangui"].String(), fmt.Sprintf("ADAMAS_EXCHANGE_LAST=%t", n == kills-1))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		begun := false
		for lines.Scan() {
			id, ok := strings.CutPrefix(lines.Text(), "posted ")
			if ok {
				posted[id] = true
			}
			if ok && !begun && n < kills-1 {
				begun = true
				wait, err := rand.Int(rand.Reader, big.NewInt(60))
				if err != nil {
					t.Fatal(err)
				}
				time.AfterFunc(time.Duration(wait.Int64())*time.Millisecond, func() { cmd.Process.Kill() })
			}
		}
		if err := cmd.Wait(); err != nil && n == kills-1 {
			t.Fatal(err)
		}
	}
	if len(posted) < kills {
		t.Fatalf("only %d were posted", len(posted))
	}
	arrived := map[string]int{}
	for _, in := range *ae.got {
		arrived[in.ID.String()]++
	}
	for id := range posted {
		if arrived[id] != 1 {
			t.Errorf("%s came %d times", id, arrived[id])
		}
	}
	for id, n := range arrived {
		if n != 1 {
			t.Errorf("%s was handled %d times", id, n)
		}
	}
}

// sender is the process that is killed: it posts and sends without a pause. The
// last one stops when everything is acknowledged.
func sender(t *testing.T) {
	s := sceneWith(t, os.Getenv("ADAMAS_EXCHANGE_OWN"), os.Getenv("ADAMAS_EXCHANGE_KEY"))
	s.clock.at = s.clock.at.Add(time.Duration(os.Getpid()) * time.Second) // whatever waits is due
	s.sc = func(*testing.T) store.Config {
		return store.Config{Path: filepath.Join(os.Getenv("ADAMAS_EXCHANGE_DIR"), "adamas.db")}
	}
	cf := s.open("CF/bangui", peer.Peer{Office: "AE/dubai", Exchange: os.Getenv("ADAMAS_EXCHANGE_SENDER")})
	last := os.Getenv("ADAMAS_EXCHANGE_LAST") == "true"
	for n := 0; ; n++ {
		if n < 40 || !last {
			var id message.ID
			err := cf.ledger.Store().Write(t.Context(), s.clock.now(), func(tx *store.Tx) (err error) {
				id, err = cf.Post(tx, s.draft("AE/dubai"))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			os.Stdout.WriteString("posted " + hex.EncodeToString(id[:]) + "\n")
		}
		cf.round()
		s.clock.pass(time.Hour)
		out, err := cf.Outbox(t.Context(), 100_000)
		if err != nil {
			t.Fatal(err)
		}
		open := 0
		for _, m := range out {
			if m.State != exchange.Acknowledged {
				open++
			}
		}
		if last && n >= 40 && open == 0 {
			return
		}
		if n > 2000 {
			t.Fatalf("%d messages are not acknowledged", open)
		}
	}
}
