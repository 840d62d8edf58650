package exporting

import (
	"encoding/json"
	"fmt"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/period"
	"adamas.example/verify/canonical"
)

// filed is what a file says now: the particulars that count, in order of time.
type filed struct {
	*consignment.Consignment
	app        *Application
	head       canonical.Hash // of the step before the certificate was prepared
	valuations []certificate.Valuation
	tax        *certificate.Tax
	sealing    *certificate.Sealing
	replaces   *replacement // of a file that replaces another's certificate
	replacedBy string       // the file that shall replace this one's
	exported   *Exported
	expires    period.Date // of the certificate; zero before it is prepared
	issued     period.Date
	opened     bool // the delayed facts are public
	heard      map[string]bool
}

// replacement is how a file begins that replaces a certificate.
type replacement struct {
	Consignment string                  `json:"replaces_consignment"`
	Number      string                  `json:"replaces_number"`
	Reason      string                  `json:"reason"`
	Surrendered bool                    `json:"old_surrendered"`
	Application Application             `json:"application"`
	Valuations  []certificate.Valuation `json:"valuations"`
	Tax         *certificate.Tax        `json:"tax,omitempty"`
	Sealing     *certificate.Sealing    `json:"sealing,omitempty"`
}

// read goes through a file. What an amendment has overtaken no longer counts, and
// stays in the file: a new application needs new valuations, a new valuation a new
// receipt.
func read(c *consignment.Consignment, steps []consignment.Step) (*filed, error) {
	f := &filed{Consignment: c, head: c.Head, heard: map[string]bool{}}
	for i := range steps {
		if err := f.take(&steps[i]); err != nil {
			return nil, fmt.Errorf("exporting: %s: step %d: %w", c.ID, steps[i].Seq, err)
		}
	}
	return f, nil
}

func (f *filed) take(s *consignment.Step) error {
	switch s.Act {
	case consignment.Apply, consignment.Amend:
		f.app = &Application{}
		f.valuations, f.tax, f.sealing = nil, nil, nil
		return json.Unmarshal(s.Detail, f.app)
	case consignment.Value:
		var v certificate.Valuation
		f.tax, f.sealing = nil, nil
		err := json.Unmarshal(s.Detail, &v)
		f.valuations = append(f.valuations, v)
		return err
	case consignment.Tax:
		f.tax = &certificate.Tax{}
		return json.Unmarshal(s.Detail, f.tax)
	case consignment.Seal:
		f.sealing = &certificate.Sealing{}
		return json.Unmarshal(s.Detail, f.sealing)
	case consignment.Reissue:
		return f.reissued(s)
	case consignment.Prepare:
		var p prepared
		err := json.Unmarshal(s.Detail, &p)
		f.head, f.expires = s.Prev, p.Expires
		return err
	case consignment.Spoil:
		f.head, f.expires = s.Hash, 0
	case consignment.Export:
		f.exported = &Exported{}
		return json.Unmarshal(s.Detail, f.exported)
	case consignment.Open:
		f.opened = true
	case consignment.Issue:
		f.issued = period.DateOf(s.At)
	case consignment.HearReceived, consignment.HearDisputed, consignment.HearReleased, consignment.HearSentBack, consignment.HearForfeited:
		f.heard[s.Actor] = true
		var h hearing
		if err := json.Unmarshal(s.Detail, &h); err != nil || s.To != consignment.Exported || f.exported != nil {
			return err
		}
		f.exported = &Exported{Day: h.Day} // it had left, whatever this office has noted
	}
	return nil
}

// reissued reads the act from either file: that which is replaced, and the new one.
func (f *filed) reissued(s *consignment.Step) error {
	if s.From != consignment.None {
		var by replacedBy
		err := json.Unmarshal(s.Detail, &by)
		f.replacedBy = by.Consignment
		return err
	}
	r := &replacement{}
	if err := json.Unmarshal(s.Detail, r); err != nil {
		return err
	}
	f.replaces, f.app = r, &r.Application
	f.valuations, f.tax, f.sealing = r.Valuations, r.Tax, r.Sealing
	return nil
}

// containers are the names of the containers in which the parcels are.
func (f *filed) containers() map[string]bool {
	names := map[string]bool{}
	for _, p := range f.app.Parcels {
		names[p.Container] = true
	}
	return names
}
