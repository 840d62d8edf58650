package receiving

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
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
	"adamas.example/internal/web/form"
	"adamas.example/internal/web/table"
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
	owner string // session
	at    time.Time
	rows  []*judged
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
	return batchPage{Form: form.New(p, nil), Most: p.T("receiving.batch.most", lang.Args{"files": mostFiles, "size": mostBatch >> 20})}
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
func (c *counter) judgeAll(w http.ResponseWriter, r *http.Request) ([]*judged, error) {
	if err := c.batches.begin(); err != nil {
		return nil, err
	}
	defer c.batches.end()
	sent, err := form.ReceiveFiles(w, r, mostFiles)
	if err != nil {
		return nil, err
	}
	files := sent.Files["file"]
	if len(files) == 0 {
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
	for i := range files {
		if err := walk.Take(files[i].Name, files[i].Content, b.one); err != nil {
			return nil, err
		}
		files[i].Content = nil
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
	rows     []*judged
}

// one judges a file; what cannot be judged is a row too.
func (b *bulk) one(name string, raw []byte, problem error) error {
	row := &judged{Name: clean(name), problem: problem}
	if problem == nil {
		if err := b.judgeOne(row, raw); err != nil {
			if fault.KindOf(err).Status() >= http.StatusInternalServerError {
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

// is what became of a file, for the list: a verdict, or none.
func (j *judged) is() string {
	if j.Outcome == "" {
		return "none"
	}
	return string(j.Outcome)
}

// judgedTable is the list of a batch.
func (c *counter) judgedTable(p *lang.Printer) *table.Table[*judged] {
	party := func(code ident.ParticipantCode) any {
		if code == "" {
			return nil
		}
		return code
	}
	return &table.Table[*judged]{
		Name: "receiving.batch.title", Empty: "receiving.batch.none",
		Columns: []table.Column[*judged]{
			{Key: "file", Title: "receiving.batch.col.file", Sort: true, Value: func(j *judged) any { return j.Name }},
			{Key: "number", Title: "receiving.col.number", Sort: true, Exact: true, Value: func(j *judged) any { return ident.CertificateNumber(j.Number) }},
			{Key: "from", Title: "receiving.col.from", Sort: true, Value: func(j *judged) any { return party(j.From) }},
			{Key: "to", Title: "receiving.batch.col.to", Sort: true, Value: func(j *judged) any { return party(j.To) }},
			{Key: "said", Title: "receiving.batch.col.said", Value: func(j *judged) any { return c.saidOfFile(p, j) }, Mark: func(j *judged) web.Mark {
				if j.Outcome == "" {
					return web.Wait
				}
				return marks[j.Outcome]
			}},
			{Key: "codes", Title: "receiving.batch.col.codes", Value: func(j *judged) any { return j.codes() }},
		},
		Filters: []table.Filter[*judged]{{Key: "show", Label: "receiving.batch.show", Value: (*judged).is, Options: func(*lang.Printer) (out []form.Option) {
			for _, is := range []string{string(verify.Valid), string(verify.CannotTell), string(verify.Invalid), "none"} {
				out = append(out, form.Option{Value: is, Text: p.T("receiving.batch.show."+is, nil)})
			}
			return out
		}}},
		Link: func(j *judged) string {
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
		counts[j.is()]++
	}
	for _, is := range []string{string(verify.Valid), string(verify.CannotTell), string(verify.Invalid), "none"} {
		data.Sums = append(data.Sums, count{Name: p.T("receiving.batch.show."+is, nil), Value: p.Number(int64(counts[is]))})
	}
	return c.many.Render(w, r, p.T("receiving.batch.title", nil), data)
}

// saidOfFile is the verdict on a file with its reasons, or why there is none.
func (c *counter) saidOfFile(p *lang.Printer, j *judged) string {
	var out []string
	if j.problem != nil {
		out = append(out, p.T("receiving.batch.not_judged", nil))
		for _, t := range p.Explain(j.problem, "-") {
			out = append(out, t.Text, t.Remedy)
		}
		return strings.Join(out, " ")
	}
	read := reading.Of(p, j.verdict, c.site.Synthetic())
	out = append(out, read.Headline[0])
	for _, check := range read.Checks {
		if verify.Outcome(check.Outcome) != verify.Valid {
			out = append(out, check.Text)
		}
	}
	if j.twice != "" {
		out = append(out, p.T("receiving.batch.twice", lang.Args{"file": j.twice}))
	}
	return strings.Join(out, " ")
}

// codes are those of the checks that did not pass, or of the fault: they do not change
// with the language.
func (j *judged) codes() string {
	if f, ok := fault.Of(j.problem); ok {
		return f.Key
	}
	var out []string
	if j.verdict != nil {
		for _, check := range j.verdict.Checks {
			if check.Outcome != verify.Valid {
				out = append(out, string(check.Code))
			}
		}
	}
	return strings.Join(out, " ")
}
