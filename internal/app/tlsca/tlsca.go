// Package tlsca lets the browsers of one building reach a node by https where no
// public authority would certify its name: the office has an authority of its own,
// whose certificate people install once on each device (design.md §12). Without https a
// browser gives no passkey, no camera and no page that works offline.
//
// Invariants:
//   - The authority's key lies in the node's ring, closed by its passphrase, and is
//     opened once, when serving begins.
//   - Whoever stole it could speak for the names and addresses that it was made for and
//     for no others: they stand in it as critical name constraints (RFC 5280 §4.2.1.10).
//   - The key that answers browsers is made when serving begins and is never written
//     anywhere; its certificate is renewed by itself, long before its end.
//
// Imports: fault, keyring, store/durable, web.
package tlsca

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/store/durable"
)

const (
	// CertificateFile, in the node's folder, is the authority's certificate: public.
	CertificateFile = "office-ca.crt"
	keyName         = "office-ca"

	caYears   = 10
	leafLife  = 397 * 24 * time.Hour // browsers refuse longer ones (CA/Browser Forum BR 6.3.2)
	renewLeft = 30 * 24 * time.Hour
	backdated = time.Hour // for clocks in the building that are a little behind
)

// Config is what an Authority needs.
type Config struct {
	Dir    string        // the node's folder
	Ring   *keyring.Ring // its keys
	Office string        // "CF/bangui", for the certificate's name
	Hosts  []string      // names and addresses under which people open the office; none: those it was made for, first this computer's own
	Now    func() time.Time
}

// Authority certifies the node to the devices of its own building.
type Authority struct {
	cert  *x509.Certificate
	key   crypto.Signer
	hosts []string
	now   func() time.Time

	mu   sync.Mutex
	leaf *tls.Certificate
}

// always are names of this computer itself. They also keep the constraints complete:
// with no name permitted, every name would be (RFC 5280 §4.2.1.10).
var always = []string{"localhost", "127.0.0.1"}

// Open opens the office's authority, and makes it when there is none. Faults:
// tlsca.host for what is no name; tlsca.host_outside for one that the authority was
// not made for; tlsca.damaged, tlsca.ended; those of keyring.
func Open(ctx context.Context, c Config) (*Authority, error) {
	asked, err := clean(c.Hosts)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(c.Dir, CertificateFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = c.create(ctx, path)
	}
	if err != nil {
		return nil, err
	}
	a := &Authority{now: c.Now}
	if err := a.read(ctx, c.Ring, path, text); err != nil {
		return nil, err
	}
	if a.hosts = asked; len(c.Hosts) == 0 {
		a.hosts = a.permitted()
	}
	if !c.Now().Before(a.cert.NotAfter.Add(-renewLeft)) {
		return nil, fault.Conflict("tlsca.ended", fault.File(path), fault.Arg("until", a.cert.NotAfter.UTC()))
	}
	for _, h := range a.hosts {
		if !a.covers(h) {
			return nil, fault.Conflict("tlsca.host_outside", fault.At("--host"), fault.File(path), fault.Text(h))
		}
	}
	_, err = a.current()
	return a, err
}

func (a *Authority) read(ctx context.Context, ring *keyring.Ring, path string, text []byte) error {
	damaged := func(err error) error { return fault.Corrupt("tlsca.damaged", fault.File(path), fault.Because(err)) }
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE" {
		return damaged(errors.New("no certificate"))
	}
	var err error
	if a.cert, err = x509.ParseCertificate(block.Bytes); err != nil {
		return damaged(err)
	}
	der, err := ring.Kept(ctx, keyName)
	if err != nil {
		return err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return damaged(errors.New("the key is none"))
	}
	signer, ok := key.(*ecdsa.PrivateKey)
	if !ok || !signer.PublicKey.Equal(a.cert.PublicKey) {
		return damaged(errors.New("the key is another certificate's"))
	}
	a.key = signer
	return nil
}

// create makes the authority: the key first, then the certificate, without which the
// key is nothing. A key that a crash left behind goes on.
func (c Config) create(ctx context.Context, path string) ([]byte, error) {
	hosts := c.Hosts
	if len(hosts) == 0 {
		hosts = OwnHosts()
	}
	hosts, err := clean(hosts)
	if err != nil {
		return nil, err
	}
	der, err := c.Ring.Kept(ctx, keyName)
	if fault.Is(err, "keyring.key_missing") {
		key, failed := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if failed != nil {
			return nil, failed
		}
		if der, err = x509.MarshalPKCS8PrivateKey(key); err == nil {
			err = c.Ring.Keep(ctx, keyName, der)
		}
	}
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	key, ok := parsed.(*ecdsa.PrivateKey)
	if err != nil || !ok {
		return nil, fault.Corrupt("tlsca.damaged", fault.File(path), fault.Because(err))
	}
	t, err := template(c.Office, c.Now(), hosts)
	if err != nil {
		return nil, err
	}
	cert, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	return text, write(path, text)
}

