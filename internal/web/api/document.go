package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"adamas.example/internal/fault"
	"adamas.example/internal/web"
)

// schemaName names a type in the document: by its package too, since two nouns may each
// have a Parcel.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.PkgPath() == "" || strings.Contains(t.Name(), "[") { // a Page is named by what it lists
		return name
	}
	pkg := path.Base(t.PkgPath())
	return strings.ToUpper(pkg[:1]) + pkg[1:] + name
}

// document is what the document begins with.
func document(s *web.Site) huma.Config {
	about := "What an office does on screens, for the systems that a state has of its own: from the application for a Kimberley Process certificate to the confirmation of its receipt.\n\n" +
		"Every act needs an access key, made by an administrator of the office, and an Idempotency-Key: the same request under the same key is carried out once, however often it is sent. " +
		"Refusals are problems (RFC 9457): `key` says what is wrong for programs, `field` where, `title` and `detail` say it in the language of Accept-Language, and `faults` lists all of them. " +
		"Weights are decimal carats and amounts are decimal US dollars, both as strings; days are YYYY-MM-DD in UTC.\n\n" +
		"A key may ask so many times a minute (`requests_per_minute` of readSelf); beyond that, and after too many keys that are none from one address, the answer is 429 with Retry-After. " +
		"With a sandbox key (`adamas_test_…`) every act is checked to its end and recorded nowhere. Guide with examples: /help/api; each operation shows itself as a line for a shell under x-codeSamples."
	if s.Synthetic() {
		about = "SYNTHETIC: the world of this node is made up. " + about
	}
	return huma.Config{OpenAPI: &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info:    &huma.Info{Title: "Adamas, office " + string(s.Office()), Version: "1", Description: about, License: &huma.License{Name: "see LICENSE in the source"}},
		Servers: []*huma.Server{{URL: Prefix, Description: "this node"}},
		Components: &huma.Components{Responses: map[string]*huma.Response{}, Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
			SecuritySchemes: map[string]*huma.SecurityScheme{"key": {Type: "http", Scheme: "bearer", BearerFormat: "adamas_live_<id>_<secret>",
				Description: "An access key of the office. Whoever has it acts for the office: keep it as a password is kept."}}},
	}, DefaultFormat: mediaJSON, Formats: map[string]huma.Format{mediaJSON: huma.DefaultJSONFormat}}
}

// frame is an operation in the document, without body and answer.
func (a *API) frame(o *Operation) *huma.Operation {
	return &huma.Operation{OperationID: o.ID, Path: o.Path, Summary: o.Summary, Description: o.Description, Tags: []string{o.Tag},
		Responses: map[string]*huma.Response{}}
}

func (a *API) schema(v any) *huma.Schema {
	return a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(v).Elem(), true, "")
}

// binary is a file of one of several kinds.
func binary(media string) map[string]*huma.MediaType {
	out := map[string]*huma.MediaType{}
	for _, one := range kinds(media) {
		out[one] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Extensions: map[string]any{"contentMediaType": one}}}
	}
	return out
}

// kinds are the media types of a list with commas.
func kinds(media string) []string { return strings.Split(media, ", ") }

func (a *API) takes(h *huma.Operation, o *Operation, in any) {
	if o.Takes != "" {
		h.RequestBody = &huma.RequestBody{Required: true, Content: binary(o.Takes)}
		return
	}
	if _, none := in.(*Nothing); none {
		return
	}
	if o.Example == nil {
		a.wrong = append(a.wrong, fmt.Errorf("operation %s: its body has no example", o.ID))
	}
	h.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{mediaJSON: {Schema: a.schema(in), Example: plain(o.Example)}}}
}

// plain is a value as JSON has it: an example is written as it is sent.
func plain(v any) (out any) {
	if v == nil {
		return nil
	}
	raw, err := json.Marshal(v)
	if err != nil || json.Unmarshal(raw, &out) != nil {
		panic(fmt.Sprintf("an example that is no JSON: %T", v)) // written in the source
	}
	return out
}

// refusals are the statuses with which any operation can refuse, and what each means.
var refusals = map[int]string{
	http.StatusBadRequest:            "Not well formed: a header is missing or cannot be read.",
	http.StatusUnauthorized:          "No access key that serves.",
	http.StatusForbidden:             "The key may not do this.",
	http.StatusNotFound:              "There is no such record, or the key may not know of it.",
	http.StatusConflict:              "Somebody was first, or it cannot be done in this state.",
	http.StatusRequestEntityTooLarge: "More than the operation takes.",
	http.StatusUnsupportedMediaType:  "Sent as of another kind than the operation takes.",
	http.StatusUnprocessableEntity:   "What was sent cannot be read, or breaks a rule; `faults` lists all that is wrong.",
	http.StatusTooManyRequests:       "Too often. Wait as long as Retry-After says, and send the same again.",
	http.StatusServiceUnavailable:    "Not at this moment. Wait as long as Retry-After says, and send the same again.",
}

