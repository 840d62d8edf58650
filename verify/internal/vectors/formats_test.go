package vectors

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/difference"
	"adamas.example/verify/message"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

// factRules are the rules of the registry's labels.
var factRules = map[uint64]string{
	verify.LabelCarats: "fact-carats", verify.LabelHS: "fact-hs", verify.LabelOrigin: "fact-origin", verify.LabelParcels: "fact-parcels",
	verify.LabelConsumed: "fact-consumed", verify.LabelExporter: "fact-exporter", verify.LabelImporter: "fact-importer",
	verify.LabelValue: "fact-value", verify.LabelSeals: "fact-seals", verify.LabelHSValue: "fact-hs-values",
	verify.LabelParcelList: "fact-parcel-list", verify.LabelCarriage: "fact-carriage", verify.LabelAdditions: "fact-additions", verify.LabelFile: "fact-file",
}

func formats(t *testing.T) schema {
	t.Helper()
	b, err := os.ReadFile("../../../docs/formats/statement.cddl")
	if err != nil {
		t.Fatal(err)
	}
	starts := []string{"statement", "signed-message", "bundle", "pack", "compact-proof", "salted", "leaf", "difference-header", "difference-piece", "status-head", "status-line"}
	for _, r := range factRules {
		starts = append(starts, r)
	}
	return readSchema(t, string(b), starts...)
}

// instances gives every golden byte string with the rule it must follow.
func instances() map[string]struct {
	rule  string
	bytes []byte
} {
	out := map[string]struct {
		rule  string
		bytes []byte
	}{}
	add := func(name, rule string, b []byte) {
		out[name+" as "+rule] = struct {
			rule  string
			bytes []byte
		}{rule, b}
	}
	for _, v := range Statements() {
		add(v.Name, "statement", v.Statement)
		add(v.Name, "statement-header", v.Protected)
		add(v.Name, "payload", v.Payload)
	}
	for _, b := range Bodies() {
		add("body", b.Type().String(), must(canonical.Marshal(b)))
	}
	for _, v := range keys() {
		add(v.Name, "cose-key", v.COSEKey)
	}
	for _, v := range Commitments() {
		add(v.Name, "whole-disclosure", v.Whole)
		for i, p := range v.Partial {
			add(fmt.Sprint(v.Name, i), "partial-disclosure", p.Disclosure)
		}
		for _, f := range v.Facts {
			add(fmt.Sprint(v.Name, f.Label), factRules[f.Label], f.Value)
			add(fmt.Sprint(v.Name, f.Label), "salted", must(canonical.Marshal([]any{[]byte(f.Salt), canonical.Raw(f.Value)})))
		}
	}
	w := verifytest.New()
	for _, v := range roots(w) {
		add(fmt.Sprint(v.Version), "root", v.Payload)
		add(fmt.Sprint(v.Version), "signed-root", v.Signed)
		add(fmt.Sprint(v.Version), "root-signature", v.Signatures[0].Sign1)
	}
	cf := w.Offices["CF/bangui"]
	d := cf.Draft("AE", verifytest.Start)
	whole := cf.Record(cf.Sign(d), verifytest.Start+60)
	for _, v := range bundles(whole, d) {
		add(v.Name, "bundle", v.File[3:])
	}
	add("preparer's", "approval", whole.Approvals[0])
	for _, v := range messages(whole, d) {
		add(v.Name, "signed-message", v.Message)
		add(v.Name, "message", v.Payload)
		add(v.Name, "message-signature", v.Signature)
	}
	for _, pv := range packVectors(w, verifytest.Start+120) {
		add(pv.Name, "pack", pv.File[len("adamas-pack/1\n"):])
	}
	packs := packVectors(w, verifytest.Start+120)
	var diff bytes.Buffer
	err := difference.Make(bytes.NewReader(packs[0].File), int64(len(packs[0].File)), bytes.NewReader(packs[1].File), int64(len(packs[1].File)), "CF/bangui", verifytest.Start, &diff)
	if err != nil {
		panic(err)
	}
	rest := diff.Bytes()[len("adamas-difference/1\n"):]
	for i, rule := 0, "difference-header"; len(rest) > 0; i, rule = i+1, "difference-piece" {
		var item cbor.RawMessage
		left := must(cbor.UnmarshalFirst(rest, &item))
		add(fmt.Sprint("part ", i), rule, item)
		rest = left
	}
	for _, v := range logs(w, verifytest.Start+60).Proofs {
		add(v.Name, "compact-proof", v.Compact)
	}
	return out
}

