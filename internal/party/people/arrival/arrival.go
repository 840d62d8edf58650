// Package arrival is where requests come from: addresses, how often each may try,
// and browsers in words that people know their devices by.
//
// Rates remembers a bounded number of addresses. Imports: x/time/rate.
package arrival

import (
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rates bounds tries by address. It remembers the addresses of late in two halves:
// when the newer is full it becomes the older, and the older is forgotten. An
// address that comes from time to time stays; what it costs is bounded.
type Rates struct {
	mu           sync.Mutex
	each         rate.Limit
	burst, most  int
	newer, older map[string]*rate.Limiter
}

// NewRates makes one.
func NewRates(perMinute, burst, addresses int) *Rates {
	return &Rates{each: rate.Limit(float64(perMinute) / 60), burst: burst, most: max(1, addresses/2), newer: make(map[string]*rate.Limiter)}
}

// Allow takes one try of an address, false when it has none left.
func (r *Rates) Allow(from From, now time.Time) bool {
	address := from.neighbours()
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.newer[address]
	if l == nil {
		if l = r.older[address]; l == nil {
			l = rate.NewLimiter(r.each, r.burst)
		}
		if len(r.newer) >= r.most {
			r.older, r.newer = r.newer, make(map[string]*rate.Limiter)
		}
		r.newer[address] = l
	}
	return l.AllowN(now, 1)
}

// From is where a request comes from. The address decides the rate limit: behind a
// proxy the caller takes it from the header that his own proxy sets, and from no
// other.
type From struct {
	Address string // IP address, without port
	Agent   string // the header User-Agent
}

// neighbours is the address as a household has it: of IPv6 the first 64 bits.
func (f From) neighbours() string {
	a, err := netip.ParseAddr(f.Address)
	if err != nil {
		return f.Where()
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// Where is the address as it is stored: bounded, since a proxy may hand on anything.
func (f From) Where() string { return clean(f.Address, 64) }

func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), most)]
}

var (
	browsers = [...][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS", "Firefox"},
		{"CriOS", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"}}
	systems = [...][2]string{{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"CrOS", "ChromeOS"},
		{"Mac OS X", "macOS"}, {"Linux", "Linux"}}
)

// Browser is the header User-Agent in two words, so that people know their devices
// again. It proves nothing.
func (f From) Browser() string {
	var out []string
	for _, list := range [][][2]string{browsers[:], systems[:]} {
		for _, known := range list {
			if strings.Contains(f.Agent, known[0]) {
				out = append(out, known[1])
				break
			}
		}
	}
	if len(out) == 0 {
		return clean(f.Agent, 40)
	}
	return strings.Join(out, ", ")
}
