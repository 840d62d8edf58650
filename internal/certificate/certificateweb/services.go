package certificateweb

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/life"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/message"
	"adamas.example/verify/statement"
)

// kinds are the messages that the desks post, by the names they have there.
var kinds = map[string]message.Kind{"advice": message.Advice, "confirmation": message.Confirmation, "notice": message.Notice}

// Services opens the exporting and the importing desk at a node.
func Services(n *module.Node) ([]any, error) {
	certificates, err := module.Service[*certificate.Service](n)
	if err != nil {
		return nil, err
	}
	office := ident.OfficeID(n.Office)
	post := func(tx *store.Tx, to, kind string, statements, bundles [][]byte) error {
		_, err := n.Post.Post(tx, exchange.Draft{To: to, Kind: kinds[kind], Statements: statements, Bundles: bundles})
		return err
	}
	exports := exporting.New(exporting.Config{Certificates: certificates, Ledger: n.Ledger, Rules: n.Rules, Office: office, Signer: n.Signer, Now: n.Now,
		Entropy: rand.Reader, Synthetic: n.Synthetic, Post: post})
	j := &judge{node: n}
	imports := importing.New(importing.Config{Ledger: n.Ledger, Rules: n.Rules, Office: office, Signer: n.Signer, Now: n.Now, Synthetic: n.Synthetic,
		Judge: j.judge, Trade: certificates.Trade})
	if _, err := exports.Resume(context.Background()); err != nil { // what a crash left between intention and signature
		return nil, err
	}
	return []any{exports, imports, j}, nil
}

// Followers are the public life of every certificate, and the letters that tell the
// exporting office what this one has stated.
func Followers(n *module.Node) ([]follow.Follower, error) {
	return []follow.Follower{life.Follower{}, &importing.Letters{Office: n.Office, Post: func(tx *store.Tx, to, kind string, statements [][]byte) error {
		_, err := n.Post.Post(tx, exchange.Draft{To: to, Kind: kinds[kind], Statements: statements})
		return err
	}}}, nil
}

// Messages takes advice to the importing desk. A confirmation and a notice need
// nothing done: the register of the other office decides, and is followed.
func Messages(n *module.Node) (map[message.Kind]exchange.Handler, error) {
	imports, err := module.Service[*importing.Desk](n)
	if err != nil {
		return nil, err
	}
	heard := func(*store.Tx, *exchange.Arrived) error { return nil }
	return map[message.Kind]exchange.Handler{message.Confirmation: heard, message.Notice: heard,
		message.Advice: func(tx *store.Tx, in *exchange.Arrived) error {
			if len(in.Contents.Statements) != 1 || len(in.Contents.Bundles) != 1 {
				return importing.ErrNoAdvice()
			}
			return imports.Announce(tx, in.Contents.Statements[0].Bytes, in.Contents.Bundles[0].Bundle)
		}}, nil
}

// Jobs are what a desk does by itself: it hears what other registers say of its
// certificates, and does what time asks for.
func Jobs(n *module.Node) ([]module.Job, error) {
	exports, err := module.Service[*exporting.Desk](n)
	if err != nil {
		return nil, err
	}
	hear := func(ctx context.Context) error {
		directory, err := n.Post.Directory(ctx)
		if err == nil {
			_, err = exports.Hear(ctx, directory)
		}
		return err
	}
	tick := func(ctx context.Context) error {
		_, err := exports.Tick(ctx)
		return err
	}
	return []module.Job{{Name: "certificate.hear", Do: hear}, {Name: "certificate.tick", Do: tick}}, nil
}

// judge asks the verifier, from all that the node knows at that moment.
type judge struct {
	node *module.Node

	mu   sync.Mutex
	held *follow.Held
	at   time.Time
}

func (j *judge) judge(ctx context.Context, b *bundle.Bundle, at time.Time) (*verify.Verdict, error) {
	held, err := j.hold(ctx)
	if err != nil {
		return nil, err
	}
	own, err := j.own(ctx, b)
	if err != nil {
		return nil, err
	}
	return verify.New(held.Pack).Verify(b, verify.Options{Purpose: verify.Import, At: at, Destination: j.node.Office[:2], Own: own}), nil
}

// own is what this office itself has stated of a certificate: goods that it has
// released are free before the witnesses have seen the release.
func (j *judge) own(ctx context.Context, b *bundle.Bundle) (out []*statement.Statement, err error) {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		return nil, nil //nolint:nilerr // the verdict says what is wrong with it
	}
	return out, j.node.Ledger.Store().Read(ctx, j.node.Now(), func(tx *store.Tx) error {
		entries, err := ledger.SaidOf(tx, j.node.Office, st.Subject)
		for _, e := range entries {
			if st, err := statement.Parse(e.Signed); err == nil {
				out = append(out, st)
			}
		}
		return err
	})
}

// hold gives what the node knows, made anew when any log has grown.
func (j *judge) hold(ctx context.Context) (*follow.Held, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if now := j.node.Now(); j.held != nil && now.Sub(j.at) < follow.HoldFor && !now.Before(j.at) {
		return j.held, nil
	}
	f, err := follow.New(follow.Config{Ledger: j.node.Ledger, Now: j.node.Now})
	if err != nil {
		return nil, err
	}
	feeds, _ := j.node.Post.Feeds(ctx) // what stands in the way of one is shown on the node's page
	held, err := f.Hold(ctx, j.node.Roots, feeds, j.held)
	if err == nil {
		j.held, j.at = held, j.node.Now()
	}
	return held, err
}
