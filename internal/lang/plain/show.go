package plain

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
)

// Speaker is who has words and names: a lang.Printer, or Words.
type Speaker interface {
	Has(key string) bool
	T(key string, args map[string]any) string
	Country(ident.CountryCode) string
	Participant(ident.ParticipantCode) string
}

// Keyed is a value that has words of its own in the catalogue, one key for each
// thing in it. Show writes it as those words, with commas.
type Keyed interface{ TextKeys() []string }

// KeyedWith is a Keyed whose words have placeholders.
type KeyedWith interface {
	Keyed
	TextArgs() map[string]any
}

// Show is a value in a language's form, as T shows an argument.
func Show(s Speaker, f Form, value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int:
		return f.Number(int64(v))
	case int32:
		return f.Number(int64(v))
	case int64:
		return f.Number(v)
	case uint64:
		return f.Decimal(strconv.FormatUint(v, 10))
	case measure.Carats:
		return f.Carats(v)
	case measure.USD:
		return f.USD(v)
	case measure.Money:
		return f.Money(v)
	case period.Date:
		return f.Date(v)
	case period.Quarter:
		return f.Quarter(v)
	case period.Half:
		return f.Half(v)
	case period.Limit:
		return Limit(s, v)
	case time.Time:
		return f.Time(v)
	case ident.CertificateNumber:
		return v.Display()
	case ident.CountryCode:
		return s.Country(v)
	case ident.ParticipantCode:
		return s.Participant(v)
	case []string:
		return strings.Join(v, ", ")
	case Keyed:
		var parts []string
		var args map[string]any
		if with, ok := v.(KeyedWith); ok {
			args = with.TextArgs()
		}
		for _, key := range v.TextKeys() {
			parts = append(parts, s.T(key, args))
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(value)
}

// Limit is a length of time in words: "60 days", "10 jours ouvrables".
func Limit(s Speaker, l period.Limit) string {
	return s.T("limit."+strings.ReplaceAll(string(l.Unit), " ", "_"), map[string]any{"count": l.N})
}

// Values are the values of a text's placeholders as they are shown. A placeholder
// without argument is shown by its name in braces: a fault of the program that tests
// find, and no reason to show nothing.
func Values(s Speaker, f Form, placeholders []string, args map[string]any) map[string]string {
	values := make(map[string]string, len(placeholders))
	for _, name := range placeholders {
		if value, given := args[name]; given {
			values[name] = Show(s, f, value)
		} else {
			values[name] = "{" + name + "}"
		}
	}
	return values
}

// Count makes any whole number fit for choosing a plural form.
func Count(value any) int64 {
	switch n := value.(type) {
	case int:
		return int64(n)
	case int64:
		return n
	case uint64:
		// The form depends on whether n is 0 or 1 and on n mod a million.
		const most = 1_000_000_000
		return int64(min(n, most+n%1_000_000))
	case int32:
		return int64(n)
	}
	return 0
}

// Fault puts a fault into words; remedy is "" when there are none for it. reference
// is under which an unexpected one stands in the log.
func Fault(s Speaker, f *fault.Fault, reference string) (text, remedy string) {
	args := make(map[string]any, len(f.Args)+1)
	for name, value := range f.Args {
		args[name] = value
	}
	args["reference"] = reference
	if s.Has(f.RemedyKey()) {
		remedy = s.T(f.RemedyKey(), args)
	}
	return s.T(f.TextKey(), args), remedy
}
