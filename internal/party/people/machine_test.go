package people

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"adamas.example/internal/fault"
	"adamas.example/internal/party/people/roster"
	"adamas.example/internal/store"
)

// known is a session as the model has it.
type known struct {
	token              string
	made, seen, proven time.Time
}

// trade is the model of one trader's account: what package people promises of
// sessions, lock-outs and recovery, written a second time without tables.
type trade struct {
	o        *office
	boss     Visit
	person   Person
	password string
	failures []time.Time
	locked   time.Time // until
	sessions []known
	state    State
	link     string
}

const (
	failuresMost = 4
	within       = 15 * time.Minute
	lockedFor    = 10 * time.Minute
	idle         = 30 * time.Minute
	life         = 2 * time.Hour
)

func (m *trade) now() time.Time { return m.o.clock }

// expect is the key of the fault that the model foresees for a password; it moves
// the model.
func (m *trade) expect(right bool) string {
	now := m.now()
	if now.Before(m.locked) {
		return "people.locked"
	}
	if right && m.state == Active {
		m.failures = nil
		return ""
	}
	m.failures = append(m.failures, now)
	n := 0
	for _, f := range m.failures {
		if now.Sub(f) < within {
			n++
		}
	}
	if n < failuresMost {
		return "people.sign_in_refused"
	}
	m.failures, m.locked = nil, now.Add(lockedFor)
	return "people.locked"
}

func (m *trade) lives(k known) bool {
	return m.state == Active && m.now().Sub(k.made) < life && m.now().Sub(k.seen) < idle
}

func same(t *rapid.T, what string, err error, key string) {
	if key == "" && err != nil || key != "" && !fault.Is(err, key) {
		t.Fatalf("%s: %v, the model says %q", what, err, key)
	}
}

func (m *trade) signIn(t *rapid.T) {
	right := rapid.Bool().Draw(t, "right")
	typed := m.password
	if !right {
		typed += "!"
	}
	e, err := m.o.SignIn(context.Background(), home, Typed{m.person.Login, typed, ""})
	want := m.expect(right)
	same(t, "sign in", err, want)
	if want == "" {
		m.sessions = append(m.sessions, known{e.Token, m.now(), m.now(), m.now()})
	}
}

// pick draws a session, and what the service says of it must be what the model says.
func (m *trade) pick(t *rapid.T) (*known, Visit) {
	if len(m.sessions) == 0 {
		return nil, Visit{}
	}
	k := &m.sessions[rapid.IntRange(0, len(m.sessions)-1).Draw(t, "session")]
	v, err := m.o.Visit(context.Background(), home, k.token)
	if !m.lives(*k) {
		same(t, "visit", err, "people.session_over")
		return nil, Visit{}
	}
	same(t, "visit", err, "")
	if m.now().Sub(k.seen) >= seenEvery {
		k.seen = m.now()
	}
	if !v.Session.Seen.Equal(k.seen) || !v.Session.Proven.Equal(k.proven) {
		t.Fatalf("%+v, the model says %+v", v.Session, *k)
	}
	return k, v
}

func (m *trade) only(token string) {
	var left []known
	for _, k := range m.sessions {
		if k.token == token {
			left = append(left, k)
		}
	}
	m.sessions = left
}

func (m *trade) without(token string) {
	var left []known
	for _, k := range m.sessions {
		if k.token != token {
			left = append(left, k)
		}
	}
	m.sessions = left
}

func (m *trade) fresh(k *known) string {
	if m.now().Sub(k.proven) < 5*time.Minute {
		return ""
	}
	return "people.prove_again"
}

