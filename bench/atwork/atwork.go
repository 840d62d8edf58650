// Package atwork is an office at work for the figure office-p99: files of its own in a
// node that the bench has made, its people signed in, and the pages that their links lead
// to. A page that cannot be had as asked for is an error: a figure over pages of a
// refusal is none.
//
// Imports: app and what it puts together. Only the bench imports this package.
package atwork

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/app"
	"adamas.example/internal/app/node"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/module"
	"adamas.example/internal/party/partyweb/entrance/synthetic"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
)

var link = regexp.MustCompile(`href="(/[^"#]*)"`)

// Desks are where each of the office's people begins, and what belongs to his desk.
var Desks = []struct {
	Login  string
	Starts []string
}{
	{"valuator", []string{"/issuing", "/issuing?view=waiting", "/applications", "/daily"}},
	{"officer-1", []string{"/issuing", "/issuing?view=waiting", "/issuing?view=out", "/sheets", "/daily", "/returns"}},
	{"exporter", []string{"/applications"}},
	{"importer", []string{"/imports", "/imports/cases", "/imports/lists/arrived", "/imports/lists/overdue", "/imports/lists/confirmed", "/imports/transit", "/imports/batch"}},
	{"admin-1", []string{"/people", "/people/trail", "/people/roles", "/people/invite", "/account"}},
}

// deskPage tells pages of offices from public ones, from files, and from a number that is
// looked for, which leads to another page.
func deskPage(at string) bool {
	u, err := url.Parse(at)
	if err != nil || u.Query().Has("format") || u.Query().Has("lang") || u.Query().Has("q") || strings.Contains(u.Path, ".") ||
		slices.ContainsFunc([]string{"/bundle", "/photos/", "/paper/", "/papers/"}, func(part string) bool { return strings.Contains(u.Path, part) }) {
		return false
	}
	return slices.ContainsFunc([]string{"/issuing", "/applications", "/imports", "/sheets", "/daily", "/returns", "/people", "/account"}, func(desk string) bool {
		return u.Path == desk || strings.HasPrefix(u.Path, desk+"/")
	})
}

// KindOf is an address without what it is about.
func KindOf(at string) string {
	u, err := url.Parse(at)
	if err != nil {
		return at
	}
	parts := strings.Split(strings.TrimPrefix(u.Path, "/"), "/")
	for i, part := range parts {
		if i > 0 && strings.ContainsAny(part, "0123456789") {
			parts[i] = "*"
		}
	}
	kind := "/" + strings.Join(parts, "/")
	if u.RawQuery != "" {
		kind += "?"
	}
	return kind
}

// Furnish gives the office so many files, where it has fewer: applications, of which a
// part is valued and a part sent back, and goods that came without a certificate, each of
// which is a case.
func Furnish(ctx context.Context, n *node.Node, files int) (err error) {
	words, err := lang.LoadOne(lang.English)
	if err != nil {
		return err
	}
	face, err := n.Face(&module.Env{Context: ctx, Out: io.Discard, Err: io.Discard, Now: time.Now, Getenv: os.Getenv, Words: words.Printer(lang.English)}, app.Modules())
	if err != nil {
		return err
	}
	exports, err := module.Service[*exporting.Desk](face)
	if err != nil {
		return err
	}
	imports, err := module.Service[*importing.Desk](face)
	if err != nil {
		return err
	}
	there := 0
	err = n.Store.Read(ctx, time.Now(), func(tx *store.Tx) error {
		all, err := consignment.Newest(tx, files)
		there = len(all)
		return err
	})
	today := period.DateOf(time.Now())
	valuator := exporting.Officer{ID: "valuator", Role: access.Valuator}
	for i := there; err == nil && i < files; i++ {
		if i%10 == 9 {
			_, _, err = imports.Arrive(ctx, importing.Officer{ID: "importer"}, nil, importing.Arrival{Place: "SYNTHETIC counter", Without: "AE", Presenter: "SYNTHETIC courier", Unseen: true})
			continue
		}
		a := shipment(today, i)
		var c *consignment.Consignment
		owner := consignment.Owner{Company: "SYNTHETIC Bureau d'achat de l'Exemple|BA-17", Login: "exporter", Name: "SYNTHETIC Clara Cissé"}
		if c, err = exports.ApplyFor(ctx, exporting.Officer{ID: "exporter", Role: access.Exporter}, owner, a, nil); err != nil {
			break
		}
		switch i % 4 {
		case 1:
			_, err = exports.Value(ctx, c.ID, valuator, certificate.Valuation{By: certificate.ByGovernment, Name: "SYNTHETIC valuer", Day: today, Lines: a.Lines})
		case 2:
			_, err = exports.FindDeficient(ctx, c.ID, valuator, exporting.Reasons{Reason: "SYNTHETIC: the count differs", Fields: []exporting.FieldReason{{Field: "parcels", Reason: "13 were counted"}}})
		}
	}
	return err
}

