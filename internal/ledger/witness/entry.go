package witness

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/internal/store/durable"
)

// entry is one registered log in memory.
//
// mu is held from the check of a request to its answer: checking the old size,
// persisting and signing are one step (tlog-witness, the race of requests A and
// B). The atomics are written under it; read without it, they lag behind by at
// most the request under way.
type entry struct {
	dir  string
	file string

	mu     sync.Mutex
	broken atomic.Pointer[error]  // not nil: nothing is signed for this log until a new start
	last   atomic.Pointer[state]  // what is on the disk; nil when broken at the start
	served atomic.Pointer[string] // last as a cosigned note; nil until made
}

// fault says why nothing is signed for this log, nil when all is well.
func (e *entry) fault() error {
	if err := e.broken.Load(); err != nil {
		return *err
	}
	return nil
}

// refusal is an answer of add-checkpoint other than 200.
type refusal struct {
	status int
	size   int64 // stored size, for 409
	cause  error // said to the client
}

func (r *refusal) Error() string { return fmt.Sprintf("%d: %v", r.status, r.cause) }
func (r *refusal) Unwrap() error { return r.cause }

func refuse(status int, cause error) error { return &refusal{status: status, cause: cause} }

var (
	errOldLarger    = errors.New("the old size is larger than the checkpoint")
	errOldSize      = errors.New("the old size is not the stored size")
	errFork         = errors.New("another root was cosigned for this size")
	errInconsistent = errors.New("the checkpoint is not consistent with what was cosigned before")
	errEmptyRoot    = errors.New("size 0 without the root of the empty tree")
	errProofGiven   = errors.New("a consistency proof from size 0 must be empty")
)

// advance judges a request whose signature has been verified, persists the
// checkpoint with the time of the cosignature to be, and only then signs. On
// any error nothing has been signed.
func (e *entry) advance(req request, next opened, clk *clock, cos *cosigner) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.fault(); err != nil {
		return "", refuse(http.StatusInternalServerError, err)
	}
	stored := e.last.Load()
	if err := judge(stored, req, next.tree); err != nil {
		return "", err
	}
	now, err := clk.next()
	if err != nil {
		return "", refuse(http.StatusServiceUnavailable, err)
	}
	after := &state{
		origin: stored.origin, keys: stored.keys,
		time: now, text: next.text, sigs: next.sigs, tree: next.tree,
	}
	if err := e.persist(after); err != nil {
		return "", err
	}
	return e.sign(cos)
}

// judge is tlog-witness "add-checkpoint" after the signature: 400, 409, 422.
func judge(stored *state, req request, next tlog.Tree) error {
	if req.old > next.N {
		return refuse(http.StatusBadRequest, errOldLarger)
	}
	if req.old != stored.size() {
		return &refusal{status: http.StatusConflict, size: stored.size(), cause: errOldSize}
	}
	if next.N == 0 && next.Hash != emptyRoot() {
		return refuse(http.StatusUnprocessableEntity, errEmptyRoot)
	}
	if req.old == 0 {
		if len(req.proof) > 0 {
			return refuse(http.StatusUnprocessableEntity, errProofGiven)
		}
		return nil
	}
	if next.N == stored.size() && next.Hash != stored.tree.Hash {
		return refuse(http.StatusUnprocessableEntity, errFork)
	}
	if err := tlog.CheckTree(req.proof, next.N, next.Hash, stored.tree.N, stored.tree.Hash); err != nil {
		return refuse(http.StatusUnprocessableEntity, errInconsistent)
	}
	return nil
}

// emptyRoot is the root of a tree without entries (RFC 6962 section 2.1).
func emptyRoot() tlog.Hash { return sha256.Sum256(nil) }

// persist replaces the state file and then the state in memory. A state equal
// to the stored one is on the disk already: that bounds what a stranger who
// repeats a public checkpoint can make this disk do to one write a second.
// Callers hold e.mu.
func (e *entry) persist(after *state) error {
	content := after.encode()
	if string(content) == string(e.last.Load().encode()) {
		return nil
	}
	if err := replaceFile(e.dir, e.file, content); err != nil {
		if errors.Is(err, durable.ErrUncertain) {
			e.broken.Store(&err)
		}
		return fmt.Errorf("persisting: %w", err)
	}
	e.last.Store(after)
	e.served.Store(nil)
	return nil
}

// sign cosigns the stored state for its stored time, and serves the result to
// monitors. Callers hold e.mu.
func (e *entry) sign(cos *cosigner) (string, error) {
	stored := e.last.Load()
	line, err := cos.line(stored.text, stored.time)
	if err != nil {
		return "", err
	}
	cosigned := stored.signedNote() + line
	e.served.Store(&cosigned)
	return line, nil
}

// checkpoint is the latest cosigned checkpoint, "" when there is none. After a
// restart the cosignature is made again from the stored state: same text, same
// time, and therefore the same bytes.
func (e *entry) checkpoint(cos *cosigner) (string, error) {
	if note := e.served.Load(); note != nil {
		return *note, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.fault(); err != nil {
		return "", err
	}
	if note := e.served.Load(); note != nil {
		return *note, nil
	}
	if !e.last.Load().cosigned() {
		return "", nil
	}
	if _, err := e.sign(cos); err != nil {
		return "", err
	}
	return *e.served.Load(), nil
}
