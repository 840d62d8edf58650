package storm

import (
	"fmt"
	"os"
	"strings"
	"time"

	"adamas.example/internal/worldtest/nodes"
)

// offices are where shipments go.
var offices = map[string]string{"ae": "AE/dubai", "eu": "EU/antwerp"}

// form writes particulars as a file.
func (c *client) form(name, text string) string {
	path := c.w.Path("forms-storm", strings.ReplaceAll(c.name, " ", "-")+fmt.Sprintf("-%d-%s.json", c.n, name))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		panic(err)
	}
	return path
}

// act does an act of the exporting office. Officers act with their own keys.
func (c *client) act(id, act, particulars string) *view {
	d := deed{node: "cf", id: id, act: act, by: c.who, args: []string{"consignment", "do", act}}
	switch act {
	case "prepare":
		d.by = c.keys[0]
		d.args = append(d.args, "--keys", c.w.Path("keys-SYNTHETIC", "officer-1"), "--key", "officer")
	default:
		d.args = append(d.args, "--by", c.who)
	}
	if particulars != "" {
		d.args = append(d.args, "--file", c.form(act, particulars))
	}
	d.args = append(d.args, id)
	v, _ := c.do(d)
	return v
}

const reason = `{"reason": "SYNTHETIC storm"}`

// journey is one shipment from its application to its end, drawn at random.
func (c *client) journey() {
	to := nodes.Participants[1+c.r.IntN(2)]
	hundredths := 200 + c.r.IntN(2000)
	id, seal := c.untilSealed(to, hundredths)
	c.prepare(id)
	if c.r.IntN(8) == 0 {
		c.act(id, "spoil", reason)
		c.prepare(id)
	}
	v := c.issue(id)
	switch c.r.IntN(12) {
	case 0:
		c.act(id, "cancel", reason)
		return
	case 1:
		c.act(id, "report_lost", fmt.Sprintf(`{"day": %q, "reason": "SYNTHETIC storm"}`, today()))
		return
	case 2:
		if v = c.reissue(id); v == nil {
			return
		}
		id = v.ID
	}
	v = c.show("cf", id)
	c.act(id, "export", exported())
	c.act(id, "advise", shipment{to: to}.advice())
	if c.r.IntN(12) == 0 {
		c.act(id, "report_lost", fmt.Sprintf(`{"day": %q, "reason": "SYNTHETIC: robbed"}`, today()))
		return
	}
	c.receive(to, v.Number, seal, hundredths)
}

func (c *client) prepare(id string) { c.act(id, "prepare", c.validator()) }

func (c *client) validator() string { return fmt.Sprintf(`{"validator": %q}`, c.keys[1]) }

// issue issues. When the kill fell between the sheet and the preparer's approval, that
// officer is asked for it again.
func (c *client) issue(id string) *view {
	officer := func(i int) []string {
		return []string{"--keys", c.w.Path("keys-SYNTHETIC", fmt.Sprintf("officer-%d", i)), "--key", "officer"}
	}
	for range 5 {
		args := append([]string{"consignment", "do", "issue"}, officer(2)...)
		if v, exit := c.do(deed{node: "cf", id: id, act: "issue", by: c.keys[1], args: append(args, id), may: []int{73}}); exit == 0 {
			return v
		}
		if v := c.show("cf", id); v.State != "prepared" { // it was done, and the answer lost
			c.b.note(func() { c.b.lookedUp++ })
			return v
		}
		args = append([]string{"consignment", "do", "prepare", "--file", c.form("approve", c.validator())}, officer(1)...)
		c.ask("cf", append(args, id)...)
		c.b.note(func() { c.b.approved++ })
	}
	panic(stop{"the preparer's approval does not come"})
}

