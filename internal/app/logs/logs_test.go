package logs

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestLogs(t *testing.T) {
	var b bytes.Buffer
	l := New(&b, "json", "warn")
	l.Info("not told")
	l.With("Session_Token", "abc123").Warn("told", "passphrase", "abc123", "path", "two\nlines")
	var line map[string]any
	if err := json.Unmarshal(b.Bytes(), &line); err != nil || line["msg"] != "told" || line["level"] != "WARN" {
		t.Fatalf("%v %s", err, &b)
	}
	if strings.Contains(b.String(), "abc123") || strings.Contains(b.String(), "not told") {
		t.Errorf("%s", &b)
	}
	b.Reset()
	New(&b, "text", "nonsense").Info("told", "path", "two\nlines", "cookie", "abc123")
	if strings.Count(b.String(), "\n") != 1 || !strings.Contains(b.String(), `two\nlines`) || strings.Contains(b.String(), "abc123") {
		t.Errorf("%s", &b)
	}
	b.Reset()
	New(&b, "", "debug").Debug("told")
	if b.Len() == 0 {
		t.Error("debug is not told")
	}
}
