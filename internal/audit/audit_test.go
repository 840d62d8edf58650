package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strconv"
	"testing"
	"testing/fstest"
	"time"

	"adamas.example/internal/audit/wire"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

const start = verifytest.Start

// folder writes a log in memory as its public files, attested two hours after
// the start; ahead is how many of its last entries no checkpoint covers yet.
func folder(l *verifytest.Log, ahead int) fstest.MapFS {
	return folderAt(l, ahead, start+7200)
}

func folderAt(l *verifytest.Log, ahead int, attested int64) fstest.MapFS {
	size := len(l.Leaves) - ahead
	out := fstest.MapFS{"checkpoint": {Data: []byte(l.Checkpoint(int64(size), attested))}}
	tile := func(level, n, w int, data []byte) {
		name := "entries"
		if level >= 0 {
			name = strconv.Itoa(level)
		}
		name = "tile/" + name + "/" + number(n)
		if w < 256 {
			name += fmt.Sprintf(".p/%d", w)
		}
		out[name] = &fstest.MapFile{Data: data}
	}
	var level []wire.Hash
	for _, leaf := range l.Leaves {
		level = append(level, wire.LeafHash(leaf))
	}
	widths := func(count, n int) []int { // the one that is needed, and older ones
		w := min(256, count-n*256)
		return slices.Compact([]int{max(1, w/2), max(1, w-ahead), w})
	}
	for n := 0; n*256 < len(l.Leaves); n++ {
		for _, w := range widths(len(l.Leaves), n) {
			var b []byte
			for _, leaf := range l.Leaves[n*256 : n*256+w] {
				b = append(binary.BigEndian.AppendUint16(b, uint16(len(leaf))), leaf...)
			}
			tile(-1, n, w, b)
		}
	}
	for at := 0; len(level) > 0; at++ {
		var next []wire.Hash
		for n := 0; n*256 < len(level); n++ {
			for _, w := range widths(len(level), n) {
				var b []byte
				for _, h := range level[n*256 : n*256+w] {
					b = append(b, h[:]...)
				}
				tile(at, n, w, b)
			}
			if part := level[n*256 : min(len(level), n*256+256)]; len(part) == 256 {
				next = append(next, tree(part))
			}
		}
		level = next
	}
	return out
}

// number and tree are written apart from the ones they judge.
func number(n int) string {
	if n < 1000 {
		return fmt.Sprintf("%03d", n)
	}
	return path.Join("x"+number(n/1000), fmt.Sprintf("%03d", n%1000))
}

func tree(hs []wire.Hash) wire.Hash {
	for len(hs) > 1 {
		var up []wire.Hash
		for i := 0; i < len(hs); i += 2 {
			up = append(up, sha256.Sum256(slices.Concat([]byte{1}, hs[i][:], hs[i+1][:])))
		}
		hs = up
	}
	return hs[0]
}

// world has certificates of CF, a receipt by AE, a cancelled one.
func world(certificates int) (*verifytest.World, []*bundle.Bundle) {
	w := verifytest.New()
	cf, ae := w.Offices["CF/bangui"], w.Offices["AE/dubai"]
	var bundles []*bundle.Bundle
	for i := range certificates {
		b := cf.Record(cf.Sign(cf.Draft("AE", start+60+int64(i))), start+70+int64(i))
		bundles = append(bundles, b)
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
	return w, bundles
}

func run(t *testing.T, w *verifytest.World, opt Options) *Report {
	t.Helper()
	var logs []fs.FS
	for _, l := range w.Logs {
		logs = append(logs, folder(l, 0))
	}
	return audit(t, w, logs, opt)
}

func audit(t *testing.T, w *verifytest.World, logs []fs.FS, opt Options) *Report {
	t.Helper()
	if opt.At.IsZero() {
		opt.At = time.Unix(start+7200, 0)
	}
	r, err := Run(w.Roots, logs, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func after(days int64) Options { return Options{At: time.Unix(start+days*86400, 0)} }

func has(r *Report, code string) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Code == code })
}

