package hook

import (
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
	"strings"
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
	Slog  *slog.Logger
}

// Service sends messages. It is safe for any number of goroutines.
type Service struct {
	cfg    Config
	client client
}

// New makes a Service.
func New(c Config) *Service {
	if c.Slog == nil {
		c.Slog = slog.New(slog.DiscardHandler)
	}
	return &Service{cfg: c, client: newClient(c.Networks)}
}

// Hook is an address that is told.
type Hook struct {
	ID     string
	Name   string
	URL    string
	Events []Event
	Made   time.Time
	Ended  time.Time // zero: not
}

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

// Make enters an address in the caller's transaction.
func (s *Service) Make(tx *store.Tx, id ident.RecordID, name, address string, events []Event) (Hook, error) {
	h := Hook{ID: string(id), Name: strings.TrimSpace(name), URL: strings.TrimSpace(address), Events: events, Made: tx.Now()}
	if err := s.checked(h.Name, h.URL, h.Events); err != nil {
		return h, err
	}
	names, err := json.Marshal(h.Events)
	if err != nil {
		return h, err
	}
	_, err = tx.Exec(`INSERT INTO web_hook (id, url, name, events, made) VALUES ($1, $2, $3, $4, $5)`, h.ID, h.URL, h.Name, string(names), tx.Now())
	return h, err
}

// End tells an address nothing more, in the caller's transaction: what is due is given
// up. Fault web.hook_none.
func (s *Service) End(tx *store.Tx, id string) (Hook, error) {
	found, err := hooks(tx, `WHERE id = $1 AND ended IS NULL`, id)
	if err != nil {
		return Hook{}, err
	}
	if len(found) == 0 {
		return Hook{}, fault.NotFound("web.hook_none", fault.Text(id))
	}
	if _, err := tx.Exec(`UPDATE web_hook SET ended = $2 WHERE id = $1`, id, tx.Now()); err != nil {
		return found[0], err
	}
	_, err = tx.Exec(`UPDATE web_hook_delivery SET state = 'given_up', error = 'the hook was ended' WHERE hook = $1 AND state = 'due'`, id)
	return found[0], err
}

func hooks(tx *store.Tx, where string, args ...any) ([]Hook, error) {
	return store.Collect(tx, func(scan store.Scan) (h Hook, err error) {
		var events string
		if err := scan(&h.ID, &h.URL, &h.Name, &events, store.ScanTime(&h.Made), store.ScanTime(&h.Ended)); err != nil {
			return h, err
		}
		return h, json.Unmarshal([]byte(events), &h.Events)
	}, `SELECT id, url, name, events, made, ended FROM web_hook `+where, args...)
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
		var twice, seq int64
		if err := tx.QueryRow(`SELECT COUNT(*) FROM web_hook_delivery WHERE hook = $1 AND id = $2`, h.ID, id).Scan(&twice); err != nil {
			return err
		}
		if twice > 0 {
			continue
		}
		if err := tx.QueryRow(`SELECT COALESCE(MAX(seq), 0) + 1 FROM web_hook_delivery WHERE hook = $1`, h.ID).Scan(&seq); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO web_hook_delivery (hook, seq, id, event, body, made, state, tries, next, status, error) VALUES ($1, $2, $3, $4, $5, $6, 'due', 0, $6, 0, '')`,
			h.ID, seq, id, string(e), body, tx.Now()); err != nil {
			return err
		}
	}
	return nil
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
	Error  string
}

const columns = `hook, seq, id, event, body, made, state, tries, next, last, status, error`

func scanDelivery(scan store.Scan) (d Delivery, err error) {
	err = scan(&d.Hook, &d.Seq, &d.ID, &d.Event, &d.Body, store.ScanTime(&d.Made), &d.State, &d.Tries, store.ScanTime(&d.Next), store.ScanTime(&d.Last), &d.Status, &d.Error)
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

// Again has a delivery that was given up sent once more, at the next round. Fault
// web.delivery_none.
func (s *Service) Again(ctx context.Context, hook string, seq int64) error {
	return s.cfg.Store.Write(ctx, s.cfg.Now(), func(tx *store.Tx) error {
		n, err := tx.Exec(`UPDATE web_hook_delivery SET state = 'due', tries = 0, next = $3 WHERE hook = $1 AND seq = $2 AND state <> 'due'
			AND hook IN (SELECT id FROM web_hook WHERE ended IS NULL)`, hook, seq, tx.Now())
		if err == nil && n != 1 {
			err = fault.NotFound("web.delivery_none", fault.Arg("number", seq))
		}
		return err
	})
}

// keep is how long deliveries that are over stay in the list.
const keep = 90 * 24 * time.Hour

var errEnd = errors.New("hook: nothing is due")
