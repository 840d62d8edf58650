package browser

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// Line is a line to a server that can be cut: what goes over it comes at an address of
// its own. Cut, it takes nothing from anybody: not from a page, not from a worker.
type Line struct {
	URL    string
	target string

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

// NewLine lays a line to the server at url, until the test ends.
func NewLine(tb testing.TB, url string) *Line {
	tb.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal("browser:", err)
	}
	l := &Line{URL: "http://" + ln.Addr().String(), target: strings.TrimPrefix(url, "http://"), conns: make(map[net.Conn]bool)}
	tb.Cleanup(func() {
		ln.Close()
		l.Cut()
	})
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go l.carry(c)
		}
	}()
	return l
}

// Cut cuts the line: whatever is under way breaks off.
func (l *Line) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
	for c := range l.conns {
		c.Close()
	}
}

// Mend mends it.
func (l *Line) Mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = false
}

// hold keeps a connection to be cut; false when the line is cut already.
func (l *Line) hold(c net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		c.Close()
		return false
	}
	l.conns[c] = true
	return true
}

func (l *Line) drop(c net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
	c.Close()
}

func (l *Line) carry(from net.Conn) {
	if !l.hold(from) {
		return
	}
	defer l.drop(from)
	to, err := net.Dial("tcp", l.target)
	if err != nil || !l.hold(to) {
		return
	}
	defer l.drop(to)
	ended := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
		go func() {
			io.Copy(way[0], way[1]) // ends when either side does
			ended <- struct{}{}
		}()
	}
	<-ended
}
