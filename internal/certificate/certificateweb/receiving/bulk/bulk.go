// Package bulk judges many certificates at once for import, for the desk's page and for
// programs: files, and archives of files. Nothing of them is recorded or kept.
//
// # Invariants
//
//   - A node judges one batch at a time, and within bounds of files, bytes, pictures and time.
//   - What cannot be judged is a row with its reason, and ends no batch.
//
// It may import floors 0 to 2, verify, and its neighbours in certificateweb.
package bulk

import (
	"context"
	"net/http"
	"strings"
	"time"

	"adamas.example/internal/certificate/certificateweb/checking"
	"adamas.example/internal/certificate/certificateweb/desk"
	"adamas.example/internal/certificate/certificateweb/judge"
	"adamas.example/internal/certificate/certificateweb/receiving/unpack"
	"adamas.example/internal/certificate/paper/camera"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/web/form"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
)

// Bounds of one batch. Whoever sends it is answered within two minutes or not at all
// (app/doors): what is sent slowly leaves less time to judge it in.
const (
	Most         = 64 << 20 // of what is sent, in bytes
	MostFiles    = 1000
	mostFile     = 16 << 20
	mostUnpacked = 256 << 20
	mostPictures = 10               // each can take 20 seconds to look at
	lasts        = 90 * time.Second // from its turn to its last verdict
	mostName     = 120
)

// Row is what is said of one file.
type Row struct {
	Name    string
	Number  string
	From    ident.ParticipantCode
	To      ident.ParticipantCode
	Issued  string
	Outcome verify.Outcome // "" for what could not be judged
	Verdict *verify.Verdict
	Problem error
	Twice   string // the file in the batch that has the number too
}

// Judge judges batches. It is safe for any number of goroutines.
type Judge struct{ judge *judge.Judge }

// New makes one.
func New(j *judge.Judge) *Judge { return &Judge{j} }

// Turn is that of one batch, taken before any of it is read: the batch is read and judged
// under the context that it gives, and end lets the next begin. Fault check.many_at_once.
func (j *Judge) Turn(ctx context.Context) (of context.Context, end func(), err error) {
	next, free := j.judge.Turn()
	if !free {
		return nil, nil, fault.Busy("check.many_at_once")
	}
	of, cancel := context.WithTimeout(ctx, lasts)
	return of, func() { cancel(); next() }, nil
}

// All judges files, archives among them, from one state of what is known, under the context
// of their turn. Faults: check.nothing_chosen, receiving.out_of_time, those of package
// unpack.
func (j *Judge) All(ctx context.Context, files []form.File) ([]*Row, error) {
	if len(files) == 0 {
		return nil, fault.Invalid("check.nothing_chosen", fault.At("file"))
	}
	if ctx.Err() != nil {
		return nil, errLate()
	}
	one, known, err := j.judge.Many(ctx)
	if err != nil {
		return nil, err
	}
	b := &batch{ctx: ctx, judge: one, known: known, seen: map[string]string{}}
	walk := unpack.New(unpack.Bounds{Files: MostFiles, Each: max(desk.Most, mostFile), Whole: mostUnpacked})
	for i := range files {
		if err := walk.Take(files[i].Name, files[i].Content, b.one); err != nil {
			return nil, err
		}
		files[i].Content = nil
	}
	return b.rows, nil
}

func errLate() error { return fault.Limited("receiving.out_of_time") }

// batch is one while it is judged.
type batch struct {
	ctx      context.Context
	judge    func(*bundle.Bundle, *canonical.Hash) (*verify.Verdict, error)
	known    *pack.Pack
	pictures int
	seen     map[string]string // file by number
	rows     []*Row
}

// one judges a file; what cannot be judged is a row too.
func (b *batch) one(name string, raw []byte, problem error) error {
	row := &Row{Name: clean(name), Problem: problem}
	if problem == nil {
		if err := b.judgeOne(row, raw); err != nil {
			if _, told := fault.Of(err); !told || fault.KindOf(err).Status() >= http.StatusInternalServerError {
				return err
			}
			row.Problem = err
		}
	}
	b.rows = append(b.rows, row)
	return nil
}

func (b *batch) judgeOne(row *Row, raw []byte) (err error) {
	if b.ctx.Err() != nil {
		return errLate()
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
	row.Verdict, row.Outcome = v, v.Outcome
	if o := v.Open; o != nil {
		row.Number, row.From, row.To, row.Issued = o.Number, ident.ParticipantCode(o.From), ident.ParticipantCode(o.To), o.Issued
		row.Twice = b.seen[o.Number]
		if row.Twice == "" {
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
	return Cut(name, mostName)
}

// Cut is a text as one line of at most so many bytes, without half a sign at its end.
func Cut(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= most {
		return s
	}
	for most > 0 && s[most]&0xc0 == 0x80 {
		most--
	}
	return s[:most]
}

// Is is what became of a file: a verdict, or "none".
func (r *Row) Is() string {
	if r.Outcome == "" {
		return "none"
	}
	return string(r.Outcome)
}

// Codes are those of the checks that did not pass, or of the fault: they do not change
// with the language.
func (r *Row) Codes() (out []string) {
	if f, ok := fault.Of(r.Problem); ok {
		return []string{f.Key}
	}
	if r.Verdict != nil {
		for _, check := range r.Verdict.Checks {
			if check.Outcome != verify.Valid {
				out = append(out, string(check.Code))
			}
		}
	}
	return out
}
