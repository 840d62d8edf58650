package keyring

import (
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Act is what the header of a statement about a key needs beside the statement:
// who speaks and when, and what he last said about that key.
type Act struct {
	Issuer    string         // office of the authority, e.g. "CF/authority"
	At        time.Time      // issued-at
	Prev      canonical.Hash // the issuer's last statement with the same Subject; zero for the first
	Synthetic bool
}

// KeySubject is the subject of every statement about a key, its appointments
// and its revocation: one chain of prev for each key.
func KeySubject(id statement.KeyID) string { return "key/" + id.String() }

// Appointment is an authority's word on what a key is for.
type Appointment struct {
	Office string           // e.g. "CF/bangui"
	Name   string           // of the office, in the national language; empty for an officer
	From   time.Time        // not before the act: no key is made good for the past
	Until  time.Time        // exclusive
	Types  []statement.Type // what an office's key may sign, in any order; none for an officer's
	Age    string           // Recipient of the office's Message card; may be empty
	Home   string           // log origin, when not the Participant's home log
}

// DailyTypes are the types that an office which issues and receives certificates
// signs in its daily work: what an authority usually lets its key sign.
func DailyTypes() []statement.Type {
	return []statement.Type{statement.TypeCertificate, statement.TypeOpening, statement.TypeVoid, statement.TypeReplacement,
		statement.TypeLoss, statement.TypePrint, statement.TypeReceipt, statement.TypeDiscrepancy, statement.TypeCustodyRoot,
		statement.TypeRuleSet, statement.TypeSnapshot, statement.TypeLogClosed, statement.TypeAdvice, statement.TypeDisposition,
		statement.TypeEndorsement, statement.TypeTransit, statement.TypeTranscript, statement.TypeAttestation}
}

// OfficeKeyStatement makes header and body of the statement that appoints the
// key of card: an Office key to sign for its office, an Officer key to approve.
// The authority frames and signs them (Signer.Frame, Signer.Sign).
//
// Faults: keyring.other_purpose for any other card, other_participant when the
// issuer speaks for another's office, synthetic_only for a SYNTHETIC card in an
// act that is not, backdated, recipient_form, statement.
func OfficeKeyStatement(act Act, card *Card, a Appointment) (statement.Header, *statement.OfficeKey, error) {
	use := card.Purpose.use()
	if use == 0 {
		return statement.Header{}, nil, fault.Forbidden("keyring.other_purpose", fault.Arg("name", card.Name),
			fault.Arg("purpose", card.Purpose), fault.Arg("wanted", Office))
	}
	if card.Synthetic && !act.Synthetic {
		return statement.Header{}, nil, fault.Forbidden("keyring.synthetic_only", fault.Arg("key", card.Name))
	}
	types := slices.Sorted(slices.Values(a.Types))
	return appoint(act, &statement.OfficeKey{Office: a.Office, Name: a.Name, Use: use, Key: card.Key,
		From: a.From.Unix(), Until: a.Until.Unix(), Age: a.Age, Types: types, Home: a.Home})
}

func appoint(act Act, k *statement.OfficeKey) (statement.Header, *statement.OfficeKey, error) {
	fail := func(err error) (statement.Header, *statement.OfficeKey, error) {
		return statement.Header{}, nil, err
	}
	issuer, _, _ := strings.Cut(act.Issuer, "/")
	if code, _, _ := strings.Cut(k.Office, "/"); code != issuer {
		return fail(fault.Forbidden("keyring.other_participant", fault.At("office"),
			fault.Arg("office", k.Office), fault.Arg("issuer", act.Issuer)))
	}
	if k.From < act.At.Unix() {
		return fail(fault.Invalid("keyring.backdated", fault.At("from"),
			fault.Arg("from", time.Unix(k.From, 0).UTC()), fault.Arg("issued", act.At.UTC())))
	}
	if k.Age != "" {
		if _, err := age.ParseX25519Recipient(k.Age); err != nil {
			// Not quoted: who mistakes an identity for a recipient types a secret.
			return fail(fault.Invalid("keyring.recipient_form", fault.At("age")))
		}
	}
	h, err := act.Header(KeySubject(k.Key.ID()), k)
	if err != nil {
		return fail(err)
	}
	return h, k, nil
}

// Header makes the header of an authority's statement and proves that it and body
// can be signed. Fault keyring.statement.
func (a Act) Header(subject string, body statement.Body) (statement.Header, error) {
	h := statement.Header{Type: body.Type(), Issuer: a.Issuer, IssuedAt: a.At.Unix(),
		Subject: subject, Prev: a.Prev, Synthetic: a.Synthetic}
	if _, err := statement.Payload(h, body); err != nil {
		return statement.Header{}, fault.Invalid("keyring.statement", fault.Arg("reason", err.Error()), fault.Because(err))
	}
	return h, nil
}

// Rotate makes the statement that appoints the key of next to follow old: same
// office, name, types, recipient and home log, valid from `from`, while old
// stays good until its own end. The ring's New made the key; the authority signs.
//
// Faults: keyring.rotation_gap when from is after old's end, or until does not
// outlast it; rotation_same for the same key; other_purpose when next is not
// for old's use; and those of OfficeKeyStatement.
func Rotate(act Act, old *statement.OfficeKey, next *Card, from, until time.Time) (statement.Header, *statement.OfficeKey, error) {
	fail := func(f *fault.Fault) (statement.Header, *statement.OfficeKey, error) {
		return statement.Header{}, nil, f
	}
	switch {
	case next.Purpose.use() != old.Use:
		return fail(fault.Forbidden("keyring.other_purpose", fault.Arg("name", next.Name),
			fault.Arg("purpose", next.Purpose), fault.Arg("wanted", purposeOf(old.Use))))
	case next.Key.Thumbprint() == old.Key.Thumbprint():
		return fail(fault.Conflict("keyring.rotation_same", fault.Arg("key", next.KeyID().String())))
	case from.Unix() > old.Until || until.Unix() <= old.Until:
		return fail(fault.Invalid("keyring.rotation_gap", fault.At("from"), fault.Arg("from", from.UTC()),
			fault.Arg("until", until.UTC()), fault.Arg("end", time.Unix(old.Until, 0).UTC())))
	}
	return OfficeKeyStatement(act, next, Appointment{Office: old.Office, Name: old.Name, From: from, Until: until,
		Types: old.Types, Age: old.Age, Home: old.Home})
}

func purposeOf(u statement.Use) Purpose {
	if u == statement.UseOfficer {
		return Officer
	}
	return Office
}

// Revoke makes the statement that ends a key for a reason (1 to 500 bytes).
// What the key signed below cutOff, one vector for each log where it may stand,
// remains good; a log that is not named keeps nothing. Fault:
// keyring.statement.
func Revoke(act Act, key statement.KeyID, reason string, cutOff []statement.Vector) (statement.Header, *statement.KeyRevoked, error) {
	sorted := slices.SortedFunc(slices.Values(cutOff), func(a, b statement.Vector) int {
		return strings.Compare(a.Origin, b.Origin)
	})
	body := &statement.KeyRevoked{Key: key, Reason: reason, CutOff: sorted}
	h, err := act.Header(KeySubject(key), body)
	if err != nil {
		return statement.Header{}, nil, err
	}
	return h, body, nil
}
