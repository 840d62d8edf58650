package form

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

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

// Patience is how long what is sent may take to come: an answer after that would reach
// nobody (app/doors).
const Patience = 2 * time.Minute

// Within has the body of a request come within a time, or not to its end.
func Within(w http.ResponseWriter, patience time.Duration) error {
	err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(patience))
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

// Receive reads a form that was posted, with files or without. How much may come, the
// page has said (module.Page.Most). With a fault it gives what had come until then, so
// that what was typed before a file that is too large is not lost. Faults:
// web.form_large, web.form_files, web.form_broken.
func Receive(w http.ResponseWriter, r *http.Request) (*Sent, error) {
	return ReceiveFiles(w, r, mostFiles)
}

// ReceiveFiles is Receive with a bound of its own for the number of files.
func ReceiveFiles(w http.ResponseWriter, r *http.Request, most int) (*Sent, error) {
	out := &Sent{Values: url.Values{}, Files: map[string][]File{}}
	if err := Within(w, Patience); err != nil {
		return out, err
	}
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		if err := r.ParseForm(); err != nil {
			return out, broken(err)
		}
		out.Values = r.PostForm
		return out, nil
	}
	if err != nil {
		return out, broken(err)
	}
	fields, files := 0, 0
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, broken(err)
		}
		name, limit := part.FormName(), int64(mostField)
		if part.FileName() != "" {
			limit = 1 << 62 // the request's own bound holds
		}
		content, err := io.ReadAll(io.LimitReader(part, limit+1))
		switch {
		case err != nil:
			return out, fault.Locate(broken(err), fault.At(name))
		case int64(len(content)) > limit:
			return out, fault.TooLarge("web.form_large", fault.At(name), fault.Most(limit))
		case part.FileName() != "" && len(content) > 0:
			if files++; files > most {
				return out, fault.TooLarge("web.form_files", fault.At(name), fault.Arg("most", most))
			}
			out.Files[name] = append(out.Files[name], File{part.FileName(), content})
		case part.FileName() == "" && name != "":
			if fields++; fields > mostFields {
				return out, broken(errors.New("too many fields"))
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
		return fault.TooLarge("web.form_large", fault.Most(large.Limit), fault.Because(err))
	}
	return fault.Invalid("web.form_broken", fault.Because(err))
}
