package upkeep

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// ErrNotServed: no process that answers serves the node.
var ErrNotServed = errors.New("upkeep: the node is not being served")

// The file of a process that was killed stays behind, and its port may be anybody's
// by now. So whoever listens there first proves that it knows the token; before
// that it gets neither the token nor the order, in which a passphrase may stand.

const proofPath = "/proof"

// proofPatience is how long a serving process may take to prove itself. One that
// takes longer counts as none; the node's folder is in use all the same.
const proofPatience = 10 * time.Second

func proofOf(token, nonce string) string {
	m := hmac.New(sha256.New, []byte(token))
	io.WriteString(m, "adamas control "+nonce)
	return hex.EncodeToString(m.Sum(nil))
}

// contactIn reads who serves the node in dir.
func contactIn(dir string) (c contact, err error) {
	b, err := os.ReadFile(filepath.Join(dir, controlFile))
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil {
		return c, err
	}
	if host, _, err := net.SplitHostPort(c.Address); err != nil || host != "127.0.0.1" || c.Token == "" {
		return c, errors.Join(errors.New("upkeep: no address of this computer"), err)
	}
	return c, nil
}

// client goes through no proxy: it is this PC.
func client() *http.Client { return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} }

// prove has whoever listens at the address prove that it serves the node.
func (c contact) prove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, proofPatience)
	defer cancel()
	nonce := rand.Text()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.Address+proofPath+"?nonce="+nonce, nil)
	if err != nil {
		return err
	}
	resp, err := client().Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 2*sha256.Size+1))
	if err == nil && !hmac.Equal(b, []byte(proofOf(c.Token, nonce))) {
		err = errors.New("upkeep: somebody else listens at " + c.Address)
	}
	return err
}

// Served tells whether a process serves the node in dir and answers: nil, or
// ErrNotServed with the reason, or that ctx has ended.
func Served(ctx context.Context, dir string) error {
	_, err := served(ctx, dir)
	return err
}

func served(ctx context.Context, dir string) (contact, error) {
	c, err := contactIn(dir)
	if err == nil {
		err = c.prove(ctx)
	}
	if err != nil && ctx.Err() != nil {
		return c, ctx.Err()
	}
	if err != nil {
		return c, errors.Join(ErrNotServed, err)
	}
	return c, nil
}

// Ask sends a question to the process that serves the node in dir, and gives its
// answer, whose body the caller closes. The error is that of Served, and then
// nothing was asked; or what stood in the way, and then nobody knows how far the
// work has come.
func Ask(ctx context.Context, dir, path string, question any) (*http.Response, error) {
	c, err := served(ctx, dir)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(question)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.Address+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	resp, err := client().Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, errors.New("upkeep: " + resp.Status)
	}
	return resp, nil
}
