package passkey

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"adamas.example/internal/fault"
	"adamas.example/verify/statement"
)

// Config is what a Desk is made of.
type Config struct {
	RPID    string   // the node's name in the net
	Origins []string // addresses of its pages, https://... (or http://localhost)
	Name    string   // of the node, as authenticators show it
	For     time.Duration
	Entropy io.Reader
}

// Desk asks and hears answers. It is safe for any number of goroutines.
type Desk struct {
	cfg       Config
	w         *webauthn.WebAuthn
	known     *open // asked by people with a link or a session
	strangers *open
}

// Credential is a passkey's record, kept as JSON by the caller and stored anew after
// each use.
type Credential = webauthn.Credential

// Holder is a person as authenticators know him.
type Holder struct {
	ID       string // opaque, without anything personal
	Login    string
	Name     string
	Passkeys []Credential
}

// WebAuthnID and the next three make a Holder a webauthn.User.
func (h Holder) WebAuthnID() []byte { return []byte(h.ID) }

// WebAuthnName is the login.
func (h Holder) WebAuthnName() string { return h.Login }

// WebAuthnDisplayName is the name.
func (h Holder) WebAuthnDisplayName() string { return h.Name }

// WebAuthnCredentials are the passkeys that serve.
func (h Holder) WebAuthnCredentials() []Credential { return h.Passkeys }

const mostOpen = 2000

// New makes a desk.
func New(c Config) (*Desk, error) {
	w, err := webauthn.New(&webauthn.Config{
		RPID: c.RPID, RPOrigins: c.Origins, RPDisplayName: c.Name,
		AttestationPreference: protocol.PreferNoAttestation, // which make it is says nothing of who holds it
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
		// Managers of passwords answer what nobody asked. None of it is read here.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("passkey: %w", err)
	}
	return &Desk{cfg: c, w: w, known: newOpen(mostOpen), strangers: newOpen(mostOpen)}, nil
}

func (d *Desk) ask(o *open, now time.Time, k kind, subject string, data *webauthn.SessionData, options any) (string, []byte, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return "", nil, fmt.Errorf("passkey: %w", err)
	}
	id, err := o.put(d.cfg.Entropy, now, question{subject, k, now.Add(d.cfg.For), *data})
	return id, text, err
}

// Register asks for a new passkey; those the holder has are excluded.
func (d *Desk) Register(now time.Time, h Holder, subject string) (id string, options []byte, err error) {
	var excluded []protocol.CredentialDescriptor
	for _, c := range h.Passkeys {
		excluded = append(excluded, c.Descriptor())
	}
	creation, data, err := d.w.BeginRegistration(h, webauthn.WithExclusions(excluded),
		webauthn.WithCredentialParameters([]protocol.CredentialParameter{
			{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
			{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgEdDSA},
		}))
	if err != nil {
		return "", nil, fmt.Errorf("passkey: %w", err)
	}
	return d.ask(d.known, now, registering, subject, data, creation)
}

// Registered reads the answer to Register.
func (d *Desk) Registered(now time.Time, h Holder, subject, id string, response []byte) (*Credential, error) {
	data, ok := d.known.take(id, registering, subject, now)
	if !ok {
		return nil, errOver()
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return nil, errRefused(err)
	}
	c, err := d.w.CreateCredential(h, data, parsed)
	if err != nil {
		return nil, errRefused(err)
	}
	if _, err := KeyOf(c); err != nil {
		return nil, errRefused(err)
	}
	return c, nil
}

// SignIn asks anybody for a passkey of this node.
func (d *Desk) SignIn(now time.Time) (id string, options []byte, err error) {
	assertion, data, err := d.w.BeginDiscoverableLogin()
	if err != nil {
		return "", nil, fmt.Errorf("passkey: %w", err)
	}
	return d.ask(d.strangers, now, signingIn, "", data, assertion)
}

// Proof is a verified answer of an authenticator.
type Proof struct {
	Credential        Credential // its record after this use: to be stored
	Copied            bool       // the counter went back (WebAuthn §6.1.1): the proof is none
	AuthenticatorData []byte
	ClientDataJSON    []byte
	Signature         []byte
}

// SignedIn reads the answer to SignIn. lookup finds the holder of a passkey; the
// handle is the ID that he was registered by.
func (d *Desk) SignedIn(now time.Time, id string, response []byte, lookup func(credential []byte, handle string) (Holder, error)) (*Proof, error) {
	data, ok := d.strangers.take(id, signingIn, "", now)
	if !ok {
		return nil, errOver()
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return nil, errRefused(err)
	}
	var failed error // lookup's own, which is no refusal
	_, c, err := d.w.ValidatePasskeyLogin(func(raw, handle []byte) (webauthn.User, error) {
		h, err := lookup(raw, string(handle))
		failed = err
		return h, err
	}, data, parsed)
	if failed != nil {
		return nil, failed
	}
	if err != nil {
		return nil, errRefused(err)
	}
	return proofOf(c, parsed), nil
}

// Assert asks the holder's authenticators to sign the digest.
func (d *Desk) Assert(now time.Time, h Holder, subject string, digest [32]byte) (id string, options []byte, err error) {
	if len(h.Passkeys) == 0 {
		return "", nil, fault.NotFound("people.passkey_unknown")
	}
	assertion, data, err := d.w.BeginLogin(h, webauthn.WithChallenge(digest[:]))
	if err != nil {
		return "", nil, fmt.Errorf("passkey: %w", err)
	}
	return d.ask(d.known, now, asserting, subject, data, assertion)
}

// Asserted reads the answer to Assert and gives the digest that was signed.
func (d *Desk) Asserted(now time.Time, h Holder, subject, id string, response []byte) (*Proof, [32]byte, error) {
	var digest [32]byte
	data, ok := d.known.take(id, asserting, subject, now)
	if !ok {
		return nil, digest, errOver()
	}
	challenge, err := base64.RawURLEncoding.DecodeString(data.Challenge)
	if err != nil || len(challenge) != len(digest) {
		return nil, digest, errors.New("passkey: the challenge of an assertion is no digest")
	}
	copy(digest[:], challenge)
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return nil, digest, errRefused(err)
	}
	c, err := d.w.ValidateLogin(h, data, parsed)
	if err != nil {
		return nil, digest, errRefused(err)
	}
	return proofOf(c, parsed), digest, nil
}

func proofOf(c *Credential, p *protocol.ParsedCredentialAssertionData) *Proof {
	out := &Proof{Copied: c.Authenticator.CloneWarning, AuthenticatorData: p.Raw.AssertionResponse.AuthenticatorData,
		ClientDataJSON: p.Raw.AssertionResponse.ClientDataJSON, Signature: p.Raw.AssertionResponse.Signature}
	out.Credential = *c
	return out
}

// KeyOf is the passkey's public key, of one of the two algorithms of statements.
func KeyOf(c *Credential) (statement.Key, error) {
	var k statement.Key
	if err := cbor.Unmarshal(c.PublicKey, &k); err != nil {
		return k, fmt.Errorf("passkey: public key: %w", err)
	}
	_, err := k.Public()
	return k, err
}

func errOver() error { return fault.Conflict("people.ceremony_over") }

// errRefused keeps what the library says for the log: it is nothing that a person
// could mend.
func errRefused(err error) error {
	var p *protocol.Error
	if errors.As(err, &p) && p.DevInfo != "" {
		err = fmt.Errorf("%w: %s", err, p.DevInfo)
	}
	return fault.Unproven("people.passkey_refused", fault.Because(err))
}
