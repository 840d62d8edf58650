// Package caller tells who is at the other end of a request, and by which address
// he reached us: straight, or through a reverse proxy.
//
// What a proxy says of others (X-Forwarded-For, -Proto, -Host) is believed only when
// the connection comes from an address that the operator has named; from anybody else
// the three headers are dropped, so that nobody can choose his own address for a rate
// limit or a log. Behind the Handler here every other handler finds the client in
// r.RemoteAddr, the address he typed in r.Host, and "https" in r.URL.Scheme where a proxy
// speaks it with him.
//
// Imports: fault.
package caller

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"adamas.example/internal/fault"
)

// Caller is the other end of one request.
type Caller struct {
	Addr   netip.Addr // the client's, not the proxy's; invalid when the connection has none
	Scheme string     // "http" or "https", as the client speaks it
	Host   string     // as the client addressed us
}

// Secure tells whether nobody between the client and us, or our proxy, can read along.
func (c Caller) Secure() bool { return c.Scheme == "https" }

// Rules say whose word on a client is believed. The zero Rules believe nobody.
type Rules struct {
	proxies []netip.Prefix
	url     *url.URL
}

// New makes the rules of the proxies' networks ("10.0.0.0/8", "127.0.0.1") and of the
// address by which the office is known outside ("https://kp.cf.example"), which may be
// empty. Faults caller.proxy, caller.url.
func New(proxies []string, external string) (*Rules, error) {
	r := &Rules{}
	var faults fault.List
	for _, text := range proxies {
		p, err := prefix(text)
		if err != nil {
			faults.Add(fault.Usage("caller.proxy", fault.At("--behind-proxy"), fault.Text(text), fault.Because(err)))
			continue
		}
		r.proxies = append(r.proxies, p)
	}
	u, err := ParseURL(external)
	faults.Add(err)
	r.url = u
	return r, faults.Err()
}

func prefix(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), nil
	}
	return netip.ParsePrefix(text)
}

// ParseURL reads the office's outside address: scheme and host, nothing behind it; nil
// for "". Fault caller.url.
func ParseURL(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Hostname() == "" || u.Path != "" && u.Path != "/" ||
		u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fault.Invalid("caller.url", fault.At("url"), fault.Text(text), fault.Because(err))
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}, nil
}

// URL is the office's outside address, "" where none is set.
func (r *Rules) URL() string {
	if r.url == nil {
		return ""
	}
	return r.url.String()
}

func (r *Rules) trusted(a netip.Addr) bool {
	for _, p := range r.proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// of reads a request as it came off the wire.
func (r *Rules) of(req *http.Request) Caller {
	c := Caller{Addr: address(req.RemoteAddr), Scheme: "http", Host: req.Host}
	if req.TLS != nil {
		c.Scheme = "https"
	}
	if !r.trusted(c.Addr) {
		return c
	}
	c.Addr = r.client(req.Header.Values("X-Forwarded-For"), c.Addr)
	switch proto := last(req.Header.Values("X-Forwarded-Proto")); proto {
	case "http", "https":
		c.Scheme = proto
	}
	if host := last(req.Header.Values("X-Forwarded-Host")); hostForm(host) {
		c.Host = host
	}
	if r.url != nil { // a proxy that says less than the configuration
		c.Host = r.url.Host
	}
	return c
}

// client walks the list from our end: each proxy adds whom it was asked by, so what
// stands left of the first address that is no proxy of ours was written by strangers.
func (r *Rules) client(lists []string, proxy netip.Addr) netip.Addr {
	all := strings.Split(strings.Join(lists, ","), ",")
	at := proxy
	for i := len(all) - 1; i >= 0; i-- {
		a := address(strings.TrimSpace(all[i]))
		if !a.IsValid() {
			return at
		}
		if at = a; !r.trusted(a) {
			return at
		}
	}
	return at
}

// address reads "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]:80"; invalid for anything else.
func address(text string) netip.Addr {
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

func last(values []string) string {
	_, v, found := cutLast(strings.Join(values, ","))
	if !found {
		v = strings.Join(values, ",")
	}
	return strings.ToLower(strings.TrimSpace(v))
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, ',')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// hostForm is what a Host may be made of (RFC 3986 §3.2.2, without the rarer letters).
func hostForm(h string) bool {
	return h != "" && len(h) <= 255 && strings.Trim(h, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]_") == ""
}

type callerKey struct{}

// Of is the caller of a request that came through a Handler; of any other, what its
// connection says.
func Of(req *http.Request) Caller {
	if c, ok := req.Context().Value(callerKey{}).(Caller); ok {
		return c
	}
	return (&Rules{}).of(req)
}

// Handler tells every handler behind it who calls.
func (r *Rules) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		c := r.of(req)
		own := req.WithContext(context.WithValue(req.Context(), callerKey{}, c))
		own.Host = c.Host
		if req.TLS == nil && c.Secure() != (req.URL.Scheme == "https") { // cookies ask the scheme; a request line may claim any
			u := *req.URL
			u.Scheme = c.Scheme
			own.URL = &u
		}
		if c.Addr.IsValid() && c.Addr != address(req.RemoteAddr) {
			own.RemoteAddr = netip.AddrPortFrom(c.Addr, 0).String()
		}
		if forwarded(req.Header) {
			own.Header = req.Header.Clone()
			for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"} {
				own.Header.Del(name)
			}
		}
		next.ServeHTTP(w, own)
	})
}

// forwarded tells whether a request speaks of somebody behind it.
func forwarded(h http.Header) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"} {
		if len(h[name]) > 0 {
			return true
		}
	}
	return false
}
