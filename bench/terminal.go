package main

import (
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress is a bar of rounds, silent where nobody watches.
type progress struct {
	to  io.Writer // nil: no terminal
	id  string
	bar *progressbar.ProgressBar
}

func newProgress(stderr io.Writer, id string) *progress {
	p := &progress{id: id}
	if f, ok := stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.to = stderr
	}
	return p
}

func (p *progress) expect(steps int) {
	if p.to == nil {
		return
	}
	p.bar = progressbar.NewOptions(steps, progressbar.OptionSetWriter(p.to), progressbar.OptionSetDescription(p.id),
		progressbar.OptionClearOnFinish(), progressbar.OptionShowCount())
}

// step and finish have nothing to do with the figure when the terminal has gone
// away, so its errors are of no use to anybody.
func (p *progress) step() {
	if p.bar != nil {
		_ = p.bar.Add(1)
	}
}

func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