func (m *trade) actions() map[string]func(*rapid.T) {
	ctx := context.Background()
	return map[string]func(*rapid.T){
		"sign in": m.signIn,
		"again":   m.signIn,
		"wait": func(t *rapid.T) {
			m.o.later(time.Duration(rapid.SampledFrom([]int{1, 20, 60, 240, 301, 601, 900, 1801}).Draw(t, "seconds")) * time.Second)
		},
		"visit": func(t *rapid.T) { m.pick(t) },
		"prove": func(t *rapid.T) {
			if k, v := m.pick(t); k != nil {
				right := rapid.Bool().Draw(t, "right")
				typed := m.password
				if !right {
					typed += "!"
				}
				want := m.expect(right)
				same(t, "prove", m.o.Prove(ctx, v, typed, ""), want)
				if want == "" {
					k.proven = m.now()
				}
			}
		},
		"sign out": func(t *rapid.T) {
			if k, v := m.pick(t); k != nil {
				same(t, "sign out", m.o.SignOut(ctx, v), "")
				m.without(k.token)
			}
		},
		"end others": func(t *rapid.T) {
			if k, v := m.pick(t); k != nil {
				same(t, "end others", m.o.EndOthers(ctx, v), "")
				m.only(k.token)
			}
		},
		"new password": func(t *rapid.T) {
			if k, v := m.pick(t); k != nil {
				next := fmt.Sprintf("seven herons %d", rapid.IntRange(100, 999).Draw(t, "password"))
				want := m.fresh(k)
				same(t, "new password", m.o.SetPassword(ctx, v, next), want)
				if want == "" {
					m.password = next
					m.only(k.token)
				}
			}
		},
		"suspend": func(t *rapid.T) {
			want := ""
			if m.state != Active {
				want = "people.wrong_state"
			}
			same(t, "suspend", m.o.Suspend(ctx, m.stillThere(t), m.person.ID, "drawn"), want)
			m.state, m.sessions, m.link = Suspended, nil, ""
		},
		"resume": func(t *rapid.T) {
			want := "people.wrong_state"
			if m.state == Suspended {
				want = ""
			}
			same(t, "resume", m.o.Resume(ctx, m.stillThere(t), m.person.ID, "drawn"), want)
			m.state = Active
		},
		"lose all": func(t *rapid.T) {
			want := ""
			if m.state != Active {
				want = "people.wrong_state"
			}
			token, err := m.o.RecoverAtServer(ctx, m.person.Login, "drawn")
			same(t, "recover", err, want)
			if want == "" {
				m.link = token
			}
		},
		"come back": func(t *rapid.T) {
			if m.link == "" {
				return
			}
			want := ""
			if m.state != Active {
				want = "people.link_over"
			}
			next := fmt.Sprintf("eight herons %d", rapid.IntRange(100, 999).Draw(t, "password"))
			e, err := m.o.Accept(ctx, home, m.link, Factors{Password: next})
			same(t, "come back", err, want)
			if want == "" {
				m.password, m.link = next, ""
				m.sessions = []known{{e.Token, m.now(), m.now(), m.now()}}
			}
		},
		"": func(t *rapid.T) {
			n := 0
			for _, k := range m.sessions {
				if m.lives(k) {
					n++
				}
			}
			all, err := m.o.sessions(ctx, m.person.ID)
			if m.state == Active && (err != nil || len(all) != n) {
				t.Fatalf("%d sessions, %v; the model has %d", len(all), err, n)
			}
		},
	}
}

// stillThere is the administrator, always just proved.
func (m *trade) stillThere(t *rapid.T) Visit {
	return m.boss.again(t, m.o)
}

func TestSessionsLockOutAndRecoveryFollowTheModel(t *testing.T) {
	engines(t, Limits{Failures: failuresMost, FailuresIn: within, LockedFor: lockedFor, SessionLife: life, SessionIdle: idle, InvitationDays: 3650}, func(t *testing.T, o *office) {
		chief := o.founder(t)
		n := 0
		rapid.Check(t, func(t *rapid.T) {
			n++
			m := &trade{o: o, boss: chief.entry.Visit, password: password, state: Active}
			boss := m.stillThere(t)
			token, err := o.Invite(context.Background(), boss, trader(fmt.Sprintf("trader.%d", n)))
			if err != nil {
				t.Fatal(err)
			}
			e, err := o.Accept(context.Background(), home, token, Factors{Password: password})
			if err != nil {
				t.Fatal(err)
			}
			m.person = e.Visit.Person
			m.sessions = []known{{e.Token, m.now(), m.now(), m.now()}}
			t.Repeat(m.actions())
		})
	})
}

// again begins a session for somebody without asking anything.
func (v Visit) again(t *rapid.T, o *office) Visit {
	var out Entry
	err := o.write(context.Background(), func(tx *store.Tx) error {
		r, err := roster.ByID(tx, v.Person.ID)
		if err == nil {
			out, err = o.begin(tx, r, home, ByLink)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Visit
}
