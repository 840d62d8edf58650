package lang

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/BurntSushi/toml"
)

// Difference is one entry in which a language does not follow the English one.
type Difference struct {
	Language Language
	Key      string
	What     string // what is wrong, in English, for a test's report
}

// String is "fr fault.x: missing".
func (d Difference) String() string { return fmt.Sprintf("%s %s: %s", d.Language, d.Key, d.What) }

// Compare holds the French and Portuguese words of one module against the
// English ones: the same keys, the same placeholders, plural forms in all or in
// none, and no text the same as the English one unless text/same.toml says why. It
// answers with every difference, sorted, or with an error when a file cannot be
// used at all.
func Compare(fsys fs.FS) ([]Difference, error) {
	english, err := readTexts(fsys, English)
	if err != nil {
		return nil, err
	}
	reasons, err := readReasons(fsys)
	if err != nil {
		return nil, err
	}
	var found []Difference
	same := make(map[string]bool)
	for _, l := range Languages()[1:] {
		texts, err := readTexts(fsys, l)
		if err != nil {
			return nil, err
		}
		for _, key := range slices.Sorted(maps.Keys(english)) {
			other, ok := texts[key]
			if !ok {
				found = append(found, Difference{l, key, "missing"})
				continue
			}
			if equalWords(english[key], other) {
				same[key] = true
			}
			if what := compareText(english[key], other, reasons[key] != ""); what != "" {
				found = append(found, Difference{l, key, what})
			}
		}
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			if _, ok := english[key]; !ok {
				found = append(found, Difference{l, key, "not in English"})
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(reasons)) {
		if !same[key] {
			found = append(found, Difference{English, key, "text/same.toml excuses what needs no excuse"})
		}
	}
	return found, nil
}

// readReasons reads text/same.toml, which need not be there.
func readReasons(fsys fs.FS) (map[string]string, error) {
	const path = "text/same.toml"
	raw, err := fs.ReadFile(fsys, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	var reasons map[string]string
	if err := toml.Unmarshal(raw, &reasons); err != nil {
		return nil, fmt.Errorf("catalogue %s: %w", path, err)
	}
	for key, reason := range reasons {
		if strings.TrimSpace(reason) == "" {
			return nil, fmt.Errorf("catalogue %s: %q gives no reason", path, key)
		}
	}
	return reasons, nil
}

func compareText(english, other text, excused bool) string {
	switch {
	case english.plural() != other.plural():
		return "plural forms in one of the two only"
	case !slices.Equal(english.placeholders, other.placeholders):
		return fmt.Sprintf("placeholders %v, in English %v", other.placeholders, english.placeholders)
	case equalWords(english, other) && !excused:
		return "the same as the English text"
	}
	return ""
}

// equalWords reports two texts that are the same and have words at all: one of
// placeholders and signs alone is the same in every language.
func equalWords(a, b text) bool {
	return a.Other == b.Other && strings.ContainsFunc(placeholder.ReplaceAllString(a.Other, ""), unicode.IsLetter)
}

// placeholdersOf lists the names in a text, sorted, each once.
func placeholdersOf(s string) []string {
	var names []string
	for _, match := range placeholder.FindAllStringSubmatch(s, -1) {
		names = append(names, match[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Placeholders lists a module's English texts by key, each with the names of its
// placeholders, sorted.
func Placeholders(fsys fs.FS) (map[string][]string, error) {
	english, err := readTexts(fsys, English)
	if err != nil {
		return nil, err
	}
	names := make(map[string][]string, len(english))
	for key, t := range english {
		names[key] = t.placeholders
	}
	return names, nil
}
