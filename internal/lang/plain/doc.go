// Package plain speaks one language without the machines of package lang: how the
// language writes numbers, money and days, and a file of some of its words with the
// names of Participants and countries. It is for programs that travel, such as the
// verifier of a web page, where go-i18n, x/text and TOML would weigh more than all
// they say.
//
// # Invariant
//
// What a Words of a language says, that language's lang.Printer says too, sign for
// sign: the forms are the same code, and tests hold plurals, placeholders and names
// against go-i18n and x/text.
//
// Imports: fault, ident, measure, period and the standard library.
package plain
