package firstrun

import (
	"context"
	"io"
	"mime/multipart"
	"net/http"

	"adamas.example/internal/app/node"
	"adamas.example/internal/app/setup"
	"adamas.example/internal/fault"
)

// take takes what the scheme has given, and starts the office when nothing is waited for.
func (s *Site) take(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseMultipartForm(mostSent); err != nil {
		return fault.Invalid("web.form_unreadable", fault.Arg("why", "not a form"), fault.Because(err))
	}
	defer r.MultipartForm.RemoveAll()
	o, err := setup.OfficeIn(s.Dir)
	if err != nil {
		return err
	}
	d, err := s.draft()
	if err != nil {
		return err
	}
	var started Started
	var refused error
	act := r.PostForm.Get("act")
	switch act {
	case "policy":
		refused = s.takePolicy(o, r.MultipartForm)
	case "root":
		refused = s.takeRoot(o, r.MultipartForm, r.PostForm.Get("fingerprint"))
	case "other_root":
		s.keepRoot(nil)
	case "start":
		if waits := o.Waits(); len(waits) > 0 {
			refused = fault.Conflict("setup.still_waits")
			break
		}
		if refused = s.passphraseTyped(r.Context(), r.PostForm.Get("passphrase")); refused == nil {
			started, refused = s.start(context.WithoutCancel(r.Context()))
		}
	}
	f := s.form(r, r.PostForm)
	if err := f.Refuse(named(refused)); err != nil {
		return err
	}
	if f.Wrong() {
		return s.askWaiting(w, r, fault.KindOf(refused).Status(), f)
	}
	if act == "start" {
		return s.showDone(w, r, started, d)
	}
	http.Redirect(w, r, "/set-up/waiting", http.StatusSeeOther)
	return nil
}

// sent reads the files of a field, in the order in which they were chosen.
func sent(m *multipart.Form, field string) (out [][]byte, err error) {
	for _, h := range m.File[field] {
		f, err := h.Open()
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(f)
		f.Close()
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	if len(out) == 0 {
		return nil, fault.Invalid("setup.no_file", fault.At(field))
	}
	return out, nil
}

func (s *Site) takePolicy(o *setup.Office, m *multipart.Form) error {
	all, err := sent(m, "policy")
	if err != nil {
		return err
	}
	return fault.Locate(o.TakePolicy(string(all[0])), fault.At("policy"), fault.File(node.PolicyFile))
}

// takeRoot keeps a root document that was sent until its fingerprint is typed, which has
// come another way.
func (s *Site) takeRoot(o *setup.Office, m *multipart.Form, typed string) error {
	s.mu.Lock()
	root := s.root
	s.mu.Unlock()
	if len(root) == 0 {
		all, err := sent(m, "root")
		if err != nil {
			return err
		}
		if _, _, err := setup.Fingerprint(all); err != nil {
			return err
		}
		s.keepRoot(all)
		return nil
	}
	if typed == "" {
		return empty("fingerprint")
	}
	err := o.TakeRoots(root, typed)
	if err == nil {
		s.keepRoot(nil)
	}
	return err
}

func (s *Site) keepRoot(root [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.root = root
}

// passphraseTyped takes the passphrase after a restart, when nobody has typed it yet.
func (s *Site) passphraseTyped(ctx context.Context, typed string) error {
	if !s.passphraseMissing() {
		return nil
	}
	o, err := setup.OfficeIn(s.Dir)
	if err != nil || o.Config.Synthetic {
		return err
	}
	if err := s.opens(ctx, typed); err != nil {
		return err
	}
	s.unlock(typed)
	return nil
}

func (s *Site) takeOver(ctx context.Context, d setup.Draft) error {
	return setup.TakeOver(ctx, s.Dir, d["from"], d["backup"], s.Schemas, s.Env.Now)
}
