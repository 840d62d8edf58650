package pages

import (
	"net/http"
	"path"
	"strings"

	"adamas.example/internal/certificate/life"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/document/ornament"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/web"
	"adamas.example/verify"
)

// page is what stands under one number.
type page struct {
	Number  string
	Plain   string // as it stands in addresses
	Twice   bool   // two contents under the number
	Sheets  []sheet
	Files   []file
	HasPack bool
	Unheard string     // contents under the number that nobody known has signed
	Papers  []paperRow // from outside, under the same number
}

// file is something to take away.
type file struct{ Name, Path, What string }

// sheet is one content.
type sheet struct {
	ID        string // of its headings, where there are two
	Heading   string // "" where there is one
	Kind      string // of the verdict: valid, cannot_tell, invalid
	Mark      web.Mark
	First     string
	From, To  string
	Sentences []string
	Status    *status // "" beside a first line that says it
	Link      *link   // to the certificate that counts instead
	Rosette   string  // address of its picture; "" where its bytes are not known here
	Words     string  // check words
	Fields    []reading.Field
	Life      []step
	Open      opened
	Why       string
	Checks    []reading.Check
	AsOf      string
	Unsaid    string
	NotSaid   []string
}

// status is where a certificate stands, in plain words.
type status struct {
	Mark       web.Mark
	Word, What string
}

type link struct{ Path, Text string }

// Kinds of file that are made here, beside those that the node offers.
const (
	tableKind   = ".csv"
	pictureKind = ".svg"
)

// showNamed serves a certificate's page, its files and its life as a table.
func (d *desk) showNamed(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if file, ok := d.node.Offer.Path(name); ok {
		return d.sendFile(w, r, file)
	}
	typed, kind := name, ""
	if ext := path.Ext(name); ext == tableKind || ext == pictureKind {
		typed, kind = strings.TrimSuffix(name, ext), ext
	}
	number, err := ident.ParseTypedPaper(typed)
	if err != nil {
		return fault.NotFound("web.no_page", fault.Text(r.URL.Path))
	}
	if string(number) != typed {
		http.Redirect(w, r, "/certificates/"+string(number)+kind, http.StatusSeeOther)
		return nil
	}
	all, err := d.gather(r.Context(), string(number))
	switch {
	case err != nil:
		return err
	case len(all) == 0:
		return d.nothing(w, r, number)
	case kind == tableKind:
		return d.sendTable(w, r, number, all)
	case kind == pictureKind:
		return d.sendRosette(w, r, all)
	}
	p := d.site.Printer(r)
	data, err := d.pageOf(r, p, number, all)
	if err != nil {
		return err
	}
	return d.page.Render(w, r, p.T("certificate.page.title", lang.Args{"number": number}), data)
}

func (d *desk) pageOf(r *http.Request, p *lang.Printer, number ident.CertificateNumber, all []*content) (page, error) {
	data := page{Number: number.Display(), Plain: string(number), Twice: len(all) > 1, HasPack: d.node.Offer.HasPack()}
	for i, c := range all {
		s, err := d.sheet(p, c)
		if err != nil {
			return data, err
		}
		s.ID = string(rune('a' + min(i, 25)))
		if data.Twice {
			s.Heading = p.T("certificate.page.twice.one", lang.Args{"n": i + 1, "of": len(all), "office": office(p, c.Issuer), "at": c.at()})
		}
		data.Sheets = append(data.Sheets, s)
	}
	var err error
	if data.Unheard, err = d.unsettled(r.Context(), p, number); err != nil {
		return data, err
	}
	if data.Papers, err = d.papersOf(r.Context(), p, number); err != nil {
		return data, err
	}
	data.Files = d.filesOf(p, number)
	return data, nil
}

// marks of the public states. What is neither well nor ill waits.
var marks = map[life.Status]web.Mark{life.Received: web.Valid, life.Attested: web.Tell, life.Issued: web.Wait, life.Expired: web.Tell, life.Disputed: web.Tell,
	life.Lost: web.Invalid, life.SentBack: web.Invalid, life.Forfeited: web.Invalid, life.Void: web.Invalid, life.Replaced: web.Invalid}

func statusOf(p *lang.Printer, c *life.Certificate, s life.Status) status {
	key := "certificate.page.status." + string(s)
	return status{marks[s], p.T(key, nil), p.T(key+".what", lang.Args{"day": c.Expires, "from": c.Participant, "to": c.Destination})}
}

// kinds of verdict by mark, for the style.
var kinds = map[web.Mark]string{web.Valid: "valid", web.Tell: "cannot_tell", web.Invalid: "invalid", web.Wait: "cannot_tell"}

