package party

import (
	"io"
	"io/fs"
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/period"
	"adamas.example/internal/place"
)

// folder is where the published tables lie in data.FS, or in a folder with the
// same files.
const folder = "kp-documents"

// Scheme is what is published about the Kimberley Process and its Participants,
// each row with its source: the base of every register and view.
type Scheme struct {
	Register    *Register
	Formats     Formats
	Questions   []Question
	Observers   []Observer
	authorities []Authority
	footnotes   []Footnote
	listings    []Listing
}

// Load reads the tables in a file system that has them in the folder
// kp-documents (data.FS). choices names the readings that are gone by where
// sources disagree; nil leaves all open. Faults: those of the readers and of
// NewRegister.
func Load(fsys fs.FS, choices map[string]string) (*Scheme, error) {
	s := &Scheme{}
	sources, err := LoadSources(fsys)
	if err != nil {
		return nil, err
	}
	events, err := open(fsys, "standing.csv", ReadEvents)
	if err != nil {
		return nil, err
	}
	for i := range events {
		events[i].Source = sources.Named(events[i].Source)
	}
	if s.Register, err = NewRegister(events, choices); err != nil {
		return nil, err
	}
	if s.Questions, err = open(fsys, "questions.csv", ReadQuestions); err != nil {
		return nil, err
	}
	if s.Observers, err = open(fsys, "observers.csv", ReadObservers); err != nil {
		return nil, err
	}
	if s.authorities, err = open(fsys, "authorities.csv", ReadAuthorities); err != nil {
		return nil, err
	}
	if s.footnotes, err = open(fsys, "footnotes.csv", ReadFootnotes); err != nil {
		return nil, err
	}
	if s.listings, err = open(fsys, "participants.csv", ReadListings); err != nil {
		return nil, err
	}
	formats, err := open(fsys, "number_formats.csv", ReadFormats)
	if err != nil {
		return nil, err
	}
	s.Formats, err = NewFormats(formats)
	s.name(sources)
	return s, err
}

// Source is a mark that the tables use, and where what it stands for was read.
type Source struct{ Mark, Where string }

// ReadSources reads sources.csv.
func ReadSources(name string, in io.Reader) ([]Source, error) {
	return readTable(name, in, []string{"mark", "where"}, func(row []string) (Source, error) {
		if slices.Contains(row, "") {
			return Source{}, fault.Invalid("party.name", fault.At("where"), fault.Text(row[0]))
		}
		return Source{row[0], row[1]}, nil
	})
}

// Sources are what marks stand for.
type Sources []Source

// LoadSources reads them from data.FS. Faults: those of ReadSources.
func LoadSources(fsys fs.FS) (Sources, error) { return open(fsys, "sources.csv", ReadSources) }

// Named puts what a mark stands for beside it: "[S17]" is "[S17: fedlex ...]".
func (all Sources) Named(text string) string {
	for _, s := range all {
		text = strings.ReplaceAll(text, "["+s.Mark+"]", "["+s.Mark+": "+s.Where+"]")
	}
	return text
}

// name names the sources of all tables but that of events.
func (s *Scheme) name(sources Sources) {
	for i := range s.Observers {
		s.Observers[i].Source = sources.Named(s.Observers[i].Source)
	}
	for i := range s.authorities {
		s.authorities[i].Source = sources.Named(s.authorities[i].Source)
	}
	for i := range s.footnotes {
		s.footnotes[i].Source = sources.Named(s.footnotes[i].Source)
	}
	for code, f := range s.Formats.by {
		f.Source = sources.Named(f.Source)
		s.Formats.by[code] = f
	}
}

func open[T any](fsys fs.FS, name string, read func(string, io.Reader) ([]T, error)) ([]T, error) {
	f, err := fsys.Open(folder + "/" + name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return read(name, f)
}

// Profile is what is known of a Participant, or of one that was or would be.
type Profile struct {
	Code        ident.ParticipantCode
	Authorities []Authority // the newest knowledge first
	Footnotes   []Footnote
	Listing     *Listing // nil when no published list has it
	Format      Format
	FormatKnown bool
}

// Name is the Participant's name in the reader's language.
func (p Profile) Name(l lang.Language) string { return place.ParticipantName(p.Code, l.Tag()) }

// Profile gives what is known of a code on a day; false for one that no table
// names.
func (s *Scheme) Profile(code ident.ParticipantCode, on period.Date) (Profile, bool) {
	p := Profile{Code: code}
	for _, a := range s.authorities {
		if a.Code == code && a.When.Contains(on) {
			p.Authorities = append(p.Authorities, a)
		}
	}
	for i, l := range s.listings {
		if l.Code != code {
			continue
		}
		p.Listing = &s.listings[i]
		if l.Authority != nil {
			p.Authorities = append(p.Authorities, *l.Authority)
		}
	}
	for _, f := range s.footnotes {
		if f.Code == code && f.When.Contains(on) {
			p.Footnotes = append(p.Footnotes, f)
		}
	}
	p.Format, p.FormatKnown = s.Formats.For(code)
	return p, p.Listing != nil || len(s.Register.events[code]) > 0
}

// Territory is where a country belongs on a day: whose certificates are asked
// for there, and how that Participant stands.
type Territory struct {
	place.Territory
	Settled  bool // the sources leave no doubt about the day
	Standing Standing
}

// PlaceOn finds the Participant in whose territory a country lies on a day, and
// its standing by a list (place has the territories, this the standing). False:
// no Participant's territory, as far as is known.
func (r *Register) PlaceOn(adopter ident.ParticipantCode, country ident.CountryCode, on period.Date) (Territory, bool) {
	t, ok := place.TerritoryOf(country, on)
	if !ok {
		return Territory{}, false
	}
	return Territory{Territory: t, Settled: t.Settled(on), Standing: r.SeenBy(adopter, t.Participant, on)}, true
}

// QuestionNamed gives a question in words; false for a name that no table has.
func (s *Scheme) QuestionNamed(name string) (Question, bool) {
	i := slices.IndexFunc(s.Questions, func(q Question) bool { return q.Name == name })
	if i < 0 {
		return Question{Name: name}, false
	}
	return s.Questions[i], true
}
