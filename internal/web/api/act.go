package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sync"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/internal/web/form"
	"adamas.example/verify/canonical"
)

// Read registers an operation that reads.
func Read[Out any](a *API, o Operation, f func(c *Call) (Out, error)) {
	h := a.frame(&o)
	a.gives(h, &o, http.StatusOK, new(Out))
	a.add(o, Reading, h, func(c *Call) error {
		out, err := f(c)
		if err != nil {
			return err
		}
		return a.give(c, http.StatusOK, out)
	})
}

// Check registers an operation that judges what is sent and records nothing.
func Check[In, Out any](a *API, o Operation, f func(c *Call, in In) (Out, error)) {
	h := a.frame(&o)
	a.takes(h, &o, new(In))
	a.gives(h, &o, http.StatusOK, new(Out))
	a.add(o, Checking, h, func(c *Call) error {
		in, err := taken[In](c)
		if err != nil {
			return err
		}
		out, err := f(c, in)
		if err != nil {
			return err
		}
		return a.give(c, http.StatusOK, out)
	})
}

// Act registers an operation that does something. do does it under the context of the
// call and names the record with which it did; show gives the record as it stands now,
// which is the answer, and the answer again where it was lost.
func Act[In, Out any](a *API, o Operation, do func(c *Call, in In) (about string, err error), show func(c *Call, about string) (Out, error)) {
	h := a.frame(&o)
	a.takes(h, &o, new(In))
	a.acts(h, &o)
	a.gives(h, &o, http.StatusCreated, new(Out))
	a.add(o, Acting, h, func(c *Call) error {
		in, err := taken[In](c)
		if err != nil {
			return err
		}
		return a.once(c, func() (string, error) { return do(c, in) }, func(about string) (any, error) { return show(c, about) })
	})
}

// Hand registers an operation that does something and answers with a file: a print. do
// gives the file to c.Keep before it acts, so that it stands on the disk with the act and
// is the same however often it is asked for. settle ends what an act leaves open after its
// first transaction, before the file leaves; done again it changes nothing.
func Hand[In any](a *API, o Operation, do func(c *Call, in In) (about string, err error), settle func(c *Call, in In, about string) error) {
	h := a.frame(&o)
	a.takes(h, &o, new(In))
	a.acts(h, &o)
	a.gives(h, &o, http.StatusCreated, new(File))
	a.add(o, Acting, h, func(c *Call) error {
		in, err := taken[In](c)
		if err != nil {
			return err
		}
		return a.once(c, func() (string, error) { return do(c, in) }, func(about string) (any, error) { return nil, settle(c, in, about) })
	})
}

// Keep takes the file that is the answer of an act, before it is done.
func (c *Call) Keep(f *File) { c.file = f }

// Nothing is the body of an act that needs none, and of one whose body is no JSON.
type Nothing struct{}

// taken reads the body. Faults: those of form.ReadWithin.
func taken[In any](c *Call) (in In, err error) {
	if _, none := any(in).(Nothing); none && (c.op.Takes != "" || len(c.Body) == 0) {
		return in, nil
	}
	return form.ReadWithin[In](c.Body, c.op.Most)
}

func (a *API) give(c *Call, status int, out any) error {
	if f, ok := out.(*File); ok {
		c.w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", f.Name))
		a.send(c.w, c.r, status, cmp.Or(f.Media, kinds(c.op.Gives)[0]), etag(f, f.Bytes), f.Bytes)
		return nil
	}
	raw, err := write(out)
	if err != nil {
		return err
	}
	a.send(c.w, c.r, status, mediaJSON, etag(out, raw), raw)
	return nil
}

// running are the requests that are being carried out in this process.
type running struct {
	mu   sync.Mutex
	held map[string]bool
}

func (r *running) take(name string) (free func(), ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held[name] {
		return nil, false
	}
	r.held[name] = true
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.held, name)
	}, true
}

var idempotencyForm = regexp.MustCompile(`^[!-~]{1,128}$`)

// IdempotencyKey holds a key's form: 1 to 128 visible signs of ASCII. Faults:
// api.idempotency_none, api.idempotency_form.
func IdempotencyKey(headers []string) (string, error) {
	switch {
	case len(headers) == 0 || headers[0] == "" && len(headers) == 1:
		return "", fault.Usage("api.idempotency_none", fault.At("Idempotency-Key"))
	case len(headers) > 1 || !idempotencyForm.MatchString(headers[0]):
		return "", fault.Usage("api.idempotency_form", fault.At("Idempotency-Key"), fault.Text(headers[0]))
	}
	return headers[0], nil
}

// digest is what makes two requests the same.
func (c *Call) digest() canonical.Hash {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s\n", c.r.Method, c.r.URL.RequestURI())
	h.Write(c.Body)
	return canonical.Hash(h.Sum(nil))
}

