package reading

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/verify"
	"adamas.example/verify/statement"
)

// Args are the values of a text's placeholders, by name.
type Args = map[string]any

// Words is the voice of a reading: a *lang.Printer, or the *plain.Words that it wrote.
type Words interface {
	Has(key string) bool
	T(key string, args Args) string
	Show(value any) string
	Participant(ident.ParticipantCode) string
	Country(ident.CountryCode) string
	Carats(measure.Carats) string
	USD(measure.USD) string
	Time(time.Time) string
	Limit(period.Limit) string
}

// Prefixes begin the keys of all words that a reading needs.
func Prefixes() []string { return []string{"verify.", "limit."} }

// Reading is a verdict put into words, in the order in which it is shown.
type Reading struct {
	Outcome   verify.Outcome `json:"outcome"`
	Mark      string         `json:"mark"`                // the outcome as a shape
	Synthetic string         `json:"synthetic,omitempty"` // that it is worth nothing; "" for what is real
	Headline  []string       `json:"headline"`            // sentences: what was found, or why not and the way out
	Unproved  string         `json:"unproved,omitempty"`  // what stands above fields that nothing proves; "" when they are proved
	Fields    []Field        `json:"fields"`
	Why       string         `json:"why"` // the heading of the checks
	Checks    []Check        `json:"checks"`
	Unsaid    string         `json:"unsaid"` // the heading of the list that follows
	NotSaid   []string       `json:"not_said"`
}

// Field is one thing that the certificate says or that is said of it. Text has a
// line for each thing, parted by line feeds, where there are several.
type Field struct {
	Key  string `json:"key"` // the same in every language
	Name string `json:"name"`
	Text string `json:"text"`
}

// Check is a check in a sentence, and what stands behind it.
type Check struct {
	Code    verify.Code `json:"code"`
	Outcome Result      `json:"outcome"`
	Mark    string      `json:"mark"`
	Text    string      `json:"text"`
	WayOut  string      `json:"way_out,omitempty"` // what the reader can do; "" when it is valid
	Behind  string      `json:"behind"`            // code and facts, the same in every language
	AsOf    *time.Time  `json:"as_of,omitempty"`
}

// Result is a check's outcome. In JSON it is that of verify.Check: valid and invalid
// stand there once, for the whole.
type Result verify.Outcome

var results = map[verify.Outcome]string{verify.Valid: "pass", verify.Invalid: "fail", verify.CannotTell: string(verify.CannotTell)}

// MarshalJSON writes pass, fail or cannot_tell.
func (r Result) MarshalJSON() ([]byte, error) { return json.Marshal(results[verify.Outcome(r)]) }

// marks are status by shape, read without colour (style.md).
var marks = map[verify.Outcome]string{verify.Valid: "●", verify.CannotTell: "▲", verify.Invalid: "■"}

// reader puts one verdict into the words of one language.
type reader struct {
	*verify.Verdict
	words Words
}

// Of puts a verdict into words. synthetic tells whether the pack it was judged
// from is.
func Of(words Words, v *verify.Verdict, synthetic bool) Reading {
	r := reader{v, words}
	out := Reading{Outcome: v.Outcome, Mark: marks[v.Outcome], Headline: r.headline(), Fields: r.fields(),
		Why: words.T("verify.why", nil), Unsaid: words.T("verify.not_said", nil), NotSaid: []string{}}
	if v.Synthetic || synthetic {
		out.Synthetic = words.T("verify.synthetic", nil)
	}
	if r.Open != nil && !r.genuine() {
		out.Unproved = words.T("verify.unproved", nil)
	}
	for _, c := range v.Checks {
		out.Checks = append(out.Checks, r.check(c))
	}
	for _, n := range v.NotSaid {
		about := make([]string, len(n.About))
		for i, a := range n.About {
			about[i] = r.name(a)
		}
		out.NotSaid = append(out.NotSaid, words.T("verify."+string(n.Code), Args{"about": about}))
	}
	return out
}

// First is the first line: the mark and plain sentences.
func (r Reading) First() string {
	first := []string{r.Mark}
	if r.Synthetic != "" {
		first = append(first, r.Synthetic)
	}
	return strings.Join(append(first, r.Headline...), " ")
}

func (r reader) check(c verify.Check) Check {
	out := Check{Code: c.Code, Outcome: Result(c.Outcome), Mark: marks[c.Outcome], Text: r.checkText(c), Behind: behind(c), AsOf: c.AsOf}
	if c.Outcome != verify.Valid {
		out.WayOut = r.wayOut(c)
	}
	return out
}

// name is a withheld fact's name, or what an undecided check asks.
func (r reader) name(about string) string {
	if key := checkKey(verify.Code(about)); r.words.Has(key) {
		return r.words.T(key, nil)
	}
	return r.words.T("verify.fact."+about, nil)
}

// plainKind is the kind of certificate that needs no words: one for each shipment
// (KPCS II(a)).
var plainKind = statement.KindExport.String()

