package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

const start = verifytest.Start

// folder writes a log in memory as its public files.
func folder(l *verifytest.Log) fstest.MapFS {
	out := fstest.MapFS{"checkpoint": {Data: []byte(l.Checkpoint(int64(len(l.Leaves)), start+7200))}}
	for n := 0; n*256 < len(l.Leaves); n++ {
		var b []byte
		part := l.Leaves[n*256 : min(len(l.Leaves), n*256+256)]
		for _, leaf := range part {
			b = append(binary.BigEndian.AppendUint16(b, uint16(len(leaf))), leaf...)
		}
		path := "tile/entries/" + tileNumber(int64(n))
		if len(part) < 256 {
			path += fmt.Sprintf(".p/%d", len(part))
		}
		out[path] = &fstest.MapFile{Data: b}
	}
	return out
}

// world has certificates of CF, a receipt by AE, a cancelled one.
func world() *verifytest.World {
	w := verifytest.New()
	cf, ae := w.Offices["CF/bangui"], w.Offices["AE/dubai"]
	for i := range 300 { // more than one bundle of entries
		b := cf.Record(cf.Sign(cf.Draft("AE", start+60+int64(i))), start+70)
		if i == 0 {
			h, about := ae.About("CF00000001", b.Statement, start+3600)
			ae.Log.Append(ae.Signer.Statement(h, &statement.Receipt{About: about, Day: canonical.DayOf(start + 3600), Carats: 1240, Parcels: 1}))
		}
		if i == 1 {
			h, about := cf.About("CF00000002", b.Statement, start+3600)
			h.Prev = canonical.Sum(b.Statement)
			cf.Log.Append(cf.Signer.Statement(h, &statement.Void{About: about, Reason: "SYNTHETIC"}))
		}
	}
	return w
}

