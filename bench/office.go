package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/app"
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

var officeP99 = figure{
	id: "office-p99", unit: "ms", goal: goal{atMost: true, absolute: 25},
	what: "The 99th percentile of the time of one page that an office works on (work lists, a file, its forms, applications, the import desk and its lists, a case, sheets, the register of the day, people, trail), " +
		"asked for one after another over loopback by a client in another process, signed in as each of the office's people in turn; the worse of SQLite and PostgreSQL. " +
		"The node is that of page-p99, with files of its own office in it; it does not follow other registers meanwhile.",
	measure: func(ctx context.Context, r *run) (measured, error) { return measureServed(ctx, r, officeTimes) },
}

// desks are where each of the office's people begins, and what belongs to his desk.
var desks = []struct {
	login  string
	starts []string
}{
	{"valuator", []string{"/issuing", "/issuing?view=waiting", "/applications", "/daily"}},
	{"officer-1", []string{"/issuing", "/issuing?view=waiting", "/issuing?view=out", "/sheets", "/daily", "/returns"}},
	{"exporter", []string{"/applications"}},
	{"importer", []string{"/imports", "/imports/cases", "/imports/lists/arrived", "/imports/lists/overdue", "/imports/lists/confirmed", "/imports/transit", "/imports/batch"}},
	{"admin-1", []string{"/people", "/people/trail", "/people/roles", "/people/invite", "/account"}},
}

// deskPage tells pages of offices from public ones and from files.
func deskPage(at string) bool {
	u, err := url.Parse(at)
	if err != nil || u.Query().Has("format") || u.Query().Has("lang") || strings.Contains(u.Path, ".") ||
		slices.ContainsFunc([]string{"/bundle", "/photos/", "/paper/", "/papers/"}, func(part string) bool { return strings.Contains(u.Path, part) }) {
		return false
	}
	return slices.ContainsFunc([]string{"/issuing", "/applications", "/imports", "/sheets", "/daily", "/returns", "/people", "/account"}, func(desk string) bool {
		return u.Path == desk || strings.HasPrefix(u.Path, desk+"/")
	})
}

// kindOfDesk is an address without what it is about.
func kindOfDesk(at string) string {
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

// officeTimes fills the office with files, signs its people in, and asks for their pages;
// each round's value is its 99th percentile.
func officeTimes(ctx context.Context, r *run, g *register, engine string) (values []float64, _ string, err error) {
	dir := g.folders[engine]
	if err := furnish(ctx, dir, r.scale.officeFiles); err != nil {
		return nil, "", err
	}
	if err := bringPeople(g.folders["SQLite"], dir); err != nil {
		return nil, "", err
	}
	s, err := g.serve(ctx, r, dir)
	if err != nil {
		return nil, "", err
	}
	defer s.stop()
	type asked struct {
		client *http.Client
		at     string
	}
	var all []asked
	for _, d := range desks {
		client, err := enter(ctx, s.url, d.login)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", d.login, err)
		}
		found, err := walk(ctx, client, s.url, d.starts, r.scale.officeKind)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", d.login, err)
		}
		for _, at := range found {
			all = append(all, asked{client, at})
		}
	}
	kinds := map[string][]float64{}
	for range r.scale.pageRounds {
		var times []float64
		for _, a := range all {
			began := time.Now()
			if _, err := fetch(ctx, a.client, s.url+a.at); err != nil {
				return nil, "", err
			}
			ms := float64(time.Since(began)) / float64(time.Millisecond)
			times = append(times, ms)
			kinds[kindOfDesk(a.at)] = append(kinds[kindOfDesk(a.at)], ms)
		}
		values = append(values, quantile(times, 0.99))
		r.bar.step()
	}
	var slow []string
	for kind, times := range kinds {
		slow = append(slow, fmt.Sprintf("%s %s", kind, number(rounded(quantile(times, 0.99)))))
	}
	slices.Sort(slow)
	return values, fmt.Sprintf("%d files of the office, %d pages a round; by kind, p99 in ms: %s", r.scale.officeFiles, len(all), strings.Join(slow, ", ")), nil
}

// furnish gives the office so many files, where it has fewer: applications, of which a
// part is valued and a part sent back, and goods that came without a certificate, each of
// which is a case.
func furnish(ctx context.Context, dir string, files int) (err error) {
	n, err := openNode(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
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

// bringPeople lays the list of the demonstration's people beside a node's folder.
func bringPeople(from, to string) error {
	if filepath.Dir(from) == filepath.Dir(to) {
		return nil
	}
	b, err := os.ReadFile(filepath.Join(filepath.Dir(from), synthetic.FileName))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(filepath.Dir(to), synthetic.FileName), b, 0o600)
}

// enter signs one of the people in, and gives what asks in his name.
func enter(ctx context.Context, site, login string) (*http.Client, error) {
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

// fetch fetches a page whole; anything but 200 is an error, a way to the door too.
func fetch(ctx context.Context, client *http.Client, at string) (string, error) {
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

// walk gives the pages that a desk's links lead to, some of each kind.
func walk(ctx context.Context, client *http.Client, site string, found []string, most int) ([]string, error) {
	found = slices.Clone(found)
	seen, taken := map[string]bool{}, map[string]int{}
	for _, at := range found {
		seen[at] = true
	}
	for i := 0; i < len(found) && i < 40*most; i++ {
		page, err := fetch(ctx, client, site+found[i])
		if err != nil {
			return nil, err
		}
		for _, m := range link.FindAllStringSubmatch(page, -1) {
			at := strings.ReplaceAll(m[1], "&amp;", "&")
			if kind := kindOfDesk(at); !seen[at] && deskPage(at) && taken[kind] < most {
				seen[at] = true
				taken[kind]++
				found = append(found, at)
			}
		}
	}
	return found, nil
}
