package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/recovery"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

// closeTimeout bounds how long an orderly end waits for the witnesses.
const closeTimeout = time.Minute

// close ends the log and begins the one in which the office goes on. Its files,
// key and policy are ready before the configuration names them, in one stroke; cut
// off anywhere, the same command goes on.
func (c *recoverLog) close(env *module.Env, n *node.Node, r *recovery.Node) error {
	at, orderly, err := c.endOf(env, n, r)
	if err != nil {
		return err
	}
	if !c.Apply {
		if c.JSON {
			return env.JSON(closedView{Closed: at.Origin, Size: at.Size, Successor: c.CloseTo, Orderly: orderly})
		}
		env.Say("recover.would_close", lang.Args{"origin": at.Origin, "size": at.Size, "successor": c.CloseTo})
		env.Say("cli.nothing_written", nil)
		return nil
	}
	next, card, err := c.successor(env, n)
	if err != nil {
		return err
	}
	if err := c.begin(env, next, at); err != nil {
		return err
	}
	if err := node.WriteConfig(n.Dir, next.Config); err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(closedView{Closed: at.Origin, Size: at.Size, Successor: c.CloseTo, Orderly: orderly, Applied: true, Key: card.VKey,
			Policy: next.Config.PolicyPath(n.Dir)})
	}
	args := lang.Args{"origin": at.Origin, "size": at.Size, "successor": c.CloseTo, "key": card.VKey, "file": next.Config.PolicyPath(n.Dir)}
	env.Say("recover.closed", args)
	env.Say("recover.closed_next", args)
	return nil
}

// closedView is the end of a log in JSON.
type closedView struct {
	Closed    string `json:"closed"`
	Size      uint64 `json:"size"` // entries of it that count
	Successor string `json:"successor"`
	Orderly   bool   `json:"orderly"` // it has said itself that it ends
	Applied   bool   `json:"applied"`
	Key       string `json:"key,omitempty"`
	Policy    string `json:"policy,omitempty"`
}

// endOf ends the old log: by its own last statement when it is not on hold, else
// by giving it up.
func (c *recoverLog) endOf(env *module.Env, n *node.Node, r *recovery.Node) (at statement.Vector, orderly bool, err error) {
	var hold string
	err = n.Store.Read(env.Context, env.Now(), func(tx *store.Tx) error {
		hold, err = ledger.HoldOf(tx, n.Config.Origin)
		return err
	})
	if err != nil {
		return at, false, err
	}
	if hold != "" || !c.Apply {
		at, err = r.CloseLog(env.Context, c.CloseTo, c.Apply)
		return at, hold == "", err
	}
	if n.Office, err = n.Ring.Signer(env.Context, node.OfficeKey, keyring.Office); err != nil {
		return at, true, err
	}
	if err := n.OpenLedger(env); err != nil {
		return at, true, err
	}
	ctx, cancel := context.WithTimeout(env.Context, closeTimeout)
	defer cancel()
	e, err := n.Ledger.CloseLog(ctx, ledger.Closing{Signer: n.Office, Office: n.Config.Office, Successor: c.CloseTo, Reason: c.Reason, Synthetic: n.Config.Synthetic})
	n.CloseLedger()
	if errors.Is(err, context.DeadlineExceeded) {
		return at, true, fault.Unavailable("recover.not_witnessed", fault.Arg("origin", n.Config.Origin), fault.Because(err))
	}
	if err != nil {
		return at, true, err
	}
	st, err := statement.Parse(e.Signed)
	if err != nil {
		return at, true, err
	}
	return st.Body.(*statement.LogClosed).At, true, nil
}

// successor is the node as it will be: another log, its key, its policy.
func (c *recoverLog) successor(env *module.Env, n *node.Node) (*node.Node, *keyring.Card, error) {
	next := *n
	number := 2
	for isThere(filepath.Join(n.Dir, fmt.Sprintf("policy-%d.txt", number))) {
		card, err := n.Ring.Card(fmt.Sprintf("log-%d", number))
		if err == nil && card.Label() == c.CloseTo {
			break // of an earlier call that was cut off
		}
		number++
	}
	name := fmt.Sprintf("log-%d", number)
	next.Config.Origin, next.Config.LogKey, next.Config.LogFolder = c.CloseTo, name, name
	next.Config.Policy = fmt.Sprintf("policy-%d.txt", number)
	card, err := n.Ring.Card(name)
	if fault.Is(err, "keyring.not_found") {
		card, err = n.Ring.New(env.Context, keyring.Spec{Name: name, Purpose: keyring.Log, Label: c.CloseTo, Created: env.Now()})
	}
	if err != nil {
		return nil, nil, err
	}
	text, err := node.ReadPolicy(n.Dir, n.Config)
	if err != nil {
		return nil, nil, err
	}
	return &next, card, node.WriteFile(next.Config.PolicyPath(n.Dir), []byte(policyOfLog(text, card.VKey)))
}

// policyOfLog is a policy with another log's key: the witnesses stay.
func policyOfLog(text, vkey string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "log" {
			lines[i] = "log " + vkey
		}
	}
	return strings.Join(lines, "\n")
}

// begin records in the new log, as its first statement, of which it is the
// successor.
func (c *recoverLog) begin(env *module.Env, next *node.Node, at statement.Vector) (err error) {
	if next.Office, err = next.Ring.Signer(env.Context, node.OfficeKey, keyring.Office); err != nil {
		return err
	}
	lc, err := next.LogConfig()
	if err != nil {
		return err
	}
	if _, err := policy.Parse(lc.Policy); err != nil {
		return err
	}
	if err := next.OpenLedger(env); err != nil {
		return err
	}
	defer next.CloseLedger()
	_, err = next.Ledger.Succeed(env.Context, ledger.Closing{Signer: next.Office, Office: next.Config.Office, At: at, Reason: c.Reason,
		Synthetic: next.Config.Synthetic})
	return err
}

// isThere tells whether a file or folder exists.
func isThere(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