// reissue replaces a certificate and gives the file of the new one; nil when the
// answer that named it was lost and the old file has to be read first.
func (c *client) reissue(id string) *view {
	v := c.act(id, "reissue", `{"reason": "SYNTHETIC storm", "old_surrendered": true}`)
	if v.ID == id { // the answer was lost: the new file is found by who began it
		found := false
		for _, x := range c.list("cf", "sealed") {
			if y := c.show("cf", x.ID); len(y.File) > 0 && y.File[0].Act == "reissue" && y.File[0].By == c.who {
				v, found = y, true
			}
		}
		if !found {
			c.strange("reissue of %s was done, and no file began", id)
			return nil
		}
	}
	c.prepare(v.ID)
	next := c.issue(v.ID)
	if old := c.show("cf", id); old.State != "replaced" {
		c.strange("%s was to be replaced by %s and is %s", id, next.ID, old.State)
	}
	return next
}

func today() string { return time.Now().UTC().Format(time.DateOnly) }

// shipment is what is filled in for one, by people and by systems alike.
type shipment struct {
	to         string // Participant: "ae"
	hundredths int    // of a carat
	seal       string
}

func (s shipment) carats() string { return fmt.Sprintf("%d.%02d", s.hundredths/100, s.hundredths%100) }

func (s shipment) lines() string {
	return fmt.Sprintf(`[{"hs": "7102.10", "carats": %q, "value_usd": "%d.00"}]`, s.carats(), s.hundredths*2)
}

func (s shipment) application() string {
	return fmt.Sprintf(`{"kind": "export",
"applicant": {"name": "SYNTHETIC agent", "address": "SYNTHETIC avenue 1", "acts_for": "SYNTHETIC house"},
"exporter": {"name": "SYNTHETIC house", "address": "SYNTHETIC avenue 1", "licence": {"holder": "SYNTHETIC house", "number": "BA-17", "kind": "buying_house", "until": %[1]q}},
"consignee": {"name": "SYNTHETIC importer", "address": "SYNTHETIC tower 7"}, "destination": %[2]q, "destination_office": %[3]q,
"parcels": [{"mark": "P1", "container": "1", "carats": %[4]q}], "lines": %[5]s,
"evidence": [{"origin": "CF", "carats": %[4]q, "mine": {"name": "SYNTHETIC site", "place": "Carnot", "record": "SYNTHETIC register 4"}}],
"carriage": {"mode": "courier", "carrier": "SYNTHETIC courier", "licence": {"holder": "SYNTHETIC courier", "number": "T-3", "kind": "carrier", "until": %[1]q}},
"declaration": {"by": "SYNTHETIC agent", "day": %[6]q, "warranty_text_of": "2021-01-01"}}`,
		time.Now().UTC().AddDate(0, 11, 0).Format(time.DateOnly), strings.ToUpper(s.to), offices[s.to], s.carats(), s.lines(), today())
}

// valuers are who values each shipment.
var valuers = []string{"government", "independent", "exporter"}

func (s shipment) valuation(by string) string {
	return fmt.Sprintf(`{"by": %q, "name": "SYNTHETIC %s valuer", "day": %q, "lines": %s}`, by, by, today(), s.lines())
}

func (s shipment) tax() string {
	return fmt.Sprintf(`{"number": "SYNTHETIC-1", "authority": "SYNTHETIC treasury", "day": %q, "assessed_usd": "%d.00",
"lines": [{"name": "export-duty", "rate": "4", "amount_usd": "%d.%02d"}]}`, today(), s.hundredths*2, s.hundredths*8/100, s.hundredths*8%100)
}

func (s shipment) sealing() string {
	return fmt.Sprintf(`{"method": "every-container", "day": %q, "content_verified": true, "containers": [{"container": "1", "seal": %q}],
"witnesses": ["SYNTHETIC customs officer"]}`, today(), s.seal)
}

func exported() string {
	return fmt.Sprintf(`{"day": %q, "exit_point": "SYNTHETIC airport", "customs_reference": "SYNTHETIC-D"}`, today())
}

func (s shipment) advice() string {
	return fmt.Sprintf(`{"to": %q, "note": "SYNTHETIC"}`, offices[s.to])
}

// untilSealed takes a shipment to the point where a certificate can be prepared.
func (c *client) untilSealed(to string, hundredths int) (id, seal string) {
	s := shipment{to, hundredths, "S-" + strings.ReplaceAll(strings.TrimPrefix(c.who, "SYNTHETIC "), " ", "-")}
	id = c.open(c.form("apply", s.application())).ID
	mine := c.who
	for _, by := range valuers {
		c.who = mine + " " + by // three acts of one kind are told apart by who did them
		c.act(id, "value", s.valuation(by))
	}
	c.who = mine
	c.act(id, "tax", s.tax())
	c.act(id, "seal", s.sealing())
	return id, s.seal
}

