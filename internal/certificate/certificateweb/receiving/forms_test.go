package receiving_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/verifytest"
)

var (
	forms    = regexp.MustCompile(`(?s)<form\b([^>]*)>(.*?)</form>`)
	elements = regexp.MustCompile(`(?s)<(input|textarea|fieldset)\b[^>]*>`)
	summary  = regexp.MustCompile(`(?s)<div class="govuk-error-summary" role="alert" tabindex="-1".*?</ul>`)
)

// typed reads what stands in the fields of the page's forms to an address; apart: of that
// for goods without certificate.
func typed(body, action, apart string) url.Values {
	out := url.Values{}
	for _, f := range forms.FindAllStringSubmatch(body, -1) {
		if !strings.Contains(f[1], `action="`+action+`"`) || strings.Contains(f[2], `name="without"`) != (apart != "") {
			continue
		}
		for _, tag := range elements.FindAllString(f[2], -1) {
			a := attributes(tag)
			box := a["type"] == "checkbox" || a["type"] == "radio"
			if a["name"] != "" && (!box || strings.Contains(tag, " checked")) {
				out.Add(a["name"], html.UnescapeString(a["value"]))
			}
		}
		for _, m := range areas.FindAllStringSubmatch(f[2], -1) {
			out.Set(m[1], html.UnescapeString(m[2]))
		}
	}
	return out
}

func attributes(tag string) map[string]string {
	a := map[string]string{}
	for _, m := range attr.FindAllStringSubmatch(tag, -1) {
		a[m[1]] = m[2]
	}
	return a
}

// idOf is a field's address on the page.
func idOf(field string) string {
	return "f-" + strings.NewReplacer("[", "-", "]", "", ".", "-", "_", "-").Replace(field)
}

// refused holds a form that came back: each fault stands beside its field and in the
// summary, which leads there, under the name that the field has in the form; and what was
// typed stands there still.
func refused(t *testing.T, got page, action string, sent url.Values, apart string, fields ...string) {
	t.Helper()
	if got.code < 400 || got.code >= 500 {
		t.Errorf("%d %s", got.code, got.to)
		return
	}
	head := summary.FindString(got.body)
	var led []string
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(head, -1) {
		led = append(led, m[1])
	}
	var want []string
	for _, field := range fields {
		id := strings.Replace(idOf(field), "f-", "f-"+apart, 1)
		want = append(want, id)
		if strings.Contains(head, "“"+field+"”") {
			t.Errorf("the summary calls a field %q, as no form does: %s", field, plain("<main"+head))
		}
		beside := slices.ContainsFunc(elements.FindAllString(got.body, -1), func(tag string) bool {
			a := attributes(tag)
			return a["id"] == id && a["aria-invalid"] == "true" && slices.Contains(strings.Fields(a["aria-describedby"]), id+"-error")
		})
		if !beside || strings.Count(got.body, `id="`+id+`"`) != 1 || strings.Count(got.body, `<p id="`+id+`-error" class="govuk-error-message">`) != 1 {
			t.Errorf("no fault beside %s (%s)", field, id)
		}
	}
	if !slices.Equal(led, want) {
		t.Errorf("the summary leads to %v, not to %v: %s", led, want, plain("<main"+head))
	}
	back := typed(got.body, action, apart)
	for name, all := range sent {
		suggested := (name == "reason" || name == "note") && all[0] == "" && sent.Get("act") == "confirm"
		if !slices.Contains([]string{"act", "seen"}, name) && !suggested && !slices.Equal(back[name], all) {
			t.Errorf("%s came back as %q, not as %q", name, back[name], all)
		}
	}
}

// with is a form with changes in pairs; "-" takes a field out.
func with(v url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for name, all := range v {
		out[name] = all
	}
	for i := 0; i < len(pairs); i += 2 {
		if out.Del(pairs[i]); pairs[i+1] != "-" {
			out.Set(pairs[i], pairs[i+1])
		}
	}
	return out
}

var long = strings.Repeat("SYNTHETIC ", 201)

