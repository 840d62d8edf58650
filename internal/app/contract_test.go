package app

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/party/accesskey"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/npm"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/message"
	"adamas.example/verify/paper"
)

// documented is an operation as the document has it.
type documented struct {
	ID         string `json:"operationId"`
	Method     string `json:"-"`
	Path       string `json:"-"`
	Permission string `json:"x-permission"`
	Security   []map[string][]string
	Parameters []struct {
		Name, In string
		Required bool
		Example  any
	}
	RequestBody *struct {
		Content map[string]struct{ Example any }
	}
}

// acts tells whether it does something.
func (o *documented) acts() bool {
	return slices.ContainsFunc(o.Parameters, func(p struct {
		Name, In string
		Required bool
		Example  any
	}) bool {
		return p.Name == "Idempotency-Key"
	})
}

// json tells whether it takes JSON, and with which example.
func (o *documented) json() (example any, takes bool) {
	if o.RequestBody == nil {
		return nil, false
	}
	c, takes := o.RequestBody.Content["application/json"]
	return c.Example, takes
}

func (o *documented) asks(name string) bool {
	for _, p := range o.Parameters {
		if p.In == "query" && p.Name == name {
			return true
		}
	}
	return false
}

// walk is one way through every operation of an exporting and an importing node.
type walk struct {
	t    *testing.T
	w    *world
	o    officers
	ops  map[string]*documented
	book []exchanged
	done map[string]bool
	n    int
}

// readDocument reads /openapi.json of a served node.
func readDocument(t *testing.T, at string) (raw string, ops map[string]*documented) {
	t.Helper()
	code, raw := ask(t, at, "/openapi.json")
	var document struct {
		OpenAPI string
		Paths   map[string]map[string]*documented
	}
	if err := json.Unmarshal([]byte(raw), &document); err != nil || code != http.StatusOK || document.OpenAPI != "3.1.0" {
		t.Fatalf("%d %v", code, err)
	}
	ops = map[string]*documented{}
	for path, item := range document.Paths {
		for method, o := range item {
			o.Method, o.Path = strings.ToUpper(method), path
			ops[o.ID] = o
		}
	}
	return raw, ops
}

// with is what differs from an example: a record, a signature, a digest, which nobody knows
// when the document is written.
type with map[string]any

// send sends an operation with the example of the document. parts are those of its path, and
// behind "?" its query; change stands over fields of the example.
func (k *walk) send(p *program, id, parts string, change with) *reply {
	k.t.Helper()
	o := k.ops[id]
	if o == nil {
		k.t.Fatalf("the document has no operation %s", id)
	}
	path, query, _ := strings.Cut(parts, "?")
	at := o.Path
	for part := range strings.FieldsSeq(path) {
		at = strings.Replace(at, partOfPath.FindString(at), part, 1)
	}
	if strings.Contains(at, "{") {
		k.t.Fatalf("%s: %s", id, at)
	}
	if query != "" {
		at += "?" + query
	}
	k.n++
	head := map[string]string{}
	if o.acts() {
		head["Idempotency-Key"] = fmt.Sprintf("walk-%d", k.n)
	}
	var body any
	if example, takes := o.json(); takes {
		filled := maps.Clone(example.(map[string]any))
		maps.Copy(filled, change)
		body = filled
	} else if raw, ok := change["raw"].([]byte); ok {
		for media := range o.RequestBody.Content {
			head["Content-Type"] = media
		}
		body = raw
	}
	return p.send(o.Method, at, body, head)
}

// do sends an operation and wants it done.
func (k *walk) do(p *program, id, parts string, change with) *reply {
	k.t.Helper()
	r := k.send(p, id, parts, change)
	want := http.StatusOK
	if k.ops[id].acts() {
		want = http.StatusCreated
	}
	if r.status != want {
		k.t.Fatalf("%s: %d %s", id, r.status, r.body)
	}
	k.done[id] = true
	return r
}