// receive is the importing office's side.
func (c *client) receive(to, number, seal string, hundredths int) {
	id := c.arrive(to, number, c.bundle(number), seal)
	if c.r.IntN(4) == 0 {
		if !c.quarrel(to, id, hundredths) {
			return
		}
	}
	if _, exit := c.examine(to, id, hundredths); exit != 0 {
		panic(stop{"examination refused"})
	}
	for range 30 { // what the other register says may have to be read first
		_, exit := c.do(deed{node: to, id: id, act: "confirm", by: c.who, args: []string{"consignment", "confirm", "--by", c.who, id}, may: []int{65, 77}})
		if exit == 0 {
			return
		}
		time.Sleep(time.Second)
	}
	panic(stop{"confirmation refused"})
}

// bundle writes the certificate as it travels.
func (c *client) bundle(number string) string {
	path := c.w.Path("certificates", number+".adamas")
	for range 40 {
		_, errs, exit := c.ask("cf", "certificate", "bundle", number, "--out", path)
		if _, err := os.Stat(path); err == nil {
			c.b.note(func() { c.b.bundles = append(c.b.bundles, path) })
			return path
		}
		if exit != 75 && exit != 69 && exit != -1 {
			c.strange("bundle %s: exit %d: %s", number, exit, errs)
		}
		time.Sleep(300 * time.Millisecond)
	}
	panic(stop{"no bundle"})
}

// arrive records the arrival, of a shipment that was announced or not yet.
func (c *client) arrive(to, number, file, seal string) string {
	args := []string{"consignment", "arrive", "--by", c.who, "--place", "SYNTHETIC hall", "--original", "--seal", "1=" + seal, file}
	for range 60 {
		if c.ctx.Err() != nil {
			panic(stop{"the time is over"})
		}
		out, errs, exit := c.ask(to, args...)
		if exit == 0 {
			id := c.arrived(to, number)
			if id == "" || !strings.Contains(out, id) {
				c.strange("arrive: answered %q, found %q", out, id)
				panic(stop{"arrived nowhere"})
			}
			c.acked(deed{node: to, act: "arrive", by: c.who}, 0, c.show(to, id))
			return id
		}
		if id := c.arrived(to, number); id != "" {
			c.b.note(func() { c.b.lookedUp++ })
			return id
		}
		if exit != 75 && exit != 69 && exit != -1 {
			c.strange("arrive %s: exit %d: %s", number, exit, errs)
			panic(stop{"refused: arrive"})
		}
		c.b.note(func() { c.b.repeated++ })
		time.Sleep(300 * time.Millisecond)
	}
	panic(stop{"not to be done: arrive"})
}

// arrived finds the file of a certificate that lies at the office.
func (c *client) arrived(to, number string) string {
	for _, x := range c.list(to, "arrived") {
		if x.Number == number {
			return x.ID
		}
	}
	return ""
}

func (c *client) examine(to, id string, hundredths int) (*view, int) {
	return c.do(deed{node: to, id: id, act: "examine", by: c.who, may: []int{65, 77}, args: []string{"consignment", "examine", "--by", c.who, "--parcels", "1", "--opened", "1",
		"--carats", fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100), "--scale", "SYNTHETIC scale 2", id}})
}

// quarrel finds less than the certificate says. It tells whether the goods are free
// again in the end.
func (c *client) quarrel(to, id string, hundredths int) bool {
	if _, exit := c.examine(to, id, hundredths-60); exit == 0 {
		c.strange("%s: 0.60 ct less were let pass", id)
	}
	end := []string{"release", "return", "seize"}[c.r.IntN(3)]
	for _, decision := range []string{"dispute", "detain", end} {
		c.do(deed{node: to, id: id, act: decision, by: c.who, args: []string{"consignment", "decide", decision, "--by", c.who, "--reason", "SYNTHETIC: 0.60 ct are missing", id}})
	}
	return end == "release"
}
