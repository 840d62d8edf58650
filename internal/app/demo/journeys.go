package demo

import (
	"encoding/json"
	"fmt"
	"strings"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
)

// The certificates of the story.
const (
	received = "CF00000001"
	lostOne  = "CF00000002"
	shortOne = "CF00000003"
	reExport = "AE00000001"
)

// stockNumber is a paper certificate under which AE had imported before it kept
// balances.
const stockNumber = "BW00004711"

var stockStatement = canonical.Sum([]byte("SYNTHETIC paper certificate " + stockNumber))

// openStock enters what AE holds from before, with the paper that it rests on.
func (d *demo) openStock(c *country) error {
	return c.node.Store.Write(d.env.Context, d.env.Now(), func(tx *store.Tx) error {
		return certificate.OpenBalance(tx, stockNumber, stockStatement, 2000, "SYNTHETIC audited stock list of "+period.DateOf(d.start).String())
	})
}

// leave notes the export and announces it.
func (d *demo) leave(c *country, number, to string) error {
	id := d.consignments[number]
	if err := d.act(c, "export", id, number, exporting.Exported{Day: period.DateOf(d.start), Exit: "SYNTHETIC airport", Reference: "SYNTHETIC-D-" + number}, "--by", "SYNTHETIC customs"); err != nil {
		return err
	}
	return d.act(c, "advise", id, number, exporting.Announcement{To: ident.OfficeID(to), Note: "SYNTHETIC: one box by courier"}, "--by", "SYNTHETIC officer")
}

// arrive records the arrival of an announced certificate.
func (d *demo) arrive(c *country, number, seal string) (err error) {
	if d.presentations[number], err = d.announced(c, number); err != nil {
		return err
	}
	file, err := d.carried(c, number)
	if err != nil {
		return err
	}
	_, err = d.typed(0, "consignment", "arrive", "--dir", d.path(c.folder()), "--by", "SYNTHETIC desk", "--place", "SYNTHETIC cargo hall", "--original", "--seal", seal, file)
	return err
}

// carried writes the certificate's file and the paper as they travel with the goods.
func (d *demo) carried(c *country, number string) (string, error) {
	path := d.path(certificatesFolder, number+".adamas")
	if _, _, code, err := d.quiet("certificate", "show", path); err != nil || code == 0 {
		return path, err
	}
	from := d.countryOf(number)
	if _, err := d.typed(0, "certificate", "bundle", "--dir", d.path(from.folder()), "--out", path, number); err != nil {
		return "", err
	}
	_, err := d.typed(0, "certificate", "print", "--dir", d.path(from.folder()), "--out", d.paper(number), "--reason", printReason, "--wait", "witnessed", number)
	return path, err
}

func (d *demo) countryOf(number string) *country {
	for _, c := range d.countries {
		if strings.HasPrefix(number, c.code) {
			return c
		}
	}
	return nil
}

func (d *demo) examine(c *country, number, carats string, exit int) error {
	_, err := d.typed(exit, "consignment", "examine", "--dir", d.path(c.folder()), "--by", "SYNTHETIC desk", "--carats", carats, "--parcels", "1", "--opened", "1",
		"--scale", "SYNTHETIC scale 2", d.presentations[number])
	return err
}

func (d *demo) confirm(c *country, number string) error {
	_, err := d.typed(0, "consignment", "confirm", "--dir", d.path(c.folder()), "--by", "SYNTHETIC desk", "--wait", "witnessed", d.presentations[number])
	return err
}

// receive: the first certificate reaches Dubai, is weighed, and confirmed in the
// register of Dubai; Bangui reads it there.
func (d *demo) receive() error {
	cf, ae := d.countries[0], d.countries[1]
	d.say("demo.step.receive", lang.Args{"number": ident.CertificateNumber(received)})
	if err := d.leave(cf, received, ae.office); err != nil {
		return err
	}
	if err := d.arrive(ae, received, "1=A118"); err != nil {
		return err
	}
	if err := d.examine(ae, received, "12.38", 0); err != nil {
		return err
	}
	if err := d.confirm(ae, received); err != nil {
		return err
	}
	return d.wait(cf, d.consignments[received], "received")
}

