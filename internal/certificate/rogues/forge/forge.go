package forge

import (
	"errors"
	"maps"
	"slices"
	"time"

	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
)

// Shown is what is put before a reader, with what the reader carries and asks.
// One of Bundle, PDF, Codes, Root, Paper and Pack alone is what is judged.
type Shown struct {
	Bundle []byte   // a certificate's file
	PDF    []byte   // or a printed one
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

// Printer prints a certificate as its office does. pol is the policy of its log.
type Printer func(b *bundle.Bundle, pol *policy.Policy) ([]byte, error)

// Make has a forger at work. print is for those who forge what an office has printed.
// Errors: ErrNoForger, those of print; any other is a mistake in this package.
func Make(name string, print Printer) (a *Attempt, err error) {
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
	a = forger(print)
	return a, nil
}

// forgers are those who forge, by the name of their story.
var forgers = map[string]func(Printer) *Attempt{
	"altered-pdf":          alteredPDF,
	"changed-weight":       unprinted(changedWeight),
	"changed-seal":         unprinted(changedSeal),
	"expired":              unprinted(expired),
	"void":                 unprinted(void),
	"replaced":             unprinted(replaced),
	"lost":                 unprinted(lost),
	"same-paper-twice":     unprinted(samePaperTwice),
	"two-contents":         unprinted(twoContents),
	"diverted":             unprinted(diverted),
	"last-years-number":    unprinted(lastYearsNumber),
	"borrowed-approval":    unprinted(borrowedApproval),
	"two-pillars":          unprinted(twoPillars),
	"one-key-two-pillars":  unprinted(oneKeyTwoPillars),
	"relabelled":           unprinted(relabelled),
	"forked-log":           unprinted(forkedLog),
	"stripped-proof":       unprinted(strippedProof),
	"stolen-log-key":       unprinted(stolenLogKey),
	"stale-pack":           unprinted(stalePack),
	"unknown-issuer":       unprinted(unknownIssuer),
	"stolen-key":           unprinted(stolenKey),
	"stolen-key-backdated": unprinted(stolenKeyBackdated),
	"truncated-code":       unprinted(truncatedCode),
	"look-alike-code":      unprinted(lookAlikeCode),
	"look-alike-page":      unprinted(lookAlikePage),
	"sl-4306-range":        unprinted(sierraLeoneRange),
	"sl-4911-parcel":       unprinted(sierraLeoneParcel),
	"kenya-2015":           unprinted(kenya),
	"cameroon-2012":        unprinted(cameroonBefore),
	"cameroon-2016":        unprinted(cameroonAfter),
	"guinea-2014":          unprinted(guinea),
	"car-2014":             unprinted(centralAfrica),
}

// unprinted are forgers who need nothing printed.
func unprinted(forger func() *Attempt) func(Printer) *Attempt {
	return func(Printer) *Attempt { return forger() }
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
