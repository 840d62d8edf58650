package fault

import "net/http"

// Kind sorts faults by what the caller can do about them. Kinds are ordered by
// gravity: the kind of a List is the gravest of its members'.
type Kind uint8

// The kinds, gravest last. The table of statuses and exit codes is in the
// package comment.
const (
	KindInvalid Kind = iota + 1
	KindUsage
	KindTooLarge
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

// traits is one row of the table in the package comment.
type traits struct {
	name   string
	status int
	exit   int
}

var kinds = [...]traits{
	KindInvalid:      {"invalid", http.StatusUnprocessableEntity, 65},
	KindUsage:        {"usage", http.StatusBadRequest, 64},
	KindTooLarge:     {"too_large", http.StatusRequestEntityTooLarge, 65},
	KindNotFound:     {"not_found", http.StatusNotFound, 66},
	KindConflict:     {"conflict", http.StatusConflict, 73},
	KindUnproven:     {"unproven", http.StatusUnauthorized, 77},
	KindForbidden:    {"forbidden", http.StatusForbidden, 77},
	KindLimited:      {"limited", http.StatusTooManyRequests, 75},
	KindBusy:         {"busy", http.StatusServiceUnavailable, 75},
	KindUnavailable:  {"unavailable", http.StatusServiceUnavailable, 69},
	KindCannotCreate: {"cannot_create", http.StatusInternalServerError, 73},
	KindIO:           {"io", http.StatusInternalServerError, 74},
	KindCorrupt:      {"corrupt", http.StatusInternalServerError, 65},
	KindInternal:     {"internal", http.StatusInternalServerError, 70},
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