// shipment is an application of one parcel.
func shipment(today period.Date, i int) exporting.Application {
	carats := measure.Carats(1000 + 10*(i%2000))
	licence := func(kind string) *certificate.Licence {
		return &certificate.Licence{Holder: "SYNTHETIC Bureau d'achat de l'Exemple", Number: "BA-17", Kind: kind, Until: today.AddDays(300)}
	}
	return exporting.Application{
		Kind:        exporting.Export,
		Applicant:   exporting.Person{Name: "SYNTHETIC Clara Cissé", Address: "SYNTHETIC avenue 1", For: "SYNTHETIC Bureau d'achat de l'Exemple"},
		Exporter:    exporting.Trader{Name: "SYNTHETIC Bureau d'achat de l'Exemple", Address: "SYNTHETIC avenue 1", Licence: licence("buying_house")},
		Consignee:   exporting.Trader{Name: fmt.Sprintf("SYNTHETIC importer %d", i%97), Address: "SYNTHETIC tower 7"},
		Destination: []ident.ParticipantCode{"AE", "EU", "IN", "IL"}[i%4],
		Parcels:     []exporting.Parcel{{Mark: "P1", Container: "1", Carats: carats, Stones: uint64(1 + i%50)}},
		Lines:       []certificate.ValuedLine{{HS: "7102.10", Carats: carats, Value: measure.USD(int64(carats) * 20)}},
		Evidence:    []certificate.Evidence{{Origin: "CF", Carats: carats, Mine: &certificate.MineSource{Name: "SYNTHETIC site", Place: "Carnot", Record: "SYNTHETIC register 4"}}},
		Carriage:    exporting.Carriage{Mode: "courier", Carrier: "SYNTHETIC Courier", Licence: licence("carrier")},
		Declaration: exporting.Declaration{By: "SYNTHETIC Clara Cissé", Day: today, Warranty: period.MustDay(2021, 1, 1)},
	}
}

// BringPeople lays the list of the demonstration's people beside a node's folder.
func BringPeople(from, to string) error {
	if filepath.Dir(from) == filepath.Dir(to) {
		return nil
	}
	b, err := os.ReadFile(filepath.Join(filepath.Dir(from), synthetic.FileName))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(filepath.Dir(to), synthetic.FileName), b, 0o600)
}

// Page is one that somebody who has signed in asks for.
type Page struct {
	At     string
	site   string
	client *http.Client
}

// Fetch fetches it whole.
func (p Page) Fetch(ctx context.Context) (string, error) { return Fetch(ctx, p.client, p.site+p.At) }

// Pages signs all of the office's people in, and gives what each of them works on.
func Pages(ctx context.Context, site string, most int) (all []Page, err error) {
	for _, d := range Desks {
		client, err := Enter(ctx, site, d.Login)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Login, err)
		}
		found, err := Walk(ctx, client, site, d.Starts, most)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Login, err)
		}
		for _, at := range found {
			all = append(all, Page{at, site, client})
		}
	}
	return all, nil
}

// Enter signs one of the people in, and gives what asks in his name.
func Enter(ctx context.Context, site, login string) (*http.Client, error) {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, site+"/sign-in/as", strings.NewReader(url.Values{"login": {login}}.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		if c.Name == "session" && res.StatusCode == http.StatusSeeOther {
			client.Transport = signedIn(c.Value)
			return client, nil
		}
	}
	return nil, fmt.Errorf("not signed in: %s", res.Status)
}

// signedIn sends a session's cookie with each request: localhost gives none to a jar that
// wants it over https.
type signedIn string

// RoundTrip is http.RoundTripper.
func (s signedIn) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.AddCookie(&http.Cookie{Name: "session", Value: string(s)})
	return http.DefaultTransport.RoundTrip(r)
}

// Fetch fetches a page whole; anything but 200 is an error, a way to the door too.
func Fetch(ctx context.Context, client *http.Client, at string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return "", err
	}
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", at, res.Status)
	}
	return string(b), err
}

// Walk gives the pages that a desk's links lead to, some of each kind.
func Walk(ctx context.Context, client *http.Client, site string, found []string, most int) ([]string, error) {
	found = slices.Clone(found)
	seen, taken := map[string]bool{}, map[string]int{}
	for _, at := range found {
		seen[at] = true
	}
	for i := 0; i < len(found) && i < 40*most; i++ {
		page, err := Fetch(ctx, client, site+found[i])
		if err != nil {
			return nil, err
		}
		for _, m := range link.FindAllStringSubmatch(page, -1) {
			at := strings.ReplaceAll(m[1], "&amp;", "&")
			if kind := KindOf(at); !seen[at] && deskPage(at) && taken[kind] < most {
				seen[at] = true
				taken[kind]++
				found = append(found, at)
			}
		}
	}
	return found, nil
}
