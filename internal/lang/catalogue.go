package lang

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
)

//go:embed text/*.toml
var ownText embed.FS

// Text is the folder of words of floor 0.
func Text() fs.FS { return ownText }

// Catalogue is the words of all modules in all languages.
type Catalogue struct {
	words map[Language]words
	first Language // spoken to whoever asks for a language that is not loaded
}

// words is one language. A bundle of one language and no more makes go-i18n
// report a missing key instead of answering in another language.
type words struct {
	localizer *i18n.Localizer
	texts     map[string]text
}

// text is one entry as it stands in a file.
type text struct {
	*i18n.Message
	placeholders []string // sorted, over all forms
}

var (
	keyForm     = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)*$`)
	placeholder = regexp.MustCompile(`\{\{\.([a-z0-9_]+)\}\}`)
)

// Load joins this package's words with those of the modules. Each file system
// holds text/en.toml, text/fr.toml and text/pt.toml. An entry that cannot be
// used, or one that two modules bring, is an error: a mistake in the program and
// not something a reader can mend.
func Load(modules ...fs.FS) (*Catalogue, error) { return load(Languages(), modules) }

// LoadOne is Load for one language alone, for a process that speaks to one reader
// and is soon over. A Printer of it speaks that language whatever it is asked for.
func LoadOne(l Language, modules ...fs.FS) (*Catalogue, error) {
	return load([]Language{l.catalogue()}, modules)
}

func load(languages []Language, modules []fs.FS) (*Catalogue, error) {
	c := &Catalogue{words: make(map[Language]words), first: languages[0]}
	for _, l := range languages {
		all := make(map[string]text)
		for _, fsys := range append([]fs.FS{ownText}, modules...) {
			texts, err := readTexts(fsys, l)
			if err != nil {
				return nil, err
			}
			for key, t := range texts {
				if _, twice := all[key]; twice {
					return nil, fmt.Errorf("catalogue %s: two modules bring %q", l, key)
				}
				all[key] = t
			}
		}
		if err := c.add(l, all); err != nil {
			return nil, err
		}
	}
	if p, ok := c.words[Portuguese]; ok {
		if err := c.add(Brazilian, p.texts); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *Catalogue) add(l Language, texts map[string]text) error {
	bundle := i18n.NewBundle(l.Tag())
	for _, t := range texts {
		if err := bundle.AddMessages(l.Tag(), t.Message); err != nil {
			return fmt.Errorf("catalogue %s: %w", l, err)
		}
	}
	c.words[l] = words{i18n.NewLocalizer(bundle, l.Tag().String()), texts}
	return nil
}

// readTexts reads and checks one file of words by key.
func readTexts(fsys fs.FS, l Language) (map[string]text, error) {
	path := "text/" + string(l) + ".toml"
	raw, err := fs.ReadFile(fsys, path)
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	file, err := i18n.ParseMessageFileBytes(raw, path, map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		return nil, fmt.Errorf("catalogue %s: %w", path, err)
	}
	texts := make(map[string]text, len(file.Messages))
	for _, m := range file.Messages {
		if _, twice := texts[m.ID]; twice {
			return nil, fmt.Errorf("catalogue %s: %q stands twice", path, m.ID)
		}
		t, err := checkText(m, l)
		if err != nil {
			return nil, fmt.Errorf("catalogue %s: %q %w", path, m.ID, err)
		}
		texts[m.ID] = t
	}
	return texts, nil
}

// checkText refuses an entry that would fail or surprise when it is used.
func checkText(m *i18n.Message, l Language) (text, error) {
	t := text{Message: m}
	if !keyForm.MatchString(m.ID) {
		return t, fmt.Errorf("is no key")
	}
	if m.Zero+m.Two+m.Few+m.LeftDelim+m.RightDelim != "" {
		return t, fmt.Errorf("has a form that none of our languages has")
	}
	if m.Other == "" {
		return t, fmt.Errorf("has no text")
	}
	if t.plural() {
		if m.One == "" || (m.Many == "") != (l == English) {
			return t, fmt.Errorf("has not the plural forms of %s", l)
		}
	}
	for _, form := range []string{m.One, m.Many, m.Other} {
		if rest := placeholder.ReplaceAllString(form, ""); strings.ContainsAny(rest, "{}") {
			return t, fmt.Errorf("holds a brace that is no placeholder {{.name}}")
		}
	}
	t.placeholders = placeholdersOf(m.One + m.Many + m.Other)
	return t, nil
}

func (t text) plural() bool { return t.One != "" || t.Many != "" }
