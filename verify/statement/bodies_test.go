package statement_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/internal/vectors"
	"adamas.example/verify/statement"
)

// TestEveryBodyRoundTrips signs one body of each type and reads it again.
func TestEveryBodyRoundTrips(t *testing.T) {
	seen := map[statement.Type]bool{}
	for _, body := range vectors.Bodies() {
		h := vectors.Header(body.Type())
		seen[h.Type] = true
		t.Run(h.Type.String(), func(t *testing.T) {
			payload, err := statement.Payload(h, body)
			if err != nil {
				t.Fatal(err)
			}
			k := vectors.SignerOf(h.Type)
			signed, _, _ := k.Sign(statement.ContentStatement, payload, false)
			st, err := statement.Parse(signed)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(h, st.Header); d != "" {
				t.Error("header", d)
			}
			if d := cmp.Diff(body, st.Body, cmpopts.EquateEmpty(), ignoreBlank()); d != "" {
				t.Error("body", d)
			}
			if st.Hash != canonical.Sum(signed) || !bytes.Equal(st.Bytes, signed) || st.Blob != nil {
				t.Error("hash, bytes or blob are not those of the statement")
			}
			v, err := k.Key.Verifier()
			if err != nil || !st.Signed.VerifiedBy(v) {
				t.Errorf("signature does not verify (%v)", err)
			}
			again, err := statement.Payload(st.Header, st.Body)
			if err != nil || !bytes.Equal(again, payload) {
				t.Errorf("what was read is written otherwise: %x, was %x (%v)", again, payload, err)
			}
		})
	}
	for code := statement.Type(1); code <= statement.TypeLogClosed; code++ {
		_, opaque := statement.NewBody(code).(*statement.Opaque)
		if opaque == seen[code] {
			t.Errorf("%s: decoder %t, in the vectors %t", code, !opaque, seen[code])
		}
	}
}

// ignoreBlank skips the blank marker fields of array-encoded structs.
func ignoreBlank() cmp.Option {
	return cmp.FilterPath(func(p cmp.Path) bool {
		f, ok := p.Last().(cmp.StructField)
		return ok && f.Name() == "_"
	}, cmp.Ignore())
}

