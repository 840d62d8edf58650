package party

import (
	"io"
	"slices"

	"github.com/BurntSushi/toml"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
)

// mostChoices bounds a file of choices in bytes.
const mostChoices = 64 << 10

// ReadChoices reads which reading a Participant goes by where sources disagree:
// TOML, with a table [choices] of question = "reading". Whether there are such
// questions and readings, NewRegister judges. Faults party.choices_file,
// party.choices_key.
func ReadChoices(name string, in io.Reader) (map[string]string, error) {
	var file struct {
		Choices map[string]string `toml:"choices"`
	}
	raw, err := io.ReadAll(io.LimitReader(in, mostChoices+1))
	if err != nil {
		return nil, fault.IO("party.choices_unreadable", fault.File(name), fault.Because(err))
	}
	if len(raw) > mostChoices {
		return nil, fault.TooLarge("party.choices_size", fault.File(name), fault.Arg("most", mostChoices))
	}
	meta, err := toml.Decode(string(raw), &file)
	if err != nil {
		return nil, fault.Invalid("party.choices_file", fault.File(name), fault.Text(err.Error()), fault.Because(err))
	}
	var faults fault.List
	for _, k := range meta.Undecoded() {
		faults.Add(fault.Invalid("party.choices_key", fault.File(name), fault.Text(k.String())))
	}
	return file.Choices, faults.Err()
}

// Question is a point on which sources disagree, in words.
type Question struct {
	Name  string
	words map[lang.Language]string
}

// In is the question in the reader's language.
func (q Question) In(l lang.Language) string { return inLanguage(q.words, l) }

// inLanguage takes Portuguese for every form of it, and English where a language
// has none.
func inLanguage(words map[lang.Language]string, l lang.Language) string {
	for _, have := range []lang.Language{lang.English, lang.French, lang.Portuguese} {
		if base, _ := l.Tag().Base(); base.String() == string(have) && words[have] != "" {
			return words[have]
		}
	}
	return words[lang.English]
}

func threeWords(en, fr, pt string) map[lang.Language]string {
	return map[lang.Language]string{lang.English: en, lang.French: fr, lang.Portuguese: pt}
}

// ReadQuestions reads questions.csv.
func ReadQuestions(name string, in io.Reader) ([]Question, error) {
	return readTable(name, in, []string{"choice", "en", "fr", "pt"}, func(row []string) (Question, error) {
		if slices.Contains(row, "") {
			return Question{}, fault.Invalid("party.words", fault.At("choice"), fault.Text(row[0]))
		}
		return Question{row[0], threeWords(row[1], row[2], row[3])}, nil
	})
}
