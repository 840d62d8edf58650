package app

import (
	"context"

	"adamas.example/internal/certificate/life"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
)

// lifeRow is what became of one certificate, of any register that this node reads.
type lifeRow struct {
	Mark                                       web.Mark
	Number, From, To, Status, Issued, By, Path string
}

// newestLives is how many certificates the page shows.
const newestLives = 30

// lives lists the newest certificates of all registers, and where each stands.
func (s *statusPage) lives(ctx context.Context, p *lang.Printer) (rows []lifeRow, err error) {
	today := period.DateOf(s.env.Now().UTC())
	err = s.node.Store.Read(ctx, s.env.Now(), func(tx *store.Tx) error {
		rows = nil
		newest, err := life.Newest(tx, newestLives)
		if err != nil {
			return err
		}
		for _, n := range newest {
			all, err := life.Of(tx, n.Number)
			if err != nil {
				return err
			}
			for _, c := range all {
				if c.Statement == n.Statement && c.Origin == n.Origin {
					rows = append(rows, lifeOf(p, &c, today))
				}
			}
		}
		return nil
	})
	return rows, err
}

func lifeOf(p *lang.Printer, c *life.Certificate, today period.Date) lifeRow {
	status := c.Status(today)
	r := lifeRow{Mark: web.Invalid, Path: "/certificates/" + c.Number, Number: ident.CertificateNumber(c.Number).Display(),
		From: p.Participant(c.Participant), To: p.Participant(c.Destination), Status: p.Show(status), Issued: p.Show(c.Issued)}
	switch status {
	case life.Received:
		r.Mark = web.Valid
	case life.Attested:
		r.Mark = web.Tell
	case life.Issued:
		r.Mark = web.Wait
	}
	if n := len(c.Events); n > 0 {
		r.By = c.Events[n-1].Issuer
	}
	return r
}
