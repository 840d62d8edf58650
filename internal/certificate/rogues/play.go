package rogues

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/certificate/rogues/forge"
	"adamas.example/internal/lang"
	"adamas.example/verify/bundle"
	"adamas.example/verify/policy"
)

// Played is a rogue after it was judged.
type Played struct {
	Story
	Attempt *forge.Attempt
	Rogue   *Answer
	Genuine *Answer // nil where no genuine one could be told from it
}

// The paper that an office in Bangui prints.
const (
	site   = "HTTPS://KP.EXAMPLE"
	office = "SYNTHETIC Bureau d’évaluation, Bangui"
)

// printed prints a certificate as that office does.
func printed(b *bundle.Bundle, pol *policy.Policy) ([]byte, error) {
	words, err := lang.Load(paper.Text())
	if err != nil {
		return nil, err
	}
	all, err := paper.LoadProfiles()
	if err != nil {
		return nil, err
	}
	profile := all.Of("CF")
	profile.Site, profile.Office = site, office
	return paper.Print(words, b, pol, profile)
}

// Play has a rogue forged and judged, and a genuine certificate with it.
func Play(ctx context.Context, s Story, judge Detectors) (*Played, error) {
	made, err := forge.Make(s.ID, printed)
	if err != nil {
		return nil, fmt.Errorf("rogues: %s: %w", s.ID, err)
	}
	p := &Played{Story: s, Attempt: made}
	if p.Rogue, err = judge(ctx, made.Rogue); err != nil {
		return nil, fmt.Errorf("rogues: %s: %w", s.ID, err)
	}
	if made.Genuine == nil {
		return p, nil
	}
	if p.Genuine, err = judge(ctx, made.Genuine); err != nil {
		return nil, fmt.Errorf("rogues: %s: genuine: %w", s.ID, err)
	}
	return p, nil
}

// Wrong lists what was not as the story says: nothing, where the rogue was refused
// for its own reason. It is for who mends the program.
func (p *Played) Wrong() (wrong []string) {
	say := func(what, got, want string) {
		if got != want {
			wrong = append(wrong, fmt.Sprintf("%s: %q, and its story says %q", what, got, want))
		}
	}
	r := p.Rogue
	say("outcome", string(r.Outcome), string(p.Outcome))
	say("code", r.Code, p.Code)
	say("reason", r.Reason, p.Reason)
	say("also", strings.Join(r.Also, ", "), strings.Join(slices.Sorted(slices.Values(p.Also)), ", "))
	if !strings.Contains(r.Why, p.Why) {
		say("why", r.Why, p.Why)
	}
	if g := p.Genuine; g != nil && g.Outcome != Valid && g.Outcome != Passed {
		wrong = append(wrong, fmt.Sprintf("the genuine one is refused too: %s %s %s", g.Outcome, g.Code, g.Reason))
	}
	return wrong
}
