package tiles

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// MaxBlob bounds a blob in bytes: a scanned dossier fits, a disk is not filled by
// one statement.
const MaxBlob = 64 << 20

const (
	blobDir  = "blob"
	blobTemp = ".blob" // beside blob, never served
)

func blobPath(h canonical.Hash) string { return blobDir + "/" + h.String() }

// Blobs is the content-addressed store for bodies that are too large for a
// statement, in the folder of a log: they are public like the log, and travel
// with it. It is safe for concurrent use, by several processes too.
type Blobs struct {
	folder folder
	src    *Source
}

// OpenBlobs opens the blobs in a log's folder, made with the first Put.
func OpenBlobs(dir string) *Blobs {
	return &Blobs{folder: folder{dir: dir, temp: blobTemp}, src: OpenFolder(dir)}
}

// Put stores what r holds and gives its name. It is durable when Put returns, so
// that a statement signed afterwards never names what is lost. most bounds its
// bytes, and is itself at most MaxBlob. Faults: ledger.blob_too_large,
// ledger.blob_empty, ledger.blob_media, ledger.cannot_write.
func (b *Blobs) Put(ctx context.Context, r io.Reader, media string, most int64) (statement.Blob, error) {
	if err := statement.CheckText(media, 1, 100); err != nil {
		return statement.Blob{}, fault.Invalid("ledger.blob_media", fault.Text(media), fault.Because(err))
	}
	most = min(most, MaxBlob)
	sum := sha256.New()
	file, err := b.folder.create()
	if err != nil {
		return statement.Blob{}, err
	}
	n, err := io.Copy(io.MultiWriter(file, sum), &bounded{ctx: ctx, r: r, left: most})
	switch {
	case errors.Is(err, errTooLong):
		err = fault.TooLarge("ledger.blob_too_large", fault.Arg("most", most))
	case err == nil && n == 0:
		err = fault.Invalid("ledger.blob_empty")
	}
	h := canonical.Hash(sum.Sum(nil))
	if err != nil {
		return statement.Blob{}, b.drop(file, err)
	}
	if err := b.folder.finish(file, blobPath(h), nil); err != nil {
		return statement.Blob{}, err
	}
	return statement.Blob{Hash: h, Size: uint64(n), Media: media}, nil
}

// drop forgets a begun file and gives back why.
func (b *Blobs) drop(file *os.File, why error) error {
	file.Close()
	os.Remove(file.Name()) // what stays is swept
	return why
}

// Get opens a blob. Its reader ends with io.EOF only when all of it has been
// read and has its size and hash; otherwise with a fault ledger.blob_damaged, and
// what was read is to be thrown away. Fault ledger.blob_missing.
func (b *Blobs) Get(ctx context.Context, blob statement.Blob) (io.ReadCloser, error) {
	return b.src.blob(ctx, blob)
}

// Has tells whether a file of the blob's name and size is there; Get alone looks
// into it.
func (b *Blobs) Has(blob statement.Blob) bool {
	info, err := os.Lstat(b.folder.path(blobPath(blob.Hash)))
	return err == nil && info.Mode().IsRegular() && info.Size() == int64(blob.Size)
}

// Sweep removes what a crash left half-written. Nobody may be putting a blob.
func (b *Blobs) Sweep() error { return b.folder.sweep() }

// blob opens a blob of this source, verified while it is read.
func (s *Source) blob(ctx context.Context, blob statement.Blob) (io.ReadCloser, error) {
	f, err := s.open(ctx, blobPath(blob.Hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.NotFound("ledger.blob_missing", fault.File(s.at(blobPath(blob.Hash))), fault.Because(err))
	}
	if err != nil {
		return nil, err
	}
	damaged := fault.Invalid("ledger.blob_damaged", fault.File(s.at(blobPath(blob.Hash))))
	return &verified{Closer: f, r: bounded{ctx: ctx, r: f, left: int64(min(blob.Size, MaxBlob))}, sum: sha256.New(), want: blob.Hash, damaged: damaged}, nil
}

// openBlob opens a blob's file for a reader who knows its hash alone.
func openBlob(ctx context.Context, s *Source, h canonical.Hash) (*os.File, error) {
	f, err := s.open(ctx, blobPath(h))
	if err != nil {
		return nil, err
	}
	file := f.(*os.File) // a folder's source opens files
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		file.Close()
		return nil, fs.ErrNotExist
	}
	return file, nil
}

var errTooLong = errors.New("longer than it may be")

// bounded reads at most left bytes, and ends with its context.
type bounded struct {
	ctx  context.Context
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLong
	}
	return n, err
}

type verified struct {
	io.Closer
	r       bounded
	sum     hash.Hash
	want    canonical.Hash
	damaged error
}

func (v *verified) Read(p []byte) (int, error) {
	n, err := v.r.Read(p)
	v.sum.Write(p[:n])
	switch {
	case err == io.EOF && (v.r.left != 0 || canonical.Hash(v.sum.Sum(nil)) != v.want), errors.Is(err, errTooLong):
		return 0, v.damaged
	}
	return n, err
}

// Copy brings a blob of another source into this store. Faults: as Get and Put.
func (b *Blobs) Copy(ctx context.Context, src *Source, blob statement.Blob) error {
	ctx, cancel := context.WithTimeoutCause(ctx, blobTimeout, errSlow)
	defer cancel()
	if blob.Size > MaxBlob {
		return fault.TooLarge("ledger.blob_too_large", fault.Arg("most", int64(MaxBlob)), fault.File(filepath.ToSlash(blobPath(blob.Hash))))
	}
	r, err := src.blob(ctx, blob)
	if err != nil {
		return err
	}
	defer r.Close()
	file, err := b.folder.create()
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, r); err != nil {
		if _, ok := fault.Of(err); !ok {
			err = src.broken(ctx, blobPath(blob.Hash), err)
		}
		return b.drop(file, err)
	}
	return b.folder.finish(file, blobPath(blob.Hash), nil)
}
