package rule

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"adamas.example/internal/fault"
)

// Lengths in bytes: a text is read by people, a line is cited in a finding.
const (
	mostText = 4000
	mostLine = 400
	mostName = 40
)

// fold brings a text to the one form that is hashed: Unicode NFC, paragraphs
// parted by one empty line, single blanks within. So an editor that wraps lines
// anew changes nothing. No-break spaces are letters of French and stay.
func fold(s string) string {
	s = norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n"))
	var paragraphs []string
	for block := range strings.SplitSeq(s, "\n") {
		words := strings.FieldsFunc(block, isBlank)
		switch last := len(paragraphs) - 1; {
		case len(words) == 0:
			paragraphs = append(paragraphs, "")
		case last < 0 || paragraphs[last] == "":
			paragraphs = append(paragraphs, strings.Join(words, " "))
		default:
			paragraphs[last] += " " + strings.Join(words, " ")
		}
	}
	return strings.Join(strings.FieldsFunc(strings.Join(paragraphs, "\n"), func(r rune) bool { return r == '\n' }), "\n\n")
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' }

// foldLine is fold for what is one line: titles, labels, sources, bodies.
func foldLine(s string) string {
	return strings.Join(strings.FieldsFunc(norm.NFC.String(s), isBlank), " ")
}

// literal is fold for a value that is to be printed as it stands.
func literal(s string) string { return strings.TrimFunc(norm.NFC.String(s), isBlank) }

// goodLine refuses a line that is empty, too long, or holds what a reader
// cannot see: control and format characters, line ends.
func goodLine(s string, most int) *fault.Fault {
	if s == "" {
		return fault.Invalid("rule.empty")
	}
	if len(s) > most {
		return fault.TooLarge("rule.too_long", fault.Arg("most", most), fault.Arg("length", len(s)))
	}
	hidden := func(r rune) bool { return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) }
	if !utf8.ValidString(s) || strings.ContainsFunc(s, hidden) || literal(s) != s {
		return fault.Invalid("rule.hidden_characters", fault.Text(s))
	}
	return nil
}

// goodText is goodLine for each paragraph of a folded text.
func goodText(s string) *fault.Fault {
	if len(s) > mostText {
		return fault.TooLarge("rule.too_long", fault.Arg("most", mostText), fault.Arg("length", len(s)))
	}
	for paragraph := range strings.SplitSeq(s, "\n\n") {
		if f := goodLine(paragraph, mostText); f != nil {
			return f
		}
	}
	return nil
}

// isName reports lower-case words joined by hyphens, "serial-digits".
func isName(s string) bool {
	return joined(s, func(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' }) &&
		'a' <= s[0] && s[0] <= 'z'
}

// isRuleID reports upper-case words joined by hyphens, "R-VAL-01".
func isRuleID(s string) bool {
	return joined(s, func(r rune) bool { return 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' }) &&
		'A' <= s[0] && s[0] <= 'Z' && strings.Contains(s, "-")
}

func joined(s string, letter func(rune) bool) bool {
	if s == "" || len(s) > mostName {
		return false
	}
	for word := range strings.SplitSeq(s, "-") {
		if word == "" || strings.TrimFunc(word, letter) != "" {
			return false
		}
	}
	return true
}

// isCode reports a word or code as lists hold it: "7102.10", "carat_weight".
func isCode(s string) bool {
	ok := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '_' || r == '-'
	}
	return s != "" && len(s) <= mostName && strings.TrimFunc(s, ok) == ""
}
