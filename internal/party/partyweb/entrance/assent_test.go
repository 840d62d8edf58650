package entrance

import (
	"net/url"
	"testing"
)

func digestOf(purpose, record string, posted url.Values) [32]byte {
	return OverForm(purpose, record, posted).Digest
}

// TestOverForm: what was sent decides, not what is secret or what proves; and nothing that
// is sent can be moved from one place to another.
func TestOverForm(t *testing.T) {
	form := url.Values{"reason": {"a seal broke"}, "day": {"2026-11-29"}}
	want := digestOf("certificate.cancel", "c-1", form)
	with := func(name, value string) url.Values {
		out := url.Values{name: {value}}
		for k, v := range form {
			if k != name {
				out[k] = v
			}
		}
		return out
	}
	for _, name := range []string{"passphrase", "password", "code", "ceremony", "answer", "plain"} {
		if digestOf("certificate.cancel", "c-1", with(name, "x")) != want {
			t.Errorf("%s is in what is signed", name)
		}
	}
	for what, got := range map[string][32]byte{
		"act":        digestOf("certificate.open", "c-1", form),
		"record":     digestOf("certificate.cancel", "c-2", form),
		"value":      digestOf("certificate.cancel", "c-1", with("reason", "a seal broke.")),
		"more":       digestOf("certificate.cancel", "c-1", with("note", "")),
		"other name": digestOf("certificate.cancel", "c-1", url.Values{"reason": {"a seal broke", "2026-11-29"}}),
	} {
		if got == want {
			t.Errorf("another %s has the same digest", what)
		}
	}
}
