// Package accesskey keeps the access keys of an office: by which its own systems ask
// package web/api, in place of people at screens. (An *office key*, in this program and
// its statements, is the key that an office signs with: something else.)
//
// # Invariants
//
//   - A key is shown once. What is stored is its SHA-256: whoever reads the database or a
//     backup has no key.
//   - It holds roles at this office alone, never an administrator's, and may be held to
//     some of their permissions. It ends on a day, and at once when somebody ends it.
//   - Making and ending one stands in the trail, in the same transaction. With a key end the
//     addresses that its program has had told.
//   - What is wrong with a key that does not serve is not told to who sends it, but for one
//     that has run out or was ended: he had it.
//   - Keys that are none are counted as failed sign-ins are, by the address that they come
//     from and by the id that they name. Past the bound they are turned away unanswered and
//     unrecorded. One that was ended is counted by address alone: its system goes on sending
//     it, and tries no other. A key that serves is never turned away for them: 256 random bits are not
//     guessed, and nobody shall shut out a ministry's system by its id, which stands in files.
//
// Table: party_access_key. Imports: access, fault, ident, store, web/api,
// web/hook, party/people.
package accesskey

import (
	"cmp"
	"context"
	"crypto/subtle"
	"embed"
	"encoding/json"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/people/arrival"
	"adamas.example/internal/party/people/lockout"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/store"
	"adamas.example/internal/web/api"
	"adamas.example/internal/web/hook"
	"adamas.example/verify/statement"
)

//go:embed text
var text embed.FS

// Text is the words of what is refused.
func Text() fs.FS { return text }

// Config is what a Service is made of.
type Config struct {
	Store   *store.Store
	Now     func() time.Time
	Entropy io.Reader
	Office  ident.OfficeID
	// Permissions are those that a key may be held to.
	Permissions func() []string
}

// Service keeps the keys of an office. It is safe for any number of goroutines.
type Service struct {
	cfg   Config
	rates *arrival.Rates // of keys that are none
	lock  lockout.Rule   // the same, by id

	mu      sync.Mutex
	used    map[string]time.Time // by key, as last written
	refused map[string]time.Time // by key that was ended, as last written into the trail
}

// New makes a Service. Its limits are those of sign-in.
func New(c Config) *Service {
	l := people.DefaultLimits()
	return &Service{cfg: c, used: map[string]time.Time{}, refused: map[string]time.Time{}, rates: arrival.NewRates(l.PerMinute, l.Burst, l.Addresses),
		lock: lockout.Rule{Failures: l.Failures, Within: l.FailuresIn, For: l.LockedFor, ID: func(at time.Time) (ident.RecordID, error) { return ident.NewRecordID(at, c.Entropy) }}}
}

// Roles are those that a key can hold: who acts in trade, and who counts it.
func Roles() access.RoleList {
	return access.RoleList{access.Exporter, access.Valuator, access.Sealer, access.Validator, access.Importer, access.Statistician}
}

// The times of a key.
const (
	UsualDays = 365
	MostDays  = 730
)

// Proposal is a key to be made.
type Proposal struct {
	Name      string // the system that will have it: "Ministry single window"
	Roles     []access.Role
	Only      []string // permissions; none: all that the roles have
	Holder    string   // of an exporter's licence, when the key acts for one trader alone
	Licence   string
	Sandbox   bool
	PerMinute int
	Days      int // 0: UsualDays
}

// Key is one that was made.
type Key struct {
	ID              string
	Name            string
	Grants          []access.Grant
	Only            []string
	Holder, Licence string
	Sandbox         bool
	PerMinute       int
	Until           time.Time
	Made            time.Time
	MadeBy          ident.RecordID // empty: at the server
	Used            time.Time      // to the minute; zero: never
	Ended           time.Time      // zero: not
}

// Serves tells whether the key opens anything at a time.
func (k *Key) Serves(at time.Time) bool { return k.Ended.IsZero() && at.Before(k.Until) }

// By is who makes or ends a key.
type By struct {
	Person  ident.RecordID // empty: at the server
	Address string
}

