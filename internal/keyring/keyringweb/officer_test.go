package keyringweb

import (
	"strings"
	"testing"

	"adamas.example/internal/fault"
)

// TestReasonOfRevocation: what is wrong with a reason is said as it is, before any key is
// opened.
func TestReasonOfRevocation(t *testing.T) {
	for reason, want := range map[string]string{"": "keyring.reason", " \t": "keyring.reason", strings.Repeat("é", 251): "keyring.reason",
		"has re\u00adtired": "keyring.reason_form", "has\u200b left": "keyring.reason_form", "has left\r\nthe office": "keyring.reason_form", "\xff": "keyring.reason_form"} {
		err := RevokeOfficer(nil, nil, OfficerEnd{Key: "0123456789abcdef", Reason: reason})
		if f, _ := fault.Of(err); f == nil || f.Key != want || f.Field != "reason" {
			t.Errorf("%q: %v, want %s", reason, err, want)
		}
	}
}
