package exchange_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/peer"
	"adamas.example/verify/message"
)

// TestMail: written for the reader's language, read whole, as attachment, and
// forwarded; and it says nothing of what it carries.
func TestMail(t *testing.T) {
	for language, words := range map[string]string{"en": "It is encrypted", "fr": "Il est chiffré", "pt": "Está cifrada"} {
		t.Run(language, func(t *testing.T) {
			s := onSQLite(t)
			ae := s.open("AE/dubai", peer.Peer{Participant: "CF", Mail: "kp@bangui.example", Language: "fr"})
			cf := s.open("CF/bangui", peer.Peer{Office: "AE/dubai", Mail: "kp@dubai.example", Language: language})
			d, number, _ := s.advice("AE/dubai")
			id := cf.put(d)
			dir := t.TempDir()
			out, err := cf.WriteMail(t.Context(), dir, "kp@bangui.example", "")
			if err != nil || len(out) != 1 || out[0].Fault != nil {
				t.Fatalf("%+v %v", out, err)
			}
			b, err := os.ReadFile(out[0].File)
			if err != nil {
				t.Fatal(err)
			}
			letter(t, b, words)
			secretFree(t, dir, number, "advice", "Advice", "shipment")
			forwarded := fmt.Appendf(nil, "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nvoir ci-joint\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n--x--\r\n", b)
			for name, file := range map[string][]byte{"whole.eml": b, "forwarded.eml": forwarded, "bare.eml": []byte(strings.ReplaceAll(string(b), "\r\n", "\n"))} {
				path := filepath.Join(t.TempDir(), name)
				if err := os.WriteFile(path, file, 0o600); err != nil {
					t.Fatal(err)
				}
				came, err := ae.Read(t.Context(), true, path)
				if err != nil || len(came) != 1 || came[0].Message == nil || came[0].Message.ID != id {
					t.Errorf("%s: %+v %v", name, came, err)
				}
			}
			if len(*ae.got) != 1 || ae.inbox()[0].Carrier != exchange.Mail {
				t.Errorf("handled %d", len(*ae.got))
			}
			// The acknowledgement goes back by mail.
			out, err = ae.WriteMail(t.Context(), dir, "kp@dubai.example", "")
			if err != nil || len(out) != 1 {
				t.Fatalf("%+v %v", out, err)
			}
			if _, err := cf.Read(t.Context(), true, out[0].File); err != nil {
				t.Fatal(err)
			}
			if m := cf.sent(id); m.State != exchange.Acknowledged {
				t.Errorf("%+v", m)
			}
		})
	}
}

// letter reads a mail with the standard library's reader and holds what people see.
func letter(t *testing.T, b []byte, words string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []string{"From", "To"} {
		if _, err := m.Header.AddressList(h); err != nil {
			t.Errorf("%s: %v", h, err)
		}
	}
	if _, err := m.Header.Date(); err != nil {
		t.Error(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || !strings.HasPrefix(subject, "SYNTHETIC: ") || !strings.Contains(subject, "AE/dubai") {
		t.Errorf("subject %q %v", subject, err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	text, err := parts.NextPart() // undoes quoted-printable
	if err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(text)
	if err != nil || !strings.Contains(string(said), words) || !strings.HasPrefix(string(said), "SYNTHETIC") {
		t.Errorf("text %q %v", said, err)
	}
	attached, err := parts.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(attached.FileName(), exchange.Suffix) {
		t.Errorf("attachment %q", attached.FileName())
	}
	for line := range strings.Lines(string(b)) {
		if len(line) > 200 {
			t.Fatalf("a line of %d characters", len(line))
		}
	}
}

// TestNoMail: files that hold no message are told by name, and stop no others.
func TestNoMail(t *testing.T) {
	s := onSQLite(t)
	ae, cf := s.open("AE/dubai"), s.open("CF/bangui")
	dir := t.TempDir()
	for name, text := range map[string]string{"a.eml": "hello", "b.eml": "From: a@b.example\r\n\r\nhello", "c.eml": "", "ignored.txt": "x"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cf.put(s.draft("AE/dubai"))
	if out, err := cf.WriteMail(t.Context(), dir, "kp@bangui.example", ""); err != nil || len(out) != 1 {
		t.Fatalf("%v %v", out, err)
	} else {
		wantFault(t, out[0].Fault, "exchange.no_mail")
	}
	if _, err := cf.WriteStick(t.Context(), dir, ""); err != nil {
		t.Fatal(err)
	}
	came, err := ae.Read(t.Context(), true, dir)
	if err != nil || len(came) != 4 {
		t.Fatalf("%+v %v", came, err)
	}
	for _, c := range came {
		if strings.HasSuffix(c.File, ".eml") {
			wantFault(t, c.Fault, "exchange.no_attachment")
		} else if c.Message == nil {
			t.Errorf("%+v", c)
		}
	}
	_, err = ae.Read(t.Context(), true, filepath.Join(dir, "nothing"))
	wantFault(t, err, "exchange.no_file")
	_, err = cf.WriteStick(t.Context(), filepath.Join(dir, "nothing"), "")
	wantFault(t, err, "exchange.no_folder")
	_, err = cf.WriteMail(t.Context(), dir, "Bangui <kp@bangui.example>", "")
	wantFault(t, err, "exchange.mail_from")
}

// FuzzAttachments: no mail makes the reader fall or find what is no message.
func FuzzAttachments(f *testing.F) {
	m := &message.Message{Version: 1, ID: message.ID{1}, From: "CF/bangui", To: "AE/dubai", Time: 1, Kind: message.Notice, Note: "SYNTHETIC"}
	raw := []byte("age-encryption.org/v1\nSYNTHETIC")
	b, err := exchange.Letter(m, raw, "a@b.example", "c@d.example", "fr", onSQLiteTime)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(raw)))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=x\n\n--x\n\n--x--"))
	f.Fuzz(func(t *testing.T, b []byte) {
		parts, err := exchange.Attachments(b)
		if (err == nil) != (len(parts) > 0) {
			t.Fatalf("%d parts, %v", len(parts), err)
		}
		for _, p := range parts {
			if !bytes.HasPrefix(p, raw[:22]) || len(p) > exchange.MaxRaw+1 {
				t.Fatalf("found %.30q", p)
			}
		}
	})
}
