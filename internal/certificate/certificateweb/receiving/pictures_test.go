package receiving_test

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"adamas.example/internal/web"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
)

func TestPictures(t *testing.T) {
	if os.Getenv("PICTURES") == "" {
		t.Skip()
	}
	var all []*bundle.Bundle
	s := newScene(t, func(s *scene) {
		for i := range 6 {
			if i == 1 {
				all = append(all, s.certificate(facts(func(f *verify.Facts) {
					n := uint64(3)
					f.Parcels = &n
					f.ParcelList = []verify.Parcel{{Mark: "P1", Container: "1", Hundredths: 640, Stones: 12}, {Mark: "P2", Container: "1", Hundredths: 350}, {Mark: "P3", Container: "1", Hundredths: 250, Stones: 3}}
				})))
				continue
			}
			all = append(all, s.certificate())
		}
	})
	for _, b := range all[:5] {
		s.announce(b)
	}
	a := s.scan(all[0])
	f := form(t, s.get(a).body)
	f.Set("do", "confirm")
	done := s.post(a, f)
	screen := s.scan(all[1])
	wrong := s.scan(all[2])
	f = form(t, s.get(wrong).body)
	f.Set("carats", "12,10")
	f.Set("do", "dispute")
	f.Set("reason", "The weight differs from the certificate by more than the tolerance.")
	f.Set("note", "R-IMP-06: Measured 12.10 ct, on the certificate 12.40 ct")
	if p := s.post(wrong, f); p.code != 303 {
		t.Fatal(plain(p.body))
	}
	bare := s.scan(all[5])
	var files []file
	for i, b := range all {
		raw, _ := b.Encode()
		files = append(files, file{"certificate-" + string(rune('a'+i)) + ".adamas", raw})
	}
	files = append(files, file{"holiday.jpg", []byte("\xff\xd8\xff not")})
	batch := s.upload("/imports/batch", url.Values{}, files...).to
	blocked := func(w http.ResponseWriter, r *http.Request) {
		f := form(t, s.get(screen).body)
		f.Set("parcel_list[1].carats", "6.10")
		f.Set("do", "confirm")
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte(s.post(screen, f).body))
	}
	mux := http.NewServeMux()
	s.site.Register(mux)
	mux.Handle("/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Cookie", s.cookie)
		s.mux.ServeHTTP(w, r.WithContext(web.WithVisitor(r.Context(), s.visitor)))
	}))
	mux.HandleFunc("/blocked", blocked)
	ln, err := net.Listen("tcp", "127.0.0.1:18991")
	s.must(err)
	os.WriteFile(os.Getenv("PICTURES"), []byte("scan "+done.to+"\nscreen "+screen+"\ncase "+wrong+"/case\nbare "+bare+"\nbatch "+batch+"\ncases /imports/cases\nconfirmed /imports/lists/confirmed\ntransit /imports/transit\nblocked /blocked\n"), 0o600)
	go http.Serve(ln, mux)
	time.Sleep(240 * time.Second)
}
