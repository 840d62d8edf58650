// Package logs makes the log of a process that serves: one structured line for each
// event, for people (text) or for machines (JSON).
//
// What never stands in it: passphrases, tokens, cookies, and whatever people typed.
// Attributes of such names are withheld here, whoever wrote them; that paths are logged
// as their route and not as they were typed is package watch's.
//
// Imports: the standard library.
package logs

import (
	"io"
	"log/slog"
	"strings"
)

// New makes a logger. format is "json", anything else means text; level is debug,
// info, warn or error, anything else means info.
func New(w io.Writer, format, level string) *slog.Logger {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		least = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: least, ReplaceAttr: withhold}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// withheld are parts of names whose values are nobody's business.
var withheld = []string{"passphrase", "password", "secret", "token", "cookie", "authorization", "session", "otp"}

func withhold(_ []string, a slog.Attr) slog.Attr {
	name := strings.ToLower(a.Key)
	for _, w := range withheld {
		if strings.Contains(name, w) {
			return slog.String(a.Key, "withheld")
		}
	}
	return a
}
