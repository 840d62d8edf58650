package form

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"adamas.example/internal/fault"
)

func multi(t *testing.T, write func(*multipart.Writer)) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	write(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

// TestReceive: fields and files come apart; an empty file field is no file; what is too
// long or breaks off is a fault and never half a form.
func TestReceive(t *testing.T) {
	got, err := Receive(httptest.NewRecorder(), multi(t, func(w *multipart.Writer) {
		w.WriteField("name", "SYNTHETIC")
		for _, content := range []string{"one", "two", ""} {
			f, _ := w.CreateFormFile("scans", `C:\paper.png`)
			f.Write([]byte(content))
		}
	}))
	if err != nil || got.Values.Get("name") != "SYNTHETIC" || len(got.Contents("scans")) != 2 || string(got.Contents("scans")[1]) != "two" {
		t.Errorf("%+v %v", got, err)
	}
	plain := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("a=b&a=c"))
	plain.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if got, err := Receive(httptest.NewRecorder(), plain); err != nil || len(got.Values["a"]) != 2 {
		t.Errorf("%+v %v", got, err)
	}
	large := multi(t, func(w *multipart.Writer) {
		w.WriteField("why", "SYNTHETIC")
		f, _ := w.CreateFormFile("scans", "paper.png")
		f.Write(make([]byte, 5000))
	})
	large.Body = http.MaxBytesReader(httptest.NewRecorder(), large.Body, 1000)
	got, err = Receive(httptest.NewRecorder(), large)
	if f, ok := fault.Of(err); !ok || f.Key != "web.form_large" || f.Field != "scans" || got.Values.Get("why") != "SYNTHETIC" {
		t.Errorf("what was typed before a file that is too large: %+v %v", got, err)
	}
	cut := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb"))
	cut.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	if _, err := Receive(httptest.NewRecorder(), cut); !fault.Is(err, "web.form_broken") {
		t.Errorf("%v", err)
	}
	if _, err := Receive(httptest.NewRecorder(), multi(t, func(w *multipart.Writer) {
		for range mostFiles + 1 {
			f, _ := w.CreateFormFile("scans", "paper.png")
			f.Write([]byte("x"))
		}
	})); !fault.Is(err, "web.form_files") {
		t.Errorf("%v", err)
	}
	if _, err := Receive(httptest.NewRecorder(), multi(t, func(w *multipart.Writer) { w.WriteField("why", strings.Repeat("x", mostField+1)) })); !fault.Is(err, "web.form_large") {
		t.Errorf("%v", err)
	}
}