// picture is a photograph of nothing; each of another size is another.
func picture(t *testing.T, side int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, side, side)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sealed brings an application to the sealed containers.
func (k *walk) sealed(p *program, change with) (id string) {
	k.t.Helper()
	id = k.do(p, "apply", "", change).text("id")
	for _, by := range []string{"government", "independent", "exporter"} {
		k.do(p, "valueConsignment", id, with{"by": by})
	}
	k.do(p, "settleTax", id, nil)
	k.do(p, "sealConsignment", id, nil)
	return id
}

// issued brings one to the issued certificate.
func (k *walk) issued(p *program, change with) (id string) {
	k.t.Helper()
	id = k.sealed(p, change)
	k.prepared(p, id)
	return k.signed(p, id)
}

func (k *walk) prepared(p *program, id string) {
	k.t.Helper()
	k.do(p, "prepareCertificate", id, with{"preparer": k.o.id(k.t, 0), "validator": k.o.id(k.t, 1)})
}

func (k *walk) signed(p *program, id string) string {
	k.t.Helper()
	r := k.do(p, "readConsignment", id, nil)
	r = k.do(p, "approveCertificate", id, k.o.sign(k.t, 0, r.text("approval.preparer.to_sign")))
	if r = k.do(p, "issueCertificate", id, k.o.sign(k.t, 1, r.text("approval.validator.to_sign"))); r.text("state") != "issued" {
		k.t.Fatalf("not issued: %s", r.body)
	}
	return id
}

// export is everything that the exporting office does. It gives a certificate that is
// announced to AE/dubai, one that only passes there, and three more that are announced.
func (k *walk) export(p *program) (announced, passing string, more []string) {
	t := k.t
	k.do(p, "readSelf", "", nil)
	paper := picture(t, 9)
	a := k.do(p, "apply", "", with{"papers": []any{map[string]any{"name": "SYNTHETIC.jpg", "content": base64.StdEncoding.EncodeToString(paper)}}}).text("id")
	if got := k.do(p, "readApplicationPaper", a+" "+canonical.Sum(paper).String(), nil); !bytes.Equal(got.body, paper) || got.head.Get("Content-Type") != "image/jpeg" {
		t.Errorf("%v", got.head)
	}
	k.do(p, "readApplication", a, nil)
	k.do(p, "listApplications", "", nil)
	k.do(p, "listBalances", "", nil)
	k.do(p, "findDeficient", a, nil)
	k.do(p, "amendApplication", a, nil)
	k.do(p, "withdrawApplication", k.do(p, "apply", "", nil).text("id"), nil)
	k.do(p, "rejectApplication", k.do(p, "apply", "", nil).text("id"), nil)
	if r := k.do(p, "handConsignment", a, nil); r.text("in_hand.by") == "" {
		t.Errorf("in nobody's hand: %s", r.body)
	}
	for _, by := range []string{"government", "independent", "exporter"} {
		k.do(p, "valueConsignment", a, with{"by": by})
	}
	k.do(p, "settleTax", a, nil)
	photo := picture(t, 16)
	k.do(p, "addPhoto", a, with{"raw": photo})
	k.do(p, "listPhotos", a, nil)
	if got := k.do(p, "readPhoto", a+" "+canonical.Sum(photo).String(), nil); !bytes.Equal(got.body, photo) {
		t.Error("another photograph")
	}
	k.do(p, "sealConsignment", a, nil)
	k.do(p, "checkConsignment", a, nil)
	k.do(p, "listConsignments", "", nil)
	isPDF := func(r *reply) {
		t.Helper()
		if !bytes.HasPrefix(r.body, []byte("%PDF")) || !strings.Contains(r.head.Get("Content-Disposition"), ".pdf") {
			t.Errorf("no PDF: %v", r.head)
		}
	}
	isPDF(k.do(p, "previewCertificate", a, nil))
	k.prepared(p, a)
	k.do(p, "spoilSheet", a, nil)
	k.prepared(p, a)
	k.signed(p, a)
	isPDF(k.do(p, "printCertificate", a, nil))
	k.do(p, "listPrints", a, nil)
	isPDF(k.do(p, "readOffset", "?dx=0.5&dy=-1", nil))
	k.do(p, "readBundle", a, nil)
	k.do(p, "endorseCertificate", a, nil)
	k.do(p, "exportConsignment", a, nil)
	k.do(p, "openFacts", a, nil)
	k.do(p, "adviseConsignment", a, nil)

	k.do(p, "cancelCertificate", k.issued(p, nil), nil)
	k.do(p, "reportLost", k.issued(p, nil), nil)
	k.do(p, "reissueCertificate", k.issued(p, nil), nil)
	attested := k.issued(p, nil)
	k.do(p, "exportConsignment", attested, nil)
	k.do(p, "attestReceipt", attested, nil)
	for range 3 {
		id := k.issued(p, nil)
		k.do(p, "exportConsignment", id, nil)
		k.do(p, "adviseConsignment", id, nil)
		more = append(more, id)
	}
	return a, k.issued(p, with{"destination": "EU", "destination_office": "EU/antwerp"}), more
}

