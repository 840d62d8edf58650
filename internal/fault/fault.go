package fault

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Unexpected is the key under which an error that is no Fault is shown: one
// sentence with a reference to the log.
const Unexpected = "internal.unexpected"

// Fault is an error made for a reader. Once returned it is not changed:
// Locate makes a copy.
type Fault struct {
	Kind  Kind
	Key   string         // "noun.what_is_wrong", see the package comment
	Field string         // name of the form or record field; "" for none
	Args  map[string]any // what the sentence needs; nil when nothing
	cause error
}

// Detail adds one thing to a fault under construction.
type Detail func(*Fault)

// At names the field that is wrong, in snake_case as in JSON and in forms.
func At(field string) Detail {
	return func(f *Fault) {
		f.Field = field
		f.put("field", field)
	}
}

// Arg gives the sentence a value under a placeholder's name. Values that have a
// form in each language (measure.Carats, period.Date) are given as themselves.
func Arg(name string, value any) Detail {
	return func(f *Fault) { f.put(name, value) }
}

// File names the file, as the reader named it.
func File(path string) Detail { return Arg("file", path) }

// Record names the place in the file: a line or row number, or a cell address.
func Record(where any) Detail { return Arg("record", where) }

// Text quotes what was typed or read, under the name "text", short enough for a
// sentence: at most 60 characters, none of them a control character.
func Text(typed string) Detail {
	const most = 60
	var b strings.Builder
	n := 0
	for _, r := range typed {
		if n++; n > most {
			b.WriteRune('…')
			break
		}
		if !unicode.IsPrint(r) {
			r = unicode.ReplacementChar
		}
		b.WriteRune(r)
	}
	return Arg("text", b.String())
}

// Because keeps the technical cause for the log. Readers never see it.
func Because(err error) Detail {
	return func(f *Fault) { f.cause = err }
}

func (f *Fault) put(name string, value any) {
	if f.Args == nil {
		f.Args = make(map[string]any, 4)
	}
	f.Args[name] = value
}

// New makes a fault of a kind chosen at run time; the constructors named after
// the kinds are the usual way.
func New(kind Kind, key string, details ...Detail) *Fault {
	f := &Fault{Kind: kind, Key: key}
	for _, d := range details {
		d(f)
	}
	return f
}

// Invalid reports data that break a rule.
func Invalid(key string, details ...Detail) *Fault { return New(KindInvalid, key, details...) }

// Usage reports a command or request that is not well formed.
func Usage(key string, details ...Detail) *Fault { return New(KindUsage, key, details...) }

// TooLarge reports more than a stated limit; give the limit as an argument.
func TooLarge(key string, details ...Detail) *Fault { return New(KindTooLarge, key, details...) }

// Media reports something that is sent as of another kind than is taken.
func Media(key string, details ...Detail) *Fault { return New(KindMedia, key, details...) }

// NotFound reports that a file, record or number is not here.
func NotFound(key string, details ...Detail) *Fault { return New(KindNotFound, key, details...) }

// Conflict reports that somebody was first; say who and when in the arguments.
func Conflict(key string, details ...Detail) *Fault { return New(KindConflict, key, details...) }

// Unproven reports that the caller has not shown who it is.
func Unproven(key string, details ...Detail) *Fault { return New(KindUnproven, key, details...) }

// Forbidden reports that a known caller may not do this.
func Forbidden(key string, details ...Detail) *Fault { return New(KindForbidden, key, details...) }

// Limited reports a rate limit.
func Limited(key string, details ...Detail) *Fault { return New(KindLimited, key, details...) }

// Busy reports something taken for the moment.
func Busy(key string, details ...Detail) *Fault { return New(KindBusy, key, details...) }

// Unavailable reports a service that does not answer.
func Unavailable(key string, details ...Detail) *Fault { return New(KindUnavailable, key, details...) }

// CannotCreate reports an output that cannot be made.
func CannotCreate(key string, details ...Detail) *Fault {
	return New(KindCannotCreate, key, details...)
}

// IO reports that reading or writing failed half-way.
func IO(key string, details ...Detail) *Fault { return New(KindIO, key, details...) }

// Corrupt reports a damaged file of ours.
func Corrupt(key string, details ...Detail) *Fault { return New(KindCorrupt, key, details...) }

// Internal reports our own mistake.
func Internal(key string, details ...Detail) *Fault { return New(KindInternal, key, details...) }

