// Package shift says for how long a proof of identity serves somebody who signs one
// receipt after another.
//
// Imports: web.
package shift

import (
	"sync"
	"time"

	"adamas.example/internal/web"
)

// How long a proof of identity serves.
const (
	ProofFor = 30 * time.Minute // without a signature in between
	Longest  = 10 * time.Hour   // in all
)

// Book remembers who signs one receipt after another. The office's key signs, so that
// somebody has to have shown who he is; a desk that confirms 120 parcels a day cannot
// have him do so 120 times. A proof of identity therefore serves for ProofFor, each
// receipt signed within that time carries it on, and after a shift it has ended whatever
// was signed. What is remembered is in memory alone: after a restart everybody proves
// himself again. The zero value is ready.
type Book struct {
	mu   sync.Mutex
	last map[string]time.Time // of the latest signature, by session
}

// Fresh tells whether the visitor may sign now.
func (s *Book) Fresh(v web.Visitor, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.good(v, now)
}

func (s *Book) good(v web.Visitor, now time.Time) bool {
	age := now.Sub(v.Proven)
	if v.Session == "" || v.Proven.IsZero() || age < -time.Minute || age > Longest {
		return false
	}
	if age <= ProofFor {
		return true
	}
	last, ok := s.last[v.Session]
	return ok && !last.Before(v.Proven) && now.Sub(last) <= ProofFor
}

// Sign tells the same, and that the visitor is about to.
func (s *Book) Sign(v web.Visitor, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.good(v, now) {
		return false
	}
	if s.last == nil {
		s.last = map[string]time.Time{}
	}
	for session, at := range s.last { // few: those who sign at one office
		if now.Sub(at) > ProofFor {
			delete(s.last, session)
		}
	}
	s.last[v.Session] = now
	return true
}
