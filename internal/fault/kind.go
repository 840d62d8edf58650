package fault

// Kind sorts faults by what the caller can do about them. Kinds are ordered by
// gravity: the kind of a List is the gravest of its members'.
type Kind uint8

// The kinds, gravest last. The table of statuses and exit codes is in the
// package comment.
const (
	KindInvalid Kind = iota + 1
	KindUsage
	KindTooLarge
	KindMedia
	KindNotFound
	KindConflict
	KindUnproven
	KindForbidden
	KindLimited
	KindBusy
	KindUnavailable
	KindCannotCreate
	KindIO
	KindCorrupt
	KindInternal
)

// traits is one row of the table in the package comment. The statuses are
// numerals so that no program drags in net/http for its errors.
type traits struct {
	name   string
	status int
	exit   int
}

var kinds = [...]traits{
	KindInvalid:      {"invalid", 422, 65},
	KindUsage:        {"usage", 400, 64},
	KindTooLarge:     {"too_large", 413, 65},
	KindMedia:        {"media", 415, 65},
	KindNotFound:     {"not_found", 404, 66},
	KindConflict:     {"conflict", 409, 73},
	KindUnproven:     {"unproven", 401, 77},
	KindForbidden:    {"forbidden", 403, 77},
	KindLimited:      {"limited", 429, 75},
	KindBusy:         {"busy", 503, 75},
	KindUnavailable:  {"unavailable", 503, 69},
	KindCannotCreate: {"cannot_create", 500, 73},
	KindIO:           {"io", 500, 74},
	KindCorrupt:      {"corrupt", 500, 65},
	KindInternal:     {"internal", 500, 70},
}

// known reports the row of k; a number outside the table is our mistake and
// reads as internal.
func (k Kind) known() traits {
	if k == 0 || int(k) >= len(kinds) {
		return kinds[KindInternal]
	}
	return kinds[k]
}

// String is the stable lower-case name used in logs, JSON and metrics.
func (k Kind) String() string { return k.known().name }

// Status is the HTTP status of an answer that reports this kind.
func (k Kind) Status() int { return k.known().status }

// ExitCode is what a command that fails with this kind exits with.
func (k Kind) ExitCode() int { return k.known().exit }
