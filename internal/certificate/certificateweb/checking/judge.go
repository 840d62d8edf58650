package checking

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"adamas.example/internal/certificate/certificateweb/desk"
	"adamas.example/internal/certificate/paper/camera"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/document/ornament"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
)

// Bounds of what is sent to be judged here.
const (
	most     = 16 << 20 // of all of it, in bytes: a phone's photograph is half of that
	mostText = 64 << 10 // of a field that is typed
	patience = time.Minute
)

// sent is what a reader without scripts has sent.
type sent struct {
	file                        []byte
	codes, purpose, destination string
}

// judge judges what was sent and shows the page with the result, or with what is wrong.
func (c *checker) judge(w http.ResponseWriter, r *http.Request) error {
	p := c.site.Printer(r)
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return fault.Forbidden("check.from_elsewhere", fault.Because(err))
	}
	select {
	case c.doors <- struct{}{}:
		defer func() { <-c.doors }()
	default:
		return fault.Busy("check.many_at_once")
	}
	in, err := receive(w, r)
	if err != nil {
		if _, told := fault.Of(err); !told {
			return err
		}
		data := c.page(p)
		data.Destinations = c.destinations(p, "")
		return c.refuse(w, r, p, data, err)
	}
	data := c.page(p)
	data.Codes, data.Destination, data.Destinations = in.codes, in.destination, c.destinations(p, in.destination)
	opt := verify.Options{Purpose: verify.Record, At: c.site.Now()}
	if in.purpose == string(verify.Import) {
		data.Purpose = verify.Import
		opt.Purpose, opt.Destination = verify.Import, in.destination
		if _, err := ident.ParseParticipant(in.destination); in.destination != "" && err != nil {
			return c.refuse(w, r, p, data, fault.Invalid("check.question", fault.At("destination"), fault.Arg("why", err.Error()), fault.Because(err)))
		}
	}
	raw := in.file
	if len(raw) == 0 {
		raw = []byte(in.codes)
	}
	if len(strings.TrimSpace(string(raw))) == 0 {
		return c.refuse(w, r, p, data, fault.Invalid("check.nothing_chosen", fault.At("file")))
	}
	return c.answer(w, r, p, data, raw, opt)
}

// receive reads what was sent, in memory: nothing of it is kept. Faults:
// check.too_large, check.not_a_form.
func receive(w http.ResponseWriter, r *http.Request) (in sent, err error) {
	if err := form.Within(w, patience); err != nil {
		return in, err
	}
	r.Body = http.MaxBytesReader(w, r.Body, most)
	parts, err := r.MultipartReader()
	if err != nil {
		return in, fault.Invalid("check.not_a_form", fault.Because(err))
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return in, nil
		}
		if err != nil {
			return in, broken(err)
		}
		into, limit := map[string]*string{"codes": &in.codes, "purpose": &in.purpose, "destination": &in.destination}[part.FormName()], int64(mostText)
		if part.FormName() == "file" {
			limit = most
		}
		content, err := io.ReadAll(io.LimitReader(part, limit+1))
		switch {
		case err != nil:
			return in, broken(err)
		case int64(len(content)) > limit:
			return in, fault.TooLarge("check.too_large", fault.At(part.FormName()), fault.Most(limit))
		case into != nil:
			*into = strings.TrimSpace(string(content))
		case part.FormName() == "file":
			in.file = content
		}
	}
}

// broken is why what was sent could not be read to its end.
func broken(err error) error {
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.TooLarge("check.too_large", fault.At("file"), fault.Most(large.Limit), fault.Because(err))
	}
	return fault.Invalid("check.not_a_form", fault.Because(err))
}

// answer judges and shows.
func (c *checker) answer(w http.ResponseWriter, r *http.Request, p *lang.Printer, data page, raw []byte, opt verify.Options) error {
	place := c.desks
	if camera.Is(raw) {
		place = c.lens
	}
	select {
	case place <- struct{}{}:
		defer func() { <-place }()
	case <-r.Context().Done():
		return r.Context().Err()
	}
	w.Header().Set("Cache-Control", "no-store")
	res, err := c.resultOf(r.Context(), p, raw, opt)
	if err != nil {
		if fault.KindOf(err).Status() >= http.StatusInternalServerError {
			return err
		}
		return c.refuse(w, r, p, data, err)
	}
	data.Result = res
	return c.view.Render(w, r, res.First, data)
}