// lose: the second never arrives, and its loss is reported.
func (d *demo) lose() error {
	cf := d.cf()
	d.say("demo.step.lose", lang.Args{"number": ident.CertificateNumber(lostOne)})
	if err := d.leave(cf, lostOne, d.countries[1].office); err != nil {
		return err
	}
	return d.act(cf, "report_lost", d.consignments[lostOne], lostOne, exporting.Lost{Day: period.DateOf(d.start), Reason: "SYNTHETIC: the courier was robbed"}, "--by", "SYNTHETIC officer")
}

// apply hands an application in at the command line and gives the number of its file.
func (d *demo) apply(c *country, name string, f *forms) (string, error) {
	file, err := d.form(name+"-apply", f.application)
	if err != nil {
		return "", err
	}
	out, err := d.typed(0, "consignment", "do", "apply", "--dir", d.path(c.folder()), "--by", "SYNTHETIC agent", "--file", file, "--json")
	if err != nil {
		return "", err
	}
	var v view
	return v.Consignment, json.Unmarshal(out, &v)
}

// ready has a file valued three times, taxed and sealed.
func (d *demo) ready(c *country, id, name string, f *forms) error {
	for _, x := range f.valuations {
		if err := d.act(c, "value", id, name+"-"+string(x.By), x, "--by", x.Name); err != nil {
			return err
		}
	}
	if err := d.act(c, "tax", id, name, f.tax, "--by", "SYNTHETIC treasury"); err != nil {
		return err
	}
	return d.act(c, "seal", id, name, f.sealing, "--by", "SYNTHETIC sealer")
}

// ship takes a shipment from application to issue at the command line.
func (d *demo) ship(c *country, number string, f *forms) error {
	id, err := d.apply(c, number, f)
	if err != nil {
		return err
	}
	d.consignments[number] = id
	if err := d.ready(c, id, number, f); err != nil {
		return err
	}
	key := func(i int) []string { return []string{"--keys", d.path(keysFolder, c.officers[i]), "--key", "officer"} }
	var second struct {
		ID string `json:"key_id"`
	}
	if err := d.look(&second, "keys", "show", "--dir", d.path(keysFolder, c.officers[1]), "officer"); err != nil {
		return err
	}
	if err := d.act(c, "prepare", id, number, map[string]string{"validator": second.ID}, key(0)...); err != nil {
		return err
	}
	return d.act(c, "issue", id, number, nil, append(key(1), "--wait", "witnessed")...)
}

// reexport: Dubai sends on what it has received, mixed with older stock, to Antwerp.
// The certificate consumes the imported ones, carat by carat.
func (d *demo) reexport() error {
	ae, eu := d.countries[1], d.countries[2]
	d.say("demo.step.reexport", lang.Args{"number": ident.CertificateNumber(reExport)})
	imported, err := d.statementOf(received)
	if err != nil {
		return err
	}
	f := d.parcel("EU", eu.office, 22000)
	f.application.Evidence = []certificate.Evidence{
		{Origin: "CF", Carats: 12000, Certificate: &certificate.ImportSource{Number: received, Statement: imported}},
		{Origin: "BW", Carats: 10000, Certificate: &certificate.ImportSource{Number: stockNumber, Statement: stockStatement}}}
	f.tax = certificate.Tax{Authority: "SYNTHETIC treasury", Day: period.DateOf(d.start), Assessed: f.tax.Assessed, Exempt: "SYNTHETIC: no duty on re-exports"}
	if err := d.ship(ae, reExport, f); err != nil {
		return err
	}
	if err := d.leave(ae, reExport, eu.office); err != nil {
		return err
	}
	if err := d.arrive(eu, reExport, f.seal()); err != nil {
		return err
	}
	if err := d.examine(eu, reExport, "22.00", 0); err != nil {
		return err
	}
	if err := d.confirm(eu, reExport); err != nil {
		return err
	}
	return d.wait(ae, d.consignments[reExport], "received")
}

