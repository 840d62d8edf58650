package difference

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"adamas.example/verify/canonical"
)

// Sum names the file behind r, which has size bytes.
func Sum(r io.ReaderAt, size int64) (File, error) {
	h := sha256.New()
	n, err := io.Copy(h, io.NewSectionReader(r, 0, size))
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	return File{canonical.Hash(h.Sum(nil)), size}, err
}

// Apply writes the file that comes of base (size bytes) and a difference. It wants
// no more than most bytes of result. Errors: *WrongBase, with nothing written;
// ErrForm; those of reading and writing. After any error what was written counts
// for nothing.
func Apply(base io.ReaderAt, size int64, diff io.Reader, w io.Writer, most int64) (Header, error) {
	h, r, err := readHeader(diff)
	if err != nil {
		return h, err
	}
	have, err := Sum(base, size)
	if err != nil {
		return h, err
	}
	if have != h.Base {
		return h, &WrongBase{h, have}
	}
	if h.Result.Size > most {
		return h, fmt.Errorf("%w: its result has %d bytes, at most %d", ErrForm, h.Result.Size, most)
	}
	sum := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(sum, w), 1<<16)
	left := h.Result.Size
	for {
		n, err := piece(base, size, r, out, left)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return h, err
		}
		left -= n
	}
	if err := out.Flush(); err != nil {
		return h, err
	}
	if left != 0 || canonical.Hash(sum.Sum(nil)) != h.Result.Digest {
		return h, fmt.Errorf("%w: what comes out is not what it names", ErrForm)
	}
	return h, nil
}

// piece writes one piece of at most left bytes; io.EOF when there is none.
func piece(base io.ReaderAt, size int64, r *bufio.Reader, w io.Writer, left int64) (int64, error) {
	major, n, err := readHead(r)
	if err != nil {
		return 0, err
	}
	switch {
	case major == majorBytes && n > 0 && n <= uint64(left):
		_, err := io.CopyN(w, r, int64(n))
		return int64(n), cut(err)
	case major == majorArray && n == 2:
		first, from, err1 := readHead(r)
		second, length, err2 := readHead(r)
		if err := errors.Join(err1, err2); err != nil {
			return 0, cut(err)
		}
		if first != majorUint || second != majorUint || from > uint64(size) || length == 0 || length > uint64(size)-from || length > uint64(left) {
			return 0, ErrForm
		}
		_, err := io.Copy(w, io.NewSectionReader(base, int64(from), int64(length)))
		return int64(length), err
	}
	return 0, ErrForm
}
