package witness

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"adamas.example/internal/fault"
	"adamas.example/internal/worldtest/litewitness"
)

// TestLatestSizeOfOurs: one of our witnesses serves a signed checkpoint; one
// that has cosigned nothing takes the probe.
func TestLatestSizeOfOurs(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	tr := newTree(key, 9)
	w := start(t, testConfig(t.TempDir(), newHandClock(), key))
	server := httptest.NewServer(w)
	defer server.Close()
	client := Client{URL: server.URL}

	_, _, err := client.LatestSize(t.Context(), testOrigin, key, nil)
	wantFault(t, err, "witness.no_answer")
	_, _, err = client.LatestSize(t.Context(), "log.example/unknown", newLogSigner(t, "log.example/unknown", 3), newTree(newLogSigner(t, "log.example/unknown", 3), 1).checkpoint(t, 0))
	wantFault(t, err, "witness.unknown_log")
	size, checkpoint, err := client.LatestSize(t.Context(), testOrigin, key, tr.checkpoint(t, 0))
	if err != nil || size != 0 || checkpoint != nil {
		t.Errorf("a witness that knew nothing: %d %q %v", size, checkpoint, err)
	}
	mustCosign(t, w, tr.request(t, 0, 7))
	for _, probe := range [][]byte{nil, tr.checkpoint(t, 0)} {
		size, checkpoint, err = client.LatestSize(t.Context(), testOrigin, key, probe)
		if err != nil || size != 7 || !strings.HasPrefix(string(checkpoint), string(tr.checkpoint(t, 7))) {
			t.Errorf("%d %q %v", size, checkpoint, err)
		}
	}
	_, _, err = client.LatestSize(t.Context(), testOrigin, newLogSigner(t, testOrigin, 2), nil)
	wantFault(t, err, "witness.answer")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = client.LatestSize(ctx, testOrigin, key, nil)
	wantFault(t, err, "witness.no_answer")
	server.Close()
	_, _, err = client.LatestSize(t.Context(), testOrigin, key, nil)
	wantFault(t, err, "witness.no_answer")
	for _, url := range []string{"", "witness.example", "http://\x7f"} {
		_, _, err = Client{URL: url}.LatestSize(t.Context(), testOrigin, key, nil)
		wantFault(t, err, "witness.url")
	}
}

// TestLatestSizeOfLitewitness: without a monitoring address the 409 tells.
func TestLatestSizeOfLitewitness(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	tr := newTree(key, 9)
	lw := litewitness.Start(t, "witness.example/lw", key.vkey, testOrigin)
	client := Client{URL: lw.URL + "/"}
	probe := tr.checkpoint(t, 0)

	_, _, err := client.LatestSize(t.Context(), testOrigin, key, nil)
	wantFault(t, err, "witness.no_answer")
	if size, checkpoint, err := client.LatestSize(t.Context(), testOrigin, key, probe); err != nil || size != 0 || checkpoint != nil {
		t.Errorf("a witness that knew nothing: %d %q %v", size, checkpoint, err)
	}
	if a, err := postTo(t.Context(), lw.URL, tr.request(t, 0, 7)); err != nil || a.status != 200 {
		t.Fatalf("%v %v", a, err)
	}
	if size, checkpoint, err := client.LatestSize(t.Context(), testOrigin, key, probe); err != nil || size != 7 || checkpoint != nil {
		t.Errorf("%d %q %v", size, checkpoint, err)
	}
	unknown := newLogSigner(t, "log.example/unknown", 3)
	_, _, err = client.LatestSize(t.Context(), unknown.origin, unknown, newTree(unknown, 1).checkpoint(t, 0))
	wantFault(t, err, "witness.unknown_log")
	if _, _, err := client.LatestSize(t.Context(), testOrigin, key, newTree(unknown, 1).checkpoint(t, 0)); err == nil {
		t.Error("a probe of another log was sent")
	}
}

