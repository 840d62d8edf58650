package rule

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"adamas.example/internal/fault"
	"adamas.example/internal/period"
	"adamas.example/verify/canonical"
)

// Set is a checked rule set. It is made by Check, Build or Decode, is safe for
// use from many goroutines, and never changes. The zero Set holds no rule.
type Set struct {
	content Content
	bytes   []byte
	hash    canonical.Hash
	byID    map[string][]*Rule // editions in order of From
}

// Build makes a Set of a content written by a program. It takes a copy, brings
// texts and order to the canonical form, and reports everything that is wrong
// as a fault.List.
func Build(c Content) (Set, error) { return build(c, spots{}) }

func build(c Content, at spots) (Set, error) {
	c, err := c.encoded()
	if err != nil {
		return Set{}, fault.Invalid("rule.not_a_set", fault.Because(err))
	}
	c.fold()
	if err := check(&c, at); err != nil {
		return Set{}, err
	}
	c.sort()
	raw, err := canonical.Marshal(&c)
	if err != nil {
		return Set{}, fmt.Errorf("canonical form of rule set %s: %w", c.ID, err)
	}
	s := Set{content: c, bytes: raw, hash: canonical.Sum(raw), byID: map[string][]*Rule{}}
	for i := range s.content.Rules {
		r := &s.content.Rules[i]
		s.byID[r.ID] = append(s.byID[r.ID], r)
	}
	return s, nil
}

// mostCanonical bounds what Decode reads, in bytes.
const mostCanonical = 4 << 20

// Decode reads the canonical form that Set.Canonical gives. Bytes that are not
// the one canonical form of a valid set are refused.
func Decode(raw []byte) (Set, error) {
	if len(raw) > mostCanonical {
		return Set{}, fault.TooLarge("rule.set_too_large", fault.Arg("most", mostCanonical))
	}
	var c Content
	if err := canonical.Unmarshal(raw, &c); err != nil {
		return Set{}, fault.Invalid("rule.not_a_set", fault.Because(err))
	}
	s, err := Build(c)
	if err != nil {
		return Set{}, err
	}
	if !bytes.Equal(s.bytes, raw) {
		return Set{}, fault.Invalid("rule.not_canonical")
	}
	return s, nil
}

// ID names the set through its versions.
func (s Set) ID() string { return s.content.ID }

// Version is the author's number for this text of the set.
func (s Set) Version() int { return s.content.Version }

// Hash is the SHA-256 of Canonical.
func (s Set) Hash() canonical.Hash { return s.hash }

// Canonical is the canonical form, deterministic CBOR as in rules/rule-set.cddl.
func (s Set) Canonical() []byte { return bytes.Clone(s.bytes) }

// Span is the range of days the set is meant for.
func (s Set) Span() period.Range { return s.content.Span() }

// Content is a copy of everything in the set, in canonical order.
func (s Set) Content() Content {
	c := s.content
	c.From, c.Until = cloneDay(c.From), cloneDay(c.Until)
	c.Sources, c.Rules = slices.Clone(c.Sources), slices.Clone(c.Rules)
	for i := range c.Rules {
		c.Rules[i] = c.Rules[i].clone()
	}
	return c
}

// Choose gives the set in which the alternative is chosen wherever the
// parameter lists it, in every edition of the rule. Its hash differs; who works
// by it adopts it as a set of its own.
func (s Set) Choose(rule, param, alternative string) (Set, error) {
	c := s.Content()
	found := false
	pick := func(st *Setting) {
		if slices.ContainsFunc(st.Alternatives, func(a Alternative) bool { return a.ID == alternative }) {
			st.Choose, found = alternative, true
		}
	}
	for i := range c.Rules {
		for j := range c.Rules[i].Params {
			p := &c.Rules[i].Params[j]
			if c.Rules[i].ID != rule || p.Name != param {
				continue
			}
			if p.Base != nil {
				pick(p.Base)
			}
			for k := range p.Overrides {
				pick(&p.Overrides[k].Setting)
			}
		}
	}
	if !found {
		return Set{}, fault.NotFound("rule.no_such_alternative", fault.Arg("rule", rule),
			fault.Arg("param", param), fault.Text(alternative))
	}
	return Build(c)
}

