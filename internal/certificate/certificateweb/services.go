package certificateweb

import (
	"context"
	"crypto/rand"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/applications"
	"adamas.example/internal/certificate/certificateweb/judge"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/importing/letters"
	"adamas.example/internal/certificate/life"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/verify/message"
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
	j := judge.New(n)
	imports := importing.New(importing.Config{Ledger: n.Ledger, Rules: n.Rules, Office: office, Signer: n.Signer, Now: n.Now, Synthetic: n.Synthetic,
		Judge: j.Import, Trade: certificates.Trade, Scheme: certificates.Scheme(), Entropy: rand.Reader})
	if _, err := exports.Resume(context.Background()); err != nil { // what a crash left between intention and signature
		return nil, err
	}
	if err := imports.Resume(context.Background()); err != nil {
		return nil, err
	}
	asked := applications.New(applications.Config{Desk: exports, Certificates: certificates, Store: n.Ledger.Store(), Rules: n.Rules, Office: office, Now: n.Now, Entropy: rand.Reader})
	return []any{exports, imports, j, asked}, nil
}

// Followers are the public life of every certificate and what it says, and the letters that tell the
// exporting office what this one has stated.
func Followers(n *module.Node) ([]follow.Follower, error) {
	return []follow.Follower{life.Follower{}, life.Contents{}, &letters.Letters{Office: n.Office, Post: func(tx *store.Tx, to, kind string, statements [][]byte) error {
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
	certificates, err := module.Service[*certificate.Service](n)
	if err != nil {
		return nil, err
	}
	ranges := func(ctx context.Context) error {
		directory, err := n.Post.Directory(ctx)
		if err == nil {
			_, err = certificates.TakeAllotted(ctx, directory)
		}
		return err
	}
	tell := func(ctx context.Context) error {
		for more := true; more; {
			err := n.Ledger.Store().Write(ctx, n.Now(), func(tx *store.Tx) (err error) {
				more, err = consignment.Tell(tx)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	return []module.Job{{Name: "certificate.ranges", Do: ranges}, {Name: "certificate.hear", Do: hear}, {Name: "certificate.tick", Do: tick}, {Name: "certificate.tell", Do: tell}}, nil
}
