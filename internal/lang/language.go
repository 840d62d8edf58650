package lang

import (
	"strings"

	"golang.org/x/text/language"
)

// Language is one a reader can choose.
type Language string

// The languages. Brazilian uses the Portuguese catalogue with Brazil's forms.
const (
	English    Language = "en"
	French     Language = "fr"
	Portuguese Language = "pt"
	Brazilian  Language = "pt-BR"
)

// Languages lists those with a catalogue, English first.
func Languages() []Language { return []Language{English, French, Portuguese} }

// Tag is the language's tag for x/text; Portuguese is that of Portugal.
func (l Language) Tag() language.Tag {
	switch l {
	case French:
		return language.French
	case Portuguese:
		return language.EuropeanPortuguese
	case Brazilian:
		return language.BrazilianPortuguese
	}
	return language.English
}

// catalogue is the language whose words l uses.
func (l Language) catalogue() Language {
	if l == Brazilian {
		return Portuguese
	}
	return l
}

// matcher prefers English where nothing fits.
var matcher = language.NewMatcher([]language.Tag{language.English, language.French, language.Portuguese})

// Match chooses by an Accept-Language header (RFC 9110 §12.5.4) or any list of
// tags in that form. Portuguese is Brazil's only for who names Brazil.
func Match(accept string) Language {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return English
	}
	_, index, confidence := matcher.Match(tags...)
	if confidence == language.No || index >= len(Languages()) {
		return English
	}
	chosen := Languages()[index]
	if chosen != Portuguese {
		return chosen
	}
	for _, tag := range tags {
		if base, _ := tag.Base(); base.String() == "pt" {
			if region, how := tag.Region(); how == language.Exact && region.String() == "BR" {
				return Brazilian
			}
			break
		}
	}
	return Portuguese
}

// FromEnvironment chooses by LC_ALL, LC_MESSAGES and LANG as POSIX orders them,
// looked up by getenv (os.Getenv). English when none is set or it says "C".
func FromEnvironment(getenv func(string) string) Language {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value := getenv(name)
		if value == "" {
			continue
		}
		value, _, _ = strings.Cut(value, ".") // fr_CF.UTF-8
		value, _, _ = strings.Cut(value, "@") // fr_FR@euro
		return Match(strings.ReplaceAll(value, "_", "-"))
	}
	return English
}