// TestRefusals bends one field of a valid body at a time. The error must name
// the field, in the words of docs/formats.
func TestRefusals(t *testing.T) {
	long := strings.Repeat("x", 501)
	var none canonical.Hash
	vector := statement.Vector{Origin: "a.example/log", Size: 1, Root: canonical.Sum(nil)}
	many := make([]statement.Vector, statement.MaxVectors+1)
	for i := range many {
		many[i] = vector
		many[i].Origin = strings.Repeat("a", i+1)
	}
	refuse(t, "code", func(b *statement.Participant) { b.Code = "cf" }, func(b *statement.Participant) { b.Code = "CFA" })
	refuse(t, "name", func(b *statement.Participant) { b.Name = "C" }, func(b *statement.Participant) { b.Name = "a\u202eb" })
	refuse(t, "authority", func(b *statement.Participant) { b.Authority = "" }, func(b *statement.Participant) { b.Authority = long })
	refuse(t, "digits", func(b *statement.Participant) { b.Digits = 3 }, func(b *statement.Participant) { b.Digits = 13 })

	refuse(t, "office", func(b *statement.OfficeKey) { b.Office = "CF" }, func(b *statement.OfficeKey) { b.Office = "CF/Bangui" },
		func(b *statement.OfficeKey) { b.Office = "CF/" + strings.Repeat("a", 41) })
	refuse(t, "name", func(b *statement.OfficeKey) { b.Name = "\x7f" }, func(b *statement.OfficeKey) { b.Name = long[:201] },
		func(b *statement.OfficeKey) { b.Use, b.Types = statement.UseOfficer, nil })
	refuse(t, "use", func(b *statement.OfficeKey) { b.Use = 0 }, func(b *statement.OfficeKey) { b.Use = 3 })
	refuse(t, "key", func(b *statement.OfficeKey) { b.Key.X = b.Key.X[:31] }, func(b *statement.OfficeKey) { b.Key.Alg = statement.ES256 },
		func(b *statement.OfficeKey) { b.Key.Kty = 2 }, func(b *statement.OfficeKey) { b.Key.Y = []byte{1} },
		func(b *statement.OfficeKey) { b.Key = vectors.P256("x").Key; b.Key.Y = b.Key.X })
	refuse(t, "from", func(b *statement.OfficeKey) { b.From = 0 }, func(b *statement.OfficeKey) { b.From = -1 })
	refuse(t, "until", func(b *statement.OfficeKey) { b.Until = b.From }, func(b *statement.OfficeKey) { b.Until = 253402300800 })
	refuse(t, "age", func(b *statement.OfficeKey) { b.Age = long[:101] }, func(b *statement.OfficeKey) { b.Age = "age\n1" })
	refuse(t, "types", func(b *statement.OfficeKey) { b.Types = nil }, func(b *statement.OfficeKey) { b.Types = []statement.Type{5, 5} },
		func(b *statement.OfficeKey) { b.Types = []statement.Type{6, 5} }, func(b *statement.OfficeKey) { b.Use, b.Name = statement.UseOfficer, "" })
	refuse(t, "home", func(b *statement.OfficeKey) { b.Home = "a\x00b" }, func(b *statement.OfficeKey) { b.Home = long[:201] })

	refuse(t, "key", func(b *statement.KeyRevoked) { b.Key = statement.KeyID{} })
	refuse(t, "reason", func(b *statement.KeyRevoked) { b.Reason = "" }, func(b *statement.KeyRevoked) { b.Reason = long })
	refuse(t, "cut-off", func(b *statement.KeyRevoked) { b.CutOff = nil }, func(b *statement.KeyRevoked) { b.CutOff = many },
		func(b *statement.KeyRevoked) { b.CutOff = []statement.Vector{vector, vector} },
		func(b *statement.KeyRevoked) { b.CutOff = many[1:2]; b.CutOff = append(b.CutOff, many[0]) },
		func(b *statement.KeyRevoked) { b.CutOff[0].Root = none }, func(b *statement.KeyRevoked) { b.CutOff[0].Origin = "" })

	refuse(t, "participant", func(b *statement.NumberRange) { b.Participant = "C1" })
	refuse(t, "digits", func(b *statement.NumberRange) { b.Digits = 3 }, func(b *statement.NumberRange) { b.Digits = 13 })
	refuse(t, "first", func(b *statement.NumberRange) { b.First = 0 }, func(b *statement.NumberRange) { b.First = b.Last + 1 })
	refuse(t, "last", func(b *statement.NumberRange) { b.Digits, b.Last = 4, 10000 })
	refuse(t, "station", func(b *statement.NumberRange) { b.Station = "CF/bangui" }, func(b *statement.NumberRange) { b.Station = "CF/bangui/" },
		func(b *statement.NumberRange) { b.Station = "CF/bangui/pc-1/x" }, func(b *statement.NumberRange) { b.Station = "CF/bangui/" + long[:42] })
	refuse(t, "log-within", func(b *statement.NumberRange) { b.LogWithin = 0 }, func(b *statement.NumberRange) { b.LogWithin = 90*86400 + 1 })
	refuse(t, "from", func(b *statement.NumberRange) { b.From = 0 })
	refuse(t, "until", func(b *statement.NumberRange) { b.Until = b.From - 1 })
	refuseCertificate(t)

	refuse(t, "by", func(b *statement.Replacement) { b.By = b.Number }, func(b *statement.Replacement) { b.By = "AE123" })
	refuse(t, "reason", func(b *statement.Replacement) { b.Reason = "" }, func(b *statement.Replacement) { b.Reason = "a\u2028b" })
	refuse(t, "reason", func(b *statement.Void) { b.Reason = "" }, func(b *statement.Void) { b.Reason = long }, func(b *statement.Void) { b.Reason = "\xff" })
	refuse(t, "day", func(b *statement.Loss) { b.Day = 0 })
	refuse(t, "reason", func(b *statement.Loss) { b.Reason = "" })
	refuse(t, "paper", func(b *statement.Print) { b.Paper = none })
	refuse(t, "reason", func(b *statement.Print) { b.Reason = "" })
	refuse(t, "day", func(b *statement.Receipt) { b.Day = 0 })
	refuse(t, "carats", func(b *statement.Receipt) { b.Carats = 0 })
	refuse(t, "parcels", func(b *statement.Receipt) { b.Parcels = 0 })
	refuse(t, "day", func(b *statement.Discrepancy) { b.Day = 0 })
	refuse(t, "reason", func(b *statement.Discrepancy) { b.Reason = "" })
	refuse(t, "facts", func(b *statement.Opening) { b.Facts = commitment.Disclosure{} }, func(b *statement.Opening) { b.Facts.Seed = make([]byte, 16) },
		func(b *statement.Opening) { b.Facts.Slots[0].Shown.Salt = nil })

	refuse(t, "lot", func(b *statement.CustodyRoot) { b.Lot = "" }, func(b *statement.CustodyRoot) { b.Lot = long[:101] })
	refuse(t, "sources", func(b *statement.CustodyRoot) { b.Sources.Hash = none }, func(b *statement.CustodyRoot) { b.Sources.Count = 0 },
		func(b *statement.CustodyRoot) { b.Sources.Count = 4097 })
	refuse(t, "set", func(b *statement.RuleSet) { b.Set = "" }, func(b *statement.RuleSet) { b.Set = long[:61] })
	refuse(t, "version", func(b *statement.RuleSet) { b.Version = "" }, func(b *statement.RuleSet) { b.Version = long[:41] })
	refuse(t, "content", func(b *statement.RuleSet) { b.Content = none })
	refuse(t, "from", func(b *statement.RuleSet) { b.From = 0 })
	refuse(t, "logs", func(b *statement.Snapshot) { b.Logs = nil }, func(b *statement.Snapshot) { b.Logs = many })
	refuse(t, "digest", func(b *statement.Snapshot) { b.Digest = none })
	refuse(t, "at", func(b *statement.LogClosed) { b.At.Origin = "" }, func(b *statement.LogClosed) { b.At.Root = none })
	refuse(t, "successor", func(b *statement.LogClosed) { b.Successor = "" }, func(b *statement.LogClosed) { b.Successor = b.At.Origin })
	refuse(t, "reason", func(b *statement.LogClosed) { b.Reason = "" }, func(b *statement.LogClosed) { b.Reason = long })
}

