package store

import (
	"strconv"
	"strings"
)

// token is a piece of SQL text. code is false for comments and everything in
// quotes, which nobody may rewrite.
type token struct {
	text string
	code bool
}

// tokens cuts SQL text into words, single other characters, quoted pieces and
// comments; put together again they are the text.
func tokens(sql string) func(yield func(token) bool) {
	return func(yield func(token) bool) {
		for len(sql) > 0 {
			n, code := tokenLen(sql)
			if !yield(token{sql[:n], code}) {
				return
			}
			sql = sql[n:]
		}
	}
}

func tokenLen(sql string) (n int, code bool) {
	switch c := sql[0]; {
	case strings.HasPrefix(sql, "--"):
		return through(sql, 2, "\n"), false
	case strings.HasPrefix(sql, "/*"):
		return through(sql, 2, "*/"), false
	case c == '\'' || c == '"':
		return through(sql, 1, string(c)), false // '' inside is two neighbours
	case wordByte(c):
		for n = 1; n < len(sql) && wordByte(sql[n]); n++ {
		}
		return n, true
	}
	return 1, true
}

// through gives the length up to and including end, searched from position from;
// all of sql if it does not come.
func through(sql string, from int, end string) int {
	if i := strings.Index(sql[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(sql)
}

// wordByte: $ makes a placeholder one word.
func wordByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 ||
		'0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// placeholders is the highest n of the $n in a statement.
func placeholders(sql string) int {
	highest := 0
	for t := range tokens(sql) {
		if digits, ok := strings.CutPrefix(t.text, "$"); ok && t.code {
			if n, err := strconv.Atoi(digits); err == nil {
				highest = max(highest, n)
			}
		}
	}
	return highest
}

// aboutTransactions reports a statement that begins, ends or divides a
// transaction, by its first word.
func aboutTransactions(sql string) bool {
	for t := range tokens(sql) {
		word := strings.ToUpper(strings.TrimSpace(t.text))
		switch {
		case word == "", word == ";", strings.HasPrefix(word, "--"), strings.HasPrefix(word, "/*"):
			continue // may stand before it
		}
		switch word {
		case "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE":
			return true
		}
		return false
	}
	return false
}
