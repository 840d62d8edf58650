package commitment

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"hash"
	"sync/atomic"

	"adamas.example/verify/canonical"
)

// hasher is SHA-256 for the many short messages under one root. A certificate has
// some forty, of one block or two each, and the library takes as long to copy its
// state and the padding of each (FIPS 180-4 §5.1.1) as to hash them. Here a message
// is padded where it stands, in a frame, and its hash is read from the state that the
// library writes out after the last block. Each block is the library's to hash.
type hasher struct {
	digest digest
	frame  [2 * sha256.BlockSize]byte
	out    [stateSize]byte
	keys   [2][stateSize]byte // room for a salter
	plain  bool
}

// digest is what crypto/sha256 promises of the hashes that it makes.
type digest interface {
	hash.Hash
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

// A state that the library writes out is a name, the eight words of the hash, what
// there is of the next block, and a length.
const (
	wordsAt   = 4
	stateSize = wordsAt + sha256.Size + sha256.BlockSize + 8
)

// plain tells whether a state is that, which the library does not promise. Where it
// is not, each hash is asked for in the usual way.
var plain = isPlain()

func isPlain() bool {
	state, err := newHasher(false).digest.AppendBinary(nil)
	return err == nil && len(state) == stateSize && newHasher(true).sum(nil) == canonical.Sum(nil)
}

func newHasher(plain bool) *hasher { return &hasher{digest: sha256.New().(digest), plain: plain} }

// Opener opens one disclosure after another, and makes room to hash in once. The
// zero value is ready, and safe for concurrent use.
type Opener struct{ spare atomic.Pointer[hasher] }

// Open is d.Open.
func (o *Opener) Open(d *Disclosure, r Root) ([]Fact, error) {
	h := o.spare.Swap(nil)
	if h == nil {
		h = newHasher(plain)
	}
	defer o.spare.Store(h)
	return d.open(r, h)
}

// leastPadding is a byte that begins the padding, and the message's length in bits.
const (
	beginPadding = 0x80
	leastPadding = 1 + 8
)

// sum hashes a message, which may stand in the frame already.
func (h *hasher) sum(message []byte) canonical.Hash {
	if len(message) > len(h.frame)-leastPadding {
		return canonical.Sum(message)
	}
	h.digest.Reset()
	return h.finish(0, copy(h.frame[:], message))
}

// finish hashes the first n bytes of the frame, after whole blocks of before bytes
// that are hashed already.
func (h *hasher) finish(before, n int) canonical.Hash {
	if !h.plain {
		h.digest.Write(h.frame[:n])
		return canonical.Hash(h.digest.Sum(h.out[:0]))
	}
	end := (n + leastPadding + sha256.BlockSize - 1) / sha256.BlockSize * sha256.BlockSize
	h.frame[n] = beginPadding
	clear(h.frame[n+1 : end-8])
	binary.BigEndian.PutUint64(h.frame[end-8:], 8*uint64(before+n))
	h.digest.Write(h.frame[:end])
	return canonical.Hash(h.state(h.out[:0])[wordsAt:][:sha256.Size])
}

// state is where the digest stands after whole blocks.
func (h *hasher) state(room []byte) []byte {
	b, err := h.digest.AppendBinary(room)
	if err != nil {
		panic(err) // a digest of the library can always be written out
	}
	return b
}

// resume goes back to a state of this digest.
func (h *hasher) resume(state []byte) {
	if err := h.digest.UnmarshalBinary(state); err != nil {
		panic(err) // it was written out by the same digest
	}
}

// pair is the initial byte of a CBOR array of two (RFC 8949 §3.1).
const pair = 0x82

// hide is SHA-256(CBOR [salt, value]).
func (h *hasher) hide(salt []byte, value canonical.Raw) canonical.Hash {
	b := canonical.AppendBytes(append(h.frame[:0], pair), salt)
	return h.sum(append(b, value...))
}

// leaf is SHA-256(0x00 || CBOR [label, hash]), as RFC 9162 §2.1.1 hashes
// entries.
func (h *hasher) leaf(label uint64, hidden canonical.Hash) canonical.Hash {
	b := canonical.AppendUint(append(h.frame[:0], 0, pair), label)
	return h.sum(canonical.AppendBytes(b, hidden[:]))
}

// tree is MTH of RFC 9162 §2.1.1 over leaf hashes; leaves is not empty.
func (h *hasher) tree(leaves []canonical.Hash) canonical.Hash {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	return h.node(h.tree(leaves[:k]), h.tree(leaves[k:]))
}

// node is canonical.Node.
func (h *hasher) node(left, right canonical.Hash) canonical.Hash {
	b := append(append(h.frame[:0], 1), left[:]...)
	return h.sum(append(b, right[:]...))
}

// salter makes the salts of one seed: HMAC-SHA-256 (RFC 2104) of labels. The two
// blocks that begin with the key are hashed once.
type salter struct {
	*hasher
	inner, outer []byte // states
}

// newSalter takes a seed of SeedSize bytes.
func newSalter(h *hasher, seed []byte) salter {
	return salter{h, h.keyed(seed, 0x36, h.keys[0][:0]), h.keyed(seed, 0x5c, h.keys[1][:0])}
}

// keyed is the state after a block of the padded key.
func (h *hasher) keyed(seed []byte, pad byte, room []byte) []byte {
	block := h.frame[:sha256.BlockSize]
	clear(block[copy(block, seed):])
	for i := range block {
		block[i] ^= pad
	}
	h.digest.Reset()
	h.digest.Write(block)
	return h.state(room)
}

func (s *salter) of(label uint64) (salt [saltSize]byte) {
	s.resume(s.inner)
	binary.BigEndian.PutUint64(s.frame[:], label)
	inner := s.finish(sha256.BlockSize, 8)
	s.resume(s.outer)
	outer := s.finish(sha256.BlockSize, copy(s.frame[:], inner[:]))
	return [saltSize]byte(outer[:])
}
