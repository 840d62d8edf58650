package issuing_test

import (
	"bytes"
	"context"
	"crypto"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/keyring"
	"adamas.example/internal/party/signatory"
	"adamas.example/verify/verifytest"
)

// picture is a JPEG with what a camera writes beside it.
func picture(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 300, 200))
	for i := range 200 {
		m.Set(i, i, color.RGBA{200, 40, 40, 255})
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, nil); err != nil {
		t.Fatal(err)
	}
	exif := append([]byte{0xff, 0xe1, 0x00, 0x16}, []byte("Exif\x00\x00GPS SECRET PLACE")...)[:4+20]
	return append(append([]byte{0xff, 0xd8}, exif...), out.Bytes()[2:]...)
}

func (o *office) value(id, by string) answer {
	o.t.Helper()
	return o.post(valuer, "/issuing/"+id+"/value", "seen", o.seen(id), "by", by, "name", "SYNTHETIC valuer", "day", o.today().String(),
		"lines[1].hs", "7102.10", "lines[1].carats", "12,00", "lines[1].value_usd", "2 400,00", "lines[2].hs", "7102.31", "lines[2].carats", "0.405", "lines[2].value_usd", "80")
}

func (o *office) tax(id string) answer {
	o.t.Helper()
	return o.post(valuer, "/issuing/"+id+"/tax", "seen", o.seen(id), "number", "Q-1", "authority", "SYNTHETIC treasury", "day", o.today().String(), "assessed_usd", "2480.00",
		"lines[1].name", "export-duty", "lines[1].rate", "4", "lines[1].amount_usd", "99.20")
}

func (o *office) seal(id string) answer {
	o.t.Helper()
	return o.send(sealer, "/issuing/"+id+"/seal", map[string][]byte{"photo-1": picture(o.t)}, "seen", o.seen(id), "method", "every-container", "day", o.today().String(), "content_verified", "yes",
		"containers[1].container", "1", "containers[1].seal", "A118", "containers[2].container", "2", "containers[2].seal", "A119", "witnesses[1]", "SYNTHETIC customs officer")
}

var keyOption = regexp.MustCompile(`<option value="([0-9a-f]{16})"[^>]*>SYNTHETIC [a-z]+ · ([a-z]+)</option>`)

// named is the key of an officer as the form offers it.
func (o *office) named(id, login string) string {
	o.t.Helper()
	a := o.get(first, "/issuing/"+id+"/prepare")
	o.wants(a, http.StatusOK)
	for _, m := range keyOption.FindAllStringSubmatch(a.body, -1) {
		if m[2] == login {
			return m[1]
		}
	}
	o.t.Fatalf("%s is not offered: %s", login, plain(a.body))
	return ""
}

// prepared brings a new application to the prepared certificate.
func (o *office) prepared() string {
	o.t.Helper()
	id := o.applied()
	for _, by := range []string{"government", "independent", "exporter"} {
		o.wants(o.value(id, by), http.StatusSeeOther)
	}
	o.wants(o.tax(id), http.StatusSeeOther)
	o.wants(o.seal(id), http.StatusSeeOther)
	o.wants(o.post(first, "/issuing/"+id+"/prepare", "seen", o.seen(id), "validator", o.named(id, "mbala")), http.StatusSeeOther)
	return id
}

// leaving is an office's key during whose work the visitor closes the page.
type leaving struct {
	crypto.Signer
	leave func()
}

func (l leaving) Sign(rand io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	l.leave()
	return l.Signer.Sign(rand, message, opts)
}

