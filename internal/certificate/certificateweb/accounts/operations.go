package accounts

import (
	"strings"
	"time"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificateweb/printing"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/certificate/sheets"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/measure"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web/api"
	"adamas.example/verify/canonical"
)

const tagAccounts = "Accounts"

// answers are what programs are told, by the same functions as the pages.
type answers struct {
	node         *module.Node
	certificates *certificate.Service
}

func (d *answers) read(c *api.Call, fn func(*store.Tx) error) error {
	return d.node.Ledger.Store().Read(c.Context(), d.node.Now(), fn)
}

func (d *answers) today() period.Date { return period.DateOf(d.node.Now().UTC()) }

// chosen is the day that is asked about; today where none is. Fault of period.ParseTyped.
func (d *answers) chosen(c *api.Call) (period.Date, error) {
	typed := c.Query("day")
	if typed == "" {
		return d.today(), nil
	}
	day, err := period.ParseTyped(typed)
	return day, fault.Locate(err, fault.At("day"))
}

// Range is a range of numbers with what has become of its sheets.
type Range struct {
	ID      canonical.Hash   `json:"id"`
	First   string           `json:"first"`
	Last    string           `json:"last"`
	From    period.Date      `json:"from"`
	Until   period.Date      `json:"until"`
	Station string           `json:"station"`
	Offline bool             `json:"offline" doc:"for work without network"`
	Burnt   bool             `json:"burnt" doc:"of before a backup was put back: nothing is allotted from it"`
	Count   map[string]int64 `json:"count" doc:"by what has become of its sheets"`
	Left    int64            `json:"left"`
	Gaps    int64            `json:"gaps" doc:"numbers below the highest used of which nothing is known"`
}

// Sheet is a numbered sheet.
type Sheet struct {
	Number     string          `json:"number"`
	State      string          `json:"state" enum:"allotted,spent,spoiled,void"`
	Preparer   string          `json:"preparer,omitempty"`
	Validator  string          `json:"validator,omitempty"`
	Reason     string          `json:"reason,omitempty"`
	Entry      *canonical.Hash `json:"entry,omitempty"`
	AllottedAt time.Time       `json:"allotted_at"`
	EndedBy    string          `json:"ended_by,omitempty"`
}

// rangesGiven is more than an office has in force.
const rangesGiven = 200

