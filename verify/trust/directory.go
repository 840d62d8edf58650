package trust

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

// Entry is a statement at its place in a log.
type Entry struct {
	Origin    string
	Index     uint64
	Statement *statement.Statement
}

// Ignored is an entry that does not count, and why. A log may hold anything;
// what has no authority has no effect.
type Ignored struct {
	Entry  Entry
	Reason string
}

// OfficeKey is a key in the directory.
type OfficeKey struct {
	*statement.OfficeKey
	Entry    Entry
	Revoked  *statement.KeyRevoked // nil while good
	verifier *statement.Verifier
}

// Directory is what a set of logged statements says, judged from a root: whose
// keys are whose, which numbers were allotted, what happened to certificates.
type Directory struct {
	Chain   *Chain
	Ignored []Ignored

	keys    map[statement.KeyID][]*OfficeKey
	ranges  map[canonical.Hash]Entry
	about   map[string][]Entry // certificate number -> later statements, in order
	numbers map[string][]Entry // certificate number -> certificates

	policies    map[string]*policy.Policy
	participant map[string]*Participant
	homes       map[string][]string // Participant -> origins
	authority   map[string]*statement.Verifier
}

// NewDirectory judges entries (in log order within each log) from the chain.
// It fails only on a chain that is not one; unworthy entries are Ignored.
func NewDirectory(chain *Chain, entries []Entry) (*Directory, error) {
	d := &Directory{Chain: chain,
		keys: map[statement.KeyID][]*OfficeKey{}, ranges: map[canonical.Hash]Entry{},
		about: map[string][]Entry{}, numbers: map[string][]Entry{},
		policies: map[string]*policy.Policy{}, participant: map[string]*Participant{}, homes: map[string][]string{}, authority: map[string]*statement.Verifier{}}
	root := chain.Current()
	for i := range root.Participants {
		p := &root.Participants[i]
		v, err := p.Authority.Verifier()
		if err != nil {
			return nil, fmt.Errorf("participant %s: %w", p.Code, err)
		}
		d.participant[p.Code], d.authority[p.Code], d.homes[p.Code] = p, v, homes(p)
	}
	for _, l := range root.Logs {
		p, err := policy.Parse(l.Policy)
		if err != nil {
			return nil, err
		}
		d.policies[l.Origin] = p
	}
	// Keys before their revocations, both before what the keys have signed:
	// the order of the logs of two Participants says nothing.
	d.pass(entries, func(t statement.Type) bool { return t == statement.TypeOfficeKey })
	d.pass(entries, func(t statement.Type) bool { return t == statement.TypeKeyRevoked })
	d.pass(entries, func(t statement.Type) bool {
		return t != statement.TypeOfficeKey && t != statement.TypeKeyRevoked
	})
	return d, nil
}

func (d *Directory) pass(entries []Entry, of func(statement.Type) bool) {
	for _, e := range entries {
		if !of(e.Statement.Type) {
			continue
		}
		if err := d.take(e); err != nil {
			d.Ignored = append(d.Ignored, Ignored{e, err.Error()})
		}
	}
}

func (d *Directory) take(e Entry) error {
	st := e.Statement
	if err := d.atHome(st.Participant(), e.Origin, e.Index); err != nil {
		return err
	}
	switch body := st.Body.(type) {
	case *statement.OfficeKey:
		return d.takeKey(e, body)
	case *statement.KeyRevoked:
		return d.takeRevocation(e, body)
	case *statement.NumberRange:
		if err := d.byAuthority(e, body.Participant); err != nil {
			return err
		}
		d.ranges[st.Hash] = e
		return nil
	case *statement.Participant:
		return d.byAuthority(e, body.Code)
	case *statement.RoleGrant, *statement.Specimen, *statement.Standing:
		return d.byAuthority(e, st.Participant())
	case *statement.Certificate:
		d.numbers[body.Number] = append(d.numbers[body.Number], e)
		return nil
	}
	// A pack may hold a million receipts, and a verdict needs those of one
	// number: their signers are judged when About is asked.
	if a, ok := statement.Concerns(st.Body); ok {
		d.about[a.Number] = append(d.about[a.Number], e)
		return nil
	}
	_, err := d.Signer(st, e.place())
	return err
}

func (e Entry) place() *Place { return &Place{Origin: e.Origin, Index: e.Index} }

// byAuthority wants e signed by the authority of the Participant it is about.
func (d *Directory) byAuthority(e Entry, code string) error {
	if e.Statement.Participant() != code {
		return fmt.Errorf("%s speaks for %s", e.Statement.Issuer, code)
	}
	return d.ByAuthority(e.Statement, e.place())
}

