package applications

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/store"
)

// Part is a part of the form, which is one page.
type Part string

// The parts, in their order.
const (
	About  Part = "about"  // what is asked for, who applies, who exports
	Route  Part = "route"  // destination, consignee, carriage
	Goods  Part = "goods"  // parcels and tariff lines
	Origin Part = "origin" // what the weight rests on
	Papers Part = "papers" // attachments, and fields that the Participant adds
	Word   Part = "word"   // the declaration, made when the application is sent
)

// Parts lists those that are filled in one by one.
func Parts() []Part { return []Part{About, Route, Goods, Origin, Papers} }

var partOf = map[string]Part{
	"kind": About, "applicant": About, "exporter": About, "return_by": About, "follows": About,
	"destination": Route, "destination_office": Route, "consignee": Route, "carriage": Route,
	"parcels": Goods, "lines": Goods, "evidence": Origin, "additions": Papers, "attachments": Papers, "declaration": Word,
}

// PartOf finds the part in which a field stands, by its path; "" for none.
func PartOf(field string) Part {
	if i := strings.IndexAny(field, ".["); i >= 0 {
		field = field[:i]
	}
	return partOf[field]
}

// Typed is what was typed into a part, by whom and when.
type Typed struct {
	Version int64      `json:"version"`
	Name    string     `json:"name"`
	At      time.Time  `json:"at"`
	Fields  url.Values `json:"fields"`
}

// Draft is an application that is not yet sent.
type Draft struct {
	ID       string
	Company  string
	Mends    string // the file that it mends; "" for a new application
	Version  int64
	Parts    map[Part]Typed
	MadeBy   string
	MadeAt   time.Time
	EditedBy string
	EditedAt time.Time
}

// Fields is what was typed into a part.
func (d *Draft) Fields(p Part) url.Values {
	out := url.Values{}
	maps.Copy(out, d.Parts[p].Fields)
	return out
}

// What a company may keep.
const (
	mostDrafts = 100
	mostTyped  = 1 << 20 // bytes of all parts of a draft
)

const draftColumns = `id, company, consignment, version, parts, made_by, made_at, edited_by, edited_at`

func scanDraft(scan store.Scan) (*Draft, error) {
	d := &Draft{}
	var parts string
	if err := scan(&d.ID, &d.Company, &d.Mends, &d.Version, &parts, &d.MadeBy, store.ScanTime(&d.MadeAt), &d.EditedBy, store.ScanTime(&d.EditedAt)); err != nil {
		return nil, err
	}
	return d, json.Unmarshal([]byte(parts), &d.Parts)
}

// drafts reads a company's.
func drafts(tx *store.Tx, company, where string, args ...any) ([]*Draft, error) {
	return store.Collect(tx, scanDraft, `SELECT `+draftColumns+` FROM certificate_draft WHERE company = $1 `+where, append([]any{company}, args...)...)
}

