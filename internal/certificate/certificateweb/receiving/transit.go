package receiving

import (
	"net/http"
	"net/url"

	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/web/form"
)

// transitPage is the form of a shipment that only passes: its certificate, and the
// container seals as they are read on entry.
type transitPage struct {
	Form  *form.Form
	Seals []sealed
}

// transitSeals is how many lines the form has at first.
const transitSeals = 6

// entering is what stands in it.
type entering struct {
	Scan string `json:"scan"`
	importing.Crossing
}

func (c *counter) showTransit(w http.ResponseWriter, r *http.Request) error {
	f := form.New(c.site.Printer(r), nil)
	place, _ := kept(r)
	f.Set("place", place)
	f.Set("day", period.DateOf(c.site.Now()).String())
	return c.renderTransit(w, r, http.StatusOK, f)
}

func (c *counter) renderTransit(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	return c.enter.RenderAs(w, r, status, c.site.Printer(r).T("receiving.transit.title", nil), transitPage{f, seals(f, 0, transitSeals)})
}

func (c *counter) takeTransit(w http.ResponseWriter, r *http.Request) error {
	sent, err := form.Receive(w, r)
	f := form.New(c.site.Printer(r), sent.Values)
	if err == nil && f.Changed() {
		return c.renderTransit(w, r, http.StatusOK, f)
	}
	f.Close("seals", "intact")
	var id string
	if err == nil {
		id, err = c.entered(r, oneLine(f.Values()), sent.Contents("file"))
	}
	if err == nil {
		return next(w, r, "/imports/"+id)
	}
	if err := f.Refuse(err); err != nil {
		return err
	}
	return c.renderTransit(w, r, statusOf(err), f)
}

func (c *counter) entered(r *http.Request, in url.Values, files [][]byte) (id string, err error) {
	x, err := form.Values[entering](in)
	if err != nil {
		return "", err
	}
	raw, at := []byte(apart(x.Scan)), "scan"
	if len(files) > 0 {
		raw, at = files[0], "file"
	}
	var wrong fault.List
	if len(raw) == 0 {
		wrong.Add(fault.Invalid("receiving.nothing", fault.At("scan")))
	}
	wrong.Add(x.Check(period.DateOf(c.site.Now())))
	if err := wrong.Err(); err != nil {
		return "", err
	}
	known, err := c.judge.Known(r.Context())
	if err != nil {
		return "", err
	}
	b, _, err := c.handed(r.Context(), known, raw)
	if err != nil {
		return "", fault.Locate(err, fault.At(at))
	}
	got, err := c.desk.Enter(r.Context(), officer(r.Context(), 0), b, x.Crossing)
	if err != nil {
		return "", err
	}
	return got.ID, nil
}

// crossing is a transit on the screen.
type crossing struct {
	Entered, Left string // sentences
	Remarks       []string
	Seals         []sealed // of the form of its end
}

// crossingOf puts it there, and into the form what was read on entry.
func crossingOf(p *lang.Printer, s *importing.Sight, f *form.Form, today period.Date) *crossing {
	in := s.Entered
	if in == nil {
		return nil
	}
	out := &crossing{Entered: p.T("receiving.entered", lang.Args{"place": in.Place, "day": in.Day})}
	if in.Remark != "" {
		out.Remarks = append(out.Remarks, in.Remark)
	}
	if x := s.Left; x != nil {
		out.Left = p.T("receiving.left", lang.Args{"place": x.Place, "day": x.Day})
		if x.Remark != "" {
			out.Remarks = append(out.Remarks, x.Remark)
		}
		return out
	}
	if !f.Values().Has("day") {
		for name, all := range form.Typed(importing.Crossing{Day: today, Seals: in.Seals}) {
			f.Set(name, all[0])
		}
	}
	out.Seals = seals(f, 0, len(in.Seals))
	return out
}

// leave states that a shipment in transit has left.
func (c *counter) leave(w http.ResponseWriter, r *http.Request) error {
	sent, err := form.Receive(w, r)
	f := form.New(c.site.Printer(r), sent.Values)
	s, missing := c.desk.Look(r.Context(), r.PathValue("id"))
	if missing != nil {
		return missing
	}
	if s.Entered == nil {
		return fault.NotFound("certificate.unknown_consignment", fault.Arg("consignment", s.ID))
	}
	if err == nil && f.Changed() {
		return c.render(w, r, http.StatusOK, s, f)
	}
	f.Close("seals", "intact")
	if err == nil {
		err = c.left(r, s, oneLine(f.Values()))
	}
	if err == nil {
		return next(w, r, "/imports/"+s.ID)
	}
	if err := f.Refuse(err); err != nil {
		return err
	}
	if now, failed := c.desk.Look(r.Context(), s.ID); failed == nil {
		s = now
	}
	return c.render(w, r, statusOf(err), s, f)
}

func (c *counter) left(r *http.Request, s *importing.Sight, in url.Values) error {
	x, err := form.Values[importing.Crossing](in)
	if err != nil {
		return err
	}
	seen, err := seenOf(in)
	if err == nil {
		err = c.desk.Unmoved(r.Context(), s.ID, seen)
	}
	if err == nil {
		err = x.Check(period.DateOf(c.site.Now()))
	}
	if err == nil {
		err = c.sign(r)
	}
	if err != nil {
		return err
	}
	_, _, err = c.desk.Leave(r.Context(), s.ID, officer(r.Context(), seen), x, ledger.Signed)
	return err
}
