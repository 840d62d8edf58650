package witness

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
)

func TestParseRequest(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	tr := newTree(key, 300)
	for _, tt := range []struct{ old, size int64 }{{0, 0}, {0, 7}, {7, 7}, {5, 8}, {255, 300}, {1, 257}} {
		req, err := parseRequest([]byte(tr.request(t, tt.old, tt.size)))
		if err != nil {
			t.Fatalf("%d to %d: %v", tt.old, tt.size, err)
		}
		if req.old != tt.old || req.origin != testOrigin || !bytes.Equal(req.note, tr.checkpoint(t, tt.size)) {
			t.Errorf("%d to %d: read %+v", tt.old, tt.size, req)
		}
		var lines []string
		for _, h := range req.proof {
			lines = append(lines, h.String())
		}
		if diff := cmp.Diff(tr.proof(tt.old, tt.size), lines); diff != "" {
			t.Errorf("%d to %d: proof (-want +got):\n%s", tt.old, tt.size, diff)
		}
	}
	if _, err := parseRequest([]byte(body(5, repeat(otherHash, 63), tr.checkpoint(t, 8)))); err != nil {
		t.Errorf("63 proof lines: %v", err)
	}
}

// FuzzParseRequest: what is read can be written again to the same bytes, within
// the limits.
func FuzzParseRequest(f *testing.F) {
	key := newLogSigner(f, testOrigin, 1)
	tr := newTree(key, 300)
	f.Add([]byte(tr.request(f, 0, 7)))
	f.Add([]byte(tr.request(f, 255, 300)))
	f.Add([]byte(body(9223372036854775807, repeat(otherHash, 63), []byte("x\n"))))
	f.Add([]byte("old 0\n\n\n\n"))
	f.Add([]byte("old 00\n\r\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		req, err := parseRequest(data)
		if err != nil {
			return
		}
		var lines []string
		for _, h := range req.proof {
			lines = append(lines, base64.StdEncoding.EncodeToString(h[:]))
		}
		if again := body(req.old, lines, req.note); again != string(data) {
			t.Errorf("read\n%q, writes\n%q", data, again)
		}
		if len(req.proof) > 63 || req.old < 0 || len(data) > MaxBody {
			t.Errorf("beyond the limits: %d lines, old %d, %d bytes", len(req.proof), req.old, len(data))
		}
		if !bytes.HasPrefix(req.note, []byte(req.origin+"\n")) || strings.Contains(req.origin, "\n") {
			t.Errorf("origin %q of %q", req.origin, req.note)
		}
	})
}

// FuzzAddCheckpoint sends anything to a witness that has cosigned size 5: no
// body without the log's key moves it, and no answer is outside the list.
func FuzzAddCheckpoint(f *testing.F) {
	key := newLogSigner(f, testOrigin, 1)
	tr, forked := newTree(key, 40), newTree(key, 3)
	forked.grow("SYNTHETIC fork", 37)
	for _, seed := range []string{
		tr.request(f, 5, 5), tr.request(f, 5, 6), tr.request(f, 0, 6), tr.request(f, 4, 6),
		forked.request(f, 5, 6), body(5, nil, tr.checkpoint(f, 6)), body(7, nil, tr.checkpoint(f, 6)),
		tr.request(f, 5, 6) + signatureLine(f, newLogSigner(f, testOrigin, 2), tr.text(6)),
	} {
		f.Add([]byte(seed))
	}
	known := map[string]bool{tr.text(5): true, tr.text(6): true}
	w := start(f, testConfig(f.TempDir(), newHandClock(), key))
	mustCosign(f, w, tr.request(f, 0, 5))
	e := w.active[OriginHash(testOrigin)]
	at5 := e.last.Load()
	f.Fuzz(func(t *testing.T, data []byte) {
		e.last.Store(at5) // each body meets the same state
		rec := post(w, string(data))
		switch rec.Code {
		case 200, 400, 403, 404, 409, 413, 422:
		default:
			t.Errorf("status %d for %q", rec.Code, data)
		}
		s := e.last.Load()
		if !known[s.text] || (rec.Code != 200 && s.text != tr.text(5)) {
			t.Errorf("status %d left the state\n%s", rec.Code, s.text)
		}
	})
}

