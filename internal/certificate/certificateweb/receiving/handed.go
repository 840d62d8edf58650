package receiving

import (
	"context"
	"regexp"
	"strings"

	"adamas.example/internal/certificate/certificateweb/checking"
	"adamas.example/internal/certificate/certificateweb/desk"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/paper/camera"
	"adamas.example/verify/bundle"
	"adamas.example/verify/pack"
)

// codeStart is where a code's address begins in what a hand scanner has written: two
// codes one after the other may come without anything between them.
var codeStart = regexp.MustCompile(`(?i)https?://`)

// apart puts each code on a line of its own.
func apart(scanned string) string {
	return strings.TrimSpace(codeStart.ReplaceAllString(scanned, "\n$0"))
}

// handed takes a certificate from what was handed in: a file, a PDF, a photograph, or
// the text of codes. Faults: those of desk.Take and checking.Photographed.
func (c *counter) handed(ctx context.Context, p *pack.Pack, raw []byte) (*bundle.Bundle, importing.Read, error) {
	read := importing.ReadFile
	if camera.Is(raw) {
		select {
		case c.lens <- struct{}{}:
			defer func() { <-c.lens }()
		case <-ctx.Done():
			return nil, "", ctx.Err()
		}
		var err error
		if raw, err = checking.Photographed(ctx, raw); err != nil {
			return nil, "", err
		}
		read = importing.ReadPicture
	}
	in, err := desk.Take(p, raw)
	if err != nil {
		return nil, "", err
	}
	if in.Codes && read == importing.ReadFile {
		read = importing.ReadCode
	}
	return in.Bundle, read, nil
}