// books is what the exporting office accounts for; waits is a message that nobody has
// acknowledged.
func (k *walk) books(p *program, waits string) {
	t := k.t
	items := func(r *reply) []any {
		t.Helper()
		all, ok := r.at("items").([]any)
		if !ok {
			t.Fatalf("%s", r.body)
		}
		return all
	}
	id := items(k.do(p, "listRanges", "", nil))[0].(map[string]any)["id"].(string)
	k.do(p, "withdrawSheet", "CF00000500", nil)
	k.do(p, "listSheets", id, nil)
	if gaps := items(k.do(p, "listGaps", id, nil)); len(gaps) != 1 {
		t.Errorf("%v", gaps)
	}
	k.do(p, "readDay", "", nil)
	k.do(p, "readDayPaper", "", nil)
	k.do(p, "listReturns", "", nil)
	sent := items(k.do(p, "listMessages", "", nil))
	message := sent[len(sent)-1].(map[string]any)["id"].(string)
	k.do(p, "readMessage", message, nil)
	k.do(p, "sendMessageAgain", waits, nil)
}

// public is what anybody may ask.
func (k *walk) public(p *program, id string) {
	t := k.t
	number := k.do(p, "readConsignment", id, nil).text("certificate_number")
	k.w.until("the register is read", func() bool { return p.get("/certificates/"+number).status == http.StatusOK })
	k.do(p, "readCertificate", number, nil)
	k.do(p, "listCertificates", "", nil)
	k.do(p, "listUnconfirmed", "", nil)
	k.do(p, "listUnconfirmedOf", "CF AE", nil)
	k.do(p, "listParticipants", "", nil)
	k.do(p, "listParticipants", "?on=2016-01-01&by=CH", nil)
	k.do(p, "readParticipant", "CF", nil)
	k.do(p, "listRegister", "", nil)
	k.do(p, "readEntry", "0", nil)
	file := k.do(p, "readBundle", id, nil)
	if r := k.do(p, "verifyCertificate", "", with{"raw": file.body}); r.text("outcome") != "valid" {
		t.Errorf("%s", r.body)
	}
}

