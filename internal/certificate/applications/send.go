package applications

import (
	"context"
	"net/url"
	"slices"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/exporting/annex"
	"adamas.example/internal/fault"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
)

// Sending is what somebody declares who has read all of it.
type Sending struct {
	Version  int64       // of the draft that he read
	By       string      // who declares
	Warranty period.Date // day from which the text that he read is in force
	Seen     int64       // steps of the file that is mended, as he saw it; 0 for a new application
}

// Send files a draft: opens a file with it, or mends the one that was sent back. The
// draft is gone then. Faults: certificate.no_draft, certificate.draft_changed (somebody
// has typed since it was read), certificate.warranty_changed, those of
// exporting.Desk.Apply and Amend.
func (s *Service) Send(ctx context.Context, w Who, id string, x Sending) (*consignment.Consignment, error) {
	d, err := s.Draft(ctx, w, id)
	if err != nil {
		return nil, err
	}
	if d.Version != x.Version {
		return nil, d.changed()
	}
	r, err := s.Review(ctx, d)
	if err != nil {
		return nil, err
	}
	var wrong fault.List
	for _, part := range Parts() {
		if err := r.Wrong[part]; err != nil {
			wrong.Add(err)
		}
	}
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	text, ok, err := s.Warranty(r.Application.Destination)
	if err != nil {
		return nil, err
	}
	if ok && text.From != x.Warranty {
		return nil, fault.Conflict("certificate.warranty_changed")
	}
	a := r.Application
	a.Declaration = exporting.Declaration{By: x.By, Day: s.today(), Warranty: text.From}
	return s.file(ctx, w, d, a, x.Seen)
}

// file does it in one transaction, if the draft is still the one that was read.
func (s *Service) file(ctx context.Context, w Who, d *Draft, a exporting.Application, seen int64) (*consignment.Consignment, error) {
	o := exporting.Officer{ID: w.Login, Role: access.Exporter, Seen: seen}
	also := func(tx *store.Tx, c *consignment.Consignment) error {
		now, err := draftOf(tx, w, d.ID)
		if err != nil {
			return err
		}
		papers, err := attached(tx, d.ID)
		if err != nil {
			return err
		}
		if now.Version != d.Version || !same(papers, a.Attachments) {
			return now.changed()
		}
		if _, err := tx.Exec(`INSERT INTO certificate_attachment (holder, sha256, name, size, handed, at)
			SELECT CAST($2 AS TEXT), sha256, name, size, handed, at FROM certificate_attachment WHERE holder = $1 ON CONFLICT (holder, sha256) DO NOTHING`, d.ID, c.ID); err != nil {
			return err
		}
		return now.drop(tx)
	}
	if d.Mends != "" {
		return s.cfg.Desk.AmendFor(ctx, d.Mends, o, w.owner(), a, also)
	}
	return s.cfg.Desk.ApplyFor(ctx, o, w.owner(), a, also)
}

func (d *Draft) changed() error {
	return fault.Conflict("certificate.draft_changed", fault.Arg("by", d.EditedBy), fault.Arg("at", d.EditedAt))
}

func same(papers []Paper, filed []annex.Paper) bool {
	if len(papers) != len(filed) {
		return false
	}
	for i := range papers {
		if papers[i].SHA256 != filed[i].SHA256 || papers[i].Name != filed[i].Name {
			return false
		}
	}
	return true
}

// Mend begins to mend an application that was filed, or goes on where somebody of the
// company has begun; everything stands in it as it was sent, papers included. Faults:
// certificate.unknown_consignment, certificate.no_application, certificate.mend_late
// (its state lets nobody mend it), certificate.drafts_many.
func (s *Service) Mend(ctx context.Context, w Who, id string) (d *Draft, err error) {
	c, told, err := s.File(ctx, w, id)
	if err != nil {
		return nil, err
	}
	if !MayMend(c.State) {
		return nil, fault.Conflict("certificate.mend_late", fault.Arg("consignment", id), fault.Arg("state", c.State))
	}
	typed := map[Part]url.Values{}
	for name, all := range Flatten(*told.Application) {
		part := PartOf(name)
		if typed[part] == nil {
			typed[part] = url.Values{}
		}
		typed[part][name] = all
	}
	delete(typed, Word)
	err = s.write(ctx, func(tx *store.Tx) error {
		begun, err := drafts(tx, w.Company, `AND consignment = $2`, id)
		if err != nil {
			return err
		}
		if len(begun) > 0 {
			d = begun[0]
			return nil
		}
		if d, err = s.begin(tx, w, id, typed); err != nil {
			return err
		}
		for _, x := range told.Application.Attachments {
			if _, err := tx.Exec(`INSERT INTO certificate_attachment (holder, sha256, name, size, handed, at)
				SELECT CAST($2 AS TEXT), sha256, name, size, handed, at FROM certificate_attachment WHERE holder = $1 AND sha256 = $3`, id, d.ID, x.SHA256); err != nil {
				return err
			}
		}
		return nil
	})
	return d, err
}

// MayMend tells whether an exporter can mend an application in a state.
func MayMend(s consignment.State) bool { return may(s, consignment.Amend) }

func may(s consignment.State, act consignment.Act) bool {
	return slices.Contains(consignment.May(s, access.Exporter), act)
}

// Withdraw takes an application back. Faults: certificate.unknown_consignment, those of
// exporting.Desk.Withdraw.
func (s *Service) Withdraw(ctx context.Context, w Who, id string, seen int64, why string) (*consignment.Consignment, error) {
	if _, _, err := s.File(ctx, w, id); err != nil {
		return nil, err
	}
	return s.cfg.Desk.Withdraw(ctx, id, exporting.Officer{ID: w.Login, Role: access.Exporter, Seen: seen}, exporting.Reasons{Reason: why})
}

// File reads a file of the company's, or for who acts for none any file of an
// application. Faults: certificate.unknown_consignment, certificate.no_application,
// certificate.file_broken.
func (s *Service) File(ctx context.Context, w Who, id string) (*consignment.Consignment, *Filed, error) {
	if w.Company != "" {
		if err := s.read(ctx, func(tx *store.Tx) error { return consignment.Mine(tx, id, w.Company) }); err != nil {
			return nil, nil, err
		}
	}
	c, steps, err := s.cfg.Desk.Get(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	told, err := s.cfg.Desk.Tell(c, steps)
	if err != nil {
		return nil, nil, err
	}
	f := &Filed{Told: told, Steps: steps}
	err = s.read(ctx, func(tx *store.Tx) (err error) {
		if f.Owner, _, err = consignment.OwnerOf(tx, id); err != nil {
			return err
		}
		f.Papers, err = attached(tx, id)
		return err
	})
	return c, f, err
}

// Filed is a file with what stands around it.
type Filed struct {
	*exporting.Told
	Steps  []consignment.Step
	Owner  consignment.Owner
	Papers []Paper // of every application that the file has seen
}

// MayWithdraw tells whether an exporter can take an application back in a state.
func MayWithdraw(s consignment.State) bool { return may(s, consignment.Withdraw) }
