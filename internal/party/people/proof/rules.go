package proof

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"adamas.example/internal/fault"
)

const (
	// Shortest is the least length of a password, in characters.
	Shortest = 12
	longest  = 1024 // bytes: what is longer is no password but a load
	enough   = 8    // characters that must be left when the commonest parts are taken out
	distinct = 5    // different characters at least
)

// commonest are what lists of leaked passwords begin with, in the languages of the
// offices, longest first. A few stop the guesses that are tried first; the lock-out
// stops the rest.
var commonest = [...]string{
	"1234567890", "123456789", "0987654321", "motdepasse", "qwertyuiop", "azertyuiop",
	"iloveyou", "bienvenue", "changeme", "diamonds", "diamants", "diamante", "kimberley", "password", "passw0rd", "p@ssw0rd",
	"12345678", "87654321", "qwerty", "azerty", "letmein", "welcome", "soleil", "bonjour", "benvindo", "palavra", "angola", "bangui",
	"doudou", "dragon", "monkey", "adamas", "secret", "admin", "senha", "abc123", "123456", "654321", "123123", "111111", "000000", "12345",
}

// CheckPassword refuses what is guessed first: a short one, one with the person's
// own name or login in it, one made of the commonest. It asks for no mixture of
// kinds of characters, which only makes people write them down (NIST SP 800-63B
// §5.1.1.2). own are login and name.
func CheckPassword(password string, own ...string) error {
	folded := strings.ToLower(string(prepared(password)))
	n := utf8.RuneCountInString(folded)
	if n < Shortest {
		return fault.Invalid("people.password_short", fault.At("password"), fault.Arg("least", Shortest))
	}
	if len(password) > longest {
		return fault.TooLarge("people.password_long", fault.At("password"), fault.Arg("most", longest))
	}
	for _, part := range parts(own) {
		if strings.Contains(folded, part) {
			return fault.Invalid("people.password_own", fault.At("password"))
		}
	}
	rest := folded
	for _, c := range commonest {
		rest = strings.ReplaceAll(rest, c, "")
	}
	if different(folded) < distinct || rest != folded && utf8.RuneCountInString(rest) < enough {
		return fault.Invalid("people.password_common", fault.At("password"))
	}
	return nil
}

// parts are the words of names that are long enough to be told from chance.
func parts(names []string) []string {
	var out []string
	for _, name := range names {
		words := strings.FieldsFunc(strings.ToLower(string(prepared(name))), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		out = append(out, words...)
	}
	return slices.DeleteFunc(out, func(s string) bool { return utf8.RuneCountInString(s) < 4 })
}

func different(s string) int {
	seen := make(map[rune]bool)
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}
