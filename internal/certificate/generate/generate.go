package generate

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"adamas.example/internal/certificate/generate/bulklog"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/period"
	"adamas.example/verify/canonical"
)

// Config says what world to make. The same Config makes the same bytes, whatever
// the number of Workers.
type Config struct {
	Dir          string                  // where; it is made, or must be empty
	From, Until  period.Date             // first and last simulated day, 2003 to 2025
	Count        int                     // certificates; 0: as many as the tables say
	Seed         string                  // any text
	Participants []ident.ParticipantCode // none: all of the tables
	Bundles      int                     // sample certificates as files
	Pack         bool                    // also a pack; it is made of whole logs in memory
	Statistics   bool                    // also the true totals
	Workers      int                     // that sign; 0: as many as the machine has cores
	Readme       string                  // what README-SYNTHETIC.txt says
}

func (c *Config) workers() int {
	if c.Workers > 0 {
		return c.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// MostCertificates that one world may have: the logs of any Participant stay
// within the numbers of six digits that the shortest form has.
const MostCertificates = 5_000_000

// mostSeed bounds the seed in bytes.
const mostSeed = 200

// Check refuses what no world can be made of. Faults certificate.generate_span,
// certificate.generate_count, certificate.generate_seed.
func (c *Config) Check() error {
	var faults fault.List
	if c.From.Year() < firstYear || c.Until.Year() > lastYear || c.From > c.Until {
		faults.Add(fault.Invalid("certificate.generate_span", fault.Arg("from", c.From), fault.Arg("until", c.Until),
			fault.Arg("first", strconv.Itoa(firstYear)), fault.Arg("last", strconv.Itoa(lastYear))))
	}
	if c.Count < 0 || c.Count > MostCertificates {
		faults.Add(fault.Invalid("certificate.generate_count", fault.At("--count"), fault.Arg("count", c.Count), fault.Arg("most", MostCertificates)))
	}
	if c.Bundles < 0 || c.Bundles > mostBundles {
		faults.Add(fault.Invalid("certificate.generate_count", fault.At("--bundles"), fault.Arg("count", c.Bundles), fault.Arg("most", mostBundles)))
	}
	if c.Seed == "" || len(c.Seed) > mostSeed {
		faults.Add(fault.Invalid("certificate.generate_seed", fault.At("--seed"), fault.Arg("most", mostSeed)))
	}
	return faults.Err()
}

// Estimate is what a world will take, before it is made.
type Estimate struct {
	Certificates int64
	Participants int
	Bytes        int64 // on the disk, about
}

// bytesEach is what a certificate with its receipt, opening and hashes takes on
// the disk, as measured (docs/generate.md).
const bytesEach = 1500

// Plan checks a configuration and says what it will make. Faults: those of
// Check, certificate.generate_participant, certificate.generate_nobody_trades.
func Plan(c Config) (*Estimate, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	w, err := newWorld(c)
	if err != nil {
		return nil, err
	}
	n := w.quotas.count
	return &Estimate{Certificates: n, Participants: len(w.standingParties()), Bytes: n*bytesEach + 3<<20}, nil
}

// LogReport is one log that was made.
type LogReport struct {
	Participant string         `json:"participant"`
	Origin      string         `json:"origin"`
	Size        int64          `json:"size"`
	Root        canonical.Hash `json:"root"`
	bytes       int64
}

// Report is what was made.
type Report struct {
	Certificates int64          `json:"certificates"`
	Statements   int64          `json:"statements"`
	Bytes        int64          `json:"bytes"`
	From         period.Date    `json:"from"`
	Until        period.Date    `json:"until"`
	Root         canonical.Hash `json:"root"` // fingerprint of the newest root document
	At           time.Time      `json:"at"`   // of the checkpoints
	Logs         []LogReport    `json:"logs"`
	Totals       []Total        `json:"-"`

	mostEvents, mostLots int
}

// Run makes the world. progress, if not nil, is told the certificates issued and
// wanted after each day. When ctx ends everything that was written is removed
// again. Faults: those of Plan, certificate.generate_not_empty, certificate.generate_cannot_write; the
// context's error.
func Run(ctx context.Context, c Config, progress func(done, total int64)) (r *Report, err error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	w, err := newWorld(c)
	if err != nil {
		return nil, err
	}
	out, err := prepare(c.Dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, out.remove())
		}
	}()
	for _, p := range w.standingParties() {
		p.log = &bulklog.Writer{Dir: filepath.Join(c.Dir, logsDir, p.code)}
		if err := cannotWrite(p.log.Dir, os.MkdirAll(p.log.Dir, 0o755)); err != nil {
			return nil, err
		}
	}
	r = &Report{From: c.From, Until: c.Until}
	for ; w.today <= w.until; w.today++ {
		if err := w.day(ctx); err != nil {
			return nil, err
		}
		if w.today.Day() == 1 {
			events, lots := w.inFlight()
			r.mostEvents, r.mostLots = max(r.mostEvents, events), max(r.mostLots, lots)
		}
		if progress != nil {
			progress(w.issued, w.quotas.count)
		}
	}
	return r, w.finish(ctx, out, r)
}