// result is a reading as the page shows it; web/scripts/check/render.mjs builds the same.
type result struct {
	reading.Reading
	Mark       web.Mark
	First      string   // the first sentence, and the heading
	More       []string // the others
	Number     string
	AsOf       *reading.Field
	CheckWords string
	Rosette    ornament.Drawing
}

var marks = map[verify.Outcome]web.Mark{verify.Valid: web.Valid, verify.CannotTell: web.Tell, verify.Invalid: web.Invalid}

func (c *checker) resultOf(ctx context.Context, p *lang.Printer, raw []byte, opt verify.Options) (*result, error) {
	v, err := c.packs.verifier()
	if err != nil {
		return nil, err
	}
	if camera.Is(raw) {
		if raw, err = Photographed(ctx, raw); err != nil {
			return nil, err
		}
	}
	in, err := desk.Take(v.Pack(), raw)
	if err != nil {
		return nil, err
	}
	opt.Paper = in.Paper
	verdict := v.Verify(in.Bundle, opt)
	read := reading.Of(p, verdict, v.Pack().Chain.Current().Synthetic)
	res := &result{Reading: read, Mark: marks[read.Outcome], First: read.Headline[0], More: read.Headline[1:]}
	res.Fields = slices.DeleteFunc(slices.Clone(read.Fields), func(f reading.Field) bool {
		switch f.Key {
		case "number":
			res.Number = f.Text
		case "as_of": // stands with the verdict: no yes without it
			res.AsOf = &f
		default:
			return false
		}
		return true
	})
	if l, err := desk.LikenessOf(in.Bundle); err == nil && read.Unproved == "" { // nobody shall compare a paper with what is not proved
		res.CheckWords, res.Rosette = l.CheckWords, l.Rosette
	}
	return res, nil
}

// lookFor is how long one picture is looked at.
const lookFor = 20 * time.Second

// Photographed is the text of the codes in a picture. Faults: check.codes_of_two,
// check.code_of_receipt, check.picture_*.
func Photographed(ctx context.Context, picture []byte) ([]byte, error) {
	ctx, end := context.WithTimeout(ctx, lookFor)
	defer end()
	codes, err := camera.Read(ctx, picture)
	switch {
	case err == nil:
		return []byte(codes.Text()), nil
	case errors.Is(err, camera.ErrTwo):
		return nil, fault.Invalid("check.codes_of_two", fault.Because(err))
	case errors.Is(err, camera.ErrReceipt):
		return nil, fault.Invalid("check.code_of_receipt", fault.Because(err))
	case errors.Is(err, camera.ErrNoCode):
		return nil, fault.Invalid("check.picture_without_code", fault.Because(err))
	case errors.Is(err, camera.ErrTooLarge):
		return nil, fault.TooLarge("check.picture_too_large", fault.Arg("most", camera.MaxPixels/1_000_000), fault.Because(err))
	}
	return nil, fault.Invalid("check.picture_refused", fault.Because(err))
}

// packs is the pack that the office offers, opened: the one that readers with scripts
// judge from.
type packs struct {
	node *module.Node

	mu      sync.Mutex
	changed time.Time
	opened  *verify.Verifier
}

// verifier judges from the pack that is offered now. Faults: check.no_pack,
// module.*.
func (p *packs) verifier() (*verify.Verifier, error) {
	p.node.Offer.Want()
	p.mu.Lock()
	defer p.mu.Unlock()
	path := p.node.Offer.Pack
	info, err := os.Stat(path)
	if path == "" || err != nil {
		return nil, fault.NotFound("check.no_pack", fault.Because(err))
	}
	if p.opened != nil && p.changed.Equal(info.ModTime()) {
		return p.opened, nil
	}
	read, err := module.ReadPack("--pack", path, canonical.Hash{})
	if err != nil {
		return nil, err
	}
	p.changed, p.opened = info.ModTime(), verify.New(read)
	return p.opened, nil
}