// ByAuthority tells whether the authority of the issuer's Participant has signed
// st: by its present key, or by a former one below that key's cut-off, which
// nothing is that stands in no log yet. Where it may stand, AtHome tells.
func (d *Directory) ByAuthority(st *statement.Statement, place *Place) error {
	code := st.Participant()
	if d.participant[code] == nil {
		return fmt.Errorf("%w: %s", ErrParticipant, code)
	}
	if st.Signed.VerifiedBy(d.authority[code]) {
		return nil
	}
	for _, f := range d.participant[code].Former {
		if f.Key.ID() != st.Signed.KeyID {
			continue
		}
		v, err := f.Key.Verifier()
		if err != nil || !st.Signed.VerifiedBy(v) {
			break
		}
		if place != nil && place.Index < cutSize(f.CutOff, place.Origin) {
			return nil
		}
		return fmt.Errorf("signed by a former key of the authority of %s, and recorded after its cut-off", code)
	}
	return fmt.Errorf("not signed by the authority of %s", code)
}

func (d *Directory) takeKey(e Entry, body *statement.OfficeKey) error {
	if err := d.byAuthority(e, body.Office[:2]); err != nil {
		return err
	}
	v, err := body.Key.Verifier()
	if err != nil {
		return err
	}
	thumb := body.Key.Thumbprint()
	for _, k := range d.keys[v.ID()] {
		if k.Office[:2] != body.Office[:2] {
			continue // what another authority claims of this key binds nobody here
		}
		if k.Key.Thumbprint() != thumb {
			return errors.New("its key id is that of another key")
		}
		if k.Office != body.Office || k.Use != body.Use {
			return fmt.Errorf("the key is already that of %s", k.Office)
		}
	}
	d.keys[v.ID()] = append(d.keys[v.ID()], &OfficeKey{OfficeKey: body, Entry: e, verifier: v})
	return nil
}

func (d *Directory) takeRevocation(e Entry, body *statement.KeyRevoked) error {
	code := e.Statement.Participant()
	if err := d.byAuthority(e, code); err != nil {
		return err
	}
	known := false
	for _, k := range d.keys[body.Key] {
		if k.Office[:2] == code {
			known, k.Revoked = true, narrow(k.Revoked, body)
		}
	}
	if !known {
		return fmt.Errorf("revokes key %s, which is unknown", body.Key)
	}
	return nil
}

// narrow joins two revocations of one key: only what both leave standing
// stands. A later one can take back more, never give anything again.
func narrow(a, b *statement.KeyRevoked) *statement.KeyRevoked {
	if a == nil {
		return b
	}
	both := *a
	both.CutOff = nil
	for _, v := range a.CutOff {
		for _, w := range b.CutOff {
			if w.Origin == v.Origin {
				if w.Size < v.Size {
					v = w
				}
				both.CutOff = append(both.CutOff, v)
			}
		}
	}
	return &both
}

func cutSize(vs []statement.Vector, origin string) uint64 {
	for _, v := range vs {
		if v.Origin == origin {
			return v.Size
		}
	}
	return 0
}

// Place is where in a log a statement stands; nil means in no log yet.
type Place struct {
	Origin string
	Index  uint64
}

// Reasons why a signer is not entitled. Each has its own check in a verdict.
var (
	ErrUnknownKey  = errors.New("no root or authority known here names the key")
	ErrSignature   = errors.New("the signature is false")
	ErrOffice      = errors.New("the key is of another office")
	ErrUse         = errors.New("the key may not sign this")
	ErrKeyTime     = errors.New("the key was not valid on that day")
	ErrRevoked     = errors.New("the key was revoked")
	ErrHome        = errors.New("recorded in a log that is not the Participant's home")
	ErrParticipant = errors.New("no such Participant in the root document")
)

// Signer finds the office key that signed st and holds it against everything
// known: signature, office, use, time, revocation at place.
func (d *Directory) Signer(st *statement.Statement, place *Place) (*OfficeKey, error) {
	ks := d.named(st.Signed.KeyID, st.Participant())
	if len(ks) == 0 {
		return nil, ErrUnknownKey
	}
	if !st.Signed.VerifiedBy(ks[0].verifier) {
		return nil, ErrSignature
	}
	err := ErrOffice
	for _, k := range ks {
		if err = k.entitled(st, place); err == nil {
			return k, nil
		}
	}
	return ks[0], err
}

// named gives what a Participant's own authority says of a key; where it says
// nothing, what others say, which entitles to nothing but tells whose key it is.
func (d *Directory) named(id statement.KeyID, code string) []*OfficeKey {
	all := d.keys[id]
	others := func(k *OfficeKey) bool { return k.Office[:2] != code }
	if !slices.ContainsFunc(all, others) {
		return all // as nearly always
	}
	if own := slices.DeleteFunc(slices.Clone(all), others); len(own) > 0 {
		return own
	}
	return all
}

