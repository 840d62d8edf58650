package issuing_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/exporting"
)

var admin = visitor("admin", access.Administrator)

// TestAccounts: every sheet is accounted for, the day’s register adds up in every form,
// and goods that are to come back are listed until they have.
func TestAccounts(t *testing.T) { engines(t, testAccounts) }

func testAccounts(t *testing.T, o *office) {
	o.wants(o.get(admin, "/sheets"), http.StatusOK, "CF/bangui/pc-1")
	spoiled := o.prepared()
	o.wants(o.post(first, "/issuing/"+spoiled+"/spoil", "seen", o.seen(spoiled), "reason", "SYNTHETIC: jammed"), http.StatusSeeOther)
	a := o.application()
	a.Kind, a.ReturnBy = exporting.Laboratory, o.today().AddDays(30)
	c, err := o.Apply(context.Background(), exporting.Officer{ID: "exporter", Role: access.Exporter}, a)
	o.must(err)
	for _, by := range []string{"government", "independent", "exporter"} {
		o.wants(o.value(c.ID, by), http.StatusSeeOther)
	}
	o.wants(o.tax(c.ID), http.StatusSeeOther)
	o.wants(o.seal(c.ID), http.StatusSeeOther)
	o.wants(o.post(first, "/issuing/"+c.ID+"/prepare", "seen", o.seen(c.ID), "validator", o.named(c.ID, "mbala")), http.StatusSeeOther)
	o.wants(o.post(second, "/issuing/"+c.ID+"/issue", "seen", o.seen(c.ID)), http.StatusSeeOther)

	page := o.get(admin, "/sheets")
	o.wants(page, http.StatusOK, "spoiled")
	path := regexp.MustCompile(`href="(/sheets/[0-9a-f]{64})"`).FindStringSubmatch(page.body)
	if path == nil {
		t.Fatal(plain(page.body))
	}
	o.wants(o.get(admin, path[1]), http.StatusOK, "SYNTHETIC: jammed")
	if a := o.get(admin, path[1]+"?state=spent"); strings.Contains(a.body, "jammed") {
		t.Error("a state does not narrow the list")
	}
	o.wants(o.get(admin, path[1]+"/list.csv"), http.StatusOK, "SYNTHETIC: jammed")
	o.wants(o.get(admin, "/sheets/00"), http.StatusNotFound)
	// A pre-printed number further on leaves a gap, which is told.
	sheets, err := o.service.Sheets(t.Context())
	o.must(err)
	last := sheets[len(sheets)-1].Number
	o.must(o.service.Withdraw(t.Context(), last[:len(last)-1]+"9", certificate.SpoilSheet, "ngoma", "SYNTHETIC: torn"))
	o.wants(o.get(admin, "/sheets"), http.StatusOK, "missing")
	o.wants(o.get(admin, path[1]), http.StatusOK, "Missing numbers")

	o.wants(o.get(first, "/returns"), http.StatusOK, "12.41")
	day := o.get(first, "/daily")
	o.wants(day, http.StatusOK, "12.41", "SYNTHETIC: jammed", "Register of")
	o.wants(o.get(first, "/daily?day="+o.today().AddDays(-1).String()), http.StatusOK, "None on this day")
	o.wants(o.get(first, "/daily?day=never"), http.StatusUnprocessableEntity)
	if x := o.get(first, "/daily/register.xlsx"); !strings.HasPrefix(x.body, "PK") {
		t.Error("no workbook")
	}
	if x := o.get(first, "/daily/register.pdf"); !strings.HasPrefix(x.body, "%PDF") {
		t.Error("no PDF")
	}
	for _, l := range []string{"fr", "pt"} {
		for _, p := range []string{"/sheets", path[1]} {
			o.wants(o.get(admin, p+"?lang="+l), http.StatusOK)
		}
		for _, p := range []string{"/returns", "/daily", "/issuing", "/issuing/" + c.ID, "/issuing/" + c.ID + "/print", "/issuing/" + spoiled + "/check"} {
			o.wants(o.get(first, p+"?lang="+l), http.StatusOK)
		}
	}
	for path, allowed := range map[string][]access.Role{"/sheets": {access.Validator, access.Administrator}, "/returns": {access.Valuator, access.Sealer, access.Validator, access.Importer, access.Statistician},
		"/daily": {access.Valuator, access.Sealer, access.Validator, access.Importer, access.Statistician}} {
		for _, role := range access.Roles() {
			if role == access.Public {
				continue
			}
			want := http.StatusForbidden
			for _, x := range allowed {
				if x == role {
					want = http.StatusOK
				}
			}
			if got := o.get(visitor("somebody", role), path); got.code != want {
				t.Errorf("%s by %s: %d", path, role, got.code)
			}
		}
	}
}
