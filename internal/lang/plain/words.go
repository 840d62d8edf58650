package plain

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"adamas.example/internal/ident"
	"adamas.example/internal/period"
)

// Words are some of one language's words with its forms and names, as a file holds
// them in JSON. lang.Printer.Plain makes them. They are safe for use by many at once;
// the zero value has no words and shows keys.
type Words struct {
	Language string `json:"language"`
	Form     `json:"form"`
	// Names are those of Participants and countries, by code.
	Names map[string]string `json:"names"`
	// Texts are by key, with placeholders {{.name}}; Counted are those with plural forms.
	Texts   map[string]string  `json:"texts"`
	Counted map[string]Counted `json:"counted"`
}

// Counted is a text with plural forms. Many is for whole millions and "" in English.
type Counted struct {
	One   string `json:"one"`
	Many  string `json:"many,omitempty"`
	Other string `json:"other"`
}

// Parse reads a file of words.
func Parse(file []byte) (*Words, error) {
	w := &Words{}
	if err := json.Unmarshal(file, w); err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	if w.Language == "" || w.Day == "" || w.Months[11] == "" || len(w.Names) == 0 || len(w.Texts) == 0 {
		return nil, errors.New("words: the file is not one of a language's words")
	}
	return w, nil
}

// File writes them: the same bytes for the same words.
func (w *Words) File() ([]byte, error) {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(w); err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	return []byte(out.String()), nil
}

// Has reports whether the key has words.
func (w *Words) Has(key string) bool {
	if _, ok := w.Texts[key]; ok {
		return true
	}
	_, ok := w.Counted[key]
	return ok
}

// T is the text of a key; the key itself when it has none.
func (w *Words) T(key string, args map[string]any) string {
	text, ok := w.Texts[key]
	if !ok {
		counted, ok := w.Counted[key]
		if !ok {
			return key
		}
		text = counted.form(w.ZeroIsOne, Count(args["count"]))
	}
	return w.fill(text, args)
}

// form chooses by the rules of CLDR 46 for whole numbers, which are the same in our
// languages but for zero and for whether millions have a form.
func (c Counted) form(zeroIsOne bool, n int64) string {
	switch {
	case n == 1, n == -1, n == 0 && zeroIsOne:
		return c.One
	case n != 0 && n%1_000_000 == 0 && c.Many != "":
		return c.Many
	}
	return c.Other
}

const opening, closing = "{{.", "}}"

// fill puts the arguments where their placeholders stand.
func (w *Words) fill(text string, args map[string]any) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, opening)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, closing)
		b.WriteString(Values(w, w.Form, []string{name}, args)[name])
		text = after
	}
}

// Show is a value in the language's form, as T shows an argument.
func (w *Words) Show(value any) string { return Show(w, w.Form, value) }

// Limit is a length of time in words: "60 days", "10 jours ouvrables".
func (w *Words) Limit(l period.Limit) string { return Limit(w, l) }

// Country is the country's name; the code itself when there is none.
func (w *Words) Country(c ident.CountryCode) string { return w.name(string(c)) }

// Participant is the Participant's name; the code itself when there is none.
func (w *Words) Participant(c ident.ParticipantCode) string { return w.name(string(c)) }

func (w *Words) name(code string) string {
	if name := w.Names[code]; name != "" {
		return name
	}
	return code
}
