package tlsca

import (
	"embed"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"adamas.example/internal/lang"
	"adamas.example/internal/web"
)

//go:embed page
var files embed.FS

// Addresses of the page and of the certificate. Both are also answered without https:
// who has not installed the certificate cannot use it yet.
const (
	PagePath = "/trust-this-office"
	FilePath = "/" + CertificateFile
)

// trust is what the page shows.
type trust struct {
	Fingerprint []string // four lines of four groups
	Until       string
	Hosts       []string
	File        string
	Secure      string // where the office is, once the certificate is installed
	Systems     []system
}

// system is how one kind of device takes the certificate.
type system struct {
	ID, Name, Where string
	Steps           []string
	Command         string // "" for none; what is typed is the same in every language
}

// systems lists them: words are trust.<name>, .where and .1, .2 ...
var systems = []struct{ id, command string }{
	{"windows", `certutil -addstore -f Root "%USERPROFILE%\Downloads\` + CertificateFile + `"`},
	{"windows_mmc", ""},
	{"debian", "sudo cp ~/Downloads/" + CertificateFile + " /usr/local/share/ca-certificates/ && sudo update-ca-certificates"},
	{"firefox", ""},
	{"android", ""},
}

// Register adds the page and the file. secure is where the office is reached by https
// ("https://bangui-pc:8443"), as seen from a request.
func (a *Authority) Register(mux *http.ServeMux, s *web.Site, secure func(*http.Request) string) error {
	view, err := web.Parse[trust](s, files, "page/trust.html", web.Options{})
	if err != nil {
		return err
	}
	mux.Handle("GET "+PagePath, web.Secure(s.Handle(func(w http.ResponseWriter, r *http.Request) error {
		p := s.Printer(r)
		return view.Render(w, r, p.T("trust.title", nil), a.page(p, secure(r)))
	})))
	mux.Handle("GET "+FilePath, web.Secure(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "application/x-x509-ca-cert") // by which Android and Windows know what to do with it
		h.Set("Content-Disposition", `attachment; filename="`+CertificateFile+`"`)
		h.Set("Cache-Control", "no-cache")
		w.Write(a.Certificate())
	})))
	return nil
}

// Lines are the fingerprint in lines of four groups, as a telephone shows it, too.
func (a *Authority) Lines() (out []string) {
	for line := range slices.Chunk(strings.Fields(a.Fingerprint()), 4) {
		out = append(out, strings.Join(line, " "))
	}
	return out
}

func (a *Authority) page(p *lang.Printer, secure string) trust {
	t := trust{Fingerprint: a.Lines(), Until: p.Time(a.Until()), Hosts: a.Hosts(), File: FilePath, Secure: secure}
	for _, s := range systems {
		key := "trust." + s.id
		next := system{ID: s.id, Name: p.T(key, nil), Where: p.T(key+".where", nil), Command: s.command}
		for n := 1; p.Has(key + "." + strconv.Itoa(n)); n++ {
			next.Steps = append(next.Steps, p.T(key+"."+strconv.Itoa(n), lang.Args{"file": CertificateFile}))
		}
		t.Systems = append(t.Systems, next)
	}
	return t
}
