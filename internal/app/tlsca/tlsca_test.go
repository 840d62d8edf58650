package tlsca

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
)

var start = time.Date(2026, 11, 23, 14, 2, 0, 0, time.UTC)

// office is a folder with a ring and a clock that can be set.
type office struct {
	Config
	t   *testing.T
	now time.Time
}

func newOffice(t *testing.T) *office {
	o := &office{t: t, now: start}
	dir := t.TempDir()
	ring, err := keyring.Create(filepath.Join(dir, "keys"), &keyring.Passphrase{WorkFactor: 10, Ask: func(context.Context) (string, error) { return "correct horse battery", nil }})
	if err != nil {
		t.Fatal(err)
	}
	o.Config = Config{Dir: dir, Ring: ring, Office: "CF/bangui", Hosts: []string{"Bangui-PC", "192.168.7.5"}, Now: func() time.Time { return o.now }}
	return o
}

func (o *office) open() *Authority {
	o.t.Helper()
	a, err := Open(o.t.Context(), o.Config)
	if err != nil {
		o.t.Fatal(err)
	}
	return a
}

// judge verifies what a browser would get for a host.
func judge(a *Authority, leaf *x509.Certificate, host string, at time.Time) error {
	pool := x509.NewCertPool()
	ca, err := x509.ParseCertificate(a.Certificate())
	if err != nil {
		return err
	}
	pool.AddCert(ca)
	_, err = leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: pool, CurrentTime: at})
	return err
}

func TestAuthority(t *testing.T) {
	o := newOffice(t)
	a := o.open()
	leaf, err := a.current()
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"bangui-pc", "192.168.7.5", "localhost", "127.0.0.1"} {
		if err := judge(a, leaf.Leaf, host, start); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if err := judge(a, leaf.Leaf, "bank.example", start); err == nil {
		t.Error("good for any name")
	}
	if life := leaf.Leaf.NotAfter.Sub(leaf.Leaf.NotBefore); life > leafLife {
		t.Errorf("good for %s", life)
	}
	if n := len(strings.Fields(a.Fingerprint())); n != 16 {
		t.Errorf("%d groups", n)
	}
	// The same authority tomorrow, another key for browsers.
	again := o.open()
	if string(again.Certificate()) != string(a.Certificate()) {
		t.Error("a new authority, which nobody has installed")
	}
	if err := judge(a, again.leaf.Leaf, "bangui-pc", start); err != nil {
		t.Error(err)
	}
	key, err := os.ReadFile(filepath.Join(o.Dir, "keys", keyName+".kept.age"))
	if err != nil || !strings.HasPrefix(string(key), "age-encryption.org/") {
		t.Errorf("the key is not closed: %v", err)
	}
}

// A thief of the key can speak for no other name: what he makes is refused by whoever
// has installed the authority.
func TestConstraints(t *testing.T) {
	a := newOffice(t).open()
	for _, host := range []string{"bank.example", "10.1.2.3", "2001:db8::1"} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		f := &x509.Certificate{SerialNumber: big.NewInt(7), NotBefore: start.Add(-time.Hour), NotAfter: start.Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
		if ip := net.ParseIP(host); ip != nil {
			f.IPAddresses = []net.IP{ip}
		} else {
			f.DNSNames = []string{host}
		}
		der, err := x509.CreateCertificate(rand.Reader, f, a.cert, key.Public(), a.key)
		if err != nil {
			t.Fatal(err)
		}
		forged, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		if err := judge(a, forged, host, start); err == nil {
			t.Errorf("%s: a forged certificate is believed", host)
		}
	}
}

func TestRenewal(t *testing.T) {
	o := newOffice(t)
	a := o.open()
	first := a.leaf.Leaf.SerialNumber
	o.now = start.AddDate(0, 11, 0)
	if leaf, err := a.current(); err != nil || leaf.Leaf.SerialNumber.Cmp(first) != 0 {
		t.Errorf("renewed too early, or: %v", err)
	}
	o.now = start.AddDate(1, 0, 10) // 397 days less 30
	leaf, err := a.current()
	if err != nil || leaf.Leaf.SerialNumber.Cmp(first) == 0 || judge(a, leaf.Leaf, "bangui-pc", o.now.AddDate(0, 6, 0)) != nil {
		t.Errorf("not renewed: %v", err)
	}
	o.now = start.AddDate(caYears, 0, -1)
	if _, err := Open(t.Context(), o.Config); !fault.Is(err, "tlsca.ended") {
		t.Errorf("%v", err)
	}
}

func TestRefusals(t *testing.T) {
	o := newOffice(t)
	o.open()
	o.Hosts = []string{"elsewhere.example"}
	if _, err := Open(t.Context(), o.Config); !fault.Is(err, "tlsca.host_outside") {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"a b", "", "http://a", "-a", "a..b", strings.Repeat("a", 64)} {
		o.Hosts = []string{bad}
		if _, err := Open(t.Context(), o.Config); !fault.Is(err, "tlsca.host") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	o.Hosts = nil
	path := filepath.Join(o.Dir, CertificateFile)
	if err := os.WriteFile(path, []byte("nonsense"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), o.Config); !fault.Is(err, "tlsca.damaged") {
		t.Errorf("%v", err)
	}
	// Certificate lost, key kept: made anew with the same key.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	o.open()
}

// TestHandshake: a client that knows the authority is answered over TLS.
func TestHandshake(t *testing.T) {
	o := newOffice(t)
	o.now = time.Now()
	a := o.open()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	s.TLS = a.TLS()
	s.StartTLS()
	defer s.Close()
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "localhost"}}}
	defer client.CloseIdleConnections()
	resp, err := client.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusTeapot {
		t.Error(resp.Status)
	}
	if _, err := (&http.Client{}).Get(s.URL); err == nil {
		t.Error("believed by who has not installed it")
	}
	if len(OwnHosts()) == 0 {
		t.Error("this computer has no name")
	}
}
