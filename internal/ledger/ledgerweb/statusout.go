package ledgerweb

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/status"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/verify/canonical"
)

// statusOut writes the list as it comes, in one of three forms, and then the
// counts.
type statusOut struct {
	env  *module.Env
	cmd  *statusCmd
	on   period.Date
	logs []readLog
	w    *bufio.Writer
	csv  *csv.Writer

	expired, overdue int64
}

// statusLine is a line in JSON.
type statusLine struct {
	Number      string          `json:"number"`
	State       string          `json:"state"`
	Certificate *canonical.Hash `json:"statement,omitempty"`
	Kind        string          `json:"kind,omitempty"`
	From        string          `json:"from"`
	To          string          `json:"to,omitempty"`
	Issued      string          `json:"issued,omitempty"`
	Expires     string          `json:"expires,omitempty"`
	Log         string          `json:"log,omitempty"`
	Index       *uint64         `json:"index,omitempty"`
	Refused     string          `json:"refused,omitempty"` // check and reason, as adamas verify --json has them
	Decided     []statusMark    `json:"decided_by,omitempty"`
	Expired     bool            `json:"expired,omitempty"`
	Overdue     bool            `json:"opening_overdue,omitempty"`
}

type statusMark struct {
	status.Mark
	Log   string `json:"log"`
	Index uint64 `json:"index"`
}

func (o *statusOut) view(l *status.Line) statusLine {
	day := canonical.Day(o.on)
	v := statusLine{Number: l.Number, State: l.State(), From: l.Number[:2], Refused: l.Refused, Expired: l.Expired(day), Overdue: l.Overdue(day)}
	if c := l.Certificate; c != nil {
		v.Certificate, v.Kind, v.To = &c.Hash, c.Kind.String(), c.To
		v.Issued, v.Expires = period.Date(c.Issued).String(), period.Date(c.Expires).String()
		v.Log, v.Index = o.logs[c.Place.Log].Vector.Origin, &c.Place.Index
	}
	for _, m := range l.Marks {
		v.Decided = append(v.Decided, statusMark{m, o.logs[m.Place.Log].Vector.Origin, m.Place.Index})
	}
	return v
}

func (o *statusOut) begin() error {
	if !o.cmd.CSV || o.cmd.Counts {
		return nil
	}
	o.csv = csv.NewWriter(o.w)
	return o.csv.Write([]string{"number", "state", "kind", "from", "to", "issued", "expires", "log", "index", "statement", "refused", "decided_by", "expired", "opening_overdue"})
}

// line writes one line.
func (o *statusOut) line(l *status.Line) error {
	v := o.view(l)
	if v.Expired {
		o.expired++
	}
	if v.Overdue {
		o.overdue++
	}
	switch {
	case o.cmd.Counts:
		return nil
	case o.cmd.JSON:
		return o.json(v)
	case o.csv != nil:
		return o.csv.Write(v.row())
	}
	words := o.env.Words
	parts := []string{words.T("ledger.status."+v.State, nil)}
	if v.Expired {
		parts = append(parts, words.T("ledger.status.expired", nil))
	}
	if v.Overdue {
		parts = append(parts, words.T("ledger.status.opening_overdue", nil))
	}
	if v.Refused != "" {
		parts = append(parts, v.Refused)
	}
	_, err := fmt.Fprintf(o.w, "%-16s  %s  %s\n", ident.CertificateNumber(v.Number).Display(), strings.Join(parts, ", "), o.places(v))
	return err
}

// places are where the certificate and what decides its state stand.
func (o *statusOut) places(v statusLine) string {
	var out []string
	if v.Index != nil {
		out = append(out, o.env.Words.T("ledger.status.place", lang.Args{"what": o.env.Words.T("ledger.status.issued", nil), "log": v.Log, "index": *v.Index}))
	}
	for _, m := range v.Decided {
		out = append(out, o.env.Words.T("ledger.status.place", lang.Args{"what": o.env.Words.T("ledger.status."+m.What, nil), "log": m.Log, "index": m.Index}))
	}
	return "(" + strings.Join(out, "; ") + ")"
}

