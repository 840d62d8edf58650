package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"adamas.example/internal/worldtest/npm"
)

// violation is what axe finds, as far as it is told.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// Accessible lets axe-core look at the page as it is now and fails for each of its
// findings, of WCAG 2.2 AA and of best practice.
func (p *Page) Accessible() {
	p.Helper()
	path := filepath.Join(npm.Folder(p), "node_modules", "axe-core", "axe.min.js")
	source, err := os.ReadFile(path)
	if err != nil {
		p.Fatal("browser:", err)
	}
	Ask[bool](p, string(source)+"\n;true")
	found := Ask[[]violation](p, `axe.run(document, {preload: false, resultTypes: ["violations"]}).then((r) => r.violations)`)
	for _, v := range found {
		var where []string
		for _, n := range v.Nodes {
			where = append(where, n.HTML+"\n      "+strings.ReplaceAll(n.Summary, "\n", "\n      "))
		}
		p.Errorf("axe: %s: %s\n    %s", v.ID, v.Help, strings.Join(where, "\n    "))
	}
}

// NoSideways fails where the page is wider than the screen, and names what sticks out.
func (p *Page) NoSideways() {
	p.Helper()
	wide := Ask[[]string](p, `(() => {
		const most = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= most) return [];
		return [document.documentElement.scrollWidth + " of " + most, ...[...document.querySelectorAll("body *")]
			.filter((e) => e.getBoundingClientRect().right > most + 0.5).map((e) => e.outerHTML.slice(0, 120))];
	})()`)
	if len(wide) > 0 {
		p.Errorf("the page scrolls sideways:\n%s", strings.Join(wide, "\n"))
	}
}

// Shift is how much of the page has jumped since it was loaded (layout shift of
// Chromium; 0.1 is called good), without what a person set off.
func (p *Page) Shift() float64 {
	p.Helper()
	return Ask[float64](p, `new Promise((done) => {
		let sum = 0;
		new PerformanceObserver((l) => { for (const e of l.getEntries()) if (!e.hadRecentInput) sum += e.value; }).observe({type: "layout-shift", buffered: true});
		setTimeout(() => done(sum), 100);
	})`)
}

// Loaded is how many bytes came over the line for this page, compressed as they came,
// by address; what a worker asked for is not in it.
func (p *Page) Loaded() (total int, each string) {
	p.Helper()
	type resource struct {
		Name string `json:"name"`
		Size int    `json:"size"`
	}
	var lines []string
	for _, r := range Ask[[]resource](p, `[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map((e) => ({name: e.name, size: e.transferSize}))`) {
		total += r.Size
		lines = append(lines, fmt.Sprintf("%7d %s", r.Size, r.Name))
	}
	return total, strings.Join(lines, "\n")
}
