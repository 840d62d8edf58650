package pages

import (
	"time"

	"adamas.example/internal/certificate/certificateweb/judge"
	"adamas.example/internal/certificate/life"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web/api"
	"adamas.example/verify/canonical"
)

const tagPublic = "Certificates"

// Life is what anybody can know of a certificate, from the registers that this node follows.
type Life struct {
	Number       string        `json:"number"`
	Certificates []Certificate `json:"certificates" doc:"more than one is the worst that a number can have: two were signed"`
	Transcripts  int           `json:"transcripts" doc:"how often a paper under this number was transcribed; its issuer has signed nothing"`
}

// Certificate is one in the registers.
type Certificate struct {
	Statement canonical.Hash `json:"statement"`
	Log       string         `json:"log"`
	From      string         `json:"from"`
	To        string         `json:"to"`
	Issuer    string         `json:"issuer" doc:"the office"`
	Kind      string         `json:"kind"`
	Issued    period.Date    `json:"issued"`
	Expires   period.Date    `json:"expires"`
	Status    string         `json:"status" doc:"today"`
	StatedAt  time.Time      `json:"stated_at" doc:"as its issuer says"`
	Synthetic bool           `json:"synthetic"`
	Events    []Event        `json:"events" doc:"what counts of what was said of it since"`
}

// Event is a later statement about a certificate.
type Event struct {
	Type      string         `json:"type"`
	Issuer    string         `json:"issuer"`
	Day       *period.Date   `json:"day,omitempty"`
	Reason    string         `json:"reason,omitempty"`
	Statement canonical.Hash `json:"statement"`
	StatedAt  time.Time      `json:"stated_at"`
}

// Operations adds what programs can ask of the public register of certificates.
func Operations(n *module.Node, a *api.API) error {
	j, err := module.Service[*judge.Judge](n)
	if err != nil {
		return err
	}
	d := &desk{node: n, judge: j}
	api.Read(a, api.Operation{ID: "listCertificates", Path: "/certificates", Permission: read, Tag: tagPublic, Summary: "All certificates of the registers that this node follows, newest first",
		Description: "A rare combination is looked through part by part: items may be few, or none, where next still leads on.",
		Query:       api.PageParams(api.Param{Name: "from", Doc: "only those of this Participant", Example: "CF"}, api.Param{Name: "to", Doc: "only those to this one", Example: "EU"}, api.Param{Name: "state", Doc: "only these; issued stands also for what has expired since", Enum: stateNames()})}, d.listed)
	api.Read(a, api.Operation{ID: "readCertificate", Path: "/certificates/{number}", Paths: map[string]string{"number": "CF00000017|of the certificate"}, Permission: read, Tag: tagPublic,
		Summary: "What anybody can know of a certificate", Description: "Nothing withheld is in it: not who, not how much, not from where."}, d.recorded)
	api.Read(a, api.Operation{ID: "listUnconfirmed", Path: "/unconfirmed", Permission: read, Tag: tagPublic, Summary: "Between which Participants certificates have expired that nobody has confirmed or refused (R-IMP-07)"}, d.unconfirmedPairs)
	api.Read(a, api.Operation{ID: "listUnconfirmedOf", Path: "/unconfirmed/{from}/{to}", Paths: map[string]string{"from": "CF|the Participant that issued", "to": "EU|the one that should have confirmed"}, Permission: read, Tag: tagPublic,
		Summary: "Those certificates from one Participant to another, longest first", Query: api.PageParams()}, d.unconfirmedOf)
	return nil
}

func (d *desk) store(c *api.Call, fn func(*store.Tx) error) error {
	return d.node.Ledger.Store().Read(c.Context(), d.node.Now(), fn)
}

func stateNames() (out []string) {
	for _, s := range states {
		out = append(out, string(s))
	}
	return out
}

func certificateOf(x *life.Certificate, today period.Date) Certificate {
	v := Certificate{Statement: x.Statement, Log: x.Origin, From: string(x.Participant), To: string(x.Destination), Issuer: x.Issuer, Kind: x.Kind.String(), Issued: x.Issued, Expires: x.Expires,
		Status: string(x.Status(today)), StatedAt: time.Unix(x.StatedAt, 0).UTC(), Synthetic: x.Synthetic, Events: []Event{}}
	for _, e := range x.Events {
		v.Events = append(v.Events, Event{Type: e.Type.String(), Issuer: e.Issuer, Day: dated(e.Day), Reason: e.Reason, Statement: e.Statement, StatedAt: time.Unix(e.StatedAt, 0).UTC()})
	}
	return v
}

