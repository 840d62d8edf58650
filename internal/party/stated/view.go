package stated

import (
	"embed"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"adamas.example/internal/ident"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/party"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

//go:embed schema
var schema embed.FS

// Schema is the tables of party, for store.Migrate.
func Schema() store.Schema { return store.Schema{Module: "party", Files: schema} }

// View is the follower that keeps what authorities say of themselves, their
// offices, keys, numbers, officers, specimens and lists. A statement counts when
// the authority of the issuer's Participant signed it and it stands in a home log
// of that Participant, both by the root documents that the View was made with;
// what does not count is kept with the reason.
//
// Each statement is judged by itself, so that the order of two logs decides
// nothing. What two statements say together (a key given twice, a role taken
// back) the queries join.
type View struct {
	trusted *trust.Directory
	root    canonical.Hash // fingerprint of the last root document
	made    bool           // the last root says SYNTHETIC
}

// NewView makes the follower. The chain comes from this node's own folder, never
// from a log that is followed. When a new root document is in force, a new View
// takes the place of the old one and is rebuilt: see Stale.
func NewView(chain *trust.Chain) (*View, error) {
	d, err := trust.NewDirectory(chain, nil)
	if err != nil {
		return nil, err
	}
	return &View{trusted: d, root: chain.Fingerprints[len(chain.Fingerprints)-1], made: chain.Current().Synthetic}, nil
}

// FollowerName is the name of the View among followers.
const FollowerName = "party.register"

// Name is the follower's.
func (v *View) Name() string { return FollowerName }

// Reset empties the view.
func (v *View) Reset(tx *store.Tx) error {
	for _, clear := range []string{`DELETE FROM party_judged`, `DELETE FROM party_statement`, `DELETE FROM party_participant`, `DELETE FROM party_key`,
		`DELETE FROM party_revocation`, `DELETE FROM party_cutoff`, `DELETE FROM party_range`, `DELETE FROM party_role`, `DELETE FROM party_specimen`,
		`DELETE FROM party_picture`, `DELETE FROM party_standing`} {
		if _, err := tx.Exec(clear); err != nil {
			return err
		}
	}
	return nil
}

// Stale tells whether the view was judged by other root documents than this
// View's, and must be rebuilt.
func (v *View) Stale(tx *store.Tx) (bool, error) {
	found, err := store.Collect(tx, func(scan store.Scan) (h []byte, err error) { return h, scan(&h) }, `SELECT root FROM party_judged`)
	return err == nil && len(found) > 0 && string(found[0]) != string(v.root[:]), err
}

// followed lists the types that the view keeps.
var followed = []statement.Type{statement.TypeParticipant, statement.TypeOfficeKey, statement.TypeKeyRevoked, statement.TypeNumberRange,
	statement.TypeRoleGrant, statement.TypeSpecimen, statement.TypeStanding}

// Apply takes one entry of a log.
func (v *View) Apply(tx *store.Tx, e follow.Followed) error {
	st := e.Statement
	if st == nil || !slices.Contains(followed, st.Type) {
		return nil
	}
	if _, err := tx.Exec(`INSERT INTO party_judged (one, root) VALUES (1, $1) ON CONFLICT (one) DO NOTHING`, v.root); err != nil {
		return err
	}
	var there, last int64
	err := tx.QueryRow(`SELECT (SELECT COUNT(*) FROM party_statement WHERE origin = $1 AND hash = $2),
		(SELECT COALESCE(MAX(position), 0) FROM party_statement WHERE origin = $1)`, e.Origin, e.Hash).Scan(&there, &last)
	if err != nil || there > 0 {
		return err // the same bytes twice in one log say nothing new
	}
	refused, detail := v.judge(e)
	_, err = tx.Exec(`INSERT INTO party_statement (origin, hash, position, type, participant, issuer, issued_at, synthetic, refused, detail)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e.Origin, e.Hash, last+1, st.Type, st.Participant(), st.Issuer, st.IssuedAt, st.Synthetic, refused, detail)
	if err != nil || refused != "" {
		return err
	}
	return put(tx, e.Origin, e.Hash, st)
}

// Reasons why a statement does not count; each has words, party.refused.*.
const (
	refusedParticipant = "participant" // no root document names its Participant
	refusedHome        = "home"        // in a log that is not the Participant's
	refusedAuthority   = "authority"   // not signed by the authority
	refusedOther       = "other"       // about another Participant
	refusedWorld       = "world"       // made up in a real scheme, or real in a made-up one
	refusedUnknown     = "unknown"     // of a kind or certainty that is not known here
)

// judge gives the reason why an entry does not count, "" when it does.
//
// This node keeps its own log and records its acts at home only, so of an own
// entry the log is asked for and not the place in it, which changes when it is
// logged. A former key's statements count below its cut-off: what is not logged
// yet is not below one, and will not be.
func (v *View) judge(e follow.Followed) (refused, detail string) {
	st := e.Statement
	code := st.Participant()
	var place *trust.Place
	if e.Index >= 0 {
		place = &trust.Place{Origin: e.Origin, Index: uint64(e.Index)}
	}
	if _, ok := v.trusted.Participant(code); !ok {
		return refusedParticipant, fmt.Sprintf("%v: %s", trust.ErrParticipant, code)
	}
	var err error
	switch {
	case e.Own && !slices.Contains(v.trusted.HomeLogs(code), e.Origin):
		err = fmt.Errorf("%w: %s", trust.ErrHome, e.Origin)
	case !e.Own && place == nil:
		err = errors.New("an entry of another log without its place")
	case !e.Own:
		err = v.trusted.AtHome(code, *place)
	}
	if err != nil {
		return refusedHome, err.Error()
	}
	if err := v.trusted.ByAuthority(st, place); err != nil {
		return refusedAuthority, err.Error()
	}
	if about := participantOf(st.Body); about != "" && about != code {
		return refusedOther, fmt.Sprintf("%s speaks for %s", st.Issuer, about)
	}
	if st.Synthetic != v.made {
		return refusedWorld, fmt.Sprintf("synthetic %v, the root document %v", st.Synthetic, v.made)
	}
	if s, ok := st.Body.(*statement.Standing); ok && (unknown(s)) {
		return refusedUnknown, fmt.Sprintf("code %q, kind %q, certainty %q", s.Code, s.Kind, s.Certainty)
	}
	return "", ""
}

func unknown(s *statement.Standing) bool {
	_, err := ident.ParseParticipant(s.Code)
	return err != nil || !party.Kind(s.Kind).Known() || !party.Certainty(s.Certainty).Known()
}

// participantOf is the Participant that a body speaks of; empty for those that
// may speak of any, or of a key.
func participantOf(body statement.Body) string {
	switch b := body.(type) {
	case *statement.Participant:
		return b.Code
	case *statement.OfficeKey:
		return codeOf(b.Office)
	case *statement.NumberRange:
		if codeOf(b.Station) != b.Participant {
			return codeOf(b.Station)
		}
		return b.Participant
	case *statement.RoleGrant:
		return codeOf(b.Office)
	case *statement.Specimen:
		return b.Participant
	}
	return ""
}

// codeOf is the Participant of an office or station.
func codeOf(office string) string {
	code, _, _ := strings.Cut(office, "/")
	return code
}

// officeOf is the office of a station.
func officeOf(station string) string { return station[:max(0, strings.LastIndexByte(station, '/'))] }

// whole makes a number of a statement fit a column; what is larger than any log
// or file means the same.
func whole(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// put writes the rows of a statement that counts.
func put(tx *store.Tx, origin string, hash canonical.Hash, st *statement.Statement) error {
	var err error
	switch b := st.Body.(type) {
	case *statement.Participant:
		_, err = tx.Exec(`INSERT INTO party_participant (origin, hash, code, name, authority, digits) VALUES ($1, $2, $3, $4, $5, $6)`,
			origin, hash, b.Code, b.Name, b.Authority, b.Digits)
	case *statement.OfficeKey:
		var types []string
		for _, t := range b.Types {
			types = append(types, t.String())
		}
		_, err = tx.Exec(`INSERT INTO party_key (origin, hash, key_id, participant, office, name, use, from_at, until_at, types, recipient, home, thumbprint)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, origin, hash, b.Key.ID().String(), codeOf(b.Office), b.Office, b.Name, b.Use,
			b.From, b.Until, strings.Join(types, ","), b.Age, b.Home, b.Key.Thumbprint())
	case *statement.KeyRevoked:
		return putRevocation(tx, origin, hash, st.Participant(), b)
	case *statement.NumberRange:
		_, err = tx.Exec(`INSERT INTO party_range (origin, hash, participant, office, station, digits, first, last, offline, log_within, from_day, until_day)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, origin, hash, b.Participant, officeOf(b.Station), b.Station, b.Digits,
			b.First, b.Last, b.Offline, b.LogWithin, b.From, b.Until)
	case *statement.RoleGrant:
		_, err = tx.Exec(`INSERT INTO party_role (origin, hash, key_id, participant, office, roles, from_at, until_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			origin, hash, b.Key.String(), codeOf(b.Office), b.Office, strings.Join(b.Roles, ","), b.From, b.Until)
	case *statement.Specimen:
		return putSpecimen(tx, origin, hash, b)
	case *statement.Standing:
		_, err = tx.Exec(`INSERT INTO party_standing (origin, hash, adopter, code, kind, from_day, until_day, what, source, certainty)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, origin, hash, st.Participant(), b.Code, b.Kind, b.From, b.Until, b.What, b.Source, b.Certainty)
	}
	return err
}

func putRevocation(tx *store.Tx, origin string, hash canonical.Hash, code string, b *statement.KeyRevoked) error {
	_, err := tx.Exec(`INSERT INTO party_revocation (origin, hash, key_id, participant, reason) VALUES ($1, $2, $3, $4, $5)`,
		origin, hash, b.Key.String(), code, b.Reason)
	for _, c := range b.CutOff {
		if err == nil {
			_, err = tx.Exec(`INSERT INTO party_cutoff (origin, hash, log, size) VALUES ($1, $2, $3, $4)`, origin, hash, c.Origin, whole(c.Size))
		}
	}
	return err
}

func putSpecimen(tx *store.Tx, origin string, hash canonical.Hash, b *statement.Specimen) error {
	_, err := tx.Exec(`INSERT INTO party_specimen (origin, hash, participant, name, from_day, until_day, features) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		origin, hash, b.Participant, b.Name, b.From, b.Until, b.Features)
	for i, p := range b.Pictures {
		if err == nil {
			_, err = tx.Exec(`INSERT INTO party_picture (origin, hash, n, blob, media, size) VALUES ($1, $2, $3, $4, $5, $6)`,
				origin, hash, i+1, p.Hash, p.Media, whole(p.Size))
		}
	}
	return err
}
