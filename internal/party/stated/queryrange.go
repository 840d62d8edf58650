package stated

import (
	"cmp"
	"slices"
	"time"

	"adamas.example/internal/ident"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Range is numbers allotted to a station.
type Range struct {
	Stated
	Participant ident.ParticipantCode
	Office      ident.OfficeID
	Station     ident.StationID
	Digits      int
	First, Last uint64
	Offline     bool          // may issue before its log can be reached
	LogWithin   time.Duration // from issue to witnessed record
	Days        period.Range
}

// Numbers is how many numbers there are in it.
func (r Range) Numbers() uint64 { return r.Last - r.First + 1 }

// Number writes the certificate number of a serial.
func (r Range) Number(serial uint64) string {
	return (&statement.NumberRange{Participant: string(r.Participant), Digits: uint64(r.Digits)}).Number(serial)
}

// Overlaps tells whether a number lies in both.
func (r Range) Overlaps(o Range) bool {
	return r.Participant == o.Participant && r.Digits == o.Digits && r.First <= o.Last && o.First <= r.Last
}

// RangeFilter chooses ranges; empty fields choose all.
type RangeFilter struct {
	Participant ident.ParticipantCode
	Office      ident.OfficeID
	Station     ident.StationID
	Year        int // one of whose days lies in the range's
}

// Ranges gives the ranges that a filter chooses, by Participant, form and first
// number.
func Ranges(tx *store.Tx, f RangeFilter) ([]Range, error) {
	out, err := store.Collect(tx, scanRange, `SELECT `+rangeColumns+` WHERE ($1 = '' OR p.participant = $1) AND ($2 = '' OR p.office = $2)
		AND ($3 = '' OR p.station = $3)`, string(f.Participant), string(f.Office), string(f.Station))
	if f.Year != 0 {
		out = slices.DeleteFunc(out, func(r Range) bool { return r.Days.From.Year() > f.Year || r.Days.Until.AddDays(-1).Year() < f.Year })
	}
	slices.SortFunc(out, func(a, b Range) int {
		return cmp.Or(cmp.Compare(a.Participant, b.Participant), cmp.Compare(a.Digits, b.Digits), cmp.Compare(a.First, b.First), a.later(b.Stated))
	})
	return out, err
}

const rangeColumns = statedColumns + `, p.participant, p.office, p.station, p.digits, p.first, p.last, p.offline, p.log_within, p.from_day, p.until_day
	FROM party_range p JOIN party_statement s ON s.origin = p.origin AND s.hash = p.hash`

func scanRange(scan store.Scan) (r Range, err error) {
	var s statedScan
	var within, offline int64
	var from, until uint32
	err = scan(s.into(&r.Participant, &r.Office, &r.Station, &r.Digits, &r.First, &r.Last, &offline, &within, &from, &until)...)
	r.Stated, r.Offline, r.LogWithin = s.done(), offline != 0, time.Duration(within)*time.Second
	r.Days = period.Range{From: dayOf(from), Until: dayOf(until).AddDays(1)}
	return r, err
}

// RangesOf gives the ranges that hold a certificate number (R-CRT-03): none when
// it was never allotted, several when two overlap. Of which days they are, the
// caller looks at.
func RangesOf(tx *store.Tx, number ident.CertificateNumber) ([]Range, error) {
	form := ident.NumberFormat{Digits: len(number.Serial())}
	serial, err := form.Counter(number)
	if err != nil || form.Digits > 12 {
		return nil, nil // no number of a range
	}
	out, err := store.Collect(tx, scanRange, `SELECT `+rangeColumns+` WHERE p.participant = $1 AND p.digits = $2 AND p.first <= $3 AND p.last >= $3`,
		number.Participant(), form.Digits, serial)
	slices.SortFunc(out, func(a, b Range) int { return a.later(b.Stated) })
	return out, err
}

// RangeSum is how many numbers one station got for the days from some day of a
// year on.
type RangeSum struct {
	Participant ident.ParticipantCode
	Office      ident.OfficeID
	Station     ident.StationID
	Year        int
	Ranges      int
	Numbers     uint64
}

// SumRanges counts ranges and numbers for each station and year.
func SumRanges(ranges []Range) []RangeSum {
	sums := map[RangeSum]*RangeSum{}
	var out []RangeSum
	for _, r := range ranges {
		key := RangeSum{Participant: r.Participant, Office: r.Office, Station: r.Station, Year: r.Days.From.Year()}
		if sums[key] == nil {
			sums[key] = new(key)
		}
		sums[key].Ranges++
		sums[key].Numbers += r.Numbers()
	}
	for _, s := range sums {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b RangeSum) int { return cmp.Or(cmp.Compare(a.Station, b.Station), cmp.Compare(a.Year, b.Year)) })
	return out
}