// arrivals is everything that the importing office does. out is the exporting office, from
// which a certificate that only passes comes with its carrier.
func (k *walk) arrivals(p, out *program, announced int, passing string) {
	t := k.t
	var here []string
	k.w.until("what was announced has come", func() bool {
		items, _ := k.do(p, "listImports", "?state=advised", nil).at("items").([]any)
		here = nil
		for _, x := range items {
			here = append(here, x.(map[string]any)["id"].(string))
		}
		return len(here) == announced
	})
	for _, id := range here {
		k.do(p, "arriveAnnounced", id, nil)
	}
	ready := func(id string) {
		t.Helper()
		k.w.until("the certificate is acceptable", func() bool { return k.do(p, "judgeImport", id, nil).text("outcome") == "valid" })
	}
	good := here[0]
	ready(good)
	k.do(p, "examineShipment", good, nil)
	k.do(p, "confirmReceipt", good, nil)
	for _, id := range []string{"readReceipt", "readCoupon", "readConfirmationMail"} {
		k.do(p, id, good, nil)
	}
	k.do(p, "readImport", good, nil)

	k.do(p, "disputeShipment", here[1], nil)
	k.do(p, "detainShipment", here[1], nil)
	if r := k.do(p, "listCases", "", nil); !bytes.Contains(r.body, []byte(here[1])) {
		t.Errorf("%s", r.body)
	}
	k.do(p, "releaseShipment", here[1], nil)
	k.do(p, "disputeShipment", here[1], nil)
	k.do(p, "returnShipment", here[1], nil)
	for i, end := range []string{"sellGoods", "destroyGoods"} {
		k.do(p, "disputeShipment", here[2+i], nil)
		k.do(p, "seizeShipment", here[2+i], nil)
		k.do(p, end, here[2+i], nil)
	}
	k.do(p, "presentShipment", "", nil)
	k.do(p, "listOverdue", "", nil)
	if r := k.do(p, "listDone", "?act=confirm", nil); !bytes.Contains(r.body, []byte(good)) {
		t.Errorf("%s", r.body)
	}
	file := base64.StdEncoding.EncodeToString(k.do(out, "readBundle", passing, nil).body)
	transit := k.do(p, "enterTransit", "", with{"codes": "", "certificate": file}).text("id")
	k.do(p, "leaveTransit", transit, nil)
	k.read(p, out, passing)
	k.do(p, "judgeBatch", "", nil)
	if r := k.do(p, "judgeBatch", "", with{"files": []any{map[string]any{"name": "a.adamas", "content": file}, map[string]any{"name": "b.adamas", "content": file}}}); r.at("files").([]any)[1].(map[string]any)["same_number_as"] != "a.adamas" {
		t.Errorf("%s", r.body)
	}
}

// read holds that of what a certificate was read is what came, whatever a program says of it.
func (k *walk) read(p, out *program, of string) {
	k.t.Helper()
	raw := k.do(out, "readBundle", of, nil).body
	b, err := bundle.Parse(raw)
	if err != nil {
		k.t.Fatal(err)
	}
	codes := "HTTPS://V.KP.EXAMPLE/C#" + paper.Digits(b.Statement)
	for want, given := range map[string]with{"file": {"certificate": base64.StdEncoding.EncodeToString(raw)}, "code": {"certificate": base64.StdEncoding.EncodeToString([]byte(codes))}} {
		given["without"], given["read"] = "", "picture"
		if got, _ := k.do(p, "presentShipment", "", given).at("arrival").(map[string]any); got["read"] != want {
			k.t.Errorf("read of a %s: %v", want, got)
		}
	}
	if got, _ := k.do(p, "presentShipment", "", with{"read": "file"}).at("arrival").(map[string]any); got["read"] != nil {
		k.t.Errorf("read of nothing: %v", got)
	}
}

