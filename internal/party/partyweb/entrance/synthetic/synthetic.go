// Package synthetic is the people of the demonstration: the file in which `adamas demo`
// writes them down, passwords and all, and what they would type to sign in.
//
// # Invariants
//
//   - Nothing here opens a door. Whoever enters as one of them types the password and the
//     code that the file gives, and the office checks both as it checks anybody's.
//   - A code serves once. What was given is not given again; when there is none left for
//     now, the answer is how long to wait.
//
// Who may be offered these people is package entrance's to decide.
//
// Imports: fault, people/proof.
package synthetic

import (
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/party/people/proof"
)

// FileName of the file, in the demonstration's folder, beside the nodes' folders.
const FileName = "people-SYNTHETIC.json"

// Person is one made-up person of an office.
type Person struct {
	Office   string      `json:"office"`
	Login    string      `json:"login"`
	Name     string      `json:"name"`
	Role     access.Role `json:"role"`
	Company  string      `json:"company,omitempty"` // of an exporter
	Licence  string      `json:"licence,omitempty"`
	Password string      `json:"password"`
	Secret   string      `json:"secret"`           // of the app for codes, base32
	KeyID    string      `json:"key_id,omitempty"` // by which an officer approves
	Keys     string      `json:"keys,omitempty"`   // folder of that key, below the demonstration's
}

// File is the whole of it.
type File struct {
	Synthetic bool     `json:"synthetic"`
	People    []Person `json:"people"`
}

// Cast is an office's people, and which of their codes were given.
type Cast struct {
	people []Person

	mu   sync.Mutex
	last map[string]int64 // the last step given, by login
}

// Beside reads the people of the office whose node's folder lies in a demonstration; nil
// where it does not.
func Beside(nodeDir, office string) (*Cast, error) {
	path := filepath.Join(nodeDir, "..", FileName)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var f File
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("synthetic: %s: %w", path, err)
	}
	c := &Cast{last: map[string]int64{}}
	for _, p := range f.People {
		if f.Synthetic && p.Office == office {
			c.people = append(c.people, p)
		}
	}
	if len(c.people) == 0 {
		return nil, nil
	}
	return c, nil
}

// People lists them, in the order of the file.
func (c *Cast) People() []Person { return c.people }

// Of finds one by login.
func (c *Cast) Of(login string) (Person, bool) {
	for _, p := range c.people {
		if p.Login == login {
			return p, true
		}
	}
	return Person{}, false
}

// step is how long a code of the app lasts (RFC 6238 §5.2).
const step = 30 * time.Second

// Code gives the next code of a person that was not given yet. An office takes that of
// the step before, of now, and of the step after. Fault: people.codes_used, which says
// how many seconds to wait.
func (c *Cast) Code(p Person, now time.Time) (string, error) {
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(p.Secret)
	if err != nil {
		return "", fmt.Errorf("synthetic: secret of %s: %w", p.Login, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	next := max(proof.Step(now)-1, c.last[p.Login]+1)
	if next > proof.Step(now)+1 {
		wait := time.Unix((next-1)*int64(step/time.Second), 0).Sub(now)
		return "", fault.Limited("people.codes_used", fault.Arg("seconds", int((wait+time.Second-1)/time.Second)))
	}
	c.last[p.Login] = next
	return proof.CodeAt(secret, time.Unix(next*int64(step/time.Second), 0)), nil
}

// Try does something with one code after another, until one is taken or the refusal is
// another than that of a code used already: somebody may have typed it by hand. Faults
// also: those of Code.
func (c *Cast) Try(p Person, now time.Time, refused string, do func(code string) error) error {
	for {
		code, err := c.Code(p, now)
		if err != nil {
			return err
		}
		if err := do(code); !fault.Is(err, refused) {
			return err
		}
	}
}