// checked holds a proposal. Faults: party.key_name, party.key_roles, party.key_narrow,
// party.key_company, party.key_days, party.key_rate.
func (s *Service) checked(p Proposal) (k Key, err error) {
	var faults fault.List
	k = Key{Name: strings.TrimSpace(p.Name), Holder: strings.TrimSpace(p.Holder), Licence: strings.TrimSpace(p.Licence), Sandbox: p.Sandbox, PerMinute: p.PerMinute, Only: []string{}}
	if statement.CheckText(k.Name, 1, 100) != nil {
		faults.Add(fault.Invalid("party.key_name", fault.At("name")))
	}
	for _, role := range p.Roles {
		g, err := access.GrantAt(role, s.cfg.Office)
		if err != nil || !slices.Contains(Roles(), role) || slices.Contains(k.Grants, g) {
			faults.Add(fault.Invalid("party.key_roles", fault.At("roles"), fault.Arg("roles", Roles())))
			break
		}
		k.Grants = append(k.Grants, g)
	}
	if len(p.Roles) == 0 {
		faults.Add(fault.Invalid("party.key_roles", fault.At("roles"), fault.Arg("roles", Roles())))
	}
	for _, name := range p.Only {
		if !slices.Contains(s.cfg.Permissions(), name) {
			faults.Add(fault.Invalid("party.key_narrow", fault.At("only"), fault.Text(name)))
			continue
		}
		k.Only = append(k.Only, name)
	}
	if (k.Holder == "") != (k.Licence == "") || k.Holder != "" && !slices.Equal(p.Roles, []access.Role{access.Exporter}) ||
		statement.CheckText(k.Holder, 0, 200) != nil || statement.CheckText(k.Licence, 0, 100) != nil || strings.Contains(k.Holder, "|") {
		faults.Add(fault.Invalid("party.key_company", fault.At("holder")))
	}
	if p.Days < 0 || p.Days > MostDays {
		faults.Add(fault.Invalid("party.key_days", fault.At("days"), fault.Arg("most", MostDays)))
	}
	if p.PerMinute < 0 || p.PerMinute > 100_000 {
		faults.Add(fault.Invalid("party.key_rate", fault.At("per_minute")))
	}
	return k, faults.Err()
}

// Make makes a key and gives it out, once.
func (s *Service) Make(ctx context.Context, by By, p Proposal) (t api.Token, k Key, err error) {
	if k, err = s.checked(p); err != nil {
		return t, k, err
	}
	if t, err = api.NewToken(s.cfg.Entropy, k.Sandbox); err != nil {
		return t, k, err
	}
	now := s.cfg.Now().UTC()
	k.ID, k.Made, k.MadeBy, k.Until = t.ID, now, by.Person, now.AddDate(0, 0, cmp.Or(p.Days, UsualDays))
	grants, err := json.Marshal(k.Grants)
	if err != nil {
		return t, k, err
	}
	only, err := json.Marshal(k.Only)
	if err != nil {
		return t, k, err
	}
	hash := t.Hash()
	err = s.cfg.Store.Write(ctx, now, func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT INTO party_access_key (id, hash, name, grants, narrow, holder, licence, sandbox, per_minute, until, made, made_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, k.ID, hash[:], k.Name, string(grants), string(only), k.Holder, k.Licence, k.Sandbox, k.PerMinute, k.Until, tx.Now(), k.MadeBy); err != nil {
			return err
		}
		return trail.Append(tx, trail.Record{Who: by.Person, Act: trail.AccessKeyMade, Address: by.Address, Args: map[string]string{"key": k.ID, "name": k.Name,
			"roles": access.RoleList(rolesOf(k.Grants)).String(), "only": strings.Join(k.Only, " "), "company": k.Holder, "until": store.Time(k.Until)}})
	})
	return t, k, err
}

func rolesOf(grants []access.Grant) (out []access.Role) {
	for _, g := range grants {
		out = append(out, g.Role)
	}
	return out
}

// Roles lists the key's roles.
func (k *Key) Roles() access.RoleList { return rolesOf(k.Grants) }

const columns = `id, hash, name, grants, narrow, holder, licence, sandbox, per_minute, until, made, made_by, used, ended`

