package storm

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/worldtest/nodes"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

// program begins what a file calls a system.
const program = "program:"

// settled is how long everything may take to become quiet.
const settled = 2 * time.Minute

// files are all consignments of a node by their id.
type files map[string]*view

// logged is what stands in a node's register.
type logged struct {
	certificates map[string]string // hash by number
	receipts     map[string]int    // how many of a number
	twice        []string          // numbers of two certificates
}

// judge holds what is there against what was acknowledged.
func judge(t *testing.T, w *world, b *book) {
	for _, s := range b.strange {
		t.Errorf("a client: %s", s)
	}
	if len(b.acks) == 0 || w.kills["node"] == 0 {
		t.Errorf("%d acts acknowledged, kills %v: nothing is shown", len(b.acks), w.kills)
	}
	all := quiet(t, w)
	logs := map[string]*logged{}
	for _, code := range nodes.Participants {
		logs[code] = read(t, w, code)
	}
	for _, wrong := range append(faults(all, logs, b.acks), begun(all["cf"], b.applied)...) {
		t.Error(wrong)
	}
	outside(t, w, b)
}

// faults is what files and registers do not have as it was acknowledged, or more
// than once.
func faults(all map[string]files, logs map[string]*logged, acks []ack) (out []string) {
	found := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, code := range nodes.Participants {
		for _, twice := range logs[code].twice {
			found("number %s stands twice in the register of %s", twice, code)
		}
	}
	for _, a := range acks {
		kept(found, all[a.node], a)
		if h, ok := logs["cf"].certificates[a.number]; a.act == "issue" && (!ok || h != a.statement) {
			found("certificate %s was acknowledged as %s; in the register: %q", a.number, a.statement, h)
		}
	}
	numbers(found, all, logs)
	once(found, all)
	return out
}

// quiet waits until both sides of every journey agree, and gives all files.
func quiet(t *testing.T, w *world) map[string]files {
	deadline := time.Now().Add(settled)
	for {
		all := map[string]files{}
		for _, code := range nodes.Participants {
			all[code] = everything(t, w, code)
		}
		open := disagree(all)
		if len(open) == 0 {
			return all
		}
		if time.Now().After(deadline) {
			t.Errorf("the two sides do not agree:\n%s", strings.Join(open, "\n"))
			return all
		}
		time.Sleep(time.Second)
	}
}

// everything reads every file of a node.
func everything(t *testing.T, w *world, code string) files {
	var list struct{ Consignments []view }
	ask(t, w, &list, "consignment", "list", "--dir", w.Node(code), "--count", "100000")
	out := files{}
	for _, x := range list.Consignments {
		v := &view{}
		ask(t, w, v, "consignment", "show", x.ID, "--dir", w.Node(code))
		out[x.ID] = v
	}
	return out
}

func ask(t *testing.T, w *world, into any, args ...string) {
	t.Helper()
	out, errs, code := w.Adamas(time.Minute, append(args, "--json")...)
	if code != 0 {
		t.Fatalf("%s: exit %d\n%s", strings.Join(args, " "), code, errs)
	}
	if err := json.Unmarshal([]byte(out), into); err != nil {
		t.Fatal(err)
	}
}

// answers are the states of the exporting side for those of the importing side.
var answers = map[string]string{"confirmed": "received", "discrepant": "disputed", "detained": "disputed", "returned": "sent_back", "seized": "forfeited"}

// disagree lists the journeys of which the exporting side has not heard the end.
func disagree(all map[string]files) (open []string) {
	exported := map[string]*view{}
	for _, v := range all["cf"] {
		if v.Number != "" {
			exported[v.Number] = v
		}
	}
	for _, code := range nodes.Participants[1:] {
		for _, v := range all[code] {
			x, want := exported[v.Number], answers[v.State]
			if x != nil && want != "" && x.State != want {
				open = append(open, v.Number+": "+v.State+" at "+code+", "+x.State+" at cf")
			}
		}
	}
	return open
}

// kept: an acknowledged act is in the file, once, after what had been seen and not
// after what the answer named.
func kept(found func(string, ...any), in files, a ack) {
	v := in[a.id]
	if v == nil {
		found("%s %s was acknowledged, and there is no such file", a.act, a.id)
		return
	}
	n := 0
	for _, s := range v.File {
		if s.Act == a.act && s.By == a.by && s.Step > a.before && s.Step <= a.after {
			n++
		}
	}
	if n != 1 && a.act != "reissue" {
		found("%s %s by %s was acknowledged, and stands %d times at %d to %d of the file", a.act, a.id, a.by, n, a.before+1, a.after)
	}
	if a.act == "issue" && (v.Number != a.number || v.Statement != a.statement) {
		found("%s was issued as %s %s and is %s %s", a.id, a.number, a.statement, v.Number, v.Statement)
	}
}

// once: no act by one person is in a file twice, and none begins two files. A client
// does each thing once: only what was spoiled is prepared again, and only what was
// released is examined again.
func once(found func(string, ...any), all map[string]files) {
	begun := map[string]string{}
	for code, in := range all {
		for id, v := range in {
			done := map[string]int{}
			for i, s := range v.File {
				if s.Step != i+1 {
					found("%s: step %d stands at %d", id, s.Step, i+1)
				}
				done[s.Act+" "+s.By]++
				done[s.Act]++
			}
			for what, n := range done {
				act, by, named := strings.Cut(what, " ")
				switch {
				case act == "prepare" && !named && n > 1+done["spoil"], act != "prepare" && named && strings.Contains(by, "SYNTHETIC client") && n > 1, act == "value" && strings.HasPrefix(by, program) && n > len(valuers),
					!slices.Contains([]string{"prepare", "value"}, act) && strings.HasPrefix(by, program) && n > 1:
					found("%s: %s stands %d times", id, what, n)
				case (act == "issue" || act == "confirm") && n > 1:
					found("%s: %s stands %d times", id, act, n)
				}
			}
			first := v.File[0]
			if key := code + " " + first.Act + " " + first.By; strings.Contains(key, "SYNTHETIC client") {
				if other := begun[key]; other != "" {
					found("%s began both %s and %s", key, other, id)
				}
				begun[key] = id
			}
		}
	}
}

