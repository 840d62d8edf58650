package exchange

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"path/filepath"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/verify/message"
)

// WriteMail is WriteStick with a mail (RFC 5322) for each message, to be sent with
// any mail program: plain words for the people at the other office in their
// language, and the encrypted message as attachment. The words say from whom and to
// whom it is, and not what it is about. Offices without a mail address are reported
// with exchange.no_mail. from is this office's own mail address. Faults:
// exchange.mail_from, and those of WriteStick.
func (o *Office) WriteMail(ctx context.Context, dir, from, to string) ([]Written, error) {
	if err := isFolder(dir); err != nil {
		return nil, err
	}
	if a, err := mail.ParseAddress(from); err != nil || a.Address != from {
		return nil, fault.Usage("exchange.mail_from", fault.At("--from"), fault.Text(from), fault.Because(err))
	}
	return o.writeEach(ctx, to, Mail, func(m *Outgoing) (string, []byte, error) {
		path := filepath.Join(dir, strings.TrimSuffix(FileName(m.Message), Suffix)+".eml")
		p, ok := o.cfg.Peers.For(m.Message.To)
		if !ok || p.Mail == "" {
			return path, nil, fault.Unavailable("exchange.no_mail", fault.Arg("office", m.Message.To))
		}
		raw, err := o.encrypted(ctx, m)
		if err != nil {
			return path, nil, err
		}
		b, err := Letter(m.Message, raw, from, p.Mail, lang.Language(p.Language), o.cfg.Now())
		return path, b, err
	})
}

// Letter makes the mail that carries an encrypted message.
func Letter(m *message.Message, raw []byte, from, to string, in lang.Language, at time.Time) ([]byte, error) {
	words, err := lang.LoadOne(lang.Match(string(in)), Text())
	if err != nil {
		return nil, err
	}
	p := words.Printer(lang.Match(string(in)))
	args := lang.Args{"sender": m.From, "office": m.To, "file": FileName(m), "time": time.Unix(m.Time, 0).UTC()}
	text := p.T("exchange.mail.text", args)
	if m.Synthetic {
		text = p.T("exchange.mail.synthetic", nil) + "\n\n" + text
	}
	var b bytes.Buffer
	parts := multipart.NewWriter(&b)
	// The boundary is of the message's id, so that one mail has one form.
	if err := parts.SetBoundary("adamas-" + m.ID.String()); err != nil {
		return nil, err
	}
	subject := p.T("exchange.mail.subject", args)
	if m.Synthetic {
		subject = "SYNTHETIC: " + subject
	}
	_, domain, _ := strings.Cut(from, "@")
	for _, h := range [][2]string{{"From", from}, {"To", to}, {"Date", at.UTC().Format(time.RFC1123Z)},
		{"Message-ID", "<" + m.ID.String() + "@" + domain + ">"}, {"Subject", mime.QEncoding.Encode("utf-8", subject)},
		{"MIME-Version", "1.0"}, {"Content-Language", string(p.Language())},
		{"Content-Type", `multipart/mixed; boundary="` + parts.Boundary() + `"`}} {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	b.WriteString("\r\n")
	if err := writeText(parts, text); err != nil {
		return nil, err
	}
	if err := writeAttachment(parts, FileName(m), raw); err != nil {
		return nil, err
	}
	if err := parts.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func writeText(parts *multipart.Writer, text string) error {
	part, err := parts.CreatePart(textproto.MIMEHeader{"Content-Type": {"text/plain; charset=utf-8"}, "Content-Transfer-Encoding": {"quoted-printable"}})
	if err != nil {
		return err
	}
	w := quotedprintable.NewWriter(part)
	if _, err := io.WriteString(w, strings.ReplaceAll(text+"\n", "\n", "\r\n")); err != nil {
		return err
	}
	return w.Close()
}

// base64Line is the longest line of base64 in a mail (RFC 2045 §6.8).
const base64Line = 76

func writeAttachment(parts *multipart.Writer, name string, raw []byte) error {
	part, err := parts.CreatePart(textproto.MIMEHeader{"Content-Type": {octet + `; name="` + name + `"`},
		"Content-Disposition": {`attachment; filename="` + name + `"`}, "Content-Transfer-Encoding": {"base64"}})
	if err != nil {
		return err
	}
	text := base64.StdEncoding.EncodeToString(raw)
	for len(text) > 0 {
		line := text[:min(len(text), base64Line)]
		text = text[len(line):]
		if _, err := io.WriteString(part, line+"\r\n"); err != nil {
			return err
		}
	}
	return nil
}

// Bounds of a mail that others have had in their hands.
const (
	mostDeep  = 6  // parts within parts: a forwarded mail in a list's mail
	mostParts = 60 // in all
)

// attachments finds the encrypted messages in a mail, wherever they hang. Fault
// exchange.no_attachment, for a file that is no mail too.
func attachments(b []byte) ([][]byte, error) {
	m, err := mail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		return nil, fault.Invalid("exchange.no_attachment", fault.Because(err))
	}
	s := &search{left: mostParts}
	// A mail that is cut off behind the attachment has done its work.
	if err := s.part(textproto.MIMEHeader(m.Header), m.Body, 0); len(s.found) == 0 {
		return nil, fault.Invalid("exchange.no_attachment", fault.Because(err))
	}
	return s.found, nil
}

// search goes through a mail's parts.
type search struct {
	left  int
	found [][]byte
}

func (s *search) part(h textproto.MIMEHeader, body io.Reader, deep int) error {
	if s.left--; s.left < 0 || deep > mostDeep {
		return errors.New("too many parts, or too deep")
	}
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	switch {
	case err != nil: // none, or none that can be read: text, RFC 2045 §5.2
		media = "text/plain"
	case strings.HasPrefix(media, "multipart/"):
		r := multipart.NewReader(body, params["boundary"])
		for {
			p, err := r.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := s.part(p.Header, p, deep+1); err != nil {
				return err
			}
		}
	}
	body = decoded(h.Get("Content-Transfer-Encoding"), body)
	if media == "message/rfc822" {
		inner, err := mail.ReadMessage(body)
		if err != nil {
			return nil // a broken mail within a mail hides nothing of ours
		}
		return s.part(textproto.MIMEHeader(inner.Header), inner.Body, deep+1)
	}
	b, err := io.ReadAll(io.LimitReader(body, MaxRaw+1))
	if err == nil && bytes.HasPrefix(b, []byte(header)) {
		s.found = append(s.found, b)
	}
	return nil
}

// decoded undoes a transfer encoding (RFC 2045 §6).
func decoded(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body) // line ends are passed over
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	}
	return body
}
