package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"adamas.example/internal/lang"
)

// saidCookie carries one sentence from an act to the page that is shown after it.
const saidCookie = "said"

// mostSaid bounds the cookie: a sentence's key and a number or two.
const mostSaid = 1000

type said struct {
	Key  string            `json:"key"`
	Args map[string]string `json:"args,omitempty"`
}

// Go ends an act that was posted: the reader is sent on, so that loading the page again
// repeats nothing, and told there in one sentence what the act has come to. Arguments
// come in pairs of name and value, in words already. "" says nothing.
func (s *Site) Go(w http.ResponseWriter, r *http.Request, to, key string, pairs ...string) error {
	if key != "" {
		m := said{Key: key, Args: map[string]string{}}
		for i := 0; i+1 < len(pairs); i += 2 {
			m.Args[pairs[i]] = pairs[i+1]
		}
		b, err := json.Marshal(m)
		if err != nil {
			return err
		}
		if text := base64.RawURLEncoding.EncodeToString(b); len(text) <= mostSaid {
			http.SetCookie(w, &http.Cookie{Name: saidCookie, Value: text, Path: "/", MaxAge: 60, HttpOnly: true, SameSite: http.SameSiteStrictMode})
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// heard takes the sentence that an act has left, once. A cookie can be forged by who
// holds the browser: it names a sentence of the program, and its arguments are text.
func (s *Site) heard(w http.ResponseWriter, r *http.Request, p *lang.Printer) string {
	c, err := r.Cookie(saidCookie)
	if err != nil || len(c.Value) > mostSaid {
		return ""
	}
	http.SetCookie(w, &http.Cookie{Name: saidCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	var m said
	b, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || json.Unmarshal(b, &m) != nil || !strings.Contains(m.Key, ".said.") || !p.Has(m.Key) {
		return ""
	}
	args := lang.Args{}
	for name, text := range m.Args {
		args[name] = text
	}
	return p.T(m.Key, args)
}