// TestWrongInputs: a table of wrong inputs in each form of the desk.
func TestWrongInputs(t *testing.T) {
	var whole, listed, second, transit, announced, bareCode *bundle.Bundle
	s := newScene(t, func(s *scene) {
		whole, second, announced, bareCode = s.certificate(), s.certificate(), s.certificate(), s.certificate()
		listed = s.certificate(facts(func(f *verify.Facts) {
			n := uint64(2)
			f.Parcels, f.ParcelList = &n, []verify.Parcel{{Mark: "P1", Container: "1", Hundredths: 640, Stones: 12}, {Mark: "P2", Container: "1", Hundredths: 600}}
		}))
		transit = s.cf.Record(s.cf.Sign(s.cf.Draft("EU", verifytest.Start+600)), verifytest.Start+700)
	})
	for _, b := range []*bundle.Bundle{whole, listed, second, announced} {
		s.announce(b)
	}
	code, _ := codes(transit)
	one, parcels, again := s.scan(whole), s.scan(listed), s.scan(second)
	confirmed := form(t, s.get(again).body)
	confirmed.Set("act", "confirm")
	if got := s.post(again, confirmed); got.code != http.StatusSeeOther {
		t.Fatal(plain(got.body))
	}
	waiting := s.post("/imports", url.Values{"scan": {number(announced)}, "place": {"SYNTHETIC"}}).to
	unread := s.scan(bareCode)
	crossing := url.Values{"scan": {code}, "place": {"SYNTHETIC airport"}, "day": {"2026-11-23"}, "remark": {""}, "seals[1].container": {"1"}, "seals[1].seal": {"A118"}, "seals[1].intact": {"yes"}}
	passing := s.post("/imports/transit", crossing).to
	leaving := typed(s.get(passing).body, passing+"/leave", "")
	case1 := form(t, s.get(one).body)
	measured, weighed := with(case1, "act", "confirm"), with(form(t, s.get(parcels).body), "act", "confirm")
	if measured.Get("seals[1].seal") != "A118" || weighed.Get("parcel_list[2].mark") != "P2" || leaving.Get("seals[1].seal") != "A118" {
		t.Fatalf("%v\n%v\n%v", measured, weighed, leaving)
	}
	scan := url.Values{"scan": {"CF00000001"}, "place": {"SYNTHETIC counter"}, "scale": {"SYNTHETIC balance"}}
	bare := url.Values{"without": {"KE"}, "place": {"SYNTHETIC counter"}, "presenter": {"SYNTHETIC carrier"}, "remark": {"SYNTHETIC"}}
	for name, tt := range map[string]struct {
		at    string
		sent  url.Values
		apart string
		wrong []string
	}{
		"nothing scanned":       {"/imports", with(scan, "scan", ""), "", []string{"scan"}},
		"no place, no code":     {"/imports", with(scan, "scan", "", "place", ""), "", []string{"scan", "place"}},
		"no number":             {"/imports", with(scan, "scan", "<hello>"), "", []string{"scan"}},
		"a code that is none":   {"/imports", with(scan, "scan", "HTTPS://V.KP.EXAMPLE/C#12"), "", []string{"scan"}},
		"long place and scale":  {"/imports", with(scan, "place", long, "scale", long), "", []string{"place", "scale"}},
		"bare: nothing":         {"/imports", with(bare, "without", "", "place", ""), "bare-", []string{"place", "without"}},
		"bare: a country":       {"/imports", with(bare, "without", "Kenya", "presenter", long), "bare-", []string{"without", "presenter"}},
		"arrival, no place":     {waiting, url.Values{"act": {"arrive"}, "seen": {"1"}, "place": {""}}, "", []string{"place"}},
		"again, no place":       {again, url.Values{"act": {"again"}, "read": {"code"}, "place": {""}}, "", []string{"place"}},
		"no weight":             {one, with(measured, "carats", ""), "", []string{"carats"}},
		"no weight, no scale":   {one, with(measured, "carats", "0", "parcels", "0", "scale", ""), "", []string{"carats", "parcels", "scale"}},
		"a word as a weight":    {one, with(measured, "carats", "twelve", "parcels", "one", "value_usd", "1.234"), "", []string{"carats", "parcels", "value_usd"}},
		"negative":              {one, with(measured, "carats", "-12.40", "parcels", "-1"), "", []string{"carats", "parcels"}},
		"half another seal":     {one, with(measured, "seals[2].container", "9"), "", []string{"seals[2].seal"}},
		"a long seal":           {one, with(measured, "seals[2].container", "9", "seals[2].seal", long), "", []string{"seals[2].seal"}},
		"a long remark":         {one, with(measured, "remark", long), "", []string{"remark"}},
		"parcels unweighed":     {parcels, with(weighed, "parcel_list[1].carats", "", "parcel_list[2].carats", "6,0,0"), "", []string{"parcel_list[2].carats"}},
		"a parcel of nothing":   {parcels, with(weighed, "parcel_list[2].carats", "0"), "", []string{"parcel_list[2].carats"}},
		"stones in words":       {parcels, with(weighed, "parcel_list[1].stones", "a dozen"), "", []string{"parcel_list[1].stones"}},
		"case without reason":   {one, with(measured, "act", "dispute", "reason", "", "note", "SYNTHETIC"), "", []string{"reason"}},
		"case, a weight typed":  {one, with(measured, "act", "dispute", "reason", "SYNTHETIC", "carats", "12.x"), "", []string{"carats"}},
		"case, a long note":     {one, with(measured, "act", "dispute", "reason", long, "note", long), "", []string{"reason", "note"}},
		"cannot tell, unread":   {unread, with(form(t, s.get(unread).body), "act", "confirm", "carats", "12.40", "parcels", "1"), "", []string{"because"}},
		"no code of the proof":  {unread, url.Values{"act": {"code"}, "scan": {"hello"}}, "", []string{"scan"}},
		"transit: nothing":      {"/imports/transit", url.Values{"scan": {""}, "place": {""}, "day": {""}, "remark": {""}}, "", []string{"scan", "place", "day", "seals"}},
		"transit: day":          {"/imports/transit", with(crossing, "day", "23 of November"), "", []string{"day"}},
		"transit: next year":    {"/imports/transit", with(crossing, "day", "2027-11-23"), "", []string{"day"}},
		"transit: half a seal":  {"/imports/transit", with(crossing, "seals[2].seal", "A119"), "", []string{"seals[2].container"}},
		"transit: no code":      {"/imports/transit", with(crossing, "scan", "hello"), "", []string{"scan"}},
		"leaves, no place":      {passing + "/leave", with(leaving, "place", "", "day", ""), "", []string{"place", "day"}},
		"leaves, opened":        {passing + "/leave", with(leaving, "place", "SYNTHETIC gate", "seals[1].intact", "-"), "", []string{"remark"}},
		"leaves before it came": {passing + "/leave", with(leaving, "place", "SYNTHETIC gate", "day", "2026-11-22"), "", []string{"day"}},
		"nothing chosen":        {"/imports/batch", url.Values{}, "", []string{"file"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.post(tt.at, tt.sent)
			refused(t, got, tt.at, tt.sent, tt.apart, tt.wrong...)
		})
	}
	// An empty line before a wrong one closes up: the fault is at the line that is shown.
	gap := s.post("/imports/transit", with(crossing, "seals[3].seal", "A119", "seals[5].container", "2", "seals[5].seal", "A120"))
	refused(t, gap, "/imports/transit", with(crossing, "seals[2].seal", "A119", "seals[3].container", "2", "seals[3].seal", "A120"), "", "seals[2].container")
	if s.state(one) != consignment.Arrived || s.state(passing) != consignment.InTransit {
		t.Error("something was done")
	}
	t.Run("a decision", func(t *testing.T) { s.wrongDecisions(t, one, measured) })
}

