package vectors

import (
	"strings"

	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

func approvalDigest(signed []byte) canonical.Hash {
	st := must(statement.Parse(signed))
	return must(statement.ApprovalDigest(st.Header, st.Body.(*statement.Certificate)))
}

// packVectors are a pack of both logs, and one with an earlier checkpoint of each
// entry of the last.
func packVectors(w *verifytest.World, t int64) []PackVector {
	last := w.Logs[len(w.Logs)-1]
	var series []string
	for size := int64(1); size < int64(len(last.Leaves)); size++ {
		series = append(series, last.Checkpoint(size, t-60+size))
	}
	return []PackVector{packVector("two logs", w, t, nil), packVector("two logs, one with a series", w, t, series)}
}

func packVector(name string, w *verifytest.World, t int64, series []string) PackVector {
	var sources []pack.Source
	for i, l := range w.Logs {
		s := pack.Source{Checkpoint: l.Checkpoint(int64(len(l.Leaves)), t), Leaves: l.Leaves}
		if i == len(w.Logs)-1 {
			s.Series = series
		}
		sources = append(sources, s)
	}
	d := must(pack.Prepare(w.Roots, sources))
	o, body := w.Offices["CF/bangui"], d.Snapshot
	b := must(d.Finish(o.Signer.Statement(statement.Header{Issuer: o.ID, IssuedAt: t, Subject: "snapshot", Synthetic: true}, &body)))
	pin := canonical.Sum(must(w.Root.Encode()))
	p := must(pack.Parse(b, pin))
	snap := p.Snapshot.Body.(*statement.Snapshot)
	v := PackVector{Name: name, File: b, Digest: p.Digest, Pin: pin, Snapshot: p.Snapshot.Bytes, Selection: snap.Digest, Statements: int(snap.Count)}
	for i, l := range w.Logs {
		lv := LogVector{Origin: l.Origin}
		if i == len(w.Logs)-1 {
			lv.Series = series
		}
		for _, leaf := range l.Leaves {
			lv.Leaves = append(lv.Leaves, proof.LeafHash(leaf))
		}
		v.Logs = append(v.Logs, lv)
	}
	return v
}

// refusedTexts gives checkpoints, proofs and bundles with a wrong form.
func refusedTexts(l logVectors) []RefusedVector {
	cp, pr := l.Checkpoints[0].Text, l.Proofs[0].Text
	lines := strings.Split(cp, "\n")
	size, root := lines[1], lines[2]
	var out []RefusedVector
	add := func(what, why, from, text string) {
		if text == from {
			panic("vectors: " + why + " changes nothing")
		}
		out = append(out, RefusedVector{What: what, Why: why, Text: text})
	}
	sub := func(s, from, to string) string { return strings.Replace(s, from, to, 1) }
	add("checkpoint", "size with a leading zero", cp, sub(cp, "\n"+size+"\n", "\n0"+size+"\n"))
	add("checkpoint", "negative size", cp, sub(cp, "\n"+size+"\n", "\n-1\n"))
	add("checkpoint", "an extension line", cp, sub(cp, "\n\n", "\nextension\n\n"))
	add("checkpoint", "root with unused bits set", cp, sub(cp, root, root[:42]+nextBase64(root[42])+"="))
	add("checkpoint", "a carriage return inside base64", cp, sub(cp, root, root[:8]+"\r"+root[8:]))
	add("checkpoint", "no newline at the end", cp, strings.TrimSuffix(cp, "\n"))
	add("checkpoint", "an empty line at the end", cp, cp+"\n")
	add("checkpoint", "a hyphen in place of the dash", cp, sub(cp, "— ", "- "))
	add("checkpoint", "no signature", cp, cp[:strings.Index(cp, "— ")])
	add("proof", "an extra line, which nobody signs", pr, sub(pr, "\nindex", "\nextra AAAA\nindex"))
	add("proof", "index with a sign", pr, sub(pr, "index ", "index +"))
	add("proof", "index with a leading zero", pr, sub(pr, "index ", "index 0"))
	add("proof", "version 2", pr, sub(pr, "@v1", "@v2"))
	add("proof", "a carriage return inside a hash", pr, sub(pr, "=\n", "=\r\n"))
	stmt := []byte("\xd2")
	for _, b := range []struct {
		why string
		v   any
	}{
		{"version 2", bundle.Bundle{Version: 2, Statement: stmt}},
		{"no statement", bundle.Bundle{Version: 1, Statement: []byte{}}},
		{"one approval", bundle.Bundle{Version: 1, Statement: stmt, Approvals: [][]byte{stmt}}},
		{"an unknown member", map[int]any{1: 1, 2: stmt, 9: true}},
		{"an empty list of approvals", map[int]any{1: 1, 2: stmt, 4: []any{}}},
		{"null for the proof", map[int]any{1: 1, 2: stmt, 5: nil}},
	} {
		out = append(out, RefusedVector{What: "bundle", Why: b.why, Bytes: append([]byte{0xd9, 0xd9, 0xf7}, must(canonical.Marshal(b.v))...)})
	}
	return append(out, RefusedVector{What: "bundle", Why: "without the mark d9d9f7", Bytes: must(canonical.Marshal(bundle.Bundle{Version: 1, Statement: stmt}))})
}

// nextBase64 is the digit after c: for the last digit before the padding it
// sets a bit that the padding leaves unused.
func nextBase64(c byte) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	return string(digits[strings.IndexByte(digits, c)+1])
}