func counts(cs []Count) map[string]int64 {
	out := map[string]int64{}
	for _, c := range cs {
		out[c.What] = c.Count
	}
	return out
}

func TestAnHonestWorldIsClean(t *testing.T) {
	w, bundles := world(300) // more than one bundle of entries
	r := run(t, w, after(1))
	if !r.Clean() || len(r.Findings) != 0 || !r.Synthetic {
		t.Fatalf("%+v", r.Findings)
	}
	if r.Logs[1].Certificates != 300 || r.Logs[0].Statements["11"] != 1 || len(r.Logs[0].Witnesses) != 3 {
		t.Errorf("%+v", r.Logs)
	}
	want := Pair{From: "CF", To: "AE", Issued: 300, Received: 1, Ended: 1, Open: 298}
	if !slices.Equal(r.Pairs, []Pair{want}) {
		t.Errorf("%+v", r.Pairs)
	}
	// Nothing was disclosed, and it says so.
	if u := counts(r.Untold); u["facts.not_disclosed"] != 300 || u["four_eyes.asserted"] != 300 {
		t.Errorf("%v", u)
	}
	// With the bundles the four eyes are proved and the weights are known.
	r = run(t, w, Options{At: after(1).At, Bundles: files(t, bundles...)})
	if c := counts(r.Checks); len(r.Findings) != 0 || c["four_eyes"] != 300 || c["facts"] != 300 || c["weights"] != 1 || c["recorded_in_time"] != 300 {
		t.Errorf("%+v %v", r.Findings, c)
	}
	// Most of a year later the openings and receipts are due, and no violation of any.
	r = run(t, w, after(200))
	n := map[string]int{}
	for _, f := range r.Findings {
		n[f.Code]++
	}
	if !r.Clean() || n["opening.due"] != 300 || n["receipt.overdue"] != 298 || len(n) != 2 {
		t.Errorf("%v", n)
	}
}

// files puts bundles into a folder, named as nobody checks.
func files(t *testing.T, bundles ...*bundle.Bundle) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for i, b := range bundles {
		file, err := b.Encode()
		if err != nil {
			t.Fatal(err)
		}
		out[fmt.Sprintf("%d.adamas", i)] = &fstest.MapFile{Data: file}
	}
	return out
}

// TestTheOrderOfLogsDecidesNothing: the same findings, whichever log comes first.
func TestTheOrderOfLogsDecidesNothing(t *testing.T) {
	w, _ := world(5)
	one, other := folder(w.Logs[0], 0), folder(w.Logs[1], 0)
	a, b := audit(t, w, []fs.FS{one, other}, after(200)), audit(t, w, []fs.FS{other, one}, after(200))
	if !slices.EqualFunc(a.Findings, b.Findings, func(x, y Finding) bool { return fmt.Sprint(x) == fmt.Sprint(y) }) {
		t.Errorf("%v\n%v", a.Findings, b.Findings)
	}
}

