// Clerks is an office in a process of its own, made to be killed: many clerks
// issue SYNTHETIC certificates, and each is printed when its Issue has returned.
//
//	clerks --dir DIR [--es256] [--clerks N] [--kill POINT:N]   until killed
//	clerks --dir DIR [--es256] --settle                        start, finish what was begun, end
//	clerks --dir DIR --restore BACKUP --from MIRROR            put a backup back, recover, end
//
// DIR holds policy.txt; the node is in DIR/node. What it prints, one line each:
//
//	pid 4711
//	ack STATE SUBJECT HASH INDEX
//	settled
package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"
	"k8s.io/klog/v2"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificatetest"
	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/recovery"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/rules"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

const (
	origin  = "cf.kp.example/2026"
	office  = "CF/bangui"
	station = "CF/bangui/pc-1"
)

func main() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	dir := flag.String("dir", "", "")
	es256 := flag.Bool("es256", false, "")
	clerks := flag.Int("clerks", 12, "")
	kill := flag.String("kill", "", "")
	settle := flag.Bool("settle", false, "")
	backup := flag.String("restore", "", "")
	mirror := flag.String("from", "", "")
	flag.Parse()
	fmt.Println("pid", os.Getpid())
	o := &bureau{dir: *dir}
	ctx := context.Background()
	if *backup != "" {
		if err := o.restore(ctx, *backup, *mirror); err != nil {
			fmt.Fprintln(os.Stderr, "clerks:", err)
			os.Exit(1)
		}
		fmt.Println("settled")
		return
	}
	if err := o.open(ctx, *es256, point(*kill)); err != nil {
		fmt.Fprintln(os.Stderr, "clerks:", err)
		os.Exit(1)
	}
	if *settle {
		if err := o.settle(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "clerks:", err)
			os.Exit(1)
		}
		fmt.Println("settled")
		return
	}
	for n := range *clerks {
		go o.work(ctx, n)
	}
	select {}
}

// point kills this process when the named point is reached for the n-th time.
func point(kill string) func(string) {
	name, count, _ := strings.Cut(kill, ":")
	n, _ := strconv.ParseInt(count, 10, 64)
	var reached atomic.Int64
	return func(at string) {
		if at == name && reached.Add(1) == n {
			if self, err := os.FindProcess(os.Getpid()); err == nil {
				self.Kill()
			}
			select {} // the other threads die with us, and this one goes no further
		}
	}
}

// bureau is the office.
type bureau struct {
	dir                 string
	store               *store.Store
	log                 *ledger.Log
	ledger              *ledger.Ledger
	desk                *certificate.Service
	signer              *keyring.Signer
	authority           *keyring.Signer
	preparer, validator *keyring.Signer
}

// schemas are the tables of this office.
func schemas() []store.Schema { return []store.Schema{ledger.Schema(), certificate.Schema()} }

func (o *bureau) database() store.Config {
	return store.Config{Path: filepath.Join(o.dir, "node", "adamas.db")}
}

func (o *bureau) logConfig() (ledger.LogConfig, error) {
	text, err := os.ReadFile(filepath.Join(o.dir, "policy.txt"))
	if err != nil {
		return ledger.LogConfig{}, err
	}
	key, err := logSigner()
	return ledger.LogConfig{Dir: filepath.Join(o.dir, "node", "log"), Signer: key, Policy: string(text), Interval: 100 * time.Millisecond}, err
}

// restore puts a backup back, unless an earlier call has done so, and recovers.
func (o *bureau) restore(ctx context.Context, backup, mirror string) (err error) {
	lc, err := o.logConfig()
	if err != nil {
		return err
	}
	b := recovery.Backup{File: backup, Into: o.database(), Schemas: schemas(), Log: lc, Now: time.Now}
	if _, err := b.Restore(ctx, true); err != nil && !fault.Is(err, "recovery.log_not_empty") {
		return err
	}
	s, err := store.Open(ctx, o.database())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	n := recovery.Node{Store: s, Log: lc, Now: time.Now}
	_, err = n.Recover(ctx, tiles.OpenFolder(mirror), true)
	return err
}