func TestStateRoundTrip(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	second := newLogSigner(t, testOrigin, 2)
	text := newTree(key, 9).text(9)
	both := &state{origin: testOrigin, keys: mustKeys(t, second.vkey, key.vkey), time: 1795442520, text: text}
	both.sigs = signatureLine(t, key, text) + signatureLine(t, second, text)
	both.tree.N, both.tree.Hash = 9, newTree(key, 9).root(9)
	for _, s := range []*state{
		{origin: testOrigin, keys: mustKeys(t, key.vkey)},
		both,
	} {
		got, err := parseState(s.encode())
		if err != nil {
			t.Fatal(err)
		}
		if got.text != s.text || got.sigs != s.sigs || got.time != s.time || got.tree != s.tree || !sameKeys(got.keys, s.keys) {
			t.Errorf("got %+v, want %+v", got, s)
		}
	}
}

// TestStateRefused gives files with a right checksum that this program would
// not have written.
func TestStateRefused(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	tr := newTree(key, 9)
	note := string(tr.checkpoint(t, 9))
	head := "adamas witness state 1\norigin " + testOrigin + "\nkey " + key.vkey + "\n"
	stranger := newLogSigner(t, testOrigin, 2)
	for name, content := range map[string]string{
		"other version":          strings.Replace(head, "state 1", "state 2", 1) + "cosigned 0\n\n",
		"no key":                 "adamas witness state 1\norigin " + testOrigin + "\ncosigned 0\n\n",
		"key twice":              head + "key " + key.vkey + "\ncosigned 0\n\n",
		"unknown line":           head + "size 9\ncosigned 9\n\n" + note,
		"no time":                head + "\n" + note,
		"time 0 with checkpoint": head + "cosigned 0\n\n" + note,
		"time without":           head + "cosigned 9\n\n",
		"negative time":          head + "cosigned -9\n\n" + note,
		"time with zeros":        head + "cosigned 09\n\n" + note,
		"no empty line":          head + "cosigned 0\n",
		"unsigned":               head + "cosigned 9\n\n" + tr.text(9),
		"of a stranger":          head + "cosigned 9\n\n" + string(stranger.sign(t, tr.text(9))),
		"signature beside":       head + "cosigned 9\n\n" + note + signatureLine(t, stranger, tr.text(9)),
		"other origin":           strings.Replace(head, "origin log", "origin LOG", 1) + "cosigned 9\n\n" + note,
		"no checkpoint":          head + "cosigned 9\n\n" + string(key.sign(t, "nothing\n")),
	} {
		if s, err := parseState(seal([]byte(content))); err == nil {
			t.Errorf("%s: read as %+v", name, s)
		}
	}
	if _, err := parseState(seal([]byte(head + "cosigned 9\n\n" + note))); err != nil {
		t.Errorf("the frame of this test is wrong: %v", err)
	}
}

// FuzzParseState seals what it is given, so that the checksum does not hide
// the parser; what is read is written again to the same bytes.
func FuzzParseState(f *testing.F) {
	key := newLogSigner(f, testOrigin, 1)
	s := &state{origin: testOrigin, keys: mustKeys(f, key.vkey)}
	file := s.encode()
	f.Add(file[:len(file)-72])
	note := string(newTree(key, 9).checkpoint(f, 9))
	f.Add([]byte("adamas witness state 1\norigin " + testOrigin + "\nkey " + key.vkey + "\ncosigned 9\n\n" + note))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, content []byte) {
		if _, err := parseState(content); err == nil {
			t.Fatal("content that ends in its own checksum")
		}
		sealed := seal(content)
		s, err := parseState(sealed)
		if err != nil {
			return
		}
		if !bytes.Equal(s.encode(), sealed) {
			t.Errorf("%q is written as %q", sealed, s.encode())
		}
		if s.cosigned() && !strings.HasPrefix(s.text, s.origin+"\n") {
			t.Errorf("origin %q with checkpoint %q", s.origin, s.text)
		}
	})
}

func FuzzParseRegister(f *testing.F) {
	r := &register{vkey: "witness.example/w1+00000000+AA", origins: []string{"a.example/1", "b.example/2"}}
	file := r.encode()
	f.Add(file[:len(file)-72])
	f.Add([]byte("adamas witness register 1\nwitness x\n"))
	f.Add([]byte("adamas witness register 1\nwitness x\nlog b\nlog a\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		sealed := seal(content)
		r, err := parseRegister(sealed)
		if err != nil {
			return
		}
		if !bytes.Equal(r.encode(), sealed) {
			t.Errorf("%q is written as %q", sealed, r.encode())
		}
		for i, origin := range r.origins {
			if checkOrigin(origin) != nil || i > 0 && r.origins[i-1] >= origin {
				t.Errorf("origins %q", r.origins)
			}
		}
	})
}

