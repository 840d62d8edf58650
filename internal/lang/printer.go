package lang

import (
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"

	"adamas.example/internal/ident"
	"adamas.example/internal/lang/plain"
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
	form
	unbroken bool
	all      *Catalogue
}

// Printer for a language; English for one that does not exist.
func (c *Catalogue) Printer(l Language) *Printer {
	if _, ok := c.words[l]; !ok {
		l = c.first
	}
	return &Printer{language: l, words: c.words[l], form: forms[l], all: c}
}

// In is a printer of the same words in another language: for what is written to somebody
// else than the one who reads the page.
func (p *Printer) In(l Language) *Printer { return p.all.Printer(l) }

// Unbroken is the same printer for pages, where lines break at every space: French then
// has a no-break space before its high punctuation and inside its guillemets. A terminal
// and a log keep the plain space, for who searches them.
func (p *Printer) Unbroken() *Printer {
	q := *p
	q.unbroken = p.language == French
	return &q
}

var bind = strings.NewReplacer(" :", noBreak+":", " ;", noBreak+";", " ?", noBreak+"?", " !", noBreak+"!", " »", noBreak+"»", "« ", "«"+noBreak)

// set is a text as the printer sets it.
func (p *Printer) set(text string) string {
	if p.unbroken {
		return bind.Replace(text)
	}
	return text
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
type Keyed = plain.Keyed

// KeyedWith is a Keyed whose words have placeholders.
type KeyedWith = plain.KeyedWith

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
	data := plain.Values(p, p.form, entry.placeholders, args)
	config := &i18n.LocalizeConfig{MessageID: key, TemplateData: data, TemplateParser: parser}
	if entry.plural() {
		config.PluralCount = plain.Count(args["count"])
	}
	s, err := p.words.localizer.Localize(config)
	if err != nil {
		return key
	}
	return p.set(s)
}

// Show is a value in the language's form, as T shows an argument.
func (p *Printer) Show(value any) string { return plain.Show(p, p.form, value) }

// Country is the country's name.
func (p *Printer) Country(c ident.CountryCode) string { return place.CountryName(c, p.language.Tag()) }

// Participant is the Participant's name.
func (p *Printer) Participant(c ident.ParticipantCode) string {
	return place.ParticipantName(c, p.language.Tag())
}

// Plain takes the words whose keys begin with one of the prefixes, with the
// language's forms and the names of all Participants and countries, for a program
// that has no room for a Printer.
func (p *Printer) Plain(prefixes ...string) *plain.Words {
	w := &plain.Words{Language: string(p.language), Form: p.form, Names: map[string]string{}, Texts: map[string]string{}, Counted: map[string]plain.Counted{}}
	for key, t := range p.words.texts {
		switch {
		case !slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) }):
		case t.plural():
			w.Counted[key] = plain.Counted{One: p.set(t.One), Many: p.set(t.Many), Other: p.set(t.Other)}
		default:
			w.Texts[key] = p.set(t.Other)
		}
	}
	for c := range ident.Countries() {
		w.Names[string(c)] = p.Country(c)
	}
	w.Names[string(ident.EuropeanUnion)] = p.Participant(ident.EuropeanUnion)
	return w
}
