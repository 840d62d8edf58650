package entrance

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base32"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/people/passkey"
	"adamas.example/internal/party/people/proof"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/store"
	"adamas.example/verify/statement"
)

func digestOf(purpose, record string, posted url.Values) [32]byte {
	return OverForm(purpose, record, posted).Digest
}

// TestOverForm: what was sent decides, not what is secret or what proves; and nothing that
// is sent can be moved from one place to another.
func TestOverForm(t *testing.T) {
	form := url.Values{"reason": {"a seal broke"}, "day": {"2026-11-29"}}
	want := digestOf("certificate.cancel", "c-1", form)
	with := func(name, value string) url.Values {
		out := url.Values{name: {value}}
		for k, v := range form {
			if k != name {
				out[k] = v
			}
		}
		return out
	}
	for _, name := range []string{"passphrase", "password", "code", "ceremony", "answer", "plain"} {
		if digestOf("certificate.cancel", "c-1", with(name, "x")) != want {
			t.Errorf("%s is in what is signed", name)
		}
	}
	for what, got := range map[string][32]byte{
		"act":        digestOf("certificate.open", "c-1", form),
		"record":     digestOf("certificate.cancel", "c-2", form),
		"value":      digestOf("certificate.cancel", "c-1", with("reason", "a seal broke.")),
		"more":       digestOf("certificate.cancel", "c-1", with("note", "")),
		"other name": digestOf("certificate.cancel", "c-1", url.Values{"reason": {"a seal broke", "2026-11-29"}}),
	} {
		if got == want {
			t.Errorf("another %s has the same digest", what)
		}
	}
}

// TestGivenPlainly: an assent without a passkey stands in the trail, of who has none and of
// who says that he does without; of who has one and says nothing, nothing does.
func TestGivenPlainly(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	now := time.Date(2026, 11, 29, 6, 0, 0, 0, time.UTC)
	db, err := store.Open(t.Context(), store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")})
	must(err)
	defer db.Close()
	must(db.Migrate(t.Context(), now, []store.Schema{stated.Schema()}))
	s, err := people.New(people.Config{Store: db, Now: func() time.Time { return now }, Entropy: rand.Reader, Office: "CF/bangui", Key: make([]byte, 32), RPID: "localhost", Origins: []string{"http://localhost:8080"}})
	must(err)
	secret, err := s.OpenSetUp(t.Context())
	must(err)
	link, err := s.Found(t.Context(), people.From{}, secret, people.Proposal{Login: "chief", Name: "SYNTHETIC chief", Language: lang.English})
	must(err)
	set, err := s.StartCode(t.Context(), people.From{}, link)
	must(err)
	app, err := base32.StdEncoding.DecodeString(set.Secret)
	must(err)
	entry, err := s.Accept(t.Context(), people.From{}, link, people.Factors{Password: "four green herons there", Code: proof.CodeAt(app, now)})
	must(err)

	act, given := OverForm("certificate.cancel", "c-1", url.Values{"reason": {"a seal broke"}}), NewAssent(s)
	rows := 0
	for _, tt := range []struct {
		has         bool
		plain, want string
	}{{false, "", ""}, {true, "", "people.assent_needed"}, {true, "yes", ""}} {
		if tt.has && tt.plain == "" {
			public, _, err := ed25519.GenerateKey(rand.Reader)
			must(err)
			key, err := statement.NewKey(public)
			must(err)
			cose, err := cbor.Marshal(key)
			must(err)
			must(db.Write(t.Context(), now, func(tx *store.Tx) error {
				return passkey.Add(tx, entry.Visit.Person.ID, &passkey.Credential{ID: []byte("a passkey"), PublicKey: cose}, "SYNTHETIC", 1)
			}))
		}
		r := httptest.NewRequest(http.MethodPost, "http://localhost:8080/", nil)
		r = r.WithContext(context.WithValue(r.Context(), visitKey{}, entry.Visit))
		r.PostForm = url.Values{Plain: {tt.plain}}
		if err := given.Given(r, act); (tt.want == "") != (err == nil) || tt.want != "" && !fault.Is(err, tt.want) {
			t.Errorf("%+v: %v", tt, err)
		}
		if tt.want == "" {
			rows++
		}
		page, err := s.Trail(t.Context(), entry.Visit, people.TrailWanted{})
		must(err)
		n := 0
		for _, row := range page.Rows {
			if row.Act == trail.Assented && row.Args["purpose"] == act.Purpose && row.Args["record"] == act.Record {
				n++
			}
		}
		if n != rows {
			t.Errorf("%+v: %d rows of %d", tt, n, rows)
		}
	}
}
