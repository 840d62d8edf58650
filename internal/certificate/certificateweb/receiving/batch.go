package receiving

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"adamas.example/internal/certificate/certificateweb/checking"
	"adamas.example/internal/certificate/certificateweb/desk"
	"adamas.example/internal/certificate/certificateweb/receiving/unpack"
	"adamas.example/internal/certificate/paper/camera"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/web"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
)

// Bounds of one batch. A browser is answered within two minutes or not at all.
const (
	mostFiles    = 1000
	mostUnpacked = 256 << 20
	mostPictures = 10 // each can take 20 seconds to look at
	judgeFor     = 90 * time.Second
)

// judged is what is said of one file of a batch.
type judged struct {
	Name    string
	Number  string
	From    ident.ParticipantCode
	To      ident.ParticipantCode
	Issued  string
	Outcome verify.Outcome // "" for what could not be judged
	verdict *verify.Verdict
	problem error
	twice   string // the file in the batch that has the number too
}

// batches are the answers that officers may still filter and take away. They are kept
// in memory, for a while and not many, and nothing of them is recorded.
type batches struct {
	mu   sync.Mutex
	busy bool
	held map[string]*batch
}

type batch struct {
	owner     string // session
	at        time.Time
	rows      []judged
	synthetic bool
}

const (
	batchFor    = 30 * time.Minute
	mostBatches = 8
)

// begin lets one batch be judged at a time. Fault check.many_at_once.
func (b *batches) begin() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.busy {
		return fault.Busy("check.many_at_once")
	}
	b.busy = true
	return nil
}

func (b *batches) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.busy = false
}

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
	b.held[id] = one
	for len(b.held) > mostBatches {
		oldest := id
		for other, x := range b.held {
			if x.at.Before(b.held[oldest].at) {
				oldest = other
			}
		}
		delete(b.held, oldest)
	}
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
	Problems []told
	Most     string
	Judged   bool
	Sum      string
	Shows    []show
	Rows     []batchRow
	File     string
	AsOf     string
	Pages    web.Pages
}

type show struct {
	Path, Name, Count string
	Current           bool
}

type batchRow struct {
	Mark                   web.Mark
	Name, Number, From, To string
	Path                   string
	Said                   string
	Reasons                []string
	Twice                  string
}

func (c *counter) batchPage(p *lang.Printer) batchPage {
	return batchPage{Most: p.T("receiving.batch.most", lang.Args{"files": mostFiles, "size": mostBatch >> 20})}
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
		if !expected(err) {
			return err
		}
		data := c.batchPage(p)
		data.Problems = tell(p, err)
		return c.many.RenderAs(w, r, fault.KindOf(err).Status(), p.T("receiving.batch.title", nil), data)
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
func (c *counter) judgeAll(w http.ResponseWriter, r *http.Request) ([]judged, error) {
	if err := c.batches.begin(); err != nil {
		return nil, err
	}
	defer c.batches.end()
	in, err := receive(w, r, mostBatch)
	if err != nil {
		return nil, err
	}
	if len(in.files) == 0 {
		return nil, fault.Invalid("check.nothing_chosen", fault.At("file"))
	}
	ctx, end := context.WithTimeout(r.Context(), judgeFor)
	defer end()
	judge, known, err := c.judge.Many(ctx)
	if err != nil {
		return nil, err
	}
	b := &bulk{ctx: ctx, judge: judge, known: known, seen: map[string]string{}}
	walk := unpack.New(unpack.Bounds{Files: mostFiles, Each: max(desk.Most, mostFile), Whole: mostUnpacked})
	for i := range in.files {
		if err := walk.Take(in.files[i].Name, in.files[i].Content, b.one); err != nil {
			return nil, err
		}
		in.files[i].Content = nil
	}
	return b.rows, nil
}

// bulk is a batch while it is judged.
type bulk struct {
	ctx      context.Context
	judge    func(*bundle.Bundle, *canonical.Hash) (*verify.Verdict, error)
	known    *pack.Pack
	pictures int
	seen     map[string]string // file by number
	rows     []judged
}

// one judges a file; what cannot be judged is a row too.
func (b *bulk) one(name string, raw []byte, problem error) error {
	row := judged{Name: clean(name), problem: problem}
	if problem == nil {
		if err := b.judgeOne(&row, raw); err != nil {
			if !expected(err) {
				return err
			}
			row.problem = err
		}
	}
	b.rows = append(b.rows, row)
	return nil
}

func (b *bulk) judgeOne(row *judged, raw []byte) (err error) {
	if b.ctx.Err() != nil {
		return fault.Limited("receiving.out_of_time")
	}
	if camera.Is(raw) {
		if b.pictures++; b.pictures > mostPictures {
			return fault.Limited("receiving.many_pictures", fault.Arg("most", mostPictures))
		}
		if raw, err = checking.Photographed(b.ctx, raw); err != nil {
			return err
		}
	}
	in, err := desk.Take(b.known, raw)
	if err != nil {
		return err
	}
	v, err := b.judge(in.Bundle, in.Paper)
	if err != nil {
		return err
	}
	row.verdict, row.Outcome = v, v.Outcome
	if o := v.Open; o != nil {
		row.Number, row.From, row.To, row.Issued = o.Number, ident.ParticipantCode(o.From), ident.ParticipantCode(o.To), o.Issued
		row.twice = b.seen[o.Number]
		if row.twice == "" {
			b.seen[o.Number] = row.Name
		}
	}
	return nil
}

// clean is a file's name as it is shown: what its sender calls it, bounded.
func clean(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, name)
	return cut(name, 120)
}

