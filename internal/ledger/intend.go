package ledger

import (
	"context"
	"errors"
	"fmt"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
)

// Intent is a statement whose bytes are fixed and stored, and not yet signed.
type Intent struct {
	ID       canonical.Hash
	Unsigned *statement.Unsigned

	body statement.Body // what the payload says; nil for a blob
}

// Next gives the prev that the issuer's next statement on a subject must name:
// zero for the first. Fault ledger.previous_unsigned while the last one still
// waits for its signature.
func Next(tx *store.Tx, issuer, subject string) (prev canonical.Hash, err error) {
	rows, err := store.Collect(tx, func(scan store.Scan) (h []byte, err error) {
		err = scan(&h)
		return h, err
	}, `SELECT hash FROM ledger_entry WHERE issuer = $1 AND subject = $2 ORDER BY n DESC LIMIT 1`, issuer, subject)
	if err != nil || len(rows) == 0 {
		return prev, err
	}
	if len(rows[0]) == 0 {
		return prev, fault.Conflict("ledger.previous_unsigned", fault.Arg("subject", subject), fault.Arg("issuer", issuer))
	}
	copy(prev[:], rows[0])
	return prev, nil
}

// Intend is the ledger's part of transaction 1: it fixes the bytes that key
// will sign and stores them, in the transaction in which the caller spends
// what it spends. h.Prev is filled in by Next unless the caller has set it.
// Faults: ledger.held; ledger.chain_taken when another statement took the place
// meanwhile.
func (l *Ledger) Intend(tx *store.Tx, key statement.Key, h statement.Header, body statement.Body) (*Intent, error) {
	h.Type = body.Type()
	in, err := l.intend(tx, key, h, func(h statement.Header) ([]byte, error) { return statement.Payload(h, body) })
	if err == nil {
		in.body = body
	}
	return in, err
}

// IntendBlob is Intend for a body over 16 KiB, which is kept apart and named by
// its hash; h.Type says what it is. The blob is on the disk before (tiles.Blobs),
// so that no statement names what a crash could lose.
func (l *Ledger) IntendBlob(tx *store.Tx, key statement.Key, h statement.Header, blob statement.Blob) (*Intent, error) {
	return l.intend(tx, key, h, func(h statement.Header) ([]byte, error) { return statement.BlobPayload(h, blob) })
}

func (l *Ledger) intend(tx *store.Tx, key statement.Key, h statement.Header, encode func(statement.Header) ([]byte, error)) (*Intent, error) {
	if err := l.Free(); err != nil {
		return nil, err
	}
	if h.Prev.IsZero() {
		prev, err := Next(tx, h.Issuer, h.Subject)
		if err != nil {
			return nil, err
		}
		h.Prev = prev
	}
	payload, err := encode(h)
	if err != nil {
		return nil, fault.Invalid("ledger.statement", fault.Arg("type", h.Type.String()), fault.Arg("subject", h.Subject), fault.Because(err))
	}
	u, err := statement.Unsign(key.Alg, key.ID(), statement.ContentStatement, payload, false)
	if err != nil {
		return nil, err
	}
	id := canonical.Sum(payload)
	// The generation is read within: a clerk's transaction keeps all others waiting.
	_, err = tx.Exec(`INSERT INTO ledger_entry (id, n, type, issuer, subject, prev, algorithm, key_id, payload, origin, prepared_at, generation)
		VALUES ($1, (SELECT COALESCE(MAX(n), 0) + 1 FROM ledger_entry), $2, $3, $4, $5, $6, $7, $8, $9, $10,
		COALESCE((SELECT CAST(value AS BIGINT) FROM ledger_state WHERE name = $11), 0))`,
		id, h.Type, h.Issuer, h.Subject, h.Prev, int64(key.Alg), key.ID(), payload, l.log.origin, tx.Now(), stateGeneration)
	if store.IsUnique(err, "ledger_entry", "issuer", "subject", "prev") || store.IsUnique(err, "ledger_entry", "id") {
		return nil, fault.Conflict("ledger.chain_taken", fault.Arg("subject", h.Subject), fault.Arg("issuer", h.Issuer), fault.Because(err))
	}
	if err != nil {
		return nil, err
	}
	return &Intent{ID: id, Unsigned: u}, nil
}

// Sign signs what was intended and stores the signed bytes (transaction 2).
// Called again after a crash it signs the same bytes again, unless they are
// stored already: then it gives those, and the signer is not asked.
//
// Faults: ledger.held; ledger.other_key; ledger.not_signed (the signer does not
// answer); ledger.before_restore for bytes that were fixed before a backup was put
// back: another signature of them may have left the house.
func (l *Ledger) Sign(ctx context.Context, id canonical.Hash, signer Signer) (*Entry, error) {
	e, err := l.Entry(ctx, id)
	if err != nil {
		return nil, err
	}
	if e.Signed != nil {
		return e, nil
	}
	if err := l.mayBeSigned(ctx, e); err != nil {
		return nil, err
	}
	u, err := statement.Unsign(e.algorithm, e.keyID, statement.ContentStatement, e.payload, false)
	if err != nil {
		return nil, err
	}
	if err := l.sign(ctx, id, u, signer); err != nil {
		return nil, err
	}
	return l.Entry(ctx, id)
}