func draftOf(tx *store.Tx, w Who, id string) (*Draft, error) {
	found, err := drafts(tx, w.Company, `AND id = $2`, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || w.Company == "" {
		return nil, fault.NotFound("certificate.no_draft")
	}
	return found[0], nil
}

// Drafts lists the company's, the last edited first.
func (s *Service) Drafts(ctx context.Context, w Who) (out []*Draft, err error) {
	err = s.read(ctx, func(tx *store.Tx) (err error) {
		out, err = drafts(tx, w.Company, `ORDER BY edited_at DESC, id LIMIT $2`, mostDrafts)
		return err
	})
	return out, err
}

// Draft reads one of the company's. Fault certificate.no_draft.
func (s *Service) Draft(ctx context.Context, w Who, id string) (d *Draft, err error) {
	err = s.read(ctx, func(tx *store.Tx) (err error) {
		d, err = draftOf(tx, w, id)
		return err
	})
	return d, err
}

func (s *Service) read(ctx context.Context, fn func(*store.Tx) error) error {
	return s.cfg.Store.Read(ctx, s.cfg.Now(), fn)
}

func (s *Service) write(ctx context.Context, fn func(*store.Tx) error) error {
	return s.cfg.Store.Write(ctx, s.cfg.Now(), fn)
}

// Start begins a new application with what the office knows of the company already:
// the person, and what stays the same from one application to the next, taken from the
// company's last one. Fault certificate.drafts_many.
func (s *Service) Start(ctx context.Context, w Who) (d *Draft, err error) {
	err = s.write(ctx, func(tx *store.Tx) error {
		typed, err := s.known(tx, w)
		if err != nil {
			return err
		}
		d, err = s.begin(tx, w, "", typed)
		return err
	})
	return d, err
}

// begin enters a draft.
func (s *Service) begin(tx *store.Tx, w Who, mends string, typed map[Part]url.Values) (*Draft, error) {
	var n int64
	if err := tx.QueryRow(`SELECT COUNT(*) FROM certificate_draft WHERE company = $1`, w.Company).Scan(&n); err != nil {
		return nil, err
	}
	if n >= mostDrafts {
		return nil, fault.Conflict("certificate.drafts_many", fault.Arg("most", mostDrafts))
	}
	id, err := ident.NewRecordID(tx.Now(), s.cfg.Entropy)
	if err != nil {
		return nil, err
	}
	d := &Draft{ID: string(id), Company: w.Company, Mends: mends, Version: 1, Parts: map[Part]Typed{}, MadeBy: w.Name, MadeAt: tx.Now(), EditedBy: w.Name, EditedAt: tx.Now()}
	for part, fields := range typed {
		d.Parts[part] = Typed{Version: 1, Name: w.Name, At: tx.Now(), Fields: fields}
	}
	parts, err := json.Marshal(d.Parts)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(`INSERT INTO certificate_draft (`+draftColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		d.ID, d.Company, d.Mends, d.Version, string(parts), d.MadeBy, d.MadeAt, d.EditedBy, d.EditedAt)
	return d, err
}

// known is what a new application begins with.
func (s *Service) known(tx *store.Tx, w Who) (map[Part]url.Values, error) {
	typed := map[Part]url.Values{About: {
		"kind": {"export"}, "applicant.name": {w.Name}, "applicant.acts_for": {w.Holder()},
		"exporter.name": {w.Holder()}, "exporter.licence.holder": {w.Holder()}, "exporter.licence.number": {w.Licence()},
	}}
	last, err := s.last(tx, w)
	if err != nil || last == nil {
		return typed, err
	}
	before := Flatten(*last)
	for name, all := range before {
		stays := strings.HasPrefix(name, "exporter.") || name == "applicant.address" || name == "applicant.acts_for"
		switch {
		case stays:
			typed[About].Set(name, all[0])
		case strings.HasPrefix(name, "consignee.") || strings.HasPrefix(name, "carriage."):
			if typed[Route] == nil {
				typed[Route] = url.Values{}
			}
			typed[Route].Set(name, all[0])
		}
	}
	return typed, nil
}

// Save keeps what was typed into a part, whatever is wrong with it. seen is the
// version of the part that the person had before him. Faults: certificate.no_draft,
// certificate.draft_moved (somebody else has typed into it meanwhile, with who and
// when), certificate.draft_large.
func (s *Service) Save(ctx context.Context, w Who, id string, part Part, seen int64, given url.Values) (d *Draft, err error) {
	fields := url.Values{}
	for name, all := range given {
		if PartOf(name) == part && len(all) > 0 && strings.TrimSpace(strings.Join(all, "")) != "" {
			fields[name] = all
		}
	}
	fields = compact(fields)
	err = s.write(ctx, func(tx *store.Tx) error {
		if d, err = draftOf(tx, w, id); err != nil {
			return err
		}
		was := d.Parts[part]
		if maps.EqualFunc(was.Fields, fields, slices.Equal) {
			return nil
		}
		if was.Version != seen {
			return fault.Conflict("certificate.draft_moved", fault.Arg("by", was.Name), fault.Arg("at", was.At))
		}
		d.Parts[part] = Typed{Version: was.Version + 1, Name: w.Name, At: tx.Now(), Fields: fields}
		return d.keep(tx, w)
	})
	return d, err
}

// keep writes a draft that was changed.
func (d *Draft) keep(tx *store.Tx, w Who) error {
	parts, err := json.Marshal(d.Parts)
	if err != nil {
		return err
	}
	if len(parts) > mostTyped {
		return fault.TooLarge("certificate.draft_large", fault.Most(mostTyped))
	}
	d.EditedBy, d.EditedAt = w.Name, tx.Now()
	d.Version++
	_, err = tx.Exec(`UPDATE certificate_draft SET version = $2, parts = $3, edited_by = $4, edited_at = $5 WHERE id = $1`, d.ID, d.Version, string(parts), d.EditedBy, d.EditedAt)
	return err
}

// Delete throws a draft away, with its papers. Fault certificate.no_draft.
func (s *Service) Delete(ctx context.Context, w Who, id string) error {
	return s.write(ctx, func(tx *store.Tx) error {
		d, err := draftOf(tx, w, id)
		if err != nil {
			return err
		}
		return d.drop(tx)
	})
}

func (d *Draft) drop(tx *store.Tx) error {
	if _, err := tx.Exec(`DELETE FROM certificate_attachment WHERE holder = $1`, d.ID); err != nil {
		return err
	}
	if err := sweep(tx); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM certificate_draft WHERE id = $1`, d.ID)
	return err
}

// last is the application that the company has filed last; nil for none.
func (s *Service) last(tx *store.Tx, w Who) (*exporting.Application, error) {
	files, _, err := consignment.Files(tx, consignment.Filter{Company: w.Company, Sort: "opened"}, 0, 1)
	if err != nil || len(files) == 0 || w.Company == "" {
		return nil, err
	}
	steps, err := consignment.File(tx, files[0].Consignment)
	if err != nil {
		return nil, err
	}
	told, err := s.cfg.Desk.Tell(files[0].Consignment, steps)
	if err != nil {
		return nil, err
	}
	return told.Application, nil
}

// Files lists what the company has filed, or for who acts for none what everybody has.
func (s *Service) Files(ctx context.Context, w Who, f consignment.Filter, from, limit int) (out []consignment.Owned, count int64, err error) {
	f.Company = w.Company
	err = s.read(ctx, func(tx *store.Tx) (err error) {
		out, count, err = consignment.Files(tx, f, from, limit)
		return err
	})
	return out, count, err
}