// papers is what the importing office does with certificates on paper.
func (k *walk) papers(p *program) {
	t := k.t
	k.do(p, "checkTranscript", "", nil)
	id := k.do(p, "transcribePaper", "", nil).text("id")
	scan := k.do(p, "readTranscript", id, nil).at("scans").([]any)[0].(string)
	k.do(p, "readScan", id+" "+scan, nil)
	if r := k.do(p, "correctTranscript", id, nil); r.text("keyed_again_because") == "" || len(r.at("scans").([]any)) != 1 {
		t.Errorf("%s", r.body)
	}
	waiting := k.do(p, "openKeying", "", nil).text("id")
	k.do(p, "addScans", waiting, with{"scans": []any{base64.StdEncoding.EncodeToString(picture(t, 24))}})
	k.do(p, "listKeying", "", nil)
	if scans := k.do(p, "readKeying", waiting, nil).at("scans").([]any); len(scans) != 2 {
		t.Errorf("%v", scans)
	}
	k.do(p, "readKeyingScan", waiting+" "+scan, nil)
	other := k.do(p, "transcribePaper", "", with{"certificate_number": "SL004912", "scans": []any{}, "keying": waiting})
	if k.do(p, "readKeying", waiting, nil).text("recorded") != other.text("id") || len(other.at("scans").([]any)) != 2 {
		t.Errorf("%s", other.body)
	}
	given := k.do(p, "openKeying", "", nil).text("id") // and read when it was saved once more than now
	if r := p.send(http.MethodPost, "/keying/"+given+"/drop", map[string]any{"why": "SYNTHETIC: scanned twice"}, map[string]string{"Idempotency-Key": "moved", "If-Match": `"2.0000000000000000"`}); r.status != http.StatusConflict || r.text("key") != "certificate.keying_moved" {
		t.Errorf("given up as it was not seen: %d %s", r.status, r.body)
	}
	k.do(p, "dropKeying", given, nil)
}

// specimens is the register of what papers look like.
func (k *walk) specimens(p *program) {
	id := k.do(p, "enterSpecimen", "", nil).text("id")
	k.do(p, "listSpecimens", "?participant=SL", nil)
	k.do(p, "readSpecimen", id, nil)
	k.do(p, "readSpecimenPage", id+" 1 1", nil)
	k.do(p, "readSpecimenFile", id+" 1", nil)
	next := k.do(p, "replaceSpecimen", id, with{"name": "SYNTHETIC certificate of 2024, sharper"}).text("id")
	k.do(p, "withdrawSpecimen", next, nil)
}

// listening is the addresses that a program has told.
func (k *walk) listening(p *program, url string) {
	t := k.t
	id := k.do(p, "addWebhook", "", with{"url": url}).text("id")
	k.do(p, "listWebhooks", "", nil)
	k.do(p, "readWebhook", id, nil)
	if !strings.HasPrefix(k.do(p, "readWebhookSecret", id, nil).text("secret"), "whsec_") {
		t.Error("no secret")
	}
	delivery := k.do(p, "testWebhook", id, nil).text("id")
	k.w.until("the test message was taken", func() bool { return k.do(p, "readDelivery", id+" "+delivery, nil).text("state") == "delivered" })
	k.do(p, "deliverAgain", id+" 1", nil)
	k.do(p, "listDeliveries", id, nil)
	k.do(p, "removeWebhook", id, nil)
}

