package people

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"adamas.example/verify/statement"
)

const (
	rpid   = "register.example"
	origin = "https://register.example"
)

// device is an authenticator in software: what W3C WebAuthn §6 asks of one, with
// attestation "none", and with the mistakes that a test turns on.
type device struct {
	ed      ed25519.PrivateKey // nil: ES256
	ec      *ecdsa.PrivateKey
	id      []byte
	handle  []byte
	count   uint32 // the next; counts where counts is set
	counts  bool
	origin  string
	noUser  bool // nobody touched PIN or finger
	foreign bool // answers with another's handle
}

func newDevice(t *testing.T, edDSA bool) *device {
	t.Helper()
	d := &device{id: make([]byte, 16), count: 1, counts: true, origin: origin}
	var err error
	if edDSA {
		_, d.ed, err = ed25519.GenerateKey(rand.Reader)
	} else {
		d.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		t.Fatal(err)
	}
	rand.Read(d.id)
	return d
}

func (d *device) key(t *testing.T) statement.Key {
	t.Helper()
	var public crypto.PublicKey
	if d.ed != nil {
		public = d.ed.Public()
	} else {
		public = &d.ec.PublicKey
	}
	k, err := statement.NewKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

type asked struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
		RP struct {
			ID string `json:"id"`
		} `json:"rp"`
		Parameters []struct {
			Alg int `json:"alg"`
		} `json:"pubKeyCredParams"`
		Verification string `json:"userVerification"`
	} `json:"publicKey"`
}

func read(t *testing.T, options []byte) asked {
	t.Helper()
	var a asked
	if err := json.Unmarshal(options, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (d *device) clientData(kind, challenge string) []byte {
	b, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	return b
}

// data is authenticator data (§6.1), with the key where it registers.
func (d *device) data(t *testing.T, register bool) []byte {
	t.Helper()
	h := sha256.Sum256([]byte(rpid))
	flags := byte(0x05)
	if d.noUser {
		flags = 0x01
	}
	if register {
		flags |= 0x40
	}
	out := append(h[:], flags)
	n := uint32(0)
	if d.counts {
		n = d.count
		d.count++
	}
	out = binary.BigEndian.AppendUint32(out, n)
	if register {
		out = append(out, make([]byte, 16)...)
		out = binary.BigEndian.AppendUint16(out, uint16(len(d.id)))
		key, err := cbor.Marshal(d.key(t))
		if err != nil {
			t.Fatal(err)
		}
		out = append(append(out, d.id...), key...)
	}
	return out
}

func (d *device) register(t *testing.T, c Ceremony) Answer {
	t.Helper()
	a := read(t, c.Options)
	handle, err := base64.RawURLEncoding.DecodeString(a.PublicKey.User.ID)
	if err != nil || a.PublicKey.RP.ID != rpid || len(a.PublicKey.Parameters) != 2 {
		t.Fatalf("%s: %v", c.Options, err)
	}
	d.handle = handle
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": d.data(t, true)})
	if err != nil {
		t.Fatal(err)
	}
	return d.answer(t, c, map[string]any{"clientDataJSON": b64(d.clientData("webauthn.create", a.PublicKey.Challenge)), "attestationObject": b64(object), "transports": []string{"internal"}})
}

func (d *device) assert(t *testing.T, c Ceremony) Answer {
	t.Helper()
	a := read(t, c.Options)
	if a.PublicKey.Verification != "required" {
		t.Errorf("%s does not ask who holds it", c.Options)
	}
	client, data := d.clientData("webauthn.get", a.PublicKey.Challenge), d.data(t, false)
	h := sha256.Sum256(client)
	message := append(append([]byte{}, data...), h[:]...)
	var signature []byte
	var err error
	if d.ed != nil {
		signature = ed25519.Sign(d.ed, message)
	} else {
		m := sha256.Sum256(message)
		signature, err = ecdsa.SignASN1(rand.Reader, d.ec, m[:])
	}
	if err != nil {
		t.Fatal(err)
	}
	handle := d.handle
	if d.foreign {
		handle = []byte("somebody else")
	}
	return d.answer(t, c, map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(handle)})
}

func (d *device) answer(t *testing.T, c Ceremony, response map[string]any) Answer {
	t.Helper()
	b, err := json.Marshal(map[string]any{"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "response": response,
		"clientExtensionResults": map[string]any{"credProps": map[string]any{"rk": true}}})
	if err != nil {
		t.Fatal(err)
	}
	return Answer{c.ID, b}
}