func (o *bureau) open(ctx context.Context, es256 bool, at func(string)) (err error) {
	if err := o.keys(es256); err != nil {
		return err
	}
	lc, err := o.logConfig()
	if err != nil {
		return err
	}
	if o.store, err = store.Open(ctx, o.database()); err != nil {
		return err
	}
	if err := o.store.Migrate(ctx, time.Now(), schemas()); err != nil {
		return err
	}
	if o.log, err = ledger.OpenLog(ctx, lc); err != nil {
		return err
	}
	if o.ledger, err = ledger.Open(ctx, ledger.Config{Store: o.store, Log: o.log, Now: time.Now, Point: at}); err != nil {
		return err
	}
	kpcs, err := fs.Sub(rules.FS(), rules.KPCS)
	if err != nil {
		return err
	}
	set, err := rule.Check(kpcs)
	if err != nil {
		return err
	}
	o.desk = certificate.New(certificatetest.Registers(certificate.Config{Ledger: o.ledger, Rules: set, Office: office, Station: station, Signer: o.signer, Now: time.Now,
		Entropy: rand.Reader, Synthetic: true}))
	return o.resume(ctx)
}

func (o *bureau) keys(es256 bool) (err error) {
	var private crypto.Signer = verifytest.NewSigner("office " + office).Private
	if es256 {
		seed := sha256.Sum256([]byte("SYNTHETIC ES256 office"))
		if private, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:]); err != nil {
			return err
		}
	}
	for _, k := range []struct {
		into    **keyring.Signer
		purpose keyring.Purpose
		private crypto.Signer
	}{{&o.signer, keyring.Office, private}, {&o.authority, keyring.Authority, verifytest.NewSigner("authority").Private},
		{&o.preparer, keyring.Officer, verifytest.NewSigner("preparer").Private}, {&o.validator, keyring.Officer, verifytest.NewSigner("validator").Private}} {
		if *k.into, err = keyring.NewSigner(k.purpose, k.private); err != nil {
			return err
		}
	}
	return nil
}

func logSigner() (note.Signer, error) {
	s := verifytest.NewSigner("log " + origin)
	return note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", origin, policy.LogVKey(origin, s.Public()).Hash,
		base64.StdEncoding.EncodeToString(append([]byte{1}, s.Private.Seed()...))))
}

// resume signs what an earlier process has left unsigned.
func (o *bureau) resume(ctx context.Context) error {
	if _, err := o.desk.Resume(ctx); err != nil {
		return err
	}
	left, err := o.ledger.Unsigned(ctx)
	for _, e := range left {
		by := o.signer
		if e.Issuer == "CF/authority" {
			by = o.authority
		}
		if _, err := o.ledger.Sign(ctx, e.ID, by); err != nil {
			return err
		}
	}
	return err
}

// settle waits until everything is witnessed, and closes in good order.
func (o *bureau) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		h, err := o.ledger.Health(ctx)
		if err != nil {
			return err
		}
		if h.Hold != "" {
			return fmt.Errorf("on hold: %s", h.Hold)
		}
		if c, _ := o.ledger.Latest(); c != nil && h.Prepared+h.Signed+h.Logged == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not settled: %+v", h)
		case <-time.After(5 * time.Millisecond):
		}
	}
	o.ledger.Close()
	o.log.Close()
	return o.store.Close()
}

// work is one clerk: every third waits for the signature only, every third for the
// log, the others for the witnesses. Clerk 0 adopts rules instead, one version
// after the other: a chain on one subject.
func (o *bureau) work(ctx context.Context, n int) {
	want := ledger.State(int(ledger.Signed) + n%3)
	for {
		e, err := o.act(ctx, n, want)
		if err != nil {
			fmt.Fprintln(os.Stderr, "clerks:", err)
			os.Exit(1)
		}
		if e != nil {
			// One write, shorter than a pipe's atomic piece: a line is whole or absent.
			os.Stdout.WriteString(fmt.Sprintf("ack %s %s %s %d\n", want, e.Subject, e.Hash, e.Index))
		}
	}
}