// refusals asks every operation for each thing that it must refuse.
func (k *walk) refusals(r *running, at string, p *program) {
	t := k.t
	noted := func(p *program) *program { p.book = &k.book; return p }
	var narrow []*program
	for _, role := range accesskey.Roles() {
		narrow = append(narrow, noted(r.program(at, accesskey.Proposal{Roles: []access.Role{role}, Sandbox: true, PerMinute: 100_000})))
	}
	nobody := noted(&program{t: t, base: p.base})
	count := map[int]int{}
	for _, id := range slices.Sorted(maps.Keys(k.ops)) {
		o := k.ops[id]
		path := partOfPath.ReplaceAllString(o.Path, "none")
		example, takes := o.json()
		body := example
		if !takes && o.RequestBody != nil {
			body = []byte("nonsense")
		}
		ask := func(p *program, body any, want []int, more map[string]string) *reply {
			t.Helper()
			k.n++
			head := map[string]string{}
			if o.acts() {
				head["Idempotency-Key"] = fmt.Sprintf("refused-%d", k.n)
			}
			if o.RequestBody != nil {
				for media := range o.RequestBody.Content {
					head["Content-Type"] = media
				}
			}
			at := path
			for name, value := range more {
				switch {
				case strings.HasPrefix(name, "?"):
					at += name + "=" + value
				case value == "":
					delete(head, name)
				default:
					head[name] = value
				}
			}
			got := p.send(o.Method, at, body, head)
			if !slices.Contains(want, got.status) || got.text("key") == "" || got.text("title") == "" || got.text("detail") == "" {
				t.Errorf("%s, %v: %d %s; want %v", id, more, got.status, got.body, want)
			}
			count[got.status]++
			return got
		}
		public := len(o.Security) > 1
		if !public {
			if got := ask(nobody, body, []int{http.StatusUnauthorized}, nil); got.head.Get("WWW-Authenticate") == "" {
				t.Errorf("%s: 401 without WWW-Authenticate", id)
			}
		}
		if !public && o.Permission != "web.call" {
			refused := 0
			for _, n := range narrow {
				if got := n.send(o.Method, path, body, map[string]string{"Idempotency-Key": "x"}); got.text("key") == "access.denied" && got.status == http.StatusForbidden {
					refused++
				}
			}
			if refused == 0 {
				t.Errorf("%s is everybody's who has any key", id)
			}
		}
		ask(p, body, []int{http.StatusBadRequest}, map[string]string{"If-Match": "nonsense"})
		if o.acts() {
			ask(p, body, []int{http.StatusBadRequest}, map[string]string{"Idempotency-Key": "with space"})
		}
		if strings.Contains(o.Path, "{") {
			ask(p, body, []int{http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusBadRequest, http.StatusConflict}, nil)
		}
		if takes {
			if got := ask(p, map[string]any{"nonsense": 1}, []int{http.StatusUnprocessableEntity}, nil); got.text("key") != "web.form_unknown" && len(got.at("faults").([]any)) == 0 {
				t.Errorf("%s: %s", id, got.body)
			}
			ask(p, []byte(`{"cut`), []int{http.StatusUnprocessableEntity}, nil)
			// Those that take files take more.
			ask(p, bytes.Repeat([]byte(" "), 1<<20+1), []int{http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity}, nil)
		}
		if o.RequestBody != nil {
			ask(p, body, []int{http.StatusUnsupportedMediaType}, map[string]string{"Content-Type": "text/plain"})
		}
		if o.asks("limit") {
			ask(p, nil, []int{http.StatusUnprocessableEntity, http.StatusNotFound}, map[string]string{"?limit": "0"})
			ask(p, nil, []int{http.StatusUnprocessableEntity, http.StatusNotFound}, map[string]string{"?after": "nonsense"})
		}
		slow := noted(r.program(at, accesskey.Proposal{Roles: accesskey.Roles(), Sandbox: true, PerMinute: 1}))
		slow.send(o.Method, path, body, map[string]string{"Idempotency-Key": "x"})
		if got := ask(slow, body, []int{http.StatusTooManyRequests}, nil); got.head.Get("Retry-After") != "60" {
			t.Errorf("%s: Retry-After %q", id, got.head.Get("Retry-After"))
		}
	}
	for _, status := range []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusTooManyRequests} {
		if count[status] < 10 {
			t.Errorf("%d answers of %d: %v", count[status], status, count)
		}
	}
}

