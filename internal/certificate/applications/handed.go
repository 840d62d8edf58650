package applications

import (
	"context"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/exporting/annex"
	"adamas.example/internal/certificate/exporting/fields"
	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
)

// Upload is a paper that comes with an application.
type Upload struct {
	Name    string
	Content []byte
}

// Hand files an application that a program sends whole, with its papers: a new one, or
// one that mends the file named. The papers are all that the application has; what was
// filed with an earlier one stays filed with that. Who acts for no company is the office
// itself, which mends whose it likes. Faults: certificate.unknown_consignment, those of
// Sniff at the paper, certificate.attachment_large, certificate.attachments_many, those
// of exporting.Desk.Apply and Amend.
func (s *Service) Hand(ctx context.Context, w Who, mends string, a exporting.Application, papers []Upload, seen int64) (*consignment.Consignment, error) {
	kept, err := sniffed(w, papers)
	if err != nil {
		return nil, err
	}
	a.Attachments = nil
	for _, p := range kept {
		a.Attachments = append(a.Attachments, annex.Paper{Name: p.Name, SHA256: p.SHA256, Size: uint64(p.Size)})
	}
	o := exporting.Officer{ID: w.Login, Role: access.Exporter, Seen: seen}
	also := func(tx *store.Tx, c *consignment.Consignment) error {
		for _, p := range kept {
			if _, err := tx.Exec(`INSERT INTO certificate_blob (sha256, kind, content) VALUES ($1, $2, $3) ON CONFLICT (sha256) DO NOTHING`, p.SHA256, string(p.Kind), p.Content); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO certificate_attachment (holder, sha256, name, size, handed, at) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (holder, sha256) DO NOTHING`, c.ID, p.SHA256, p.Name, p.Size, p.By, tx.Now()); err != nil {
				return err
			}
		}
		return nil
	}
	if mends == "" {
		return s.cfg.Desk.ApplyFor(ctx, o, w.owner(), a, also)
	}
	if w.Company == "" {
		return s.cfg.Desk.Amend(ctx, mends, o, a, also)
	}
	return s.cfg.Desk.AmendFor(ctx, mends, o, w.owner(), a, also)
}

// sniffed holds papers against what is taken.
func sniffed(w Who, papers []Upload) (out []Paper, err error) {
	if len(papers) > annex.Most {
		return nil, fault.Conflict("certificate.attachments_many", fault.At("papers"), fault.Arg("most", annex.Most))
	}
	var faults fault.List
	for i, x := range papers {
		at := fault.At(fields.Each("papers", i))
		if len(x.Content) > annex.MostSize {
			faults.Add(fault.TooLarge("certificate.attachment_large", at, fault.Arg("most", annex.MostSize>>20)))
			continue
		}
		p := Paper{SHA256: canonical.Sum(x.Content), Name: fileName(x.Name), Size: int64(len(x.Content)), By: w.Name, Content: x.Content}
		if p.Kind, err = Sniff(p.Name, x.Content); err != nil {
			faults.Add(fault.Restate(err, at))
			continue
		}
		out = append(out, p)
	}
	return out, faults.Err()
}