// TestLatestSizeOfLiars: nothing a witness answers makes the client believe
// what the log has not signed, or read without end.
func TestLatestSizeOfLiars(t *testing.T) {
	key, stranger := newLogSigner(t, testOrigin, 1), newLogSigner(t, testOrigin, 2)
	other := newLogSigner(t, "log.example/other", 1)
	tr := newTree(key, 9)
	type says struct {
		status int
		kind   string
		body   string
	}
	none := says{status: 404}
	endless := strings.Repeat("x", 1<<16) // again and again
	for _, tt := range []struct {
		name      string
		get, post says
		want      string
	}{
		{"not signed", says{200, "", tr.text(9)}, none, "witness.answer"},
		{"signed by a stranger", says{200, "", string(stranger.sign(t, tr.text(9)))}, none, "witness.answer"},
		{"of another log", says{200, "", string(newTree(other, 9).checkpoint(t, 9))}, none, "witness.answer"},
		{"nothing", says{200, "", ""}, none, "witness.answer"},
		{"without end", says{200, "", endless}, none, "witness.no_answer"},
		{"failing", says{status: 500}, none, "witness.no_answer"},
		{"409 with a word", none, says{409, typeSize, "many\n"}, "witness.answer"},
		{"409 with zeros", none, says{409, typeSize, "07\n"}, "witness.answer"},
		{"409 beyond int64", none, says{409, typeSize, "9223372036854775808\n"}, "witness.answer"},
		{"409 of another type", none, says{409, "text/plain", "7\n"}, "witness.no_answer"},
		{"403", none, says{status: 403}, "witness.no_answer"},
		{"500", none, says{status: 500}, "witness.no_answer"},
		{"404", none, says{status: 404}, "witness.unknown_log"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				answer := tt.get
				if r.Method == http.MethodPost {
					answer = tt.post
				}
				rw.Header().Set("Content-Type", answer.kind)
				rw.WriteHeader(answer.status)
				for more := true; more; {
					_, err := rw.Write([]byte(answer.body))
					more = answer.body == endless && err == nil
				}
			}))
			defer server.Close()
			size, checkpoint, err := Client{URL: server.URL}.LatestSize(t.Context(), testOrigin, key, tr.checkpoint(t, 0))
			if !fault.Is(err, tt.want) || size != 0 || checkpoint != nil {
				t.Errorf("%d %q %v, want fault %s", size, checkpoint, err, tt.want)
			}
		})
	}
}

// TestAnswersAsLitewitness sends one session to our witness and to litewitness:
// growth, replays, forks and nonsense. Statuses and sizes must agree, but for
// the cases named here.
func TestAnswersAsLitewitness(t *testing.T) {
	key, stranger := newLogSigner(t, testOrigin, 1), newLogSigner(t, testOrigin, 2)
	good, forked := newTree(key, 40), newTree(key, 3)
	forked.grow("SYNTHETIC fork", 37)
	lw := litewitness.Start(t, "witness.example/lw", key.vkey, testOrigin)
	ours := start(t, testConfig(t.TempDir(), newHandClock(), key))

	for _, step := range []struct {
		name, body string
		differs    []int // ours, litewitness; nil when they agree
	}{
		{"old 3 of nothing", good.request(t, 3, 5), nil},
		{"first", good.request(t, 0, 5), nil},
		{"again", good.request(t, 5, 5), nil},
		{"grow", good.request(t, 5, 8), nil},
		{"replay", good.request(t, 5, 8), nil},
		{"old 0", good.request(t, 0, 8), nil},
		{"old above size", good.request(t, 8, 6), nil},
		{"shrink", good.request(t, 5, 6), nil},
		{"fork, same size", body(8, nil, forked.checkpoint(t, 8)), nil},
		{"fork, larger", forked.request(t, 8, 12), nil},
		{"fork, old 0", forked.request(t, 0, 12), nil},
		{"wrong proof", body(8, good.proof(7, 12), good.checkpoint(t, 12)), nil},
		{"no proof", body(8, nil, good.checkpoint(t, 12)), nil},
		{"stranger", body(8, good.proof(8, 12), stranger.sign(t, good.text(12))), nil},
		{"unknown log", newTree(newLogSigner(t, "log.example/unknown", 3), 4).request(t, 0, 4), nil},
		{"64 proof lines", body(8, repeat(otherHash, 64), good.checkpoint(t, 12)), nil},
		{"no empty line", "old 8\n", nil},
		{"grow on", good.request(t, 8, 40), nil},

		// litewitness reads numbers and base64 loosely, and calls a note that is
		// malformed behind a known origin an error of its own.
		{"leading zero", strings.Replace(good.request(t, 40, 40), "old ", "old 0", 1), []int{400, 200}},
		{"loose base64", body(39, []string{looseBase64(otherHash)}, good.checkpoint(t, 40)), []int{400, 409}},
		{"no signature block", body(40, nil, []byte(good.text(40))), []int{400, 500}},
	} {
		t.Run(step.name, func(t *testing.T) {
			theirs, err := postTo(t.Context(), lw.URL, step.body)
			if err != nil {
				t.Fatal(err)
			}
			rec := post(ours, step.body)
			got := []int{rec.Code, theirs.status}
			if step.differs == nil && got[0] != got[1] || step.differs != nil && !slices.Equal(got, step.differs) {
				t.Errorf("ours and litewitness say %v: %s; %s", got, rec.Body, theirs.body)
			}
			if rec.Code == 409 && theirs.status == 409 && rec.Body.String() != theirs.body {
				t.Errorf("sizes %q, %q", rec.Body, theirs.body)
			}
		})
	}
}