// TestMovementAndRegisterRefusals is TestRefusals for what moves and who may.
func TestMovementAndRegisterRefusals(t *testing.T) {
	long := strings.Repeat("x", 501)
	refuse(t, "to", func(b *statement.Advice) { b.To = "AE" })
	refuse(t, "day", func(b *statement.Advice) { b.Day = 0 })
	refuse(t, "exit", func(b *statement.Advice) { b.Exit = long[:101] })
	refuse(t, "note", func(b *statement.Advice) { b.Note = "a\nb" })
	refuse(t, "step", func(b *statement.Disposition) { b.Step = 0 }, func(b *statement.Disposition) { b.Step = 7 })
	refuse(t, "day", func(b *statement.Disposition) { b.Day = 0 })
	refuse(t, "under", func(b *statement.Disposition) { b.Under = "AE1" }, func(b *statement.Disposition) { b.Step = statement.Seized })
	refuse(t, "reason", func(b *statement.Disposition) { b.Reason = "" })
	refuse(t, "number", func(b *statement.Transcript) { b.Number = "SL 004911" })
	refuse(t, "claimed", func(b *statement.Transcript) { b.Claimed = "" })
	refuse(t, "kind", func(b *statement.Transcript) { b.Kind = 0 }, func(b *statement.Transcript) { b.Kind = 6 })
	refuse(t, "issued", func(b *statement.Transcript) { b.Issued = 0 }, func(b *statement.Transcript) { b.Expires = 0 })
	refuse(t, "destination", func(b *statement.Transcript) { b.Destination = "" })
	refuse(t, "facts", func(b *statement.Transcript) { b.Facts.Count = 0 })
	refuse(t, "scans", func(b *statement.Transcript) { b.Scans = nil }, func(b *statement.Transcript) { slices.Reverse(b.Scans) },
		func(b *statement.Transcript) { b.Scans = []canonical.Hash{{}} }, func(b *statement.Transcript) { b.Scans[1] = b.Scans[0] },
		func(b *statement.Transcript) { b.Scans = make([]canonical.Hash, 33) })
	refuse(t, "findings", func(b *statement.Transcript) { b.Findings = []string{"b", "a"} }, func(b *statement.Transcript) { b.Findings = []string{""} },
		func(b *statement.Transcript) { b.Findings = make([]string, 33) })
	refuse(t, "by", func(b *statement.Attestation) { b.By = "" }, func(b *statement.Attestation) { b.By = "CF" })
	refuse(t, "day", func(b *statement.Attestation) { b.Day = 0 }, func(b *statement.Attestation) { b.Carats = 0 }, func(b *statement.Attestation) { b.Parcels = 0 })
	refuse(t, "scans", func(b *statement.Attestation) { b.Scans = nil })
	refuse(t, "field", func(b *statement.Endorsement) { b.Field = "" })
	refuse(t, "correction", func(b *statement.Endorsement) { b.Correction.Count = 0 })
	refuse(t, "reason", func(b *statement.Endorsement) { b.Reason = long })
	refuse(t, "in", func(b *statement.Transit) { b.In = 0 })
	refuse(t, "out", func(b *statement.Transit) { b.Out = b.In - 1 })
	refuse(t, "remark", func(b *statement.Transit) { b.Identical, b.Remark = false, "" }, func(b *statement.Transit) { b.Remark = long })
	refuse(t, "code", func(b *statement.Standing) { b.Code = "cf" })
	refuse(t, "kind", func(b *statement.Standing) { b.Kind = "" })
	refuse(t, "until", func(b *statement.Standing) { b.Until = b.From - 1 })
	refuse(t, "what", func(b *statement.Standing) { b.What = "" })
	refuse(t, "source", func(b *statement.Standing) { b.Source = "" })
	refuse(t, "certainty", func(b *statement.Standing) { b.Certainty = long[:21] })
	refuse(t, "participant", func(b *statement.Specimen) { b.Participant = "X" })
	refuse(t, "name", func(b *statement.Specimen) { b.Name = "" })
	refuse(t, "until", func(b *statement.Specimen) { b.Until = 1 })
	refuse(t, "features", func(b *statement.Specimen) { b.Features = "" })
	refuse(t, "pictures", func(b *statement.Specimen) { b.Pictures = make([]statement.Blob, 17) }, func(b *statement.Specimen) { b.Pictures[0].Size = 0 })
	refuse(t, "key", func(b *statement.RoleGrant) { b.Key = statement.KeyID{} })
	refuse(t, "office", func(b *statement.RoleGrant) { b.Office = "CF" })
	refuse(t, "roles", func(b *statement.RoleGrant) { b.Roles = []string{"b", "a"} }, func(b *statement.RoleGrant) { b.Roles = make([]string, 17) },
		func(b *statement.RoleGrant) { b.Roles = []string{""} })
	refuse(t, "until", func(b *statement.RoleGrant) { b.Until = b.From })
}