// SignIntent is Sign for what this process has just intended, with the bytes at
// hand: a clerk waits for one transaction and reads nothing back. Faults: as
// Sign.
func (l *Ledger) SignIntent(ctx context.Context, in *Intent, signer Signer) error {
	if err := l.Free(); err != nil {
		return err
	}
	return l.sign(ctx, in.ID, in.Unsigned, signer)
}

func (l *Ledger) sign(ctx context.Context, id canonical.Hash, u *statement.Unsigned, signer Signer) error {
	key := signer.Key()
	if key.ID() != u.KeyID() || key.Alg != u.Algorithm() {
		return fault.Invalid("ledger.other_key", fault.Arg("want", u.KeyID().String()), fault.Arg("have", key.ID().String()))
	}
	l.point("sign.before")
	signed, err := signer.Sign(ctx, u)
	if err != nil {
		return fault.Unavailable("ledger.not_signed", fault.Arg("key", u.KeyID().String()), fault.Because(err))
	}
	if err := checkOwn(signed, id, signer); err != nil {
		return err
	}
	l.point("sign.signed")
	if err := l.keepSigned(ctx, id, signed); err != nil {
		return err
	}
	l.point("sign.stored")
	l.wake()
	return nil
}

func (l *Ledger) mayBeSigned(ctx context.Context, e *Entry) error {
	if err := l.Free(); err != nil {
		return err
	}
	return l.store.Read(ctx, l.now(), func(tx *store.Tx) error {
		g, err := Generation(tx)
		if err == nil && e.generation < g {
			err = fault.Conflict("ledger.before_restore", fault.Arg("subject", e.Subject), fault.Arg("prepared", e.PreparedAt))
		}
		return err
	})
}

// checkOwn refuses signed bytes that are not exactly this statement by this
// key: a broken signer must not put anything else into the log. What this
// program's own Signer gives it has verified with the same key and code a moment
// ago, and of a clerk's wait a verification is a good part: it is not done twice.
// The type is asked for and not a method, which a wrapper would inherit.
func checkOwn(signed []byte, id canonical.Hash, signer Signer) error {
	key := signer.Key()
	st, err := statement.ParseSign1(signed)
	if err != nil {
		return fmt.Errorf("ledger: the signer gave bytes that are no statement: %w", err)
	}
	own := canonical.Sum(st.Payload) == id && st.Content == statement.ContentStatement && st.KeyID == key.ID() && st.Algorithm == key.Alg
	if _, verified := signer.(*keyring.Signer); own && !verified {
		v, err := key.Verifier()
		if err != nil {
			return err
		}
		own = st.VerifiedBy(v)
	}
	if !own {
		return errors.New("ledger: the signer signed something else, or falsely")
	}
	return nil
}

// keepSigned is transaction 2. The first to come wins: ES256 signatures of the
// same bytes differ, and only one of them may ever leave.
func (l *Ledger) keepSigned(ctx context.Context, id canonical.Hash, signed []byte) error {
	return l.store.Write(ctx, l.now(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE ledger_entry SET signed = $2, payload = NULL, hash = $3, leaf = $4, signed_at = $5,
			seq = (SELECT COALESCE(MAX(seq), 0) + 1 FROM ledger_entry) WHERE id = $1 AND signed IS NULL`,
			id, signed, canonical.Sum(signed), proof.LeafHash(signed), tx.Now())
		return err
	})
}

// Record does the whole order of acts for a statement that spends nothing:
// intend, sign, and wait until it has come to the given state.
func (l *Ledger) Record(ctx context.Context, signer Signer, h statement.Header, body statement.Body, want State) (*Entry, error) {
	var in *Intent
	err := l.store.Write(ctx, l.now(), func(tx *store.Tx) (err error) {
		in, err = l.Intend(tx, signer.Key(), h, body)
		return err
	})
	if err != nil {
		return nil, err
	}
	l.point("intend.stored")
	return l.Finish(ctx, in, signer, want)
}

// Finish is SignIntent and Await. Its answer comes from the acts that have brought
// the entry so far, each told of after its commit: of what this process does from
// beginning to end nothing is read back. Faults: as Sign.
func (l *Ledger) Finish(ctx context.Context, in *Intent, signer Signer, want State) (*Entry, error) {
	w := l.join(in.ID, want) // before it is signed: whatever comes, w hears of it
	defer l.forget(in.ID, w)
	if err := l.SignIntent(ctx, in, signer); err != nil {
		return nil, err
	}
	if want <= Signed { // nobody tells of that
		return l.Entry(ctx, in.ID)
	}
	return l.wait(ctx, in.ID, w)
}
