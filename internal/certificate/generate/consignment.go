package generate

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"adamas.example/internal/certificate/generate/chance"
	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
)

// paper is what later statements know of a certificate. It outlives the
// consignment while goods that came under it are in stock.
type paper struct {
	number string
	hash   canonical.Hash // set when the day of issue is signed
}

// consignment is a certificate and its goods while anything can still happen to
// them.
type consignment struct {
	*paper
	kind       statement.Kind
	from, to   *participant
	issued     period.Date
	expires    period.Date
	station    string
	numbers    canonical.Hash // its number range
	staff      *staff         // who signs it
	hundredths int64
	cents      int64
	origins    []part
	used       []lot    // goods that came under other certificates, and of the opening stock
	hs         [3]int64 // hundredths by subheading, in the order of ident.HSCodes
	hsCents    [3]int64
	parcels    uint64
	trader     int64 // which of the exporters and importers of either side
	buyer      int64
	flow       *flow // nil for what is no trade
	unsold     int64 // of a temporary export: what comes back
	measured   int64 // on receipt
	receipt    canonical.Hash
	links      []link
	sample     *sample
	neverOpen  bool
}

// link is the last statement of an office on the certificate.
type link struct {
	by   int
	hash canonical.Hash
}

// prev is the office's last statement on the certificate.
func (c *consignment) prev(by int) canonical.Hash {
	for _, l := range c.links {
		if l.by == by {
			return l.hash
		}
	}
	return canonical.Hash{}
}

func (c *consignment) chain(by int, h canonical.Hash) {
	for i := range c.links {
		if c.links[i].by == by {
			c.links[i].hash = h
			return
		}
	}
	c.links = append(c.links, link{by, h})
}

// underPapers is the weight that came under other certificates.
func (c *consignment) underPapers() int64 {
	sum := int64(0)
	for _, l := range c.used {
		if l.under != nil {
			sum += l.hundredths
		}
	}
	return sum
}

// facts are all facts of the certificate, ready to commit to.
func (c *consignment) facts() ([]commitment.Fact, error) {
	f := &verify.Facts{Carats: new(uint64(c.hundredths)), Parcels: &c.parcels, Value: new(uint64(c.cents)),
		Exporter: c.from.dealer("Exporter", c.trader), Importer: c.to.dealer("Importer", c.buyer)}
	for _, o := range c.origins {
		f.Origin = append(f.Origin, verify.Weight{Name: o.code, Hundredths: uint64(o.hundredths)})
	}
	for i, code := range ident.HSCodes() {
		if c.hs[i] > 0 {
			f.HS = append(f.HS, verify.Weight{Name: string(code), Hundredths: uint64(c.hs[i])})
			f.HSValues = append(f.HSValues, verify.Cents{Name: string(code), Cents: uint64(c.hsCents[i])})
		}
	}
	for _, l := range c.used {
		if l.under != nil {
			f.Consumed = append(f.Consumed, verify.Consumed{Number: l.under.number, Statement: l.under.hash, Hundredths: uint64(l.hundredths)})
		}
	}
	for n := range (c.parcels + 9) / 10 {
		f.Seals = append(f.Seals, verify.Seal{Container: fmt.Sprint(n + 1), Seal: fmt.Sprintf("SYNTHETIC-%s-%d", c.number[2:], n+1)})
	}
	return f.Encode()
}

// dealer is one of a Participant's made-up traders.
func (p *participant) dealer(role string, n int64) *verify.Party {
	slug := strings.ToLower(p.code)
	return &verify.Party{Name: fmt.Sprintf("SYNTHETIC %s %s-%d", role, p.code, n),
		Address: fmt.Sprintf("%s-%d.%s.example", strings.ToLower(role), n, slug)}
}

// seedOf is the seed of a certificate's commitment. It follows from the number:
// in this world there are no secrets.
func (w *worldState) seedOf(number string) []byte {
	h := sha256.Sum256([]byte("SYNTHETIC adamas generate salt\x00" + w.keys.Seed + "\x00" + number))
	return h[:commitment.SeedSize]
}

// classify splits weight and value over the subheadings, by the price of the
// goods. An unsorted parcel is one line.
func (w *worldState) classify(c *consignment) error {
	price := c.cents / max(c.hundredths, 1) // dollars a carat
	t := w.tables.tariff[len(w.tables.tariff)-1]
	for _, row := range w.tables.tariff {
		if price < row.below {
			t = row
			break
		}
	}
	c.hs, c.hsCents = [3]int64{}, [3]int64{}
	if w.chance.Below(1000) < t.unsorted {
		c.hs[0], c.hsCents[0] = c.hundredths, c.cents
		return nil
	}
	industrial := chance.Share(c.hundredths, min(1000, max(0, t.industrial+w.chance.Between(-200, 200))), 1000)
	c.hs[1], c.hs[2] = industrial, c.hundredths-industrial
	// A gem carat is worth some ten industrial ones (SYNTHETIC).
	values, err := measure.Split(measure.USD(c.cents), []int64{c.hs[1], c.hs[2] * 10})
	if err != nil {
		return err
	}
	c.hsCents[1], c.hsCents[2] = int64(values[0]), int64(values[1])
	return nil
}

// mostParcels in a shipment.
const mostParcels = 40

// pack says in how many parcels the goods travel and whose they are.
func (w *worldState) pack(c *consignment) {
	c.parcels = uint64(min(1+c.hundredths/150_000+w.chance.Below(3), mostParcels))
	c.trader, c.buyer = 1+w.chance.Below(40), 1+w.chance.Below(40)
}
