package party

import (
	"io"
	"slices"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/period"
)

// Authority is who issues or receives for a Participant, as a source names it.
type Authority struct {
	Code      ident.ParticipantCode
	Name      string       // as the source writes it, in its language
	When      period.Range // as far as the source says; Min to Max where it does not
	Source    string
	Certainty Certainty
}

// ReadAuthorities reads authorities.csv.
func ReadAuthorities(name string, in io.Reader) ([]Authority, error) {
	return readTable(name, in, []string{"code", "name", "from", "until", "source", "certainty"}, func(row []string) (Authority, error) {
		a := Authority{Code: ident.ParticipantCode(row[0]), Name: row[1], Source: row[4], Certainty: Certainty(row[5])}
		var faults fault.List
		var err error
		faults.Add(checkCode("code", row[0]), checkSource(row[4], a.Certainty))
		if a.Name == "" {
			faults.Add(fault.Invalid("party.name", fault.At("name"), fault.Text("")))
		}
		a.When, err = spanOf(row[2], row[3])
		faults.Add(err)
		return a, faults.Err()
	})
}

// spanOf reads a first and a last day (day, month or year each; empty: unknown
// or still so). The last is the day from which it is no longer so.
func spanOf(from, until string) (period.Range, error) {
	r := period.Since(period.Min)
	if from != "" {
		first, err := span(from)
		if err != nil {
			return r, fault.Invalid("party.date", fault.At("from"), fault.Text(from))
		}
		r.From = first.From
	}
	if until != "" {
		last, err := span(until)
		if err != nil || last.From < r.From {
			return r, fault.Invalid("party.date", fault.At("until"), fault.Text(until))
		}
		r.Until = last.From
	}
	return r, nil
}

// Footnote is a flag of the published list of Participants, with its text.
type Footnote struct {
	Code      ident.ParticipantCode
	Mark      string // "*", "**"
	When      period.Range
	words     map[lang.Language]string
	Source    string
	Certainty Certainty
}

// In is the note in the reader's language.
func (f Footnote) In(l lang.Language) string { return inLanguage(f.words, l) }

// ReadFootnotes reads footnotes.csv.
func ReadFootnotes(name string, in io.Reader) ([]Footnote, error) {
	head := []string{"code", "mark", "from", "until", "en", "fr", "pt", "source", "certainty"}
	return readTable(name, in, head, func(row []string) (Footnote, error) {
		f := Footnote{Code: ident.ParticipantCode(row[0]), Mark: row[1], words: threeWords(row[4], row[5], row[6]), Source: row[7], Certainty: Certainty(row[8])}
		var faults fault.List
		var err error
		faults.Add(checkCode("code", row[0]), checkSource(row[7], f.Certainty))
		if slices.Contains([]string{row[1], row[4], row[5], row[6]}, "") {
			faults.Add(fault.Invalid("party.words", fault.At("code"), fault.Text(row[0])))
		}
		f.When, err = spanOf(row[2], row[3])
		faults.Add(err)
		return f, faults.Err()
	})
}

// Listing is what published lists say of a Participant or a former candidate.
type Listing struct {
	Code        ident.ParticipantCode
	Name        string // as the scheme's production export writes it
	Reports     bool   // stands in the public export of production figures
	Listed2003  bool   // on the list of 31 August 2003
	Dropped2003 bool   // dropped by the review of 31 July 2003
	Authority   *Authority
	Source      string // of the status of 2003; empty for who came later
}

// ReadListings reads participants.csv.
func ReadListings(name string, in io.Reader) ([]Listing, error) {
	head := []string{"iso2", "name", "reports_in_kp_production_export", "listed_2003_08_31", "dropped_2003_07_31", "authority_as_listed_2012", "source_authority", "source_2003"}
	return readTable(name, in, head, func(row []string) (Listing, error) {
		l := Listing{Code: ident.ParticipantCode(row[0]), Name: row[1], Reports: row[2] == "y", Listed2003: row[3] == "y", Dropped2003: row[4] == "y", Source: row[7]}
		var faults fault.List
		faults.Add(checkCode("iso2", row[0]))
		if l.Name == "" {
			faults.Add(fault.Invalid("party.name", fault.At("name"), fault.Text("")))
		}
		for i, field := range []string{"reports_in_kp_production_export", "listed_2003_08_31", "dropped_2003_07_31"} {
			if row[2+i] != "" && row[2+i] != "y" {
				faults.Add(fault.Invalid("party.yes", fault.At(field), fault.Text(row[2+i])))
			}
		}
		if (l.Listed2003 || l.Dropped2003) && l.Source == "" {
			faults.Add(fault.Invalid("party.source", fault.At("source_2003"), fault.Text("")))
		}
		if row[5] != "" {
			// The list of the US State Department, about 2012; it does not say since when.
			l.Authority = &Authority{Code: l.Code, Name: row[5], When: period.Range{From: period.Min, Until: period.MustDay(2013, 1, 1)}, Source: row[6], Certainty: Seen}
			faults.Add(checkSource(row[6], Seen))
		}
		return l, faults.Err()
	})
}

