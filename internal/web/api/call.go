package api

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"golang.org/x/time/rate"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
)

// Call is one request of a program, whose right to it has been asked.
type Call struct {
	Program *Program // nil: anybody, at an operation that is everybody's
	// Seen is how many steps the record had that the program looked at (If-Match with
	// the ETag that it was given); 0: it does not say.
	Seen int64
	// Body is what was sent.
	Body []byte

	ctx context.Context
	w   http.ResponseWriter
	r   *http.Request
	op  *Operation
	api *API

	sent  string // the key that came with it
	file  *File  // that is the answer of the act
	leave func() // once it is answered
}

// Context is the request's; an act is done under it, or it is not known to be done.
func (c *Call) Context() context.Context { return c.ctx }

// Path is a part of the address.
func (c *Call) Path(name string) string { return c.r.PathValue(name) }

// Query is a parameter.
func (c *Call) Query(name string) string { return c.r.URL.Query().Get(name) }

// Printer speaks the language of the request.
func (c *Call) Printer() *lang.Printer { return c.api.printer(c.r) }

// Actor is the program's name in the files of what it does.
func (c *Call) Actor() string {
	if c.Program == nil {
		return ""
	}
	return "program:" + c.Program.ID
}

// Name is what people call it.
func (c *Call) Name() string {
	if c.Program == nil {
		return ""
	}
	return c.Program.Name
}

// Address is where the request comes from, for the trail.
func (c *Call) Address() string { return address(c.r) }

// Company is the trader for whom the program acts; "" for the office's own.
func (c *Call) Company() string {
	if c.Program == nil {
		return ""
	}
	return c.Program.Company
}

// Roles are those among some that the program holds at this office, in their order.
func (c *Call) Roles(among []access.Role) (out access.RoleList) {
	if c.Program == nil {
		return nil
	}
	for _, role := range among {
		if slices.ContainsFunc(c.Program.Actor.Grants, func(g access.Grant) bool { return g.Role == role && g.Office == c.api.cfg.Site.Office() }) {
			out = append(out, role)
		}
	}
	return out
}

// May tells whether the program holds a permission here.
func (c *Call) May(permission string) bool { return c.api.require(c.r, c.Program, permission) == nil }

