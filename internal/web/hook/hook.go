package hook

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/store"
	"adamas.example/verify/statement"
)

//go:embed text
var text embed.FS

// Text is the words of what is refused.
func Text() fs.FS { return text }

// Event is what has happened.
type Event string

// The events.
const (
	AdviceReceived    Event = "advice.received"    // a shipment was announced
	CertificateIssued Event = "certificate.issued" // by this office
	ReceiptConfirmed  Event = "receipt.confirmed"  // by this office
	ReceiptReceived   Event = "receipt.received"   // of a certificate of this office
	ShipmentDisputed  Event = "shipment.disputed"  // the other side has found a discrepancy
	ShipmentSentBack  Event = "shipment.sent_back"
	ShipmentForfeited Event = "shipment.forfeited"

	// Tried is what an address is told when somebody wants to know whether it hears. None is
	// told of it otherwise.
	Tried Event = "webhook.test"
)

// Events lists them.
func Events() []Event {
	return []Event{AdviceReceived, CertificateIssued, ReceiptConfirmed, ReceiptReceived, ShipmentDisputed, ShipmentSentBack, ShipmentForfeited}
}

// Config is what a Service is made of.
type Config struct {
	Store *store.Store
	Now   func() time.Time
	Key   []byte // of the node, from which the secrets are made
	// Networks are those besides the public ones into which messages may go.
	Networks []netip.Prefix
	// Plain lets messages go without https, as in a demonstration.
	Plain bool
	// Round is after how long a round of Deliver begins nothing more; 0: half a minute.
	Round time.Duration
	// Over notes that an address has ended because its program's access key has run out,
	// in the same transaction.
	Over func(tx *store.Tx, h Hook) error
	Slog *slog.Logger
}

// Service sends messages. It is safe for any number of goroutines.
type Service struct {
	cfg    Config
	client client

	mu    sync.Mutex
	turn  int64
	turns map[string]int64 // by address: its last turn in this process
}

// New makes a Service.
func New(c Config) *Service {
	if c.Slog == nil {
		c.Slog = slog.New(slog.DiscardHandler)
	}
	c.Round = cmp.Or(c.Round, usualRound)
	if c.Over == nil {
		c.Over = func(*store.Tx, Hook) error { return nil }
	}
	return &Service{cfg: c, client: newClient(c.Networks), turns: map[string]int64{}}
}

// Hook is an address that is told.
type Hook struct {
	ID      string
	Name    string
	URL     string
	Events  []Event
	Program string    // that has named it, by the id of its access key; "": a person, or at the server
	Until   time.Time // when its access key runs out; zero: nothing ends it by itself
	Made    time.Time
	Ended   time.Time // zero: not
}

// Most is how many addresses one program may name.
const Most = 20

// Secret is the hook's, as Standard Webhooks writes it.
func (s *Service) Secret(id string) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(s.secret(id))
}

func (s *Service) secret(id string) []byte {
	m := hmac.New(sha256.New, s.cfg.Key)
	m.Write([]byte("adamas webhook 1 " + id))
	return m.Sum(nil)
}

// Sign is the value of webhook-signature.
func Sign(secret []byte, id string, at time.Time, body []byte) string {
	m := hmac.New(sha256.New, secret)
	fmt.Fprintf(m, "%s.%d.", id, at.Unix())
	m.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// checked holds a proposal. Faults: web.hook_url, web.hook_plain, web.hook_name,
// web.hook_events.
func (s *Service) checked(name, address string, events []Event) error {
	var faults fault.List
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" || len(address) > 500 || u.Scheme != "https" && u.Scheme != "http":
		faults.Add(fault.Invalid("web.hook_url", fault.At("url"), fault.Text(address), fault.Because(err)))
	case u.Scheme == "http" && !s.cfg.Plain && len(s.cfg.Networks) == 0:
		faults.Add(fault.Invalid("web.hook_plain", fault.At("url"), fault.Text(address)))
	}
	if statement.CheckText(name, 1, 100) != nil {
		faults.Add(fault.Invalid("web.hook_name", fault.At("name")))
	}
	wrong := len(events) == 0
	for i, e := range events {
		wrong = wrong || !slices.Contains(Events(), e) || slices.Contains(events[:i], e)
	}
	if wrong {
		var names []string
		for _, e := range Events() {
			names = append(names, string(e))
		}
		faults.Add(fault.Invalid("web.hook_events", fault.At("events"), fault.Arg("events", strings.Join(names, ", "))))
	}
	return faults.Err()
}

