// Package assertion is the audit's own reading of what a passkey signed (W3C WebAuthn Level
// 3 §7.2), written from the specification: it shares nothing with the library that asks
// for assertions.
//
// Invariant: an assertion that is found right is one that a holder of the key made over
// this digest, having shown his authenticator that it is he, at a page whose name the
// authenticator binds.
//
// Imports: the standard library, audit/wire.
package assertion

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"

	"adamas.example/internal/audit/wire"
)

// Assertion is one as it is kept.
type Assertion struct {
	Digest            []byte
	AuthenticatorData []byte
	ClientData        []byte
	Signature         []byte
	Key               []byte // COSE_Key
}

// clientData is what the browser says of the question (§5.8.1).
type clientData struct {
	Type        string `json:"type"`
	Challenge   string `json:"challenge"`
	Origin      string `json:"origin"`
	CrossOrigin bool   `json:"crossOrigin"`
}

// Flags of authenticator data (§6.1).
const (
	present  = 0x01
	verified = 0x04
)

// Wrong tells in which field an assertion is not as it must be, and why in a word; both
// are "" for one that is right.
func (a *Assertion) Wrong() (field, why string) {
	var said clientData
	if len(a.Digest) != sha256.Size {
		return "digest", "size"
	}
	if err := json.Unmarshal(a.ClientData, &said); err != nil {
		return "client_data", "form"
	}
	switch {
	case said.Type != "webauthn.get":
		return "client_data", "type"
	case said.Challenge != base64.RawURLEncoding.EncodeToString(a.Digest):
		return "client_data", "challenge"
	case said.CrossOrigin:
		return "client_data", "cross_origin"
	case len(a.AuthenticatorData) < 37:
		return "authenticator_data", "form"
	case !bound(a.AuthenticatorData[:32], said.Origin):
		return "authenticator_data", "origin"
	case a.AuthenticatorData[32]&(present|verified) != present|verified:
		return "authenticator_data", "not_verified"
	}
	v, err := wire.Decode(a.Key)
	if err != nil {
		return "key", "form"
	}
	key, err := wire.ReadKey(wire.AsMap(v))
	if err != nil {
		return "key", "form"
	}
	sum := sha256.Sum256(a.ClientData)
	if !key.Asserted(bytes.Join([][]byte{a.AuthenticatorData, sum[:]}, nil), a.Signature) {
		return "signature", "false"
	}
	return "", ""
}

// Origin is the address of the page that asked, as the browser says; "" where it says none.
func (a *Assertion) Origin() string {
	var said clientData
	if json.Unmarshal(a.ClientData, &said) != nil {
		return ""
	}
	return said.Origin
}

// bound tells whether the authenticator signed for the name of the page: its host, or a
// domain that the host lies in (§5.1.3, rp.id).
func bound(hash []byte, origin string) bool {
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	for name := u.Hostname(); name != ""; {
		if sum := sha256.Sum256([]byte(name)); bytes.Equal(hash, sum[:]) {
			return true
		}
		_, rest, more := strings.Cut(name, ".")
		if !more {
			return false
		}
		name = rest
	}
	return false
}
