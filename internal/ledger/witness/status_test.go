package witness

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// statusCase is a request to a witness that has cosigned size 5 of testOrigin.
type statusCase struct {
	name string
	body string
	want int
}

// statusWorld is what the cases are made of: a log, its fork from size 3 on,
// and keys that are not its own.
type statusWorld struct {
	key, stranger, unknown *logSigner
	good, forked           *tree
	note8                  []byte // checkpoint of size 8
	text8                  string
}

func newStatusWorld(t *testing.T) statusWorld {
	key := newLogSigner(t, testOrigin, 1)
	good, forked := newTree(key, 40), newTree(key, 3)
	forked.grow("SYNTHETIC fork", 37)
	return statusWorld{
		key: key, good: good, forked: forked,
		stranger: newLogSigner(t, testOrigin, 2), // another key under the log's name
		unknown:  newLogSigner(t, "log.example/unknown", 3),
		note8:    good.checkpoint(t, 8), text8: good.text(8),
	}
}

// accepted are requests that are cosigned, and those refused for their size alone.
func (w statusWorld) accepted(t *testing.T) []statusCase {
	key, good, stranger, text8 := w.key, w.good, w.stranger, w.text8
	return []statusCase{
		{"grow", good.request(t, 5, 8), 200},
		{"same size again", good.request(t, 5, 5), 200},
		{"with a signature of a stranger beside it", good.request(t, 5, 8) + signatureLine(t, stranger, text8), 200},
		{"extension line", body(5, good.proof(5, 8), key.sign(t, text8+"extension\n")), 200},

		{"body over the limit", good.request(t, 5, 8) + strings.Repeat(signatureLine(t, stranger, text8), MaxBody/100), 413},
	}
}

// malformed are requests of another form than tlog-witness and
// tlog-checkpoint give them.
func (w statusWorld) malformed(t *testing.T) []statusCase {
	key, good, note8, text8 := w.key, w.good, w.note8, w.text8
	root5 := good.root(5).String()
	return []statusCase{
		{"empty body", "", 400},
		{"no empty line", "old 5\n" + root5 + "\n", 400},
		{"no old line", "\n\n" + string(note8), 400},
		{"other word", "Old 5\n\n" + string(note8), 400},
		{"two spaces", "old  5\n\n" + string(note8), 400},
		{"leading zero", "old 05\n\n" + string(note8), 400},
		{"plus sign", "old +5\n\n" + string(note8), 400},
		{"negative", "old -5\n\n" + string(note8), 400},
		{"hexadecimal", "old 0x5\n\n" + string(note8), 400},
		{"beyond int64", "old 9223372036854775808\n\n" + string(note8), 400},
		{"carriage return", "old 5\r\n\n" + string(note8), 400},
		{"proof line too short", body(5, []string{"AAAA"}, note8), 400},
		{"proof line of url base64", body(5, []string{strings.ReplaceAll(otherHash, "H", "_")}, note8), 400},
		{"proof line without padding", body(5, []string{strings.TrimSuffix(root5, "=") + "A"}, note8), 400},
		{"proof line with loose last bits", body(5, []string{looseBase64(root5)}, note8), 400},
		{"64 proof lines", body(5, repeat(otherHash, 64), note8), 400},
		{"old above size", good.request(t, 5, 3), 400},
		{"no signature block", body(5, good.proof(5, 8), []byte(text8)), 400},
		{"cut off at the end", strings.TrimSuffix(good.request(t, 5, 8), "\n"), 400},
		{"signature block is text", body(5, good.proof(5, 8), []byte(text8+"\nsigned, the log\n")), 400},
		{"control character", body(5, good.proof(5, 8), key.sign(t, text8+"a\tb\n")), 400},
		{"size with leading zero", body(5, good.proof(5, 8), key.sign(t, strings.Replace(text8, "\n8\n", "\n08\n", 1))), 400},
		{"size not a number", body(5, good.proof(5, 8), key.sign(t, strings.Replace(text8, "\n8\n", "\neight\n", 1))), 400},
		{"root of 31 bytes", body(5, nil, key.sign(t, testOrigin+"\n8\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n")), 400},
		{"loose root", body(5, good.proof(5, 8), key.sign(t, fmt.Sprintf("%s\n8\n%s\n", testOrigin, looseBase64(good.root(8).String())))), 400},
		{"empty extension line", body(5, good.proof(5, 8), key.sign(t, text8+"\nx\n")), 400},
	}
}

// foreign are requests that no key of the log has signed, or of another log.
func (w statusWorld) foreign(t *testing.T) []statusCase {
	key, good, stranger, unknown, text8 := w.key, w.good, w.stranger, w.unknown, w.text8
	broken := strings.Replace(string(w.note8), "\n8\n", "\n9\n", 1) // signature of another text
	return []statusCase{
		{"unsigned by the log", body(5, good.proof(5, 8), stranger.sign(t, text8)), 403},
		{"signature does not verify", body(5, good.proof(5, 8), []byte(broken)), 403},
		{"good signature after a wrong one", body(5, good.proof(5, 8), []byte(broken+signatureLine(t, key, strings.Replace(text8, "\n8\n", "\n9\n", 1)))), 403},

		{"unknown log", newTree(unknown, 8).request(t, 0, 8), 404},
		{"unknown log under the known key", body(5, nil, key.sign(t, strings.Replace(text8, testOrigin, unknown.origin, 1))), 404},
	}
}