// Limit is how many of a list are asked for. Fault api.limit.
func (c *Call) Limit() (int, error) {
	s := c.Query("limit")
	if s == "" {
		return usualLimit, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > mostLimit {
		return 0, fault.Invalid("api.limit", fault.At("limit"), fault.Text(s), fault.Arg("most", mostLimit))
	}
	return n, nil
}

const (
	usualLimit = 50
	mostLimit  = 200
)

// After reads the place in a list from which it goes on; it leaves v alone where none is
// given. Fault api.cursor.
func (c *Call) After(v any) error {
	s := c.Query("after")
	if s == "" {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(raw, v)
	}
	if err != nil || len(s) > 500 {
		return fault.Invalid("api.cursor", fault.At("after"), fault.Because(err))
	}
	return nil
}

// Cursor is a place in a list, for After.
func Cursor(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // a place is plain data
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Page is a part of a list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"where the list goes on, for the parameter after; missing at its end"`
}

// PageParams are the parameters of every list.
func PageParams(more ...Param) []Param {
	return append(more, Param{Name: "after", Doc: "the value of next in the answer before"}, Param{Name: "limit", Doc: "how many, 200 at most; 50 where it is not given", Example: "50"})
}

// Cut makes a page of one more than the limit.
func Cut[T, I any](found []I, limit int, place func(I) any, show func(I) T) Page[T] {
	p := Page[T]{Items: []T{}}
	if len(found) > limit {
		found = found[:limit]
		p.Next = Cursor(place(found[limit-1]))
	}
	for _, x := range found {
		p.Items = append(p.Items, show(x))
	}
	return p
}

// printer speaks the language of Accept-Language: a browser's choice of language, which
// stands in a cookie, is nothing to a program.
func (a *API) printer(r *http.Request) *lang.Printer {
	return a.cfg.Site.Speaker(lang.Match(r.Header.Get("Accept-Language")))
}

// answer finds out who asks and what he may, takes his turn, reads the body within bounds,
// and answers.
func (a *API) answer(w http.ResponseWriter, r *http.Request, o *Operation, serve func(*Call) error) {
	c := &Call{w: w, op: o, api: a, leave: func() {}}
	err := a.admit(c, r)
	defer func() { c.leave() }()
	if err == nil {
		err = c.serve(serve)
	}
	if err != nil {
		a.refuse(w, cmp.Or(c.r, r), c, err)
	}
}

// serve does the operation, in its turn.
func (c *Call) serve(do func(*Call) error) error {
	if c.op.Turn != nil {
		ctx, end, err := c.op.Turn(c.ctx)
		if err != nil {
			return err
		}
		defer end()
		c.ctx = ctx
		if until, bound := ctx.Deadline(); bound {
			if err := form.Within(c.w, time.Until(until)); err != nil {
				return err
			}
		}
	}
	if c.op.kind != Reading {
		if err := c.read(); err != nil {
			return err
		}
		if c.Program != nil { // the body may have come long after the key: one that was ended meanwhile does nothing
			if _, err := c.api.cfg.Know(c.ctx, c.sent, address(c.r)); err != nil {
				return err
			}
		}
	}
	return do(c)
}

// admit is everything before the operation itself and its body.
func (a *API) admit(c *Call, r *http.Request) (err error) {
	if c.op.kind != Reading { // also what is refused: the server takes it to its end
		if err := form.Within(c.w, form.Patience); err != nil {
			return err
		}
	}
	// Who is signed in at the pages is nobody here.
	visitor := web.Visitor{}
	header := r.Header.Values("Authorization")
	if len(header) > 0 {
		var ok bool
		if c.sent, ok = bearer(header[0]); !ok || len(header) > 1 {
			return fault.Unproven("api.no_key")
		}
		if c.Program, err = a.cfg.Know(r.Context(), c.sent, address(r)); err != nil {
			return err
		}
		visitor = web.Visitor{Actor: c.Program.Actor, Login: c.Actor(), Name: c.Program.Name, Company: c.Program.Company}
	}
	c.r = r.WithContext(web.WithVisitor(r.Context(), visitor))
	c.ctx = c.r.Context()
	if err := a.slow(c); err != nil { // also of what it may not ask
		return err
	}
	if err := a.require(c.r, c.Program, c.op.Permission); err != nil {
		return err
	}
	if c.Seen, err = seen(r.Header.Get("If-Match")); err == nil && c.op.kind != Reading {
		err = a.enter(c)
	}
	return err
}

// enter holds those without a key to what an operation bears, before anything of the body
// is taken. Faults: api.too_fast_here, api.busy.
func (a *API) enter(c *Call) error {
	if c.Program != nil || c.op.door == nil {
		return nil
	}
	refused := fault.Limited("api.too_fast_here", fault.Arg("seconds", busyFor))
	if a.cfg.Arrives == nil || a.cfg.Arrives(c.Address(), a.cfg.Now()) {
		select {
		case c.op.door <- struct{}{}:
			c.leave = func() { <-c.op.door }
			return nil
		default:
			refused = fault.Busy("api.busy", fault.Arg("seconds", busyFor))
		}
	}
	if c.r.ProtoMajor == 1 {
		c.w.Header().Set("Connection", "close") // the answer waits for no body
	}
	return refused
}

// busyFor is after how many seconds it is worth coming back.
const busyFor = 10

// require asks the matrix, and then what the key is held to. Faults: api.no_key,
// access.denied, api.key_narrow.
func (a *API) require(r *http.Request, p *Program, permission string) error {
	if err := a.cfg.Site.Require(r, permission); err != nil {
		if fault.KindOf(err) == fault.KindUnproven {
			return fault.Unproven("api.no_key", fault.Because(err))
		}
		return err
	}
	if p != nil && len(p.Only) > 0 && !slices.Contains(p.Only, permission) && !a.public(permission) && permission != call {
		return fault.Forbidden("api.key_narrow", fault.Arg("permission", permission))
	}
	return nil
}

// slow holds a program to its rate. Fault api.too_fast.
func (a *API) slow(c *Call) error {
	if c.Program == nil {
		return nil
	}
	perMinute := cmp.Or(c.Program.PerMinute, usualPerMinute)
	a.mu.Lock()
	l := a.rates[c.Program.ID]
	if l == nil || l.Limit() != rate.Limit(float64(perMinute)/60) {
		l = rate.NewLimiter(rate.Limit(float64(perMinute)/60), max(1, perMinute/10))
		a.rates[c.Program.ID] = l
	}
	a.mu.Unlock()
	now := a.cfg.Now()
	if l.AllowN(now, 1) {
		return nil
	}
	return fault.Limited("api.too_fast", fault.Arg("most", perMinute), fault.Arg("seconds", int(math.Ceil(60/float64(perMinute)))))
}

// read reads the body. Faults: api.media, api.too_large, api.body_broken.
func (c *Call) read() error {
	wants := cmp.Or(c.op.Takes, mediaJSON)
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, c.op.Most))
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.TooLarge("api.too_large", fault.Most(large.Limit), fault.Because(err))
	}
	if err != nil {
		return fault.Usage("api.body_broken", fault.Because(err))
	}
	if got, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); len(body) > 0 && (err != nil || !slices.Contains(kinds(wants), got)) {
		return fault.Media("api.media", fault.Text(c.r.Header.Get("Content-Type")), fault.Arg("wanted", wants))
	}
	c.Body = body
	return nil
}

const mediaJSON = "application/json"

var seenForm = regexp.MustCompile(`^"([1-9][0-9]{0,9})\.[0-9a-f]{16}"$`)

// seen reads the steps that stand in the ETag of a record. Fault api.if_match.
func seen(header string) (int64, error) {
	if header == "" || header == "*" {
		return 0, nil
	}
	m := seenForm.FindStringSubmatch(header)
	if m == nil {
		return 0, fault.Usage("api.if_match", fault.Text(header))
	}
	return strconv.ParseInt(m[1], 10, 64)
}

// address is where a request comes from.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