func run(t *testing.T, w *verifytest.World, after int64) *Report {
	t.Helper()
	var logs []fs.FS
	for _, l := range w.Logs {
		logs = append(logs, folder(l))
	}
	r, err := Run(w.Roots, logs, time.Unix(start+after, 0))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnHonestWorldIsClean(t *testing.T) {
	w := world()
	r := run(t, w, 86400)
	if !r.Clean() || len(r.Findings) != 0 || !r.Synthetic {
		t.Fatalf("%+v", r.Findings)
	}
	if r.Logs[1].Certificates != 300 || r.Logs[0].Statements["11"] != 1 || len(r.Logs[0].Witnesses) != 3 {
		t.Errorf("%+v", r.Logs)
	}
	// A year later the openings are due: 300 notices and no violation of any.
	if r := run(t, w, 200*86400); !r.Clean() || len(r.Findings) != 300 || r.Findings[0].Code != "opening.due" {
		t.Errorf("%d findings", len(r.Findings))
	}
}

// TestEachWrongIsFound bends one thing at a time.
func TestEachWrongIsFound(t *testing.T) {
	for _, c := range []struct {
		code string
		bend func(w *verifytest.World, o *verifytest.Office)
	}{
		{"number.twice", func(w *verifytest.World, o *verifytest.Office) {
			d := o.Draft("AE", start+90)
			d.Body.Number, d.Header.Subject = "CF00000001", "certificate/CF00000001"
			d.Header.Prev = canonical.Sum(o.Log.Leaves[6])
			o.Record(o.Sign(d), start+95)
		}},
		{"number.range", func(w *verifytest.World, o *verifytest.Office) {
			d := o.Draft("AE", start+90)
			d.Body.Number, d.Header.Subject = "CF09999999", "certificate/CF09999999"
			o.Record(o.Sign(d), start+95)
		}},
		{"number.gap", func(w *verifytest.World, o *verifytest.Office) {
			o.Draft("AE", start+90)
			o.Record(o.Sign(o.Draft("AE", start+90)), start+95)
		}},
		{"certificate.dates", func(w *verifytest.World, o *verifytest.Office) {
			d := o.Draft("AE", start+90)
			d.Body.Issued -= 5
			o.Record(o.Sign(d), start+95)
		}},
		{"certificate.four_eyes", func(w *verifytest.World, o *verifytest.Office) {
			d := o.Draft("AE", start+90)
			d.Body.Validator = w.Offices["AE/dubai"].Validator.Key.ID()
			o.Record(o.Sign(d), start+95)
		}},
		{"entry.signature", func(w *verifytest.World, o *verifytest.Office) {
			forger := *o
			forger.Signer = verifytest.NewSigner("forger")
			forger.Record(forger.Sign(o.Draft("AE", start+90)), start+95)
		}},
		{"entry.form", func(w *verifytest.World, o *verifytest.Office) { o.Log.Append([]byte("no statement")) }},
		{"entry.twice", func(w *verifytest.World, o *verifytest.Office) { o.Log.Append(o.Log.Leaves[6]) }},
		{"entry.home", func(w *verifytest.World, o *verifytest.Office) {
			w.Logs[0].Append(o.Sign(o.Draft("AE", start+90)).Statement)
		}},
		{"entry.chain", func(w *verifytest.World, o *verifytest.Office) {
			h, about := o.About("CF00000001", o.Log.Leaves[6], start+90)
			o.Log.Append(o.Signer.Statement(h, &statement.Void{About: about, Reason: "SYNTHETIC"}))
		}},
		{"later.other_content", func(w *verifytest.World, o *verifytest.Office) {
			h, about := o.About("CF00000001", []byte("another"), start+90)
			h.Prev = canonical.Sum(o.Log.Leaves[6])
			o.Log.Append(o.Signer.Statement(h, &statement.Void{About: about, Reason: "SYNTHETIC"}))
		}},
		{"later.no_certificate", func(w *verifytest.World, o *verifytest.Office) {
			ae := w.Offices["AE/dubai"]
			h, about := ae.About("CF00004711", []byte("none"), start+90)
			ae.Log.Append(ae.Signer.Statement(h, &statement.Receipt{About: about, Day: 20000, Carats: 1, Parcels: 1}))
		}},
		{"later.stranger", func(w *verifytest.World, o *verifytest.Office) {
			ae := w.Offices["AE/dubai"]
			h, about := ae.About("CF00000001", o.Log.Leaves[6], start+90)
			ae.Log.Append(ae.Signer.Statement(h, &statement.Void{About: about, Reason: "SYNTHETIC"}))
		}},
		{"receipt.twice", func(w *verifytest.World, o *verifytest.Office) {
			ae := w.Offices["AE/dubai"]
			h, about := ae.About("CF00000001", o.Log.Leaves[6], start+90)
			for i := range 2 {
				if i == 1 {
					h.Prev = canonical.Sum(ae.Log.Leaves[len(ae.Log.Leaves)-1])
				}
				ae.Log.Append(ae.Signer.Statement(h, &statement.Receipt{About: about, Day: 20000, Carats: uint64(1 + i), Parcels: 1}))
			}
		}},
		{"key.authority", func(w *verifytest.World, o *verifytest.Office) {
			h := statement.Header{Issuer: "CF/authority", IssuedAt: start, Subject: "key/x", Synthetic: true}
			o.Log.Append(o.Signer.Statement(h, &statement.OfficeKey{Office: "CF/bangui", Use: statement.UseOfficer,
				Key: verifytest.NewSigner("x").Key, From: start, Until: start + 9}))
		}},
		{"entry.synthetic", func(w *verifytest.World, o *verifytest.Office) {
			d := o.Draft("AE", start+90)
			d.Header.Synthetic = false
			o.Record(o.Sign(d), start+95)
		}},
	} {
		t.Run(c.code, func(t *testing.T) {
			w := verifytest.New()
			o := w.Offices["CF/bangui"]
			o.Record(o.Sign(o.Draft("AE", start+60)), start+70)
			if r := run(t, w, 3600); len(r.Findings) != 0 {
				t.Fatalf("before: %+v", r.Findings)
			}
			c.bend(w, o)
			r := run(t, w, 3600)
			if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Code == c.code }) {
				t.Errorf("not found; only %+v", r.Findings)
			}
			if c.code != "number.gap" && r.Clean() {
				t.Error("called clean")
			}
		})
	}
}

// TestOneByteOfAnyFile: the audit is not clean after one byte of any public
// file is changed.
func TestOneByteOfAnyFile(t *testing.T) {
	w := world()
	for _, l := range w.Logs {
		files := folder(l)
		for path, f := range files {
			for range 40 {
				i := rand.IntN(len(f.Data))
				whole := f.Data
				f.Data = bytes.Clone(whole)
				f.Data[i] ^= byte(1 + rand.IntN(255))
				r, err := Run(w.Roots, []fs.FS{files}, time.Unix(start+3600, 0))
				if err != nil || r.Clean() {
					t.Errorf("%s %s byte %d: clean", l.Origin, path, i)
				}
				f.Data = whole
			}
		}
	}
	for i := range w.Roots[0] {
		bent := bytes.Clone(w.Roots[0])
		bent[i] ^= 1
		if _, err := readRoots([][]byte{bent}); err == nil {
			t.Errorf("root document, byte %d: believed", i)
		}
	}
}

// TestTheTwoDecodersAgree: what package statement accepts this package reads
// alike, and what it refuses is not clean here.
func FuzzTheTwoDecodersAgree(f *testing.F) {
	w := world()
	for _, leaf := range w.Logs[1].Leaves[:8] {
		f.Add(leaf)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		mine, err := readStatement(b)
		st, theirs := statement.Parse(b)
		if theirs == nil && st.Blob == nil && err != nil {
			t.Fatalf("statement accepts, audit refuses: %v", err)
		}
		if theirs == nil && (mine.hash != sha256.Sum256(b) || mine.issuer != st.Issuer || mine.kind != int64(st.Type) || mine.at != st.IssuedAt) {
			t.Fatal("the two read different things")
		}
	})
}