var outcomeMarks = map[verify.Outcome]web.Mark{verify.Valid: web.Valid, verify.CannotTell: web.Tell, verify.Invalid: web.Invalid}

// sheet puts one content into words. What is said first is the gravest: that it is
// not genuine, then what has become of it, then that it is genuine.
func (d *desk) sheet(p *lang.Printer, c *content) (sheet, error) {
	on := c.Status(d.today())
	st := statusOf(p, &c.Certificate, on)
	s := sheet{From: p.Participant(c.Participant), To: p.Participant(c.Destination), Unsaid: p.T("verify.not_said", nil), AsOf: p.Time(d.node.Now().UTC())}
	ill := on != life.Issued && on != life.Received && on != life.Attested
	synthetic := c.Synthetic
	if c.verdict != nil {
		r := reading.Of(p, c.verdict, c.made)
		s.Fields, s.Why, s.Checks, s.NotSaid = fieldsOf(r.Fields), r.Why, r.Checks, r.NotSaid
		if s.Mark, s.First, s.Sentences = outcomeMarks[r.Outcome], r.Headline[0], r.Headline[1:]; r.Outcome == verify.Valid && ill {
			s.Mark, s.First, s.Sentences = st.Mark, st.Word+".", append([]string{st.What}, r.Headline[:2]...) // genuine, recorded; the rest stands in its life
		} else {
			s.Status = &st
		}
		synthetic = synthetic || c.made
		if c.verdict.AsOf != nil {
			s.AsOf = p.Time(*c.verdict.AsOf)
		}
	} else {
		s.Mark, s.First, s.Sentences = web.Tell, p.T("certificate.page.no_verdict", lang.Args{"from": c.Participant}), []string{p.T("certificate.page.no_verdict.why", nil)}
		if ill {
			s.Mark, s.First, s.Sentences = st.Mark, st.Word+".", append([]string{st.What}, s.First, s.Sentences[0])
		} else {
			s.Status = &st
		}
		s.Fields = plainFields(p, c)
		for _, code := range []string{"conflict", "contents", "witnesses"} {
			s.NotSaid = append(s.NotSaid, p.T("verify.not_said."+code, nil))
		}
	}
	if s.Kind = kinds[s.Mark]; synthetic {
		s.First = p.T("verify.synthetic", nil) + " " + s.First
	}
	s.Link = instead(p, c)
	if c.parsed != nil {
		like := reading.LikenessOf(c.parsed, c.signed)
		s.Rosette, s.Words = "/certificates/"+c.Number+".svg?of="+c.Statement.String(), ornament.CheckWords(like.Words)
	}
	l, err := d.limits(c.Participant, c.Destination)
	if err != nil {
		return s, err
	}
	s.Life = d.lifeOf(p, c, l)
	s.Open = d.openedOf(p, c, l)
	return s, nil
}

// said are the fields of a reading that the page shows as they are. What was opened
// has its own place, and no other fact is public.
var said = map[string]bool{"kind": true, "issued": true, "expires": true, "four_eyes": true, "record": true}

func fieldsOf(all []reading.Field) (out []reading.Field) {
	for _, f := range all {
		if said[f.Key] {
			out = append(out, f)
		}
	}
	return out
}

// plainFields are what the register says, where the verifier was not asked.
func plainFields(p *lang.Printer, c *content) []reading.Field {
	out := []reading.Field{{Key: "issued", Name: p.T("verify.field.issued", nil), Text: p.T("verify.issued_by", lang.Args{"day": c.Issued, "office": c.Issuer})},
		{Key: "expires", Name: p.T("verify.field.expires", nil), Text: p.T("verify.until", lang.Args{"day": c.Expires})}}
	if c.index >= 0 {
		out = append(out, reading.Field{Key: "record", Name: p.T("verify.field.record", nil), Text: p.T("verify.entry", lang.Args{"log": c.origins[0], "index": c.index})})
	}
	return out
}

// instead is the certificate that counts in place of this one.
func instead(p *lang.Printer, c *content) *link {
	for i := len(c.Events) - 1; i >= 0; i-- {
		if e := c.Events[i]; e.Other != "" {
			n := ident.CertificateNumber(e.Other)
			return &link{"/certificates/" + string(n), p.T("certificate.page.instead", lang.Args{"number": n})}
		}
	}
	return nil
}

// office is an office with its Participant's name.
func office(p *lang.Printer, id string) string {
	return p.T("certificate.page.office", lang.Args{"office": id, "participant": ident.OfficeID(id).Participant()})
}
