package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"

	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
)

// checker remembers what an office has acknowledged in all its lives, and reads
// what is there.
type checker struct {
	w     *world
	acked map[string]ack // by subject and hash
	size  int64          // entries at the last check
	wrong []string
}

func newChecker(w *world) *checker { return &checker{w: w, acked: map[string]ack{}} }

func (c *checker) say(format string, args ...any) {
	if len(c.wrong) < 20 {
		c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
	}
}

// take adds acknowledgements. Of one certificate there is one.
func (c *checker) take(acks []ack) {
	for _, a := range acks {
		key := a.subject + " " + a.hash
		if before, ok := c.acked[key]; ok && before != a {
			c.say("%s was acknowledged twice: %+v, %+v", a.subject, before, a)
		}
		c.acked[key] = a
	}
}

// row is an entry as the database has it.
type row struct {
	id, signed, hash, leaf, prev []byte
	kind                         statement.Type
	issuer, subject              string
	idx, witnessed               int64
}

// check reads everything and gives what is wrong since the last call.
func (c *checker) check() []string {
	c.wrong = nil
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := store.Open(ctx, store.Config{Path: filepath.Join(c.w.dir, "node", "adamas.db")})
	if err != nil {
		return []string{err.Error()}
	}
	defer s.Close()
	var rows []row
	err = s.Read(ctx, time.Now(), func(tx *store.Tx) (err error) {
		c.sound(tx)
		c.sheets(tx)
		rows, err = store.Collect(tx, func(scan store.Scan) (r row, err error) {
			err = scan(&r.id, &r.signed, &r.hash, &r.leaf, &r.prev, &r.kind, &r.issuer, &r.subject, &r.idx, &r.witnessed)
			return r, err
		}, `SELECT id, signed, hash, leaf, prev, type, issuer, subject, COALESCE(idx, -1), COALESCE(witnessed_size, 0) FROM ledger_entry ORDER BY n`)
		return err
	})
	if err != nil {
		return append(c.wrong, err.Error())
	}
	leaves := c.log(ctx)
	c.agree(rows, leaves)
	c.chains(rows)
	c.kept(rows)
	c.size = int64(len(leaves))
	return c.wrong
}

