package app

import (
	"errors"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"adamas.example/internal/fault"
)

// What kong says of a command line that it cannot parse. It has no error values
// for it, so its sentences are read; one that is not known here is passed on.
var (
	unknownFlag    = regexp.MustCompile(`^unknown flag (\S+?)(?:, did you mean (?:one of )?(.+)\?)?$`)
	unexpectedWord = regexp.MustCompile(`^unexpected argument (.+?)(?:, did you mean (?:one of )?(.+)\?)?$`)
	missingFlags   = regexp.MustCompile(`^missing flags: (.+)$`)
	missingWord    = regexp.MustCompile(`^expected (?:one of )?(".+)$`)
	notOneOf       = regexp.MustCompile(`^(--\S+) must be one of (.+) but got "(.*)"$`)
	together       = regexp.MustCompile(`^(--\S+) and (--\S+) can't be used together$`)
	badValue       = regexp.MustCompile(`^(--[a-z-]+): `)
	noValue        = regexp.MustCompile(`^(--[a-z-]+): expected .* value but got`)
)

// usage puts a command line that is not understood into a fault with words.
func usage(err error) error {
	said := err.Error()
	command, group := "adamas", true
	if parse, ok := errors.AsType[*kong.ParseError](err); ok && parse.Context != nil {
		if n := parse.Context.Selected(); n != nil {
			command, group = n.FullPath(), len(n.Children) > 0
		}
	}
	about := []fault.Detail{fault.Arg("command", command), fault.Because(err)}
	if m := unknownFlag.FindStringSubmatch(said); m != nil {
		if m[2] != "" {
			return fault.Usage("cli.unknown_flag_near", append(about, fault.At(m[1]), fault.Arg("near", plainList(m[2])))...)
		}
		return fault.Usage("cli.unknown_flag", append(about, fault.At(m[1]))...)
	}
	if m := unexpectedWord.FindStringSubmatch(said); m != nil {
		switch {
		case m[2] != "":
			return fault.Usage("cli.unknown_command_near", append(about, fault.Text(m[1]), fault.Arg("near", plainList(m[2])))...)
		case group:
			return fault.Usage("cli.unknown_command", append(about, fault.Text(m[1]))...)
		}
		return fault.Usage("cli.unexpected_argument", append(about, fault.Text(m[1]))...)
	}
	if m := missingFlags.FindStringSubmatch(said); m != nil {
		return fault.Usage("cli.missing_flags", append(about, fault.Arg("flags", strings.ReplaceAll(m[1], " or ", " | ")))...)
	}
	if m := missingWord.FindStringSubmatch(said); m != nil {
		if strings.Contains(m[1], "<") {
			return fault.Usage("cli.missing_argument", append(about, fault.Arg("missing", argumentNames(m[1])))...)
		}
		return fault.Usage("cli.missing_command", append(about, fault.Arg("missing", plainList(m[1])))...)
	}
	return usageOfValue(said, about)
}

func usageOfValue(said string, about []fault.Detail) error {
	if m := notOneOf.FindStringSubmatch(said); m != nil {
		return fault.Usage("cli.not_one_of", append(about, fault.At(m[1]), fault.Text(m[3]), fault.Arg("allowed", plainList(m[2])))...)
	}
	if m := together.FindStringSubmatch(said); m != nil {
		return fault.Usage("cli.together", append(about, fault.Arg("one", m[1]), fault.Arg("other", m[2]))...)
	}
	if m := noValue.FindStringSubmatch(said); m != nil {
		return fault.Usage("cli.no_value", append(about, fault.At(m[1]))...)
	}
	if m := badValue.FindStringSubmatch(said); m != nil {
		return fault.Usage("cli.bad_value", append(about, fault.At(m[1]))...)
	}
	return fault.Usage("cli.usage", append(about, fault.Arg("why", said))...)
}

// plainList turns `"demo","serve"` and `"", "demo"` into "demo, serve".
func plainList(quoted string) string {
	var out []string
	for part := range strings.SplitSeq(quoted, ",") {
		if part = strings.Trim(strings.TrimSpace(part), `"`); part != "" {
			out = append(out, part)
		}
	}
	return strings.Join(out, ", ")
}

// argumentNames turns `"<pack> <file> ..."` into "PACK FILE ...", as help has it.
func argumentNames(quoted string) string {
	return strings.ToUpper(strings.NewReplacer(`"`, "", "<", "", ">", "").Replace(quoted))
}
