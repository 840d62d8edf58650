package app

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"adamas.example/internal/lang"
)

// help writes what --help shows, in the reader's language: kong's own printer
// speaks English only.
type help struct {
	words *lang.Printer
	b     strings.Builder
}

func helpPrinter(words *lang.Printer) kong.HelpPrinter {
	return func(_ kong.HelpOptions, ctx *kong.Context) error {
		node := ctx.Selected()
		if node == nil {
			node = ctx.Model.Node
		}
		h := &help{words: words}
		h.node(node)
		_, err := io.WriteString(ctx.Stdout, h.b.String())
		return err
	}
}

// helpWidth is the width of help in characters: that of the narrowest terminal
// people use, and the same for everybody, so that it can be quoted.
const helpWidth = 80

func (h *help) node(n *kong.Node) {
	usage := wrap(h.words.T("cli.help.usage", nil)+" "+synopsis(n, h.words), helpWidth-4)
	h.b.WriteString(strings.Join(usage, "\n    ") + "\n")
	h.paragraph(n.Help)
	if more := moreKey(n); h.words.Has(more) {
		for text := range strings.SplitSeq(h.words.T(more, nil), "\n") {
			h.paragraph(text)
		}
	}
	var rows [][2]string
	for _, arg := range n.Positional {
		rows = append(rows, [2]string{argument(arg), arg.Help})
	}
	h.table("cli.help.arguments", rows)
	h.table("cli.help.options", optionRows(n, h.words))
	rows = nil
	for _, leaf := range n.Leaves(true) {
		rows = append(rows, [2]string{strings.TrimPrefix(leaf.Path(), n.Path()+" "), leaf.Help})
	}
	slices.SortFunc(rows, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	h.table("cli.help.commands", rows)
	if len(n.Children) > 0 {
		h.paragraph(h.words.T("cli.help.more", lang.Args{"command": n.FullPath()}))
	}
}

// moreKey is the catalogue entry with the longer text of a command; most have none.
func moreKey(n *kong.Node) string {
	return "cli." + strings.ReplaceAll(n.Path(), " ", ".") + ".more"
}

// synopsis is a command as it is typed: what is needed, where the rest stands.
func synopsis(n *kong.Node, words *lang.Printer) string {
	parts := []string{n.FullPath()}
	optional := false
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			if f.Required {
				parts = append(parts, option(f))
			}
			optional = optional || !f.Required
		}
	}
	if optional {
		parts = append(parts, "["+words.T("cli.help.any_option", nil)+"]")
	}
	for _, arg := range n.Positional {
		parts = append(parts, argument(arg))
	}
	if len(n.Children) > 0 {
		parts = append(parts, words.T("cli.help.command", nil))
	}
	return strings.Join(parts, " ")
}

// argument is "FILE", "FILE ..." for several, in brackets when it may be left out.
func argument(v *kong.Value) string {
	name := strings.ToUpper(v.Name)
	if v.IsCumulative() {
		name += " ..."
	}
	if !v.Required {
		return "[" + name + "]"
	}
	return name
}

// option is "--dir=DIR", or "--json" when it takes no value.
func option(f *kong.Flag) string {
	if f.IsBool() {
		return "--" + f.Name
	}
	return "--" + f.Name + "=" + f.PlaceHolder
}

// optionRows lists the options of a command and of what it belongs to.
func optionRows(n *kong.Node, words *lang.Printer) [][2]string {
	var rows [][2]string
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			name := "    " + option(f)
			if f.Short != 0 {
				name = fmt.Sprintf("-%c, %s", f.Short, option(f))
			}
			rows = append(rows, [2]string{name, optionHelp(f, words)})
		}
	}
	return rows
}

func optionHelp(f *kong.Flag, words *lang.Printer) string {
	if f.HasDefault && f.Default != "" && !f.IsBool() {
		return words.T("cli.help.default", lang.Args{"help": f.Help, "value": f.Default})
	}
	return f.Help
}

func (h *help) paragraph(text string) {
	if text == "" {
		return
	}
	h.b.WriteByte('\n')
	for _, line := range wrap(text, helpWidth) {
		h.b.WriteString(line + "\n")
	}
}

// table writes two columns; a name too long for its column has its text below.
func (h *help) table(titleKey string, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	column := 8
	for _, row := range rows {
		if wide := utf8.RuneCountInString(row[0]) + 4; wide <= 30 {
			column = max(column, wide)
		}
	}
	fmt.Fprintf(&h.b, "\n%s\n", h.words.T(titleKey, nil))
	for _, row := range rows {
		lines := wrap(row[1], helpWidth-column)
		name := "  " + row[0]
		if utf8.RuneCountInString(name) > column-2 {
			h.b.WriteString(name + "\n")
			name = ""
		}
		for _, line := range lines {
			fmt.Fprintf(&h.b, "%-*s%s\n", column, name, line)
			name = ""
		}
	}
}

// wrap breaks a text at blanks so that no line is longer than width characters,
// unless one word is.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
