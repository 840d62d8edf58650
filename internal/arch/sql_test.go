package arch

import (
	"regexp"
	"slices"
	"strings"
)

// unknown stands in a statement for a part that is not text in the source.
const unknown = "§"

var (
	sqlNoise = regexp.MustCompile(`(?s)--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'`)
	sqlToken = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*|"[^"]*"|§|%[a-z]|[^\s]`)
	sqlName  = regexp.MustCompile(`^[A-Za-z_"]`)
	// sqlStart tells a statement from a sentence.
	sqlStart = regexp.MustCompile(`(?is)^\s*(select\s.*\sfrom\s|with\s+(recursive\s+)?\w+.*\sas\s|insert\s+(or\s+\w+\s+)?into\s|replace\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|(create|alter|drop)\s+(unique\s+|temp\s+|temporary\s+)?(table|index|view|trigger)\s|truncate\s)`)
	// sqlPart tells a part of a statement by its capitals.
	sqlPart = regexp.MustCompile(`\b(FROM|JOIN|INTO|UPDATE|TABLE|REFERENCES)\s+([a-z]|§|%|"|$)`)
)

// isSQL reports a text that is a statement or part of one.
func isSQL(text string) bool { return sqlStart.MatchString(text) || sqlPart.MatchString(text) }

// mention is a table, index, view or trigger that a text names.
type mention struct {
	name    string // unknown when the name is not in the text
	changes bool   // by more than reading
}

// statement walks over the words of SQL.
type statement struct {
	tokens   []string
	found    []mention
	withs    []string // names of common table expressions
	reading  bool     // begins with SELECT or WITH
	onTarget bool     // in CREATE INDEX or TRIGGER, before its ON
}

// mentions lists what a text names. It knows as much SQL as the portable subset
// of store has.
func mentions(text string) []mention {
	s := statement{tokens: sqlToken.FindAllString(sqlNoise.ReplaceAllString(text, " "), -1)}
	s.reading = s.is(0, "SELECT", "WITH")
	s.findWiths()
	for i := range s.tokens {
		s.visit(i)
	}
	return slices.DeleteFunc(s.found, func(m mention) bool { return slices.Contains(s.withs, m.name) })
}

func (s *statement) at(i int) string {
	if i < 0 || i >= len(s.tokens) {
		return ""
	}
	return s.tokens[i]
}

func (s *statement) is(i int, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, s.at(i)) })
}

// findWiths collects names that stand before "AS (" after WITH or a comma.
func (s *statement) findWiths() {
	for i := range s.tokens {
		if !s.is(i-1, "WITH", "RECURSIVE", ",") || !sqlName.MatchString(s.at(i)) {
			continue
		}
		next := i + 1
		if s.at(next) == "(" { // a list of columns
			for next < len(s.tokens) && s.at(next) != ")" {
				next++
			}
			next++
		}
		if !s.is(next, "AS") {
			continue
		}
		for s.is(next+1, "NOT", "MATERIALIZED") {
			next++
		}
		if s.at(next+1) == "(" {
			s.withs = append(s.withs, s.at(i))
		}
	}
}

func (s *statement) visit(i int) {
	switch {
	case s.is(i, "FROM"):
		if !s.is(i-1, "DISTINCT") {
			s.list(i+1, s.is(i-1, "DELETE"))
		}
	case s.is(i, "JOIN"):
		s.list(i+1, false)
	case s.is(i, "INTO"), s.is(i, "REFERENCES"):
		s.name(i+1, true)
	case s.is(i, "UPDATE"):
		if !s.is(i-1, "FOR", "DO", "ON", "OR", "BEFORE", "AFTER", "OF") {
			s.name(i+1, true)
		}
	case s.is(i, "TABLE", "INDEX", "VIEW", "TRIGGER") && s.is(i-1, "CREATE", "ALTER", "DROP", "UNIQUE", "TEMP", "TEMPORARY", "TRUNCATE"):
		s.onTarget = s.is(i, "INDEX", "TRIGGER") && !s.is(i-1, "DROP", "ALTER")
		s.name(i+1, true)
	case s.is(i, "ON") && s.onTarget:
		s.onTarget = false
		s.name(i+1, true)
	}
}

// name notes the name at i, past words that may stand before it.
func (s *statement) name(i int, changes bool) int {
	for s.is(i, "IF", "NOT", "EXISTS", "ONLY", "LATERAL", "CONCURRENTLY") {
		i++
	}
	token := s.at(i)
	switch {
	case token == "", token == unknown, strings.HasPrefix(token, "%"):
		s.found = append(s.found, mention{unknown, changes})
	case sqlName.MatchString(token):
		s.found = append(s.found, mention{strings.Trim(token, `"`), changes})
	}
	return i + 1
}

// list notes the names of a FROM or JOIN: a, b AS c, d e. A name before a bracket
// is a function and a bracket a subquery, which is walked over by itself.
func (s *statement) list(i int, changes bool) {
	for {
		if s.at(i) == "(" || s.at(i+1) == "(" && sqlName.MatchString(s.at(i)) {
			return
		}
		i = s.name(i, changes || !s.reading && s.at(0) == "")
		if s.is(i, "AS") {
			i++
		}
		if sqlName.MatchString(s.at(i)) && s.at(i+1) == "," {
			i++
		}
		if s.at(i) != "," {
			return
		}
		i++
	}
}
