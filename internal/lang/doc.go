// Package lang puts things into words: English, French and Portuguese.
//
// Each module brings its words as text/en.toml, text/fr.toml and text/pt.toml in
// an embedded folder; those of floor 0 (faults of ident, measure, period and
// place) are in this package's own. Load joins them into one Catalogue, and a
// Printer speaks one language from it.
//
// # Catalogues
//
// A key is lower-case words with dots, quoted so that it stays one key:
//
//	"fault.measure.negative" = "{{.text}} is less than nothing."
//
//	["certificate.count"]
//	one   = "{{.count}} certificate"
//	other = "{{.count}} certificates"
//
// A placeholder is {{.name}} and nothing more: no template logic in words. A
// text with plural forms is chosen by the argument "count"; English has the
// forms one and other, French and Portuguese one, many and other, where many is
// for whole millions: "1 000 000 de certificats". Portuguese counts as in
// Portugal and Angola, where 0 is plural; a reader who asks for pt-BR gets the
// same words with Brazil's plurals, numbers and names of countries.
//
// A text that is rightly the same as the English one stands in text/same.toml
// with the reason:
//
//	"role.public" = "the same word"
//
// Compare holds the three languages against each other; a test in arch calls it
// for every folder of words. At run time a missing key shows itself and nothing
// panics.
//
// # Forms
//
// Numbers, weights, money and dates have one form in each language, also when
// they are arguments of a text: 1,234.50 in English, 1 234,50 in French and
// Portuguese, 1.234,50 in Brazil, with no-break spaces. They are written from
// whole numbers here and not by x/text, whose formatter goes through floating
// point; a test compares the two where that does no harm.
//
// Package plain below holds the forms, and speaks a language from a file of words
// that a Printer wrote (Plain), for programs that have no room for this one.
//
// Printers are safe for use by many at once.
//
// Imports: floor 0 to its left, go-i18n, golang.org/x/text, BurntSushi/toml.
package lang
