package generate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"adamas.example/internal/ident"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/period"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// failing is what *testing.T and *rapid.T share.
type failing interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// made is a folder as a reader finds it.
type made struct {
	dir     string
	report  *Report
	chain   *trust.Chain
	entries []trust.Entry // in order of the Participants, then of the logs
	bundles map[string]*bundle.Bundle
}

func day(s string) period.Date {
	d, err := period.Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

// generate runs a configuration into a fresh folder and reads everything back:
// root documents, checkpoints under their policies, every tile and entry.
func generate(ctx context.Context, t failing, dir string, c Config) *made {
	t.Helper()
	c.Dir = filepath.Join(dir, "out")
	c.Readme = "SYNTHETIC\n"
	r, err := Run(ctx, c, nil)
	if err != nil {
		t.Fatalf("%+v: %v", c, err)
	}
	m := &made{dir: c.Dir, report: r, bundles: map[string]*bundle.Bundle{}}
	var roots [][]byte
	for n := 1; ; n++ {
		b, err := os.ReadFile(filepath.Join(c.Dir, fmt.Sprintf("root-%d.cbor", n)))
		if err != nil {
			break
		}
		roots = append(roots, b)
	}
	if m.chain, err = trust.ParseChain(roots, r.Root); err != nil {
		t.Fatalf("roots: %v", err)
	}
	for _, l := range r.Logs {
		m.readLog(ctx, t, l)
	}
	files, err := filepath.Glob(filepath.Join(c.Dir, "bundles", "*.adamas"))
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("%v", err)
		}
		b, err := bundle.Parse(raw)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		st, err := statement.Parse(b.Statement)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		m.bundles[st.Body.(*statement.Certificate).Number] = b
	}
	return m
}

func (m *made) readLog(ctx context.Context, t failing, l LogReport) {
	t.Helper()
	src := tiles.OpenFolder(filepath.Join(m.dir, "logs", l.Participant))
	text, err := src.Checkpoint(ctx)
	if err != nil {
		t.Fatalf("%s: %v", l.Origin, err)
	}
	cp, err := policy.ParseCheckpoint(text)
	if err != nil {
		t.Fatalf("%s: %v", l.Origin, err)
	}
	believed := false
	for _, known := range m.chain.Current().Logs {
		if known.Origin == l.Origin {
			pol, err := policy.Parse(known.Policy)
			if err != nil {
				t.Fatalf("%s: %v", l.Origin, err)
			}
			if _, err := pol.Check(cp); err != nil {
				t.Fatalf("%s: %v", l.Origin, err)
			}
			believed = true
		}
	}
	if !believed || cp.Origin != l.Origin || cp.Root != l.Root || cp.Size != l.Size {
		t.Fatalf("%s: not the log that was reported", l.Origin)
	}
	tree, err := tiles.OpenTree(ctx, src, cp)
	if err != nil {
		t.Fatalf("%s: %v", l.Origin, err)
	}
	err = tree.Scan(ctx, 0, func(first int64, entries [][]byte) error {
		for i, e := range entries {
			st, err := statement.Parse(append([]byte(nil), e...))
			if err != nil {
				return err
			}
			m.entries = append(m.entries, trust.Entry{Origin: l.Origin, Index: uint64(first) + uint64(i), Statement: st})
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", l.Origin, err)
	}
}

// certificate is what the logs tell of one certificate.
type certificate struct {
	st       *statement.Statement
	body     *statement.Certificate
	facts    *verify.Facts // all of them, when it is a sample
	receipt  *statement.Receipt
	opened   bool
	ended    bool
	last     int64 // time of the last statement about it
	returned bool
}

// certificates collects them by number, and holds what can be seen on the way:
// one certificate to a number, one receipt, nothing about what does not exist.
func (m *made) certificates(t failing) map[string]*certificate {
	t.Helper()
	out := map[string]*certificate{}
	for _, e := range m.entries {
		if body, ok := e.Statement.Body.(*statement.Certificate); ok {
			if out[body.Number] != nil {
				t.Fatalf("%s stands twice", body.Number)
			}
			out[body.Number] = &certificate{st: e.Statement, body: body}
		}
	}
	for _, e := range m.entries {
		about, ok := statement.Concerns(e.Statement.Body)
		if !ok {
			continue
		}
		c := out[about.Number]
		if c == nil || c.st.Hash != about.Certificate {
			t.Fatalf("%s %d: about %s, which is not there", e.Origin, e.Index, about.Number)
		}
		if e.Statement.IssuedAt <= c.st.IssuedAt {
			t.Errorf("%s %d: %s before its certificate", e.Origin, e.Index, e.Statement.Type)
		}
		c.last = max(c.last, e.Statement.IssuedAt)
		switch b := e.Statement.Body.(type) {
		case *statement.Receipt:
			if c.receipt != nil {
				t.Errorf("%s: two receipts", about.Number)
			}
			c.receipt = b
		case *statement.Opening:
			if c.opened {
				t.Errorf("%s: opened twice", about.Number)
			}
			c.opened = true
		case *statement.Void, *statement.Replacement, *statement.Loss:
			if c.ended {
				t.Errorf("%s: ended twice", about.Number)
			}
			c.ended = true
		case *statement.Disposition:
			c.returned = c.returned || b.Step == statement.Returned
		}
	}
	for number, b := range m.bundles {
		c := out[number]
		shown, err := b.Disclosure.Open(c.body.Facts)
		if err != nil {
			t.Fatalf("%s: %v", number, err)
		}
		if c.facts, err = verify.DecodeFacts(shown); err != nil {
			t.Fatalf("%s: %v", number, err)
		}
	}
	return out
}

func codes(list ...string) (out []ident.ParticipantCode) {
	for _, c := range list {
		out = append(out, ident.ParticipantCode(c))
	}
	return out
}

// first is the first moment of a signed day.
func first(d canonical.Day) period.Date { return period.Date(d) }

// pack reads the folder's pack.
func (m *made) pack(t failing) *pack.Pack {
	raw, err := os.ReadFile(filepath.Join(m.dir, "pack"))
	if err != nil {
		t.Fatalf("%v", err)
	}
	p, err := pack.Parse(raw, m.report.Root)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return p
}

// about lists the later statements about a certificate.
func (m *made) about(number string) (out []*statement.Statement) {
	for _, e := range m.entries {
		if a, ok := statement.Concerns(e.Statement.Body); ok && a.Number == number {
			out = append(out, e.Statement)
		}
	}
	return out
}

// b2c is the certificate in a bundle.
func b2c(t failing, b *bundle.Bundle) *statement.Certificate {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return st.Body.(*statement.Certificate)
}