// wrongDecisions: the table for decisions on a case.
func (s *scene) wrongDecisions(t *testing.T, screen string, measured url.Values) {
	if got := s.post(screen, with(measured, "act", "dispute", "reason", "SYNTHETIC")); got.to != screen+"/case" {
		t.Fatal(plain(got.body))
	}
	at := screen + "/case"
	decision := with(typed(s.get(at).body, at, ""), "do", "detain", "reason", "SYNTHETIC", "note", "one\ntwo", "legal", "§ 1", "reported", "yes", "papers", "-")
	for name, tt := range map[string]struct {
		sent  url.Values
		wrong []string
	}{
		"nothing":                 {with(decision, "do", "-", "day", "", "reason", ""), []string{"do", "day", "reason"}},
		"a day to come":           {with(decision, "day", "2026-11-24"), []string{"day"}},
		"no day":                  {with(decision, "day", "soon"), []string{"day"}},
		"too long":                {with(decision, "reason", long, "note", long, "legal", long, "goods", long), []string{"reason", "note", "legal", "goods"}},
		"a technical certificate": {with(decision, "under", "AE00000001"), []string{"under"}},
		"no technical one":        {with(decision, "do", "return", "under", "<hello>"), []string{"under"}},
	} {
		t.Run(name, func(t *testing.T) { refused(t, s.post(at, tt.sent), at, tt.sent, "", tt.wrong...) })
	}
}

