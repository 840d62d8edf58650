package arch

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	"adamas.example/internal/lang"
)

// checkLanguages compares English, French and Portuguese in every folder of words.
func checkLanguages(t *tree) []string {
	var wrong []string
	for _, folder := range t.words {
		module, err := fs.Sub(t.fsys, folder)
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %v", folder, err))
			continue
		}
		differences, err := lang.Compare(module)
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %v", folder, err))
		}
		for _, d := range differences {
			wrong = append(wrong, fmt.Sprintf("%s/text: %s", folder, d))
		}
	}
	return wrong
}

// checkApostrophes finds the typewriter's apostrophe in French, where people read
// another: "l'heure".
func checkApostrophes(t *tree) []string {
	var wrong []string
	for _, folder := range t.words {
		text, err := fs.ReadFile(t.fsys, path.Join(folder, "text", "fr.toml"))
		if err != nil {
			continue // told by checkLanguages
		}
		for i, line := range strings.Split(string(text), "\n") {
			if found := straight.FindString(line); found != "" {
				wrong = append(wrong, fmt.Sprintf("%s/text/fr.toml:%d: %s: write ’", folder, i+1, found))
			}
		}
	}
	return wrong
}

var straight = regexp.MustCompile(`\pL'[\pL«{]`)

// wordsOf makes a folder of words with the same keys in three languages.
func wordsOf(folder string, lines ...string) map[string]string {
	files := make(map[string]string)
	for _, l := range lang.Languages() {
		var b strings.Builder
		for _, line := range lines {
			key, text, _ := strings.Cut(line, "=")
			fmt.Fprintf(&b, "'%s' = '%s %s'\n", key, l, text)
		}
		files[path.Join(folder, "text", string(l)+".toml")] = b.String()
	}
	return files
}

func TestLanguagesCanFail(t *testing.T) {
	change := func(file, text string) map[string]string {
		files := wordsOf("internal/party", "a.b=x {{.n}}")
		files["internal/party/text/"+file] = text
		return files
	}
	missing := wordsOf("internal/party", "a.b=x")
	delete(missing, "internal/party/text/pt.toml")
	orphan := map[string]string{"internal/party/partyweb/text/fr.toml": ""}
	prove(t, checkLanguages, []proof{
		{"in order", wordsOf("internal/party", "a.b=x {{.n}}", "c=y"), ""},
		{"no words at all", map[string]string{"internal/party/a.go": "package party"}, ""},
		{"a key", change("fr.toml", ""), "internal/party/text: fr a.b: missing"},
		{"a placeholder", change("fr.toml", "'a.b' = 'y'"), "fr a.b: placeholders"},
		{"not translated", change("pt.toml", "'a.b' = 'en x {{.n}}'"), "pt a.b: the same as the English text"},
		{"a language", missing, "text/pt.toml"},
		{"a face without English", orphan, "text/en.toml"},
	})
}

func TestLanguages(t *testing.T) { hold(t, checkLanguages) }

func TestApostrophesCanFail(t *testing.T) {
	prove(t, checkApostrophes, []proof{
		{"in order", map[string]string{"internal/party/text/fr.toml": "'a' = 'l’heure'"}, ""},
		{"a straight one", map[string]string{"internal/party/text/fr.toml": "'a' = \"l'heure\""}, "internal/party/text/fr.toml:1: l'h: write ’"},
	})
}

func TestApostrophes(t *testing.T) { hold(t, checkApostrophes) }
