package applications

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting/annex"
	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
)

// Paper is a paper that was handed in.
type Paper struct {
	SHA256  canonical.Hash
	Kind    FileKind
	Name    string
	Size    int64
	By      string
	At      time.Time
	Content []byte // only where one was asked for
}

const paperColumns = `a.sha256, b.kind, a.name, a.size, a.handed, a.at`

func scanPaper(scan store.Scan) (p Paper, err error) {
	var hash []byte
	err = scan(&hash, &p.Kind, &p.Name, &p.Size, &p.By, store.ScanTime(&p.At))
	copy(p.SHA256[:], hash)
	return p, err
}

func attached(tx *store.Tx, holder string) ([]Paper, error) {
	return store.Collect(tx, scanPaper, `SELECT `+paperColumns+` FROM certificate_attachment a JOIN certificate_blob b ON b.sha256 = a.sha256
		WHERE a.holder = $1 ORDER BY a.at, a.name, a.sha256`, holder)
}

// Attached lists the papers of a draft. Fault certificate.no_draft.
func (s *Service) Attached(ctx context.Context, w Who, id string) (out []Paper, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		if _, err := draftOf(tx, w, id); err != nil {
			return err
		}
		out, err = attached(tx, id)
		return err
	})
	return out, err
}

// Attach adds a paper to a draft. Faults: certificate.no_draft, those of Sniff,
// certificate.attachment_large, attachments_many, attachment_twice, attachment_name.
func (s *Service) Attach(ctx context.Context, w Who, id, name string, content []byte) (p Paper, err error) {
	if len(content) > annex.MostSize {
		return p, fault.TooLarge("certificate.attachment_large", fault.At(fileField), fault.Arg("most", annex.MostSize>>20))
	}
	p = Paper{SHA256: canonical.Sum(content), Name: fileName(name), Size: int64(len(content)), By: w.Name}
	if p.Kind, err = Sniff(p.Name, content); err != nil {
		return p, err
	}
	err = s.write(ctx, func(tx *store.Tx) error {
		d, err := draftOf(tx, w, id)
		if err != nil {
			return err
		}
		have, err := attached(tx, id)
		if err != nil {
			return err
		}
		if len(have) >= annex.Most {
			return fault.Conflict("certificate.attachments_many", fault.At(fileField), fault.Arg("most", annex.Most))
		}
		for _, x := range have {
			if x.SHA256 == p.SHA256 {
				return fault.Conflict("certificate.attachment_twice", fault.At(fileField), fault.Arg("name", x.Name))
			}
			if strings.EqualFold(x.Name, p.Name) {
				return fault.Conflict("certificate.attachment_name", fault.At(fileField), fault.Arg("name", p.Name))
			}
		}
		if _, err := tx.Exec(`INSERT INTO certificate_blob (sha256, kind, content) VALUES ($1, $2, $3) ON CONFLICT (sha256) DO NOTHING`, p.SHA256, string(p.Kind), content); err != nil {
			return err
		}
		p.At = tx.Now()
		_, err = tx.Exec(`INSERT INTO certificate_attachment (holder, sha256, name, size, handed, at) VALUES ($1, $2, $3, $4, $5, $6)`, id, p.SHA256, p.Name, p.Size, p.By, p.At)
		if err != nil {
			return err
		}
		return d.keep(tx, w)
	})
	return p, err
}

// Detach takes a paper out of a draft; what is filed stays filed. Fault
// certificate.no_draft.
func (s *Service) Detach(ctx context.Context, w Who, id string, h canonical.Hash) error {
	return s.write(ctx, func(tx *store.Tx) error {
		d, err := draftOf(tx, w, id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM certificate_attachment WHERE holder = $1 AND sha256 = $2`, id, h); err != nil {
			return err
		}
		if err := sweep(tx); err != nil {
			return err
		}
		return d.keep(tx, w)
	})
}

// sweep throws away what nobody holds any more.
func sweep(tx *store.Tx) error {
	_, err := tx.Exec(`DELETE FROM certificate_blob WHERE NOT EXISTS (SELECT 1 FROM certificate_attachment a WHERE a.sha256 = certificate_blob.sha256)`)
	return err
}

// Paper reads a paper of a draft or of a file. Who acts for no company is an officer,
// who reads those of every file and of no draft. Fault certificate.no_attachment.
func (s *Service) Paper(ctx context.Context, w Who, holder string, h canonical.Hash) (p Paper, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		if err := mayRead(tx, w, holder); err != nil {
			return err
		}
		found, err := store.Collect(tx, func(scan store.Scan) (p Paper, err error) {
			var hash []byte
			err = scan(&hash, &p.Kind, &p.Name, &p.Size, &p.By, store.ScanTime(&p.At), &p.Content)
			copy(p.SHA256[:], hash)
			return p, err
		}, `SELECT `+paperColumns+`, b.content FROM certificate_attachment a JOIN certificate_blob b ON b.sha256 = a.sha256 WHERE a.holder = $1 AND a.sha256 = $2`, holder, h)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.NotFound("certificate.no_attachment")
		}
		p = found[0]
		return nil
	})
	return p, err
}

func mayRead(tx *store.Tx, w Who, holder string) error {
	if w.Company == "" {
		_, err := consignment.Get(tx, holder)
		return hide(err)
	}
	if _, err := draftOf(tx, w, holder); err == nil || !fault.Is(err, "certificate.no_draft") {
		return err
	}
	return hide(consignment.Mine(tx, holder, w.Company))
}

func hide(err error) error {
	if fault.Is(err, "certificate.unknown_consignment") {
		return fault.NotFound("certificate.no_attachment")
	}
	return err
}

// mostName bounds a paper's name in bytes.
const mostName = 120

// fileName is the last part of a name as a browser sends it, without signs that do not
// print or that turn the direction of what follows; its end, which says the kind, stays.
func fileName(typed string) string {
	name := typed[strings.LastIndexAny(typed, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, !unicode.IsPrint(r), strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		}
		return r
	}, name)
	name = strings.TrimLeft(strings.TrimSpace(name), ".")
	if len(name) > mostName {
		end := name[max(strings.LastIndexByte(name, '.'), len(name)-6):]
		cut := name[:mostName-len(end)]
		for !utf8.ValidString(cut) {
			cut = cut[:len(cut)-1]
		}
		name = cut + strings.ToValidUTF8(end, "_")
	}
	if name == "" {
		return "_"
	}
	return name
}
