package certificateweb

import (
	"fmt"
	"slices"
	"time"

	"adamas.example/internal/certificate/certificateweb/opened"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
)

// verifyCmd judges certificate files from a pack, and opens no socket.
type verifyCmd struct {
	Pack    string   `placeholder:"FILE" help:"cli_verify_pack"`
	For     string   `enum:"record,import" default:"record" placeholder:"record|import" help:"cli_verify_for"`
	At      string   `placeholder:"TIME" help:"cli_verify_at"`
	To      string   `placeholder:"PARTICIPANT" help:"cli_verify_to"`
	Root    string   `placeholder:"FINGERPRINT" help:"cli_verify_root"`
	JSON    bool     `name:"json" help:"cli_json"`
	Verbose bool     `short:"v" help:"cli_verify_verbose"`
	Files   []string `arg:"" name:"file" help:"cli_verify_files"`
}

// packVariable names the pack where --pack does not.
const packVariable = "ADAMAS_PACK"

// exit is the status of each outcome (design.md §7).
var exit = map[verify.Outcome]module.Exit{verify.Valid: 0, verify.Invalid: 1, verify.CannotTell: 2}

// Run judges each file and ends with the worst of the verdicts, invalid before
// cannot tell. A file that cannot be judged is a fault, told after the verdicts on
// the others; its status then counts. Faults: module.file_*, module.pack_refused,
// module.fingerprint, certificate.pack_needed, certificate.other_root,
// certificate.not_a_time, certificate.not_a_destination,
// certificate.to_without_import, those of opened.Open.
func (c *verifyCmd) Run(env *module.Env) error {
	opt, err := c.options(env)
	if err != nil {
		return err
	}
	v, err := c.verifier(env)
	if err != nil {
		return err
	}
	var faults fault.List
	worst := verify.Valid
	shown := 0
	for _, file := range c.Files {
		o, err := opened.Open(env.Context, file, v.Pack())
		if err != nil {
			faults.Add(err)
			continue
		}
		opt.Paper = o.Paper
		verdict := v.Verify(o.Bundle, opt)
		if worst != verify.Invalid && verdict.Outcome != verify.Valid {
			worst = verdict.Outcome
		}
		if err := c.show(env, o, verdict, v, shown > 0); err != nil {
			return err
		}
		shown++
	}
	switch {
	case len(faults) > 0:
		return faults.Err()
	case exit[worst] != 0:
		return exit[worst]
	}
	return nil
}

// fileVerdict is a line of --json: the verdict as package verify gives it, the file
// it is about, and what of it was read.
type fileVerdict struct {
	File string        `json:"file"`
	Read opened.Source `json:"read"`
	*verify.Verdict
}

func (c *verifyCmd) show(env *module.Env, o *opened.File, verdict *verify.Verdict, v *verify.Verifier, again bool) error {
	if c.JSON {
		return env.JSON(fileVerdict{o.Path, o.Read, verdict})
	}
	r := reading.Of(env.Words, verdict, v.Pack().Chain.Current().Synthetic)
	field := func(key, text string) {
		r.Fields = append([]reading.Field{{Key: key, Name: env.Words.T("verify.field."+key, nil), Text: text}}, r.Fields...)
	}
	if o.Read != opened.Own {
		field("read", env.Words.T("verify.read."+string(o.Read), nil))
	}
	if len(c.Files) > 1 {
		field("file", o.Path)
	}
	if again {
		fmt.Fprintln(env.Out)
	}
	printReading(env, r, c.Verbose)
	return nil
}

// printReading shows a reading. The first line is one line, however wide: it is what a
// script or a person in a hurry reads.
func printReading(env *module.Env, r reading.Reading, verbose bool) {
	fmt.Fprintln(env.Out, r.First())
	fmt.Fprintln(env.Out)
	if r.Unproved != "" {
		fmt.Fprintln(env.Out, r.Unproved)
	}
	rows := make([][2]string, len(r.Fields))
	for i, f := range r.Fields {
		rows[i] = [2]string{f.Name, f.Text}
	}
	env.Fields(rows...)
	fmt.Fprintln(env.Out)
	fmt.Fprintln(env.Out, r.Why)
	for _, c := range r.Checks {
		fmt.Fprintln(env.Out, "  "+c.Mark+" "+c.Text)
		if verbose {
			fmt.Fprintln(env.Out, "      "+c.Behind)
		}
	}
	fmt.Fprintln(env.Out)
	fmt.Fprintln(env.Out, r.Unsaid)
	for _, n := range r.NotSaid {
		fmt.Fprintln(env.Out, "  "+n)
	}
}

// options are the question.
func (c *verifyCmd) options(env *module.Env) (verify.Options, error) {
	opt := verify.Options{Purpose: verify.Purpose(c.For), At: env.Now(), Destination: c.To}
	if c.To != "" {
		if opt.Purpose != verify.Import {
			return opt, fault.Usage("certificate.to_without_import", fault.At("--to"))
		}
		if _, err := ident.ParseParticipant(c.To); err != nil {
			return opt, fault.Usage("certificate.not_a_destination", fault.At("--to"), fault.Text(c.To), fault.Because(err))
		}
	}
	if c.At != "" {
		var err error
		if opt.At, err = parseTime(c.At); err != nil {
			return opt, fault.Usage("certificate.not_a_time", fault.At("--at"), fault.Text(c.At), fault.Because(err))
		}
	}
	return opt, nil
}

// parseTime reads a time, or a day, which means its last second: a certificate is
// good until the end of its last day.
func parseTime(s string) (time.Time, error) {
	if day, err := period.Parse(s); err == nil {
		return day.End().Add(-time.Second), nil
	}
	return time.Parse(time.RFC3339, s)
}

// verifier reads the pack and holds it against the root that was asked for.
func (c *verifyCmd) verifier(env *module.Env) (*verify.Verifier, error) {
	pin, err := module.ReadFingerprint("--root", c.Root)
	if err != nil {
		return nil, err
	}
	field, path := "--pack", c.Pack
	if path == "" {
		field, path = packVariable, env.Getenv(packVariable)
	}
	if path == "" {
		return nil, fault.Usage("certificate.pack_needed", fault.At("--pack"))
	}
	p, err := module.ReadPack(field, path, canonical.Hash{})
	if err != nil {
		return nil, err
	}
	if known := p.Chain.Fingerprints; !pin.IsZero() && !slices.Contains(known, pin) {
		return nil, fault.Invalid("certificate.other_root", fault.At("--root"), fault.File(path), fault.Arg("found", known[len(known)-1].String()))
	}
	return verify.New(p), nil
}