func (o *bureau) act(ctx context.Context, n int, want ledger.State) (*ledger.Entry, error) {
	if n == 0 {
		e, err := o.ledger.Record(ctx, o.signer, statement.Header{Issuer: office, IssuedAt: time.Now().Unix(), Subject: "rule-set/kpcs", Synthetic: true},
			&statement.RuleSet{Set: "kpcs", Version: rand.Text(), Content: canonical.Sum(nil), From: 20000}, want)
		return e, ignore(err, "ledger.previous_unsigned") // a mutant's; it is the checker's to tell
	}
	p, err := o.desk.Prepare(ctx, draft(), o.preparer, o.validator.ID())
	if fault.Is(err, "certificate.no_numbers") {
		return nil, o.allot(ctx)
	}
	if err != nil {
		return nil, err
	}
	return o.desk.Issue(ctx, p, o.validator, want)
}

// numbersInRange is small, so that ranges are taken in between kills too.
const numbersInRange = 400

// allot has the authority state the next range, and takes it. Two clerks may find
// the numbers used up at once: then the second to come is told so.
func (o *bureau) allot(ctx context.Context) error {
	for k := uint64(1); ; k++ {
		subject := fmt.Sprintf("range/CF/%d", k)
		var prev canonical.Hash
		err := o.store.Read(ctx, time.Now(), func(tx *store.Tx) (err error) {
			prev, err = ledger.Next(tx, "CF/authority", subject)
			return err
		})
		if err != nil {
			return ignore(err, "ledger.previous_unsigned")
		}
		if !prev.IsZero() {
			e, err := o.ledger.Entry(ctx, prev)
			if err != nil {
				return err
			}
			if err := o.take(ctx, e); err != nil { // entered once, however often taken
				return err
			}
			continue
		}
		today := canonical.DayOf(time.Now().Unix())
		e, err := o.ledger.Record(ctx, o.authority, statement.Header{Issuer: "CF/authority", IssuedAt: time.Now().Unix(), Subject: subject, Synthetic: true},
			&statement.NumberRange{Participant: "CF", Digits: 8, First: (k-1)*numbersInRange + 1, Last: k * numbersInRange, Station: station,
				LogWithin: 3600, From: today, Until: today + 365}, ledger.Signed)
		if err != nil {
			return ignore(err, "ledger.chain_taken", "ledger.previous_unsigned")
		}
		return o.take(ctx, e)
	}
}

func (o *bureau) take(ctx context.Context, e *ledger.Entry) error {
	st, err := statement.Parse(e.Signed)
	if err != nil {
		return err
	}
	return o.desk.TakeRange(ctx, st)
}

// ignore forgets faults that only say that another clerk was faster.
func ignore(err error, keys ...string) error {
	for _, key := range keys {
		if fault.Is(err, key) {
			return nil
		}
	}
	return errors.Join(err)
}

func draft() certificate.Draft {
	return certificate.Draft{Destination: "AE", Dossier: certificatetest.Dossier(), Facts: verify.Facts{Carats: new(uint64(1240)),
		HS: []verify.Weight{{Name: "7102.10", Hundredths: 1240}}, Origin: []verify.Weight{{Name: "CF", Hundredths: 1240}}, Parcels: new(uint64(1)),
		Exporter: &verify.Party{Name: "SYNTHETIC exporter", Address: "Bangui"}, Importer: &verify.Party{Name: "SYNTHETIC importer", Address: "Dubai"},
		Value: new(uint64(248000)), Seals: []verify.Seal{{Container: "1", Seal: "A118"}}}}
}
