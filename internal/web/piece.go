package web

import (
	"net/url"

	"adamas.example/internal/lang"
)

// Mark is a status by its shape; words stand beside it always (style by shape and
// word first, colour second).
type Mark struct {
	Kind string // valid, tell, invalid, wait: of the colour
	Sign string
}

// The marks.
var (
	Valid   = Mark{"valid", "●"}
	Tell    = Mark{"tell", "▲"}
	Invalid = Mark{"invalid", "■"}
	Wait    = Mark{"wait", "◌"}
)

// Pages is the way to the pages before and after this one: {{template "pages" .}}.
type Pages struct {
	Earlier, Later           string // addresses; "" for none
	EarlierWords, LaterWords string
	Label                    string
}

// Newer makes Pages of a list whose newest stands first. Query values of the address
// are kept; an empty value leaves that way out.
func Newer(p *lang.Printer, u *url.URL, name, newer, older string) Pages {
	out := Pages{EarlierWords: p.T("web.newer", nil), LaterWords: p.T("web.older", nil), Label: p.T("web.pages", nil)}
	if newer != "" {
		out.Earlier = with(u, name, newer)
	}
	if older != "" {
		out.Later = with(u, name, older)
	}
	return out
}
