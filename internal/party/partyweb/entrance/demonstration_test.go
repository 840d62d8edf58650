package entrance

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"adamas.example/internal/module"
	"adamas.example/internal/party/partyweb/entrance/synthetic"
)

// TestCast: only a SYNTHETIC node whose folder lies in a demonstration has people to
// lend; another has not so much as the address.
func TestCast(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, synthetic.FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name, file, office, node string
		synthetic, lends         bool
	}{
		{"a demonstration", `{"synthetic": true, "people": [{"office": "CF/bangui", "login": "x"}]}`, "CF/bangui", "node", true, true},
		{"a real office", `{"synthetic": true, "people": [{"office": "CF/bangui", "login": "x"}]}`, "CF/bangui", "node", false, false},
		{"a file that is not marked", `{"people": [{"office": "CF/bangui", "login": "x"}]}`, "CF/bangui", "node", true, false},
		{"another office", `{"synthetic": true, "people": [{"office": "AE/dubai", "login": "x"}]}`, "CF/bangui", "node", true, false},
		{"deeper", `{"synthetic": true, "people": [{"office": "CF/bangui", "login": "x"}]}`, "CF/bangui", "node/deeper", true, false},
	} {
		write(tt.file)
		c, err := cast(&module.Node{Synthetic: tt.synthetic, Office: tt.office, Dir: filepath.Join(dir, tt.node)})
		if err != nil || (c != nil) != tt.lends {
			t.Errorf("%s: %v, %v", tt.name, c, err)
		}
		h := &house{cast: c}
		r := httptest.NewRequest("GET", "http://localhost/sign-in", nil)
		r.RemoteAddr = "127.0.0.1:4000"
		if h.lends(r) != tt.lends || c == nil && h.castPages(nil) != nil {
			t.Errorf("%s: lends %v", tt.name, h.lends(r))
		}
	}
}
