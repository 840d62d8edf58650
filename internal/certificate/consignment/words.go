package consignment

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed text
var text embed.FS

// Text is the words of states, acts and of what the machine refuses.
func Text() fs.FS { return text }

// TextKeys names the state's words.
func (s State) TextKeys() []string { return []string{"certificate.state." + string(s)} }

// TextKeys names the act's words: an infinitive, for "who may ...".
func (a Act) TextKeys() []string { return []string{"certificate.act." + string(a)} }

// ActList is acts that are named together.
type ActList []Act

// TextKeys names their words.
func (l ActList) TextKeys() []string {
	keys := make([]string, len(l))
	for i, a := range l {
		keys[i] = "certificate.act." + string(a)
	}
	return keys
}

// String is the acts' technical names, with commas.
func (l ActList) String() string {
	names := make([]string, len(l))
	for i, a := range l {
		names[i] = string(a)
	}
	return strings.Join(names, ", ")
}