// TestFaultsOfNoField: what is wrong with no field stands in the summary, with its way
// out, and leads nowhere.
func TestFaultsOfNoField(t *testing.T) {
	var b, other, third *bundle.Bundle
	s := newScene(t, func(s *scene) { b, other, third = s.certificate(), s.certificate(), s.certificate() })
	s.announce(b)
	screen := s.scan(b)
	f := with(form(t, s.get(screen).body), "act", "confirm", "carats", "12.45")
	raw, err := other.Encode()
	s.must(err)
	for _, tt := range map[string]struct {
		sent url.Values
		want string
	}{
		"an act that is none": {with(f, "act", "issue"), "Open the shipment again"},
		"no sight":            {with(f, "seen", "-"), "Open the shipment again"},
		"an old sight":        {with(f, "seen", "1"), "Look at it again"},
		"a rule":              {with(f, "original", "-"), "Record a discrepancy"},
	} {
		got := s.post(screen, tt.sent)
		refused(t, got, screen, tt.sent, "")
		has(t, page{got.code, summary.FindString(got.body), "", nil}, tt.want)
	}
	unread := s.scan(third)
	got := s.upload(unread, url.Values{"act": {"code"}, "scan": {"SYNTHETIC"}}, file{"c.adamas", raw})
	refused(t, got, unread, url.Values{"scan": {"SYNTHETIC"}}, "")
	s.visitor.Proven = s.now.AddDate(0, 0, -1)
	got = s.post(screen, f)
	refused(t, got, screen, f, "")
	has(t, page{got.code, summary.FindString(got.body), "", nil}, "Follow the link in the box")
}

// TestFilesRefused: a file that is none is told beside the field of files, and what was
// typed beside it stays.
func TestFilesRefused(t *testing.T) {
	var b *bundle.Bundle
	s := newScene(t, func(s *scene) { b = s.certificate() })
	asked, junk := s.scan(b), file2("c.adamas", "junk")
	for at, sent := range map[string]url.Values{
		"/imports":         {"scan": {"CF00000001"}, "place": {"SYNTHETIC counter"}, "scale": {"SYNTHETIC"}},
		"/imports/transit": {"scan": {""}, "place": {"SYNTHETIC"}, "day": {"2026-11-23"}, "remark": {"SYNTHETIC"}, "seals[1].container": {"1"}, "seals[1].seal": {"A118"}},
	} {
		refused(t, s.upload(at, sent, junk), at, sent, "", "file")
	}
	refused(t, s.upload("/imports", url.Values{"scan": {"x"}, "place": {"SYNTHETIC"}}, junk, junk), "/imports", url.Values{"scan": {"x"}, "place": {"SYNTHETIC"}}, "", "file")
	refused(t, s.upload(asked, url.Values{"act": {"code"}, "scan": {"SYNTHETIC"}}, junk), asked, url.Values{"scan": {"SYNTHETIC"}}, "", "file")
}

// TestAnotherSeal: a line more, and what was typed stays; a line in which nothing stands is
// no seal, and speaks against nobody.
func TestAnotherSeal(t *testing.T) {
	var b *bundle.Bundle
	s := newScene(t, func(s *scene) { b = s.certificate() })
	s.announce(b)
	screen := s.scan(b)
	for at, sent := range map[string]url.Values{"/imports/transit": typed(s.get("/imports/transit").body, "/imports/transit", ""), screen: form(t, s.get(screen).body)} {
		sent.Del("act")
		sent.Set("more", "seals")
		sent.Set("remark", "SYNTHETIC")
		before := strings.Count(s.get(at).body, `.seal"`)
		got := s.post(at, sent)
		if got.code != http.StatusOK || strings.Count(got.body, `.seal"`) != before+1 || typed(got.body, at, "").Get("remark") != "SYNTHETIC" {
			t.Errorf("%s: %d, %d lines and then %d", at, got.code, before, strings.Count(got.body, `.seal"`))
		}
		if strings.Contains(got.body, `class="bad"`) || typed(got.body, at, "").Get("reason") != "" {
			t.Errorf("%s: a line that is empty is held against the goods: %s", at, plain(got.body))
		}
	}
}
