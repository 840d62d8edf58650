package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"filippo.io/age"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/peer"
	"adamas.example/internal/store"
	"adamas.example/verify/message"
	"adamas.example/verify/trust"
)

// Carrier is how a message travels.
type Carrier string

// The carriers.
const (
	HTTP  Carrier = "http"
	Mail  Carrier = "mail"
	Stick Carrier = "stick"
)

// TextKeys names the words for the carrier, for lang.
func (c Carrier) TextKeys() []string { return []string{"exchange.carrier." + string(c)} }

// State is how far a message has come. Each state is shown to people.
type State string

// The states of what goes out, and of what comes in.
const (
	Queued       State = "queued"       // posted here, not yet on its way
	Sent         State = "sent"         // given to a carrier
	Acknowledged State = "acknowledged" // the other office says that it has it
	Failed       State = "failed"       // given up, with the reason

	Received State = "received" // stored as it came, not yet verified
	Taken    State = "taken"    // verified; whose message it is, is known
	Handled  State = "handled"  // the module that it is for has acted on it
	Refused  State = "refused"  // not to be believed, with the reason
)

// TextKeys names the words for the state, for lang.
func (s State) TextKeys() []string { return []string{"exchange.state." + string(s)} }

// Handler acts on a message of its kind, in the transaction that marks it handled.
// It does everything in tx, which may be run again. A fault of kind invalid,
// forbidden or too large is its last word; after any other error it is asked
// again, later and later.
type Handler func(tx *store.Tx, in *Arrived) error

// Arrived is a message as its handler sees it: signed by an office that is known
// here, decoded, not judged otherwise. Statements and bundles may be by others.
type Arrived struct {
	*message.Message
	Contents   *message.Contents // what it carries, decoded
	Carrier    Carrier
	ReceivedAt time.Time
}

// Config is what an Office needs.
type Config struct {
	Ledger    *ledger.Ledger // stays the caller's to close, after Run has ended
	Office    string
	Synthetic bool
	Signer    ledger.Signer
	// Identities opens the keys that messages to this office are encrypted to. It
	// is asked once, when the first message is to be opened.
	Identities func(ctx context.Context) ([]age.Identity, error)
	// Roots gives the signed root documents, version 1 first: it is asked each time
	// a directory is made, since a new version may have come.
	Roots func() ([][]byte, error)
	Peers peer.Peers
	Dir   string // the node's folder: places in Peers may be inside it
	Now   func() time.Time
	Slog  *slog.Logger
	// Entropy makes the ids of messages: crypto/rand's Reader but in tests.
	Entropy io.Reader
	// Client sends to other nodes; nil for one that follows no redirect.
	Client *http.Client
}

// Office is an office's post: outbox, inbox, and who is known.
type Office struct {
	cfg      Config
	store    *store.Store
	slog     *slog.Logger
	handlers map[message.Kind]Handler
	kick     chan struct{}

	sending sync.Mutex
	busy    map[string]bool // offices that are being sent to

	opening    sync.Mutex
	identities []age.Identity

	known     sync.Mutex
	directory *trust.Directory
	counted   counted // what directory was made from
	looked    counted // what was known at the last look at what waits
}

// New makes an office's post. Handlers are registered before Run and Receive.
func New(c Config) *Office {
	if c.Slog == nil {
		c.Slog = slog.New(slog.DiscardHandler)
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: sendTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	return &Office{cfg: c, store: c.Ledger.Store(), slog: c.Slog, handlers: map[message.Kind]Handler{}, kick: make(chan struct{}, 1), busy: map[string]bool{}}
}

// Register says who handles messages of a kind. Acknowledgements are this
// package's own.
func (o *Office) Register(k message.Kind, h Handler) error {
	if o.handlers[k] != nil || k == message.Acknowledgement || h == nil {
		return fmt.Errorf("exchange: messages of kind %s have a handler already, or this one is nil", k)
	}
	o.handlers[k] = h
	return nil
}

// Name is the office, e.g. "CF/bangui".
func (o *Office) Name() string { return o.cfg.Office }

// Peers are the other offices that the node's configuration names.
func (o *Office) Peers() peer.Peers { return o.cfg.Peers }

// Draft is a message before it has an id, a time and a signature.
type Draft struct {
	To         string // office, e.g. "AE/dubai"
	Kind       message.Kind
	Answers    message.ID
	Statements [][]byte // signed bytes
	Bundles    [][]byte // .adamas files
	Note       string   // one line, at most 1000 bytes
}

// Post puts a message into the outbox, in the caller's transaction: it goes out if
// and only if that is committed. It is signed and encrypted afterwards, by Run or
// SendDue. Fault exchange.draft, whose reason is in English.
func (o *Office) Post(tx *store.Tx, d Draft) (message.ID, error) {
	m := &message.Message{Version: message.Version, From: o.cfg.Office, To: d.To, Time: tx.Now().Unix(), Kind: d.Kind,
		Synthetic: o.cfg.Synthetic, Answers: d.Answers, Statements: d.Statements, Bundles: d.Bundles, Note: d.Note}
	if _, err := io.ReadFull(o.cfg.Entropy, m.ID[:]); err != nil {
		return m.ID, fmt.Errorf("exchange: an id for a message: %w", err)
	}
	payload, err := m.Encode()
	if err != nil {
		return m.ID, fault.Invalid("exchange.draft", fault.Arg("office", d.To), fault.Arg("why", err.Error()), fault.Because(err))
	}
	_, err = tx.Exec(`INSERT INTO ledger_outbox (id, n, office, kind, payload, state, next_at, posted_at)
		VALUES ($1, (SELECT COALESCE(MAX(n), 0) + 1 FROM ledger_outbox), $2, $3, $4, $5, $6, $6)`,
		m.ID, m.To, m.Kind, payload, Queued, tx.Now())
	o.wake()
	return m.ID, err
}

// wake lets Run look at once. Called within a transaction it may come too early;
// the next look is a moment later.
func (o *Office) wake() {
	select {
	case o.kick <- struct{}{}:
	default:
	}
}

// sign gives a detached signature over a payload, with the office's key.
func (o *Office) sign(ctx context.Context, payload []byte) ([]byte, error) {
	key := o.cfg.Signer.Key()
	u, err := message.Unsign(key, payload)
	if err != nil {
		return nil, err
	}
	signature, err := o.cfg.Signer.Sign(ctx, u)
	if err != nil {
		return nil, fault.Unavailable("ledger.not_signed", fault.Arg("key", key.ID().String()), fault.Because(err))
	}
	return signature, nil
}

// kept is a fault as a row keeps it, to be put into any language later.
type kept struct {
	Kind fault.Kind     `json:"kind"`
	Key  string         `json:"key"`
	Args map[string]any `json:"args,omitempty"` // texts
}

// keepFault writes an error for a row; what is no fault of a person's is kept
// without its cause, which stands in the log.
func keepFault(err error) (string, error) {
	f, ok := fault.Of(err)
	if !ok {
		f = fault.Internal("exchange.failed", fault.Because(err))
	}
	k := kept{Kind: f.Kind, Key: f.Key}
	for name, value := range f.Args {
		if k.Args == nil {
			k.Args = map[string]any{}
		}
		k.Args[name] = fmt.Sprint(value)
	}
	b, err := json.Marshal(k)
	return string(b), err
}

// keptFault reads what keepFault wrote; nil for "".
func keptFault(text string) error {
	if text == "" {
		return nil
	}
	var k kept
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		return fmt.Errorf("exchange: a kept reason: %w", err)
	}
	return &fault.Fault{Kind: k.Kind, Key: k.Key, Args: k.Args}
}