func TestParseLogList(t *testing.T) {
	a, b, c := mustLogVKey(t, "log.example/a", 1), mustLogVKey(t, "log.example/b", 2), mustLogVKey(t, "log.example/a", 3)
	list := "# SYNTHETIC list of logs, for été 2026\n\n  \t\nlog " + a + "\n\tlog\t" + b + "  log.example/other\t\nlog " + c + "\n  # end\n"
	got, err := ParseLogList([]byte(list))
	if err != nil {
		t.Fatal(err)
	}
	want := []Log{{Origin: "log.example/a", VKeys: []string{a, c}}, {Origin: "log.example/other", VKeys: []string{b}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got, err := ParseLogList(nil); err != nil || got != nil {
		t.Errorf("an empty list: %v, %v", got, err)
	}

	for _, tt := range []struct {
		name, list, want string
		line             int
	}{
		{"last line unended", "log " + a, "witness.list_unended", 1},
		{"comment unended", "log " + a + "\n# end", "witness.list_unended", 2},
		{"carriage return", "log " + a + "\r\n", "witness.list_character", 1},
		{"vertical tab", "log\v" + a + "\n", "witness.list_character", 1},
		{"delete in a comment", "# \x7f\n", "witness.list_character", 1},
		{"null byte", "\x00\n", "witness.list_character", 1},
		{"no key", "\nlog\n", "witness.list_line", 2},
		{"four fields", "log " + a + " log.example/a x\n", "witness.list_line", 1},
		{"comment after", "log " + a + " # x\n", "witness.list_line", 1},
		{"capitals", "LOG " + a + "\n", "witness.list_line", 1},
		{"a line of a policy", "witness w1 " + b + "\n", "witness.list_line", 1},
		{"quorum", "quorum none\n", "witness.list_line", 1},
		{"address in place of the origin", "log " + a + " https://log.example/a\n", "witness.origin", 1},
		{"space that is none", "log " + a + "\u00a0x\n", "witness.log_key", 1},
		{"key of a witness", "log " + witnessVKey(t) + "\n", "witness.log_key", 1},
		{"broken key", "log " + a[:len(a)-1] + "\n", "witness.log_key", 1},
		{"same line twice", "log " + a + "\nlog " + a + "\n", "witness.key_twice", 2},
		{"one key, two names", "log " + a + "\nlog " + mustLogVKey(t, "log.example/x", 1) + "\n", "witness.key_twice", 2},
		{"one key, two origins", "log " + a + "\nlog " + a + " log.example/x\n", "witness.key_twice", 2},
		{"nine keys of one origin", nineLines(t), "witness.key_count", 9},
		{"too long", strings.Repeat("#\n", 1<<19+1), "witness.list_size", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseLogList([]byte(tt.list))
			if !fault.Is(err, tt.want) || got != nil {
				t.Fatalf("got %v, %v; want fault %s", got, err, tt.want)
			}
			if tt.line > 0 && fault.All(err)[0].Args["record"] != tt.line {
				t.Errorf("fault at %v, want line %d", fault.All(err)[0].Args, tt.line)
			}
		})
	}
}

// FuzzParseLogList: whatever is read can be given to a witness whole, and no
// raw key stands twice.
func FuzzParseLogList(f *testing.F) {
	a, b := mustLogVKey(f, "log.example/a", 1), mustLogVKey(f, "log.example/b", 2)
	f.Add([]byte("# list\nlog " + a + "\nlog " + b + " log.example/a\n"))
	f.Add([]byte("log " + a + "\nlog " + a + "\n"))
	f.Add([]byte("\tlog\t" + a + "\t\xff\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		logs, err := ParseLogList(file)
		if err != nil {
			if logs != nil {
				t.Error("logs and an error")
			}
			return
		}
		var again strings.Builder
		pubs := make(map[[32]byte]bool)
		for _, l := range logs {
			keys, err := l.parse()
			if err != nil {
				t.Fatalf("%+v: %v", l, err)
			}
			for _, key := range keys {
				if pubs[key.pub] {
					t.Errorf("key twice in %q", file)
				}
				pubs[key.pub] = true
			}
			for _, vkey := range l.VKeys {
				fmt.Fprintf(&again, "log %s %s\n", vkey, l.Origin)
			}
		}
		same, err := ParseLogList([]byte(again.String()))
		if err != nil || cmp.Diff(logs, same) != "" {
			t.Errorf("%q is not %+v again: %v", again.String(), logs, err)
		}
	})
}

func witnessVKey(tb testing.TB) string {
	tb.Helper()
	vkey, err := VKey(testWitness, mustPublic(witnessSeed))
	if err != nil {
		tb.Fatal(err)
	}
	return vkey
}

func nineLines(tb testing.TB) string {
	tb.Helper()
	var b strings.Builder
	for _, vkey := range nineKeys(tb) {
		fmt.Fprintf(&b, "log %s\n", vkey)
	}
	return b.String()
}