type row struct {
	Key
	hash []byte
}

func scanKey(scan store.Scan) (r row, err error) {
	var grants, only string
	if err := scan(&r.ID, &r.hash, &r.Name, &grants, &only, &r.Holder, &r.Licence, &r.Sandbox, &r.PerMinute, store.ScanTime(&r.Until), store.ScanTime(&r.Made), &r.MadeBy,
		store.ScanTime(&r.Used), store.ScanTime(&r.Ended)); err != nil {
		return r, err
	}
	if err := json.Unmarshal([]byte(grants), &r.Grants); err != nil {
		return r, err
	}
	return r, json.Unmarshal([]byte(only), &r.Only)
}

// List lists all keys, the newest first; those that ended stay in it.
func (s *Service) List(ctx context.Context) (out []Key, err error) {
	err = s.cfg.Store.Read(ctx, s.cfg.Now(), func(tx *store.Tx) error {
		out = nil
		found, err := store.Collect(tx, scanKey, `SELECT `+columns+` FROM party_access_key ORDER BY made DESC, id`)
		for _, r := range found {
			out = append(out, r.Key)
		}
		return err
	})
	return out, err
}

// End ends a key at once. Faults: party.key_none, party.key_ended.
func (s *Service) End(ctx context.Context, by By, id string) error {
	return s.cfg.Store.Write(ctx, s.cfg.Now(), func(tx *store.Tx) error {
		found, err := store.Collect(tx, scanKey, `SELECT `+columns+` FROM party_access_key WHERE id = $1`, id)
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			return fault.NotFound("party.key_none", fault.Text(id))
		case !found[0].Ended.IsZero():
			return fault.Conflict("party.key_ended", fault.Arg("at", found[0].Ended))
		}
		if _, err := tx.Exec(`UPDATE party_access_key SET ended = $2, ended_by = $3 WHERE id = $1`, id, tx.Now(), by.Person); err != nil {
			return err
		}
		told, err := hook.EndOf(tx, id)
		if err != nil {
			return err
		}
		for _, h := range told {
			if err := HookEnded(tx, by, h, keyEnded); err != nil {
				return err
			}
		}
		return trail.Append(tx, trail.Record{Who: by.Person, Act: trail.AccessKeyEnded, Address: by.Address, Args: map[string]string{"key": id, "name": found[0].Name}})
	})
}

// Why an address ended that nobody removed: its program's access key was ended, or ran out.
const (
	keyEnded = "key_ended"
	keyOver  = "key_over"
)

// HookEnded notes that an address is told nothing more; because is empty where somebody
// removed it.
func HookEnded(tx *store.Tx, by By, h hook.Hook, because string) error {
	args := map[string]string{"hook": h.ID, "address": h.URL, "program": h.Program}
	if because != "" {
		args["because"] = because
	}
	return trail.Append(tx, trail.Record{Who: by.Person, Act: trail.HookEnded, Address: by.Address, Args: args})
}

// HookOver notes that the access key of an address's program has run out.
func HookOver(tx *store.Tx, h hook.Hook) error { return HookEnded(tx, By{}, h, keyOver) }

