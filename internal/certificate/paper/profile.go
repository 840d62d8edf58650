package paper

import (
	"fmt"
	"slices"
	"time"

	"github.com/BurntSushi/toml"

	"adamas.example/data"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/period"
)

// Stock is what lies in the printer.
type Stock string

// The stocks. On paper that is printed on already, frame, title and statutory sentence
// are there.
const (
	Plain      Stock = "plain"
	Preprinted Stock = "preprinted"
)

// Mixed is how mixed origin is printed (domain.md 2.6).
type Mixed string

// The ways: every country, or asterisks.
const (
	Countries Mixed = "countries"
	Asterisks Mixed = "asterisks"
)

// Farthest is how far a print may be moved, in millimetres: beyond, its codes leave the
// page.
const Farthest = 12

// Profile is how an office prints: what its Participant's profile says, and what the
// office itself adds.
type Profile struct {
	Language    lang.Language // the second one, beside English
	Stock       Stock
	DX, DY      float64                                                           // offset in millimetres on paper that is printed on already
	Left, Right []string                                                          // which fields stand in which column, in order
	Mixed       func(destination ident.ParticipantCode, issued period.Date) Mixed // how mixed origin is printed

	Site   string // in the codes: scheme and host, capitals; HTTPS://V.KP.EXAMPLE
	Office string // the office that prints, in words
}

// Source is where something in the table was found, and how sure that is.
type Source struct {
	Ref       string `toml:"ref"`
	Certainty string `toml:"certainty"` // seen, memory, inference
}

// Profiles is the table of how Participants print (data/paper/profiles.toml).
type Profiles struct {
	Profile []profileRow `toml:"profile"`
	Mixed   []mixedRow   `toml:"mixed"`
	Layout  []layoutRow  `toml:"layout"`
}

type profileRow struct {
	Participants []string `toml:"participants"` // ["*"]: any that has none of its own
	Second       string   `toml:"second"`
	Stock        Stock    `toml:"stock"`
	Right        float64  `toml:"right"` // offset in millimetres
	Down         float64  `toml:"down"`
	Layout       string   `toml:"layout"`
	Source       []Source `toml:"source"`
}

type mixedRow struct {
	Destinations []string  `toml:"destinations"`
	From         time.Time `toml:"valid-from"` // issued on or after; without it: ever
	Print        Mixed     `toml:"print"`
	Source       []Source  `toml:"source"`
}

type layoutRow struct {
	Name   string   `toml:"name"`
	Left   []string `toml:"left"`
	Right  []string `toml:"right"`
	Source []Source `toml:"source"`
}

const profilesFile = "paper/profiles.toml"

// LoadProfiles reads the table that the program carries.
func LoadProfiles() (*Profiles, error) {
	b, err := data.FS.ReadFile(profilesFile)
	if err != nil {
		return nil, err
	}
	return ReadProfiles(string(b))
}

// ReadProfiles reads a table and holds it: unknown keys, a language that there is not,
// a field that stands nowhere or twice, two rows for one Participant, a row without
// source.
func ReadProfiles(text string) (*Profiles, error) {
	var p Profiles
	meta, err := toml.Decode(text, &p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", profilesFile, err)
	}
	if keys := meta.Undecoded(); len(keys) > 0 {
		return nil, fmt.Errorf("%s: unknown key %s", profilesFile, keys[0])
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", profilesFile, err)
	}
	return &p, nil
}

func (p *Profiles) check() error {
	layouts, taken := map[string]bool{}, map[string]bool{}
	for _, l := range p.Layout {
		if layouts[l.Name] || l.Name == "" {
			return fmt.Errorf("layout %q stands twice or has no name", l.Name)
		}
		layouts[l.Name] = true
		all := slices.Sorted(slices.Values(slices.Concat(l.Left, l.Right)))
		if !slices.Equal(all, fieldNames()) {
			return fmt.Errorf("layout %s: it has %v, and each of %v stands once", l.Name, all, fieldNames())
		}
		if err := checkSources("layout "+l.Name, l.Source); err != nil {
			return err
		}
	}
	for _, r := range p.Profile {
		if !slices.Contains([]lang.Language{lang.English, lang.French, lang.Portuguese, lang.Brazilian}, lang.Language(r.Second)) || !layouts[r.Layout] || r.Stock != Plain && r.Stock != Preprinted ||
			!(max(r.Right, -r.Right, r.Down, -r.Down) <= Farthest) { // nan is no offset
			return fmt.Errorf("profile of %v: second %q, stock %q, layout %q, right %v, down %v: one of them is none", r.Participants, r.Second, r.Stock, r.Layout, r.Right, r.Down)
		}
		for _, code := range r.Participants {
			if taken[code] || !isCode(code) {
				return fmt.Errorf("profile: Participant %q stands twice or is none", code)
			}
			taken[code] = true
		}
		if err := checkSources("profile", r.Source); err != nil {
			return err
		}
	}
	if !taken["*"] {
		return fmt.Errorf("profile: none for %q", "*")
	}
	return p.checkMixed()
}

func (p *Profiles) checkMixed() error {
	ever := false
	for _, m := range p.Mixed {
		if m.Print != Countries && m.Print != Asterisks {
			return fmt.Errorf("mixed: %q is no way to print", m.Print)
		}
		for _, code := range m.Destinations {
			if !isCode(code) {
				return fmt.Errorf("mixed: %q is no Participant", code)
			}
			ever = ever || code == "*" && m.From.IsZero()
		}
		if err := checkSources("mixed", m.Source); err != nil {
			return err
		}
	}
	if !ever {
		return fmt.Errorf("mixed: none for %q at any time", "*")
	}
	return nil
}

func isCode(code string) bool {
	_, err := ident.ParseParticipant(code)
	return code == "*" || err == nil
}

func checkSources(what string, all []Source) error {
	for _, s := range all {
		if s.Ref != "" && slices.Contains([]string{"seen", "memory", "inference"}, s.Certainty) {
			return nil
		}
	}
	return fmt.Errorf("%s: no source with its certainty", what)
}

func fieldNames() []string {
	var names []string
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Of is the profile of a Participant.
func (p *Profiles) Of(code ident.ParticipantCode) Profile {
	out := Profile{Mixed: p.mixed}
	for _, r := range p.Profile {
		own := slices.Contains(r.Participants, string(code))
		if !own && (out.Language != "" || !slices.Contains(r.Participants, "*")) {
			continue
		}
		out.Language, out.Stock, out.DX, out.DY = lang.Language(r.Second), r.Stock, r.Right, r.Down
		for _, l := range p.Layout {
			if l.Name == r.Layout {
				out.Left, out.Right = l.Left, l.Right
			}
		}
		if own {
			break
		}
	}
	return out
}

// mixed is how mixed origin is printed on a certificate to a destination: its own row
// before that for all others, of each the latest that was valid on the day of issue.
func (p *Profiles) mixed(destination ident.ParticipantCode, issued period.Date) (out Mixed) {
	for _, who := range []string{string(destination), "*"} {
		var since period.Date
		for _, m := range p.Mixed {
			if from := m.since(); slices.Contains(m.Destinations, who) && from <= issued && (out == "" || from > since) {
				out, since = m.Print, from
			}
		}
		if out != "" {
			return out
		}
	}
	return out
}

// since is the first day of the row: the date as it is written, whatever the zone of
// the machine that reads it.
func (m mixedRow) since() period.Date {
	d, err := period.Parse(m.From.Format(time.DateOnly))
	if m.From.IsZero() || err != nil {
		return period.Min
	}
	return d
}
