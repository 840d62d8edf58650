package witness

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	// MaxBody is the largest body of add-checkpoint in bytes: 63 proof lines
	// and a checkpoint with the 16 signatures that signed-note asks every
	// verifier to accept, at up to 5 kB each.
	MaxBody = 128 << 10

	maxProof = 63 // proof lines, tlog-witness "add-checkpoint"
)

// request is the body of add-checkpoint, taken apart and not yet believed.
type request struct {
	old    int64
	proof  tlog.TreeProof
	origin string // first line of the note
	note   []byte // signed checkpoint, to its end
}

// parseRequest reads
//
//	old <decimal>
//	<base64 hash>          up to 63 times
//	<empty line>
//	<signed checkpoint>
//
// each line ended by a newline. There is exactly one spelling of every request:
// no leading zeros, no loose base64, no carriage return.
func parseRequest(body []byte) (request, error) {
	if len(body) > MaxBody {
		return request{}, fmt.Errorf("body over %d bytes", MaxBody)
	}
	head, signed, found := bytes.Cut(body, []byte("\n\n"))
	if !found {
		return request{}, errors.New("no empty line before the checkpoint")
	}
	lines := strings.Split(string(head), "\n")
	size, found := strings.CutPrefix(lines[0], "old ")
	if !found {
		return request{}, errors.New("first line is not the old size")
	}
	old, err := parseSize(size)
	if err != nil {
		return request{}, fmt.Errorf("old size: %w", err)
	}
	if len(lines)-1 > maxProof {
		return request{}, fmt.Errorf("more than %d proof lines", maxProof)
	}
	var proof tlog.TreeProof
	for i, line := range lines[1:] {
		hash, err := parseHash(line)
		if err != nil {
			return request{}, fmt.Errorf("proof line %d: %w", i+1, err)
		}
		proof = append(proof, hash)
	}
	origin, _, found := bytes.Cut(signed, []byte("\n"))
	if !found {
		return request{}, errors.New("no checkpoint")
	}
	return request{old: old, proof: proof, origin: string(origin), note: signed}, nil
}

// parseSize reads a tree size: ASCII decimal, no sign, no leading zeros.
func parseSize(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || s != strconv.FormatInt(n, 10) {
		return 0, errors.New("not a decimal number from 0 to 2^63-1 without leading zeros")
	}
	return n, nil
}

// parseHash reads 32 bytes of strict base64. The length is checked first
// because encoding/base64 skips over carriage returns and newlines.
func parseHash(s string) (tlog.Hash, error) {
	var hash tlog.Hash
	if len(s) != base64.StdEncoding.EncodedLen(tlog.HashSize) {
		return hash, errors.New("not a hash of 32 bytes in base64")
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != tlog.HashSize {
		return hash, errors.New("not a hash of 32 bytes in base64")
	}
	return tlog.Hash(raw), nil
}

// parseCheckpoint reads the text of a note as a checkpoint in its one spelling
// (torchwood alone takes loose base64).
func parseCheckpoint(text string) (torchwood.Checkpoint, error) {
	checkpoint, err := torchwood.ParseCheckpoint(text)
	if err != nil {
		return torchwood.Checkpoint{}, err
	}
	if checkpoint.Origin == "" || checkpoint.String() != text {
		return torchwood.Checkpoint{}, errors.New("malformed checkpoint")
	}
	return checkpoint, nil
}
