package upkeep

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
)

// A node's folder belongs to one process at a time. So that a backup can be made
// and an office's orders be done while it serves, the serving process listens on
// loopback for its own owner: who can read the token in the node's folder may ask
// for what stands in Services, and nothing else.
// The file is readable by the owner alone where the system knows owners (on
// Windows by whom the folder's permissions let in).

const controlFile = ".control"

// contact is what the file says.
type contact struct {
	Address string `json:"address"`
	Token   string `json:"token"`
}

// backupOrder asks for a backup into a new file.
type backupOrder struct {
	File string `json:"file"` // absolute
}

// controlLine is one line of the answer: progress, and last the result.
type controlLine struct {
	Done  int64       `json:"done"`
	Total int64       `json:"total"`
	Last  bool        `json:"last,omitempty"`
	Fault *plainFault `json:"fault,omitempty"`
	Copy  *backupMade `json:"copy,omitempty"`
}

// plainFault carries a fault to the process that puts it into words.
type plainFault struct {
	Kind  fault.Kind     `json:"kind"`
	Key   string         `json:"key"`
	Field string         `json:"field,omitempty"`
	Args  map[string]any `json:"args,omitempty"`
}

// Services are what the owner of a serving node may ask of it.
type Services struct {
	Store  *store.Store // for backups
	Orders http.Handler // POST /order; nil: none
}

// Listen serves the owner of a node's folder until ctx ends; stop ends it, waits for
// what is under way to break off, and removes the file.
func Listen(ctx context.Context, dir string, s Services) (stop func() error, err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fault.Unavailable("ledger.cannot_listen", fault.At("--listen"), fault.Text("127.0.0.1"), fault.Because(err))
	}
	c := contact{Address: ln.Addr().String(), Token: rand.Text()}
	b, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, controlFile)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a process that was killed
		return nil, errors.Join(fault.CannotCreate("node.cannot_write", fault.File(path), fault.Because(err)), ln.Close())
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return nil, errors.Join(fault.CannotCreate("node.cannot_write", fault.File(path), fault.Because(err)), ln.Close())
	}
	run, cancel := context.WithCancel(ctx)
	server := &http.Server{Handler: controlled(c.Token, s), ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return run }}
	done := make(chan error, 1)
	go func() { done <- server.Serve(ln) }()
	return func() error {
		cancel()
		err := os.Remove(path)
		wait, end := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer end()
		if server.Shutdown(wait) != nil { // an order that does not heed its context
			err = errors.Join(err, server.Close())
		}
		<-done
		return err
	}, nil
}

// controlled answers whoever has the token, and proves to anybody that it has it.
func controlled(token string, s Services) http.Handler {
	mux := http.NewServeMux()
	if s.Orders != nil {
		mux.Handle("POST /order", s.Orders)
	}
	mux.HandleFunc("POST /backup", func(w http.ResponseWriter, r *http.Request) {
		var order backupOrder
		if err := json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&order); err != nil || !filepath.IsAbs(order.File) {
			http.Error(w, "order", http.StatusBadRequest)
			return
		}
		enc := json.NewEncoder(w)
		flush := http.NewResponseController(w)
		made, err := snapshot(r.Context(), s.Store, order.File, func(done, total int64) {
			enc.Encode(controlLine{Done: done, Total: total})
			flush.Flush()
		})
		enc.Encode(controlLine{Last: true, Copy: made, Fault: plain(err)})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if nonce := r.URL.Query().Get("nonce"); r.Method == http.MethodGet && r.URL.Path == proofPath && len(nonce) <= 64 {
			io.WriteString(w, proofOf(token, nonce))
			return
		}
		given := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		if subtle.ConstantTimeCompare([]byte(given), []byte(token)) != 1 {
			http.Error(w, "token", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// plain is an error as it travels; what is no fault of the reader's travels
// without its cause.
func plain(err error) *plainFault {
	if err == nil {
		return nil
	}
	f, ok := fault.Of(err)
	if !ok {
		f = fault.Internal("backup.failed", fault.Because(err))
	}
	return &plainFault{Kind: f.Kind, Key: f.Key, Field: f.Field, Args: f.Args}
}

// askForBackup has the process that serves the node make the backup. Fault
// backup.no_answer.
func askForBackup(ctx context.Context, dir, file string, progress func(done, total int64)) (*backupMade, error) {
	noAnswer := func(err error) error {
		return fault.Busy("backup.no_answer", fault.File(dir), fault.Because(err))
	}
	resp, err := Ask(ctx, dir, "/backup", backupOrder{File: file})
	if err != nil {
		return nil, noAnswer(err)
	}
	defer resp.Body.Close()
	for lines := json.NewDecoder(resp.Body); ; {
		var line controlLine
		if err := lines.Decode(&line); err != nil {
			return nil, noAnswer(err)
		}
		switch {
		case line.Last && line.Fault != nil:
			return nil, &fault.Fault{Kind: line.Fault.Kind, Key: line.Fault.Key, Field: line.Fault.Field, Args: line.Fault.Args}
		case line.Last:
			return line.Copy, nil
		case progress != nil:
			progress(line.Done, line.Total)
		}
	}
}