// filters are what a batch can be looked at by.
var filters = []string{"", string(verify.Valid), string(verify.CannotTell), string(verify.Invalid), "none"}

func (j *judged) is(filter string) bool {
	return filter == "" || string(j.Outcome) == filter || filter == "none" && j.Outcome == ""
}

// judgedBefore finds the batch that an address names. Fault receiving.batch_gone.
func (c *counter) judgedBefore(r *http.Request) (*batch, error) {
	b := c.batches.find(r.URL.Query().Get("of"), owner(r), c.site.Now())
	if b == nil {
		return nil, fault.NotFound("receiving.batch_gone")
	}
	return b, nil
}

// showJudged shows a batch.
func (c *counter) showJudged(w http.ResponseWriter, r *http.Request) error {
	b, err := c.judgedBefore(r)
	if err != nil {
		return err
	}
	start, err := rankOf(r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	p := c.site.Printer(r)
	filter, of := r.URL.Query().Get("show"), "?of="+url.QueryEscape(r.URL.Query().Get("of"))
	data := c.batchPage(p)
	data.Judged, data.File, data.AsOf = true, of, p.Time(b.at)
	data.Sum = p.T("receiving.batch.sum", lang.Args{"count": len(b.rows)})
	for _, f := range filters {
		n := 0
		for i := range b.rows {
			if b.rows[i].is(f) {
				n++
			}
		}
		data.Shows = append(data.Shows, show{"/imports/batch" + of + "&show=" + url.QueryEscape(f), p.T("receiving.batch.show."+word(f), nil), p.Number(int64(n)), f == filter})
	}
	var rows []*judged
	for i := range b.rows {
		if b.rows[i].is(filter) {
			rows = append(rows, &b.rows[i])
		}
	}
	for _, j := range rows[min(start, len(rows)):min(start+listShown, len(rows))] {
		data.Rows = append(data.Rows, c.batchRow(p, j))
	}
	data.Pages = ranked(p, r.URL, start, listShown, len(rows))
	return c.many.Render(w, r, p.T("receiving.batch.title", nil), data)
}

func word(filter string) string {
	if filter == "" {
		return "all"
	}
	return filter
}

func (c *counter) batchRow(p *lang.Printer, j *judged) batchRow {
	row := batchRow{Mark: web.Wait, Name: j.Name}
	if j.twice != "" {
		row.Twice = p.T("receiving.batch.twice", lang.Args{"file": j.twice})
	}
	if j.problem != nil {
		for _, t := range tell(p, j.problem) {
			row.Reasons = append(row.Reasons, t.Text, t.Remedy)
		}
		row.Said = p.T("receiving.batch.not_judged", nil)
		return row
	}
	read := reading.Of(p, j.verdict, c.site.Synthetic())
	row.Mark, row.Said = marks[j.Outcome], read.Headline[0]
	for _, check := range read.Checks {
		if verify.Outcome(check.Outcome) != verify.Valid {
			row.Reasons = append(row.Reasons, check.Text)
		}
	}
	if j.Number != "" {
		row.Number, row.From, row.To = ident.CertificateNumber(j.Number).Display(), p.Participant(j.From), p.Participant(j.To)
		row.Path = "/certificates/" + j.Number
	}
	return row
}

// sendJudged sends a batch as a table, with the codes that do not change with the
// language beside the reasons in words.
func (c *counter) sendJudged(w http.ResponseWriter, r *http.Request) error {
	b, err := c.judgedBefore(r)
	if err != nil {
		return err
	}
	p := c.site.Printer(r)
	out := [][]any{{"file", "certificate", "from", "to", "issued", "outcome", "checks", "reasons", "twice_with", "as_of"}}
	for i := range b.rows {
		j := &b.rows[i]
		outcome, codes, asOf := "not_judged", "", time.Time{}
		if j.verdict != nil {
			outcome = string(j.Outcome)
			var failed []string
			for _, check := range j.verdict.Checks {
				if check.Outcome != verify.Valid {
					failed = append(failed, string(check.Code))
				}
			}
			codes = strings.Join(failed, " ")
			if j.verdict.AsOf != nil {
				asOf = *j.verdict.AsOf
			}
		} else if f, ok := fault.Of(j.problem); ok {
			codes = f.Key
		}
		out = append(out, []any{j.Name, j.Number, string(j.From), string(j.To), j.Issued, outcome, codes, strings.Join(c.batchRow(p, j).Reasons, " "), j.twice, asOf})
	}
	return c.sendTable(w, r, "batch", out)
}