// again does every act of the walk once more with records that have come to their end: what
// the machine refuses is said in the form of the document.
func (k *walk) again(out, in *program, exported, imported string) {
	t := k.t
	conflicts := 0
	for _, id := range slices.Sorted(maps.Keys(k.ops)) {
		o := k.ops[id]
		if !o.acts() || strings.Count(o.Path, "{") != 1 {
			continue
		}
		p, record := out, exported
		switch {
		case strings.HasPrefix(o.Path, "/imports/"):
			p, record = in, imported
		case !strings.HasPrefix(o.Path, "/consignments/") && !strings.HasPrefix(o.Path, "/applications/"):
			continue
		}
		change := with{"preparer": k.o.id(t, 0), "validator": k.o.id(t, 1)}
		if id != "prepareCertificate" {
			change = nil
		}
		if r := k.send(p, id, record, change); r.status == http.StatusConflict {
			conflicts++
		} else if r.status >= 500 || r.status < 300 && !slices.Contains([]string{"handConsignment", "printCertificate", "openFacts"}, id) {
			t.Errorf("%s with a record at its end: %d %s", id, r.status, r.body)
		}
	}
	if conflicts < 20 {
		t.Errorf("%d conflicts", conflicts)
	}
}

// TestContract: the document is OpenAPI 3.1, says that, and holds. Every operation is sent
// with the example that the document shows and is done, by an exporting office and an
// importing one; every operation is asked for what it must refuse; and everything that was
// sent and answered is what the document says of it, by its status. The judge is
// @seriousme/openapi-schema-validator, with ajv.
func TestContract(t *testing.T) {
	w := newWorld(t)
	o := w.exportOffice()
	atCF, atAE := w.port(), w.port()
	w.peers("cf", aeAt(atAE))
	w.peers("ae", cfAt(atCF))
	w.openNetworks("cf", "ae")
	cf, ae := w.run("cf", atCF), w.run("ae", atAE)
	raw, ops := readDocument(t, atCF)
	k := &walk{t: t, w: w, o: o, ops: ops, done: map[string]bool{}}
	key := func(r *running, at string) *program {
		p := r.program(at, accesskey.Proposal{Roles: accesskey.Roles(), PerMinute: 100_000})
		p.book = &k.book
		return p
	}
	out, in := key(cf, atCF), key(ae, atAE)
	if strings.Contains(raw, out.key) {
		t.Error("a key stands in the document")
	}
	told := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(told.Close)

	announced, passing, more := k.export(out)
	var waits message.ID
	w.must(cf.node.Store.Write(t.Context(), time.Now(), func(tx *store.Tx) (err error) {
		waits, err = cf.others.node.Post.Post(tx, exchange.Draft{To: "GB/london", Kind: message.Instruction, Note: "SYNTHETIC"})
		return err
	}))
	k.books(out, waits.String())
	k.public(out, announced)
	k.arrivals(in, out, 1+len(more), passing)
	k.papers(in)
	k.specimens(in)
	k.listening(out, told.URL)
	for id := range ops {
		if !k.done[id] {
			t.Errorf("%s was never done", id)
		}
	}
	items, _ := in.get("/imports?state=confirmed").at("items").([]any)
	w.until("the exporting office has heard", func() bool {
		return out.get("/consignments?state=received").wants(t, http.StatusOK).at("items") != nil && len(out.get("/consignments?state=received").at("items").([]any)) == 1
	})
	received := out.get("/consignments?state=received").at("items").([]any)[0].(map[string]any)["id"].(string)
	k.again(out, in, received, items[0].(map[string]any)["id"].(string))
	k.refusals(cf, atCF, out)

	dir := t.TempDir()
	for name, v := range map[string]any{"openapi.json": json.RawMessage(raw), "exchanges.json": k.book} {
		b, err := json.Marshal(v)
		w.must(err)
		w.must(os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	judged, err := npm.Run(t, "judges/openapi.mjs", filepath.Join(dir, "openapi.json"), filepath.Join(dir, "exchanges.json"))
	if err != nil {
		t.Fatalf("%v\n%s", err, judged)
	}
	var said struct {
		Operations        int
		Answered, Refused []string
	}
	if err := json.Unmarshal([]byte(judged), &said); err != nil || said.Operations != len(cf.programs().Operations()) || len(said.Answered) != said.Operations || len(said.Refused) != said.Operations {
		t.Errorf("%v: %s", err, judged)
	}
}
