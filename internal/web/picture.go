package web

import (
	"net/http"
	"strconv"
)

// SendPicture sends a picture that a page shows. Whoever may see it is asked each time:
// no cache keeps it, no other site shows it as its own, and opened by itself it does
// nothing.
func SendPicture(w http.ResponseWriter, media string, file []byte) error {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Length", strconv.Itoa(len(file)))
	w.Write(file) // a reader who has gone is no fault
	return nil
}
