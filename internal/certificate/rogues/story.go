package rogues

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"adamas.example/internal/lang"
)

//go:embed testdata/rogues/*.toml
var embedded embed.FS

// Story is a rogue in words, and the answer that it must get.
type Story struct {
	ID string `toml:"-"` // name of its file, and of its forger

	Case   string `toml:"case"`   // documented case: source, as in domain.md; empty: none is documented
	Threat string `toml:"threat"` // row of docs/THREATS.md
	Place  int    `toml:"place"`  // in the gallery

	Outcome Outcome  `toml:"outcome"`
	Code    string   `toml:"code"`
	Reason  string   `toml:"reason"`
	Why     string   `toml:"why"`  // what the refusal of a file says, in part
	Also    []string `toml:"also"` // other checks that cannot pass with it, "code reason"

	Title words `toml:"title"`
	Told  words `toml:"story"` // what happens
	Did   words `toml:"did"`   // what the forger did, and what is put before the reader
}

// words are a text in each language.
type words map[lang.Language]string

// In gives the text in the reader's language.
func (w words) In(l lang.Language) string {
	if text, ok := w[l]; ok {
		return text
	}
	if l == lang.Brazilian {
		return w[lang.Portuguese]
	}
	return w[lang.English]
}

// Stories reads the gallery in its order.
func Stories() ([]Story, error) {
	files, err := fs.Sub(embedded, "testdata/rogues")
	if err != nil {
		return nil, err
	}
	return readStories(files)
}

func readStories(files fs.FS) ([]Story, error) {
	names, err := fs.Glob(files, "*.toml")
	if err != nil {
		return nil, err
	}
	var out []Story
	for _, name := range names {
		s := Story{ID: strings.TrimSuffix(path.Base(name), ".toml")}
		meta, err := toml.DecodeFS(files, name, &s)
		if err != nil {
			return nil, fmt.Errorf("rogues: %s: %w", name, err)
		}
		if unknown := meta.Undecoded(); len(unknown) > 0 {
			return nil, fmt.Errorf("rogues: %s: %s is no part of a story", name, unknown[0])
		}
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("rogues: %s: %w", name, err)
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Story) int { return cmp.Or(a.Place-b.Place, strings.Compare(a.ID, b.ID)) })
	return out, nil
}

func (s *Story) check() error {
	if s.Outcome != Invalid && s.Outcome != CannotTell && s.Outcome != Refused {
		return fmt.Errorf("outcome %q is no refusal", s.Outcome)
	}
	if s.Code == "" || s.Reason == "" {
		return fmt.Errorf("no code, or no reason")
	}
	for name, text := range map[string]words{"title": s.Title, "story": s.Told, "did": s.Did} {
		told := map[string]bool{}
		for _, l := range lang.Languages() {
			if text[l] == "" || told[text[l]] {
				return fmt.Errorf("%s: not told in %s", name, l)
			}
			told[text[l]] = true
		}
	}
	return nil
}
