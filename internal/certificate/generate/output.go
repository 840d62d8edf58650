package generate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// Names in the folder.
const (
	readmeFile     = "README-SYNTHETIC.txt"
	unfinishedFile = "UNFINISHED-SYNTHETIC"
	logsDir        = "logs"
	keysDir        = "keys-SYNTHETIC"
	keysFile       = "keys.csv"
	statisticsFile = "statistics-SYNTHETIC.csv"
	bundlesDir     = "bundles"
	packFile       = "pack"
)

// output is the folder that is being made.
type output struct {
	dir  string
	made bool // the folder was not there before
}

func cannotWrite(path string, err error) error {
	if err == nil {
		return nil
	}
	return fault.CannotCreate("certificate.generate_cannot_write", fault.File(path), fault.Because(err))
}

// prepare takes an empty folder, or makes one, and marks it as unfinished: what
// is killed half-way says so.
func prepare(dir string) (*output, error) {
	o := &output{dir: dir}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		o.made = true
		if err := cannotWrite(dir, os.MkdirAll(dir, 0o755)); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, cannotWrite(dir, err)
	case len(entries) > 0:
		return nil, fault.Conflict("certificate.generate_not_empty", fault.At("--out"), fault.File(dir))
	}
	return o, o.write(unfinishedFile, []byte("SYNTHETIC. The making of this folder was cut short: it is no log, remove it.\n"))
}

func (o *output) write(name string, content []byte) error {
	path := filepath.Join(o.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return cannotWrite(path, err)
	}
	return cannotWrite(path, os.WriteFile(path, content, 0o644))
}

// remove takes back everything that was written, and the folder if it was not
// there. The mark goes last.
func (o *output) remove() error {
	entries, err := os.ReadDir(o.dir)
	if err != nil {
		return cannotWrite(o.dir, err)
	}
	var failed error
	for _, e := range entries {
		if e.Name() != unfinishedFile {
			failed = errors.Join(failed, os.RemoveAll(filepath.Join(o.dir, e.Name())))
		}
	}
	if failed != nil {
		return cannotWrite(o.dir, failed)
	}
	if o.made {
		return cannotWrite(o.dir, os.RemoveAll(o.dir))
	}
	return cannotWrite(o.dir, os.Remove(filepath.Join(o.dir, unfinishedFile)))
}

// finish closes the logs, and writes root documents, keys, samples, totals, and
// the checkpoints last of all.
func (w *worldState) finish(ctx context.Context, out *output, r *Report) error {
	at := secondsOf(w.until) + dayCloses
	r.Certificates, r.Statements, r.At, r.Totals = w.issued, w.statements, time.Unix(at, 0).UTC(), w.statistics.sorted()
	roots, err := w.roots()
	if err != nil {
		return err
	}
	for i, signed := range roots.signed {
		r.Root = roots.prints[i]
		r.Bytes += int64(len(signed))
		if err := out.write(fmt.Sprintf("root-%d.cbor", i+1), signed); err != nil {
			return err
		}
	}
	checkpoints := map[string]string{} // by Participant
	for _, p := range w.inOrder() {
		root, err := p.log.Close()
		if err != nil {
			return err
		}
		checkpoints[p.code] = w.trustees.Checkpoint(p.logKey, uint64(p.log.Size), root, at)
		r.Logs = append(r.Logs, LogReport{Participant: p.code, Origin: p.logKey.Holder, Size: p.log.Size, Root: root, bytes: p.log.Bytes})
		r.Bytes += p.log.Bytes
	}
	if err := w.extras(ctx, out, r, roots.signed, checkpoints); err != nil {
		return err
	}
	for _, p := range w.inOrder() {
		if err := out.write(logsDir+"/"+p.code+"/checkpoint", []byte(checkpoints[p.code])); err != nil {
			return err
		}
	}
	path := filepath.Join(out.dir, unfinishedFile)
	return cannotWrite(path, os.Remove(path))
}