// begun: each application that a system sent began one file, also where it had to be sent
// again.
func begun(in files, applied map[string]int) (out []string) {
	n := map[string]int{}
	for _, v := range in {
		n[v.File[0].By]++
	}
	for by, sent := range applied {
		if n[by] != sent {
			out = append(out, fmt.Sprintf("%s sent %d applications, and %d files began", by, sent, n[by]))
		}
	}
	return out
}

// numbers: no number twice among files of one node; every issued one is in the log;
// a receipt for each confirmed file and none besides.
func numbers(found func(string, ...any), all map[string]files, logs map[string]*logged) {
	for code, in := range all {
		at := map[string]string{}
		confirmed := map[string]int{}
		for id, v := range in {
			if v.Number == "" {
				continue
			}
			if other := at[v.Number]; other != "" {
				found("%s stands in %s and %s", v.Number, other, id)
			}
			at[v.Number] = id
			if n, _ := v.times("issue", ""); n > 0 && logs[code].certificates[v.Number] != v.Statement {
				found("%s: %s is issued as %s; in the register: %q", id, v.Number, v.Statement, logs[code].certificates[v.Number])
			}
			if v.State == "confirmed" {
				confirmed[v.Number]++
			}
		}
		for number, n := range logs[code].receipts {
			if n != 1 || confirmed[number] != 1 {
				found("%s: %d receipts in the register of %s, %d files", number, n, code, confirmed[number])
			}
		}
		for number := range confirmed {
			if logs[code].receipts[number] != 1 {
				found("%s is confirmed at %s, and the register has %d receipts", number, code, logs[code].receipts[number])
			}
		}
	}
}

// read reads a node's log as a stranger does.
func read(t *testing.T, w *world, code string) *logged {
	out := &logged{certificates: map[string]string{}, receipts: map[string]int{}}
	p, err := policy.Parse(w.Read(w.Node(code), "policy.txt"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	src := tiles.OpenFolder(filepath.Join(w.Node(code), "log"))
	_, found, err := tiles.Trusted(ctx, src, p)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := tiles.OpenTree(ctx, src, found.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	err = tree.Scan(ctx, 0, func(_ int64, leaves [][]byte) error {
		for _, leaf := range leaves {
			out.take(t, leaf)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return out
}

func (l *logged) take(t *testing.T, leaf []byte) {
	st, err := statement.Parse(leaf)
	if err != nil {
		t.Error(err)
		return
	}
	switch body := st.Body.(type) {
	case *statement.Certificate:
		if l.certificates[body.Number] != "" {
			l.twice = append(l.twice, body.Number)
		}
		l.certificates[body.Number] = canonical.Sum(leaf).String()
	case *statement.Receipt:
		l.receipts[body.Number]++
	}
}

// outside asks the program's own judges: audit of all registers, and verify of
// bundles that were written during the storm.
func outside(t *testing.T, w *world, b *book) {
	args := []string{"audit", "--json", "--root", w.Path("trust", "root-1.cbor")}
	for _, code := range nodes.Participants {
		args = append(args, filepath.Join(w.Node(code), "log"))
	}
	out, errs, code := w.Adamas(5*time.Minute, args...)
	var report struct {
		Violations int
		Logs       []struct{ Size, Certificates int }
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 || report.Violations != 0 || len(report.Logs) != len(nodes.Participants) {
		t.Errorf("audit: exit %d, %v\n%s%s", code, err, out, errs)
	}
	t.Logf("audit: exit %d, %+v", code, report)
	pack := w.Path("pack")
	for i, file := range b.bundles {
		if i%(1+len(b.bundles)/20) != 0 {
			continue
		}
		// A bundle written before the witnesses had seen the certificate brings no
		// proof; it is written again now.
		number := strings.TrimSuffix(filepath.Base(file), ".adamas")
		again := w.Path("certificates", "again-"+number+".adamas")
		if out, errs, code := w.Adamas(time.Minute, "certificate", "bundle", number, "--dir", w.Node("cf"), "--out", again); code != 0 {
			t.Errorf("bundle %s: exit %d\n%s%s", number, code, out, errs)
			continue
		}
		out, errs, code := w.Adamas(time.Minute, "verify", "--json", "--pack", pack, again)
		var verdict struct{ Outcome, State string }
		if err := json.Unmarshal([]byte(out), &verdict); err != nil || code != 0 || verdict.Outcome != "valid" || verdict.State != "witnessed" {
			t.Errorf("verify %s: exit %d\n%s%s", number, code, out, errs)
		}
	}
	w.End() // a database that is written to while it is read is not judged
	for _, code := range nodes.Participants {
		own := append([]string{"audit", "--root", w.Path("trust", "root-1.cbor"), "--node", w.Node(code)}, args[4:]...)
		if out, errs, exit := w.Adamas(5*time.Minute, own...); exit != 0 {
			t.Errorf("audit of the node %s: exit %d\n%s%s", code, exit, out, errs)
		}
	}
}