// refuses adds the refusals to the document, once, and to an operation.
func (a *API) refuses(h *huma.Operation, o *Operation) {
	shared := a.huma.OpenAPI().Components.Responses
	for status, what := range refusals {
		if o.kind == Reading && (status == http.StatusRequestEntityTooLarge || status == http.StatusUnsupportedMediaType) {
			continue // nothing is sent
		}
		code := strconv.Itoa(status)
		name := "Refused" + code
		if shared[name] == nil {
			shared[name] = &huma.Response{Description: what, Content: map[string]*huma.MediaType{fault.ProblemType: {Schema: a.schema(new(fault.Problem))}}}
			switch status {
			case http.StatusTooManyRequests, http.StatusServiceUnavailable:
				shared[name].Headers = map[string]*huma.Param{"Retry-After": {Description: "seconds", Schema: &huma.Schema{Type: huma.TypeInteger}}}
			case http.StatusUnauthorized:
				shared[name].Headers = map[string]*huma.Param{"WWW-Authenticate": {Schema: text1("")}}
			}
		}
		h.Responses[code] = &huma.Response{Ref: "#/components/responses/" + name}
	}
}

// sample is the operation as a line for a shell, with the examples of the document.
func (o *Operation) sample() string {
	var b strings.Builder
	b.WriteString("curl")
	if o.Method != http.MethodGet {
		b.WriteString(" -X " + o.Method)
	}
	if o.Gives != "" {
		b.WriteString(" -OJ")
	}
	b.WriteString(` -H "Authorization: Bearer $KEY"`)
	if o.kind == Acting {
		b.WriteString(` -H "Idempotency-Key: ` + o.ID + `-1"`)
	}
	switch {
	case o.Takes != "":
		b.WriteString(` -H "Content-Type: ` + kinds(o.Takes)[0] + `" --data-binary @FILE`)
	case o.Example != nil:
		raw, err := write(o.Example)
		if err != nil {
			panic(fmt.Sprintf("an example that is no JSON: %T", o.Example)) // written in the source
		}
		b.WriteString(` -H "Content-Type: ` + mediaJSON + `" -d '` + strings.ReplaceAll(strings.TrimSpace(string(raw)), "'", `'\''`) + "'")
	}
	b.WriteString(` "$ADDRESS` + Prefix + pathPart.ReplaceAllStringFunc(o.Path, func(part string) string {
		example, _, _ := strings.Cut(o.Paths[strings.Trim(part, "{}")], "|")
		return example
	}) + `"`)
	return b.String()
}

func text1(s string, more ...func(*huma.Schema)) *huma.Schema {
	out := &huma.Schema{Type: huma.TypeString}
	for _, f := range more {
		f(out)
	}
	return out
}

// acts adds what every act takes and may answer.
func (a *API) acts(h *huma.Operation, o *Operation) {
	h.Parameters = append(h.Parameters,
		&huma.Param{Name: "Idempotency-Key", In: "header", Required: true, Example: "CF-2026-11-29-000017",
			Description: "Chosen by the program, one for each thing that it wants done: 1 to 128 visible signs of ASCII. The same request under the same key is carried out once and answered the same for 30 days; another request under it is refused (422), one that is still being carried out too (409).",
			Schema:      text1("", func(s *huma.Schema) { s.MinLength, s.MaxLength = new(1), new(128) })},
		&huma.Param{Name: "If-Match", In: "header", Description: "The ETag of the record as the program read it. When somebody has done something with it since, the act is refused (409), with who and when.", Schema: text1("")})
	h.Responses[strconv.Itoa(http.StatusOK)] = &huma.Response{Description: "Of a sandbox key: nothing refuses the act. Nothing was recorded.",
		Content: map[string]*huma.MediaType{mediaJSON: {Schema: a.schema(new(Rehearsed))}}}
}

