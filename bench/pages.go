package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var pageP99 = figure{
	id: "page-p99", unit: "ms", goal: goal{atMost: true, absolute: 25},
	what: "The 99th percentile of the time of one page of `adamas serve`, asked for one after another over loopback by a client in another process (so the network's share is in it), " +
		"over every page that the links of the site lead to and pages of certificates drawn evenly from all; the worse of SQLite and PostgreSQL. " +
		"The node's views hold the SYNTHETIC certificates of 50 Participants over twenty years; it does not follow their registers meanwhile.",
	measure: func(ctx context.Context, r *run) (measured, error) { return measureServed(ctx, r, pageTimes) },
}

var memory = figure{
	id: "memory", unit: "MB", goal: goal{atMost: true, absolute: 300},
	what: "The most memory that `adamas serve` held (VmHWM of Linux, files of SQLite that the system keeps mapped among it), from its start until all pages of page-p99 had been asked for; " +
		"the worse of SQLite and PostgreSQL (whose server's memory is not the program's).",
	measure: func(ctx context.Context, r *run) (measured, error) { return measureServed(ctx, r, mostMemory) },
}

var start = figure{
	id: "start", unit: "s", goal: goal{atMost: true, absolute: 2},
	what:    "From the start of the process `adamas serve` until its first page has been received, on the same node; the worse of SQLite and PostgreSQL.",
	measure: func(ctx context.Context, r *run) (measured, error) { return measureServed(ctx, r, startTimes) },
}

// served is a node that is served by its own process.
type served struct {
	cmd     *exec.Cmd
	hold    io.Closer
	url     string
	started time.Duration
}

// serve starts a node and waits for its first page.
func (g *register) serve(ctx context.Context, r *run, dir string) (*served, error) {
	s := &served{cmd: exec.CommandContext(ctx, g.exe, "serve", "--dir", dir, "--listen", "127.0.0.1:0", "--with-parent")}
	var faults bytes.Buffer
	s.cmd.Stderr = &faults
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if s.hold, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	if lines.Scan() {
		s.url = address.FindString(lines.Text())
	}
	if s.url == "" {
		err := s.stop()
		return nil, errors.Join(fmt.Errorf("serve %s said %q %s", dir, lines.Text(), &faults), err)
	}
	go io.Copy(io.Discard, out)
	if _, err := get(ctx, s.url+"/"); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	s.started = time.Since(began)
	return s, nil
}

var address = regexp.MustCompile(`http://localhost:[0-9]+`)

func (s *served) stop() error {
	err := s.hold.Close()
	s.cmd.Wait()
	return err
}

// get fetches a page whole; anything but 200 is an error.
func get(ctx context.Context, at string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", at, res.Status)
	}
	return string(b), err
}

// ask is what is measured at one served node: rounds in the figure's unit, and a word
// about them.
type ask func(ctx context.Context, r *run, g *register, engine string) (values []float64, detail string, err error)

// measureServed asks on both engines and keeps the worse.
func measureServed(ctx context.Context, r *run, f ask) (m measured, err error) {
	g, err := r.register(ctx)
	if err != nil {
		return m, err
	}
	details := []string{fmt.Sprintf("%d certificates, %d entries of %s", g.count, g.entries, "50 registers")}
	for _, engine := range engines {
		values, detail, err := f(ctx, r, g, engine)
		if err != nil {
			return m, fmt.Errorf("%s: %w", engine, err)
		}
		if m.ours == nil || median(values) > median(m.ours) {
			m.ours = values
		}
		details = append(details, fmt.Sprintf("%s: %s (%s)", engine, number(rounded(median(values))), detail))
	}
	m.detail = strings.Join(details, "; ")
	return m, nil
}

func startTimes(ctx context.Context, r *run, g *register, engine string) (values []float64, _ string, err error) {
	for range r.scale.starts {
		s, err := g.serve(ctx, r, g.folders[engine])
		if err != nil {
			return nil, "", err
		}
		values = append(values, s.started.Seconds())
		if err := s.stop(); err != nil {
			return nil, "", err
		}
	}
	return values, fmt.Sprintf("%d starts", len(values)), nil
}