// dated is a day that may not be there.
func dated(d period.Date) *period.Date {
	if d == 0 {
		return nil
	}
	return &d
}

func (d *desk) listed(c *api.Call) (out api.Page[Certificate], err error) {
	limit, err := c.Limit()
	if err != nil {
		return out, err
	}
	f, err := filterOf(map[string][]string{"from": {c.Query("from")}, "to": {c.Query("to")}, "state": {c.Query("state")}})
	if err != nil {
		return out, err
	}
	var at life.Place
	if err := c.After(&at); err != nil {
		return out, err
	}
	today := d.today()
	err = d.store(c, func(tx *store.Tx) error {
		l, err := life.List(tx, f, at, false, limit)
		out = api.Page[Certificate]{Items: []Certificate{}}
		for i := range l.Certificates {
			out.Items = append(out.Items, certificateOf(&l.Certificates[i], today))
		}
		if l.More {
			out.Next = api.Cursor(l.Last)
		}
		return err
	})
	return out, err
}

func (d *desk) recorded(c *api.Call) (out Life, err error) {
	n, err := ident.ParseTypedPaper(c.Path("number"))
	if err != nil {
		return out, fault.Locate(err, fault.At("number"))
	}
	out = Life{Number: string(n), Certificates: []Certificate{}}
	today := d.today()
	err = d.store(c, func(tx *store.Tx) error {
		found, err := life.Of(tx, string(n))
		if err != nil {
			return err
		}
		out.Certificates = []Certificate{}
		for _, x := range found {
			out.Certificates = append(out.Certificates, certificateOf(&x, today))
		}
		papers, err := life.TranscriptsOf(tx, string(n))
		out.Transcripts = len(papers)
		return err
	})
	if err == nil && len(out.Certificates) == 0 && out.Transcripts == 0 {
		err = fault.NotFound("certificate.not_recorded", fault.At("number"), fault.Arg("number", n))
	}
	return out, err
}

// Unconfirmed is the queue of silence.
type Unconfirmed struct {
	AsOf  time.Time `json:"as_of"`
	Items []Pair    `json:"items"`
}

// Pair is what is late between two Participants.
type Pair struct {
	From        string       `json:"from"`
	To          string       `json:"to"`
	Unconfirmed int64        `json:"unconfirmed"`
	Since       *period.Date `json:"since,omitempty" doc:"the day on which the oldest of them expired"`
	Unopened    int64        `json:"unopened" doc:"certificates whose delayed facts should be public and are not (R-OPN-01)"`
}

func (d *desk) unconfirmedPairs(c *api.Call) (out Unconfirmed, err error) {
	q, err := d.queueNow(c.Context())
	if err != nil {
		return out, err
	}
	err = d.store(c, func(tx *store.Tx) error {
		out = Unconfirmed{AsOf: q.at.UTC(), Items: []Pair{}}
		for _, l := range q.pairs {
			row := Pair{From: string(l.From), To: string(l.To), Unconfirmed: l.Unconfirmed, Unopened: l.Unopened}
			if l.Unconfirmed > 0 {
				since, err := life.Since(tx, l.From, l.To)
				if err != nil {
					return err
				}
				row.Since = dated(since)
			}
			out.Items = append(out.Items, row)
		}
		return nil
	})
	return out, err
}

func (d *desk) unconfirmedOf(c *api.Call) (out api.Page[Certificate], err error) {
	limit, err := c.Limit()
	if err != nil {
		return out, err
	}
	var pair [2]ident.ParticipantCode
	for i, name := range []string{"from", "to"} {
		if pair[i], err = ident.ParseParticipant(c.Path(name)); err != nil {
			return out, fault.Locate(err, fault.At(name))
		}
	}
	var after life.Waiting
	if err := c.After(&after); err != nil {
		return out, err
	}
	terms, err := d.terms(pair[0], pair[1])
	if err != nil {
		return out, err
	}
	var found []life.Certificate
	err = d.store(c, func(tx *store.Tx) (err error) {
		found, err = life.Unanswered(tx, pair[0], pair[1], terms.Unconfirmed, after, limit+1)
		return err
	})
	today := d.today()
	return api.Cut(found, limit, func(x life.Certificate) any {
		return life.Waiting{Expires: x.Expires, Number: x.Number, Statement: x.Statement}
	},
		func(x life.Certificate) Certificate { return certificateOf(&x, today) }), err
}
