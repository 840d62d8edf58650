package receiving

import (
	"net/http"
	"strconv"

	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
)

// transitPage is the form of a shipment that only passes: its certificate, and the
// container seals as they are read on entry.
type transitPage struct {
	Problems []told
	Scan     string
	Place    string
	Day      string
	Remark   string
	Seals    []sealed
}

// transitSeals is how many lines the form has.
const transitSeals = 6

func emptySeals(n int) (out []sealed) {
	for i := range n {
		out = append(out, sealed{Field: "seals[" + strconv.Itoa(i+1) + "]", Whole: true})
	}
	return out
}

// readSeals reads the lines of seals that were typed.
func readSeals(in *posted, lines []sealed) (out []importing.SealFound) {
	for i := range lines {
		s := &lines[i]
		s.Container, s.Seal, s.Whole = in.one(s.Field+".container"), in.one(s.Field+".seal"), in.Get(s.Field+".intact") != ""
		if s.Container != "" || s.Seal != "" {
			out = append(out, importing.SealFound{Container: s.Container, Seal: s.Seal, Intact: s.Whole})
		}
	}
	return out
}

// sealsWanted refuses a line of which half is missing.
func sealsWanted(seals []importing.SealFound) error {
	for _, s := range seals {
		if s.Container == "" || s.Seal == "" {
			return fault.Invalid("receiving.half_seal", fault.At("seals"))
		}
	}
	return nil
}

func (c *counter) showTransit(w http.ResponseWriter, r *http.Request) error {
	p := c.site.Printer(r)
	place, _ := kept(r)
	return c.enter.Render(w, r, p.T("receiving.transit.title", nil), transitPage{Place: place, Day: period.DateOf(c.site.Now()).String(), Seals: emptySeals(transitSeals)})
}

func (c *counter) takeTransit(w http.ResponseWriter, r *http.Request) error {
	p := c.site.Printer(r)
	data := transitPage{Seals: emptySeals(transitSeals)}
	in, err := receive(w, r, mostFile)
	var id string
	if err == nil {
		data.Scan, data.Place, data.Day, data.Remark = in.one("scan"), in.one("place"), in.one("day"), in.one("remark")
		id, err = c.entered(r, in, &data)
	}
	switch {
	case err == nil:
		return next(w, r, "/imports/"+id)
	case !expected(err):
		return err
	}
	data.Problems = tell(p, err)
	return c.enter.RenderAs(w, r, http.StatusUnprocessableEntity, p.T("receiving.transit.title", nil), data)
}

func (c *counter) entered(r *http.Request, in *posted, data *transitPage) (id string, err error) {
	x := importing.Crossing{Place: data.Place, Remark: data.Remark, Seals: readSeals(in, data.Seals)}
	if err := sealsWanted(x.Seals); err != nil {
		return "", err
	}
	if x.Day, err = period.ParseTyped(data.Day); err != nil {
		return "", fault.Locate(err, fault.At("day"))
	}
	raw := []byte(apart(data.Scan))
	if len(in.files) > 0 {
		raw = in.files[0].Content
	}
	if len(raw) == 0 {
		return "", fault.Invalid("receiving.nothing", fault.At("scan"))
	}
	known, err := c.judge.Known(r.Context())
	if err != nil {
		return "", err
	}
	b, _, err := c.handed(r.Context(), known, raw)
	if err != nil {
		return "", err
	}
	got, err := c.desk.Enter(r.Context(), officer(r.Context(), 0), b, x)
	if err != nil {
		return "", err
	}
	return got.ID, nil
}

// crossing is a transit on the screen.
type crossing struct {
	Entered, Left string // sentences
	Remarks       []string
	Seals         []sealed
	Day           string
	Remark        string
}

func crossingOf(p *lang.Printer, s *importing.Sight) *crossing {
	in := s.Entered
	if in == nil {
		return nil
	}
	out := &crossing{Entered: p.T("receiving.entered", lang.Args{"place": in.Place, "day": in.Day})}
	if in.Remark != "" {
		out.Remarks = append(out.Remarks, in.Remark)
	}
	for i, seal := range in.Seals {
		out.Seals = append(out.Seals, sealed{Field: "seals[" + strconv.Itoa(i+1) + "]", Container: seal.Container, Seal: seal.Seal, Whole: seal.Intact})
	}
	if x := s.Left; x != nil {
		out.Left = p.T("receiving.left", lang.Args{"place": x.Place, "day": x.Day})
		if x.Remark != "" {
			out.Remarks = append(out.Remarks, x.Remark)
		}
	}
	return out
}

// leave states that a shipment in transit has left.
func (c *counter) leave(w http.ResponseWriter, r *http.Request) error {
	in, err := receive(w, r, mostForm)
	if err != nil {
		return err
	}
	s, err := c.desk.Look(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if s.Entered == nil {
		return fault.NotFound("certificate.unknown_consignment", fault.Arg("consignment", s.ID))
	}
	x := importing.Crossing{Place: in.one("place"), Remark: in.one("remark"), Seals: readSeals(in, emptySeals(len(s.Entered.Seals)))}
	if x.Day, err = period.ParseTyped(in.one("day")); err != nil {
		err = fault.Locate(err, fault.At("day"))
	}
	if err == nil {
		err = sealsWanted(x.Seals)
	}
	seen := int64(digits(in.Get("seen")))
	if err == nil {
		err = c.desk.Unmoved(r.Context(), s.ID, seen)
	}
	if err == nil {
		err = c.sign(r)
	}
	if err == nil {
		_, _, err = c.desk.Leave(r.Context(), s.ID, officer(r.Context(), seen), x, ledger.Signed)
	}
	if err != nil {
		return c.back(w, r, s, nil, nil, err)
	}
	return next(w, r, "/imports/"+s.ID)
}