// TestPrintHungUp: a print that is stated is signed and noted with who, on what and why,
// also when nobody waits for the paper any more.
func TestPrintHungUp(t *testing.T) {
	o := newOffice(t)
	id := o.prepared()
	path := "/issuing/" + id
	o.wants(o.post(second, path+"/issue", "seen", o.seen(id)), http.StatusSeeOther)
	ctx, leave := context.WithCancel(t.Context())
	key, err := keyring.NewSigner(keyring.Office, leaving{verifytest.NewSigner("office CF/bangui").Private, leave})
	o.must(err)
	o.node.Signer = key
	r := httptest.NewRequest(http.MethodPost, path+"/print", strings.NewReader(url.Values{"reason": {"SYNTHETIC: the original"}, "stock": {"plain"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	o.do(first, r.WithContext(ctx))
	if ctx.Err() == nil {
		t.Fatal("nothing was signed")
	}
	o.wants(o.get(first, path+"/print"), http.StatusOK, "SYNTHETIC ngoma", "SYNTHETIC: the original")
}

// TestWholePath: from applied to printed and exported, each act through its form by the
// role that it belongs to, with what each page has to say on the way.
func TestWholePath(t *testing.T) { engines(t, testWholePath) }

func testWholePath(t *testing.T, o *office) {
	id := o.applied()
	path := "/issuing/" + id
	o.wants(o.get(valuer, "/issuing"), http.StatusOK, id, "value it")
	o.wants(o.get(sealer, "/issuing"), http.StatusOK, "Nothing is on this list")
	o.wants(o.get(sealer, "/issuing?view=waiting"), http.StatusOK, id)
	o.wants(o.get(first, path+"/check"), http.StatusOK, "things are missing", "The valuation is missing: Government", "The duty is not settled", "The containers are not sealed")
	for _, by := range []string{"government", "independent", "exporter"} {
		o.wants(o.value(id, by), http.StatusSeeOther)
	}
	o.wants(o.get(valuer, path+"/value"), http.StatusOK, "counts", "R-VAL-01", "US$")
	form := o.get(valuer, path+"/tax")
	o.wants(form, http.StatusOK, `value="2480.00"`, `value="export-duty" selected`)
	o.wants(o.tax(id), http.StatusSeeOther)
	o.wants(o.seal(id), http.StatusSeeOther)
	o.wants(o.get(first, path+"/check"), http.StatusOK, "Nothing stands in the way", "CF", "No number was spent")
	sheets, err := o.service.Sheets(t.Context())
	if err != nil || len(sheets) != 0 {
		t.Fatalf("a check has spent a sheet: %v %v", sheets, err)
	}
	preview := o.post(first, path+"/preview")
	o.wants(preview, http.StatusOK, "%PDF")
	o.wants(o.get(first, path), http.StatusOK, "SYNTHETIC ngoma", "Who was shown a preview", "/photos/")
	o.wants(o.post(first, path+"/prepare", "seen", o.seen(id), "validator", ""), http.StatusUnprocessableEntity, `href="#f-validator"`, "“Second officer” is missing")
	o.wants(o.post(first, path+"/prepare", "seen", o.seen(id), "validator", o.named(id, "mbala")), http.StatusSeeOther)
	o.wants(o.get(first, "/issuing"), http.StatusOK, "Nothing is on this list")
	o.wants(o.get(second, "/issuing"), http.StatusOK, id)
	o.wants(o.get(second, path+"/issue"), http.StatusOK, "12.41", "differs", "Fingerprint of what you sign", "A118")
	o.wants(o.get(first, path+"/issue"), http.StatusForbidden)
	if a := o.post(first, path+"/issue", "seen", o.seen(id)); a.code != http.StatusForbidden && a.code != http.StatusUnprocessableEntity || o.state(id) != consignment.Prepared {
		t.Fatalf("the preparer issued: %d", a.code)
	}
	o.wants(o.post(second, path+"/issue", "seen", o.seen(id)), http.StatusSeeOther)
	page := o.get(first, path)
	o.wants(page, http.StatusOK, "issued", "Print")
	if page.h.Get("Refresh") == "" {
		t.Error("a page whose certificate is not witnessed does not look again")
	}
	o.wants(o.get(first, path+"/print"), http.StatusOK, "first print", "It has not been printed yet")
	o.wants(o.post(first, path+"/print", "reason", "", "stock", "plain"), http.StatusUnprocessableEntity)
	o.wants(o.post(first, path+"/print", "reason", strings.Repeat("x", 501), "stock", "plain"), http.StatusUnprocessableEntity, " cannot be “xxx")
	printed := o.post(first, path+"/print", "reason", "first print", "stock", "preprinted", "dx", "1,5", "dy", "-0.4")
	o.wants(printed, http.StatusOK, "%PDF")
	o.wants(o.post(second, path+"/print", "reason", "jammed", "stock", "plain"), http.StatusOK, "%PDF")
	o.wants(o.get(first, path+"/print"), http.StatusOK, "SYNTHETIC ngoma", "first print", "jammed", "SYNTHETIC mbala", "1.5")
	o.wants(o.get(first, path+"/bundle"), http.StatusOK)
	o.wants(o.post(sealer, path+"/export", "seen", o.seen(id), "day", o.today().String(), "exit_point", "Bangui M’Poko", "customs_reference", "D-1"), http.StatusSeeOther)
	o.wants(o.post(first, path+"/advise", "seen", o.seen(id), "note", "by hand"), http.StatusSeeOther)
	if o.letters != 1 || o.state(id) != consignment.Exported {
		t.Fatalf("%d letters, %s", o.letters, o.state(id))
	}
	o.wants(o.get(first, "/issuing?view=out"), http.StatusOK, id)
	o.wants(o.get(first, "/issuing?q="+id), http.StatusSeeOther)
}

// TestEveryActByEveryRole: what a page offers and what it does is what the machine says,
// for every act in every state that a file comes through.
func TestEveryActByEveryRole(t *testing.T) {
	o := newOffice(t)
	roles := map[access.Role]string{access.Exporter: "anybody", access.Valuator: "kossi", access.Sealer: "yara", access.Validator: "ngoma", access.Importer: "ilse", access.Statistician: "stat", access.Administrator: "admin"}
	acts := []consignment.Act{consignment.Value, consignment.Tax, consignment.Seal, consignment.FindDeficient, consignment.Reject, consignment.Prepare, consignment.Issue, consignment.Spoil,
		consignment.Export, consignment.Advise, consignment.Endorse, consignment.Cancel, consignment.Reissue, consignment.ReportLost, consignment.Open}
	check := func(id string) {
		c, _, err := o.Get(t.Context(), id)
		o.must(err)
		for role, login := range roles {
			v := visitor(login, role)
			at := role == access.Valuator || role == access.Sealer || role == access.Validator
			page := o.get(v, "/issuing/"+id)
			for _, act := range acts {
				may := false
				for _, a := range consignment.May(c.State, role) {
					may = may || a == act
				}
				a := o.get(v, "/issuing/"+id+"/"+string(act))
				if act == consignment.Issue && may {
					if a.code != http.StatusForbidden { // ngoma has prepared it
						t.Errorf("%s by its preparer: %d", act, a.code)
					}
					continue
				}
				if (a.code == http.StatusOK) != (may && at) {
					t.Errorf("%s, %s by %s: %d", c.State, act, role, a.code)
				}
				if offered := strings.Contains(page.body, `href="/issuing/`+id+"/"+string(act)+`"`); offered != (may && at) {
					t.Errorf("%s, %s is offered to %s: %v", c.State, act, role, offered)
				}
				if !may || !at {
					before := o.seen(id)
					if got := o.post(v, "/issuing/"+id+"/"+string(act), "seen", before, "reason", "no"); got.code < 400 || o.seen(id) != before {
						t.Errorf("%s, %s done by %s: %d", c.State, act, role, got.code)
					}
				}
			}
		}
	}
	id := o.applied()
	check(id)
	o.wants(o.value(id, "government"), http.StatusSeeOther)
	check(id)
	id = o.prepared()
	check(id)
	o.wants(o.post(second, "/issuing/"+id+"/issue", "seen", o.seen(id)), http.StatusSeeOther)
	check(id)
	o.wants(o.post(first, "/issuing/"+id+"/cancel", "seen", o.seen(id), "reason", "wrong consignee"), http.StatusSeeOther)
	check(id)
}

// TestTwoAtOnce: of two who act on what they see, the second is told who was first. Where
// he can act all the same, what he typed comes back beside the file as it stands now.
func TestTwoAtOnce(t *testing.T) {
	o := newOffice(t)
	id := o.applied()
	seen := o.seen(id)
	o.wants(o.value(id, "government"), http.StatusSeeOther)
	a := o.post(visitor("late", access.Valuator), "/issuing/"+id+"/value", "seen", seen, "by", "exporter", "name", "x", "day", o.today().String(), "lines[1].hs", "7102.10", "lines[1].carats", "12.405", "lines[1].value_usd", "9")
	o.wants(a, http.StatusConflict, "kossi", `value="12.405"`, `name="seen" value="`+o.seen(id)+`"`)
	if o.seen(id) == seen {
		t.Error("nobody was first")
	}
	b := o.post(visitor("late", access.Valuator), "/issuing/"+id+"/value", "seen", o.seen(id), "by", "exporter", "name", "x", "day", o.today().String(), "lines[1].hs", "7102.10", "lines[1].carats", "12.405", "lines[1].value_usd", "9")
	o.wants(b, http.StatusSeeOther)
	o.wants(o.post(valuer, "/issuing/"+id+"/hand", "act", "take"), http.StatusSeeOther)
	o.wants(o.post(visitor("late", access.Valuator), "/issuing/"+id+"/hand", "act", "take"), http.StatusConflict, "SYNTHETIC kossi")
	if a := o.get(visitor("late", access.Valuator), "/issuing"); strings.Contains(a.body, id) {
		t.Error("what somebody has in hand stands on another’s list")
	}
	o.wants(o.post(valuer, "/issuing/"+id+"/hand", "act", "leave"), http.StatusSeeOther)
	o.wants(o.get(visitor("late", access.Valuator), "/issuing"), http.StatusOK, id)
}

// TestForms: what is wrong is said at its field, in each language, and what was typed
// comes back.
func TestForms(t *testing.T) {
	o := newOffice(t)
	id := o.prepared()
	o.wants(o.post(second, "/issuing/"+id+"/issue", "seen", o.seen(id)), http.StatusSeeOther)
	fresh := o.applied()
	valued := o.applied()
	o.wants(o.value(valued, "government"), http.StatusSeeOther)
	type bad struct {
		v      string
		id     string
		fields []string
		typed  string
		at     string
	}
	forms := map[string]bad{
		"value":          {"kossi", fresh, []string{"by", "government", "name", "Zed", "day", "31.12.2099", "lines[1].hs", "7102.10", "lines[1].carats", "abc", "lines[1].value_usd", "5"}, "abc", "f-lines-1-carats"},
		"tax":            {"kossi", valued, []string{"number", "Q-77", "authority", "", "day", "2026-11-01", "assessed_usd", "1"}, "Q-77", "f-authority"},
		"find_deficient": {"kossi", fresh, []string{"reason", "Zed reason", "fields[1].field", "exporter", "fields[1].reason", ""}, "Zed reason", "f-fields-1-reason"},
		"reject":         {"ngoma", fresh, []string{"reason", " "}, "", "f-reason"},
		"export":         {"yara", id, []string{"day", "yesterday", "exit_point", "Zed", "customs_reference", ""}, "Zed", "f-day"},
		"endorse":        {"ngoma", id, []string{"field", "exporter", "stands", "Zed", "shall_read", "", "reason", "x"}, "Zed", "f-shall-read"},
		"cancel":         {"ngoma", id, []string{"reason", ""}, "", "f-reason"},
		"reissue":        {"ngoma", id, []string{"reason", "Zed torn"}, "Zed torn", "f-old-surrendered"},
		"report_lost":    {"ngoma", id, []string{"day", "2026-11-01", "reason", ""}, "2026-11-01", "f-reason"},
		"advise":         {"ngoma", "", nil, "", ""},
	}
	for act, b := range forms {
		if b.id == "" {
			continue
		}
		role := map[string]access.Role{"kossi": access.Valuator, "yara": access.Sealer, "ngoma": access.Validator}[b.v]
		for _, l := range []string{"en", "fr", "pt"} {
			before := o.seen(b.id)
			a := o.post(visitor(b.v, role), "/issuing/"+b.id+"/"+act+"?lang="+l, append([]string{"seen", before}, b.fields...)...)
			if a.code != http.StatusUnprocessableEntity || o.seen(b.id) != before {
				t.Errorf("%s: %d %s", act, a.code, plain(a.body))
				continue
			}
			if !strings.Contains(a.body, `href="#`+b.at+`"`) || !strings.Contains(a.body, `id="`+b.at+`"`) {
				t.Errorf("%s in %s: no fault at %s: %s", act, l, b.at, plain(a.body))
			}
			if b.typed != "" && !strings.Contains(a.body, b.typed) {
				t.Errorf("%s: %q has gone", act, b.typed)
			}
			if act == "cancel" && l == "fr" && !strings.Contains(a.body, "Annuler le certificat") {
				t.Errorf("not in French: %s", plain(a.body))
			}
			if got := o.get(visitor(b.v, role), "/issuing/"+b.id+"/"+act+"?lang="+l); got.code != http.StatusOK {
				t.Errorf("%s in %s: %d", act, l, got.code)
			}
		}
	}
}

// TestNoFieldNamed: what is wanting is called as its reader knows it, and so is the
// valuation that counts; neither shows the program's own name.
func TestNoFieldNamed(t *testing.T) {
	o := newOffice(t)
	id := o.applied()
	valuer := visitor("kossi", access.Valuator)
	for l, names := range map[string][2]string{"en": {"Fields to be corrected", "(that of the government)"}, "fr": {"Champs à corriger", "(celle du gouvernement)"}, "pt": {"Campos a corrigir", "(a do Governo)"}} {
		a := o.post(valuer, "/issuing/"+id+"/find_deficient?lang="+l, "seen", o.seen(id), "reason", "Zed")
		if said := plain(a.body); a.code != http.StatusUnprocessableEntity || !strings.Contains(said, names[0]) {
			t.Errorf("%s: %d %s", l, a.code, said)
		}
		o.wants(o.get(valuer, "/issuing/"+id+"/check?lang="+l), http.StatusOK, names[1])
	}
}

// TestPhotographs: by content and not by name, kept as they came, shown without what a
// camera writes beside them, and kept over a form that is given back.
func TestPhotographs(t *testing.T) { engines(t, testPhotographs) }

func testPhotographs(t *testing.T, o *office) {
	id := o.applied()
	o.wants(o.value(id, "government"), http.StatusSeeOther)
	o.wants(o.tax(id), http.StatusSeeOther)
	fields := []string{"seen", o.seen(id), "method", "every-container", "day", o.today().String(), "containers[1].container", "1", "containers[1].seal", "A118", "containers[2].container", "2", "containers[2].seal", "A119"}
	for _, bad := range [][]byte{[]byte("<html><script>"), []byte("\xff\xd8\xff"), bytes.Repeat([]byte{0xff}, 11<<20)} {
		o.wants(o.send(sealer, "/issuing/"+id+"/seal", map[string][]byte{"photo-1": bad}, fields...), http.StatusUnprocessableEntity, "photograph")
	}
	file := picture(t)
	a := o.send(sealer, "/issuing/"+id+"/seal", map[string][]byte{"photo-1": file}, fields...) // the content was not seen
	o.wants(a, http.StatusUnprocessableEntity, "Kept already")
	hash := regexp.MustCompile(`name="containers\[1\]\.photo" value="([0-9a-f]{64})"`).FindStringSubmatch(a.body)
	if hash == nil {
		t.Fatal(plain(a.body))
	}
	forged := strings.Repeat("ab", 32)
	o.wants(o.post(sealer, "/issuing/"+id+"/seal", append(fields, "content_verified", "yes", "containers[1].photo", forged)...), http.StatusUnprocessableEntity, "no such photograph")
	o.wants(o.post(sealer, "/issuing/"+id+"/seal", append(fields, "content_verified", "yes", "containers[1].photo", hash[1])...), http.StatusSeeOther)
	shown := o.get(sealer, "/issuing/"+id+"/photos/"+hash[1])
	o.wants(shown, http.StatusOK)
	if strings.Contains(shown.body, "SECRET") || shown.h.Get("Content-Type") != "image/jpeg" || !strings.Contains(shown.h.Get("Content-Security-Policy"), "sandbox") || shown.h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("shown: %v", shown.h)
	}
	original := o.get(sealer, "/issuing/"+id+"/photos/"+hash[1]+"?original=yes")
	if original.body != string(file) || !strings.HasPrefix(original.h.Get("Content-Disposition"), "attachment") {
		t.Errorf("the original: %v", original.h)
	}
	o.wants(o.get(sealer, "/issuing/"+o.applied()+"/photos/"+hash[1]), http.StatusNotFound)
	o.wants(o.get(visitor("anybody", access.Exporter), "/issuing/"+id+"/photos/"+hash[1]), http.StatusForbidden)
}

// TestListPages: a list longer than a page is gone through without a row missing or
// standing twice, and taken away whole.
func TestListPages(t *testing.T) { engines(t, testListPages) }

func testListPages(t *testing.T, o *office) {
	const n = 120
	want := map[string]bool{}
	for range n {
		o.now.Add(1)
		want[o.applied()] = true
	}
	for _, order := range []string{"", "&order=newest"} {
		got, next := map[string]int{}, "/issuing?view=mine"+order
		for next != "" {
			a := o.get(valuer, next)
			o.wants(a, http.StatusOK)
			for _, m := range regexp.MustCompile(`href="/issuing/(CF-[^"]+)"`).FindAllStringSubmatch(a.body, -1) {
				got[m[1]]++
			}
			next = ""
			if m := regexp.MustCompile(`href="([^"]+after=[^"]+)" rel="next"`).FindStringSubmatch(a.body); m != nil {
				next = strings.ReplaceAll(m[1], "&amp;", "&")
			}
		}
		if len(got) != n {
			t.Errorf("%q: %d rows", order, len(got))
		}
		for id, times := range got {
			if !want[id] || times != 1 {
				t.Errorf("%s stands %d times", id, times)
			}
		}
	}
	csv := o.get(valuer, "/issuing/list.csv?lang=fr")
	o.wants(csv, http.StatusOK, "Dossier;Certificat")
	if lines := strings.Count(csv.body, "\n"); lines != n+1 {
		t.Errorf("%d lines", lines)
	}
	xlsx := o.get(valuer, "/issuing/list.xlsx")
	if !strings.HasPrefix(xlsx.body, "PK") {
		t.Error("no workbook")
	}
	o.wants(o.get(valuer, "/issuing?after=rubbish"), http.StatusUnprocessableEntity)
	o.wants(o.get(valuer, "/issuing?to=XX1"), http.StatusUnprocessableEntity)
	o.wants(o.get(valuer, "/issuing?q=CF99999999"), http.StatusOK, "has no file")
}

// TestPassphrase: a key that is closed with a passphrase opens with that alone; who has
// no key is told, and nothing typed there comes back.
func TestPassphrase(t *testing.T) {
	o := newOffice(t)
	id := o.prepared()
	nobody := visitor("nokey", access.Validator)
	o.wants(o.get(nobody, "/issuing/"+id+"/issue"), http.StatusOK, "nokey has no key", `name="passphrase"`)
	if a := o.get(second, "/issuing/"+id+"/issue"); a.code != http.StatusOK || strings.Contains(a.body, "passphrase") {
		t.Errorf("%d: a passphrase is asked for where none is needed", a.code)
	}
	a := o.post(nobody, "/issuing/"+id+"/issue", "seen", o.seen(id), "passphrase", "hunter2-hunter2")
	o.wants(a, http.StatusUnprocessableEntity, "nokey has no key")
	if strings.Contains(a.body, "hunter2") || o.state(id) != consignment.Prepared {
		t.Error("a passphrase is shown again, or the certificate issued")
	}
	for _, login := range []string{"../officers/mbala", "mbala/", ".."} {
		if a := o.post(visitor(login, access.Validator), "/issuing/"+id+"/issue", "seen", o.seen(id)); a.code < 400 || o.state(id) != consignment.Prepared {
			t.Errorf("%s signs with another’s key: %d", login, a.code)
		}
	}
}

// TestWhoCanSign: an officer whose key his authority has not stated is not offered as the
// second, and the page says what lacks and who can give it; so it does to himself, and of
// one whose key is revoked after a certificate was prepared for him.
func TestWhoCanSign(t *testing.T) {
	o := newOffice(t)
	o.key("zola")
	o.signers.lacks["zola"] = signatory.NotStated
	id := o.prepared()
	path := "/issuing/" + id
	o.wants(o.get(first, path), http.StatusOK, "prepared")
	o.signers.lacks["mbala"] = signatory.Withdrawn
	o.wants(o.get(first, path), http.StatusOK, "has revoked the key of SYNTHETIC mbala (SYNTHETIC reason)", "Give the sheet up")
	o.wants(o.get(second, path+"/issue"), http.StatusOK, "has revoked the key of SYNTHETIC mbala", `href="/account/key"`)
	o.wants(o.post(first, path+"/spoil", "seen", o.seen(id), "reason", "SYNTHETIC: prepared anew"), http.StatusSeeOther)
	form := o.get(first, path+"/prepare")
	o.wants(form, http.StatusOK, "No other officer can sign at this office yet", "SYNTHETIC zola cannot issue it yet. The authority has not stated the key of SYNTHETIC zola yet", "SYNTHETIC boss", "SYNTHETIC mbala cannot issue it yet")
	if m := keyOption.FindAllString(form.body, -1); m != nil {
		t.Errorf("offered all the same: %v", m)
	}
	o.signers.lacks["mbala"], o.signers.lacks["ngoma"] = signatory.Nothing, signatory.NotStated
	o.wants(o.get(first, path+"/prepare"), http.StatusOK, "has not stated the key of SYNTHETIC ngoma yet", `href="/account/key"`, "SYNTHETIC mbala · mbala")
}