// Know finds whose a key is that came from an address, and notes that it was used. Faults:
// party.key_refused, party.key_over, party.key_stopped, party.key_tries, party.key_locked.
func (s *Service) Know(ctx context.Context, sent, address string) (*api.Program, error) {
	now := s.cfg.Now().UTC()
	from := arrival.From{Address: address}
	t, ok := api.ParseToken(sent)
	if !ok {
		return nil, s.wrong(ctx, from, "", now)
	}
	var found []row
	err := s.cfg.Store.Read(ctx, now, func(tx *store.Tx) (err error) {
		found, err = store.Collect(tx, scanKey, `SELECT `+columns+` FROM party_access_key WHERE id = $1`, t.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	hash := t.Hash()
	if len(found) == 0 || subtle.ConstantTimeCompare(found[0].hash, hash[:]) != 1 {
		return nil, s.wrong(ctx, from, t.ID, now)
	}
	k := &found[0].Key
	if !k.Ended.IsZero() {
		return nil, s.stopped(ctx, from, k, now)
	}
	if !k.Serves(now) {
		return nil, fault.Unproven("party.key_over", fault.Arg("until", k.Until))
	}
	if err := s.note(ctx, k, now); err != nil {
		return nil, err
	}
	company := ""
	if k.Holder != "" {
		company = k.Holder + "|" + k.Licence
	}
	return &api.Program{ID: k.ID, Name: k.Name, Actor: access.Actor{ID: ident.RecordID("program:" + k.ID), Grants: k.Grants}, Company: company, Only: k.Only, Sandbox: k.Sandbox, PerMinute: k.PerMinute, Until: k.Until}, nil
}

// Stands refuses what a program does whose key has ended since it was known, in the
// transaction that does it. Fault party.key_refused.
func Stands(tx *store.Tx, id string) error {
	var n int
	if err := tx.QueryRow(`SELECT COUNT(*) FROM party_access_key WHERE id = $1 AND ended IS NULL AND until > $2`, id, tx.Now()).Scan(&n); err != nil {
		return err
	}
	if n == 0 {
		return fault.Unproven("party.key_refused")
	}
	return nil
}

// tryAfter is how soon an address that has sent too many keys that are none may send another.
const tryAfter = 3 // seconds: people.Limits.PerMinute

// wrong counts a key that does not serve, and is why it is refused. id is "" of what has not
// even the form of one, which costs nothing and stands in no trail.
func (s *Service) wrong(ctx context.Context, from arrival.From, id string, now time.Time) error {
	if !s.rates.Allow(from, now) {
		return fault.Limited("party.key_tries", fault.Arg("seconds", tryAfter))
	}
	if id == "" {
		return fault.Unproven("party.key_refused")
	}
	var refused error
	err := s.cfg.Store.Write(ctx, now, func(tx *store.Tx) (err error) {
		key := lockout.Key("access key " + id)
		if refused = lockout.Check(tx, key); refused != nil {
			return nil
		}
		refused, err = s.lock.Failed(tx, key, trail.Record{Act: trail.AccessKeyRefused, Address: from.Where(), Args: map[string]string{"key": id}})
		return err
	})
	f, told := fault.Of(refused)
	switch {
	case err != nil:
		return err
	case told && f.Key == "people.locked":
		return fault.Limited("party.key_locked", fault.Arg("id", id), fault.Arg("until", f.Args["until"]))
	case told && f.Key == "people.sign_in_refused":
		return fault.Unproven("party.key_refused")
	}
	return refused
}

// stopped is why a key is refused that has been ended, to who sends all of it. The trail has
// that it still comes, once in the time for which wrong ones would be locked.
func (s *Service) stopped(ctx context.Context, from arrival.From, k *Key, now time.Time) error {
	if !s.rates.Allow(from, now) {
		return fault.Limited("party.key_tries", fault.Arg("seconds", tryAfter))
	}
	if s.due(s.refused, k.ID, time.Time{}, now, s.lock.For) {
		if err := s.cfg.Store.Write(ctx, now, func(tx *store.Tx) error {
			return trail.Append(tx, trail.Record{Act: trail.AccessKeyRefused, Address: from.Where(), Args: map[string]string{"key": k.ID}})
		}); err != nil {
			return err
		}
	}
	return fault.Unproven("party.key_stopped", fault.Arg("at", k.Ended))
}

// due tells whether something is to be written of a key which was written last at a time
// known here, or stored, and takes now for that time.
func (s *Service) due(written map[string]time.Time, id string, stored, now time.Time, every time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := written[id]
	if stored.After(last) {
		last = stored
	}
	is := now.Sub(last) >= every
	if is {
		written[id] = now
	}
	return is
}

// note writes when a key was used last: once a minute, so that reading costs no writing.
func (s *Service) note(ctx context.Context, k *Key, now time.Time) error {
	if !s.due(s.used, k.ID, k.Used, now, time.Minute) {
		return nil
	}
	return s.cfg.Store.Write(ctx, now, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE party_access_key SET used = $2 WHERE id = $1`, k.ID, tx.Now())
		return err
	})
}
