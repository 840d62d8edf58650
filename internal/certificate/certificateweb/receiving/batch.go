package receiving

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"

	"adamas.example/internal/certificate/certificateweb/receiving/bulk"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
	"adamas.example/internal/web/table"
	"adamas.example/verify"
)

// batches are the answers that officers may still filter and take away. They are kept
// in memory, for a while and not many, and nothing of them is recorded.
type batches struct {
	mu   sync.Mutex
	held map[string]*batch
}

type batch struct {
	owner string // session
	at    time.Time
	rows  []*bulk.Row
}

const (
	batchFor    = 30 * time.Minute
	mostBatches = 8
)

// keep holds a batch, and lets go of the oldest.
func (b *batches) keep(one *batch) string {
	var raw [16]byte
	rand.Read(raw[:])
	id := hex.EncodeToString(raw[:])
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held == nil {
		b.held = map[string]*batch{}
	}
	if len(b.held) >= mostBatches {
		oldest := ""
		for other, x := range b.held {
			if oldest == "" || x.at.Before(b.held[oldest].at) {
				oldest = other
			}
		}
		delete(b.held, oldest)
	}
	b.held[id] = one
	return id
}

// find gives the owner's batch; nil for none, or that of another.
func (b *batches) find(id, owner string, now time.Time) *batch {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.held[id]
	if one == nil || one.owner != owner || now.Sub(one.at) > batchFor {
		return nil
	}
	return one
}

// batchPage is the form, and what was judged.
type batchPage struct {
	Form *form.Form
	Most string
	List *table.Shown // nil before anything was judged
	Sums []count
	AsOf string
}

func (c *counter) batchPage(p *lang.Printer) batchPage {
	return batchPage{Form: form.New(p, nil), Most: p.T("receiving.batch.most", lang.Args{"files": bulk.MostFiles, "size": bulk.Most >> 20})}
}

func (c *counter) showBatch(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Get("of") != "" {
		return c.showJudged(w, r)
	}
	p := c.site.Printer(r)
	return c.many.Render(w, r, p.T("receiving.batch.title", nil), c.batchPage(p))
}

func (c *counter) takeBatch(w http.ResponseWriter, r *http.Request) error {
	p := c.site.Printer(r)
	rows, err := c.judgeAll(w, r)
	if err != nil {
		data := c.batchPage(p)
		if err := data.Form.Refuse(fault.Locate(err, fault.At("file"))); err != nil {
			return err
		}
		return c.many.RenderAs(w, r, statusOf(err), p.T("receiving.batch.title", nil), data)
	}
	id := c.batches.keep(&batch{owner: owner(r), at: c.site.Now(), rows: rows})
	return next(w, r, "/imports/batch?of="+id)
}

// owner is whose a batch is: the session's, so that it ends with it.
func owner(r *http.Request) string {
	v := web.VisitorOf(r.Context())
	return string(v.Actor.ID) + " " + v.Session
}

// judgeAll judges what was sent.
func (c *counter) judgeAll(w http.ResponseWriter, r *http.Request) ([]*bulk.Row, error) {
	ctx, end, err := c.bulk.Turn(r.Context())
	if err != nil {
		return nil, err
	}
	defer end()
	sent, err := form.ReceiveFiles(w, r, bulk.MostFiles)
	if err != nil {
		return nil, err
	}
	return c.bulk.All(ctx, sent.Files["file"])
}

// judgedTable is the list of a batch.
func (c *counter) judgedTable(p *lang.Printer) *table.Table[*bulk.Row] {
	party := func(code ident.ParticipantCode) any {
		if code == "" {
			return nil
		}
		return code
	}
	return &table.Table[*bulk.Row]{
		Name: "receiving.batch.title", Empty: "receiving.batch.none",
		Columns: []table.Column[*bulk.Row]{
			{Key: "file", Title: "receiving.batch.col.file", Sort: true, Value: func(j *bulk.Row) any { return j.Name }},
			{Key: "number", Title: "receiving.col.number", Sort: true, Exact: true, Value: func(j *bulk.Row) any { return ident.CertificateNumber(j.Number) }},
			{Key: "from", Title: "receiving.col.from", Sort: true, Value: func(j *bulk.Row) any { return party(j.From) }},
			{Key: "to", Title: "receiving.batch.col.to", Sort: true, Value: func(j *bulk.Row) any { return party(j.To) }},
			{Key: "said", Title: "receiving.batch.col.said", Value: func(j *bulk.Row) any { return c.saidOfFile(p, j) }, Mark: func(j *bulk.Row) web.Mark {
				if j.Outcome == "" {
					return web.Wait
				}
				return marks[j.Outcome]
			}},
			{Key: "codes", Title: "receiving.batch.col.codes", Value: func(j *bulk.Row) any { return strings.Join(j.Codes(), " ") }},
		},
		Filters: []table.Filter[*bulk.Row]{{Key: "show", Label: "receiving.batch.show", Value: (*bulk.Row).Is, Options: func(*lang.Printer) (out []form.Option) {
			for _, is := range []string{string(verify.Valid), string(verify.CannotTell), string(verify.Invalid), "none"} {
				out = append(out, form.Option{Value: is, Text: p.T("receiving.batch.show."+is, nil)})
			}
			return out
		}}},
		Link: func(j *bulk.Row) string {
			if j.Number == "" {
				return ""
			}
			return "/certificates/" + j.Number
		},
	}
}

// showJudged shows a batch, or sends it as a file. Fault receiving.batch_gone.
func (c *counter) showJudged(w http.ResponseWriter, r *http.Request) error {
	b := c.batches.find(r.URL.Query().Get("of"), owner(r), c.site.Now())
	if b == nil {
		return fault.NotFound("receiving.batch_gone")
	}
	p := c.site.Printer(r)
	t, data := c.judgedTable(p), c.batchPage(p)
	shown, err := t.Answer(w, r, c.site, table.Rows(t, b.rows))
	if shown == nil {
		return err
	}
	data.List, data.AsOf = shown, p.Time(b.at)
	counts := map[string]int{}
	for _, j := range b.rows {
		counts[j.Is()]++
	}
	for _, is := range []string{string(verify.Valid), string(verify.CannotTell), string(verify.Invalid), "none"} {
		data.Sums = append(data.Sums, count{Name: p.T("receiving.batch.show."+is, nil), Value: p.Number(int64(counts[is]))})
	}
	return c.many.Render(w, r, p.T("receiving.batch.title", nil), data)
}

// saidOfFile is the verdict on a file with its reasons, or why there is none.
func (c *counter) saidOfFile(p *lang.Printer, j *bulk.Row) string {
	var out []string
	if j.Problem != nil {
		out = append(out, p.T("receiving.batch.not_judged", nil))
		for _, t := range p.Explain(j.Problem, "-") {
			out = append(out, t.Text, t.Remedy)
		}
		return strings.Join(out, " ")
	}
	read := reading.Of(p, j.Verdict, c.site.Synthetic())
	out = append(out, read.Headline[0])
	for _, check := range read.Checks {
		if verify.Outcome(check.Outcome) != verify.Valid {
			out = append(out, check.Text)
		}
	}
	if j.Twice != "" {
		out = append(out, p.T("receiving.batch.twice", lang.Args{"file": j.Twice}))
	}
	return strings.Join(out, " ")
}
