package difference

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"adamas.example/verify/canonical"
)

// magic begins the file.
const magic = "adamas-difference/1\n"

// File names a file by what is in it.
type File struct {
	Digest canonical.Hash // SHA-256
	Size   int64
}

// Header stands before the pieces.
type Header struct {
	Base   File
	Office string // who counted the base, and when: by these a person finds it
	Time   int64  // seconds since 1970 UTC
	Result File
}

// WrongBase is the error for a file that the difference does not apply to.
type WrongBase struct {
	Header Header
	Have   File
}

// Error names what is there and what is needed.
func (w *WrongBase) Error() string {
	return fmt.Sprintf("applies to the file with SHA-256 %s (%d bytes), not to %s (%d bytes)", w.Header.Base.Digest, w.Header.Base.Size, w.Have.Digest, w.Have.Size)
}

// ErrForm means that a file is no difference, or a damaged one.
var ErrForm = errors.New("not a difference, or damaged")

const (
	majorUint  = 0
	majorBytes = 2
	majorText  = 3
	majorArray = 4

	mostOffice = 64
)

func appendHead(b []byte, major byte, n uint64) []byte {
	m := major << 5
	switch {
	case n < 24:
		return append(b, m|byte(n))
	case n <= math.MaxUint8:
		return append(b, m|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, m|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, m|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, m|27), n)
}

// readHead reads an item's head in its shortest form; io.EOF only before its first
// byte.
func readHead(r *bufio.Reader) (major byte, n uint64, err error) {
	first, err := r.ReadByte()
	if err != nil {
		return 0, 0, err
	}
	major, minor := first>>5, first&31
	if minor < 24 {
		return major, uint64(minor), nil
	}
	if minor > 27 {
		return 0, 0, ErrForm
	}
	wide := 1 << (minor - 24)
	var buf [8]byte
	if _, err := io.ReadFull(r, buf[8-wide:]); err != nil {
		return 0, 0, cut(err)
	}
	n = binary.BigEndian.Uint64(buf[:])
	if len(appendHead(nil, major, n)) != 1+wide {
		return 0, 0, ErrForm
	}
	return major, n, nil
}

// cut turns an end that came too early into ErrForm.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrForm
	}
	return err
}

func (f File) append(b []byte) []byte {
	return appendHead(canonical.AppendBytes(b, f.Digest[:]), majorUint, uint64(f.Size))
}

func (h Header) encode() []byte {
	b := appendHead([]byte(magic), majorArray, 6)
	b = h.Base.append(b)
	b = append(appendHead(b, majorText, uint64(len(h.Office))), h.Office...)
	b = appendHead(b, majorUint, uint64(h.Time))
	return h.Result.append(b)
}

// ReadHeader reads the front of a difference.
func ReadHeader(r io.Reader) (Header, error) {
	h, _, err := readHeader(r)
	return h, err
}

func readHeader(from io.Reader) (h Header, r *bufio.Reader, err error) {
	r = bufio.NewReaderSize(from, 1<<16)
	front := make([]byte, len(magic))
	if _, err := io.ReadFull(r, front); err != nil || string(front) != magic {
		return h, nil, ErrForm
	}
	want := func(major byte, most uint64) (n uint64) {
		if err == nil {
			var got byte
			if got, n, err = readHead(r); err != nil || got != major || n > most {
				err = ErrForm
			}
		}
		return n
	}
	file := func(f *File) {
		if want(majorBytes, canonical.HashSize) != canonical.HashSize {
			err = ErrForm
		}
		if err == nil {
			if _, err = io.ReadFull(r, f.Digest[:]); err != nil {
				err = ErrForm
			}
		}
		f.Size = int64(want(majorUint, math.MaxInt64))
	}
	if want(majorArray, 6) != 6 {
		return h, nil, ErrForm
	}
	file(&h.Base)
	office := make([]byte, want(majorText, mostOffice))
	if err == nil {
		_, err = io.ReadFull(r, office)
	}
	h.Office = string(office)
	h.Time = int64(want(majorUint, maxTime))
	file(&h.Result)
	if err != nil || !printable(h.Office) {
		return h, nil, ErrForm
	}
	return h, r, nil
}

// maxTime is 9999-12-31T23:59:59Z.
const maxTime = 253402300799

// printable holds the form of an office's code, so that a hostile one gives no
// orders to a terminal.
func printable(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}
