package receiving

import (
	"sync"
	"time"

	"adamas.example/internal/web"
)

// shifts remember who signs one receipt after another. The office's key signs, so that
// somebody has to have shown who he is; a desk that confirms 120 parcels a day cannot
// have him do so 120 times. A proof of identity therefore serves for proofFor, each
// receipt signed within that time carries it on, and after a shift it has ended whatever
// was signed. What is remembered is in memory alone: after a restart everybody proves
// himself again. The zero value is ready.
type shifts struct {
	mu   sync.Mutex
	last map[string]time.Time // of the latest signature, by session
}

// fresh tells whether the visitor may sign now.
func (s *shifts) fresh(v web.Visitor, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.good(v, now)
}

func (s *shifts) good(v web.Visitor, now time.Time) bool {
	age := now.Sub(v.Proven)
	if v.Session == "" || v.Proven.IsZero() || age < -time.Minute || age > shift {
		return false
	}
	if age <= proofFor {
		return true
	}
	last, ok := s.last[v.Session]
	return ok && !last.Before(v.Proven) && now.Sub(last) <= proofFor
}

// sign tells the same, and that the visitor is about to.
func (s *shifts) sign(v web.Visitor, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.good(v, now) {
		return false
	}
	if s.last == nil {
		s.last = map[string]time.Time{}
	}
	for session, at := range s.last { // few: those who sign at one office
		if now.Sub(at) > proofFor {
			delete(s.last, session)
		}
	}
	s.last[v.Session] = now
	return true
}