// once carries an act out once for its Idempotency-Key. Faults: those of the act;
// api.idempotency_none, api.idempotency_form, api.idempotency_other (the key served for
// another request), api.idempotency_running.
func (a *API) once(c *Call, do func() (string, error), show func(about string) (any, error)) error {
	key, err := IdempotencyKey(c.r.Header.Values("Idempotency-Key"))
	if err != nil {
		return err
	}
	if c.Program.Sandbox {
		return a.rehearse(c, do)
	}
	k := kept{Program: c.Program.ID, Idempotency: key, Request: c.digest(), Operation: c.op.ID}
	before, err := a.find(c.ctx, k)
	if err != nil {
		return err
	}
	if before != nil && before.Status != 0 { // whoever has his answer may ask at once: the request that gave it may not have ended
		return a.again(c, before, k, show)
	}
	free, ok := a.running.take(c.Program.ID + " " + key)
	if !ok {
		return errRunning(key)
	}
	defer free()
	if before, err = a.find(c.ctx, k); err != nil {
		return err
	}
	if before != nil {
		return a.again(c, before, k, show)
	}
	watch := &store.Watch{Within: func(tx *store.Tx, about string) error {
		k.About = about
		if f := c.file; f != nil {
			k.Status, k.Answer, k.Media, k.Name = http.StatusCreated, f.Bytes, cmp.Or(f.Media, kinds(c.op.Gives)[0]), f.Name
		}
		return k.insert(tx)
	}}
	unwatched := c.ctx
	c.ctx = store.Watching(c.ctx, watch)
	about, err := do()
	c.ctx = unwatched
	if err != nil { // what of the act is on the disk stays there, under this key: see again
		return err
	}
	if !watch.Done() { // there was nothing to do any more
		k.About = about
		if err := a.write(c.ctx, k.insert); err != nil {
			return err
		}
	}
	return a.finish(c, k, show)
}

// again answers a request that was carried out before: with the answer that was given, or
// where that was lost between act and answer with the record as it stands.
func (a *API) again(c *Call, before *kept, k kept, show func(about string) (any, error)) error {
	if before.Request != k.Request || before.Operation != k.Operation {
		return fault.Invalid("api.idempotency_other", fault.At("Idempotency-Key"), fault.Text(k.Idempotency), fault.Arg("at", before.At))
	}
	c.w.Header().Set("Idempotency-Replayed", "true")
	if before.Status == 0 || before.Media != "" {
		return a.finish(c, *before, show)
	}
	a.send(c.w, c.r, int(before.Status), mediaJSON, "", before.Answer)
	return nil
}

// finish makes the answer from the record, keeps it and gives it.
func (a *API) finish(c *Call, k kept, show func(about string) (any, error)) error {
	out, err := show(k.About)
	if err != nil {
		return err
	}
	if k.Media != "" {
		return a.give(c, int(k.Status), &File{Name: k.Name, Media: k.Media, Bytes: k.Answer})
	}
	raw, err := write(out)
	if err != nil {
		return err
	}
	k.Status, k.Answer = http.StatusCreated, raw
	// The act is done: that the program has hung up keeps its answer from nobody.
	if err := a.write(context.WithoutCancel(c.ctx), k.keep); err != nil {
		a.cfg.Slog.Warn("an answer was not kept", "operation", c.op.ID, "program", c.Actor(), "error", err)
	}
	a.send(c.w, c.r, http.StatusCreated, mediaJSON, etag(out, raw), raw)
	return nil
}

// Rehearsed is what a sandbox is told of an act that nothing refuses.
type Rehearsed struct {
	Sandbox bool   `json:"sandbox" doc:"always true: nothing was recorded"`
	Mark    string `json:"mark" doc:"SANDBOX"`
	Note    string `json:"note" doc:"the same in words, in the language of the request"`
	About   string `json:"about,omitempty" doc:"the record with which it would have been done"`
	Would   any    `json:"would,omitempty" doc:"how the record would stand"`
}

// rehearse does an act to its end and undoes it.
func (a *API) rehearse(c *Call, do func() (string, error)) error {
	out := Rehearsed{Sandbox: true, Mark: "SANDBOX", Note: c.Printer().T("api.sandbox.note", nil)}
	watch := &store.Watch{Rehearse: true, Within: func(tx *store.Tx, about string) (err error) {
		out.About, out.Would = about, nil
		if c.op.Sketch != nil {
			out.Would, err = c.op.Sketch(tx, about)
		}
		return err
	}}
	unwatched := c.ctx
	c.ctx = store.Watching(c.ctx, watch)
	about, err := do()
	c.ctx = unwatched
	if err != nil && !errors.Is(err, store.ErrRehearsed) {
		return err
	}
	if out.About == "" {
		out.About = about
	}
	return a.give(c, http.StatusOK, out)
}

func errRunning(key string) error {
	return fault.Conflict("api.idempotency_running", fault.At("Idempotency-Key"), fault.Text(key))
}