func mostMemory(ctx context.Context, r *run, g *register, engine string) ([]float64, string, error) {
	s, err := g.serve(ctx, r, g.folders[engine])
	if err != nil {
		return nil, "", err
	}
	defer s.stop()
	all, err := g.addresses(ctx, r, s, engine)
	if err != nil {
		return nil, "", err
	}
	for _, at := range all {
		if _, err := get(ctx, at); err != nil {
			return nil, "", err
		}
	}
	mb, err := highWater(s.cmd.Process.Pid)
	return []float64{mb}, fmt.Sprintf("%d pages", len(all)), err
}

// highWater reads the most memory that a process held, in MB of 10^6 bytes.
func highWater(pid int) (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb * 1024 / 1e6, err
		}
	}
	return 0, errors.New("the system does not say how much memory a process held")
}

// pageTimes asks for every page.
func pageTimes(ctx context.Context, r *run, g *register, engine string) (values []float64, _ string, err error) {
	s, err := g.serve(ctx, r, g.folders[engine])
	if err != nil {
		return nil, "", err
	}
	defer s.stop()
	all, err := g.addresses(ctx, r, s, engine)
	if err != nil {
		return nil, "", err
	}
	return r.timed(len(all), func(i int) string { return kindOf(all[i]) }, func(i int) error {
		_, err := get(ctx, all[i])
		return err
	})
}

// timed asks for so many pages, several times; each round's value is its 99th percentile.
func (r *run) timed(pages int, kind func(int) string, ask func(int) error) (values []float64, _ string, err error) {
	kinds := map[string][]float64{}
	for range r.scale.pageRounds {
		var times []float64
		for i := range pages {
			began := time.Now()
			if err := ask(i); err != nil {
				return nil, "", err
			}
			ms := float64(time.Since(began)) / float64(time.Millisecond)
			times = append(times, ms)
			kinds[kind(i)] = append(kinds[kind(i)], ms)
		}
		values = append(values, quantile(times, 0.99))
		r.bar.step()
	}
	var slow []string
	for kind, times := range kinds {
		slow = append(slow, fmt.Sprintf("%s %s", kind, number(rounded(quantile(times, 0.99)))))
	}
	slices.Sort(slow)
	return values, fmt.Sprintf("%d pages a round; by kind, p99 in ms: %s", pages, strings.Join(slow, ", ")), nil
}

// kindOf is the first part of an address, with a star where more follows.
func kindOf(at string) string {
	u, err := url.Parse(at)
	if err != nil {
		return at
	}
	parts := strings.SplitN(strings.TrimPrefix(u.Path, "/"), "/", 2)
	kind := "/" + parts[0]
	if len(parts) > 1 {
		kind += "/*"
	}
	if u.RawQuery != "" {
		kind += "?"
	}
	return kind
}

var link = regexp.MustCompile(`href="(/[^"#]*)"`)

// notPages are links that lead to files.
var notPages = regexp.MustCompile(`^/(assets|log|log-[0-9]+|pack|health|following)(/|$)|\.(adamas|pdf|cose|csv|json)$`)

// addresses walks the site by its links, as a reader could, and adds certificates from
// all over the view. Of each kind it takes so many.
func (g *register) addresses(ctx context.Context, r *run, s *served, engine string) (all []string, err error) {
	found, taken := []string{"/"}, map[string]int{}
	seen := map[string]bool{"/": true}
	for i := 0; i < len(found) && i < 40*r.scale.pageKind; i++ {
		page, err := get(ctx, s.url+found[i])
		if err != nil {
			return nil, err
		}
		for _, m := range link.FindAllStringSubmatch(page, -1) {
			at := strings.ReplaceAll(m[1], "&amp;", "&")
			if kind := kindOf(at); seen[at] || notPages.MatchString(strings.SplitN(at, "?", 2)[0]) || strings.Contains(at, "lang=") || taken[kind] >= r.scale.pageKind {
				continue
			}
			seen[at] = true
			taken[kindOf(at)]++
			found = append(found, at)
		}
	}
	for _, n := range g.numbers {
		found = append(found, path.Join("/certificates", n))
	}
	for _, at := range found {
		all = append(all, s.url+at)
	}
	return all, nil
}
