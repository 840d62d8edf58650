package issuing_test

import (
	"io/fs"
	"testing"

	"adamas.example/internal/certificate/certificateweb/accounts"
	"adamas.example/internal/certificate/certificateweb/issuing"
	"adamas.example/internal/certificate/filing"
	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/lang"
)

// Every word stands in every language.
func TestWords(t *testing.T) {
	for name, text := range map[string]fs.FS{"issuing": issuing.Text(), "accounts": accounts.Text(), "filing": filing.Text(), "paper": paper.Text()} {
		found, err := lang.Compare(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			t.Errorf("%s: %v", name, f)
		}
	}
}
