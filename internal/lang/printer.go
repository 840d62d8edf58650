package lang

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"

	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/place"
)

// Args are the values of a text's placeholders, by name. Values of floor 0
// types, whole numbers and times take the language's form; "count" chooses the
// plural form.
type Args = map[string]any

// Printer speaks one language.
type Printer struct {
	language Language
	words    words
	form     form
}

// Printer for a language; English for one that does not exist.
func (c *Catalogue) Printer(l Language) *Printer {
	if _, ok := c.words[l]; !ok {
		l = c.first
	}
	return &Printer{l, c.words[l], forms[l]}
}

// Keys lists the keys that begin with prefix, sorted.
func (p *Printer) Keys(prefix string) []string {
	var out []string
	for key := range p.words.texts {
		if strings.HasPrefix(key, prefix) {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// Language the printer speaks.
func (p *Printer) Language() Language { return p.language }

// parser makes a text without a value an error rather than "<no value>"; T sees
// to it that every placeholder has one.
var parser = &template.TextParser{Option: "missingkey=error"}

// Keyed is a value that has words of its own in the catalogue, one key for each
// thing in it. T and Show write it as those words, with commas.
type Keyed interface{ TextKeys() []string }

// KeyedWith is a Keyed whose words have placeholders.
type KeyedWith interface {
	Keyed
	TextArgs() map[string]any
}

// Has reports whether the key has words.
func (p *Printer) Has(key string) bool {
	_, ok := p.words.texts[key]
	return ok
}

// T is the text of a key. A key without text is shown as it is, and so is the
// name of a placeholder without argument, in braces: faults of the program that
// tests find, and no reason to show nothing.
func (p *Printer) T(key string, args Args) string {
	entry, ok := p.words.texts[key]
	if !ok {
		return key
	}
	data := make(map[string]string, len(entry.placeholders))
	for _, name := range entry.placeholders {
		if value, given := args[name]; given {
			data[name] = p.Show(value)
		} else {
			data[name] = "{" + name + "}"
		}
	}
	config := &i18n.LocalizeConfig{MessageID: key, TemplateData: data, TemplateParser: parser}
	if entry.plural() {
		config.PluralCount = count(args["count"])
	}
	s, err := p.words.localizer.Localize(config)
	if err != nil {
		return key
	}
	return s
}

// count makes any whole number fit for choosing a plural form.
func count(value any) int64 {
	switch n := value.(type) {
	case int:
		return int64(n)
	case int64:
		return n
	case uint64:
		// The form depends on whether n is 0 or 1 and on n mod a million.
		const most = 1_000_000_000
		return int64(min(n, most+n%1_000_000))
	case int32:
		return int64(n)
	}
	return 0
}

// Show is a value in the language's form, as T shows an argument.
func (p *Printer) Show(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int:
		return p.Number(int64(v))
	case int32:
		return p.Number(int64(v))
	case int64:
		return p.Number(v)
	case uint64:
		return p.form.number(fmt.Sprint(v))
	case measure.Carats:
		return p.Carats(v)
	case measure.USD:
		return p.USD(v)
	case measure.Money:
		return p.Money(v)
	case period.Date:
		return p.Date(v)
	case period.Quarter:
		return p.Quarter(v)
	case period.Half:
		return p.Half(v)
	case period.Limit:
		return p.Limit(v)
	case time.Time:
		return p.Time(v)
	case ident.CertificateNumber:
		return v.Display()
	case ident.CountryCode:
		return p.Country(v)
	case ident.ParticipantCode:
		return p.Participant(v)
	case []string:
		return strings.Join(v, ", ")
	case Keyed:
		var parts []string
		var args Args
		if with, ok := v.(KeyedWith); ok {
			args = with.TextArgs()
		}
		for _, key := range v.TextKeys() {
			parts = append(parts, p.T(key, args))
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(value)
}

// Country is the country's name.
func (p *Printer) Country(c ident.CountryCode) string { return place.CountryName(c, p.language.Tag()) }

// Participant is the Participant's name.
func (p *Printer) Participant(c ident.ParticipantCode) string {
	return place.ParticipantName(c, p.language.Tag())
}
