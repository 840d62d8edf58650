package reading

import (
	"os"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
)

// catalogue is the words of the face of the certificate, and those of floor 0.
func catalogue(t *testing.T) *lang.Catalogue {
	t.Helper()
	c, err := lang.Load(os.DirFS("../certificateweb"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLengthsOfTime(t *testing.T) {
	r := reader{words: catalogue(t).Printer(lang.English)}
	const day = 24 * time.Hour
	for _, tt := range []struct {
		age, allowed time.Duration
		want         string
	}{
		{9 * day, 7 * day, "9 days"},
		{9*day + 5*time.Hour, 7 * day, "9 days"},
		{7*day + time.Second, 7 * day, "more than 7 days"},
		{90 * time.Minute, time.Hour, "more than 1 h"},
	} {
		if got := strings.ReplaceAll(r.older(tt.age, tt.allowed), "\u00a0", " "); got != tt.want {
			t.Errorf("%v of %v: %q, want %q", tt.age, tt.allowed, got, tt.want)
		}
	}
	for d, want := range map[time.Duration]string{7 * day: "7 days", day: "24 h", 72 * time.Hour: "3 days", 90 * time.Minute: "90 min", 30 * time.Second: "1 min"} {
		if got := strings.ReplaceAll(r.span(d), "\u00a0", " "); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestNamesOfParticipantsHaveTheirArticle(t *testing.T) {
	c := catalogue(t)
	for _, tt := range []struct{ code, en, fr, pt string }{
		{"CF", "of the Central African Republic", "de la République centrafricaine", "da República Centro-Africana"},
		{"AE", "of the United Arab Emirates", "des Émirats arabes unis", "dos Emirados Árabes Unidos"},
		{"AO", "of Angola", "de l’Angola", "de Angola"},
		{"BW", "of Botswana", "du Botswana", "do Botsuana"},
		{"EU", "of the European Union", "de l’Union européenne", "da União Europeia"},
		{"IL", "of Israel", "d’Israël", "de Israel"},
		{"TD", "(Chad)", "(Tchad)", "(Chade)"},
	} {
		for l, want := range map[lang.Language]string{lang.English: tt.en, lang.French: tt.fr, lang.Portuguese: tt.pt} {
			if got := of(c.Printer(l), tt.code); got != want {
				t.Errorf("%s in %s: %q, want %q", tt.code, l, got, want)
			}
		}
	}
	// A French name that begins with a vowel is never after "de la" or "du".
	french := c.Printer(lang.French)
	for code := range ident.Countries() {
		said := of(french, string(code))
		name := french.Participant(ident.ParticipantCode(code))
		if strings.ContainsAny(name[:1], "AEIOU") && (strings.HasPrefix(said, "de la ") || strings.HasPrefix(said, "du ")) {
			t.Errorf("%s: %s", code, said)
		}
	}
}
