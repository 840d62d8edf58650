package pdf

import (
	"bytes"
	"strconv"
)

// What the dictionary of a stream is made of (ISO 32000-1 §7.3). Strings are read over:
// none is needed. Words, references too, are names without their slash.
type (
	name       string
	dictionary map[string]any
)

// mostDeep is how far dictionaries and lists are read into.
const mostDeep = 8

// parser reads one value from the front of b. nil is what is no value.
type parser struct {
	b   []byte
	at  int
	far int // how far it has looked, where it went back
}

// work is how much has been looked at.
func (p *parser) work() int { return max(p.at, p.far) }

const (
	blank     = "\x00\t\n\f\r "
	delimiter = "()<>[]{}/%"
)

// space goes past blanks and remarks.
func (p *parser) space() {
	for p.at < len(p.b) {
		switch c := p.b[p.at]; {
		case bytes.IndexByte([]byte(blank), c) >= 0:
			p.at++
		case c == '%':
			for p.at < len(p.b) && p.b[p.at] != '\n' && p.b[p.at] != '\r' {
				p.at++
			}
		default:
			return
		}
	}
}

func (p *parser) has(s string) bool {
	if !bytes.HasPrefix(p.b[p.at:], []byte(s)) {
		return false
	}
	p.at += len(s)
	return true
}

// value reads a dictionary, list, name, number or word.
func (p *parser) value(deep int) any {
	p.space()
	switch {
	case deep > mostDeep || p.at == len(p.b):
		return nil
	case p.has("<<"):
		return p.dict(deep)
	case p.has("["):
		return p.list(deep)
	case p.has("("):
		return p.text()
	case p.has("<"):
		return p.hex()
	case p.has("/"):
		return name(p.name())
	}
	return p.word()
}

func (p *parser) dict(deep int) any {
	d := dictionary{}
	for {
		p.space()
		if p.has(">>") {
			return d
		}
		if !p.has("/") {
			return nil
		}
		key := p.name()
		v := p.value(deep + 1)
		if v == nil {
			return nil
		}
		// A reference is two numbers and an R.
		if _, ok := v.(int); ok {
			mark := p.at
			second, third := p.value(deep+1), any(nil)
			if _, ok := second.(int); ok {
				third = p.value(deep + 1)
			}
			if third == name("R") {
				v = name("R")
			} else {
				p.far, p.at = p.work(), mark
			}
		}
		if _, twice := d[key]; twice {
			return nil // readers disagree about which counts
		}
		d[key] = v
	}
}

func (p *parser) list(deep int) any {
	l := []any{}
	for {
		p.space()
		if p.has("]") {
			return l
		}
		v := p.value(deep + 1)
		if v == nil {
			return nil
		}
		l = append(l, v)
	}
}

// text reads over a string in brackets, which may hold brackets in pairs.
func (p *parser) text() any {
	for open := 1; p.at < len(p.b); p.at++ {
		switch p.b[p.at] {
		case '\\':
			p.at++
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				p.at++
				return name("")
			}
		}
	}
	p.at = len(p.b)
	return nil
}

func (p *parser) hex() any {
	end := bytes.IndexByte(p.b[p.at:], '>')
	if end < 0 {
		p.at = len(p.b)
		return nil
	}
	p.at += end + 1
	return name("")
}

// regular reads what stands up to the next blank or delimiter.
func (p *parser) regular() []byte {
	from := p.at
	for p.at < len(p.b) && bytes.IndexByte([]byte(blank+delimiter), p.b[p.at]) < 0 {
		p.at++
	}
	return p.b[from:p.at]
}

// name reads a name, in which any byte may be written as # and two digits.
func (p *parser) name() string {
	raw := p.regular()
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] == '#' && i+2 < len(raw) {
			if v, err := strconv.ParseUint(string(raw[i+1:i+3]), 16, 8); err == nil {
				out = append(out, byte(v))
				i += 2
				continue
			}
		}
		out = append(out, raw[i])
	}
	return string(out)
}

// word reads a number, a reference's parts, true, false, null.
func (p *parser) word() any {
	raw := p.regular()
	if len(raw) == 0 {
		return nil
	}
	if n, err := strconv.Atoi(string(raw)); err == nil {
		return n
	}
	return name(raw)
}

// stream goes past the word that begins a stream's bytes and its end of line.
func (p *parser) stream() bool {
	p.space()
	if !p.has("stream") {
		return false
	}
	return p.has("\r\n") || p.has("\n") || p.has("\r")
}