// ObserverKind is on whose part an observer speaks.
type ObserverKind string

// The kinds of observers (KPCS section I, Observer).
const (
	Industry     ObserverKind = "industry"
	CivilSociety ObserverKind = "civil_society"
	Independent  ObserverKind = "independent"
)

// Observer is who takes part without a vote: an observer, or a member of the
// coalition that is one.
type Observer struct {
	ID        string
	names     map[lang.Language]string
	Kind      ObserverKind
	Country   ident.CountryCode // of a national body, else empty
	PartOf    string            // ID of the observer through which it takes part, else empty
	Since     period.Range      // days on which it may have begun; empty where unknown
	Until     *period.Date      // first day it is no longer so
	Source    string
	Certainty Certainty
}

// Name is the observer's name in the reader's language.
func (o Observer) Name(l lang.Language) string { return inLanguage(o.names, l) }

// On tells whether it was an observer on the day; ok is false where the sources
// do not say.
func (o Observer) On(day period.Date) (observer, ok bool) {
	switch {
	case o.Until != nil && day >= *o.Until:
		return false, true
	case o.Since.Empty():
		return false, false
	case day < o.Since.From:
		return false, true
	}
	return day >= o.Since.Until.AddDays(-1), day >= o.Since.Until.AddDays(-1)
}

// ReadObservers reads observers.csv.
func ReadObservers(name string, in io.Reader) ([]Observer, error) {
	head := []string{"id", "name_en", "name_fr", "name_pt", "kind", "country", "part_of", "since", "until", "source", "certainty"}
	all, err := readTable(name, in, head, readObserver)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, o := range all {
		if known[o.ID] {
			return nil, fault.Invalid("party.twice", fault.File(name), fault.Text(o.ID))
		}
		known[o.ID] = true
	}
	for _, o := range all {
		if o.PartOf != "" && !known[o.PartOf] {
			return nil, fault.Invalid("party.observer", fault.File(name), fault.Record(o.ID), fault.At("part_of"), fault.Text(o.PartOf))
		}
	}
	return all, nil
}

func readObserver(row []string) (Observer, error) {
	o := Observer{ID: row[0], names: threeWords(row[1], row[2], row[3]), Kind: ObserverKind(row[4]), Country: ident.CountryCode(row[5]), PartOf: row[6],
		Source: row[9], Certainty: Certainty(row[10])}
	var faults fault.List
	faults.Add(checkSource(row[9], o.Certainty))
	if slices.Contains(row[:4], "") {
		faults.Add(fault.Invalid("party.words", fault.At("id"), fault.Text(row[0])))
	}
	if !slices.Contains([]ObserverKind{Industry, CivilSociety, Independent}, o.Kind) {
		faults.Add(fault.Invalid("party.observer", fault.At("kind"), fault.Text(row[4])))
	}
	if row[5] != "" {
		if _, err := ident.ParseCountry(row[5]); err != nil {
			faults.Add(fault.Invalid("party.code", fault.At("country"), fault.Text(row[5])))
		}
	}
	if row[7] != "" {
		since, err := span(row[7])
		if err != nil {
			faults.Add(fault.Invalid("party.date", fault.At("since"), fault.Text(row[7])))
		}
		o.Since = since
	}
	if row[8] != "" {
		until, err := span(row[8])
		if err != nil || until.From < o.Since.From {
			faults.Add(fault.Invalid("party.date", fault.At("until"), fault.Text(row[8])))
		}
		o.Until = &until.From
	}
	return o, faults.Err()
}
