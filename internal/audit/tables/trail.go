package tables

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"adamas.example/internal/audit/wire"
)

// staff is what the trail of an office tells of its people: whose a login, a passkey and a
// signing key was, and when somebody showed who he is. Nothing of it is taken from the rows
// that can be rewritten alone.
type staff struct {
	known       bool              // there is a trail
	logins      map[string]string // of a person, by id
	persons     map[string]string // the other way
	credentials map[string][]held // by id, as the trail writes it
	untold      map[string]bool   // people of whom a passkey was registered without its id
	keys        map[string][]held // signing keys, by key id
	all         []*proof          // in the trail's order
	proofs      map[hour][]*proof
	plain       map[string][]*proof // assents without a passkey, by purpose and record
	older       bool                // assertions are kept without what they are for
}

// hour is where a person's proofs of one hour are found: an office has more of them than
// can be gone through for each signature.
type hour struct{ person, at string }

func hourOf(person, at string) hour { return hour{person, at[:min(len(at), len("2006-01-02T15"))]} }

// near are a person's proofs of the hours of two times that are not more than one apart.
func (s *staff) near(person, from, to string) []*proof {
	out := s.proofs[hourOf(person, from)]
	if hourOf(person, from) != hourOf(person, to) {
		out = slices.Concat(out, s.proofs[hourOf(person, to)])
	}
	return out
}

// held is whose something was from a time until another; "" is until now.
type held struct {
	person      string
	print       string // SHA-256 of a passkey's key
	from, until string
	paused      bool // ended because the person was suspended
}

// proof is a moment at which somebody showed who he is.
type proof struct {
	n                        int64
	person                   string
	at, way, purpose, record string
	kept                     bool // the assertion is there
}

func newProof(r *trailRow, args map[string]string) *proof {
	return &proof{n: r.n, person: r.who, at: r.at, way: args["way"], purpose: args["purpose"], record: args["record"]}
}

// act names what was shown for, as checker.byAct does.
func (p *proof) act() string { return p.purpose + " " + p.record }

func newStaff() staff {
	return staff{logins: map[string]string{}, persons: map[string]string{}, credentials: map[string][]held{}, untold: map[string]bool{}, keys: map[string][]held{}, proofs: map[hour][]*proof{}, plain: map[string][]*proof{}}
}

// end ends what a person holds, all of it or one thing.
func end(all map[string][]held, person, at string, is func(name string) bool) {
	for name, list := range all {
		for i := range list {
			if list[i].person == person && list[i].until == "" && is(name) {
				list[i].until = at
			}
		}
	}
}

// pause ends what a person holds until resume.
func pause(all map[string][]held, person, at string) {
	for _, list := range all {
		for i := range list {
			if list[i].person == person && list[i].until == "" {
				list[i].until, list[i].paused = at, true
			}
		}
	}
}

func resume(all map[string][]held, person, at string) {
	for name, list := range all {
		for i, h := range list {
			if h.person == person && h.paused {
				list[i].paused = false
				all[name] = append(list, held{person: person, print: h.print, from: at})
				break // one credential is held once at a time
			}
		}
	}
}

// holds tells whether something was a person's at a time, and whose it was.
func holds(list []held, person, at string) (one held, is bool) {
	for _, h := range list {
		if h.from <= at && (h.until == "" || at <= h.until) {
			if one = h; h.person == person {
				return h, true
			}
		}
	}
	return one, false
}

// trailRow is a row as it is stored: the hash goes over these texts.
type trailRow struct {
	n                                        int64
	at, who, act, about, args, address, hash string
}

// chained is the hash of a row (docs/formats): of its fields, each behind its length, after
// that of the row before.
func (r *trailRow) chained(before string) string {
	h := sha256.New()
	put := func(s string) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	put("adamas people trail 1")
	put(before)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(r.n)))
	for _, s := range []string{r.at, r.who, r.act, r.about, r.args, r.address} {
		put(s)
	}
	return wire.Hex(h.Sum(nil))
}

// trail goes through what was done about people, holds the chain, and learns from it.
func (c *checker) trail() error {
	c.staff.known = true
	last := trailRow{}
	broken := false
	err := c.db.each(c.ctx, `SELECT n, at, who, act, about, args, address, hash FROM party_trail ORDER BY n`, func(scan func(...any) error) error {
		var r trailRow
		if err := scan(&r.n, &r.at, &r.who, &r.act, &r.about, &r.args, &r.address, &r.hash); err != nil {
			return err
		}
		if !broken && (r.n != last.n+1 || r.hash != r.chained(last.hash)) {
			broken = true
			c.Found("trail.broken", "", -1, "row", fmt.Sprint(last.n+1))
		}
		last = r
		var args map[string]string
		if json.Unmarshal([]byte(r.args), &args) == nil {
			c.staff.learn(&r, args)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !broken && (c.trailHead.n != last.n || c.trailHead.hash != last.hash) {
		c.Found("trail.broken", "", -1, "row", fmt.Sprint(max(last.n, c.trailHead.n)))
	}
	return nil
}

// trailEnd reads how far the trail is, and by which hash.
func (c *checker) trailEnd() error {
	return c.db.each(c.ctx, `SELECT n, hash FROM party_trail_head`, func(scan func(...any) error) error {
		return scan(&c.trailHead.n, &c.trailHead.hash)
	})
}

// learn takes from a row whose what was.
func (s *staff) learn(r *trailRow, args map[string]string) {
	switch r.act {
	case "founded", "invited":
		s.logins[r.about], s.persons[args["login"]] = args["login"], r.about
	case "accepted", "recovered", "passkey_added":
		if r.act == "recovered" {
			end(s.credentials, r.who, r.at, func(string) bool { return true })
			delete(s.untold, r.who)
		}
		if id := args["credential"]; id != "" {
			s.credentials[id] = append(s.credentials[id], held{person: r.who, print: args["public_key"], from: r.at})
		} else if r.act == "passkey_added" || strings.Contains(args["factors"], "passkey") {
			s.untold[r.who] = true
		}
	case "passkey_removed":
		end(s.credentials, r.who, r.at, func(id string) bool { return id == args["credential"] })
	case "passkey_copied": // two hold it: it proves nobody
		end(s.credentials, r.about, r.at, func(id string) bool { return id == args["credential"] })
	case "suspended":
		pause(s.credentials, r.about, r.at)
	case "resumed":
		resume(s.credentials, r.about, r.at)
	case "ended":
		end(s.credentials, r.about, r.at, func(string) bool { return true })
	case "key_made":
		s.keys[args["key"]] = append(s.keys[args["key"]], held{person: r.who, from: r.at})
	case "keys_set":
		end(s.keys, r.about, r.at, func(string) bool { return true })
		for one := range strings.SplitSeq(args["keys"], ", ") {
			if id, _, ok := strings.Cut(one, " "); ok {
				s.keys[id] = append(s.keys[id], held{person: r.about, from: r.at})
			}
		}
	case "signed_in", "proved":
		p := newProof(r, args)
		s.all = append(s.all, p)
		s.proofs[hourOf(r.who, r.at)] = append(s.proofs[hourOf(r.who, r.at)], p)
	case "assented":
		p := newProof(r, args)
		s.plain[p.act()] = append(s.plain[p.act()], p)
	}
}

// login is a person as the office calls him.
func (s *staff) login(person string) string {
	if name := s.logins[person]; name != "" {
		return name
	}
	return person
}
