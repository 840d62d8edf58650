// Package tomlline finds the line of each key of a TOML text. The TOML library
// tells lines only for syntax errors; who writes a file by hand wants one for
// every fault in it.
//
// Invariant, fuzzed: on every text the library accepts, each bare key, table and list
// element it finds has a line.
//
// Imports: the standard library only.
package tomlline

import (
	"strconv"
	"strings"
)

// Lines maps the path of each key, table and list element of a TOML text to
// the line it stands on, from 1.
//
// A path is "rule[2].param[0].name": keys parted by dots, list elements
// counted from 0.
type Lines map[string]int

// Scan reads a text the TOML library has accepted. On any other text it
// stops early and knows fewer places; it does not judge.
func Scan(text string) Lines {
	s := scanner{text: strings.TrimPrefix(text, "\ufeff"), line: 1, at: Lines{}, lists: map[string]int{}}
	for s.blank(true); s.pos < len(s.text); s.blank(true) {
		if s.peek() == '[' {
			s.header()
			continue
		}
		if !s.pair(s.table) {
			break
		}
	}
	return s.at
}

// Of is the line of path or, where that is not known, of what holds it.
func (l Lines) Of(path string) int {
	for path != "" {
		if line, ok := l[path]; ok {
			return line
		}
		path = Parent(path)
	}
	return 1
}

// Child is the path of a key in the table at path.
func Child(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// Element is the path of the i-th element of the list at path.
func Element(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// Parent is the path of what holds the key or element at path.
func Parent(path string) string {
	return path[:max(0, strings.LastIndexAny(path, ".["))]
}

type scanner struct {
	text  string
	pos   int
	line  int
	table string // path of the table the current header opened
	at    Lines
	lists map[string]int // arrays of tables: how many elements so far
}

func (s *scanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

func (s *scanner) next() byte {
	c := s.peek()
	if c == '\n' {
		s.line++
	}
	s.pos++
	return c
}

// blank skips blanks and, when told to, line ends and comments.
func (s *scanner) blank(lines bool) {
	for s.pos < len(s.text) {
		switch c := s.peek(); {
		case c == ' ' || c == '\t':
		case lines && (c == '\n' || c == '\r'):
		case lines && c == '#':
			for s.pos < len(s.text) && s.peek() != '\n' {
				s.pos++
			}
			continue
		default:
			return
		}
		s.next()
	}
}

// skip passes over c when it is there.
func (s *scanner) skip(c byte) bool {
	if s.peek() != c || s.pos >= len(s.text) {
		return false
	}
	s.next()
	return true
}

// header reads [a.b] or [[a.b]] and opens that table.
func (s *scanner) header() {
	s.next()
	list := s.skip('[')
	keys := s.keys()
	s.table = ""
	for i, key := range keys {
		path := Child(s.table, key)
		n, isList := s.lists[path]
		switch {
		case list && i == len(keys)-1:
			s.lists[path] = n + 1
			s.mark(path)
			path = Element(path, n)
		case isList:
			path = Element(path, n-1)
		}
		s.mark(path)
		s.table = path
	}
	for s.pos < len(s.text) && s.peek() != '\n' && s.peek() != '#' {
		s.pos++
	}
}

// mark notes the line of a path seen for the first time.
func (s *scanner) mark(path string) {
	if _, known := s.at[path]; !known {
		s.at[path] = s.line
	}
}

// pair reads "a.b = value" in the table at path; false when no progress can be
// made.
func (s *scanner) pair(path string) bool {
	start := s.pos
	keys := s.keys()
	for _, key := range keys {
		path = Child(path, key)
		s.mark(path)
	}
	s.blank(false)
	if len(keys) > 0 && s.skip('=') {
		s.value(path)
	}
	return s.pos > start
}

// keys reads a dotted key.
func (s *scanner) keys() []string {
	var keys []string
	for {
		s.blank(false)
		start := s.pos
		switch c := s.peek(); c {
		case '"', '\'':
			s.quoted()
			keys = append(keys, unquote(s.text[start:min(s.pos, len(s.text))]))
		default:
			for isBare(s.peek()) {
				s.pos++
			}
			if s.pos == start {
				return keys
			}
			keys = append(keys, s.text[start:s.pos])
		}
		s.blank(false)
		if !s.skip('.') {
			return keys
		}
	}
}

func isBare(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// unquote gives the key between quotes. A key with escapes stays as written:
// no key of the format needs one, so it is unknown under either name.
func unquote(s string) string {
	if len(s) < 2 {
		return s
	}
	return s[1 : len(s)-1]
}

// value reads the value of path and what lies in it.
func (s *scanner) value(path string) {
	s.blank(false)
	switch s.peek() {
	case '"', '\'':
		s.quoted()
	case '[':
		s.next()
		for i := 0; s.more(']'); i++ {
			s.mark(Element(path, i))
			start := s.pos
			s.value(Element(path, i))
			s.blank(true)
			if !s.skip(',') && s.pos == start {
				return
			}
		}
	case '{':
		s.next()
		for s.more('}') {
			if !s.pair(path) {
				return
			}
			s.blank(true)
			s.skip(',')
		}
	default:
		for s.pos < len(s.text) && !strings.ContainsRune(",]}#\n", rune(s.peek())) {
			s.pos++
		}
	}
}

// more reports that another element stands before the closing bracket, which
// it passes over when it comes.
func (s *scanner) more(closing byte) bool {
	s.blank(true)
	return s.pos < len(s.text) && !s.skip(closing)
}

// quoted passes over a string of one of the four kinds.
func (s *scanner) quoted() {
	quote := s.peek()
	triple := strings.Repeat(string(quote), 3)
	if strings.HasPrefix(s.text[s.pos:], triple) {
		s.pos += 3
		for s.pos < len(s.text) && !strings.HasPrefix(s.text[s.pos:], triple) {
			s.escaped(quote)
		}
		s.pos = min(s.pos+3, len(s.text))
		for range 2 { // a string may end in one or two quotes of its own
			s.skip(quote)
		}
		return
	}
	s.next()
	for s.pos < len(s.text) && s.peek() != quote && s.peek() != '\n' {
		s.escaped(quote)
	}
	s.skip(quote)
}

// escaped passes over one character, or a backslash and what it escapes.
func (s *scanner) escaped(quote byte) {
	if s.next() == '\\' && quote == '"' && s.pos < len(s.text) {
		s.next()
	}
}
