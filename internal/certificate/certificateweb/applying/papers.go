package applying

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"

	"adamas.example/internal/certificate/applications"
	"adamas.example/internal/certificate/exporting/annex"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/web/form"
	"adamas.example/verify/canonical"
)

// paperLine is a paper in a list.
type paperLine struct {
	Path, Name, Kind, Size, By, SHA256 string
	Remove                             string // "" where it cannot be taken out
}

func paperLines(p *lang.Printer, base string, all []applications.Paper, remove bool) (out []paperLine) {
	for _, x := range all {
		at := base + x.SHA256.String()
		line := paperLine{Path: at, Name: x.Name, Kind: p.T("apply.file."+string(x.Kind), nil), Size: p.T("apply.kilobytes", lang.Args{"kb": (x.Size + 1023) / 1024}),
			By: p.T("apply.edited", lang.Args{"by": x.By, "at": x.At}), SHA256: x.SHA256.String()}
		if remove {
			line.Remove = at + "/remove"
		}
		out = append(out, line)
	}
	return out
}

// addPapers puts the papers of a draft on the page.
func (c *counter) addPapers(r *http.Request, p *lang.Printer, who applications.Who, d *applications.Draft, f *form.Form, data *partPage) error {
	all, err := c.service.Attached(r.Context(), who, d.ID)
	if err != nil {
		return err
	}
	data.Papers = paperLines(p, draftPath(d.ID)+"/paper/", all, true)
	data.Upload = draftPath(d.ID) + "/paper"
	data.File = f.File("paper", "apply.f.paper", ".pdf,.jpg,.jpeg,.png,.xlsx").With(p.T("apply.f.paper.hint", lang.Args{"most": annex.Most, "size": annex.MostSize >> 20}))
	return nil
}

// takePaper adds a paper to a draft.
func (c *counter) takePaper(w http.ResponseWriter, r *http.Request) error {
	who, d, err := c.ask(r)
	if err != nil {
		return err
	}
	called, content, err := uploaded(r)
	if err == nil {
		_, err = c.service.Attach(r.Context(), who, d.ID, called, content)
	}
	if _, told := fault.Of(err); err != nil && (!told || fault.Is(err, "certificate.no_draft")) {
		return err
	}
	if err != nil {
		return c.renderPart(w, r, who, d, applications.Papers, d.Fields(applications.Papers), "", err)
	}
	return c.site.Go(w, r, partPath(d.ID, applications.Papers), "apply.said.attached")
}

// uploaded reads the one file of a form, and no more of it than is taken. Faults, at
// the field: certificate.attachment_missing, attachment_large.
func uploaded(r *http.Request) (name string, content []byte, err error) {
	missing := fault.Invalid("certificate.attachment_missing", fault.At("paper"))
	in, err := r.MultipartReader()
	if err != nil {
		return "", nil, missing
	}
	for {
		part, err := in.NextPart()
		if errors.Is(err, io.EOF) {
			return "", nil, missing
		}
		if err != nil {
			return "", nil, large(err)
		}
		if part.FormName() != "paper" {
			continue
		}
		_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		if err != nil || params["filename"] == "" {
			return "", nil, missing
		}
		b, err := io.ReadAll(io.LimitReader(part, annex.MostSize+1))
		return params["filename"], b, large(err)
	}
}

// large tells a body that was cut off for its length from one that broke off.
func large(err error) error {
	if _, cut := errors.AsType[*http.MaxBytesError](err); cut {
		return fault.TooLarge("certificate.attachment_large", fault.At("paper"), fault.Arg("most", annex.MostSize>>20))
	}
	if err != nil {
		return fault.Invalid("certificate.attachment_missing", fault.At("paper"), fault.Because(err))
	}
	return nil
}

func hashIn(r *http.Request) (h canonical.Hash, err error) {
	if err := h.UnmarshalText([]byte(r.PathValue("hash"))); err != nil {
		return h, fault.NotFound("certificate.no_attachment")
	}
	return h, nil
}

func (c *counter) removePaper(w http.ResponseWriter, r *http.Request) error {
	who, d, err := c.ask(r)
	if err != nil {
		return err
	}
	h, err := hashIn(r)
	if err != nil {
		return err
	}
	if err := c.service.Detach(r.Context(), who, d.ID, h); err != nil {
		return err
	}
	return c.site.Go(w, r, partPath(d.ID, applications.Papers), "apply.said.removed")
}

// sendPaper gives a paper back as it was handed in, to be kept and not to be shown: a
// browser that opened it here would do so in the name of the office.
func (c *counter) sendPaper(w http.ResponseWriter, r *http.Request) error {
	who, err := c.who(r)
	if err != nil {
		return err
	}
	h, err := hashIn(r)
	if err != nil {
		return err
	}
	x, err := c.service.Paper(r.Context(), who, r.PathValue("id"), h)
	if err != nil {
		return err
	}
	head := w.Header()
	head.Set("Content-Type", x.Kind.MediaType())
	head.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": x.Name}))
	head.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("Cache-Control", "no-store")
	head.Set("Content-Length", strconv.Itoa(len(x.Content)))
	_, err = io.Copy(w, bytes.NewReader(x.Content))
	return err
}