// TestVectorsFollowTheCDDL holds every golden byte string against its rule.
func TestVectorsFollowTheCDDL(t *testing.T) {
	s := formats(t)
	used := map[string]bool{}
	for name, i := range instances() {
		used[i.rule] = true
		if err := s.valid(i.rule, i.bytes); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for rule := range s {
		if strings.HasPrefix(rule, "fact-") && !used[rule] {
			t.Errorf("%s has no vector", rule)
		}
	}
	for code := statement.Type(1); code <= statement.TypeLogClosed; code++ {
		_, body := s[code.String()]
		if used[code.String()] != body {
			t.Errorf("type %s: rule %t, vector %t", code, body, used[code.String()])
		}
	}
}

// TestTheCDDLRefuses bends every instance that is a map or an array, and holds
// that its rule notices: a schema that accepts everything proves nothing.
func TestTheCDDLRefuses(t *testing.T) {
	s := formats(t)
	n := 0
	for name, i := range instances() {
		var v any
		if err := cbor.Unmarshal(i.bytes, &v); err != nil {
			t.Fatal(name, err)
		}
		if tag, ok := v.(cbor.Tag); ok {
			v = tag.Content
			if s.match(s[i.rule], v) == nil {
				t.Errorf("%s: without its tag", name)
			}
			continue
		}
		switch v := v.(type) {
		case map[any]any:
			for key, was := range v {
				for _, bad := range []any{-1.5, map[any]any{}} {
					v[key] = bad
					if key != uint64(8) && s.match(s[i.rule], v) == nil {
						t.Errorf("%s: member %v may be %v", name, key, bad)
					}
					n++
				}
				v[key] = was
			}
			v[uint64(99)] = true
			if s.match(s[i.rule], v) == nil {
				t.Errorf("%s: a member more", name)
			}
		case []any:
			if i.rule == "salted" || !strings.HasPrefix(i.rule, "fact-") {
				if s.match(s[i.rule], v[1:]) == nil || s.match(s[i.rule], append(v, true)) == nil {
					t.Errorf("%s: an element less or more", name)
				}
			}
			n++
		}
	}
	if n < 100 {
		t.Errorf("only %d bends", n)
	}
	for _, r := range refusedStatements() {
		if strings.Contains(r.Why, "version 2") || strings.Contains(r.Why, "ES384") || strings.Contains(r.Why, "slash") || strings.Contains(r.Why, "content type") {
			if s.valid("statement", r.Bytes) == nil {
				t.Errorf("a statement with %s follows the CDDL", r.Why)
			}
		}
	}
}

// TestGoTypesEqualTheCDDL compares each Go type's member numbers, what may be
// left out, and the kinds of the values with its rule, all the way down.
func TestGoTypesEqualTheCDDL(t *testing.T) {
	s := formats(t)
	types := map[string]reflect.Type{
		"ed25519-key": reflect.TypeFor[statement.Key](), "blob": reflect.TypeFor[statement.Blob](),
		"commitment": reflect.TypeFor[commitment.Root](), "hidden": reflect.TypeFor[commitment.Hidden](),
		"shown": reflect.TypeFor[commitment.Shown](), "fact": reflect.TypeFor[commitment.Fact](),
		"message": reflect.TypeFor[message.Message](), "root": reflect.TypeFor[trust.Root](), "bundle": reflect.TypeFor[bundle.Bundle](),
		"fact-hs": reflect.TypeFor[[]verify.Weight](), "fact-origin": reflect.TypeFor[[]verify.Weight](),
		"fact-consumed": reflect.TypeFor[[]verify.Consumed](), "fact-exporter": reflect.TypeFor[verify.Party](),
		"fact-importer": reflect.TypeFor[verify.Party](), "fact-seals": reflect.TypeFor[[]verify.Seal](),
		"fact-parcel-list": reflect.TypeFor[[]verify.Parcel](), "fact-carriage": reflect.TypeFor[verify.Carriage](),
		"fact-additions": reflect.TypeFor[[]verify.Addition](), "fact-file": reflect.TypeFor[canonical.Hash](),
		"fact-hs-values": reflect.TypeFor[[]verify.Cents](), "fact-carats": reflect.TypeFor[uint64](),
	}
	for _, b := range Bodies() {
		types[b.Type().String()] = reflect.TypeOf(b).Elem()
	}
	for rule, typ := range types {
		for _, diff := range s.compare(s[rule], typ) {
			t.Errorf("%s (%v): %s", rule, typ, diff)
		}
	}
	// The comparison itself must notice a difference.
	if len(s.compare(s["void"], reflect.TypeFor[statement.Receipt]())) == 0 || len(s.compare(s["loss"], reflect.TypeFor[statement.Replacement]())) == 0 ||
		len(s.compare(s["root-participant"], reflect.TypeFor[struct {
			Code string `cbor:"1,keyasint"`
		}]())) == 0 {
		t.Error("types that differ compare as equal")
	}
}

// compare lists the differences between a rule and a Go type.
func (s schema) compare(n *cddl, typ reflect.Type) []string {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ == reflect.TypeFor[canonical.Raw]() {
		if n.kind != "name" || n.text != "any" {
			return []string{"Go carries it undecoded, the rule does not say any"}
		}
		return nil
	}
	if typ == reflect.TypeFor[statement.Key]() && n.kind == "name" {
		return nil // two forms of one type: compared by TestVectorsFollowTheCDDL
	}
	if typ == reflect.TypeFor[commitment.Disclosure]() || typ == reflect.TypeFor[commitment.Slot]() {
		return s.compareForms(n, typ)
	}
	switch n.kind {
	case "name":
		if s[n.text] != nil {
			return s.compare(s[n.text], typ)
		}
		return kindIs(typ, map[string]string{"uint": "uint64", "tstr": "string", "bstr": "bytes", "bool": "bool"}[n.text])
	case "number", "range":
		return s.compareNumber(n, typ)
	case "choice":
		var out []string
		for _, o := range n.of {
			out = append(out, s.compare(o, typ)...)
		}
		return out
	case "control":
		if size := n.of[1]; typ.Kind() == reflect.Array && (n.text != ".size" || size.kind != "number" || size.num.Int64() != int64(typ.Len())) {
			return []string{fmt.Sprintf("Go holds %d bytes", typ.Len())}
		}
		return s.compare(n.of[0], typ)
	case "array":
		return s.compareArray(n, typ)
	case "map":
		return s.compareMap(n, typ)
	}
	return []string{"rule of kind " + n.kind}
}

func kindIs(typ reflect.Type, want string) []string {
	got := typ.Kind().String()
	if (typ.Kind() == reflect.Slice || typ.Kind() == reflect.Array) && typ.Elem().Kind() == reflect.Uint8 {
		got = "bytes"
	}
	if typ == reflect.TypeFor[canonical.Text]() {
		got = "string"
	}
	if got != want {
		return []string{fmt.Sprintf("Go has %s, the rule %s", got, want)}
	}
	return nil
}

// compareNumber wants an unsigned Go type for what is never negative, unless
// the range is that of a time, which Go counts in int64.
func (s schema) compareNumber(n *cddl, typ reflect.Type) []string {
	low := n
	if n.kind == "range" {
		low = n.of[0]
	}
	switch typ.Kind() {
	case reflect.Int64:
		return nil
	case reflect.Uint64, reflect.Uint32:
		if low.num.Sign() >= 0 {
			return nil
		}
	}
	return []string{fmt.Sprintf("Go has %s for a number from %v", typ.Kind(), low.num)}
}

// compareForms compares the choice of forms with the members of one Go type.
func (s schema) compareForms(n *cddl, typ reflect.Type) []string {
	for n.kind == "name" {
		n = s[n.text]
	}
	fields, have := members(typ), map[int64]bool{}
	var out []string
	for _, form := range n.of {
		for form.kind == "name" {
			form = s[form.text]
		}
		for _, e := range form.entries {
			have[*e.key] = true
			if f, ok := fields[*e.key]; !ok {
				out = append(out, fmt.Sprintf("member %d is not in Go", *e.key))
			} else {
				out = append(out, s.compare(e.value, f.typ)...)
			}
		}
	}
	if len(have) != len(fields) {
		out = append(out, fmt.Sprintf("%d members in the rule, %d in Go", len(have), len(fields)))
	}
	return out
}

func (s schema) compareArray(n *cddl, typ reflect.Type) []string {
	entries := s.members(n)
	if len(entries) == 1 && (entries[0].most != 1 || entries[0].least != 1) || typ.Kind() == reflect.Slice && len(entries) == 2 && typ.Elem().Kind() == reflect.Slice {
		if typ.Kind() != reflect.Slice {
			return []string{"Go has no list"}
		}
		return s.compare(entries[0].value, typ.Elem())
	}
	if typ.Kind() != reflect.Struct {
		return []string{fmt.Sprintf("Go has %s for an array", typ)}
	}
	var fields []reflect.StructField
	for f := range typ.Fields() {
		if f.Name == "_" {
			if f.Tag.Get("cbor") != ",toarray" {
				return []string{"Go writes a map"}
			}
			continue
		}
		fields = append(fields, f)
	}
	if len(fields) != len(entries) {
		return []string{fmt.Sprintf("%d elements in the rule, %d in Go", len(entries), len(fields))}
	}
	var out []string
	for i, f := range fields {
		for _, d := range s.compare(entries[i].value, f.Type) {
			out = append(out, f.Name+": "+d)
		}
	}
	return out
}

type member struct {
	typ      reflect.Type
	optional bool
}

// members gives the map members of a Go type, embedded ones included.
func members(typ reflect.Type) map[int64]member {
	out := map[int64]member{}
	for f := range typ.Fields() {
		tag := f.Tag.Get("cbor")
		if f.Anonymous && tag == "" {
			for k, m := range members(f.Type) {
				out[k] = m
			}
			continue
		}
		num, options, _ := strings.Cut(tag, ",")
		if key, err := strconv.ParseInt(num, 10, 64); err == nil {
			out[key] = member{f.Type, strings.Contains(options, "omit")}
		}
	}
	return out
}

func (s schema) compareMap(n *cddl, typ reflect.Type) []string {
	if typ.Kind() != reflect.Struct {
		return []string{fmt.Sprintf("Go has %s for a map", typ)}
	}
	fields := members(typ)
	var out []string
	for _, e := range s.members(n) {
		f, ok := fields[*e.key]
		if !ok {
			out = append(out, fmt.Sprintf("member %d is not in Go", *e.key))
			continue
		}
		delete(fields, *e.key)
		if f.optional != (e.least == 0) {
			out = append(out, fmt.Sprintf("member %d: optional in Go %t, in the rule %t", *e.key, f.optional, e.least == 0))
		}
		for _, d := range s.compare(e.value, f.typ) {
			out = append(out, fmt.Sprintf("member %d: %s", *e.key, d))
		}
	}
	for key := range fields {
		if !(typ == reflect.TypeFor[statement.Key]() && key == -3) { // y: P-256 only
			out = append(out, fmt.Sprintf("member %d is in Go only", key))
		}
	}
	return out
}

// TestREADMEShowsTheVectors: the worked example of docs/formats is the golden
// one.
func TestREADMEShowsTheVectors(t *testing.T) {
	b, err := os.ReadFile("../../../docs/formats/README.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(b)), "")
	v := Statements()[6]
	if v.Name != "void" {
		t.Fatal("the example is the void")
	}
	for name, want := range map[string]Hex{"body": v.Body, "payload": v.Payload, "protected": v.Protected, "sig_structure": v.SigStructure,
		"signature": v.Signature, "statement": v.Statement, "hash": v.Hash, "leaf hash": v.LeafHash} {
		if !strings.Contains(text, fmt.Sprintf("%x", []byte(want))) {
			t.Errorf("README.md does not show the %s of the example", name)
		}
	}
	if !bytes.Contains(b, []byte("SYNTHETIC")) {
		t.Error("the example is not marked")
	}
	for code := statement.Type(1); code <= statement.TypeLogClosed; code++ {
		if !bytes.Contains(b, fmt.Appendf(nil, "| %d | %s |", uint64(code), code)) {
			t.Errorf("README.md lists no type %d, %s", uint64(code), code)
		}
	}
	for label := range factRules {
		if !bytes.Contains(b, fmt.Appendf(nil, "| %d |", label)) {
			t.Errorf("README.md lists no label %d", label)
		}
	}
}
