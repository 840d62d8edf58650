package storm

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/keyring"
	"adamas.example/internal/keyring/officers"
	"adamas.example/internal/worldtest/nodes"
	"adamas.example/verify/canonical"
)

// system is a state's own system: it works through the API with access keys, sends each
// act under an Idempotency-Key of its own until it is answered, and never looks what
// became of it. Its officers sign by themselves, with keys that no node has.
type system struct {
	w       *world
	b       *book
	ctx     context.Context
	r       *rand.Rand
	name    string
	n       int
	tokens  map[string]token // by Participant
	keys    []string         // ids of the two officers
	signers []*keyring.Signer
}

// token is an access key.
type token struct {
	ID  string `json:"id"`
	Key string `json:"key"`
}

// newSystem makes the access keys, while all nodes are up.
func newSystem(t *testing.T, w *world, b *book, name string) *system {
	s := &system{w: w, b: b, name: name, tokens: map[string]token{}}
	for code, roles := range map[string]string{"cf": "exporter,valuator,sealing_officer,validating_officer", "ae": "import_officer", "eu": "import_officer"} {
		var k token
		ask(t, w, &k, "access-keys", "make", "SYNTHETIC "+name, "--dir", w.Node(code), "--roles", roles, "--per-minute", "100000")
		s.tokens[code] = k
	}
	return s
}

// file is what an operation answers with.
type file struct {
	ID        string `json:"id"`
	State     string `json:"state"`
	Number    string `json:"certificate_number"`
	Statement string `json:"statement"`
	Steps     int    `json:"steps"`
	Approval  struct {
		Digest canonical.Hash `json:"digest"`
	} `json:"approval"`
}

// work does journeys until the time is over.
func (s *system) work() {
	for s.ctx.Err() == nil {
		s.n++
		s.b.note(func() { s.b.started++ })
		func() {
			defer func() {
				if why, ok := recover().(stop); ok {
					s.b.note(func() { s.b.gaveUp["system: "+why.why]++ })
					return
				}
				s.b.note(func() { s.b.completed, s.b.systems = s.b.completed+1, s.b.systems+1 })
			}()
			s.journey()
		}()
	}
}

// patience is how long a request is repeated beyond the end of the storm: by then all
// nodes are up, and every request is answered.
const patience = 2 * time.Minute

// send sends a request until it is answered: with what was done or with a refusal.
func (s *system) send(method, code, path, key string, body []byte) (status int, answer []byte) {
	for since := time.Now(); ; {
		status, answer = s.once(method, code, path, key, body)
		running := status == http.StatusConflict && bytes.Contains(answer, []byte("api.idempotency_running"))
		if status != 0 && status != http.StatusTooManyRequests && status < 500 && !running {
			return status, answer
		}
		if s.ctx.Err() != nil && time.Since(since) > patience {
			s.strange("%s %s: not answered in the end: %d %s", method, path, status, answer)
			panic(stop{"not answered"})
		}
		if key != "" {
			s.b.note(func() { s.b.repeated++ })
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// once sends a request. Status 0: no whole answer came.
func (s *system) once(method, code, path, key string, body []byte) (int, []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second) // what was begun is asked to its end
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.w.Nodes[code].Address+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.tokens[code].Key)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil
	}
	return resp.StatusCode, answer
}

func (s *system) strange(format string, args ...any) {
	s.b.note(func() {
		s.b.strange = append(s.b.strange, fmt.Sprintf("%s journey %d: ", s.name, s.n)+fmt.Sprintf(format, args...))
	})
}

// act does an act once. before is the file as it was seen. A refusal ends the journey,
// unless it may be.
func (s *system) act(code, path, act, by, body string, before int, may ...int) (*file, int) {
	if by == "" {
		by = "program:" + s.tokens[code].ID
	}
	if act == "apply" {
		s.b.note(func() { s.b.applied[by]++ })
	}
	status, answer := s.send(http.MethodPost, code, path, fmt.Sprintf("%s-%d-%s-%d-%d", strings.ReplaceAll(s.name, " ", "-"), s.n, act, before, s.r.Uint32()), []byte(body))
	if status != http.StatusCreated {
		for _, m := range may {
			if status == m {
				return nil, status
			}
		}
		s.strange("%s: %d %s", path, status, answer)
		panic(stop{"refused: " + act})
	}
	v := &file{}
	if err := json.Unmarshal(answer, v); err != nil {
		s.strange("%s: %v: %q", path, err, answer)
		panic(stop{"unreadable"})
	}
	if act != "" {
		s.b.note(func() { s.b.acks = append(s.b.acks, ack{code, v.ID, act, by, before, v.Steps, v.Number, v.Statement}) })
	}
	return v, status
}