// headline is the first line after its mark: what was found, or why not and the
// way out.
func (r reader) headline() []string {
	if c := r.Failed(); c != nil {
		return r.refusal(*c)
	}
	genuine, recorded := "verify.head.genuine", "verify.head.recorded"
	if r.Open.Kind != plainKind {
		genuine += "_" + r.Open.Kind
	}
	if byPack(r.Check(verify.CodeProof)) {
		recorded = "verify.head.recorded_by"
	}
	out := []string{r.words.T(genuine, Args{"of": of(r.words, r.Open.From)}), r.words.T(recorded, Args{"recorded": *r.Open.Recorded})}
	used := false
	for _, n := range r.Notes {
		out = append(out, r.noteText(n)...)
		used = used || n.Code == verify.CodeUsed
	}
	asOf := Args{"as_of": *r.AsOf}
	switch {
	case r.Purpose == verify.Import:
		out = append(out, r.words.T("verify.head.importable", asOf))
	case !used:
		out = append(out, r.words.T("verify.head.unconfirmed", asOf))
	}
	return out
}

// refusal says why it is not a yes, the way out, and what nevertheless holds.
func (r reader) refusal(c verify.Check) []string {
	out := []string{r.words.T("verify.head."+string(r.Outcome), nil), r.checkText(c), r.wayOut(c)}
	if r.genuine() {
		if r.Outcome == verify.Invalid {
			out[0] = r.words.T("verify.head.not_acceptable", nil)
		}
		out = append(out, r.words.T("verify.head.itself_genuine", nil))
	}
	return out
}

// genuine tells whether all checks hold but those of an import, and of the paper that
// it came with: what the file says of itself is then proved.
func (r reader) genuine() bool {
	for _, c := range r.Checks {
		beside := strings.HasPrefix(string(c.Code), "status.") || strings.HasPrefix(string(c.Code), "import.") || c.Code == verify.CodePrint
		if c.Outcome != verify.Valid && !beside {
			return false
		}
	}
	return true
}

// of is the genitive of a Participant: "of the Central African Republic".
func of(words Words, code string) string {
	key := "verify.of." + strings.ToLower(code)
	if !words.Has(key) {
		key = "verify.of.other"
	}
	return words.T(key, Args{"name": ident.ParticipantCode(code)})
}

func checkKey(c verify.Code) string {
	return "verify.check." + strings.ReplaceAll(string(c), ".", "_")
}

// checkText is what a check came to, as a sentence. The age of the facts follows
// where they can change; a record cannot.
func (r reader) checkText(c verify.Check) string {
	said := r.words.T(checkKey(c.Code)+"."+variant(c), r.args(c))
	if c.AsOf != nil && c.Outcome == verify.Valid && c.Code != verify.CodeProof {
		said += " " + r.words.T("verify.as_of", Args{"time": *c.AsOf})
	}
	return said
}

// variant names the words for a check: its reason, or "valid" and in what way.
func variant(c verify.Check) string {
	switch {
	case c.Code == verify.CodeProof && c.Reason == "no_record" && len(searched(c)) == 0:
		return "no_record_unsearched"
	case c.Reason != "":
		return c.Reason
	case byPack(&c):
		return "valid_by_pack"
	case c.Code == verify.CodeTime && c.Facts.Get("by") == "pack":
		return "valid_by_pack"
	case c.Code == verify.CodeFork && c.Facts.Get("compared") == false:
		return "valid_not_compared"
	case c.Code == verify.CodeRevoked && c.Facts.Get("revoked_later") == true:
		return "valid_later"
	case c.Code == verify.CodeFourEyes && c.Facts.Get("level") == "proved":
		return "valid_proved"
	}
	return "valid"
}

func byPack(c *verify.Check) bool {
	return c != nil && c.Code == verify.CodeProof && c.Facts.Get("by") == "pack"
}

// wayOut is what the reader can do about a check that is not valid.
func (r reader) wayOut(c verify.Check) string {
	return r.words.T(checkKey(c.Code)+"."+c.Reason+"."+string(c.Outcome), r.args(c))
}

// noteText is an event in the life of the certificate, in one sentence or more.
func (r reader) noteText(n verify.Note) []string {
	args := r.shown(n.Facts.All())
	args["office"], args["at"] = n.By, n.At
	if step, ok := n.Facts.Get("step").(string); ok && n.Code == verify.CodeDisposed {
		args["done"] = r.words.T("verify.done."+step, nil)
	}
	if field, ok := n.Facts.Get("field").(string); ok {
		args["field_name"] = clean(field)
		if key := "verify.fact." + field; r.words.Has(key) {
			args["field_name"] = r.words.T(key, nil)
		}
	}
	key := "verify.note." + strings.ReplaceAll(string(n.Code), ".", "_")
	if n.Facts.Get("confirmed_by") != nil {
		key = "verify.note.attested" // its issuer's word for what another confirmed on paper
	}
	out := []string{r.words.T(key, args)}
	if n.Facts.Get("under") != nil {
		out = append(out, r.words.T("verify.note.under", args))
	}
	if n.Facts.Get("by_third_party") == true {
		out = append(out, r.words.T("verify.note.third_party", args))
	}
	if n.Facts.Get("of_other_content") != nil {
		out = append(out, r.words.T("verify.note.other_content", args))
	}
	return out
}

