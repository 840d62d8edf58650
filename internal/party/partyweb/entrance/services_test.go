package entrance

import (
	"strings"
	"testing"
)

// TestBound: passkeys belong to the first name that is a domain's, to no address in
// digits, and to no plain http but on this computer.
func TestBound(t *testing.T) {
	for _, tt := range []struct{ addresses, name, origins string }{
		{"", "", ""},
		{"http://localhost:8080", "localhost", "http://localhost:8080"},
		{"http://bangui-pc.local:8080", "", ""},
		{"http://192.0.2.7 https://192.0.2.7:8443 https://[fd00::2]:8443", "", ""},
		{"https://bangui-pc:8443 https://192.0.2.7:8443 https://localhost:8443 https://127.0.0.1:8443", "localhost", "https://localhost:8443"},
		{"https://bangui-pc.local:8443 https://bangui-pc:8443 https://localhost:8443", "bangui-pc.local", "https://bangui-pc.local:8443"},
		{"https://kp.cf.example http://localhost:8080", "kp.cf.example", "https://kp.cf.example"},
		{"https://kp.cf.example https://bangui-pc.local:8443 https://kp.cf.example:8443", "kp.cf.example", "https://kp.cf.example https://kp.cf.example:8443"},
		{"http://localhost:8080 https://bangui-pc.local:8443", "bangui-pc.local", "https://bangui-pc.local:8443"},
		{"nonsense ://", "", ""},
	} {
		name, origins := bound(strings.Fields(tt.addresses))
		if name != tt.name || strings.Join(origins, " ") != tt.origins {
			t.Errorf("%s: %q %v", tt.addresses, name, origins)
		}
	}
}
