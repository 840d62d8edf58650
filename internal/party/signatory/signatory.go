// Package signatory tells how the officers of an office stand as signatories: who shall
// sign, whose each key is, and what the authority has said of it.
//
// # Invariants
//
//   - What counts is the authority's word in the register (stated.WordOn). Whoever cannot
//     sign by it has a Lack, and each lack has a sentence that says what is missing and who
//     can give it.
//   - A key that no officer here has any more is told as long as it would still count.
//
// Imports: access, ident, lang, keyring/officers, store, people, stated; verify/statement.
package signatory

import (
	"cmp"
	"context"
	"embed"
	"io/fs"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring/officers"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/store"
	"adamas.example/verify/statement"
)

//go:embed text
var text embed.FS

// Text is the words for what lacks.
func Text() fs.FS { return text }

// Officer is somebody who signs at the office or shall, or a key of one who did.
type Officer struct {
	ID      ident.RecordID // of his account; "" where he has none
	Login   string         // "" where a key is in nobody's folder
	Name    string
	Account people.State
	Role    bool // may validate at this office; an officer without account by his key alone
	Key     string
	Made    time.Time
	Noted   bool // the key, as his own
	Word    stated.Word
}

// Lack is what keeps an officer from signing.
type Lack string

// What may lack.
const (
	Nothing     Lack = ""
	NotYetIn    Lack = "invited"
	Closed      Lack = "closed" // his account, for good or for now
	NoRole      Lack = "role"
	NoKey       Lack = "key"
	NotStated   Lack = "unstated"
	NotYetValid Lack = "ahead"
	NoLonger    Lack = "over"
	Withdrawn   Lack = "revoked"
	InNoFolder  Lack = "folder" // the key is in nobody's folder here
)

// Lack is what keeps him from signing now, the first thing to mend first.
func (o *Officer) Lack() Lack {
	switch {
	case o.Login == "":
		return InNoFolder
	case o.Account == people.Suspended || o.Account == people.Ended:
		return Closed
	case o.Account == people.Invited:
		return NotYetIn
	case !o.Role:
		return NoRole
	case o.Key == "":
		return NoKey
	}
	return map[stated.WordState]Lack{stated.Unstated: NotStated, stated.Ahead: NotYetValid, stated.Over: NoLonger, stated.Revoked: Withdrawn}[o.Word.State]
}

// Counts tells whether his key would still be believed of others, or will be: when he
// leaves, his authority has to withdraw it.
func (o *Officer) Counts() bool { return o.Word.Signs() || o.Word.State == stated.Ahead }

// DaysLeft is how many whole days the authority's word goes on.
func (o *Officer) DaysLeft(now time.Time) int64 {
	return max(0, int64(o.Word.Until.Sub(now)/(24*time.Hour)))
}

// Called is his name, or what stands for it.
func (o *Officer) Called() string { return cmp.Or(o.Name, o.Login, o.Key) }

// Book knows the signatories of an office.
type Book struct {
	people *people.Service
	store  *store.Store
	keys   officers.At
	office ident.OfficeID
	now    func() time.Time
}

// New makes the book of an office whose node's folder is dir.
func New(p *people.Service, s *store.Store, dir string, office ident.OfficeID, now func() time.Time) *Book {
	return &Book{p, s, officers.At(dir), office, now}
}

// Officers lists everybody who signs here or shall, by login; behind them keys that count
// and are in nobody's folder.
func (b *Book) Officers(ctx context.Context) (out []Officer, err error) {
	everybody, err := b.people.Everybody(ctx)
	if err != nil {
		return nil, err
	}
	said, err := b.said(ctx)
	if err != nil {
		return nil, err
	}
	for _, who := range everybody {
		o := b.officer(who, said)
		if o.Key != "" || o.Role && o.Account != people.Ended {
			out = append(out, o)
		}
	}
	for _, k := range b.keys.All() {
		if !slices.ContainsFunc(out, func(o Officer) bool { return o.Login == k.Login }) {
			out = append(out, b.officer(people.Person{Login: k.Login}, said))
		}
	}
	slices.SortFunc(out, func(a, b Officer) int { return strings.Compare(a.Login, b.Login) })
	return append(out, b.left(everybody, said, out)...), nil
}

// Of is one officer of the office, by his login; one who has neither account nor key here
// lacks all of it.
func (b *Book) Of(ctx context.Context, login string) (Officer, error) {
	everybody, err := b.people.Everybody(ctx)
	if err != nil {
		return Officer{}, err
	}
	said, err := b.said(ctx)
	i := slices.IndexFunc(everybody, func(p people.Person) bool { return p.Login == login })
	if i < 0 {
		return b.officer(people.Person{Login: login}, said), err
	}
	return b.officer(everybody[i], said), err
}