// fields are the lines below the first: what the certificate says, and as of when.
func (r reader) fields() []Field {
	out := fieldsIn{words: r.words}
	add := out.add
	if o := r.Open; o != nil {
		add("number", ident.CertificateNumber(o.Number).Display())
		if o.Kind != plainKind {
			add("kind", r.words.T("verify.kind."+o.Kind, nil))
		}
		add("from_to", r.words.Participant(ident.ParticipantCode(o.From))+" → "+r.words.Participant(ident.ParticipantCode(o.To)))
		add("issued", r.words.T("verify.issued_by", Args{"day": typed(o.Issued), "office": r.office()}))
		add("expires", r.words.T("verify.until", Args{"day": typed(o.Expires)}))
		if o.FourEyes != "" {
			add("four_eyes", r.words.T("verify.four_eyes."+o.FourEyes, nil))
		}
		if o.Index != nil {
			add("record", r.words.T("verify.entry", Args{"log": o.Log, "index": *o.Index}))
		}
	}
	if r.Shown != nil {
		r.shownFacts(add)
	}
	add("question", r.words.T("verify.question."+string(r.Purpose), Args{"at": r.At}))
	if r.AsOf != nil {
		add("as_of", r.words.Time(*r.AsOf))
	}
	return out.fields
}

// fieldsIn gathers fields; what has no text is left out.
type fieldsIn struct {
	words  Words
	fields []Field
}

func (f *fieldsIn) add(key, text string) {
	if text != "" {
		f.fields = append(f.fields, Field{key, f.words.T("verify.field."+key, nil), text})
	}
}

// Facts are the facts that a file shows, as fields.
func Facts(words Words, shown *verify.Facts) []Field {
	out := fieldsIn{words: words}
	reader{&verify.Verdict{Shown: shown}, words}.shownFacts(out.add)
	return out.fields
}

func (r reader) office() string {
	if r.Open.OfficeName == "" {
		return r.Open.Issuer
	}
	return r.words.T("verify.office", Args{"name": r.Open.OfficeName, "office": r.Open.Issuer})
}

// listed stands between a name and its amount in a list.
const listed = " · "

// shownFacts are the facts that were shown, each a line.
func (r reader) shownFacts(add func(name, text string)) {
	f := r.Shown
	if f.Carats != nil {
		add("carats", r.words.Carats(Carats(*f.Carats)))
	}
	add("hs", r.weights(f.HS, func(code string) string { return code }))
	add("origin", r.weights(f.Origin, func(code string) string { return r.words.Country(ident.CountryCode(code)) }))
	if f.Parcels != nil {
		add("parcels", r.words.Show(*f.Parcels))
	}
	var lines []string
	for _, c := range f.Consumed {
		lines = append(lines, ident.CertificateNumber(c.Number).Display()+listed+r.words.Carats(Carats(c.Hundredths)))
	}
	add("consumed", strings.Join(lines, "\n"))
	if f.Exporter != nil {
		add("exporter", f.Exporter.Name+", "+f.Exporter.Address)
	}
	if f.Importer != nil {
		add("importer", f.Importer.Name+", "+f.Importer.Address)
	}
	if f.Value != nil {
		add("value_usd", r.words.USD(measure.USD(*f.Value)))
	}
	lines = nil
	for _, c := range f.HSValues {
		lines = append(lines, c.Name+listed+r.words.USD(measure.USD(c.Cents)))
	}
	add("hs_values", strings.Join(lines, "\n"))
	lines = nil
	for _, s := range f.Seals {
		lines = append(lines, s.Container+listed+s.Seal)
	}
	add("seals", strings.Join(lines, "\n"))
	lines = nil
	for _, w := range f.Withheld {
		lines = append(lines, r.name(w))
	}
	add("withheld", strings.Join(lines, ", "))
}

func (r reader) weights(ws []verify.Weight, name func(string) string) string {
	var lines []string
	for _, w := range ws {
		lines = append(lines, name(w.Name)+listed+r.words.Carats(Carats(w.Hundredths)))
	}
	return strings.Join(lines, "\n")
}

// behind is a check's code with its facts, the same in all languages.
func behind(c verify.Check) string {
	parts := []string{string(c.Code), string(c.Outcome)}
	if c.Reason != "" {
		parts = append(parts, c.Reason)
	}
	facts := c.Facts.All()
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		parts = append(parts, name+"="+asStored(facts[name]))
	}
	return strings.Join(parts, " ")
}
