package certificateweb

import (
	"fmt"
	"strings"
	"time"

	"adamas.example/internal/certificate/generate"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/ledgerweb"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
)

// generateCmd makes a world of SYNTHETIC certificates.
type generateCmd struct {
	Out          string   `required:"" placeholder:"DIR" help:"cli_generate_out"`
	Count        int      `placeholder:"N" help:"cli_generate_count"`
	Years        string   `placeholder:"FIRST-LAST" help:"cli_generate_years"`
	From         string   `placeholder:"DAY" help:"cli_generate_from"`
	Until        string   `placeholder:"DAY" help:"cli_generate_until"`
	Seed         string   `default:"1" placeholder:"TEXT" help:"cli_generate_seed"`
	Participants []string `placeholder:"CODE,CODE" help:"cli_generate_participants"`
	Bundles      int      `placeholder:"N" help:"cli_generate_bundles"`
	Pack         bool     `help:"cli_generate_pack"`
	Statistics   bool     `help:"cli_generate_statistics"`
	JSON         bool     `name:"json" help:"cli_json"`
}

// The span that is made when none is asked for.
const defaultYears = "2006-2025"

// Run says what the world will take, makes it, and says what it made. Faults:
// certificate.generate_*, certificate.not_a_time, certificate.generate_years.
func (c *generateCmd) Run(env *module.Env) error {
	cfg, err := c.config(env)
	if err != nil {
		return err
	}
	will, err := generate.Plan(cfg)
	if err != nil {
		return err
	}
	if !c.JSON {
		fmt.Fprintln(env.Err, env.Words.T("certificate.generate.will", lang.Args{"count": will.Certificates, "participants": will.Participants,
			"megabytes": (will.Bytes + 1<<20 - 1) >> 20, "file": c.Out}))
	}
	r, err := generate.Run(env.Context, cfg, ledgerweb.Progress(env))
	if err != nil {
		if env.Context.Err() != nil && !c.JSON {
			fmt.Fprintln(env.Err, env.Words.T("certificate.generate.interrupted", lang.Args{"file": c.Out}))
		}
		return err
	}
	if c.JSON {
		return env.JSON(struct {
			Synthetic bool `json:"synthetic"`
			*generate.Report
		}{true, r})
	}
	env.Say("certificate.generate.made", lang.Args{"count": r.Certificates, "statements": r.Statements, "file": c.Out, "time": r.At})
	env.Fields([2]string{env.Words.T("certificate.generate.root", nil), r.Root.String()},
		[2]string{env.Words.T("certificate.generate.logs", nil), env.Words.Number(int64(len(r.Logs)))},
		[2]string{env.Words.T("certificate.generate.bytes", nil), env.Words.Number(r.Bytes)})
	return nil
}

func (c *generateCmd) config(env *module.Env) (generate.Config, error) {
	cfg := generate.Config{Dir: c.Out, Count: c.Count, Seed: c.Seed, Bundles: c.Bundles, Pack: c.Pack, Statistics: c.Statistics,
		Readme: env.Words.T("certificate.generate.readme", lang.Args{"command": c.again()}) + "\n"}
	years := c.Years
	if years == "" {
		years = defaultYears
	} else if c.From != "" || c.Until != "" {
		return cfg, fault.Usage("certificate.generate_years", fault.At("--years"), fault.Text(years))
	}
	var err error
	if cfg.From, cfg.Until, err = readYears(years); err != nil {
		return cfg, err
	}
	for _, day := range []struct {
		field, text string
		to          *period.Date
	}{{"--from", c.From, &cfg.From}, {"--until", c.Until, &cfg.Until}} {
		if day.text == "" {
			continue
		}
		if *day.to, err = period.Parse(day.text); err != nil {
			return cfg, fault.Usage("certificate.not_a_time", fault.At(day.field), fault.Text(day.text), fault.Because(err))
		}
	}
	for _, code := range c.Participants {
		cfg.Participants = append(cfg.Participants, ident.ParticipantCode(strings.ToUpper(strings.TrimSpace(code))))
	}
	return cfg, nil
}

// readYears reads "2006-2025" or "2012".
func readYears(s string) (from, until period.Date, err error) {
	first, last, two := strings.Cut(s, "-")
	if !two {
		last = first
	}
	var years [2]time.Time
	for i, text := range []string{first, last} {
		if years[i], err = time.Parse("2006", text); err != nil {
			return 0, 0, fault.Usage("certificate.generate_years", fault.At("--years"), fault.Text(s), fault.Because(err))
		}
	}
	return period.DateOf(years[0]), period.DateOf(years[1]).AddMonths(12).AddDays(-1), nil
}

// again is the command that makes the same world, but for its folder.
func (c *generateCmd) again() string {
	words := []string{"adamas generate certificates --out DIR"}
	add := func(flag, value string) {
		if value != "" {
			words = append(words, flag+" "+value)
		}
	}
	if c.Count > 0 {
		add("--count", fmt.Sprint(c.Count))
	}
	if c.Years == "" && c.From == "" && c.Until == "" {
		add("--years", defaultYears)
	}
	add("--years", c.Years)
	add("--from", c.From)
	add("--until", c.Until)
	add("--seed", fmt.Sprintf("%q", c.Seed))
	add("--participants", strings.Join(c.Participants, ","))
	return strings.Join(words, " ")
}