// rangePath names a range.
var rangePath = map[string]string{"range": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855|the range's id"}

// Operations adds what programs can ask of sheets, of the register of a day, and of goods
// that are to come back.
func Operations(n *module.Node, a *api.API) error {
	certificates, err := module.Service[*certificate.Service](n)
	if err != nil {
		return err
	}
	d := &answers{node: n, certificates: certificates}
	api.Read(a, api.Operation{ID: "listRanges", Path: "/sheets", Permission: sheetsOf, Tag: tagAccounts, Summary: "Ranges of numbers, with what has become of their sheets"}, d.ranges)
	api.Read(a, api.Operation{ID: "listSheets", Path: "/sheets/{range}", Paths: rangePath, Permission: sheetsOf, Tag: tagAccounts, Summary: "The sheets of a range, in order",
		Query: api.PageParams(api.Param{Name: "state", Doc: "only those", Enum: []string{"allotted", "spent", "spoiled", "void"}})}, d.sheets)
	api.Read(a, api.Operation{ID: "listGaps", Path: "/sheets/{range}/gaps", Paths: rangePath, Permission: sheetsOf, Tag: tagAccounts, Summary: "Numbers of a range below the highest used of which nothing is known"}, d.gaps)
	api.Act(a, api.Operation{ID: "withdrawSheet", Path: "/sheets/{number}/withdraw", Paths: map[string]string{"number": "CF00000017|of a sheet that nothing was prepared on"}, Permission: sheetsOf, Tag: tagAccounts,
		Summary: "Give up a blank sheet", Example: withdrawing{Act: string(certificate.SpoilSheet), Reason: "SYNTHETIC: torn"}}, d.withdrawSheet, d.sheet)
	api.Read(a, api.Operation{ID: "readDay", Path: "/daily", Permission: registerOf, Tag: tagAccounts, Summary: "What the office issued and received on a day, and which numbers it spent without a certificate",
		Query: []api.Param{{Name: "day", Doc: "YYYY-MM-DD; today where it is not given"}}}, d.day)
	api.Read(a, api.Operation{ID: "readDayPaper", Path: "/daily/register.pdf", Permission: registerOf, Tag: tagAccounts, Gives: "application/pdf", Summary: "The same as the paper that is filed",
		Query: []api.Param{{Name: "day", Doc: "YYYY-MM-DD; today where it is not given"}}}, d.dayPaper)
	api.Read(a, api.Operation{ID: "listReturns", Path: "/returns", Permission: registerOf, Tag: tagAccounts, Summary: "Goods that are to come back, longest first"}, d.returns)
	return nil
}

func (d *answers) ranges(c *api.Call) (out api.Page[Range], err error) {
	var all []sheets.Range
	err = d.read(c, func(tx *store.Tx) error {
		g, err := ledger.Generation(tx)
		if err == nil {
			all, err = sheets.Ranges(tx, g, time.Time{}, rangesGiven)
		}
		return err
	})
	out.Items = []Range{}
	for i := range all {
		x := &all[i]
		r := Range{ID: x.ID, First: x.First, Last: x.Last, From: x.From, Until: x.Until, Station: x.R.Station, Offline: x.R.Offline, Burnt: x.Burnt, Count: map[string]int64{}, Left: x.Left, Gaps: x.Gaps}
		for s, n := range x.Count {
			r.Count[string(s)] = n
		}
		out.Items = append(out.Items, r)
	}
	return out, err
}

func (d *answers) sheets(c *api.Call) (out api.Page[Sheet], err error) {
	limit, err := c.Limit()
	if err != nil {
		return out, err
	}
	var after int64
	if err := c.After(&after); err != nil {
		return out, err
	}
	id, err := rangeID(c)
	if err != nil {
		return out, err
	}
	var all []sheets.Sheet
	err = d.read(c, func(tx *store.Tx) (err error) {
		all, err = sheets.Of(tx, id, certificate.SheetState(c.Query("state")), after, limit+1)
		return err
	})
	return api.Cut(all, limit, func(x sheets.Sheet) any { return x.Serial }, func(x sheets.Sheet) Sheet { return answerOf(&x.Sheet) }), err
}

// Gap is a run of numbers.
type Gap struct {
	First string `json:"first"`
	Last  string `json:"last"`
}

// gapsGiven is more than can be looked into.
const gapsGiven = 1000

// rangeID reads the range that is asked about. Fault certificate.no_range.
func rangeID(c *api.Call) (id canonical.Hash, err error) {
	if err := id.UnmarshalText([]byte(c.Path("range"))); err != nil {
		return id, fault.NotFound("certificate.no_range", fault.Text(c.Path("range")))
	}
	return id, nil
}

func (d *answers) gaps(c *api.Call) (out api.Page[Gap], err error) {
	id, err := rangeID(c)
	if err != nil {
		return out, err
	}
	out.Items = []Gap{}
	err = d.read(c, func(tx *store.Tx) error {
		g, err := ledger.Generation(tx)
		if err != nil {
			return err
		}
		r, err := sheets.One(tx, g, id)
		if err != nil {
			return err
		}
		all, err := sheets.Gaps(tx, r, gapsGiven)
		for _, x := range all {
			out.Items = append(out.Items, Gap{x[0], x[1]})
		}
		return err
	})
	return out, err
}

func answerOf(x *certificate.Sheet) Sheet {
	out := Sheet{Number: x.Number, State: string(x.State), Preparer: x.Preparer, Validator: x.Validator, Reason: x.Reason, AllottedAt: x.AllottedAt, EndedBy: x.EndedBy}
	if !x.Entry.IsZero() {
		out.Entry = &x.Entry
	}
	return out
}

// withdrawing gives up a blank sheet.
type withdrawing struct {
	Act    string `json:"act" enum:"spoil,void"`
	Reason string `json:"reason"`
}

func (d *answers) withdrawSheet(c *api.Call, v withdrawing) (string, error) {
	number := c.Path("number")
	err := d.certificates.Withdraw(c.Context(), number, certificate.SheetAct(v.Act), c.Actor(), strings.TrimSpace(v.Reason))
	return number, err
}

func (d *answers) sheet(c *api.Call, number string) (Sheet, error) {
	x, err := d.certificates.Sheet(c.Context(), number)
	return answerOf(&x), err
}

// Day is the register of a day.
type Day struct {
	Day      period.Date `json:"day"`
	AsOf     time.Time   `json:"as_of" doc:"of the states"`
	Issued   []Entry     `json:"issued"`
	Received []Entry     `json:"received"`
	Papers   []Entry     `json:"received_on_paper" doc:"received with paper certificates from outside, counted apart: their issuers have signed nothing"`
	Ended    []Entry     `json:"ended" doc:"void and spoiled sheets"`
}

// Entry is a line of it.
type Entry struct {
	Number string          `json:"number"`
	Other  string          `json:"participant,omitempty" doc:"destination of what was issued, origin of what was received"`
	Day    period.Date     `json:"day" doc:"of expiry, or of receipt"`
	Carats *measure.Carats `json:"carat_weight,omitempty"`
	Value  *measure.USD    `json:"value_usd,omitempty"`
	State  string          `json:"state,omitempty" doc:"today, not on that day"`
	Ended  string          `json:"ended,omitempty" doc:"void or spoiled"`
	Reason string          `json:"reason,omitempty"`
}

// dayPaper prints a day.
func (d *answers) dayPaper(c *api.Call) (*api.File, error) {
	day, err := d.chosen(c)
	if err != nil {
		return nil, err
	}
	env := &module.Env{Context: c.Context(), Now: d.node.Now}
	got, err := printing.Days(env, d.node, day, day)
	if err != nil {
		return nil, err
	}
	raw, err := (&printing.Look{Site: printing.Site}).PDF(env, d.node, got)
	return &api.File{Name: "register-" + day.String() + ".pdf", Bytes: raw}, err
}

func (d *answers) day(c *api.Call) (out Day, err error) {
	if out.Day, err = d.chosen(c); err != nil {
		return out, err
	}
	got, err := printing.Days(&module.Env{Context: c.Context(), Now: d.node.Now}, d.node, out.Day, out.Day)
	if err != nil {
		return out, err
	}
	out.AsOf, out.Issued, out.Received, out.Papers, out.Ended = got.AsOf, entries(got.Issued), entries(got.Received), entries(got.Papers), entries(got.Ended)
	return out, nil
}

func entries(all []paper.Entry) []Entry {
	out := []Entry{}
	for _, x := range all {
		e := Entry{Number: x.Number, Other: string(x.Other), Day: x.Day, State: string(x.State), Ended: x.Without, Reason: x.Remark}
		if x.Carats != nil {
			if w, err := measure.FromHundredths(int64(*x.Carats)); err == nil {
				e.Carats = &w
			}
		}
		if x.Value != nil {
			e.Value = new(measure.USD(*x.Value))
		}
		out = append(out, e)
	}
	return out
}

func (d *answers) returns(c *api.Call) (out api.Page[exporting.Outward], err error) {
	err = d.read(c, func(tx *store.Tx) (err error) {
		out.Items, err = exporting.NotReturned(tx, d.today().AddDays(horizon))
		return err
	})
	if out.Items == nil {
		out.Items = []exporting.Outward{}
	}
	return out, err
}
