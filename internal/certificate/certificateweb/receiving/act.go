package receiving

import (
	"net/http"
	"strconv"
	"strings"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/verify/bundle"
	"adamas.example/verify/paper"
	"adamas.example/verify/statement"
)

// act does what was chosen on the screen.
func (c *counter) act(w http.ResponseWriter, r *http.Request) error {
	in, err := receive(w, r, mostFile)
	if err != nil {
		return err
	}
	s, err := c.desk.Look(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	switch in.Get("do") {
	case "arrive", "again":
		return c.record(w, r, s, in)
	case "code":
		return c.code(w, r, s, in)
	case "reckon", "confirm", "dispute":
		return c.examine(w, r, s, in)
	}
	return fault.Invalid("receiving.no_act", fault.Text(in.Get("do")))
}

// digits is a whole number of a form; 0 for none.
func digits(s string) uint64 {
	n, _ := strconv.ParseUint(strings.TrimSpace(s), 10, 32)
	return n
}

// record notes the arrival of what was announced, or a presentation of the number of
// this file for another time.
func (c *counter) record(w http.ResponseWriter, r *http.Request, s *importing.Sight, in *posted) error {
	place := in.one("place")
	read := importing.ReadNumber
	if given := importing.Read(in.Get("read")); given == importing.ReadCode || given == importing.ReadFile || given == importing.ReadPicture {
		read = given
	}
	if statement.CheckText(place, 1, 200) != nil {
		return c.render(w, r, s, nil, nil, fault.Invalid("receiving.place", fault.At("place")))
	}
	if s.Certificate == nil {
		return fault.Conflict("certificate.no_certificate", fault.Arg("consignment", s.ID))
	}
	o := officer(r.Context(), 0)
	if in.Get("do") == "arrive" {
		// Two who note one arrival at once: the second is told, and makes no second
		// presentation of it.
		if s.State != consignment.Advised {
			return next(w, r, rowPath(s.Consignment))
		}
		o.Seen = int64(digits(in.Get("seen")))
	}
	_, scale := kept(r)
	keep(w, place, scale)
	got, _, err := c.desk.Arrive(r.Context(), o, s.Certificate, importing.Arrival{Place: place, Read: read, Unseen: true})
	if err != nil {
		return c.back(w, r, s, nil, nil, err)
	}
	return next(w, r, "/imports/"+got.ID)
}

// code takes what tells more of a certificate that is here: the code of its proof, or
// its file.
func (c *counter) code(w http.ResponseWriter, r *http.Request, s *importing.Sight, in *posted) error {
	b, err := c.more(r, s, in)
	if err == nil {
		err = c.desk.Complete(r.Context(), s.ID, b)
	}
	if err != nil {
		return c.back(w, r, s, nil, nil, err)
	}
	return next(w, r, "/imports/"+s.ID)
}

func (c *counter) more(r *http.Request, s *importing.Sight, in *posted) (*bundle.Bundle, error) {
	known, err := c.judge.Known(r.Context())
	if err != nil {
		return nil, err
	}
	if len(in.files) > 0 {
		b, _, err := c.handed(r.Context(), known, in.files[0].Content)
		return b, err
	}
	for line := range strings.Lines(apart(in.one("scan"))) {
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
	return nil, fault.Invalid("receiving.not_understood", fault.At("scan"), fault.Text(in.one("scan")))
}

// back shows the screen again with what was typed, as the file stands now: somebody else
// may have been first.
func (c *counter) back(w http.ResponseWriter, r *http.Request, s *importing.Sight, form *weighing, m *importing.Measured, err error) error {
	if !expected(err) {
		return err
	}
	if now, failed := c.desk.Look(r.Context(), s.ID); failed == nil {
		s = now
	}
	return c.render(w, r, s, form, m, err)
}

// examine reads what was measured, and reckons, confirms or opens a case with it.
func (c *counter) examine(w http.ResponseWriter, r *http.Request, s *importing.Sight, in *posted) error {
	do := in.Get("do")
	if s.Certificate == nil && do != "dispute" {
		return fault.Conflict("certificate.no_certificate", fault.Arg("consignment", s.ID))
	}
	p := c.site.Printer(r)
	var form *weighing
	var m importing.Measured
	var wrong error
	if s.Certificate != nil {
		v, err := c.desk.Verdict(r.Context(), s)
		if err != nil {
			return err
		}
		_, scale := kept(r)
		if form, err = c.blank(p, s, v, scale); err != nil {
			return err
		}
		m, wrong = form.take(p, in)
		if place, before := kept(r); form.Scale != "" && form.Scale != before {
			keep(w, place, form.Scale)
		}
	}
	measured := &m
	if wrong != nil || form == nil {
		measured = nil
	}
	switch {
	case do == "dispute":
		return c.dispute(w, r, s, in, form, measured)
	case wrong != nil:
		return c.render(w, r, s, form, nil, wrong)
	case do == "reckon":
		return c.render(w, r, s, form, measured, nil)
	}
	if err := c.confirm(r, s, in, m); err != nil {
		return c.back(w, r, s, form, measured, err)
	}
	return next(w, r, "/imports?done="+s.ID)
}

// confirm examines and confirms in one go, on one sight of the file. What fails between
// the two leaves an examined shipment, and the screen says so.
func (c *counter) confirm(r *http.Request, s *importing.Sight, in *posted, m importing.Measured) error {
	seen, because := int64(digits(in.Get("seen"))), in.one("because")
	if seen == 0 {
		return fault.Invalid("receiving.no_act", fault.At("seen"), fault.Text(in.Get("seen")))
	}
	if err := c.desk.Unmoved(r.Context(), s.ID, seen); err != nil {
		return err
	}
	if err := c.sign(r); err != nil {
		return err
	}
	got, err := c.desk.Examine(r.Context(), s.ID, officer(r.Context(), seen), m, because)
	if err != nil {
		return err
	}
	_, _, err = c.desk.Confirm(r.Context(), s.ID, officer(r.Context(), got.Steps), because, ledger.Signed)
	return err
}

// dispute opens a case.
func (c *counter) dispute(w http.ResponseWriter, r *http.Request, s *importing.Sight, in *posted, form *weighing, m *importing.Measured) error {
	i := importing.Irregular{Day: period.DateOf(c.site.Now()), Reason: in.one("reason"), Note: in.one("note"), Found: m}
	seen := int64(digits(in.Get("seen")))
	err := c.desk.Unmoved(r.Context(), s.ID, seen)
	if err == nil {
		err = c.sign(r)
	}
	if err == nil {
		_, _, err = c.desk.Dispute(r.Context(), s.ID, officer(r.Context(), seen), i, ledger.Signed)
	}
	if err != nil {
		return c.back(w, r, s, form, m, err)
	}
	return next(w, r, "/imports/"+s.ID+"/case")
}
