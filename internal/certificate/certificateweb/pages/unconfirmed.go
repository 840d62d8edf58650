package pages

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"adamas.example/internal/certificate/life"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
)

// unconfirmed lists the pairs of Participants between which something is late.
type unconfirmed struct {
	Laws   []lawRow
	Pairs  []pairRow
	Whole  pairRow
	Pages  web.Pages
	AsOf   string
	Counts []count
	Apart  string // what is counted apart; "" for nothing
}

type count struct{ Name, Value string }

type pairRow struct{ Path, From, To, Unconfirmed, Since, Unopened string }

// showUnconfirmed serves the queue of silence, which is public (R-IMP-07).
func (d *desk) showUnconfirmed(w http.ResponseWriter, r *http.Request) error {
	p := d.site.Printer(r)
	laws, err := d.laws(p, confirmRule, openRule)
	if err != nil {
		return err
	}
	start, err := rankOf(r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	q, err := d.queueNow(r.Context())
	if err != nil {
		return err
	}
	late, all := q.pairs, q.all
	data := unconfirmed{Laws: laws, AsOf: p.Time(q.at.UTC())}
	err = d.node.Ledger.Store().Read(r.Context(), d.node.Now(), func(tx *store.Tx) (err error) {
		data.Pairs, err = pairRows(tx, p, late[min(start, len(late)):min(start+pairsShown, len(late))])
		return err
	})
	if err != nil {
		return err
	}
	var first, next string
	if start > 0 {
		first = r.URL.Path
	}
	if start+pairsShown < len(late) {
		next = r.URL.Path + "?after=" + strconv.Itoa(start+pairsShown)
	}
	data.Pages = pagesOf(p, first, next)
	var confirm, open int64
	for _, l := range late {
		confirm, open = confirm+l.Unconfirmed, open+l.Unopened
	}
	data.Whole = pairRow{Unconfirmed: p.Number(confirm), Unopened: p.Number(open)}
	data.Counts = []count{{p.T("certificate.page.unconfirmed.all", nil), p.Number(all.Certificates)},
		{p.T("certificate.page.unconfirmed.received", nil), p.Number(all.Received)}, {p.T("certificate.page.unconfirmed.late", nil), p.Number(confirm)}}
	data.Apart = apart(p, all)
	return d.unconfirmed.Render(w, r, p.T("certificate.page.unconfirmed.title", nil), data)
}

// queue is what is late between all pairs, as of a moment.
type queue struct {
	at    time.Time
	pairs []life.Pair
	all   life.Counts
}

// queueFor is how long a queue is shown: it is reckoned in days, and the same for
// every reader.
const queueFor = 15 * time.Second

// queueNow reckons the queue, once for all who ask within a few seconds.
func (d *desk) queueNow(ctx context.Context) (queue, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.node.Now()
	if age := now.Sub(d.queue.at); !d.queue.at.IsZero() && age >= 0 && age < queueFor {
		return d.queue, nil
	}
	q := queue{at: now}
	err := d.node.Ledger.Store().Read(ctx, now, func(tx *store.Tx) (err error) {
		if q.pairs, err = life.Overdue(tx, d.terms); err == nil {
			q.all, err = life.Count(tx)
		}
		return err
	})
	if err != nil {
		return q, err
	}
	d.queue = q
	return q, nil
}

// pairsShown is how many pairs of Participants one page shows. There are never more
// than Participants times Participants, so their rank is the way through them.
const pairsShown = 100

func rankOf(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1<<20 {
		return 0, fault.Invalid("certificate.page_place", fault.At("after"), fault.Text(s))
	}
	return n, nil
}

func pairRows(tx *store.Tx, p *lang.Printer, late []life.Pair) ([]pairRow, error) {
	var out []pairRow
	for _, l := range late {
		row := pairRow{Path: "/unconfirmed/" + string(l.From) + "/" + string(l.To), From: p.Participant(l.From), To: p.Participant(l.To),
			Unconfirmed: p.Number(l.Unconfirmed), Unopened: p.Number(l.Unopened)}
		if l.Unconfirmed > 0 {
			since, err := life.Since(tx, l.From, l.To)
			if err != nil {
				return nil, err
			}
			row.Since = p.Show(since)
		}
		out = append(out, row)
	}
	return out, nil
}

// pair is what is open from one Participant to another.
type pair struct {
	From, To string
	Laws     []lawRow
	Counts   []count
	Rows     []waitingRow
	Pages    web.Pages
	AsOf     string
}

type waitingRow struct{ Path, Number, Expires, Late string }

// showPair lists the certificates that nobody has confirmed or refused.
func (d *desk) showPair(w http.ResponseWriter, r *http.Request) error {
	from, err := ident.ParseParticipant(r.PathValue("from"))
	to, err2 := ident.ParseParticipant(r.PathValue("to"))
	if err != nil || err2 != nil {
		return fault.NotFound("web.no_page", fault.Text(r.URL.Path))
	}
	after, err := waitingOf(r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	p := d.site.Printer(r)
	terms, err := d.terms(from, to)
	if err != nil {
		return err
	}
	var rows []life.Certificate
	var sums life.Sums
	err = d.node.Ledger.Store().Read(r.Context(), d.node.Now(), func(tx *store.Tx) (err error) {
		if sums, err = life.SumsOf(tx, from, to); err == nil {
			rows, err = life.Unanswered(tx, from, to, terms.Unconfirmed, after, pageSize+1)
		}
		return err
	})
	if err != nil {
		return err
	}
	data := pair{From: p.Participant(from), To: p.Participant(to), AsOf: p.Time(d.node.Now().UTC())}
	if data.Laws, err = d.laws(p, confirmRule); err != nil {
		return err
	}
	data.Counts = []count{{p.T("certificate.page.unconfirmed.all", nil), p.Number(sums.Certificates)},
		{p.T("certificate.page.unconfirmed.received", nil), p.Number(sums.Received)}, {p.T("certificate.page.unconfirmed.open", nil), p.Number(sums.Unanswered)}}
	var first, next string
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		next = r.URL.Path + "?after=" + url.QueryEscape(waitingText(&rows[pageSize-1]))
	}
	if after != (life.Waiting{}) {
		first = r.URL.Path
	}
	data.Pages = pagesOf(p, first, next)
	for i := range rows {
		data.Rows = append(data.Rows, d.waitingRow(p, &rows[i]))
	}
	return d.pair.Render(w, r, p.T("certificate.page.pair.title", lang.Args{"from": from, "to": to}), data)
}

func (d *desk) waitingRow(p *lang.Printer, c *life.Certificate) waitingRow {
	late := d.today().DaysSince(c.Expires)
	return waitingRow{Path: "/certificates/" + c.Number, Number: ident.CertificateNumber(c.Number).Display(), Expires: p.Show(c.Expires),
		Late: p.Show(period.Limit{N: late, Unit: period.CalendarDays})}
}

// waitingText is a place in the list of a pair as it stands in an address.
func waitingText(c *life.Certificate) string {
	return strconv.FormatInt(int64(c.Expires), 10) + "-" + c.Number + "-" + hex.EncodeToString(c.Statement[:])
}

// waitingOf reads it. Fault certificate.page_place.
func waitingOf(s string) (w life.Waiting, err error) {
	if s == "" {
		return w, nil
	}
	wrong := fault.Invalid("certificate.page_place", fault.At("after"), fault.Text(s))
	parts := strings.Split(s, "-")
	if len(parts) != 3 {
		return w, wrong
	}
	day, err := strconv.ParseInt(parts[0], 10, 32)
	if err != nil {
		return w, wrong
	}
	number, err := ident.ParseNumber(parts[1])
	if err != nil {
		return w, wrong
	}
	raw, err := hex.DecodeString(parts[2])
	if err != nil || len(raw) != len(w.Statement) {
		return w, wrong
	}
	w.Expires, w.Number = period.Date(day), string(number)
	copy(w.Statement[:], raw)
	return w, nil
}

// pagesOf are the ways on and back.
func pagesOf(p *lang.Printer, first, next string) web.Pages {
	return web.Pages{Earlier: first, Later: next, EarlierWords: p.T("certificate.page.pair.first", nil), LaterWords: p.T("certificate.page.pair.next", nil), Label: p.T("web.pages", nil)}
}
