package tiles

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/internal/fault"
)

const (
	width    = torchwood.TileWidth // entries of a bundle, hashes of a tile
	tileSize = width * tlog.HashSize

	maxCheckpoint = 16 << 10
	maxBundle     = width * (2 + 65535)

	// fileTimeout bounds one checkpoint, tile or bundle, so that a server that
	// sends a byte a minute is an unreachable one. At 2G's 100 kbit/s a bundle of
	// ordinary statements (200 KB) takes a quarter of a minute.
	fileTimeout = 3 * time.Minute
	// blobTimeout is the same for a blob of up to MaxBlob.
	blobTimeout = 2 * time.Hour
)

// Source is where a log's files are read: a web server or a folder. It is safe
// for concurrent use.
type Source struct {
	name string
	// open begins to read a file. A file that is not there is fs.ErrNotExist;
	// every other error is a fault, or that of the caller's context.
	open func(ctx context.Context, path string) (io.ReadCloser, error)
}

// OpenFolder reads the log in a folder: a log's own, a mirror, a stick.
func OpenFolder(dir string) *Source {
	return &Source{name: dir, open: func(ctx context.Context, path string) (io.ReadCloser, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f, err := os.OpenInRoot(dir, filepath.FromSlash(path))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fault.IO("ledger.source_unreadable", fault.File(filepath.Join(dir, filepath.FromSlash(path))), fault.Because(err))
		}
		return f, err
	}}
}

// OpenURL reads the log that a web server serves under base, an http or https
// address. A nil client stands for one that waits at most 30 seconds for the
// head of an answer. Fault ledger.source_address.
func OpenURL(base string, client *http.Client) (*Source, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fault.Usage("ledger.source_address", fault.Text(base))
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fault.Usage("ledger.source_address", fault.Text(u.Redacted()))
	}
	if client == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.ResponseHeaderTimeout = 30 * time.Second
		t.MaxIdleConnsPerHost = parallel
		client = &http.Client{Transport: t}
	}
	base = strings.TrimSuffix(base, "/") + "/"
	s := &Source{name: strings.TrimSuffix(u.Redacted(), "/") + "/"}
	s.open = func(ctx context.Context, path string) (io.ReadCloser, error) { return s.fetch(ctx, client, base, path) }
	return s, nil
}

// Name is the address or folder, as given but for a password in it.
func (s *Source) Name() string { return s.name }

func (s *Source) fetch(ctx context.Context, client *http.Client, base, path string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "adamas")
	resp, err := client.Do(req)
	if err != nil {
		return nil, s.unreachable(ctx, err)
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return resp.Body, nil
	case http.StatusNotFound, http.StatusGone:
		err = fmt.Errorf("%s: %w", s.at(path), fs.ErrNotExist)
	default:
		var more []fault.Detail
		if wait, bad := strconv.Atoi(resp.Header.Get("Retry-After")); bad == nil && wait > 0 {
			more = append(more, fault.Arg("wait", wait)) // seconds, RFC 9110 §10.2.3
		}
		err = s.unreachable(ctx, fmt.Errorf("%s: %s", s.at(path), resp.Status), more...)
	}
	resp.Body.Close()
	return nil, err
}

// unreachable is the fault for what a later try may bring; the end of the
// caller's own context is no fault of the source.
func (s *Source) unreachable(ctx context.Context, err error, more ...fault.Detail) error {
	if ended := ctx.Err(); ended != nil && context.Cause(ctx) != errSlow {
		return ended
	}
	return fault.Unavailable("ledger.source_unreachable", append(more, fault.Arg("source", s.name), fault.Because(err))...)
}

var errSlow = errors.New("the file took too long")

// file reads a file of at most most bytes.
func (s *Source) file(ctx context.Context, path string, most int64) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, fileTimeout, errSlow)
	defer cancel()
	r, err := s.open(ctx, path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, s.broken(ctx, path, err)
	}
	if int64(len(b)) > most {
		return nil, s.damaged(path, fmt.Errorf("more than %d bytes", most))
	}
	return b, nil
}

// broken is the fault for a file whose reading ended half-way.
func (s *Source) broken(ctx context.Context, path string, err error) error {
	if _, local := errors.AsType[*fs.PathError](err); local {
		return fault.IO("ledger.source_unreadable", fault.File(s.at(path)), fault.Because(err))
	}
	return s.unreachable(ctx, err)
}

// Checkpoint reads the signed checkpoint; nothing of it is verified. Fault
// ledger.no_log_here.
func (s *Source) Checkpoint(ctx context.Context) (string, error) {
	b, err := s.file(ctx, "checkpoint", maxCheckpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fault.NotFound("ledger.no_log_here", fault.Arg("source", s.name), fault.Because(err))
	}
	return string(b), err
}

// at names a file as a person finds it.
func (s *Source) at(path string) string {
	if strings.HasSuffix(s.name, "/") {
		return s.name + path
	}
	return filepath.Join(s.name, filepath.FromSlash(path))
}

// damaged is the fault for a file, or one of several, that does not fit its log.
func (s *Source) damaged(path string, why error) error {
	return fault.Invalid("ledger.source_damaged", fault.File(s.at(path)), fault.Because(why))
}

// tile reads a hash tile or a bundle of the given width and gives exactly its
// bytes. Once a tile is full its partial forms may be gone (tlog-tiles, "Partial
// Tiles"): then the head of the full one is taken.
func (s *Source) tile(ctx context.Context, t tlog.Tile) ([]byte, error) {
	most := int64(tileSize)
	if t.L < 0 {
		most = maxBundle
	}
	path := torchwood.TilePath(t)
	b, err := s.file(ctx, path, most)
	if errors.Is(err, fs.ErrNotExist) && t.W < width {
		full := t
		full.W = width
		b, err = s.file(ctx, torchwood.TilePath(full), most)
		if err == nil {
			return s.exactly(torchwood.TilePath(full), b, t, width)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Invalid("ledger.source_incomplete", fault.File(s.at(path)), fault.Because(err))
	}
	if err != nil {
		return nil, err
	}
	return s.exactly(path, b, t, t.W)
}

// exactly checks that b is a tile or bundle of as many as it should hold, and
// gives the head of it that t asks for.
func (s *Source) exactly(path string, b []byte, t tlog.Tile, holds int) ([]byte, error) {
	if t.L >= 0 {
		if len(b) != holds*tlog.HashSize {
			return nil, s.damaged(path, fmt.Errorf("%d bytes, want %d", len(b), holds*tlog.HashSize))
		}
		return b[:t.W*tlog.HashSize], nil
	}
	used, entries, err := cut(b, holds)
	if err == nil && used != len(b) {
		err = fmt.Errorf("%d bytes too many", len(b)-used)
	}
	if err != nil {
		return nil, s.damaged(path, err)
	}
	head := 0
	for _, e := range entries[:t.W] {
		head += 2 + len(e)
	}
	return b[:head], nil
}

// cut reads the first n entries of a bundle and tells how many bytes they take.
func cut(bundle []byte, n int) (used int, entries [][]byte, err error) {
	rest := bundle
	for range n {
		var e []byte
		if e, rest, err = torchwood.ReadTileEntry(rest); err != nil {
			return 0, nil, err
		}
		entries = append(entries, e)
	}
	return len(bundle) - len(rest), entries, nil
}