// Error is a technical text in English for logs and tests: kind, key,
// arguments by name, cause. It is not for readers.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Kind.String())
	b.WriteString(": ")
	b.WriteString(f.Key)
	for i, name := range slices.Sorted(maps.Keys(f.Args)) {
		if i == 0 {
			b.WriteString(" (")
		} else {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s=%v", name, f.Args[name])
	}
	if len(f.Args) > 0 {
		b.WriteByte(')')
	}
	if f.cause != nil {
		b.WriteString(": ")
		b.WriteString(f.cause.Error())
	}
	return b.String()
}

// Unwrap returns the technical cause, nil when there is none.
func (f *Fault) Unwrap() error { return f.cause }

// TextKey is the catalogue entry that says what is wrong.
func (f *Fault) TextKey() string { return "fault." + f.Key }

// RemedyKey is the catalogue entry that says the way out.
func (f *Fault) RemedyKey() string { return "fault." + f.Key + ".remedy" }

// All lists the faults in err in order, through wrapping, joining and Lists. An
// error without any becomes one KindInternal fault with key Unexpected and err
// as its cause, and so does each plain error joined to others: none is lost, so a
// technical reason belongs under Because and not beside a fault. nil gives nil.
func All(err error) []*Fault {
	if err == nil {
		return nil
	}
	if found := collect(err, nil); len(found) > 0 {
		return found
	}
	return []*Fault{Internal(Unexpected, Because(err))}
}

// collect stops at a Fault: what lies under it is its cause, told by it.
func collect(err error, found []*Fault) []*Fault {
	switch e := err.(type) {
	case nil:
		return found
	case *Fault:
		return append(found, e)
	case interface{ Unwrap() error }:
		return collect(e.Unwrap(), found)
	case interface{ Unwrap() []error }:
		for _, each := range e.Unwrap() {
			if inner := collect(each, nil); len(inner) > 0 {
				found = append(found, inner...)
			} else if each != nil {
				found = append(found, Internal(Unexpected, Because(each)))
			}
		}
	}
	return found
}

// KindOf is the gravest kind in err: KindInternal for an error that holds no
// fault, 0 for nil.
func KindOf(err error) Kind {
	var worst Kind
	for _, f := range All(err) {
		worst = max(worst, f.Kind)
	}
	return worst
}

// Is reports whether err holds a fault with this key.
func Is(err error, key string) bool {
	return slices.ContainsFunc(All(err), func(f *Fault) bool { return f.Key == key })
}

// ExitCode is what a command that ends with err exits with; 0 for nil.
func ExitCode(err error) int {
	if err == nil {
		return 0
	}
	return KindOf(err).ExitCode()
}

// Locate adds details to every fault in err without touching err's own values.
// A detail a fault already has stays: the inner place is the nearer one. An
// error that holds no fault comes back as it was.
func Locate(err error, details ...Detail) error { return remake(err, details, nil) }

// Restate is Locate the other way round: details replace what a fault already
// has. A parser that tidies its input before another reads it restates the
// fault with the text as it was typed.
func Restate(err error, details ...Detail) error { return remake(err, nil, details) }

// remake copies each fault of err between what goes under it and over it.
func remake(err error, under, over []Detail) error {
	if len(collect(err, nil)) == 0 {
		return err
	}
	var out List
	for _, f := range All(err) {
		made := New(f.Kind, f.Key, under...)
		for name, value := range f.Args {
			made.put(name, value)
		}
		made.Field = cmp.Or(f.Field, made.Field)
		if f.cause != nil {
			made.cause = f.cause
		}
		for _, d := range over {
			d(made)
		}
		out.Add(made)
	}
	if len(out) == 1 {
		return out[0]
	}
	return out.Err()
}

// List collects faults to report them at once. The zero value is ready.
type List []*Fault

// Add appends every fault of errs; nil errors are skipped, and an error that is
// no fault is kept as the cause of an unexpected one.
func (l *List) Add(errs ...error) {
	for _, err := range errs {
		*l = append(*l, All(err)...)
	}
}

// Err is nil for an empty list, else an error that holds every fault.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// Error joins the technical texts, one a line.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, f := range l {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.Is and errors.AsType see the members.
func (l List) Unwrap() []error {
	out := make([]error, len(l))
	for i, f := range l {
		out[i] = f
	}
	return out
}

var _ error = (*Fault)(nil)
var _ error = List(nil)

// Of returns the first fault in err.
func Of(err error) (*Fault, bool) { return errors.AsType[*Fault](err) }