// Make enters an address in the caller's transaction. Faults: web.hook_url, web.hook_plain,
// web.hook_name, web.hook_events, web.hook_many.
func (s *Service) Make(tx *store.Tx, id ident.RecordID, h Hook) (Hook, error) {
	h.ID, h.Name, h.URL, h.Made, h.Ended = string(id), strings.TrimSpace(h.Name), strings.TrimSpace(h.URL), tx.Now(), time.Time{}
	if err := s.checked(h.Name, h.URL, h.Events); err != nil {
		return h, err
	}
	if h.Program != "" {
		var n int
		if err := tx.QueryRow(`SELECT COUNT(*) FROM web_hook WHERE program = $1 AND ended IS NULL`, h.Program).Scan(&n); err != nil {
			return h, err
		}
		if n >= Most {
			return h, fault.Conflict("web.hook_many", fault.Arg("most", Most))
		}
	}
	names, err := json.Marshal(h.Events)
	if err != nil {
		return h, err
	}
	_, err = tx.Exec(`INSERT INTO web_hook (id, url, name, events, program, until, made) VALUES ($1, $2, $3, $4, $5, $6, $7)`, h.ID, h.URL, h.Name, string(names), h.Program, store.OptTime(h.Until), tx.Now())
	return h, err
}

// End tells an address nothing more, in the caller's transaction: what is due is given
// up. Fault web.hook_none.
func (s *Service) End(tx *store.Tx, id string) (Hook, error) {
	ended, err := end(tx, `id = $1`, id)
	if err != nil {
		return Hook{}, err
	}
	if len(ended) == 0 {
		return Hook{}, fault.NotFound("web.hook_none", fault.Text(id))
	}
	return ended[0], nil
}

// EndOf ends the addresses that a program has named, in the transaction that ends its key,
// and says which they were.
func EndOf(tx *store.Tx, program string) ([]Hook, error) { return end(tx, `program = $1`, program) }

func end(tx *store.Tx, which string, arg any) ([]Hook, error) {
	found, err := hooks(tx, `WHERE ended IS NULL AND `+which+` ORDER BY id`, arg)
	for _, h := range found {
		if _, err := tx.Exec(`UPDATE web_hook_delivery SET state = 'given_up', failure = $2, error = $3 WHERE state = 'due' AND hook = $1`, h.ID, EndedHook, "the hook was ended"); err != nil {
			return nil, err
		}
		if _, err := tx.Exec(`UPDATE web_hook SET ended = $2 WHERE id = $1`, h.ID, tx.Now()); err != nil {
			return nil, err
		}
	}
	return found, err
}

// Try enters a message to one address, whatever it wants to be told of, in the caller's
// transaction; id is the delivery's. One that is due is enough. Faults: web.hook_none,
// web.hook_tried.
func Try(tx *store.Tx, hook string, id ident.RecordID) error {
	found, err := hooks(tx, `WHERE id = $1 AND ended IS NULL`, hook)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fault.NotFound("web.hook_none", fault.Text(hook))
	}
	if err := untried(tx, hook); err != nil {
		return err
	}
	body, err := json.Marshal(message{Tried, tx.Now(), map[string]string{"webhook": hook}})
	if err != nil {
		return err
	}
	return enter(tx, hook, string(id), Tried, body)
}

// untried refuses while a test message to an address is due: nobody needs two, and whoever
// asks without end fills no queue. Fault web.hook_tried.
func untried(tx *store.Tx, hook string) error {
	var due int
	if err := tx.QueryRow(`SELECT COUNT(*) FROM web_hook_delivery WHERE state = 'due' AND hook = $1 AND event = $2`, hook, string(Tried)).Scan(&due); err != nil {
		return err
	}
	if due > 0 {
		return fault.Conflict("web.hook_tried")
	}
	return nil
}

func hooks(tx *store.Tx, where string, args ...any) ([]Hook, error) {
	return store.Collect(tx, func(scan store.Scan) (h Hook, err error) {
		var events string
		if err := scan(&h.ID, &h.URL, &h.Name, &events, &h.Program, store.ScanTime(&h.Until), store.ScanTime(&h.Made), store.ScanTime(&h.Ended)); err != nil {
			return h, err
		}
		return h, json.Unmarshal([]byte(events), &h.Events)
	}, `SELECT id, url, name, events, program, until, made, ended FROM web_hook `+where, args...)
}

// List lists the addresses, the newest first.
func (s *Service) List(ctx context.Context) (out []Hook, err error) {
	err = s.cfg.Store.Read(ctx, s.cfg.Now(), func(tx *store.Tx) (err error) {
		out, err = hooks(tx, `ORDER BY made DESC, id`)
		return err
	})
	return out, err
}

// message is the body of a delivery.
type message struct {
	Type      Event     `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      any       `json:"data"`
}

// Post enters an event for every address that wants it, in the transaction that tells of
// it. id names the event for ever; entered twice it is delivered once.
func Post(tx *store.Tx, id string, e Event, at time.Time, data any) error {
	all, err := hooks(tx, `WHERE ended IS NULL ORDER BY id`)
	if err != nil {
		return err
	}
	body, err := json.Marshal(message{e, at, data})
	if err != nil {
		return err
	}
	for _, h := range all {
		if !slices.Contains(h.Events, e) {
			continue
		}
		if err := enter(tx, h.ID, id, e, body); err != nil {
			return err
		}
	}
	return nil
}

// enter enters one delivery, once.
func enter(tx *store.Tx, hook, id string, e Event, body []byte) error {
	var twice, seq int64
	if err := tx.QueryRow(`SELECT COUNT(*) FROM web_hook_delivery WHERE hook = $1 AND id = $2`, hook, id).Scan(&twice); err != nil || twice > 0 {
		return err
	}
	if err := tx.QueryRow(`SELECT COALESCE(MAX(seq), 0) + 1 FROM web_hook_delivery WHERE hook = $1`, hook).Scan(&seq); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO web_hook_delivery (hook, seq, id, event, body, made, state, tries, next, status, error) VALUES ($1, $2, $3, $4, $5, $6, 'due', 0, $6, 0, '')`,
		hook, seq, id, string(e), body, tx.Now())
	return err
}

