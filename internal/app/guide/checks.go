package guide

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/web"
	"adamas.example/verify"
)

// check is a question that a check asks, with all that it may find.
type check struct {
	Code, Asks string
	Found      []finding
}

// finding is one reason, what it means, and for each answer that it leads to the way out.
type finding struct {
	Code, Words string
	Ways        []way
}

type way struct {
	Mark         web.Mark
	Answer, What string
}

const ofChecks = "verify.check."

// order is that of a verdict; a check that is not named here comes after those that are.
var order = []verify.Code{verify.CodeForm, verify.CodeTrust, verify.CodeSynthetic, verify.CodeProof, verify.CodeQuorum, verify.CodeFork, verify.CodeHome,
	verify.CodeTime, verify.CodeKnown, verify.CodeSignature, verify.CodeEntitled, verify.CodeRevoked, verify.CodeFourEyes, verify.CodeDates,
	verify.CodeRange, verify.CodeStation, verify.CodeUnique, verify.CodeFacts, verify.CodeSums, verify.CodeVoid, verify.CodeReplaced, verify.CodeLost,
	verify.CodeUsed, verify.CodeDetained, verify.CodeDisposed, verify.CodeDiscrepancy, verify.CodeFresh, verify.CodeExpired, verify.CodeDestination}

// checks are made from the words that a verdict uses: verify.check.<check> is what it
// asks, .<reason> what it found, .<reason>.<answer> what to do then.
func (h *help) checks(p *lang.Printer) (out []check) {
	for _, key := range p.Keys(ofChecks) {
		parts := strings.Split(strings.TrimPrefix(key, ofChecks), ".")
		if len(parts) == 1 {
			out = append(out, check{Code: parts[0], Asks: heading(h.blank(p, key))})
		}
	}
	place := func(c check) int {
		i := slices.IndexFunc(order, func(o verify.Code) bool { return strings.ReplaceAll(string(o), ".", "_") == c.Code })
		if i < 0 {
			return len(order)
		}
		return i
	}
	slices.SortStableFunc(out, func(a, b check) int { return place(a) - place(b) })
	for i := range out {
		out[i].Found = h.findings(p, out[i].Code)
		if n := place(out[i]); n < len(order) {
			out[i].Code = string(order[n])
		}
	}
	return out
}

func (h *help) findings(p *lang.Printer, of string) (out []finding) {
	prefix := ofChecks + of + "."
	for _, key := range p.Keys(prefix) {
		reason, answer, way := strings.Cut(strings.TrimPrefix(key, prefix), ".")
		if !way {
			out = append(out, finding{Code: reason, Words: h.blank(p, key)})
			continue
		}
		f := &out[len(out)-1] // its own key sorts before
		f.Ways = append(f.Ways, wayOf(p, answer, h.blank(p, key)))
	}
	var good, bad []finding // what is in order stands first, and has no code of its own
	for _, f := range out {
		if strings.HasPrefix(f.Code, string(verify.Valid)) {
			good = append(good, finding{Words: f.Words, Ways: []way{wayOf(p, string(verify.Valid), "")}})
		} else {
			bad = append(bad, f)
		}
	}
	return append(good, bad...)
}

// heading begins a phrase with a capital.
func heading(phrase string) string {
	first, size := utf8.DecodeRuneInString(phrase)
	return string(unicode.ToUpper(first)) + phrase[size:]
}

func wayOf(p *lang.Printer, answer, what string) way {
	mark := map[string]web.Mark{string(verify.Valid): web.Valid, string(verify.Invalid): web.Invalid}[answer]
	if mark.Kind == "" {
		mark = web.Tell
	}
	return way{mark, p.T("help.answer."+answer, nil), what}
}

// blank is a sentence with dots in place of what differs from case to case.
func (h *help) blank(p *lang.Printer, key string) string {
	args := lang.Args{}
	for _, name := range h.placeholders[key] {
		args[name] = "…"
	}
	return p.T(key, args)
}

func participantOf(office string) ident.ParticipantCode { return ident.OfficeID(office).Participant() }
