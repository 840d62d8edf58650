package specimen

import (
	"cmp"
	"slices"

	"adamas.example/internal/document/picture"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
)

// Eyes says who reads.
type Eyes int

// Who reads.
const (
	Public Eyes = iota
	Office      // somebody who holds the permission to see what is restricted
)

const columns = `k.id, k.participant, k.kind, k.name, k.from_day, k.until_day, k.features, k.source, k.restricted, k.entered_at, k.entered_by, COALESCE(k.replaces, ''),
	k.ended_at, COALESCE(k.ended_by, ''), COALESCE(k.ended_why, ''), COALESCE((SELECT MIN(r.id) FROM party_kept r WHERE r.replaces = k.id), '')`

func scanned(scan store.Scan) (s Specimen, err error) {
	var from, until, restricted int64
	var end End
	err = scan(&s.ID, &s.Participant, &s.Kind, &s.Name, &from, &until, &s.Features, &s.Source, &restricted, store.ScanTime(&s.EnteredAt), &s.EnteredBy, &s.Replaces,
		store.ScanTime(&end.At), &end.By, &end.Why, &s.Replaced)
	s.Restricted = restricted != 0
	s.Days = period.Since(period.Date(from))
	if d := period.Date(until); d < period.Max {
		s.Days = period.Days(period.Date(from), d)
	}
	if !end.At.IsZero() {
		s.Ended = &end
	}
	return s, err
}

// Get reads one that the office keeps. Fault party.no_specimen, for the public also where
// it is restricted.
func Get(tx *store.Tx, eyes Eyes, id ident.RecordID) (*Specimen, error) {
	found, err := store.Collect(tx, scanned, `SELECT `+columns+` FROM party_kept k WHERE k.id = $1`, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || found[0].Restricted && eyes == Public {
		return nil, fault.NotFound("party.no_specimen")
	}
	said, err := digests(tx, found[0].Participant)
	if err != nil {
		return nil, err
	}
	found[0].Pictures, err = pictures(tx, id, said)
	return &found[0], err
}

// pictures reads what is known of a specimen's pictures.
func pictures(tx *store.Tx, id ident.RecordID, said map[canonical.Hash]bool) ([]Picture, error) {
	return store.Collect(tx, func(scan store.Scan) (p Picture, err error) {
		var hash, content []byte
		err = scan(&p.N, &hash, &p.Media, &p.Size, &content)
		copy(p.Hash[:], hash)
		p.Stated, p.Pages = said[p.Hash], 1
		if p.Media == picture.PDF {
			p.Pages = len(picture.Pages(content, MostPictures))
		}
		return p, err
	}, `SELECT n, hash, media, size, CASE WHEN media = 'application/pdf' THEN content ELSE hash END FROM party_kept_picture WHERE kept = $1 ORDER BY n`, id)
}

// digests are those of pictures that a Participant's authority has signed.
func digests(tx *store.Tx, code ident.ParticipantCode) (map[canonical.Hash]bool, error) {
	all, err := stated.Specimens(tx, code)
	out := map[canonical.Hash]bool{}
	for _, s := range all {
		for _, p := range s.Pictures {
			out[p.Hash] = true
		}
	}
	return out, err
}

// Of lists what is known of a Participant's papers, also what counts no more: what its
// authority has stated and what the office keeps, by day. Without the eyes for it what is
// restricted is left out.
func Of(tx *store.Tx, eyes Eyes, code ident.ParticipantCode) ([]Specimen, error) {
	kept, err := store.Collect(tx, scanned, `SELECT `+columns+` FROM party_kept k WHERE k.participant = $1 ORDER BY k.from_day, k.id`, string(code))
	if err != nil {
		return nil, err
	}
	signed, err := stated.Specimens(tx, code)
	if err != nil {
		return nil, err
	}
	said := map[canonical.Hash]bool{}
	var out []Specimen
	for _, s := range signed {
		one := Specimen{Statement: s.Hash, Participant: code, Kind: Certificate, Name: s.Name, Days: s.Days, Features: s.Features, Source: s.Origin,
			Synthetic: s.Synthetic, EnteredAt: s.IssuedAt, EnteredBy: string(code) + "/authority"}
		for i, p := range s.Pictures {
			said[p.Hash] = true
			one.Pictures = append(one.Pictures, Picture{N: i + 1, Hash: p.Hash, Media: p.Media, Size: p.Size, Stated: true})
		}
		out = append(out, one)
	}
	for _, s := range kept {
		if s.Restricted && eyes == Public {
			continue
		}
		if s.Pictures, err = pictures(tx, s.ID, said); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b Specimen) int { return cmp.Compare(a.Days.From, b.Days.From) })
	return out, nil
}

// Holding is a Participant of whose papers something is known.
type Holding struct {
	Participant ident.ParticipantCode
	Specimens   []Specimen
	Restricted  bool // there is something that the reader does not see
}

// All lists everything, by Participant.
func All(tx *store.Tx, eyes Eyes) (out []Holding, err error) {
	codes, err := store.Collect(tx, func(scan store.Scan) (c ident.ParticipantCode, err error) { return c, scan(&c) },
		`SELECT participant FROM party_kept UNION SELECT participant FROM party_specimen ORDER BY 1`)
	for _, code := range codes {
		h := Holding{Participant: code}
		if h.Specimens, err = Of(tx, eyes, code); err != nil {
			return nil, err
		}
		if eyes == Public {
			var hidden int64
			if err := tx.QueryRow(`SELECT COUNT(*) FROM party_kept WHERE participant = $1 AND restricted = 1 AND ended_at IS NULL`, string(code)).Scan(&hidden); err != nil {
				return nil, err
			}
			h.Restricted = hidden > 0
		}
		if len(h.Specimens) > 0 || h.Restricted {
			out = append(out, h)
		}
	}
	return out, err
}

// On lists what a paper of a kind is held against: what counts and was in use on the
// day.
func On(tx *store.Tx, code ident.ParticipantCode, kind Kind, day period.Date) ([]Specimen, error) {
	all, err := Of(tx, Office, code)
	return slices.DeleteFunc(all, func(s Specimen) bool { return s.Ended != nil || s.Kind != kind || !s.Days.Contains(day) }), err
}

// Page gives one page of a picture as it is shown, a JPEG or PNG. Fault
// party.no_specimen, also for what these eyes may not see.
func Page(tx *store.Tx, eyes Eyes, id ident.RecordID, n, page int) (file []byte, media string, err error) {
	content, err := Original(tx, eyes, id, n)
	if err != nil {
		return nil, "", err
	}
	pages := picture.Pages(content, MostPictures)
	if page < 1 || page > len(pages) {
		return nil, "", fault.NotFound("party.no_specimen")
	}
	return pages[page-1], picture.Media(pages[page-1]), nil
}

// Original gives a picture as it came. Fault party.no_specimen.
func Original(tx *store.Tx, eyes Eyes, id ident.RecordID, n int) ([]byte, error) {
	if _, err := Get(tx, eyes, id); err != nil {
		return nil, err
	}
	all, err := originals(tx, id)
	if err == nil && (n < 1 || n > len(all)) {
		err = fault.NotFound("party.no_specimen")
	}
	if err != nil {
		return nil, err
	}
	return all[n-1], nil
}