// sound asks SQLite about itself.
func (c *checker) sound(tx *store.Tx) {
	var verdict string
	if err := tx.QueryRow(`SELECT integrity_check FROM pragma_integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		c.say("the database: %s %v", verdict, err)
	}
	var orphans int64
	if err := tx.QueryRow(`SELECT COUNT(*) FROM pragma_foreign_key_check`).Scan(&orphans); err != nil || orphans != 0 {
		c.say("%d rows refer to none: %v", orphans, err)
	}
}

// sheets: every spent number has its certificate, with what opens it.
func (c *checker) sheets(tx *store.Tx) {
	var bare int64
	err := tx.QueryRow(`SELECT COUNT(*) FROM certificate_sheet s LEFT JOIN ledger_entry e ON e.id = s.entry LEFT JOIN ledger_vault v ON v.payload = s.entry
		WHERE s.state = 'spent' AND (e.signed IS NULL OR e.subject <> 'certificate/' || s.number OR v.disclosure IS NULL OR v.approvals IS NULL)`).Scan(&bare)
	if err != nil || bare != 0 {
		c.say("%d numbers are spent without a certificate or its facts: %v", bare, err)
	}
}

// log reads the log's files as a stranger does: the checkpoint held against the
// policy, every entry against the checkpoint; Tessera's fsck beside it; and a
// mirror that has followed from the beginning.
func (c *checker) log(ctx context.Context) (leaves [][]byte) {
	dir := filepath.Join(c.w.dir, "node", "log")
	src := tiles.OpenFolder(dir)
	_, found, err := tiles.Trusted(ctx, src, c.w.policy())
	if err != nil {
		c.say("the checkpoint: %v", err)
		return nil
	}
	tree, err := tiles.OpenTree(ctx, src, found.Checkpoint)
	if err == nil {
		err = tree.Scan(ctx, 0, func(_ int64, more [][]byte) error {
			leaves = append(leaves, more...)
			return nil
		})
	}
	if err != nil {
		c.say("the log: %v", err)
	}
	if int64(len(leaves)) < c.size {
		c.say("the log had %d entries and has %d", c.size, len(leaves))
	}
	b, err := os.ReadFile(filepath.Join(dir, ".state", "treeState"))
	var state struct{ Size int64 }
	if err == nil {
		err = json.Unmarshal(b, &state)
	}
	if err != nil || state.Size != int64(len(leaves)) {
		c.say("%d entries are published, %d are there: %v", len(leaves), state.Size, err)
	}
	if m, err := tiles.Mirror(ctx, src, filepath.Join(c.w.dir, "mirror"), c.w.policy(), nil); err != nil || m.Behind != 0 {
		c.say("the mirror that follows: %+v %v", m, err)
	}
	if err := fsckOf(ctx, dir, c.w.logVKey); err != nil {
		c.say("Tessera's fsck: %v", err)
	}
	return leaves
}

// fsckOf runs Tessera's own check, which hangs on damage: time is a verdict too.
func fsckOf(ctx context.Context, dir, vkey string) error {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	root, err := url.Parse("file://" + filepath.ToSlash(dir) + "/")
	if err != nil {
		return err
	}
	src := &client.FileFetcher{Root: filepath.FromSlash(root.Path)}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- fsck.New(v.Name(), v, src, leafHashes, fsck.Opts{N: 2}).Check(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func leafHashes(bundle []byte) (out [][]byte, err error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	for _, e := range b.Entries {
		out = append(out, rfc6962.DefaultHasher.HashLeaf(e))
	}
	return out, nil
}

// agree holds the database against the log: every leaf and its index, no leaf
// twice, no number twice.
func (c *checker) agree(rows []row, leaves [][]byte) {
	at := make([]*row, len(leaves))
	for i := range rows {
		r := &rows[i]
		switch {
		case r.signed == nil:
			c.say("%s was left unsigned", r.subject)
		case r.idx < 0 || r.idx >= int64(len(leaves)):
			c.say("%s has index %d of %d", r.subject, r.idx, len(leaves))
		case at[r.idx] != nil:
			c.say("index %d stands twice in the database", r.idx)
		default:
			at[r.idx] = r
		}
		if h := proof.LeafHash(r.signed); !bytes.Equal(h[:], r.leaf) {
			c.say("%s: its leaf hash is another's", r.subject)
		}
		if h := canonical.Sum(r.signed); !bytes.Equal(h[:], r.hash) {
			c.say("%s: its hash is another's", r.subject)
		}
		if r.witnessed == 0 {
			c.say("%s is not witnessed", r.subject)
		}
	}
	seen := map[canonical.Hash]int{}
	numbers := map[string]int{}
	payloads := map[canonical.Hash]int{}
	for i, leaf := range leaves {
		if at[i] == nil || !bytes.Equal(at[i].signed, leaf) {
			c.say("entry %d of the log is not in the database", i)
		}
		h := canonical.Sum(leaf)
		if before, twice := seen[h]; twice {
			c.say("entries %d and %d of the log are the same", before, i)
		}
		seen[h] = i
		st, err := statement.Parse(leaf)
		if err != nil {
			c.say("entry %d of the log: %v", i, err)
			continue
		}
		payload := canonical.Sum(st.Signed.Payload)
		if before, twice := payloads[payload]; twice {
			c.say("entries %d and %d are the same bytes, signed twice", before, i)
		}
		payloads[payload] = i
		if cert, ok := st.Body.(*statement.Certificate); ok {
			if before, twice := numbers[cert.Number]; twice {
				c.say("number %s stands at %d and %d", cert.Number, before, i)
			}
			numbers[cert.Number] = i
		}
	}
}

// chains: what an office says of one subject follows from one to the next.
func (c *checker) chains(rows []row) {
	last := map[string][]byte{}
	for _, r := range rows {
		key := r.issuer + " " + r.subject
		want, begun := last[key]
		if !begun {
			want = make([]byte, canonical.HashSize)
		}
		if !bytes.Equal(r.prev, want) {
			c.say("%s does not follow what was said before", r.subject)
		}
		last[key] = r.hash
	}
}

// kept: what was acknowledged is there, with these bytes and where it was said.
func (c *checker) kept(rows []row) {
	have := map[string]*row{}
	certificates := map[string][]string{}
	for i := range rows {
		r := &rows[i]
		var h canonical.Hash
		copy(h[:], r.hash)
		have[r.subject+" "+h.String()] = r
		if r.kind == statement.TypeCertificate {
			certificates[r.subject] = append(certificates[r.subject], h.String())
		}
	}
	for subject, hashes := range certificates {
		if len(hashes) > 1 {
			c.say("%s stands %d times in the database", subject, len(hashes))
		}
	}
	for key, a := range c.acked {
		r := have[key]
		switch {
		case r == nil && len(certificates[a.subject]) > 0:
			c.say("%s was acknowledged as %s and is now %s: signed twice", a.subject, a.hash, strings.Join(certificates[a.subject], ", "))
		case r == nil:
			c.say("%s was acknowledged (%s) and is lost", a.subject, a.state)
		case a.index >= 0 && r.idx != a.index:
			c.say("%s was acknowledged at %d and stands at %d", a.subject, a.index, r.idx)
		case a.state != "signed" && a.index < 0:
			c.say("%s was acknowledged as %s without an index", a.subject, a.state)
		}
	}
}

// TestCheckerSees: a checker that never complains proves nothing. Each damage is
// done to a sound office.
func TestCheckerSees(t *testing.T) {
	w := newWorld(t)
	program := must(clerks())(t)
	r := w.begin(program, nil, "--es256")
	c := newChecker(w)
	for range 30 {
		c.take([]ack{<-r.acks})
	}
	r.kill()
	c.take(r.end(t))
	w.settle(program, "--es256")
	if wrong := c.check(); len(wrong) > 0 {
		t.Fatalf("a sound office: %v", wrong)
	}
	if len(c.acked) == 0 {
		t.Fatal("nothing was acknowledged")
	}
	for _, damage := range []struct{ name, sql, want string }{
		{"lost", `DELETE FROM ledger_entry WHERE idx = 4`, "entry 4 of the log is not in the database"},
		{"index", `UPDATE ledger_entry SET idx = 100000 WHERE idx = 5`, "has index 100000"},
		{"bytes", `UPDATE ledger_entry SET signed = x'00' WHERE idx = 6`, "its leaf hash is another's"},
		{"chain", `UPDATE ledger_entry SET prev = x'01' WHERE idx = 7`, "does not follow"},
		{"facts", `UPDATE ledger_vault SET disclosure = NULL WHERE kept = 1`, "without a certificate or its facts"},
	} {
		db := filepath.Join(w.dir, "node", "adamas.db")
		whole := must(os.ReadFile(db))(t)
		s := must(store.Open(t.Context(), store.Config{Path: db}))(t)
		err := s.Write(t.Context(), time.Now(), func(tx *store.Tx) error {
			_, err := tx.Exec(damage.sql)
			return err
		})
		if err != nil || s.Close() != nil {
			t.Fatalf("%s: %v", damage.name, err)
		}
		if wrong := strings.Join(c.check(), "\n"); !strings.Contains(wrong, damage.want) {
			t.Errorf("%s: the checker says %q", damage.name, wrong)
		}
		for _, side := range []string{"-wal", "-shm"} {
			os.Remove(db + side)
		}
		if err := os.WriteFile(db, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c.take([]ack{{"signed", "certificate/CF99999999", "00", -1}})
	if wrong := strings.Join(c.check(), "\n"); !strings.Contains(wrong, "CF99999999 was acknowledged (signed) and is lost") {
		t.Errorf("a lost certificate: %q", wrong)
	}
}
