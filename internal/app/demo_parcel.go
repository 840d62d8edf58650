package app

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"adamas.example/data"
	"adamas.example/internal/app/node"
	"adamas.example/internal/certificate"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/measure"
	"adamas.example/internal/mine"
	"adamas.example/internal/period"
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
	e, err := d.record("lot/CF-2026-1", &statement.CustodyRoot{Lot: "CF-2026-1", Sources: root})
	if err != nil {
		return err
	}
	d.say("demo.step.lot", nil)
	d.entry(e)
	d.people.custody, d.people.lot = root.Hash, e.Hash
	return d.file(path)
}

// draft is the SYNTHETIC consignment: the whole lot, to Dubai.
func (d *demo) draft() certificate.Draft {
	return certificate.Draft{Destination: "AE", Dossier: d.dossier(), Custody: d.people.custody, Refs: []canonical.Hash{d.people.lot}, Facts: verify.Facts{
		Carats: new(uint64(1240)), HS: []verify.Weight{{Name: "7102.10", Hundredths: 1240}}, Origin: []verify.Weight{{Name: "CF", Hundredths: 1240}},
		Parcels: new(uint64(1)), Exporter: &verify.Party{Name: "SYNTHETIC Bureau d'achat de l'Exemple", Address: "Avenue de l'Exemple, Bangui"},
		Importer: &verify.Party{Name: "SYNTHETIC Example Trading DMCC", Address: "Example Tower, Dubai"}, Value: new(uint64(248000)),
		Seals: []verify.Seal{{Container: "1", Seal: "A118"}}, HSValues: []verify.Cents{{Name: "7102.10", Cents: 248000}}}}
}

// dossier is what the SYNTHETIC office's file shows of the consignment.
func (d *demo) dossier() certificate.Dossier {
	day, until := period.DateOf(d.start), period.DateOf(d.start.Add(year))
	valued := certificate.Valuation{By: certificate.ByGovernment, Name: "SYNTHETIC valuer", Day: day,
		Lines: []certificate.ValuedLine{{HS: ident.Unsorted, Carats: 12400, Value: 248000}}}
	independent, own := valued, valued
	independent.By, own.By = certificate.ByIndependent, certificate.ByExporter
	return certificate.Dossier{
		Exporter:   &certificate.Licence{Holder: "SYNTHETIC Bureau d'achat de l'Exemple", Number: "BA-SYNTHETIC-1", Kind: "buying_house", Until: until},
		Carrier:    &certificate.Licence{Holder: "SYNTHETIC carrier", Number: "T-SYNTHETIC-1", Kind: "carrier", Until: until},
		Evidence:   []certificate.Evidence{{Origin: "CF", Carats: 12400, Lot: &certificate.LotSource{Lot: "CF-2026-1", Root: d.people.custody, Statement: d.people.lot}}},
		Valuations: []certificate.Valuation{valued, independent, own},
		Tax: &certificate.Tax{Number: "SYNTHETIC-Q-1", Authority: "SYNTHETIC treasury", Day: day, Assessed: 248000,
			Lines: []certificate.TaxLine{{Name: "export-duty", Rate: "4", Amount: 9920}}},
		Sealing: &certificate.Sealing{Method: "every-container", Day: day, Verified: true, Containers: []certificate.Container{{Container: "1", Seal: "A118"}}},
	}
}

// issue prepares and issues one certificate up to a state.
func (d *demo) issue(want ledger.State) (string, *ledger.Entry, error) {
	ctx, cancel := context.WithTimeout(d.env.Context, time.Minute)
	defer cancel()
	p, err := d.node.Desk.Prepare(ctx, d.draft(), d.people.preparer, d.people.validator.ID())
	if err != nil {
		return "", nil, err
	}
	e, err := d.node.Desk.Issue(ctx, p, d.people.validator, want)
	return p.Number(), e, err
}

func (d *demo) issueFirst() error {
	d.say("demo.step.issue", nil)
	number, e, err := d.issue(ledger.Witnessed)
	if err != nil {
		return err
	}
	d.entry(e)
	return d.writeBundle(number)
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
	if e, err = d.node.Ledger.Await(ctx, e.ID, ledger.Witnessed); err != nil {
		return err
	}
	d.entry(e)
	return d.writeBundle(number)
}

func (d *demo) writeBundle(number string) error {
	b, _, err := d.node.Desk.Bundle(d.env.Context, number)
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
	return d.file(path)
}

// makePack makes what a verifier carries: all of the log's leaf hashes, who may
// be believed, what became of certificates.
func (d *demo) makePack() error {
	roots, err := d.node.Roots()
	if err != nil {
		return err
	}
	b, err := makePack(d.env, d.node, roots)
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
