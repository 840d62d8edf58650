package demo

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"adamas.example/data"
	"adamas.example/internal/access"
	"adamas.example/internal/app/node"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificateweb/issued"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/measure"
	"adamas.example/internal/mine"
	"adamas.example/internal/module"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

// demoSite is a real artisanal site near Carnot, surveyed by IPIS in 2019.
const demoSite = "cafmine00147"

const lotName = "CF-2026-1"

// slip is a purchase slip (bordereau d'achat) of the demonstration. The site is
// real; the purchase is made up.
type slip struct {
	Mark   string         `json:"mark"` // SYNTHETIC
	Number string         `json:"number"`
	Site   string         `json:"site"`
	Name   string         `json:"site_name"`
	Date   string         `json:"date"`
	Carats measure.Carats `json:"carats"`
	Price  string         `json:"price_xaf"`
}

// dig buys three lots of stones at the site and commits to the slips.
func (d *demo) dig() error {
	const survey = "mining-sites/ipis_caf_visits_2019_part.csv"
	f, err := data.FS.Open(survey)
	if err != nil {
		return err
	}
	defer f.Close()
	sites, err := mine.ReadIPIS(survey, "IPIS 2019", f)
	if err != nil {
		return err
	}
	site, err := mine.Find(sites, demoSite)
	if err != nil {
		return err
	}
	d.say("demo.step.site", lang.Args{"name": site.Name, "village": site.Village, "sub_prefecture": site.SubPrefecture,
		"point": site.Point.String(), "visited": site.Visited, "workers": site.Workers, "pits": site.Pits, "source": site.Source})
	var slips []slip
	var facts []commitment.Fact
	for i, w := range []measure.Carats{2310, 4890, 5200} {
		s := slip{Mark: "SYNTHETIC", Number: fmt.Sprintf("CF-BA-17/%04d", 41+i), Site: site.Code, Name: site.Name,
			Date: d.start.AddDate(0, 0, i-9).Format(time.DateOnly), Carats: w, Price: fmt.Sprint(int64(w) * 91)}
		fact, err := commitment.NewFact(uint64(i+1), []any{s.Number, s.Site, s.Date, uint64(w)})
		if err != nil {
			return err
		}
		slips, facts = append(slips, s), append(facts, fact)
	}
	b, err := json.MarshalIndent(slips, "", "  ")
	if err != nil {
		return err
	}
	if err := node.WriteFile(d.path(slipsFile), append(b, '\n')); err != nil {
		return err
	}
	d.say("demo.step.slips", lang.Args{"slips": len(slips), "carats": measure.Carats(12400)})
	if err := d.file(d.path(slipsFile)); err != nil {
		return err
	}
	return d.commitLot(facts)
}

// commitLot records the salted root over the slips: who is shown them later can
// tell that none was swapped.
func (d *demo) commitLot(facts []commitment.Fact) error {
	seed := make([]byte, commitment.SeedSize)
	rand.Read(seed)
	root, err := commitment.Commit(seed, facts)
	if err != nil {
		return err
	}
	opening, err := canonical.Marshal(commitment.Disclosure{Seed: seed, Facts: facts})
	if err != nil {
		return err
	}
	path := d.path("lot-SYNTHETIC.cbor")
	if err := node.WriteFile(path, opening); err != nil {
		return err
	}
	e, err := d.record(d.cf(), "lot/"+lotName, &statement.CustodyRoot{Lot: lotName, Sources: root})
	if err != nil {
		return err
	}
	d.say("demo.step.lot", nil)
	d.entry(e)
	d.custody, d.lot = root.Hash, e.Hash
	return d.file(path)
}

// issue takes a shipment from its application to the issue of its certificate, as
// the office's acts, up to a state of the record.
func (d *demo) issue(want ledger.State) (string, *ledger.Entry, error) {
	ctx, cancel := context.WithTimeout(d.env.Context, time.Minute)
	defer cancel()
	desk, err := module.Service[*exporting.Desk](d.cf().face)
	if err != nil {
		return "", nil, err
	}
	f := d.parcel("AE", "AE/dubai", 12400)
	f.application.Evidence = []certificate.Evidence{{Origin: "CF", Carats: 12400, Lot: &certificate.LotSource{Lot: lotName, Root: d.custody, Statement: d.lot}}}
	by := func(r access.Role) exporting.Officer { return exporting.Officer{ID: "SYNTHETIC " + string(r), Role: r} }
	c, err := desk.Apply(ctx, by(access.Exporter), f.application)
	if err != nil {
		return "", nil, err
	}
	for _, v := range f.valuations {
		if _, err := desk.Value(ctx, c.ID, by(access.Valuator), v); err != nil {
			return "", nil, err
		}
	}
	if _, err := desk.Settle(ctx, c.ID, by(access.Validator), f.tax); err != nil {
		return "", nil, err
	}
	if _, err := desk.Seal(ctx, c.ID, by(access.Sealer), f.sealing); err != nil {
		return "", nil, err
	}
	p, err := desk.Prepare(ctx, c.ID, d.cf().signers[0], d.cf().signers[1].ID(), 0)
	if err != nil {
		return "", nil, err
	}
	e, err := desk.Issue(ctx, c.ID, d.cf().signers[1], 0, want)
	d.consignments[p.Number()] = c.ID
	return p.Number(), e, err
}

func (d *demo) issueFirst() error {
	d.say("demo.step.issue", nil)
	number, e, err := d.issue(ledger.Witnessed)
	if err != nil {
		return err
	}
	d.entry(e)
	return d.writeBundle(d.cf(), number)
}