func refuseCertificate(t *testing.T) {
	var none canonical.Hash
	number := func(n string) func(*statement.Certificate) { return func(b *statement.Certificate) { b.Number = n } }
	refuse(t, "number", number(""), number("CF123"), number("CF1234567890123"), number("cf00000001"), number("CF0000000O"), number("CF+0000001"), number("CF٣٣٣٣٣"))
	refuse(t, "kind", func(b *statement.Certificate) { b.Kind = 0 }, func(b *statement.Certificate) { b.Kind = 6 })
	refuse(t, "destination", func(b *statement.Certificate) { b.Destination = "ae" }, func(b *statement.Certificate) { b.Destination = "" })
	refuse(t, "expires", func(b *statement.Certificate) { b.Expires = b.Issued - 1 })
	refuse(t, "issued", func(b *statement.Certificate) { b.Issued = 0 })
	refuse(t, "range", func(b *statement.Certificate) { b.Range = none })
	refuse(t, "station", func(b *statement.Certificate) { b.Station = "pc-1" }, func(b *statement.Certificate) { b.Station = "" })
	refuse(t, "facts", func(b *statement.Certificate) { b.Facts = commitment.Root{} }, func(b *statement.Certificate) { b.Facts.Count = 4097 })
	refuse(t, "rule-set", func(b *statement.Certificate) { b.RuleSet = none })
	refuse(t, "preparer", func(b *statement.Certificate) { b.Preparer = statement.KeyID{} })
	refuse(t, "validator", func(b *statement.Certificate) { b.Validator = b.Preparer }, func(b *statement.Certificate) { b.Validator = statement.KeyID{} })
}

// TestAboutIsRefused bends what every later statement says of its certificate.
func TestAboutIsRefused(t *testing.T) {
	n := 0
	for _, body := range vectors.Bodies() {
		about, ok := statement.Concerns(body)
		if !ok {
			continue
		}
		n++
		if about.Number != vectors.Number || about.Certificate.IsZero() {
			t.Errorf("%s concerns %v", body.Type(), about)
		}
		for field, bent := range map[string]statement.About{
			"number":      {Number: "CF1", Certificate: about.Certificate},
			"certificate": {Number: about.Number},
		} {
			reflect.ValueOf(body).Elem().FieldByName("About").Set(reflect.ValueOf(bent))
			wantRefusal(t, field, body)
		}
	}
	if n != 12 {
		t.Errorf("%d types are about a certificate, want 12", n)
	}
}

// refuse applies each change to a fresh valid body of type B.
func refuse[B statement.Body](t *testing.T, field string, changes ...func(B)) {
	t.Helper()
	for _, change := range changes {
		for _, body := range vectors.Bodies() {
			if b, ok := body.(B); ok {
				change(b)
				wantRefusal(t, field, b)
			}
		}
	}
}

func wantRefusal(t *testing.T, field string, b statement.Body) {
	t.Helper()
	err := b.Check()
	if err == nil {
		t.Errorf("%s: %s was accepted: %+v", b.Type(), field, b)
		return
	}
	names, _, _ := strings.Cut(err.Error(), ":")
	if !strings.Contains(" "+strings.ReplaceAll(names, ",", "")+" ", " "+field+" ") {
		t.Errorf("%s: the refusal of %s names another field: %v", b.Type(), field, err)
	}
	if _, err := statement.Payload(vectors.Header(b.Type()), b); err == nil {
		t.Errorf("%s: Payload wrote what Check refuses", b.Type())
	}
}
