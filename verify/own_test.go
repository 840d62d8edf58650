package verify_test

import (
	"testing"

	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// TestOwnActs: an office knows what it has done itself before the pack does. What
// anybody else says without a record counts for nothing.
func TestOwnActs(t *testing.T) {
	w := verifytest.New()
	cf, ae := w.Offices["CF/bangui"], w.Offices["AE/dubai"]
	b := cf.Record(cf.Sign(cf.Draft("AE", start+60)), start+70)
	said := func(k verifytest.Signer, body func(statement.About) statement.Body) []byte {
		h, about := ae.About("CF00000001", b.Statement, start+600)
		return k.Statement(h, body(about))
	}
	step := func(s statement.Step) func(statement.About) statement.Body {
		return func(a statement.About) statement.Body {
			return &statement.Disposition{About: a, Step: s, Day: 7300, Reason: "SYNTHETIC"}
		}
	}
	received := func(a statement.About) statement.Body {
		return &statement.Receipt{About: a, Day: 7300, Carats: 1240, Parcels: 1}
	}
	detained := said(ae.Signer, step(statement.Detained))
	ae.Log.Append(detained)
	held := w.ParsedPack(start + 700)
	released := said(ae.Signer, step(statement.Released))
	for _, c := range []struct {
		name  string
		pack  *pack.Pack
		own   [][]byte
		told  string // the check that failed with its reason
		notes int
	}{
		{"nothing", held, nil, "status.detained detained", 1},
		{"released", held, [][]byte{released}, "", 2},
		{"what the pack holds, and released", held, [][]byte{detained, released}, "", 2},
		{"released and detained again", held, [][]byte{released, said(ae.Signer, func(a statement.About) statement.Body {
			return &statement.Disposition{About: a, Step: statement.Detained, Day: 7301, Reason: "SYNTHETIC"}
		})}, "status.detained detained", 3},
		{"released by a stranger's key", held, [][]byte{said(verifytest.NewSigner("stranger"), step(statement.Released))}, "status.detained detained", 1},
		{"released and received", held, [][]byte{released, said(ae.Signer, received)}, "status.used already_imported", 3},
		{"about another certificate", held, [][]byte{func() []byte {
			h, about := ae.About("CF00000002", b.Statement, start+600)
			return ae.Signer.Statement(h, step(statement.Released)(about))
		}()}, "status.detained detained", 1},
	} {
		o := verify.Options{Purpose: verify.Import, At: at(800), Destination: "AE"}
		for _, raw := range c.own {
			st, err := statement.Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			o.Own = append(o.Own, st)
		}
		got, told := verify.New(c.pack).Verify(b, o), ""
		if f := got.Failed(); f != nil {
			told = string(f.Code) + " " + f.Reason
		}
		if told != c.told || len(got.Notes) != c.notes {
			t.Errorf("%s: %q with %d notes, want %q with %d\n%+v", c.name, told, len(got.Notes), c.told, c.notes, got.Notes)
		}
	}
}

// TestOwnPrint: the office that has just printed knows its paper before a pack does;
// nobody else's word for it counts.
func TestOwnPrint(t *testing.T) {
	w := verifytest.New()
	cf, ae := w.Offices["CF/bangui"], w.Offices["AE/dubai"]
	b := cf.Record(cf.Sign(cf.Draft("AE", start+60)), start+70)
	held, paper := w.ParsedPack(start+700), canonical.Sum([]byte("SYNTHETIC: a PDF"))
	for _, c := range []struct {
		office *verifytest.Office
		want   verify.Outcome
	}{{nil, verify.CannotTell}, {cf, verify.Valid}, {ae, verify.CannotTell}} {
		o := verify.Options{At: at(800), Paper: &paper}
		if c.office != nil {
			h, about := c.office.About("CF00000001", b.Statement, start+710)
			st, err := statement.Parse(c.office.Signer.Statement(h, &statement.Print{About: about, Paper: paper, Reason: "SYNTHETIC"}))
			if err != nil {
				t.Fatal(err)
			}
			o.Own = []*statement.Statement{st}
		}
		if got := verify.New(held).Verify(b, o); got.Outcome != c.want || got.Check(verify.CodePrint).Outcome != c.want {
			t.Errorf("%v: %+v", c.office, got.Check(verify.CodePrint))
		}
	}
}
