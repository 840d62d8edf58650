// Package code is the list of everything that the audit can find.
//
// Imports: the standard library.
package code

import "slices"

// Code is one thing that the audit can find: whether it violates a rule, and
// which rule. docs/audit.md explains each; a test holds the two lists together.
type Code struct {
	Name      string
	Violation bool
	Rule      string // paragraph of the KPCS, or of this project's design
}

// All lists everything that a report can say, in the order of docs/audit.md.
// What [M] or [I] marks in domain.md and is a parameter here is a violation only
// of the parameter, which the report prints.
func All() []Code {
	return slices.Concat(logCodes(), numberCodes(), laterCodes(), factCodes(), tableCodes(), assentCodes())
}

func logCodes() []Code {
	return []Code{
		{"root.expired", true, "design 5"},
		{"log.unreadable", true, "design 6"},
		{"log.unknown", true, "design 5"},
		{"log.checkpoint", true, "design 6"},
		{"log.root", true, "design 6"},
		{"log.fork", true, "design 6"},
		{"log.after_close", true, "design 6"},
		{"log.successor", true, "design 6"},
		{"file.missing", true, "design 6"},
		{"file.differs", true, "design 6"},
		{"file.unexpected", true, "design 6"},
		{"file.ahead", false, "design 6"},
		{"vector.false", true, "design 6"},
		{"entry.form", true, "design 5"},
		{"entry.twice", true, "design 6"},
		{"entry.home", true, "design 6"},
		{"entry.synthetic", true, "design 5"},
		{"entry.chain", true, "design 5"},
		{"entry.signature", true, "KPCS IV(b)"},
		{"entry.time", true, "design 6"},
		{"key.form", true, "design 5"},
		{"key.authority", true, "KPCS IV(b)"},
		{"key.conflict", true, "KPCS IV(b)"},
		{"revocation.authority", true, "KPCS IV(b)"},
		{"revocation.unknown", true, "KPCS IV(b)"},
		{"role.authority", true, "KPCS IV(b)"},
		{"role.missing", true, "KPCS IV(b)"},
		{"snapshot.differs", true, "design 6"},
	}
}

func numberCodes() []Code {
	return []Code{
		{"range.authority", true, "KPCS IV(b)"},
		{"range.overlap", true, "KPCS Annex I A"},
		{"number.twice", true, "KPCS Annex I A"},
		{"number.participant", true, "KPCS Annex I A"},
		{"number.range", true, "KPCS Annex I A"},
		{"number.day", true, "KPCS Annex I A"},
		{"number.station", true, "design 6"},
		{"number.late", true, "design 6"},
		{"number.gap", false, "design 6"},
		{"certificate.dates", true, "KPCS Annex I A"},
		{"certificate.four_eyes", true, "design 5"},
		{"certificate.asserted", false, "design 5"},
		{"approvals.false", true, "design 5"},
		{"standing.export", true, "KPCS III(c)"},
		{"standing.import", true, "KPCS III(c)"},
		{"standing.limited", false, "KPCS III(c)"},
		{"standing.uncertain", false, "KPCS III(c)"},
		{"standing.kind", false, "KPCS III(c)"},
	}
}

func laterCodes() []Code {
	return []Code{
		{"advice.logged", true, "KPCS Annex II 19"},
		{"later.no_certificate", true, "design 5"},
		{"later.not_read", false, "design 5"},
		{"later.other_content", true, "design 5"},
		{"later.stranger", true, "KPCS III(a)"},
		{"later.day", true, "design 5"},
		{"later.after_end", false, "design 8"},
		{"void.after_receipt", true, "design 8"},
		{"loss.after_receipt", false, "design 8"},
		{"replacement.unknown", false, "design 8"},
		{"replacement.office", true, "design 8"},
		{"receipt.twice", true, "KPCS III(b)"},
		{"receipt.elsewhere", false, "KPCS III(b)"},
		{"receipt.after_end", true, "KPCS III(b)"},
		{"receipt.expired", true, "KPCS III(b)(i)"},
		{"receipt.early", true, "KPCS III(b)"},
		{"receipt.detained", true, "design 8"},
		{"receipt.overdue", false, "KPCS III(b)(ii)"},
		{"disposition.order", true, "design 8"},
		{"disposition.elsewhere", false, "design 8"},
		{"disposition.under", true, "design 8"},
		{"transit.party", true, "KPCS III(d)"},
		{"transit.changed", false, "KPCS III(d)"},
		{"transcript.issuer", true, "design 8"},
		{"transcript.stranger", true, "design 8"},
		{"transcript.signed", false, "KPCS Annex I A"},
		{"attestation.elsewhere", false, "KPCS III(b)(ii)"},
	}
}

func factCodes() []Code {
	return []Code{
		{"opening.false", true, "design 5"},
		{"opening.private", true, "design 5"},
		{"opening.early", false, "design 5"},
		{"opening.partial", false, "design 5"},
		{"opening.due", false, "design 5"},
		{"bundle.form", true, "design 5"},
		{"bundle.not_logged", false, "design 6"},
		{"bundle.other_content", true, "KPCS Annex I A"},
		{"bundle.facts", true, "design 5"},
		{"facts.sums", true, "KPCS Annex I A"},
		{"facts.hs", true, "KPCS I"},
		{"receipt.weight", true, "KPCS III(b)(ii)"},
		{"receipt.parcels", true, "KPCS III(b)(ii)"},
		{"balance.unknown", true, "KPCS IV(a)"},
		{"balance.not_read", false, "KPCS IV(a)"},
		{"balance.content", true, "KPCS IV(a)"},
		{"balance.not_received", true, "KPCS IV(a)"},
		{"balance.same_day", false, "KPCS IV(a)"},
		{"balance.ended", true, "KPCS IV(a)"},
		{"balance.exceeded", true, "KPCS IV(a)"},
	}
}

func tableCodes() []Code {
	return []Code{
		{"table.unreadable", true, "design 12"},
		{"table.entry", true, "design 6"},
		{"table.missing", true, "design 6"},
		{"table.unlogged", false, "design 6"},
		{"table.checkpoint", true, "design 6"},
		{"table.vault", true, "design 5"},
		{"table.position", true, "design 6"},
		{"table.fork", true, "design 6"},
		{"table.hold", false, "design 6"},
		{"table.range", true, "design 8"},
		{"table.sheet", true, "design 8"},
	}
}

// assentCodes are about what the office keeps of who assented to what it signed (docs/adr
// 0015): the trail of its people, the files of its consignments, kept assertions.
func assentCodes() []Code {
	return []Code{
		{"file.broken", true, "design 8"},
		{"file.none", true, "design 8"},
		{"file.recovered", false, "design 8"},
		{"trail.broken", true, "design 13"},
		{"assent.missing", false, "design 5"},
		{"assent.lost", true, "design 5"},
		{"assent.unnoted", true, "design 5"},
		{"assent.false", true, "design 5"},
		{"assent.credential", true, "design 5"},
		{"assent.other", true, "design 5"},
		{"assent.content", true, "design 5"},
		{"assent.officer", false, "design 5"},
		{"assent.origin", false, "design 5"},
	}
}