func (a *API) gives(h *huma.Operation, o *Operation, status int, out any) {
	r := &huma.Response{Description: map[int]string{http.StatusOK: "As it stands.", http.StatusCreated: "Done; the record as it stands now."}[status],
		Headers: map[string]*huma.Param{"ETag": {Description: "version of the answer, for If-None-Match and If-Match", Schema: text1("")}}}
	if o.Gives != "" {
		if status == http.StatusCreated {
			r.Description = "Done; the file, the same under the same Idempotency-Key."
		}
		r.Content = binary(o.Gives)
	} else {
		r.Content = map[string]*huma.MediaType{mediaJSON: {Schema: a.schema(out)}}
	}
	if status == http.StatusCreated {
		r.Headers["Idempotency-Replayed"] = &huma.Param{Description: "true where the act was carried out before, under the same key", Schema: text1("")}
	}
	h.Responses[strconv.Itoa(status)] = r
}

var pathPart = regexp.MustCompile(`\{(\w+)\}`)

// describe adds what holds for every operation.
func (a *API) describe(o *Operation, h *huma.Operation) {
	h.Method = o.Method
	for _, m := range pathPart.FindAllStringSubmatch(o.Path, -1) {
		example, doc, _ := strings.Cut(o.Paths[m[1]], "|")
		if example == "" {
			a.wrong = append(a.wrong, fmt.Errorf("operation %s: %s has no example", o.ID, m[0]))
		}
		h.Parameters = append(h.Parameters, &huma.Param{Name: m[1], In: "path", Required: true, Description: doc, Schema: text1(""), Example: example})
	}
	for _, q := range o.Query {
		p := &huma.Param{Name: q.Name, In: "query", Description: q.Doc, Schema: text1("")}
		for _, e := range q.Enum {
			p.Schema.Enum = append(p.Schema.Enum, e)
		}
		if q.Example != "" {
			p.Example = q.Example
		}
		h.Parameters = append(h.Parameters, p)
	}
	h.Parameters = append(h.Parameters, &huma.Param{Name: "Accept-Language", In: "header", Description: "en, fr or pt: the language of words", Schema: text1("")})
	h.Security = []map[string][]string{{"key": {}}}
	if a.public(o.Permission) {
		h.Security = append(h.Security, map[string][]string{}) // a key may be sent, and need not be
	}
	h.Extensions = map[string]any{"x-permission": o.Permission, "x-codeSamples": []map[string]string{{"lang": "Shell", "source": o.sample()}}}
	a.refuses(h, o)
	h.Responses["default"] = &huma.Response{Description: "Our mistake, under a reference that stands in the log.", Content: map[string]*huma.MediaType{fault.ProblemType: {Schema: a.schema(new(fault.Problem))}}}
}

// Document is /openapi.json.
func (a *API) Document() ([]byte, error) {
	tags := map[string]bool{}
	for _, o := range a.ops {
		tags[o.Tag] = true
	}
	spec := a.huma.OpenAPI()
	spec.Tags = nil
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		spec.Tags = append(spec.Tags, &huma.Tag{Name: name})
	}
	return json.Marshal(spec)
}

// Self is who a program is to this node.
type Self struct {
	Program     string    `json:"program,omitempty" doc:"the id of the key"`
	Name        string    `json:"name,omitempty"`
	Office      string    `json:"office" example:"CF/bangui"`
	Roles       []string  `json:"roles" doc:"that the key holds at this office"`
	Permissions []string  `json:"permissions" doc:"what it may do"`
	Company     string    `json:"company,omitempty" doc:"the trader for whom it acts"`
	Sandbox     bool      `json:"sandbox" doc:"nothing that it does is recorded"`
	Synthetic   bool      `json:"synthetic" doc:"the world of this node is made up"`
	PerMinute   int       `json:"requests_per_minute"`
	Until       time.Time `json:"until" doc:"when the key runs out"`
}

// self registers the one operation that is of no module: who one is.
func (a *API) self() {
	Read(a, Operation{ID: "readSelf", Path: "/self", Permission: call, Tag: "Key", Summary: "Who the key makes one, and what it may do"}, func(c *Call) (Self, error) {
		out := Self{Program: c.Program.ID, Name: c.Program.Name, Office: string(a.cfg.Site.Office()), Company: c.Program.Company, Roles: []string{}, Permissions: []string{},
			Sandbox: c.Program.Sandbox, Synthetic: a.cfg.Site.Synthetic(), PerMinute: cmp.Or(c.Program.PerMinute, usualPerMinute), Until: c.Program.Until}
		for _, g := range c.Program.Actor.Grants {
			out.Roles = append(out.Roles, string(g.Role))
		}
		for _, p := range a.cfg.Declared {
			if a.require(c.r, c.Program, p.Name) == nil {
				out.Permissions = append(out.Permissions, p.Name)
			}
		}
		slices.Sort(out.Permissions)
		return out, nil
	})
}