// extras are the files beside the logs.
func (w *worldState) extras(ctx context.Context, out *output, r *Report, roots [][]byte, checkpoints map[string]string) error {
	var b bytes.Buffer
	if err := w.keys.Write(&b); err != nil {
		return err
	}
	if err := out.write(keysDir+"/"+keysFile, b.Bytes()); err != nil {
		return err
	}
	if err := out.write(readmeFile, []byte(w.cfg.Readme)); err != nil {
		return err
	}
	if err := w.samples.write(ctx, out); err != nil {
		return err
	}
	if w.cfg.Statistics {
		var b bytes.Buffer
		if err := writeTotals(&b, r.Totals); err != nil {
			return err
		}
		if err := out.write(statisticsFile, b.Bytes()); err != nil {
			return err
		}
	}
	if !w.cfg.Pack {
		return ctx.Err()
	}
	made, err := w.packOf(roots, checkpoints)
	if err != nil {
		return err
	}
	r.Bytes += int64(len(made))
	return out.write(packFile, made)
}

// inOrder are the Participants with a log, by code.
func (w *worldState) inOrder() []*participant {
	out := w.standingParties()
	slices.SortFunc(out, func(a, b *participant) int { return strings.Compare(a.code, b.code) })
	return out
}

// signedRoots are root documents with their fingerprints.
type signedRoots struct {
	signed [][]byte
	prints []canonical.Hash
}

// rootYears is how long the last root document is good after the last day: this
// world is history, and its readers live later.
const rootYears = 30

// roots makes the chain of root documents: a version for the first day, and one
// for every later day on which Participants joined.
func (w *worldState) roots() (*signedRoots, error) {
	out := &signedRoots{}
	r := &trust.Root{Scheme: "SYNTHETIC Kimberley Process", Synthetic: true, Keys: w.trustees.RootKeys, Expires: secondsOf(w.until) + rootYears*366*86400,
		Threshold: w.trustees.Threshold()}
	parties := w.standingParties()
	for i, p := range parties {
		r.Participants = append(r.Participants, trust.Participant{Code: p.code, Name: "SYNTHETIC " + p.code, Authority: p.authority.Key,
			Homes: []trust.Home{{Origin: p.logKey.Holder}}})
		r.Logs = append(r.Logs, trust.Log{Origin: p.logKey.Holder, Policy: w.trustees.PolicyOf(p.logKey)})
		if i+1 < len(parties) && parties[i+1].opens == p.opens {
			continue
		}
		slices.SortFunc(r.Participants, func(a, b trust.Participant) int { return strings.Compare(a.Code, b.Code) })
		slices.SortFunc(r.Logs, func(a, b trust.Log) int { return strings.Compare(a.Origin, b.Origin) })
		r.Version++
		r.Issued = secondsOf(p.opens) - 3600
		signed, payload, err := w.trustees.SignRoot(r)
		if err != nil {
			return nil, err
		}
		r.Prev = canonical.Sum(payload)
		out.signed, out.prints = append(out.signed, signed), append(out.prints, r.Prev)
	}
	return out, nil
}

// packOf makes a pack of all logs, its snapshot signed by the first office.
func (w *worldState) packOf(roots [][]byte, checkpoints map[string]string) ([]byte, error) {
	var sources []pack.Source
	for _, p := range w.inOrder() {
		src := pack.Source{Checkpoint: checkpoints[p.code]}
		if err := p.log.Entries(func(entry []byte) { src.Leaves = append(src.Leaves, entry) }); err != nil {
			return nil, err
		}
		sources = append(sources, src)
	}
	slices.SortFunc(sources, func(a, b pack.Source) int { return strings.Compare(originOf(a), originOf(b)) })
	d, err := pack.Prepare(roots, sources)
	if err != nil {
		return nil, err
	}
	p := w.inOrder()[0]
	signed, err := p.staff.office.State(statement.Header{Issuer: p.office, IssuedAt: secondsOf(w.until) + dayCloses, Subject: "snapshot"}, &d.Snapshot)
	if err != nil {
		return nil, err
	}
	b, err := d.Finish(signed)
	if err != nil {
		return nil, err
	}
	_, err = pack.Parse(b, canonical.Hash{})
	return b, err
}

func originOf(s pack.Source) string {
	c, err := policy.ParseCheckpoint(s.Checkpoint)
	if err != nil {
		return ""
	}
	return c.Origin
}
