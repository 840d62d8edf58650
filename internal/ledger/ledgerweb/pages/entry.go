package pages

import (
	"cmp"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgerweb"
	"adamas.example/internal/ledger/listing"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
)

// entry is one statement, as it stands in the register.
type entry struct {
	Sentence    string
	Mark        web.Mark
	State       string
	Says        []said
	Certificate string // its page
	Number      string
	Related     []related
	Witnesses   []witness
	How         []said
	Raw         string // address of the signed bytes
	Bundle      string // and of the file of the log in which they stand
	Checkpoint  string
	Synthetic   bool
}

// said is a line of what it says; Path leads on.
type said struct{ Label, Value, Path string }

// related is another statement that this one follows or acts on.
type related struct{ Label, Sentence, Path string }

// raw is how the address of the signed bytes ends (RFC 9052 §2).
const raw = ".cose"

func (g *register) showEntry(w http.ResponseWriter, r *http.Request) error {
	name, download := strings.CutSuffix(r.PathValue("entry"), raw)
	p := g.site.Printer(r)
	var data entry
	var signed []byte
	if err := g.read(r, func(tx *store.Tx) error {
		e, err := g.find(tx, name)
		if err != nil {
			return err
		}
		if signed = e.Signed; download {
			return nil
		}
		data, err = g.show(tx, p, e)
		return err
	}); err != nil {
		return err
	}
	if download {
		w.Header().Set("Content-Type", "application/cose; cose-type=\"cose-sign1\"")
		w.Header().Set("Content-Disposition", `attachment; filename="`+canonical.Sum(signed).String()+raw+`"`)
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		_, err := w.Write(signed)
		return err
	}
	return g.entry.Render(w, r, data.Sentence, data)
}

// find reads an address: the hash of the signed bytes, or the place in the home log.
// Faults ledger.unknown_entry, ledger.entry_address.
func (g *register) find(tx *store.Tx, name string) (e *ledger.Entry, err error) {
	var h canonical.Hash
	var found bool
	switch n, bad := strconv.ParseInt(name, 10, 64); {
	case len(name) == 2*len(h) && h.UnmarshalText([]byte(strings.ToLower(name))) == nil:
		e, found, err = listing.ByHash(tx, h)
	case bad == nil && n >= 0 && strconv.FormatInt(n, 10) == name:
		e, found, err = listing.At(tx, g.node.Ledger.Log().Origin(), n)
	default:
		return nil, fault.NotFound("ledger.entry_address", fault.Text(name))
	}
	if err == nil && !found {
		err = fault.NotFound("ledger.unknown_entry", fault.Arg("hash", name))
	}
	return e, err
}

func (g *register) show(tx *store.Tx, p *lang.Printer, e *ledger.Entry) (entry, error) {
	d := entry{Sentence: ledgerweb.Sentence(p, e.Type, e.Issuer, e.Subject), Raw: "/register/" + e.Hash.String() + raw}
	d.Mark, _ = stateOf(p, e)
	d.State = p.T("register.entry."+e.State().String(), lang.Args{"time": cmp.Or(e.WitnessedAt, e.LoggedAt, e.SignedAt)})
	d.how(p, e)
	if e.Index >= 0 && e.Origin == g.node.Ledger.Log().Origin() {
		if err := g.static(tx, &d, e); err != nil {
			return d, err
		}
	}
	if err := g.attested(tx, p, &d, e); err != nil {
		return d, err
	}
	st, err := statement.Parse(e.Signed)
	if err != nil {
		return d, nil // found in the log, and no statement: its bytes can be had
	}
	d.Sentence, d.Synthetic = ledgerweb.SentenceOf(p, st), st.Synthetic && !g.site.Synthetic()
	if d.Certificate = certificatePath(st.Subject); d.Certificate != "" {
		d.Number = ledgerweb.CertificateOf(st.Subject).Display()
	}
	for _, s := range ledgerweb.Says(p, st) {
		if err := d.add(tx, p, s); err != nil {
			return d, err
		}
	}
	return d, nil
}

