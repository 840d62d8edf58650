package exchange_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"io"
	"os"
	"strings"
	"testing"

	"filippo.io/age"

	"adamas.example/verify/message"
)

var update = flag.Bool("update", false, "encrypt the vector anew")

// golden is the first signed message of the golden vectors.
func golden(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("../../../verify/testdata/vectors/messages.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Vectors []struct {
			Message string `json:"signed_message"`
		}
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	m, err := hex.DecodeString(file.Vectors[0].Message)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestVector: a message that was encrypted once is opened for ever, by the key that
// lies beside it. Encryption is random, so that only -update writes it again.
func TestVector(t *testing.T) {
	const sealed, key = "testdata/SYNTHETIC.adamas-message", "testdata/SYNTHETIC-key.txt"
	if *update {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		w, err := age.Encrypt(&b, id.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		w.Write(golden(t))
		w.Close()
		if err := os.WriteFile(sealed, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(key, []byte("# SYNTHETIC: opens the message beside it, and nothing else.\n"+id.String()+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(sealed)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := age.ParseIdentities(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(b), ids...)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	m, err := message.Parse(plain)
	if err != nil || m.Kind != message.Advice || !bytes.Equal(plain, golden(t)) {
		t.Errorf("%+v %v", m, err)
	}
}
