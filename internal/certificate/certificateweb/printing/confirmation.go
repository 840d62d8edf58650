package printing

import (
	"bytes"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"path/filepath"
	"strings"
	"time"

	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/module"
	"adamas.example/verify/canonical"
)

// Confirmation writes what goes to an exporting office without this program: a mail
// with what KPCS III(b)(ii) asks for, the confirmation as a PDF, and the coupon.
// Sending them is the office's mail program's.
type Confirmation struct {
	Look
	Dir  string `default:"." placeholder:"DIR" help:"cli_consignment_dir"`
	JSON bool   `name:"json" help:"cli_json"`
	Out  string `required:"" placeholder:"DIR" help:"cli_consignment_confirmation_out"`
	From string `placeholder:"ADDRESS" help:"cli_consignment_confirmation_from"`
	To   string `placeholder:"ADDRESS" help:"cli_consignment_confirmation_to"`
	In   string `enum:"en,fr,pt" default:"en" placeholder:"CODE" help:"cli_consignment_confirmation_language"`
	ID   string `arg:"" help:"cli_consignment_id"`
}

// Run has it done.
func (c *Confirmation) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load makes the path whole: whoever serves the node stands elsewhere. Fault
// module.file_exists.
func (c *Confirmation) Load(*module.Env) (err error) {
	if c.Out, err = filepath.Abs(c.Out); err != nil {
		return err
	}
	for _, name := range c.names() {
		if err := module.CheckNew("--out", name); err != nil {
			return err
		}
	}
	return nil
}

func (c *Confirmation) names() []string {
	base := filepath.Join(c.Out, filepath.Base(c.ID))
	return []string{base + "-confirmation.eml", base + "-confirmation.pdf", base + "-coupon.pdf"}
}

// Do writes the three files. Faults: as Receipt.
func (c *Confirmation) Do(env *module.Env, n *module.Node) error {
	desk, err := module.Service[*importing.Desk](n)
	if err != nil {
		return err
	}
	said, err := desk.Confirmation(env.Context, c.ID)
	if err != nil {
		return err
	}
	r, p, err := c.receipt(env.Context, n, desk, c.ID)
	if err != nil {
		return err
	}
	words, err := paper.Words()
	if err != nil {
		return err
	}
	receipt, err := paper.PrintReceipt(words, r, p)
	if err != nil {
		return refused(c.ID, err)
	}
	coupon, err := paper.PrintCoupon(words, r, p)
	if err != nil {
		return refused(c.ID, err)
	}
	mail := Mail(env.Words.In(lang.Language(c.In)), n, env.Now(), said, Envelope{From: c.From, To: c.To})
	views := []writtenView{}
	for i, raw := range [][]byte{mail, receipt, coupon} {
		name := c.names()[i]
		if err := module.WriteNew("--out", name, raw, 0o600); err != nil {
			return err
		}
		views = append(views, writtenView{name, c.ID, len(raw), canonical.Sum(raw)})
	}
	if c.JSON {
		return env.JSON(map[string]any{"files": views})
	}
	if n.Synthetic {
		fmt.Fprintln(env.Out, "SYNTHETIC")
	}
	env.Say("consignment.confirmation.written", lang.Args{"consignment": c.ID, "folder": c.Out})
	return nil
}

// Envelope says who writes to whom; whoever is not named is left for the mail program.
type Envelope struct{ From, To string }

// Mail is the message of a confirmation (RFC 5322, RFC 2045 quoted-printable), in the
// language of the words.
func Mail(w *lang.Printer, n *module.Node, at time.Time, said *importing.Confirmation, e Envelope) []byte {
	number := ident.CertificateNumber(said.Consignment.Number).Display()
	subject := w.T("consignment.mail.subject", lang.Args{"number": number})
	if n.Synthetic {
		subject = "SYNTHETIC " + subject
	}
	party := func(name, address string) string {
		if name == "" {
			return w.T("consignment.mail.not_disclosed", nil)
		}
		return name + ", " + address
	}
	lines := []string{}
	for _, key := range []string{"opening", "number", "parcels", "carats", "importer", "exporter", "day", "register", "not_signed", "closing"} {
		if key == "not_signed" && !said.OnPaper {
			continue
		}
		lines = append(lines, w.T("consignment.mail."+key, lang.Args{"number": number, "parcels": said.Measured.Parcels, "carats": measure.Carats(said.Hundredths * 10),
			"importer": party(said.Importer.Name, said.Importer.Address), "exporter": party(said.Exporter.Name, said.Exporter.Address), "day": said.Day,
			"office": n.Office, "statement": said.Receipt.String()}))
	}
	var b bytes.Buffer
	header := func(name, value string) {
		if value = strings.Map(printable, value); value != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	header("From", e.From)
	header("To", e.To)
	header("Date", at.UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	header("Subject", mime.QEncoding.Encode("utf-8", subject))
	header("Message-ID", "<"+said.Receipt.String()[:32]+"@"+strings.ReplaceAll(n.Office, "/", ".")+">")
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Language", string(w.Language()))
	header("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	q := quotedprintable.NewWriter(&b)
	fmt.Fprint(q, strings.Join(lines, "\r\n")+"\r\n")
	q.Close()
	return b.Bytes()
}

// printable drops what could end a header line and begin another.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}
