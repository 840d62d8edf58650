package receiving

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"adamas.example/internal/certificate/certificateweb/checking"
	"adamas.example/internal/certificate/certificateweb/desk"
	"adamas.example/internal/certificate/certificateweb/receiving/bulk"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/paper/camera"
	"adamas.example/internal/fault"
	"adamas.example/verify/bundle"
	"adamas.example/verify/pack"
)

// posted is a form with its files, in memory and bounded.
type posted struct {
	url.Values
	files []bulk.File
}

// mostField bounds a field that is typed or scanned, in bytes.
const mostField = 64 << 10

// patience is how long somebody may take to send a form.
const patience = time.Minute

// receive reads a form, with files or without. Faults: check.too_large, check.not_a_form.
func receive(w http.ResponseWriter, r *http.Request, most int64) (*posted, error) {
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	r.Body = http.MaxBytesReader(w, r.Body, most)
	out := &posted{Values: url.Values{}}
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		if err := r.ParseForm(); err != nil {
			return nil, broken(err)
		}
		out.Values = r.PostForm
		return out, nil
	}
	if err != nil {
		return nil, fault.Invalid("check.not_a_form", fault.Because(err))
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err == nil {
			err = out.take(part, most)
		}
		if err != nil {
			return nil, broken(err)
		}
	}
}

// mostFields bounds the fields of a form with files.
const mostFields = 2000

func (f *posted) take(part *multipart.Part, most int64) error {
	limit := int64(mostField)
	if part.FileName() != "" {
		limit = most
	}
	content, err := io.ReadAll(io.LimitReader(part, limit+1))
	switch {
	case err != nil:
		return err
	case int64(len(content)) > limit:
		return fault.TooLarge("check.too_large", fault.At(part.FormName()), fault.Arg("most", limit))
	case part.FileName() != "" && len(content) > 0:
		f.files = append(f.files, bulk.File{Name: part.FileName(), Content: content})
	case part.FileName() == "" && part.FormName() != "" && len(f.Values) < mostFields:
		f.Add(part.FormName(), string(content))
	}
	return nil
}

// broken is why a form could not be read to its end.
func broken(err error) error {
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.TooLarge("check.too_large", fault.At("file"), fault.Arg("most", large.Limit), fault.Because(err))
	}
	if _, ok := fault.Of(err); ok {
		return err
	}
	return fault.Invalid("check.not_a_form", fault.Because(err))
}

// one is a typed field as one line: what is filed has no line breaks in it.
func (f *posted) one(name string) string { return strings.Join(strings.Fields(f.Get(name)), " ") }

// codeStart is where a code's address begins in what a hand scanner has written: two
// codes one after the other may come without anything between them.
var codeStart = regexp.MustCompile(`(?i)https?://`)

// apart puts each code on a line of its own.
func apart(scanned string) string {
	return strings.TrimSpace(codeStart.ReplaceAllString(scanned, "\n$0"))
}

// handed takes a certificate from what was handed in: a file, a PDF, a photograph, or
// the text of codes. Faults: those of desk.Take and checking.Photographed.
func (c *counter) handed(ctx context.Context, p *pack.Pack, raw []byte) (*bundle.Bundle, importing.Read, error) {
	read := importing.ReadFile
	if camera.Is(raw) {
		select {
		case c.lens <- struct{}{}:
			defer func() { <-c.lens }()
		case <-ctx.Done():
			return nil, "", ctx.Err()
		}
		var err error
		if raw, err = checking.Photographed(ctx, raw); err != nil {
			return nil, "", err
		}
		read = importing.ReadPicture
	}
	in, err := desk.Take(p, raw)
	if err != nil {
		return nil, "", err
	}
	if in.Codes && read == importing.ReadFile {
		read = importing.ReadCode
	}
	return in.Bundle, read, nil
}