func (b *Book) officer(who people.Person, said []stated.Key) Officer {
	o := Officer{ID: who.ID, Login: who.Login, Name: who.Name, Account: who.State, Role: who.ID == "" || validates(who, b.office)}
	k, err := b.keys.Of(who.Login)
	if err != nil {
		return o
	}
	o.Key, o.Word = k.Key.String(), stated.WordOn(said, b.office, k.Key.String(), b.now())
	o.Noted = slices.Contains(who.Keys, people.SigningKey{ID: k.Key, Kind: people.InRing})
	if card, err := b.keys.Card(who.Login); err == nil {
		o.Made = card.Created
	}
	return o
}

func validates(who people.Person, office ident.OfficeID) bool {
	return slices.ContainsFunc(who.Grants, func(g access.Grant) bool { return g.Role == access.Validator && g.Office == office })
}

// left are keys that count and are in nobody's folder: of who left, or has another now.
func (b *Book) left(everybody []people.Person, said []stated.Key, here []Officer) (out []Officer) {
	for _, k := range said {
		same := func(o Officer) bool { return o.Key == k.ID }
		if k.Office != b.office || k.Use != statement.UseOfficer || slices.ContainsFunc(here, same) || slices.ContainsFunc(out, same) {
			continue
		}
		o := Officer{Key: k.ID, Word: stated.WordOn(said, b.office, k.ID, b.now())}
		for _, who := range everybody {
			if slices.ContainsFunc(who.Keys, func(s people.SigningKey) bool { return s.ID.String() == k.ID }) {
				o.ID, o.Name, o.Account = who.ID, who.Name, who.State
			}
		}
		if o.Counts() {
			out = append(out, o)
		}
	}
	return out
}

func (b *Book) said(ctx context.Context) (all []stated.Key, err error) {
	err = b.store.Read(ctx, b.now(), func(tx *store.Tx) error {
		all, err = stated.Keys(tx, b.office.Participant())
		return err
	})
	return all, err
}

// Administrators are the names of those who can have a key stated.
func (b *Book) Administrators(ctx context.Context) (names []string, err error) {
	everybody, err := b.people.Everybody(ctx)
	for _, who := range everybody {
		for _, g := range who.Actor().Grants {
			if g.Role == access.Administrator && (g.Office == b.office || g.Office == "" && g.Participant == b.office.Participant()) && !slices.Contains(names, who.Name) {
				names = append(names, who.Name)
			}
		}
	}
	return names, err
}

// Told says in a sentence what keeps an officer from signing and who can mend it; "" when
// nothing does.
func (b *Book) Told(ctx context.Context, p *lang.Printer, o *Officer) (string, error) {
	lack := o.Lack()
	if lack == Nothing {
		return "", nil
	}
	names, err := b.Administrators(ctx)
	return p.T("signatory.lack."+string(lack), lang.Args{"name": o.Called(), "administrators": strings.Join(names, ", "), "from": o.Word.From, "until": o.Word.Until, "reason": o.Word.Reason}), err
}

// Reminder says that the key's time ends soon and who can have it stated for longer; ""
// while it does not.
func (b *Book) Reminder(ctx context.Context, p *lang.Printer, o *Officer) (string, error) {
	if o.Word.State != stated.Ending {
		return "", nil
	}
	names, err := b.Administrators(ctx)
	return p.T("signatory.ending", lang.Args{"name": o.Called(), "until": o.Word.Until, "count": o.DaysLeft(b.now()), "administrators": strings.Join(names, ", ")}), err
}

// Statable tells whether the authority may state his key, or state it for longer: nothing
// lacks but its word.
func (o *Officer) Statable() bool {
	switch o.Lack() {
	case Nothing, NotStated, NotYetValid, NoLonger:
		return true
	}
	return false
}

// Due tells whether the authority is to say something of his key: to state it, to state it
// for longer, or to revoke it.
func (o *Officer) Due() bool {
	switch o.Lack() {
	case NotStated, NoLonger:
		return true
	case Closed, NoRole, InNoFolder:
		return o.Counts()
	case Nothing:
		return o.Word.State == stated.Ending
	}
	return false
}

// InFours is a key id as it is read out by telephone.
func InFours(id string) string {
	var out []byte
	for i := range len(id) {
		if i > 0 && i%4 == 0 {
			out = append(out, ' ')
		}
		out = append(out, id[i])
	}
	return string(out)
}