func (k *OfficeKey) entitled(st *statement.Statement, place *Place) error {
	switch {
	case k.Office != st.Issuer:
		return fmt.Errorf("%w: %s", ErrOffice, k.Office)
	case k.Use != statement.UseOffice || !slices.Contains(k.Types, st.Type):
		return ErrUse
	case st.IssuedAt < k.From || st.IssuedAt >= k.Until:
		return ErrKeyTime
	case k.Home != "" && place != nil && place.Origin != k.Home:
		return fmt.Errorf("%w: the office's is %s", ErrHome, k.Home)
	}
	return k.standing(place)
}

// standing tells whether what the key signed at place is untouched by its
// revocation.
func (k *OfficeKey) standing(place *Place) error {
	if k.Revoked == nil || (place != nil && place.Index < cutSize(k.Revoked.CutOff, place.Origin)) {
		return nil
	}
	return ErrRevoked
}

// Officer finds the key of an officer of the office that was valid at a time.
func (d *Directory) Officer(id statement.KeyID, office string, at int64, place *Place) (*OfficeKey, error) {
	err := ErrUnknownKey
	code, _, _ := strings.Cut(office, "/")
	for _, k := range d.named(id, code) {
		switch {
		case k.Use != statement.UseOfficer:
			err = ErrUse
		case k.Office != office:
			err = ErrOffice
		case at < k.From || at >= k.Until:
			err = ErrKeyTime
		default:
			return k, k.standing(place)
		}
	}
	return nil, err
}

// Approves tells whether b is this officer's approval of the digest: a
// COSE_Sign1 of content type ContentApproval with the digest detached.
func (k *OfficeKey) Approves(b []byte, digest canonical.Hash) bool {
	s, err := statement.ParseSign1(b)
	return err == nil && s.Content == statement.ContentApproval && s.Payload == nil && s.VerifiedOver(k.verifier, digest[:])
}

// atHome tells whether an entry of a Participant counts where it stands.
func (d *Directory) atHome(code, origin string, index uint64) error {
	p := d.participant[code]
	if p == nil {
		return fmt.Errorf("%w: %s", ErrParticipant, code)
	}
	for _, h := range p.Homes {
		if h.Origin == origin && index >= h.From && (h.Until == 0 || index < h.Until) {
			return nil
		}
	}
	if p.Fallback != "" && p.Fallback == origin {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrHome, origin)
}

// AtHome is atHome for callers that judge one statement.
func (d *Directory) AtHome(code string, place Place) error {
	return d.atHome(code, place.Origin, place.Index)
}

// Participant gives the root's entry for a code.
func (d *Directory) Participant(code string) (*Participant, bool) {
	p, ok := d.participant[code]
	return p, ok
}

// HomeLogs gives the origins where a Participant's statements may stand, each
// once. The caller must not change them.
func (d *Directory) HomeLogs(code string) []string { return d.homes[code] }

func homes(p *Participant) []string {
	var out []string
	for _, h := range p.Homes {
		if !slices.Contains(out, h.Origin) {
			out = append(out, h.Origin)
		}
	}
	if p.Fallback != "" && !slices.Contains(out, p.Fallback) {
		out = append(out, p.Fallback)
	}
	return slices.Clip(out)
}

// Policy gives the current policy of a log.
func (d *Directory) Policy(origin string) (*policy.Policy, bool) {
	p, ok := d.policies[origin]
	return p, ok
}

// Range gives a number range by the hash of its statement.
func (d *Directory) Range(h canonical.Hash) (*statement.NumberRange, *statement.Statement, bool) {
	e, ok := d.ranges[h]
	if !ok {
		return nil, nil, false
	}
	return e.Statement.Body.(*statement.NumberRange), e.Statement, true
}

// About gives the later statements about a certificate number, in the order of
// their logs, that an entitled office has signed. Whether that office may say
// this of this certificate is for the caller to judge.
func (d *Directory) About(number string) []Entry {
	var out []Entry
	for _, e := range d.about[number] {
		if _, err := d.Signer(e.Statement, e.place()); err == nil {
			out = append(out, e)
		}
	}
	return out
}

// Certificates gives the certificates with that number that the entries held:
// a pack carries them when one number has two contents.
func (d *Directory) Certificates(number string) []Entry { return d.numbers[number] }

// Keys gives the ids of all keys in the directory.
func (d *Directory) Keys() []statement.KeyID {
	var out []statement.KeyID
	for id := range d.keys {
		out = append(out, id)
	}
	slices.SortFunc(out, func(a, b statement.KeyID) int { return slices.Compare(a[:], b[:]) })
	return out
}

// Key gives the records of one key.
func (d *Directory) Key(id statement.KeyID) []*OfficeKey { return d.keys[id] }
