package receiving

import (
	"net/http"
	"net/url"
	"strings"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/web/form"
	"adamas.example/verify/bundle"
	"adamas.example/verify/paper"
)

// act does what was chosen on the screen, or shows it again: with what was typed, as the
// file stands now, since somebody else may have been first.
func (c *counter) act(w http.ResponseWriter, r *http.Request) error {
	sent, err := form.Receive(w, r)
	f := form.New(c.site.Printer(r), sent.Values)
	s, missing := c.desk.Look(r.Context(), r.PathValue("id"))
	if missing != nil {
		return missing
	}
	if err == nil && f.Changed() {
		return c.render(w, r, http.StatusOK, s, f)
	}
	f.Close("seals", "intact")
	to := ""
	if err == nil {
		to, err = c.do(w, r, s, f, sent.Contents("file"))
	}
	if to != "" && err == nil {
		return next(w, r, to)
	}
	status := statusOf(err)
	if err := f.Refuse(err); err != nil {
		return err
	}
	if now, failed := c.desk.Look(r.Context(), s.ID); failed == nil {
		s = now
	}
	if f.Value("act") == "again" {
		return c.showAgain(w, r, status, s, f)
	}
	return c.render(w, r, status, s, f)
}

// do does it, and says where to go on; "" for what is shown on the screen itself.
func (c *counter) do(w http.ResponseWriter, r *http.Request, s *importing.Sight, f *form.Form, files [][]byte) (to string, err error) {
	in := oneLine(f.Values())
	switch act := in.Get("act"); act {
	case "arrive", "again":
		return c.record(w, r, s, in)
	case "code":
		b, err := c.more(r, s, in, files)
		if err == nil {
			err = c.desk.Complete(r.Context(), s.ID, b)
		}
		return "/imports/" + s.ID, err
	case "reckon", "confirm", "dispute":
		if s.Certificate == nil && act != "dispute" {
			return "", fault.Conflict("certificate.no_certificate", fault.Arg("consignment", s.ID))
		}
		m, err := c.measured(r, s, f)
		if err != nil || act == "reckon" {
			return "", err
		}
		if place, before := kept(r); m.Scale != "" && m.Scale != before {
			keep(w, place, m.Scale)
		}
		seen, err := seenOf(in)
		if err == nil {
			err = c.desk.Unmoved(r.Context(), s.ID, seen)
		}
		if err == nil {
			err = c.sign(r)
		}
		if err != nil {
			return "", err
		}
		if act == "dispute" {
			return "/imports/" + s.ID + "/case", c.dispute(r, s, seen, m)
		}
		return "/imports?done=" + s.ID, c.confirm(r, s, seen, m)
	}
	return "", fault.Invalid("receiving.no_act", fault.Text(in.Get("act")))
}

// record notes the arrival of what was announced, or a presentation of the number of
// this file for another time.
func (c *counter) record(w http.ResponseWriter, r *http.Request, s *importing.Sight, in url.Values) (to string, err error) {
	a := importing.Arrival{Place: in.Get("place"), Read: importing.ReadNumber, Unseen: true}
	if given := importing.Read(in.Get("read")); given == importing.ReadCode || given == importing.ReadFile || given == importing.ReadPicture {
		a.Read = given
	}
	if s.Certificate == nil {
		return "", fault.Conflict("certificate.no_certificate", fault.Arg("consignment", s.ID))
	}
	o := officer(r.Context(), 0)
	if in.Get("act") == "arrive" {
		// Two who note one arrival at once: the second is told, and makes no second
		// presentation of it.
		if s.State != consignment.Advised {
			return rowPath(s.Consignment), nil
		}
		if o.Seen, err = seenOf(in); err != nil {
			return "", err
		}
	}
	got, _, err := c.desk.Arrive(r.Context(), o, s.Certificate, a)
	if err != nil {
		return "", err
	}
	_, scale := kept(r)
	keep(w, a.Place, scale)
	return "/imports/" + got.ID, nil
}

// more takes what tells more of a certificate that is here: the code of its proof, or
// its file.
func (c *counter) more(r *http.Request, s *importing.Sight, in url.Values, files [][]byte) (*bundle.Bundle, error) {
	known, err := c.judge.Known(r.Context())
	if err != nil {
		return nil, err
	}
	if len(files) > 0 {
		b, _, err := c.handed(r.Context(), known, files[0])
		return b, fault.Locate(err, fault.At("file"))
	}
	for line := range strings.Lines(apart(in.Get("scan"))) {
		kind, content, err := paper.Read(line)
		if err != nil || kind != paper.Proof || s.Certificate == nil {
			continue
		}
		b, err := paper.Bundle(known, s.Certificate.Statement, content)
		if err != nil {
			return nil, fault.Invalid("check.codes_refused", fault.At("scan"), fault.Because(err))
		}
		return b, nil
	}
	return nil, fault.Invalid("receiving.not_understood", fault.At("scan"), fault.Text(in.Get("scan")))
}

// confirm examines and confirms in one go, on one sight of the file. What fails between
// the two leaves an examined shipment, and the screen says so.
func (c *counter) confirm(r *http.Request, s *importing.Sight, seen int64, m weighing) error {
	got, err := c.desk.Examine(r.Context(), s.ID, officer(r.Context(), seen), m.Measured, m.Because)
	if err != nil {
		return err
	}
	_, _, err = c.desk.Confirm(r.Context(), s.ID, officer(r.Context(), got.Steps), m.Because, ledger.Signed)
	return err
}

// dispute opens a case, with what was measured if all of it was: the weight of some parcels
// is not that of the shipment.
func (c *counter) dispute(r *http.Request, s *importing.Sight, seen int64, m weighing) error {
	i := importing.Irregular{Day: period.DateOf(c.site.Now()), Reason: m.Reason, Note: m.Note}
	if m.whole() {
		i.Found = &m.Measured
	}
	_, _, err := c.desk.Dispute(r.Context(), s.ID, officer(r.Context(), seen), i, ledger.Signed)
	return err
}
