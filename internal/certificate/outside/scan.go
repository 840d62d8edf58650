package outside

import (
	"embed"
	"errors"
	"io/fs"
	"time"

	"adamas.example/internal/document/picture"
	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
)

//go:embed text
var text embed.FS

// Text is the package's words.
func Text() fs.FS { return text }

// MostScan bounds one picture in bytes; MostScans how many a paper has.
const (
	MostScan  = 10 << 20
	MostScans = 32
)

// Of is what a picture is of.
type Of string

// What pictures are of.
const (
	Certificate  Of = "certificate"
	Confirmation Of = "confirmation"
)

// Scan is a picture as it is kept.
type Scan struct {
	Hash    canonical.Hash // of the file as it came: what a statement names
	Media   string
	Size    int64
	Clean   canonical.Hash // of the copy that is shown
	TakenAt time.Time
	TakenBy string
}

// Check tells whether a file can be kept: a JPEG, a PNG or a PDF of at most MostScan.
// Faults: certificate.scan_kind, certificate.scan_large, certificate.scan_damaged.
func Check(file []byte) error {
	if len(file) > MostScan {
		return fault.TooLarge("certificate.scan_large", fault.Most(MostScan))
	}
	if picture.Media(file) == "" {
		return fault.Invalid("certificate.scan_kind")
	}
	if err := picture.Check(file); errors.Is(err, picture.ErrMany) {
		return fault.TooLarge("certificate.scan_large", fault.Most(MostScan))
	} else if err != nil {
		return fault.Invalid("certificate.scan_damaged", fault.Because(err))
	}
	return nil
}

// Keep keeps a picture for a consignment, in the transaction in which the consignment
// moves. Kept twice it is kept once. Faults: those of Check.
func Keep(tx *store.Tx, consignment string, of Of, by string, file []byte) (canonical.Hash, error) {
	hash, err := Put(tx, by, file)
	if err != nil {
		return hash, err
	}
	return hash, Link(tx, consignment, of, hash)
}

// Put keeps a picture of a paper that belongs to no consignment yet. Faults: those of
// Check.
func Put(tx *store.Tx, by string, file []byte) (canonical.Hash, error) {
	if err := Check(file); err != nil {
		return canonical.Hash{}, err
	}
	hash := canonical.Sum(file)
	clean, err := picture.Clean(file)
	if err != nil {
		return hash, err
	}
	_, err = tx.Exec(`INSERT INTO certificate_scan (hash, media, size, content, clean_hash, clean, taken_at, taken_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (hash) DO NOTHING`, hash, picture.Media(file), int64(len(file)), file, canonical.Sum(clean), clean, tx.Now(), by)
	return hash, err
}

// Link says of which consignment a kept picture is.
func Link(tx *store.Tx, consignment string, of Of, hash canonical.Hash) error {
	_, err := tx.Exec(`INSERT INTO certificate_scan_of (consignment, hash, of) VALUES ($1, $2, $3) ON CONFLICT (consignment, hash, of) DO NOTHING`,
		consignment, hash, string(of))
	return err
}

// Belongs tells whether a picture is one of a consignment's.
func Belongs(tx *store.Tx, consignment string, hash canonical.Hash) (bool, error) {
	var n int64
	err := tx.QueryRow(`SELECT COUNT(*) FROM certificate_scan_of WHERE consignment = $1 AND hash = $2`, consignment, hash).Scan(&n)
	return n > 0, err
}

// Scans lists the pictures of a consignment, in order of being taken.
func Scans(tx *store.Tx, consignment string, of Of) ([]Scan, error) {
	return store.Collect(tx, func(scan store.Scan) (s Scan, err error) {
		var hash, clean []byte
		err = scan(&hash, &s.Media, &s.Size, &clean, store.ScanTime(&s.TakenAt), &s.TakenBy)
		copy(s.Hash[:], hash)
		copy(s.Clean[:], clean)
		return s, err
	}, `SELECT s.hash, s.media, s.size, s.clean_hash, s.taken_at, s.taken_by FROM certificate_scan s JOIN certificate_scan_of o ON o.hash = s.hash
		WHERE o.consignment = $1 AND o.of = $2 ORDER BY s.taken_at, s.hash`, consignment, string(of))
}

// Shown gives the copy of a picture that is shown, by the digest of the picture as it
// came. Fault certificate.no_scan.
func Shown(tx *store.Tx, hash canonical.Hash) (file []byte, media string, err error) {
	return read(tx, hash, `SELECT clean, media FROM certificate_scan WHERE hash = $1`)
}

// Original gives a picture as it came, which is evidence: whoever asks for it answers
// for what it may tell of a place. Fault certificate.no_scan.
func Original(tx *store.Tx, hash canonical.Hash) (file []byte, media string, err error) {
	return read(tx, hash, `SELECT content, media FROM certificate_scan WHERE hash = $1`)
}

func read(tx *store.Tx, hash canonical.Hash, query string) (file []byte, media string, err error) {
	err = tx.QueryRow(query, hash).Scan(&file, &media)
	if errors.Is(err, store.ErrNoRows) {
		return nil, "", fault.NotFound("certificate.no_scan", fault.Arg("hash", hash.String()))
	}
	return file, media, err
}
