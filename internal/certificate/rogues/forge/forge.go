package forge

import (
	"errors"
	"maps"
	"slices"
	"time"

	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
)

// Shown is what is put before a reader, with what the reader carries and asks.
// One of Bundle, Codes, Root, Paper and Pack alone is what is judged.
type Shown struct {
	Bundle []byte   // a certificate's file
	Codes  []string // the texts of the codes on a printed one
	Root   []byte   // a root document that somebody hands out
	Paper  *Paper   // a certificate of a Participant that issues on paper alone

	Pack     []byte         // the reader's pack
	Pin      canonical.Hash // of the root document that the reader insists on; zero: none
	Register *Register      // the logs that an import desk follows, for Paper
	At       time.Time
	Here     string // Participant where the goods are presented
}

// Paper is what a paper certificate says, as a desk keys it.
type Paper struct {
	Number   string
	Issuer   string
	Importer string
	Issued   string // day
	Parcels  []string
}

// Register is a root document and the logs under it.
type Register struct {
	Root []byte
	Logs []Log
}

// Log is a log's entries in order.
type Log struct {
	Origin string
	Leaves [][]byte
}

// Attempt is a forgery and a genuine one, for the same question. Genuine is nil
// where a genuine one could not be told from the forgery.
type Attempt struct{ Genuine, Rogue *Shown }

// ErrNoForger means that nobody forges by that name.
var ErrNoForger = errors.New("no forger of that name")

// Names lists the forgers.
func Names() []string { return slices.Sorted(maps.Keys(forgers)) }

// Make has a forger at work. Errors: ErrNoForger; any other is a mistake in this
// package.
func Make(name string) (a *Attempt, err error) {
	forger, ok := forgers[name]
	if !ok {
		return nil, ErrNoForger
	}
	defer func() {
		if r := recover(); r != nil {
			f, ours := r.(failure)
			if !ours {
				panic(r)
			}
			a, err = nil, f.error
		}
	}()
	a = forger()
	return a, nil
}

// forgers are those who forge, by the name of their story.
var forgers = map[string]func() *Attempt{
	"changed-weight": changedWeight, "changed-seal": changedSeal, "expired": expired, "void": void, "replaced": replaced, "lost": lost,
	"same-paper-twice": samePaperTwice, "two-contents": twoContents, "diverted": diverted, "last-years-number": lastYearsNumber, "borrowed-approval": borrowedApproval,
	"two-pillars": twoPillars, "one-key-two-pillars": oneKeyTwoPillars, "relabelled": relabelled, "forked-log": forkedLog, "stripped-proof": strippedProof,
	"stolen-log-key": stolenLogKey, "stale-pack": stalePack, "unknown-issuer": unknownIssuer, "stolen-key": stolenKey, "stolen-key-backdated": stolenKeyBackdated,
	"truncated-code": truncatedCode, "look-alike-code": lookAlikeCode, "look-alike-page": lookAlikePage,
	"sl-4306-range": sierraLeoneRange, "sl-4911-parcel": sierraLeoneParcel, "kenya-2015": kenya, "cameroon-2012": cameroonBefore,
	"cameroon-2016": cameroonAfter, "guinea-2014": guinea, "car-2014": centralAfrica,
}

// both asks an importing office's question of two files, from a pack of the world
// as it is now.
func (w *world) both(genuine, rogue *bundle.Bundle) *Attempt {
	return w.from(w.pack(packed, w.cf), genuine, rogue)
}

func (w *world) from(pack []byte, genuine, rogue *bundle.Bundle) *Attempt {
	show := func(b *bundle.Bundle) *Shown {
		return &Shown{Bundle: must(b.Encode()), Pack: pack, At: at(judged), Here: "AE"}
	}
	return &Attempt{show(genuine), show(rogue)}
}

// at has the question asked at another time.
func (a *Attempt) at(unix int64) *Attempt {
	a.Genuine.At, a.Rogue.At = at(unix), at(unix)
	return a
}

// copied is a file that a forger may edit without touching the genuine one.
func copied(b *bundle.Bundle) *bundle.Bundle { return must(bundle.Parse(must(b.Encode()))) }
