package lang

import (
	"adamas.example/internal/fault"
	"adamas.example/internal/lang/plain"
)

// Sentence is a fault put into words.
type Sentence struct {
	Text   string // what is wrong
	Remedy string // the way out; "" when there are no words for it
	Field  string // the field it is about; "" for none
}

// Explain puts every fault of err into words, in order. An error that is no fault
// becomes one sentence that bears the reference, under which its chain must stand
// in the log; reference is never empty. nil gives nothing.
func (p *Printer) Explain(err error, reference string) []Sentence {
	var sentences []Sentence
	words := p.FaultWords(reference)
	for _, f := range fault.All(err) {
		text, remedy := words(f)
		sentences = append(sentences, Sentence{text, remedy, f.Field})
	}
	return sentences
}

// FaultWords is what fault.ProblemOf needs to write in this language.
func (p *Printer) FaultWords(reference string) fault.Words {
	return func(f *fault.Fault) (text, remedy string) {
		return plain.Fault(p, f, reference)
	}
}