// TestOneByteOfAnyFile: the audit is not clean after one byte of any public file
// is changed, nor after a file is taken away or added. A log that is a few
// entries ahead of its checkpoint is among them.
func TestOneByteOfAnyFile(t *testing.T) {
	w, _ := world(300)
	for _, l := range w.Logs {
		for _, ahead := range []int{0, 3} {
			files := folder(l, ahead)
			judge := func() *Report { return audit(t, w, []fs.FS{files}, Options{}) }
			if r := judge(); !r.Clean() {
				t.Fatalf("before: %+v", r.Findings)
			}
			for _, name := range slices.Sorted(maps.Keys(files)) {
				f := files[name]
				whole := f.Data
				for region := range 12 { // every region of the file, at random
					at := region * len(whole) / 12
					i := at + rand.IntN(max(1, (region+1)*len(whole)/12-at))
					f.Data = bytes.Clone(whole)
					f.Data[i] ^= byte(1 + rand.IntN(255))
					if judge().Clean() {
						t.Errorf("%s %s byte %d: clean", l.Origin, name, i)
					}
				}
				for _, cut := range [][]byte{whole[:len(whole)-1], append(bytes.Clone(whole), 0)} {
					if f.Data = cut; judge().Clean() {
						t.Errorf("%s %s of %d bytes instead of %d: clean", l.Origin, name, len(cut), len(whole))
					}
				}
				f.Data = whole
			}
			for _, stranger := range []string{"tile/0/notes.txt", "tile/entries/000.p/0", "tile/0/000.p/x", "tile/9/000", "index.html", "tile/1/999/000"} {
				files[stranger] = &fstest.MapFile{Data: []byte("x")}
				if r := judge(); r.Clean() {
					t.Errorf("%s: clean", stranger)
				}
				delete(files, stranger)
			}
			files[".state/treeState"] = &fstest.MapFile{Data: []byte("the log's own")}
			if r := judge(); !r.Clean() {
				t.Errorf("%+v", r.Findings)
			}
		}
	}
	for i := range w.Roots[0] {
		bent := bytes.Clone(w.Roots[0])
		bent[i] ^= 1
		if _, err := wire.ReadRoots([][]byte{bent}); err == nil {
			t.Errorf("root document, byte %d: believed", i)
		}
	}
}

// TestRootAtEverySize: the tree at an earlier size is the one the log had.
func TestRootAtEverySize(t *testing.T) {
	w, _ := world(300)
	log := w.Logs[1]
	l, err := wire.OpenLog(folder(log, 0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Verify(func(code, file string) { t.Error(code, file) }, func(int64, []byte) {}); err != nil {
		t.Fatal(err)
	}
	for size := range l.Size + 1 {
		h, err := wire.ReadHead(log.Body(size) + "\n")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := l.RootAt(size); err != nil || got != h.Root {
			t.Fatalf("%d: %x %v, want %x", size, got, err, h.Root)
		}
	}
	if _, err := l.RootAt(l.Size + 1); err == nil {
		t.Error("a size past the end has a root")
	}
}

// FuzzRun: whatever an entitled office signs, the audit comes to its end.
func FuzzRun(f *testing.F) {
	for _, b := range everyBody() {
		p, err := statement.Payload(statement.Header{Type: b.Type(), Issuer: "CF/bangui", IssuedAt: start, Subject: "certificate/CF00000001", Synthetic: true}, b)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		if len(payload) > 60000 {
			return
		}
		s := newStage(t)
		for _, k := range []verifytest.Signer{s.cf.Signer, s.w.Authority["CF"]} {
			s.cf.Log.Append(k.Sign(statement.ContentStatement, payload, false))
		}
		s.run()
	})
}

// FuzzTheTwoDecodersAgree: what package statement accepts this package reads
// alike, and what it refuses is not clean here.
func FuzzTheTwoDecodersAgree(f *testing.F) {
	w, _ := world(3)
	for _, leaf := range w.Logs[1].Leaves {
		f.Add(leaf)
	}
	for _, b := range everyBody() {
		o := w.Offices["CF/bangui"]
		f.Add(o.Signer.Statement(statement.Header{Issuer: o.ID, IssuedAt: start, Subject: "x", Synthetic: true}, b))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		mine, err := wire.Read(b)
		st, theirs := statement.Parse(b)
		if theirs == nil && st.Blob == nil && err != nil {
			t.Fatalf("statement accepts, audit refuses: %v", err)
		}
		if theirs == nil && mine != nil && (mine.Hash != sha256.Sum256(b) || mine.Issuer != st.Issuer || mine.Kind != int64(st.Type) || mine.At != st.IssuedAt) {
			t.Fatal("the two read different things")
		}
	})
}
