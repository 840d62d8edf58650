package trial

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/app/setup"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/witness"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

// watcher is a witness as a policy names it.
type watcher struct {
	pillar policy.Pillar
	vkey   string
	url    string // "" in the root document
}

// policyText is the tripartite policy of one witness of each pillar.
func policyText(logKey string, all []watcher) string {
	var b strings.Builder
	fmt.Fprintf(&b, "log %s\n", logKey)
	for _, w := range all {
		fmt.Fprintln(&b, strings.TrimSpace(fmt.Sprintf("witness %s-1 %s %s", w.pillar, w.vkey, w.url)))
	}
	for _, w := range all {
		fmt.Fprintf(&b, "group %s any %s-1\n", w.pillar, w.pillar)
	}
	b.WriteString("group tripartite all government industry civil\nquorum tripartite\n")
	return b.String()
}

func witnessRing(dir string, p policy.Pillar) string {
	return filepath.Join(dir, setup.TrialFolder, witnessesFolder, p.String(), "keys")
}

// Witnesses are those of a trial, while they run.
type Witnesses struct {
	end  context.CancelFunc
	all  sync.WaitGroup
	open []*witness.Witness
}

// Close ends them. It may be called on nil.
func (w *Witnesses) Close() error {
	if w == nil {
		return nil
	}
	w.end()
	w.all.Wait()
	var err error
	for _, o := range w.open {
		err = errors.Join(err, o.Close())
	}
	return err
}

// Start starts the witnesses of the trial in a folder and writes into the office's policy
// where they are; nil where there is no trial.
func Start(env *module.Env, dir string) (_ *Witnesses, err error) {
	if _, err := os.Stat(filepath.Join(dir, setup.TrialFolder)); err != nil {
		return nil, nil
	}
	o, err := setup.OfficeIn(dir)
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(context.WithoutCancel(env.Context)) // they outlast the office's last checkpoint
	w := &Witnesses{end: end}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	logs, err := witness.ParseLogList(fmt.Appendf(nil, "log %s\n", o.Log.VKey))
	if err != nil {
		return nil, err
	}
	var all []watcher
	for _, p := range policy.Pillars {
		next, err := w.start(ctx, env, dir, p, logs)
		if err != nil {
			return nil, err
		}
		all = append(all, next)
	}
	return w, node.WriteFile(o.Config.PolicyPath(dir), []byte(policyText(o.Log.VKey, all)))
}

func (w *Witnesses) start(ctx context.Context, env *module.Env, dir string, p policy.Pillar, logs []witness.Log) (watcher, error) {
	keys := witnessRing(dir, p)
	ring, err := keyring.Open(keys, keyring.Demonstration())
	if err != nil {
		return watcher{}, err
	}
	card, err := ring.Card(keyName)
	if err != nil {
		return watcher{}, err
	}
	signer, err := ring.Signer(ctx, keyName, keyring.Witness)
	if err != nil {
		return watcher{}, err
	}
	crypto, err := keyring.CryptoSigner(ctx, signer)
	if err != nil {
		return watcher{}, err
	}
	one, err := witness.New(witness.Config{Dir: filepath.Join(filepath.Dir(keys), "state"), Name: card.Label(), Signer: crypto, Now: env.Now, Logs: logs, Logger: quiet(env)})
	if err != nil {
		return watcher{}, err
	}
	w.open = append(w.open, one)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return watcher{}, fault.Unavailable("ledger.cannot_listen", fault.Text("127.0.0.1"), fault.Because(err))
	}
	w.all.Go(func() {
		if err := one.Serve(ctx, ln); err != nil {
			env.Logger().Error("witness of the trial", "pillar", p.String(), "error", err)
		}
	})
	return watcher{pillar: p, vkey: card.VKey, url: "http://" + ln.Addr().String()}, nil
}

// quiet is the node's log without every cosignature.
func quiet(env *module.Env) *slog.Logger {
	return slog.New(slog.NewTextHandler(env.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// Names are what the made-up authority says of itself and of the office.
type Names struct{ Participant, Authority, Office string }

// Settle has the authority say what an office needs before it can issue: who it is, whose
// the office's key is, and which numbers the station may use. What it has said already it
// does not say again.
func Settle(ctx context.Context, n *node.Node, names Names, now time.Time) error {
	ring, err := keyring.Open(filepath.Join(n.Dir, setup.AuthorityFolder), keyring.Demonstration())
	if err != nil {
		return err
	}
	signer, err := ring.Signer(ctx, authorityKey, keyring.Authority)
	if err != nil {
		return err
	}
	code := string(ident.OfficeID(n.Config.Office).Participant())
	day := canonical.DayOf(now.Unix())
	office, err := setup.OfficeIn(n.Dir)
	if err != nil {
		return err
	}
	act := keyring.Act{Issuer: code + "/authority", At: now, Synthetic: true}
	appointed, key, err := keyring.OfficeKeyStatement(act, office.Key, keyring.Appointment{Office: n.Config.Office, Name: names.Office, From: now, Until: now.Add(lasts),
		Types: keyring.DailyTypes(), Age: office.Mail.Recipient})
	if err != nil {
		return err
	}
	head := func(subject string) statement.Header {
		return statement.Header{Issuer: act.Issuer, IssuedAt: now.Unix(), Subject: subject, Synthetic: true}
	}
	for _, s := range []struct {
		h statement.Header
		b statement.Body
	}{{head("participant/" + code), &statement.Participant{Code: code, Name: names.Participant, Authority: names.Authority, Digits: 8}}, {appointed, key},
		{head("range/" + code + "/1"), &statement.NumberRange{Participant: code, Digits: 8, First: 1, Last: 10_000, Station: n.Config.Station, LogWithin: 3600, From: day, Until: day + 365}},
		{head("rule-set/" + n.Rules.ID()), nil}} {
		if err := say(ctx, n, signer, s.h, s.b, now); err != nil {
			return err
		}
	}
	return nil
}

// say records a statement whose subject its register does not have yet; without a body,
// the office's own word on the rules by which it works.
func say(ctx context.Context, n *node.Node, authority *keyring.Signer, h statement.Header, b statement.Body, now time.Time) error {
	signer := authority
	if b == nil {
		signer, h.Issuer = n.Office, n.Config.Office
		b = &statement.RuleSet{Set: n.Rules.ID(), Version: fmt.Sprint(n.Rules.Version()), Content: n.Rules.Hash(), From: canonical.DayOf(now.Unix())}
	}
	said := false
	err := n.Store.Read(ctx, now, func(tx *store.Tx) error {
		all, err := ledger.Said(tx, b.Type())
		for _, e := range all {
			said = said || e.Subject == h.Subject
		}
		return err
	})
	if err != nil || said {
		return err
	}
	e, err := n.Ledger.Record(ctx, signer, h, b, ledger.Logged)
	if err != nil || b.Type() != statement.TypeNumberRange {
		return err
	}
	st, err := statement.Parse(e.Signed)
	if err != nil {
		return err
	}
	return n.Desk.TakeRange(ctx, st)
}
