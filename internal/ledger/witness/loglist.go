package witness

import (
	"bytes"
	"strings"

	"adamas.example/internal/fault"
)

const (
	maxListFile = 1 << 20 // bytes
	maxListLogs = 1024
)

// ParseLogList reads a witness's list of logs: one
//
//	log <vkey> [<origin>]
//
// a line, in the syntax of C2SP tlog-policy: lines end with a newline, fields
// are parted by spaces and tabs, lines that are empty or begin with # are
// skipped, and no other control character occurs anywhere. Without an origin,
// the key's name is the origin. Lines of one origin add up to one Log with
// several keys. Anything else is refused, and so is one raw key on two lines,
// whatever its names: a key speaks for one log.
//
// Logs come in the order of their first lines. Faults, each with its record
// (line number): witness.list_character, witness.list_line,
// witness.list_unended, witness.list_size, witness.origin, witness.log_key,
// witness.key_count, witness.key_twice.
func ParseLogList(file []byte) ([]Log, error) {
	if len(file) > maxListFile {
		return nil, fault.TooLarge("witness.list_size", fault.Arg("bytes", maxListFile), fault.Arg("logs", maxListLogs))
	}
	var list logList
	number := 0
	for len(file) > 0 {
		number++
		line, rest, ended := bytes.Cut(file, []byte("\n"))
		if !ended {
			return nil, fault.Invalid("witness.list_unended", fault.Record(number))
		}
		if err := list.add(string(line)); err != nil {
			return nil, fault.Locate(err, fault.Record(number))
		}
		file = rest
	}
	return list.logs, nil
}

// logList gathers lines: logs in order, and every raw key seen so far.
type logList struct {
	logs []Log
	seen []logKey
}

func (l *logList) add(line string) error {
	if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return fault.Invalid("witness.list_character")
	}
	fields := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
	if len(fields) == 0 || fields[0][0] == '#' {
		return nil
	}
	if fields[0] != "log" || len(fields) < 2 || len(fields) > 3 {
		return fault.Invalid("witness.list_line")
	}
	key, err := parseLogKey(fields[1])
	if err != nil {
		return err
	}
	origin := key.verifier.Name()
	if len(fields) == 3 {
		origin = fields[2]
	}
	for _, other := range l.seen {
		if other.pub == key.pub {
			return fault.Invalid("witness.key_twice", fault.Arg("vkey", key.vkey), fault.Arg("other", other.vkey))
		}
	}
	l.seen = append(l.seen, key)
	return l.put(origin, key.vkey)
}

func (l *logList) put(origin, vkey string) error {
	for i := range l.logs {
		if l.logs[i].Origin == origin {
			l.logs[i].VKeys = append(l.logs[i].VKeys, vkey)
			_, err := l.logs[i].parse()
			return err
		}
	}
	if len(l.logs) == maxListLogs {
		return fault.TooLarge("witness.list_size", fault.Arg("bytes", maxListFile), fault.Arg("logs", maxListLogs))
	}
	added := Log{Origin: origin, VKeys: []string{vkey}}
	if _, err := added.parse(); err != nil {
		return err
	}
	l.logs = append(l.logs, added)
	return nil
}
