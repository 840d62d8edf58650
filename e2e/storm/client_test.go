package storm

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// view is what the program says of a consignment.
type view struct {
	ID        string `json:"consignment"`
	State     string `json:"state"`
	Number    string `json:"number"`
	Statement string `json:"statement"`
	Steps     int    `json:"steps"`
	File      []struct {
		Step int    `json:"step"`
		Act  string `json:"act"`
		By   string `json:"by"`
		To   string `json:"to"`
	} `json:"file_steps"`
}

// times counts the steps of an act by somebody; by may be "" for anybody.
func (v *view) times(act, by string) (n, last int) {
	for _, s := range v.File {
		if s.Act == act && (by == "" || s.By == by) {
			n, last = n+1, s.Step
		}
	}
	return n, last
}

// ack is an act that the program has acknowledged with exit status 0.
type ack struct {
	node, id, act, by string
	before, after     int // steps that were seen, and that the answer names
	number, statement string
}

// book is what all clients together have been told.
type book struct {
	mu        sync.Mutex
	acks      []ack
	lookedUp  int // acts that had been done though nobody said so
	repeated  int // acts that had not been done, and were sent again
	approved  int // preparations whose approval had to be given again
	gaveUp    map[string]int
	strange   []string
	bundles   []string
	started   int
	completed int
	systems   int            // journeys that systems completed
	applied   map[string]int // applications that systems sent, by actor
}

func (b *book) note(fn func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fn()
}

// client is one person.
type client struct {
	w    *world
	b    *book
	ctx  context.Context
	r    *rand.Rand
	name string
	n    int // journeys begun
	who  string
	keys []string // ids of the two officers
}

// stop ends a journey: the time is over, or what it needs does not come.
type stop struct{ why string }

// work does journeys until the time is over.
func (c *client) work() {
	for c.ctx.Err() == nil {
		c.n++
		c.who = fmt.Sprintf("SYNTHETIC %s journey %d", c.name, c.n)
		c.b.note(func() { c.b.started++ })
		func() {
			defer func() {
				if s, ok := recover().(stop); ok {
					c.b.note(func() { c.b.gaveUp[s.why]++ })
					return
				}
				c.b.note(func() { c.b.completed++ })
			}()
			c.journey()
		}()
	}
}

// ask runs the program. A person who sees that the node is down waits until it is
// back; seldom he opens the folder himself, and as long as he works in it the node
// cannot be started.
func (c *client) ask(code string, args ...string) (out, errs string, exit int) {
	for i := 0; i < 100 && !c.w.Nodes[code].Up.Load() && c.r.IntN(500) > 0; i++ {
		time.Sleep(200 * time.Millisecond)
	}
	return c.w.Adamas(time.Minute, append(args, "--dir", c.w.Node(code), "--json")...)
}

// look asks until there is an answer.
func (c *client) look(code string, into any, args ...string) {
	for range 60 {
		out, errs, exit := c.ask(code, args...)
		if exit == 0 {
			if err := json.Unmarshal([]byte(out), into); err != nil {
				c.strange("%v: %v: %s", args, err, out)
			}
			return
		}
		if !slices.Contains([]int{75, 69, -1}, exit) {
			c.strange("%s: exit %d: %s", strings.Join(args, " "), exit, errs)
		}
		time.Sleep(300 * time.Millisecond)
	}
	panic(stop{"nobody answers"})
}

func (c *client) strange(format string, args ...any) {
	c.b.note(func() { c.b.strange = append(c.b.strange, c.who+": "+fmt.Sprintf(format, args...)) })
}

func (c *client) show(code, id string) *view {
	v := &view{}
	c.look(code, v, "consignment", "show", id)
	return v
}

func (c *client) list(code string, state string) []view {
	var all struct{ Consignments []view }
	c.look(code, &all, "consignment", "list", "--count", "1000", "--state", state)
	return all.Consignments
}

// deed is one act on a file that is there. may lists the exit statuses, besides 0,
// that are an answer and no accident.
type deed struct {
	node, id, act string
	by            string // as the file will have it
	args          []string
	may           []int
}

// do does an act once, whatever happens on the way. It gives the file afterwards and
// the exit status that answered: 0 when the act is done.
func (c *client) do(d deed) (*view, int) {
	before := c.show(d.node, d.id)
	had, _ := before.times(d.act, d.by)
	for range 40 {
		if c.ctx.Err() != nil {
			panic(stop{"the time is over"})
		}
		out, errs, exit := c.ask(d.node, append(d.args, "--seen", fmt.Sprint(before.Steps))...)
		if exit == 0 {
			v := &view{}
			if err := json.Unmarshal([]byte(out), v); err != nil {
				c.strange("%s: %v: %q", d.act, err, out)
			}
			c.acked(d, before.Steps, v)
			return v, 0
		}
		if slices.Contains(d.may, exit) {
			return before, exit
		}
		after := c.show(d.node, d.id)
		if n, _ := after.times(d.act, d.by); n > had {
			c.b.note(func() { c.b.lookedUp++ })
			return after, 0
		}
		if exit != 75 && exit != 69 && exit != -1 && !(exit == 73 && after.Steps > before.Steps) {
			c.strange("%s %s: exit %d: %s", d.act, d.id, exit, errs)
			panic(stop{"refused: " + d.act})
		}
		c.b.note(func() { c.b.repeated++ })
		before = after
		time.Sleep(200 * time.Millisecond)
	}
	panic(stop{"not to be done: " + d.act})
}

func (c *client) acked(d deed, before int, v *view) {
	c.b.note(func() {
		c.b.acks = append(c.b.acks, ack{d.node, v.ID, d.act, d.by, before, v.Steps, v.Number, v.Statement})
	})
}

// open begins a file. No file is there to be seen, so after an accident the client
// looks for one that bears its name.
func (c *client) open(form string) *view {
	args := []string{"consignment", "do", "apply", "--by", c.who, "--file", form}
	for range 40 {
		if c.ctx.Err() != nil {
			panic(stop{"the time is over"})
		}
		out, errs, exit := c.ask("cf", args...)
		if exit == 0 {
			v := &view{}
			if err := json.Unmarshal([]byte(out), v); err != nil {
				c.strange("apply: %v: %q", err, out)
			}
			c.acked(deed{node: "cf", act: "apply", by: c.who}, 0, v)
			return v
		}
		if exit != 75 && exit != 69 && exit != -1 {
			c.strange("apply: exit %d: %s", exit, errs)
			panic(stop{"refused: apply"})
		}
		for _, x := range c.list("cf", "applied") {
			if v := c.show("cf", x.ID); v.File[0].By == c.who {
				c.b.note(func() { c.b.lookedUp++ })
				return v
			}
		}
		c.b.note(func() { c.b.repeated++ })
	}
	panic(stop{"not to be done: apply"})
}
