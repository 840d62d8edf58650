package form

import (
	"errors"
	"io"
	"net/http"
	"net/url"

	"adamas.example/internal/fault"
)

// Sent is a form with the files that came with it, in memory and bounded.
type Sent struct {
	Values url.Values
	Files  map[string][]File // by the name of the field
}

// File is one file. Name is what the sender calls it, and is shown and nothing else.
type File struct {
	Name    string
	Content []byte
}

// Bounds of a form with files.
const (
	mostField  = 64 << 10 // bytes of one field
	mostFields = 4000
	mostFiles  = 64
)

// Receive reads a form that was posted, with files or without. How much may come, the
// page has said (module.Page.Most). Faults: web.form_large, web.form_broken.
func Receive(r *http.Request) (*Sent, error) {
	out := &Sent{Values: url.Values{}, Files: map[string][]File{}}
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		if err := r.ParseForm(); err != nil {
			return nil, broken(err)
		}
		out.Values = r.PostForm
		return out, nil
	}
	if err != nil {
		return nil, broken(err)
	}
	fields, files := 0, 0
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, broken(err)
		}
		name, limit := part.FormName(), int64(mostField)
		if part.FileName() != "" {
			limit = 1 << 62 // the request's own bound holds
		}
		content, err := io.ReadAll(io.LimitReader(part, limit))
		if err != nil {
			return nil, broken(err)
		}
		switch {
		case part.FileName() != "" && len(content) > 0:
			if files++; files > mostFiles {
				return nil, fault.TooLarge("web.form_large", fault.At(name), fault.Arg("most", mostFiles))
			}
			out.Files[name] = append(out.Files[name], File{part.FileName(), content})
		case part.FileName() == "" && name != "":
			if fields++; fields > mostFields {
				return nil, broken(errors.New("too many fields"))
			}
			out.Values.Add(name, string(content))
		}
	}
}

// Contents are the files of one field.
func (s *Sent) Contents(name string) (out [][]byte) {
	for _, f := range s.Files[name] {
		out = append(out, f.Content)
	}
	return out
}

// broken is why a form could not be read to its end.
func broken(err error) error {
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.TooLarge("web.form_large", fault.Arg("most", large.Limit), fault.Because(err))
	}
	return fault.Invalid("web.form_broken", fault.Because(err))
}