func (v statusLine) row() []string {
	index, hash := "", ""
	if v.Index != nil {
		index, hash = strconv.FormatUint(*v.Index, 10), v.Certificate.String()
	}
	var decided []string
	for _, m := range v.Decided {
		decided = append(decided, fmt.Sprintf("%s %s %s:%d", m.What, m.By, m.Log, m.Index))
	}
	return []string{v.Number, v.State, v.Kind, v.From, v.To, v.Issued, v.Expires, v.Log, index, hash, v.Refused, strings.Join(decided, "; "),
		strconv.FormatBool(v.Expired), strconv.FormatBool(v.Overdue)}
}

func (o *statusOut) json(v any) error {
	enc := json.NewEncoder(o.w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// statusSummary is the last line of --json.
type statusSummary struct {
	Root    canonical.Hash   `json:"root"`
	Logs    []packLog        `json:"logs"`
	Numbers int64            `json:"numbers"`
	States  map[string]int64 `json:"states"`
	Kinds   map[string]int64 `json:"kinds"`
	Digest  canonical.Hash   `json:"digest"`
	At      string           `json:"at"` // the day for the next two, which are not in the digest
	Expired int64            `json:"expired"`
	Overdue int64            `json:"opening_overdue"`
	Against *status.Against  `json:"against,omitempty"`
}

// end writes the counts. Beside a list in CSV they go where remarks go.
func (o *statusOut) end(s *status.Summary, against *status.Against) error {
	if o.csv != nil {
		o.csv.Flush()
		if err := o.csv.Error(); err != nil {
			return err
		}
	}
	if o.cmd.JSON {
		v := statusSummary{Root: s.Root, Numbers: s.Lines, States: s.States, Kinds: s.Kinds, Digest: s.Digest, At: o.on.String(),
			Expired: o.expired, Overdue: o.overdue, Against: against, Logs: []packLog{}}
		for _, l := range o.logs {
			v.Logs = append(v.Logs, packLog{Origin: l.Vector.Origin, Size: l.Vector.Size, Root: l.Vector.Root, Time: l.time})
		}
		if err := o.json(v); err != nil {
			return err
		}
		return o.w.Flush()
	}
	if err := o.w.Flush(); err != nil {
		return err
	}
	env := *o.env
	if o.csv != nil {
		env.Out = env.Err
	}
	o.summary(&env, s)
	if against != nil {
		fmt.Fprintln(env.Out)
		fmt.Fprintln(env.Out, sayAgainst(&env, o.cmd.Against, against))
	}
	return nil
}

func (o *statusOut) summary(env *module.Env, s *status.Summary) {
	if !o.cmd.Counts {
		fmt.Fprintln(env.Out)
	}
	for _, l := range o.logs {
		env.Say("ledger.vector", lang.Args{"log": l.Vector.Origin, "size": l.Vector.Size, "root": l.Vector.Root.String()})
		env.Say("ledger.log_witnessed", lang.Args{"time": l.time})
	}
	fmt.Fprintln(env.Out)
	rows := [][2]string{{env.Words.T("ledger.status.numbers", nil), env.Words.Number(s.Lines)}}
	for _, state := range status.States {
		if n := s.States[state]; n > 0 {
			rows = append(rows, [2]string{env.Words.T("ledger.status."+state, nil), env.Words.Number(n)})
		}
	}
	on := lang.Args{"day": o.on}
	rows = append(rows, [2]string{env.Words.T("ledger.status.expired_on", on), env.Words.Number(o.expired)},
		[2]string{env.Words.T("ledger.status.overdue_on", on), env.Words.Number(o.overdue)},
		[2]string{env.Words.T("ledger.status.digest", nil), s.Digest.String()},
		[2]string{env.Words.T("ledger.status.root", nil), s.Root.String()})
	env.Fields(rows...)
}