// approved is an officer's signature over a digest.
func (s *system) approved(i int, digest canonical.Hash) string {
	approval, err := keyring.Approve(context.Background(), s.signers[i], digest)
	if err != nil {
		s.strange("officer %d: %v", i+1, err)
		panic(stop{"no signature"})
	}
	return fmt.Sprintf(`{"signature": %q}`, base64.StdEncoding.EncodeToString(approval[len(approval)-64:])) // RFC 9052 §4.2: it stands last
}

// journey is one shipment from its application to its receipt.
func (s *system) journey() {
	to := nodes.Participants[1+s.r.IntN(2)]
	x := shipment{to, 200 + s.r.IntN(2000), fmt.Sprintf("S-%s-%d", strings.ReplaceAll(s.name, " ", "-"), s.n)}
	v, _ := s.act("cf", "/applications", "apply", "", x.application(), 0)
	at := "/consignments/" + v.ID
	do := func(act, by, body string) {
		v, _ = s.act("cf", at+"/"+act, act, by, body, v.Steps)
	}
	for _, by := range valuers {
		do("value", "", x.valuation(by))
	}
	do("tax", "", x.tax())
	do("seal", "", x.sealing())
	keys := s.keys
	do("prepare", keys[0], fmt.Sprintf(`{"preparer": %q, "validator": %q}`, keys[0], keys[1]))
	if s.r.IntN(8) == 0 {
		do("spoil", "", reason)
		do("prepare", keys[0], fmt.Sprintf(`{"preparer": %q, "validator": %q}`, keys[0], keys[1]))
	}
	digest := v.Approval.Digest
	v, _ = s.act("cf", at+"/approve", "", "", s.approved(0, digest), v.Steps) // no step of the file
	do("issue", keys[1], s.approved(1, digest))
	do("export", "", exported())
	do("advise", "", x.advice())
	s.receive(x, v)
}

// receive is the importing office's side.
func (s *system) receive(x shipment, v *file) {
	status, bundle := s.send(http.MethodGet, "cf", "/consignments/"+v.ID+"/bundle", "", nil)
	if status != http.StatusOK {
		s.strange("bundle of %s: %d %s", v.Number, status, bundle)
		panic(stop{"no bundle"})
	}
	here, _ := s.act(x.to, "/imports", "arrive", "", fmt.Sprintf(`{"place": "SYNTHETIC hall", "original": true, "seals": [{"container": "1", "seal": %q, "intact": true}], "read": "file", "certificate": %q}`,
		x.seal, base64.StdEncoding.EncodeToString(bundle)), 0)
	at := "/imports/" + here.ID
	for _, act := range []string{"examine", "confirm"} {
		body := "{}"
		if act == "examine" {
			body = fmt.Sprintf(`{"carats": %q, "parcels": 1, "lots_opened": 1, "scale": "SYNTHETIC scale 2", "original": true}`, x.carats())
		}
		for {
			next, status := s.act(x.to, at+"/"+act, act, "", body, here.Steps, http.StatusUnprocessableEntity, http.StatusConflict)
			if status == http.StatusCreated {
				here = next
				break
			}
			if s.ctx.Err() != nil {
				panic(stop{"refused: " + act})
			}
			time.Sleep(time.Second) // what the other register says may have to be read first
		}
	}
}

// signers opens the keys of the demonstration's officers, as a system outside would have
// them.
func signers(t *testing.T, w *world) (out []*keyring.Signer) {
	for i := range 2 {
		s, err := officers.At(w.Node("cf")).Signer(t.Context(), fmt.Sprintf("officer-%d", i+1), "")
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}