// encoded copies c through its encoding, which shows what has none.
func (c Content) encoded() (Content, error) {
	raw, err := canonical.Marshal(&c)
	if err != nil {
		return Content{}, err
	}
	var out Content
	err = canonical.Unmarshal(raw, &out)
	return out, err
}

// fold brings every text to its one form.
func (c *Content) fold() {
	c.Title.line()
	c.Text.fold()
	foldSources(c.Sources)
	c.AdoptedBy = foldLine(c.AdoptedBy)
	for i := range c.Rules {
		r := &c.Rules[i]
		r.Text.fold()
		r.AdoptedBy = foldLine(r.AdoptedBy)
		foldSources(r.Sources)
		for j := range r.Severities {
			foldSources(r.Severities[j].Sources)
		}
		for j := range r.Params {
			p := &r.Params[j]
			p.Label.line()
			if p.Base != nil {
				p.Base.fold()
			}
			for k := range p.Overrides {
				p.Overrides[k].Setting.fold()
			}
		}
	}
}

func (t *Words) fold() { t.EN, t.FR, t.PT = fold(t.EN), fold(t.FR), fold(t.PT) }
func (t *Words) line() { t.EN, t.FR, t.PT = foldLine(t.EN), foldLine(t.FR), foldLine(t.PT) }

func foldSources(sources []Source) {
	for i := range sources {
		sources[i].Ref = foldLine(sources[i].Ref)
	}
}

func (s *Setting) fold() {
	foldSources(s.Sources)
	if s.Value != nil {
		s.Value.Text = literal(s.Value.Text)
	}
	for i := range s.Alternatives {
		foldSources(s.Alternatives[i].Sources)
		if v := s.Alternatives[i].Value; v != nil {
			v.Text = literal(v.Text)
		}
	}
}

// sort brings everything whose order says nothing to one order. Codes of a
// value keep theirs.
func (c *Content) sort() {
	slices.SortFunc(c.Sources, compareSources)
	slices.SortFunc(c.Rules, func(a, b Rule) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(*a.From, *b.From))
	})
	for i := range c.Rules {
		r := &c.Rules[i]
		slices.Sort(r.Participants)
		slices.SortFunc(r.Sources, compareSources)
		slices.SortFunc(r.Severities, func(a, b SeverityOverride) int { return compareWhen(a.When, b.When) })
		for j := range r.Severities {
			slices.SortFunc(r.Severities[j].Sources, compareSources)
		}
		slices.SortFunc(r.Params, func(a, b Param) int { return cmp.Compare(a.Name, b.Name) })
		for j := range r.Params {
			r.Params[j].sort()
		}
	}
}

func (p *Param) sort() {
	slices.Sort(p.Of)
	if p.Base != nil {
		p.Base.sort()
	}
	slices.SortFunc(p.Overrides, func(a, b Override) int { return compareWhen(a.When, b.When) })
	for i := range p.Overrides {
		p.Overrides[i].Setting.sort()
	}
}

func (s *Setting) sort() {
	slices.SortFunc(s.Sources, compareSources)
	slices.SortFunc(s.Alternatives, func(a, b Alternative) int { return cmp.Compare(a.ID, b.ID) })
	for i := range s.Alternatives {
		slices.SortFunc(s.Alternatives[i].Sources, compareSources)
	}
}

func compareSources(a, b Source) int {
	return cmp.Or(cmp.Compare(a.Ref, b.Ref), cmp.Compare(a.Certainty, b.Certainty))
}

// compareWhen puts the most specific first, then by Participants and days.
// Selectors that compare equal overlap, and such a set is refused.
func compareWhen(a, b When) int {
	return cmp.Or(
		cmp.Compare(b.Specificity(), a.Specificity()),
		cmp.Compare(a.Participant, b.Participant),
		cmp.Compare(a.Exporter, b.Exporter),
		cmp.Compare(a.Importer, b.Importer),
		cmp.Compare(a.Span().From, b.Span().From),
	)
}
