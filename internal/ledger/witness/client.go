package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"adamas.example/internal/fault"
)

// Client asks one witness, ours or another's, what it knows of a log.
type Client struct {
	// URL is the prefix of the witness's addresses, http or https, without query.
	URL string
	// HTTP makes the requests; nil for http.DefaultClient. Time limits are the
	// context's and its own.
	HTTP *http.Client
}

// LatestSize is the largest size of a log this witness has cosigned. A log that
// was put back from a backup asks every witness before it appends again: to
// grow another way from an older size would be a fork.
//
// First the monitoring address is read. The checkpoint found there is verified
// under logKey, so the log did sign this size, and is returned whole. A witness
// without that address (litewitness v0.9.0), or without a checkpoint of this
// log, is asked by add-checkpoint with an old size of 0 and probe, a checkpoint
// signed by the log: it answers 409 with its size, which then is only its word
// (checkpoint is nil). The best probe is the log's checkpoint of size 0: a
// witness that has cosigned nothing yet takes the probe as its first
// checkpoint, and the probe's size is returned. A nil probe asks no further.
//
// Faults: witness.url (no address), witness.unknown_log (not on this witness's list),
// witness.no_answer (cannot be reached, or knows nothing and probe is nil),
// witness.answer (an answer that makes no sense, or is not signed by the log).
func (c Client) LatestSize(ctx context.Context, origin string, logKey note.Verifier, probe []byte) (size int64, checkpoint []byte, err error) {
	base, err := url.Parse(c.URL)
	if err != nil || base.Host == "" {
		return 0, nil, c.fault(fault.Usage, "witness.url", err)
	}
	status, _, body, err := c.do(ctx, http.MethodGet, base.JoinPath(OriginHash(origin), "checkpoint"), nil)
	switch {
	case err != nil:
		return 0, nil, c.fault(fault.Unavailable, "witness.no_answer", err)
	case status == http.StatusOK:
		size, err := signedSize(body, origin, logKey)
		if err != nil {
			return 0, nil, c.fault(fault.Unavailable, "witness.answer", err)
		}
		return size, body, nil
	case status != http.StatusNotFound && status != http.StatusMethodNotAllowed:
		return 0, nil, c.fault(fault.Unavailable, "witness.no_answer", fmt.Errorf("status %d", status))
	case probe == nil:
		return 0, nil, c.fault(fault.Unavailable, "witness.no_answer", errors.New("serves no checkpoint of this log"))
	}
	size, err = c.probe(ctx, base, origin, logKey, probe)
	return size, nil, err
}

// probe asks by add-checkpoint with old size 0.
func (c Client) probe(ctx context.Context, base *url.URL, origin string, logKey note.Verifier, probe []byte) (int64, error) {
	probeSize, err := signedSize(probe, origin, logKey)
	if err != nil {
		return 0, fmt.Errorf("witness: the probe is no checkpoint of %s: %w", origin, err)
	}
	body := append([]byte("old 0\n\n"), probe...)
	status, kind, answer, err := c.do(ctx, http.MethodPost, base.JoinPath("add-checkpoint"), body)
	switch {
	case err != nil:
		return 0, c.fault(fault.Unavailable, "witness.no_answer", err)
	case status == http.StatusOK:
		return probeSize, nil
	case status == http.StatusConflict && kind == typeSize:
		size, err := parseSize(strings.TrimSuffix(string(answer), "\n"))
		if err != nil {
			return 0, c.fault(fault.Unavailable, "witness.answer", err)
		}
		return size, nil
	case status == http.StatusNotFound:
		return 0, c.fault(fault.NotFound, "witness.unknown_log", fmt.Errorf("status %d", status))
	default:
		return 0, c.fault(fault.Unavailable, "witness.no_answer", fmt.Errorf("status %d: %q", status, cut(string(answer), 200)))
	}
}

// maxAnswer holds a checkpoint as large as a witness accepts, and the line it adds.
const maxAnswer = MaxBody + 1<<10

// do makes a request and reads an answer of at most maxAnswer bytes.
func (c Client) do(ctx context.Context, method string, to *url.URL, body []byte) (status int, kind string, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, to.String(), bytes.NewReader(body))
	if err != nil {
		return 0, "", nil, err
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", nil, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(answer) > maxAnswer {
		err = fmt.Errorf("answer over %d bytes", maxAnswer)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), answer, err
}

func (c Client) fault(kind func(string, ...fault.Detail) *fault.Fault, key string, cause error) error {
	return kind(key, fault.Arg("url", c.URL), fault.Because(cause))
}

// signedSize is the size of a checkpoint that key has signed for origin.
func signedSize(signed []byte, origin string, key note.Verifier) (int64, error) {
	opened, err := openCheckpoint(signed, origin, []logKey{{verifier: key}})
	if err != nil {
		return 0, err
	}
	return opened.tree.N, nil
}