// Delivery is one message to one address.
type Delivery struct {
	Hook   string
	Seq    int64
	ID     string
	Event  Event
	Body   []byte
	Made   time.Time
	State  string // due, delivered, given_up
	Tries  int64
	Next   time.Time
	Last   time.Time // zero: none
	Status int64
	// Failure is why the last try failed, Error the same as this computer says it, with
	// names and addresses inside its network: for who looks after the node alone.
	Failure Failure
	Error   string
}

// Failure is why a message was not delivered.
type Failure string

// The failures.
const (
	Closed    Failure = "closed_network" // the operator has not opened it
	NoName    Failure = "no_such_name"
	Untrusted Failure = "certificate_refused"
	Late      Failure = "no_answer_in_time"
	Answered  Failure = "status" // another than 200 to 299
	Unreached Failure = "not_reached"
	EndedHook Failure = "ended" // before it was sent
)

const columns = `hook, seq, id, event, body, made, state, tries, next, last, status, failure, error`

func scanDelivery(scan store.Scan) (d Delivery, err error) {
	err = scan(&d.Hook, &d.Seq, &d.ID, &d.Event, &d.Body, store.ScanTime(&d.Made), &d.State, &d.Tries, store.ScanTime(&d.Next), store.ScanTime(&d.Last), &d.Status, &d.Failure, &d.Error)
	return d, err
}

// Deliveries lists those of an address, the newest first, below a number; 0 for the
// newest.
func (s *Service) Deliveries(ctx context.Context, hook string, before int64, limit int) (out []Delivery, err error) {
	if before <= 0 {
		before = 1 << 62
	}
	err = s.cfg.Store.Read(ctx, s.cfg.Now(), func(tx *store.Tx) (err error) {
		out, err = store.Collect(tx, scanDelivery, `SELECT `+columns+` FROM web_hook_delivery WHERE hook = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`, hook, before, limit)
		return err
	})
	return out, err
}

// Delivery reads one, by its number or by its id. Fault web.delivery_none.
func (s *Service) Delivery(ctx context.Context, hook, which string) (d Delivery, err error) {
	seq, err := strconv.ParseInt(which, 10, 64)
	if err != nil {
		seq = 0
	}
	err = s.cfg.Store.Read(ctx, s.cfg.Now(), func(tx *store.Tx) error {
		found, err := store.Collect(tx, scanDelivery, `SELECT `+columns+` FROM web_hook_delivery WHERE hook = $1 AND (seq = $2 OR id = $3)`, hook, seq, which)
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			return fault.NotFound("web.delivery_none", fault.Arg("number", which))
		}
		d = found[0]
		return nil
	})
	return d, err
}

// Again has a delivery sent once more at the next round: one that is over from its first
// try, one that failed and waits without its waiting, which whoever has mended his server
// need not sit out. That is once a minute. Faults: web.delivery_none, web.hook_tried.
func (s *Service) Again(ctx context.Context, hook string, seq int64) error {
	return s.cfg.Store.Write(ctx, s.cfg.Now(), func(tx *store.Tx) error {
		tx.Act(strconv.FormatInt(seq, 10))
		found, err := store.Collect(tx, scanDelivery, `SELECT `+columns+` FROM web_hook_delivery WHERE hook = $1 AND seq = $2 AND state <> 'due' AND event = $3`, hook, seq, string(Tried))
		if err != nil {
			return err
		}
		if len(found) > 0 {
			if err := untried(tx, hook); err != nil {
				return err
			}
		}
		n, err := tx.Exec(`UPDATE web_hook_delivery SET tries = CASE WHEN state = 'due' THEN tries ELSE 0 END, state = 'due', next = $3
			WHERE hook = $1 AND seq = $2 AND (state <> 'due' OR tries > 0 AND last <= $4)
			AND hook IN (SELECT id FROM web_hook WHERE ended IS NULL)`, hook, seq, tx.Now(), tx.Now().Add(-Tries[0]))
		if err == nil && n != 1 {
			err = fault.NotFound("web.delivery_none", fault.Arg("number", seq))
		}
		return err
	})
}

// keep is how long deliveries that are over stay in the list.
const keep = 90 * 24 * time.Hour

var errEnd = errors.New("hook: nothing is due")