// add puts one thing that is said where it belongs: plain things first, digests and keys
// where it is told how we know, other statements by what they say.
func (d *entry) add(tx *store.Tx, p *lang.Printer, s ledgerweb.Said) error {
	line := said{Label: s.Label, Value: s.Value}
	if !s.Technical {
		if s.Name == "number" || s.Name == "replaced_by" || s.Name == "under" {
			if line.Path = certificatePath("certificate/" + s.Value); line.Path != "" {
				line.Value = ledgerweb.CertificateOf("certificate/" + s.Value).Display()
			}
		}
		if s.Name != "type" && (d.Certificate == "" || s.Name != "subject" && s.Name != "number") { // the heading says these
			d.Says = append(d.Says, line)
		}
		return nil
	}
	if s.Hash.IsZero() || s.Name == "statement" {
		d.How = append(d.How, line)
		return nil
	}
	about, here, err := listing.ByHash(tx, s.Hash)
	if err != nil {
		return err
	}
	linked := s.Name == "previous" || s.Name == "refers_to"
	if here {
		line.Path = "/register/" + s.Hash.String()
	}
	switch {
	case linked && slices.ContainsFunc(d.Related, func(r related) bool { return r.Path != "" && r.Path == line.Path }):
	case linked && here:
		d.Related = append(d.Related, related{p.T("register."+s.Name, nil), sentenceOf(p, about), line.Path})
	case linked:
		d.Related = append(d.Related, related{Label: p.T("register."+s.Name, nil), Sentence: p.T("register.elsewhere", nil)})
	}
	d.How = append(d.How, line)
	return nil
}

func sentenceOf(p *lang.Printer, e *ledger.Entry) string {
	if st, err := statement.Parse(e.Signed); err == nil {
		return ledgerweb.SentenceOf(p, st)
	}
	return ledgerweb.Sentence(p, e.Type, e.Issuer, e.Subject)
}

// how tells where the entry stands, and when it came so far.
func (d *entry) how(p *lang.Printer, e *ledger.Entry) {
	add := func(key, value string) {
		d.How = append(d.How, said{Label: p.T("register.how."+key, nil), Value: value})
	}
	moment := func(key string, t time.Time) {
		if !t.IsZero() {
			add(key, p.Time(t))
		}
	}
	add("origin", e.Origin)
	if e.Index >= 0 {
		add("index", p.Number(e.Index))
		add("leaf", proof.LeafHash(e.Signed).String())
	}
	moment("signed", e.SignedAt)
	moment("logged", e.LoggedAt)
	if e.WitnessedSize > 0 {
		moment("witnessed", e.WitnessedAt)
		add("size", p.Number(e.WitnessedSize))
	}
	add("bytes", p.Number(int64(len(e.Signed))))
}

// static leads to the files of the log that anybody can copy.
func (g *register) static(tx *store.Tx, d *entry, e *ledger.Entry) error {
	size, err := g.node.Ledger.Log().Size(tx.Context())
	if err != nil {
		return err
	}
	folder := "/" + filepath.Base(g.node.LogFolder) + "/"
	width := int64(torchwood.TileWidth)
	n := e.Index / width
	d.Checkpoint = folder + "checkpoint"
	d.Bundle = folder + torchwood.TilePath(tlog.Tile{H: torchwood.TileHeight, L: -1, N: n, W: int(min(width, size-n*width))})
	return nil
}

// attested lists the witnesses whose word first covered the entry, with their times. The
// signed state that they attested is held against the policy again; where the log is one
// that was closed, or the policy has changed, only its time is told.
func (g *register) attested(tx *store.Tx, p *lang.Printer, d *entry, e *ledger.Entry) error {
	text, err := listing.CheckpointOver(tx, e)
	if err != nil || text == "" {
		return err
	}
	c, err := policy.ParseCheckpoint(text)
	if err != nil {
		return err
	}
	pol := g.node.Ledger.Log().Policy()
	found, err := pol.Check(c)
	if err != nil {
		return nil
	}
	for _, x := range pol.Witnesses {
		t, ok := found.Witnesses[x.Label]
		if !ok {
			continue
		}
		row := witness{Label: x.Label, Time: p.Time(time.Unix(t, 0).UTC())}
		if pillar, ok := pol.PillarOf(x.Label); ok {
			row.Pillar = p.T("register.pillar."+pillar.String(), nil)
		}
		d.Witnesses = append(d.Witnesses, row)
	}
	slices.SortStableFunc(d.Witnesses, func(a, b witness) int { return cmp.Compare(a.Pillar, b.Pillar) })
	return nil
}