func template(office string, now time.Time, hosts []string) (*x509.Certificate, error) {
	serial, err := serialNumber()
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: "Adamas " + office + " (only this office)"},
		NotBefore: now.Add(-backdated).UTC(), NotAfter: now.AddDate(caYears, 0, 0).UTC(),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, PermittedDNSDomainsCritical: true}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip == nil {
			t.PermittedDNSDomains = append(t.PermittedDNSDomains, h)
		} else if v4 := ip.To4(); v4 != nil {
			t.PermittedIPRanges = append(t.PermittedIPRanges, &net.IPNet{IP: v4, Mask: net.CIDRMask(32, 32)})
		} else {
			t.PermittedIPRanges = append(t.PermittedIPRanges, &net.IPNet{IP: ip, Mask: net.CIDRMask(128, 128)})
		}
	}
	return t, nil
}

func serialNumber() (*big.Int, error) {
	return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
}

// write puts the certificate in place whole or not at all.
func write(path string, text []byte) error {
	temporary := path + ".tmp"
	err := os.WriteFile(temporary, text, 0o644)
	if err == nil {
		err = durable.Replace(temporary, path)
	}
	if err != nil {
		return fault.CannotCreate("node.cannot_write", fault.File(path), fault.Because(err))
	}
	return nil
}

// permitted are the hosts that the authority was made for, names first.
func (a *Authority) permitted() []string {
	out := slices.Clone(a.cert.PermittedDNSDomains)
	for _, n := range a.cert.PermittedIPRanges {
		out = append(out, n.IP.String())
	}
	return out
}

// covers tells whether the authority may certify a host.
func (a *Authority) covers(host string) bool {
	ip := net.ParseIP(host)
	if ip == nil {
		return slices.ContainsFunc(a.cert.PermittedDNSDomains, func(d string) bool { return host == d || strings.HasSuffix(host, "."+d) })
	}
	return slices.ContainsFunc(a.cert.PermittedIPRanges, func(n *net.IPNet) bool { return n.Contains(ip) })
}

// CheckHosts puts names and addresses of an office into one form, with this computer's
// own. Fault tlsca.host.
func CheckHosts(hosts []string) ([]string, error) { return clean(hosts) }

// clean puts hosts into one form, each once, with those that are always there.
func clean(hosts []string) ([]string, error) {
	var out []string
	var faults fault.List
	for _, h := range slices.Concat(hosts, always) {
		h = strings.ToLower(strings.Trim(strings.TrimSpace(h), "[]"))
		ip := net.ParseIP(h)
		if ip != nil {
			h = ip.String()
		} else if !nameForm(h) {
			faults.Add(fault.Usage("tlsca.host", fault.At("--host"), fault.Text(h)))
			continue
		}
		if !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out, faults.Err()
}

// nameForm is a host name of letters, digits and hyphens (RFC 1123 §2.1).
func nameForm(h string) bool {
	if h == "" || len(h) > 253 {
		return false
	}
	for label := range strings.SplitSeq(h, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}

// current is the certificate that answers browsers, made anew when its end is near.
func (a *Authority) current() (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	if a.leaf != nil && now.Before(a.leaf.Leaf.NotAfter.Add(-renewLeft)) && !now.Before(a.leaf.Leaf.NotBefore) {
		return a.leaf, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := serialNumber()
	if err != nil {
		return nil, err
	}
	until := now.Add(leafLife - backdated)
	if until.After(a.cert.NotAfter) {
		until = a.cert.NotAfter
	}
	t := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: a.hosts[0]}, NotBefore: now.Add(-backdated).UTC(), NotAfter: until.UTC(),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true}
	for _, h := range a.hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	a.leaf = &tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key, Leaf: leaf}
	return a.leaf, nil
}

// TLS is how a listener answers browsers.
func (a *Authority) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return a.current() }}
}

// Hosts are the names and addresses certified, those that were asked for first.
func (a *Authority) Hosts() []string { return slices.Clone(a.hosts) }

// Certificate is the authority's, as people install it (DER).
func (a *Authority) Certificate() []byte { return a.cert.Raw }

// Until is when the authority ends.
func (a *Authority) Until() time.Time { return a.cert.NotAfter.UTC() }

// Fingerprint is the SHA-256 of the certificate, in groups to be read aloud and
// compared with what a device shows.
func (a *Authority) Fingerprint() string {
	sum := sha256.Sum256(a.cert.Raw)
	text := strings.ToUpper(hex.EncodeToString(sum[:]))
	var groups []string
	for i := 0; i < len(text); i += 4 {
		groups = append(groups, text[i:i+4])
	}
	return strings.Join(groups, " ")
}

// OwnHosts are this computer's name and its addresses in the building: what is
// certified when nobody names anything else.
func OwnHosts() []string {
	var out []string
	if name, err := os.Hostname(); err == nil && nameForm(strings.ToLower(name)) {
		out = append(out, strings.ToLower(name))
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return out
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			out = append(out, n.IP.String())
		}
	}
	return out
}