// issueWithoutCivil: both witnesses of civil society are killed. The next
// certificate is logged and not witnessed, and nothing calls it witnessed,
// until one of them is back.
func (d *demo) issueWithoutCivil() error {
	d.say("demo.step.pillar_gone", nil)
	for _, w := range d.witnesses {
		if w.pillar == policy.Civil {
			if err := w.kill(); err != nil {
				return err
			}
		}
	}
	number, e, err := d.issue(ledger.Logged)
	if err != nil {
		return err
	}
	d.entry(e)
	d.say("demo.step.pillar_back", nil)
	for _, w := range d.witnesses {
		if w.pillar == policy.Civil {
			if err := w.start(d.env.Err); err != nil {
				return err
			}
		}
	}
	ctx, cancel := context.WithTimeout(d.env.Context, time.Minute)
	defer cancel()
	if e, err = d.cf().node.Ledger.Await(ctx, e.ID, ledger.Witnessed); err != nil {
		return err
	}
	d.entry(e)
	return d.writeBundle(d.cf(), number)
}

// writeBundle writes the certificate's file and the certificate on paper, with their
// hashes.
func (d *demo) writeBundle(c *country, number string) error {
	b, _, err := c.node.Desk.Bundle(d.env.Context, number)
	if err != nil {
		return err
	}
	enc, err := b.Encode()
	if err != nil {
		return err
	}
	path := d.path(certificatesFolder, number+".adamas")
	if err := node.WriteFile(path, enc); err != nil {
		return err
	}
	if err := d.file(path); err != nil {
		return err
	}
	return d.printed(c, number)
}

// printed prints a certificate at the open node as `adamas certificate print` does,
// once: the print is recorded before the paper is there, so that the pack knows it.
func (d *demo) printed(c *country, number string) error {
	path := d.paper(number)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(d.env.Context, time.Minute)
	defer cancel()
	quiet := *d.env
	quiet.Context, quiet.Out = ctx, io.Discard
	order, err := issued.NewPrint(number, path, printReason)
	if err != nil {
		return err
	}
	if err := order.Do(&quiet, c.face); err != nil {
		return err
	}
	return d.file(path)
}

// paper is where a certificate's PDF lies.
func (d *demo) paper(number string) string { return d.path(certificatesFolder, number+".pdf") }

// printReason is why the demonstration prints.
const printReason = "SYNTHETIC: the original"

// makePack makes what a verifier carries: all of the logs' leaf hashes, who may
// be believed, what became of certificates.
func (d *demo) makePack() error {
	roots, err := d.cf().node.Roots()
	if err != nil {
		return err
	}
	f, err := follow.New(follow.Config{Ledger: d.cf().node.Ledger, Now: d.env.Now})
	if err != nil {
		return err
	}
	var others []*tiles.Source
	for _, c := range d.countries[1:] {
		others = append(others, tiles.OpenFolder(d.path(c.folder(), node.LogFolder)))
	}
	ctx, cancel := context.WithTimeout(d.env.Context, time.Minute)
	defer cancel()
	b, err := f.MakePack(ctx, d.cf().node.Office, d.cf().office, d.env.Now(), roots, others...)
	if err != nil {
		return err
	}
	if err := node.WriteFile(d.path(packFile), b); err != nil {
		return err
	}
	d.say("demo.step.pack", nil)
	return d.file(d.path(packFile))
}

// judge reads the files back, as anyone would, and verifies them with nothing
// else: no node, no log, no network.
func (d *demo) judge() error {
	d.say("demo.step.verify", nil)
	v, names, err := d.reader()
	if err != nil {
		return err
	}
	for _, name := range names {
		got, err := verifyFile(v, name, d.env.Now())
		if err != nil {
			return err
		}
		fmt.Fprintf(d.env.Out, "    %s  %s\n", d.env.Words.T("demo.verdict."+string(got.Outcome), nil), filepath.Base(name))
		fmt.Fprintf(d.env.Out, "      adamas verify --pack %s %s\n", filepath.Join(d.shown, packFile),
			filepath.Join(d.shown, certificatesFolder, filepath.Base(name)))
		if got.Outcome != verify.Valid {
			return fmt.Errorf("app: the demonstration's certificate %s is %s: %+v", name, got.Outcome, got.Failed())
		}
	}
	return nil
}

func (d *demo) reader() (*verify.Verifier, []string, error) {
	b, err := os.ReadFile(d.path(packFile))
	if err != nil {
		return nil, nil, err
	}
	p, err := pack.Parse(b, canonical.Hash{})
	if err != nil {
		return nil, nil, err
	}
	names, err := filepath.Glob(d.path(certificatesFolder, "*.adamas"))
	return verify.New(p), names, err
}

func verifyFile(v *verify.Verifier, name string, at time.Time) (*verify.Verdict, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	b, err := bundle.Parse(raw)
	if err != nil {
		return nil, err
	}
	return v.Verify(b, verify.Options{At: at}), nil
}

// tamper shows what a changed weight comes to.
func (d *demo) tamper() error {
	v, names, err := d.reader()
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(names[0])
	if err != nil {
		return err
	}
	b, err := bundle.Parse(raw)
	if err != nil {
		return err
	}
	if b.Disclosure.Facts[0].Value, err = canonical.Marshal(uint64(9240)); err != nil {
		return err
	}
	got := v.Verify(b, verify.Options{At: d.env.Now()})
	if got.Outcome != verify.Invalid || got.Failed().Code != verify.CodeFacts {
		return errors.New("app: a changed weight was not refused")
	}
	d.say("demo.step.tamper", lang.Args{"number": strings.TrimSuffix(filepath.Base(names[0]), ".adamas")})
	fmt.Fprintf(d.env.Out, "    %s  %s\n", d.env.Words.T("demo.verdict.invalid", nil), got.Failed().Code)
	return nil
}
