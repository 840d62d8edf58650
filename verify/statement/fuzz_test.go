package statement_test

import (
	"bytes"
	"testing"

	"adamas.example/verify/internal/vectors"
	"adamas.example/verify/statement"
)

func seeds(f *testing.F, of func(vectors.StatementVector) []byte) {
	for _, v := range vectors.Statements() {
		f.Add(of(v))
	}
	for _, b := range []string{"", "\xd2", "\xd2\x84", "\xd2\x84\x40\xa0\xf6\x40", "\xa0", "\xbf\xff"} {
		f.Add([]byte(b))
	}
}

// FuzzParse: what is accepted is written back as the same bytes.
func FuzzParse(f *testing.F) {
	seeds(f, func(v vectors.StatementVector) []byte { return v.Statement })
	f.Fuzz(func(t *testing.T, b []byte) {
		st, err := statement.Parse(b)
		if err != nil {
			return
		}
		rewrite(t, st, st.Signed.Payload)
		again := reframe(t, st.Signed, b)
		if !bytes.Equal(again, b) {
			t.Fatalf("read %x, writes %x", b, again)
		}
	})
}

// FuzzParseSign1 holds the same for any signed thing.
func FuzzParseSign1(f *testing.F) {
	seeds(f, func(v vectors.StatementVector) []byte { return v.Statement })
	detached, _, _ := vectors.Ed25519("preparer CF/bangui").Sign(statement.ContentApproval, []byte("x"), true)
	f.Add(detached)
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := statement.ParseSign1(b)
		if err != nil {
			return
		}
		if again := reframe(t, s, b); !bytes.Equal(again, b) {
			t.Fatalf("read %x, writes %x", b, again)
		}
	})
}

// FuzzParsePayload holds the same for the signed map.
func FuzzParsePayload(f *testing.F) {
	seeds(f, func(v vectors.StatementVector) []byte { return v.Payload })
	f.Fuzz(func(t *testing.T, b []byte) {
		if st, err := statement.ParsePayload(b); err == nil {
			rewrite(t, st, b)
		}
	})
}

func rewrite(t *testing.T, st *statement.Statement, payload []byte) {
	t.Helper()
	var again []byte
	var err error
	if st.Blob != nil {
		again, err = statement.BlobPayload(st.Header, *st.Blob)
	} else {
		again, err = statement.Payload(st.Header, st.Body)
	}
	if err != nil || !bytes.Equal(again, payload) {
		t.Fatalf("read %x, writes %x (%v)", payload, again, err)
	}
}

// reframe joins what was read with the last 64 bytes, the signature.
func reframe(t *testing.T, s *statement.Signed, b []byte) []byte {
	t.Helper()
	u, err := statement.Unsign(s.Algorithm, s.KeyID, s.Content, s.Payload, s.Payload == nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := u.Finish(b[len(b)-statement.SignatureSize:])
	if err != nil {
		t.Fatal(err)
	}
	return again
}