// Overlapping gives the pairs of ranges that share numbers: one of the two was
// allotted by mistake. ranges are as Ranges gives them.
func Overlapping(ranges []Range) [][2]Range {
	var out [][2]Range
	for i, r := range ranges {
		for _, o := range ranges[i+1:] {
			if o.Participant != r.Participant || o.Digits != r.Digits || o.First > r.Last {
				break
			}
			out = append(out, [2]Range{r, o})
		}
	}
	return out
}

// Specimen is what a Participant's certificates look like.
type Specimen struct {
	Stated
	Participant ident.ParticipantCode
	Name        string
	Days        period.Range
	Features    string
	Pictures    []Picture
}

// Picture is a picture of a specimen, by its hash: some Participants show theirs
// to authorities only.
type Picture struct {
	Hash  canonical.Hash
	Media string
	Size  int64
}

// Specimens gives the specimens of a Participant, the newest statement of each
// name, in order of their first days.
func Specimens(tx *store.Tx, code ident.ParticipantCode) ([]Specimen, error) {
	all, err := store.Collect(tx, func(scan store.Scan) (p Specimen, err error) {
		var s statedScan
		var from, until uint32
		err = scan(s.into(&p.Participant, &p.Name, &from, &until, &p.Features)...)
		p.Stated, p.Days = s.done(), period.Range{From: dayOf(from), Until: dayOf(until).AddDays(1)}
		return p, err
	}, `SELECT `+statedColumns+`, p.participant, p.name, p.from_day, p.until_day, p.features FROM party_specimen p
		JOIN party_statement s ON s.origin = p.origin AND s.hash = p.hash WHERE p.participant = $1`, code)
	if err != nil {
		return nil, err
	}
	all = newest(all, func(p Specimen) string { return p.Name })
	for i := range all {
		all[i].Pictures, err = store.Collect(tx, func(scan store.Scan) (p Picture, err error) {
			var hash []byte
			err = scan(&hash, &p.Media, &p.Size)
			copy(p.Hash[:], hash)
			return p, err
		}, `SELECT blob, media, size FROM party_picture WHERE origin = $1 AND hash = $2 ORDER BY n`, all[i].Origin, all[i].Hash)
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(all, func(a, b Specimen) int { return cmp.Compare(a.Days.From, b.Days.From) })
	return all, nil
}

// SpecimensOn gives those in force on a day (KPCS II(d), R-CRT-08).
func SpecimensOn(tx *store.Tx, code ident.ParticipantCode, on period.Date) ([]Specimen, error) {
	all, err := Specimens(tx, code)
	return slices.DeleteFunc(all, func(s Specimen) bool { return !s.Days.Contains(on) }), err
}

// dayOf is a statement's day; one beyond the calendar is its last.
func dayOf(d uint32) period.Date { return period.Date(min(int64(d), int64(period.Max))) }

// Refused is a statement that does not count.
type Refused struct {
	Stated
	Type        statement.Type
	Participant string // that the issuer names
	Issuer      string
	Reason      string // words: party.refused.*
	Detail      string
}

// RefusedStatements lists what stands in the followed logs and does not count,
// newest first.
func RefusedStatements(tx *store.Tx) ([]Refused, error) {
	out, err := store.Collect(tx, func(scan store.Scan) (r Refused, err error) {
		var s statedScan
		err = scan(s.into(&r.Type, &r.Participant, &r.Issuer, &r.Reason, &r.Detail)...)
		r.Stated = s.done()
		return r, err
	}, `SELECT `+statedColumns+`, s.type, s.participant, s.issuer, s.refused, s.detail FROM party_statement s WHERE s.refused <> ''`)
	slices.SortFunc(out, func(a, b Refused) int { return b.later(a.Stated) })
	return out, err
}