// statementOf is the hash of a certificate's signed bytes, as AE holds it.
func (d *demo) statementOf(number string) (h canonical.Hash, err error) {
	var v struct {
		Statement canonical.Hash `json:"statement"`
	}
	err = d.look(&v, "consignment", "show", "--dir", d.path(d.countries[1].folder()), d.presentations[number])
	return v.Statement, err
}

// short: a third parcel arrives in Antwerp lighter than it left. The rules do not
// let it pass; a discrepancy is stated, and the goods are detained.
func (d *demo) short() error {
	cf, eu := d.countries[0], d.countries[2]
	d.say("demo.step.short", lang.Args{"number": ident.CertificateNumber(shortOne)})
	f := d.parcel("EU", eu.office, measure.Carats(8000))
	f.application.Evidence = []certificate.Evidence{{Origin: "CF", Carats: 8000, Mine: &certificate.MineSource{Name: "Camp Péré", Place: "Carnot", Record: "SYNTHETIC register 4"}}}
	if err := d.ship(cf, shortOne, f); err != nil {
		return err
	}
	if err := d.leave(cf, shortOne, eu.office); err != nil {
		return err
	}
	if err := d.arrive(eu, shortOne, f.seal()); err != nil {
		return err
	}
	if err := d.examine(eu, shortOne, "7.40", 65); err != nil {
		return err
	}
	for _, decision := range []string{"dispute", "detain"} {
		if _, err := d.typed(0, "consignment", "decide", decision, "--dir", d.path(eu.folder()), "--by", "SYNTHETIC desk", "--reason", "SYNTHETIC: 0.60 ct are missing",
			"--wait", "witnessed", d.presentations[shortOne]); err != nil {
			return err
		}
	}
	return d.wait(cf, d.consignments[shortOne], "disputed")
}

// morning: what whoever enters the office in Bangui finds to do. One application has just
// come, one is valued by the first of three, one is sealed and waits for its certificate.
func (d *demo) morning() error {
	cf := d.cf()
	d.say("demo.step.morning", nil)
	for i, carats := range []measure.Carats{31_500, 6_750, 18_200} {
		name := fmt.Sprintf("morning-%d", i+1)
		f := d.parcel("AE", d.countries[1].office, carats)
		f.application.Evidence = []certificate.Evidence{{Origin: "CF", Carats: carats, Mine: &certificate.MineSource{Name: "Camp Péré", Place: "Carnot", Record: fmt.Sprintf("SYNTHETIC register %d", 5+i)}}}
		id, err := d.apply(cf, name, f)
		if err != nil {
			return err
		}
		switch i {
		case 1:
			err = d.act(cf, "value", id, name, f.valuations[0], "--by", f.valuations[0].Name)
		case 2:
			err = d.ready(cf, id, name, f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// settle: what was received is no secret any longer; the withheld facts are opened.
func (d *demo) settle() error {
	d.say("demo.step.open", nil)
	for _, number := range []string{received, reExport} {
		c := d.countryOf(number)
		_, _, code, err := d.quiet("consignment", "do", "open", "--dir", d.path(c.folder()), "--by", "SYNTHETIC officer", "--wait", "witnessed", d.consignments[number])
		if err != nil {
			return err
		}
		_ = code // the clock may have been first: it opens what is due
		if _, err := d.typed(0, "consignment", "show", "--dir", d.path(c.folder()), d.consignments[number]); err != nil {
			return err
		}
	}
	return nil
}

// audit: a stranger with the root document and the three log folders.
func (d *demo) audit() error {
	d.say("demo.step.audit", nil)
	if err := d.cf().close(); err != nil {
		return err
	}
	args := []string{"audit", "--root", d.path("trust", "root-1.cbor")}
	for _, c := range d.countries {
		args = append(args, d.path(c.folder(), "log"))
	}
	_, err := d.typed(0, args...)
	return err
}
