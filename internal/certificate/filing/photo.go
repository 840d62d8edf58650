package filing

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"time"

	"golang.org/x/image/draw"

	"adamas.example/internal/certificate/paper/camera"
	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
)

// Bounds of a photograph.
const (
	MostPhoto  = 10 << 20 // of the file, in bytes
	mostPixels = 52_000_000
	shownSide  = 1600 // pixels of the longer side of what is shown
	quality    = 82
)

// Photo is a photograph that is kept.
type Photo struct {
	Hash    canonical.Hash // of the file as it came
	Form    string         // jpeg, png
	Login   string
	TakenAt time.Time
}

// Taken is a photograph that was read and not kept yet.
type Taken struct {
	Hash          canonical.Hash
	form          string
	sealed, shown []byte
}

// Read holds a file against what a photograph may be, by its content and not by its
// name, and draws it anew. Faults: certificate.photo_large, certificate.photo_none.
func Read(file []byte) (*Taken, error) {
	if len(file) > MostPhoto {
		return nil, fault.TooLarge("certificate.photo_large", fault.Arg("most", MostPhoto>>20))
	}
	form, err := camera.Safe(file, mostPixels)
	if err != nil {
		return nil, fault.Invalid("certificate.photo_none", fault.Because(err))
	}
	decode := png.Decode
	if form == "jpeg" {
		decode = jpeg.Decode
	}
	picture, err := decode(bytes.NewReader(file))
	if err != nil {
		return nil, fault.Invalid("certificate.photo_none", fault.Because(err))
	}
	shown, err := drawn(picture)
	if err != nil {
		return nil, fault.Invalid("certificate.photo_none", fault.Because(err))
	}
	return &Taken{Hash: canonical.Sum(file), form: form, sealed: file, shown: shown}, nil
}

// drawn is a picture of a bounded size and nothing beside it.
func drawn(picture image.Image) ([]byte, error) {
	b := picture.Bounds()
	w, h := b.Dx(), b.Dy()
	if longer := max(w, h); longer > shownSide {
		w, h = max(1, w*shownSide/longer), max(1, h*shownSide/longer)
	}
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.ApproxBiLinear.Scale(to, to.Bounds(), picture, b, draw.Src, nil)
	var out bytes.Buffer
	err := jpeg.Encode(&out, to, &jpeg.Options{Quality: quality})
	return out.Bytes(), err
}

// Keep keeps a photograph of a consignment; kept twice it is kept once.
func (t *Taken) Keep(tx *store.Tx, consignment, login string) error {
	_, err := tx.Exec(`INSERT INTO certificate_photo (consignment, hash, form, sealed, shown, shown_hash, login, taken_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (consignment, hash) DO NOTHING`,
		consignment, t.Hash, t.form, t.sealed, t.shown, canonical.Sum(t.shown), login, tx.Now())
	return err
}

// Photos lists the photographs of a consignment, oldest first.
func Photos(tx *store.Tx, consignment string) ([]Photo, error) {
	return store.Collect(tx, func(scan store.Scan) (p Photo, err error) {
		var hash []byte
		err = scan(&hash, &p.Form, &p.Login, store.ScanTime(&p.TakenAt))
		copy(p.Hash[:], hash)
		return p, err
	}, `SELECT hash, form, login, taken_at FROM certificate_photo WHERE consignment = $1 ORDER BY taken_at, hash`, consignment)
}

// Shown is the picture that pages show; Sealed the file as it came, with its form.
// Fault certificate.photo_unknown.
func Shown(tx *store.Tx, consignment string, hash canonical.Hash) ([]byte, error) {
	b, _, err := content(tx, "shown", consignment, hash)
	return b, err
}

// Sealed is the file as it came; see Shown.
func Sealed(tx *store.Tx, consignment string, hash canonical.Hash) (file []byte, form string, err error) {
	return content(tx, "sealed", consignment, hash)
}

func content(tx *store.Tx, column, consignment string, hash canonical.Hash) (file []byte, form string, err error) {
	type found struct {
		file []byte
		form string
	}
	all, err := store.Collect(tx, func(scan store.Scan) (f found, err error) {
		return f, scan(&f.file, &f.form)
	}, `SELECT `+column+`, form FROM certificate_photo WHERE consignment = $1 AND hash = $2`, consignment, hash)
	if err == nil && len(all) == 0 {
		err = fault.NotFound("certificate.photo_unknown", fault.Arg("consignment", consignment))
	}
	if err != nil {
		return nil, "", err
	}
	return all[0].file, all[0].form, nil
}
