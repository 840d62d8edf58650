package caller

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"

	"adamas.example/internal/fault"
)

func TestCaller(t *testing.T) {
	const proxy, stranger = "10.0.0.7:4711", "203.0.113.9:4711"
	for _, tt := range []struct {
		name, remote, for_, proto, host, url string
		tls                                  bool
		addr, scheme, wantHost               string
	}{
		{"straight", stranger, "", "", "", "", false, "203.0.113.9", "http", "office.example"},
		{"straight, encrypted", stranger, "", "", "", "", true, "203.0.113.9", "https", "office.example"},
		{"a stranger's claims", stranger, "192.0.2.1", "https", "evil.example", "", false, "203.0.113.9", "http", "office.example"},
		{"through the proxy", proxy, "192.0.2.1", "https", "kp.cf.example", "", false, "192.0.2.1", "https", "kp.cf.example"},
		{"what the client wrote before it", proxy, "127.0.0.1, 192.0.2.1", "https", "", "", false, "192.0.2.1", "https", "office.example"},
		{"two proxies of ours", proxy, "192.0.2.1, 10.0.0.8", "https", "", "", false, "192.0.2.1", "https", "office.example"},
		{"only proxies", proxy, "10.0.0.9, 10.0.0.8", "", "", "", false, "10.0.0.9", "http", "office.example"},
		{"no list", proxy, "", "https", "", "", false, "10.0.0.7", "https", "office.example"},
		{"nonsense in the list", proxy, "192.0.2.1, unknown", "", "", "", false, "10.0.0.7", "http", "office.example"},
		{"nonsense for a scheme", proxy, "192.0.2.1", "gopher", "a b", "", false, "192.0.2.1", "http", "office.example"},
		{"the outside address is set", proxy, "192.0.2.1", "https", "inner", "https://KP.cf.example", false, "192.0.2.1", "https", "kp.cf.example"},
		{"IPv6", proxy, "[2001:db8::1]:5000", "https", "", "", false, "2001:db8::1", "https", "office.example"},
		{"mapped", "[::ffff:10.0.0.7]:80", "192.0.2.1", "", "", "", false, "192.0.2.1", "http", "office.example"},
	} {
		rules, err := New([]string{"10.0.0.0/8"}, tt.url)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("GET", "http://office.example/", nil)
		r.RemoteAddr = tt.remote
		if tt.tls {
			r.TLS = &tls.ConnectionState{}
		}
		for name, v := range map[string]string{"X-Forwarded-For": tt.for_, "X-Forwarded-Proto": tt.proto, "X-Forwarded-Host": tt.host} {
			if v != "" {
				r.Header.Set(name, v)
			}
		}
		reached := false
		rules.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			reached = true
			c := Of(r)
			if c.Addr.String() != tt.addr || c.Scheme != tt.scheme || c.Host != tt.wantHost || c.Secure() != (tt.scheme == "https") {
				t.Errorf("%s: %+v", tt.name, c)
			}
			if (r.TLS != nil || r.URL.Scheme == "https") != (tt.scheme == "https") {
				t.Errorf("%s: a handler sees %q", tt.name, r.URL.Scheme)
			}
			if r.Host != tt.wantHost || address(r.RemoteAddr).String() != tt.addr {
				t.Errorf("%s: handlers see %s at %s", tt.name, r.RemoteAddr, r.Host)
			}
			if forwarded(r.Header) {
				t.Errorf("%s: a handler sees %v", tt.name, r.Header)
			}
		})).ServeHTTP(nil, r)
		if !reached {
			t.Errorf("%s: not reached", tt.name)
		}
	}
}

func TestRulesRefuse(t *testing.T) {
	for _, bad := range []string{"kp.cf.example", "ftp://a", "https://", "https://a/b", "https://a?b", "https://u@a", "https://:443", "%"} {
		if _, err := New(nil, bad); !fault.Is(err, "caller.url") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := New([]string{"10.0.0.0/33"}, ""); !fault.Is(err, "caller.proxy") {
		t.Error(err)
	}
	if r, err := New([]string{"127.0.0.1", "::1"}, "https://KP.cf.example/"); err != nil || r.URL() != "https://kp.cf.example" {
		t.Errorf("%v %v", r, err)
	}
	if _, err := New(nil, ""); err != nil {
		t.Error(err)
	}
}

// Without a Handler before it a handler gets what the connection says.
func TestOfBare(t *testing.T) {
	r := httptest.NewRequest("GET", "http://a/", nil)
	r.Header.Set("X-Forwarded-For", "192.0.2.77")
	if c := Of(r); c.Addr.String() != "192.0.2.1" || c.Scheme != "http" { // httptest's own
		t.Errorf("%+v", c)
	}
}