// inconsistent are requests signed by the log that do not go on from what was
// cosigned.
func (w statusWorld) inconsistent(t *testing.T) []statusCase {
	good, forked, note8 := w.good, w.forked, w.note8
	return []statusCase{
		{"old 0", good.request(t, 0, 8), 409},
		{"old too small", good.request(t, 4, 8), 409},
		{"old too large", good.request(t, 6, 8), 409},
		{"shrink", good.request(t, 3, 4), 409},
		{"fork that says old 0", forked.request(t, 0, 8), 409},

		{"same size, other root", body(5, nil, forked.checkpoint(t, 5)), 422},
		{"larger, of the fork, with its own proof", forked.request(t, 5, 8), 422},
		{"larger, of the fork, with the log's proof", body(5, good.proof(5, 8), forked.checkpoint(t, 8)), 422},
		{"no proof", body(5, nil, note8), 422},
		{"proof of another step", body(5, good.proof(5, 9), note8), 422},
		{"one proof line too many", body(5, append(good.proof(5, 8), otherHash), note8), 422},
		{"proof for the same size", body(5, []string{otherHash}, good.checkpoint(t, 5)), 422},
		{"63 proof lines of nothing", body(5, repeat(otherHash, 63), note8), 422},
	}
}

// TestAddCheckpointStatus plays each answer of tlog-witness against a witness
// that has cosigned size 5 of one log.
func TestAddCheckpointStatus(t *testing.T) {
	world := newStatusWorld(t)
	for _, tt := range slices.Concat(world.accepted(t), world.malformed(t), world.foreign(t), world.inconsistent(t)) {
		t.Run(tt.name, func(t *testing.T) {
			w := start(t, testConfig(t.TempDir(), newHandClock(), world.key))
			mustCosign(t, w, world.good.request(t, 0, 5))
			rec := post(w, tt.body)
			if rec.Code != tt.want {
				t.Fatalf("status %d, want %d: %s", rec.Code, tt.want, rec.Body)
			}
			if tt.want == http.StatusConflict {
				if got := rec.Result().Header["Content-Type"]; len(got) != 1 || got[0] != "text/x.tlog.size" {
					t.Errorf("content type %q", got)
				}
				if rec.Body.String() != "5\n" {
					t.Errorf("body %q", rec.Body)
				}
			}
			if s := w.Status()[0]; tt.want != http.StatusOK && (s.Size != 5 || s.Root != world.good.root(5)) {
				t.Errorf("a refused request changed the state: %+v", s)
			}
		})
	}
}

// TestFirstCheckpoint holds the rules for old 0 at a witness that knows nothing.
func TestFirstCheckpoint(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	tr := newTree(key, 9)
	empty := fmt.Sprintf("%s\n0\n%s\n", testOrigin, tlog.Hash{})
	for _, tt := range []struct {
		name, body string
		want       int
	}{
		{"first", tr.request(t, 0, 7), 200},
		{"first, of size 0", tr.request(t, 0, 0), 200},
		{"with a proof", body(0, []string{otherHash}, tr.checkpoint(t, 7)), 422},
		{"size 0 with a proof", body(0, []string{otherHash}, tr.checkpoint(t, 0)), 422},
		{"size 0 of another root", body(0, nil, key.sign(t, empty)), 422},
		{"old 3", tr.request(t, 3, 7), 409},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := start(t, testConfig(t.TempDir(), newHandClock(), key))
			if rec := get(w, "/"+OriginHash(testOrigin)+"/checkpoint"); rec.Code != 404 {
				t.Errorf("a checkpoint before the first: %d", rec.Code)
			}
			rec := post(w, tt.body)
			if rec.Code != tt.want {
				t.Fatalf("status %d, want %d: %s", rec.Code, tt.want, rec.Body)
			}
			if tt.want == 409 && rec.Body.String() != "0\n" {
				t.Errorf("body %q", rec.Body)
			}
		})
	}

	t.Run("from size 0 on", func(t *testing.T) {
		w := start(t, testConfig(t.TempDir(), newHandClock(), key))
		mustCosign(t, w, tr.request(t, 0, 0))
		mustCosign(t, w, tr.request(t, 0, 0))
		mustCosign(t, w, tr.request(t, 0, 4))
		if rec := post(w, tr.request(t, 0, 4)); rec.Code != 409 || rec.Body.String() != "4\n" {
			t.Errorf("status %d, body %q", rec.Code, rec.Body)
		}
	})
}
