package trust_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"adamas.example/verify/canonical"
	"adamas.example/verify/internal/vectors"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

const start = verifytest.Start

// entries reads all logs of the world.
func entries(t *testing.T, w *verifytest.World) []trust.Entry {
	t.Helper()
	var out []trust.Entry
	for _, l := range w.Logs {
		for i, leaf := range l.Leaves {
			st, err := statement.Parse(leaf)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, trust.Entry{Origin: l.Origin, Index: uint64(i), Statement: st})
		}
	}
	return out
}

func directory(t *testing.T, w *verifytest.World) *trust.Directory {
	t.Helper()
	chain, err := trust.ParseChain(w.Roots, canonical.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := trust.NewDirectory(chain, entries(t, w))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// says appends a statement of an issuer to a log and gives its place.
func says(l *verifytest.Log, s verifytest.Signer, issuer string, b statement.Body) (trust.Place, []byte) {
	leaf := s.Statement(statement.Header{Issuer: issuer, IssuedAt: start + 60, Subject: "SYNTHETIC", Synthetic: true}, b)
	return trust.Place{Origin: l.Origin, Index: uint64(l.Append(leaf))}, leaf
}

func read(t *testing.T, b []byte) *statement.Statement {
	t.Helper()
	st, err := statement.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func voidOf(number string) *statement.Void {
	return &statement.Void{About: statement.About{Number: number, Certificate: canonical.Sum([]byte(number))}, Reason: "SYNTHETIC"}
}

func listing(office string, s verifytest.Signer) *statement.OfficeKey {
	return &statement.OfficeKey{Office: office, Name: "SYNTHETIC", Use: statement.UseOffice, Key: s.Key, From: start - 3600, Until: start + 86400,
		Types: []statement.Type{statement.TypeVoid}}
}

// wantIgnored holds that exactly one entry more is ignored, with this reason.
func wantIgnored(t *testing.T, d *trust.Directory, reason string) {
	t.Helper()
	if len(d.Ignored) != 1 || !strings.Contains(d.Ignored[0].Reason, reason) {
		t.Errorf("ignored: %v, want one: %s", d.Ignored, reason)
	}
}

// TestSigner goes through every reason why a signer is not entitled.
func TestSigner(t *testing.T) {
	w := verifytest.New()
	cf := w.Offices["CF/bangui"]
	d := directory(t, w)
	if len(d.Ignored) != 0 {
		t.Fatalf("the world itself: %v", d.Ignored)
	}
	sign := func(s verifytest.Signer, issuer string, at int64, b statement.Body) *statement.Statement {
		return read(t, s.Statement(statement.Header{Issuer: issuer, IssuedAt: at, Subject: "SYNTHETIC", Synthetic: true}, b))
	}
	forged := sign(cf.Signer, "CF/bangui", start, voidOf("CF00000001"))
	forged.Signed = sign(w.Offices["AE/dubai"].Signer, "CF/bangui", start, voidOf("CF00000001")).Signed
	forged.Signed.KeyID = cf.Signer.Key.ID()
	for _, c := range []struct {
		why  string
		st   *statement.Statement
		want error
	}{
		{"entitled", sign(cf.Signer, "CF/bangui", start, voidOf("CF00000001")), nil},
		{"a stranger", sign(verifytest.NewSigner("stranger"), "CF/bangui", start, voidOf("CF00000001")), trust.ErrUnknownKey},
		{"another's signature under its key id", forged, trust.ErrSignature},
		{"another office of the Participant", sign(cf.Signer, "CF/berberati", start, voidOf("CF00000001")), trust.ErrOffice},
		{"an office of another Participant", sign(cf.Signer, "AE/dubai", start, voidOf("CF00000001")), trust.ErrOffice},
		{"an officer's key", sign(cf.Preparer, "CF/bangui", start, voidOf("CF00000001")), trust.ErrUse},
		{"a type it may not sign", sign(cf.Signer, "CF/bangui", start, vectors.Bodies()[13]), trust.ErrUse},
		{"before its time", sign(cf.Signer, "CF/bangui", start-3601, voidOf("CF00000001")), trust.ErrKeyTime},
		{"at the end of its time", sign(cf.Signer, "CF/bangui", start+366*86400, voidOf("CF00000001")), trust.ErrKeyTime},
	} {
		if _, err := d.Signer(c.st, nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.why, err, c.want)
		}
	}
	for _, c := range []struct {
		why    string
		id     statement.KeyID
		office string
		at     int64
		want   error
	}{
		{"entitled", cf.Preparer.Key.ID(), "CF/bangui", start, nil},
		{"a stranger", verifytest.NewSigner("stranger").Key.ID(), "CF/bangui", start, trust.ErrUnknownKey},
		{"the office's own key", cf.Signer.Key.ID(), "CF/bangui", start, trust.ErrUse},
		{"another office", cf.Preparer.Key.ID(), "AE/dubai", start, trust.ErrOffice},
		{"after its time", cf.Preparer.Key.ID(), "CF/bangui", start + 366*86400, trust.ErrKeyTime},
	} {
		if _, err := d.Officer(c.id, c.office, c.at, nil); !errors.Is(err, c.want) {
			t.Errorf("officer, %s: %v, want %v", c.why, err, c.want)
		}
	}
}

// TestNoAuthorityClaimsAnothersKey plays an attack: AE's authority lists the
// public key of CF's office as a key of its own, in a log that sorts first,
// and revokes it. CF's certificates must stand.
func TestNoAuthorityClaimsAnothersKey(t *testing.T) {
	w := verifytest.New()
	ae, cf := w.Logs[0], w.Logs[1]
	for _, s := range []verifytest.Signer{w.Offices["CF/bangui"].Signer, w.Offices["CF/bangui"].Preparer} {
		says(ae, w.Authority["AE"], "AE/authority", listing("AE/dubai", s))
		says(ae, w.Authority["AE"], "AE/authority", &statement.KeyRevoked{Key: s.Key.ID(), Reason: "SYNTHETIC attack",
			CutOff: []statement.Vector{{Origin: ae.Origin, Size: 0, Root: canonical.Sum(nil)}}})
	}
	place, leaf := says(cf, w.Offices["CF/bangui"].Signer, "CF/bangui", voidOf("CF00000001"))
	d := directory(t, w)
	if len(d.Ignored) != 0 {
		t.Errorf("ignored: %v", d.Ignored)
	}
	k, err := d.Signer(read(t, leaf), &place)
	if err != nil || k.Office != "CF/bangui" {
		t.Errorf("CF's own key: %v %v", k, err)
	}
	if _, err := d.Officer(w.Offices["CF/bangui"].Preparer.Key.ID(), "CF/bangui", start, &place); err != nil {
		t.Errorf("CF's own officer: %v", err)
	}
	// What AE claims gives it nothing either: it cannot sign with the key, and
	// what CF signed is not AE's.
	if _, err := d.Signer(read(t, w.Offices["CF/bangui"].Signer.Statement(statement.Header{Issuer: "AE/dubai", IssuedAt: start, Subject: "x", Synthetic: true},
		voidOf("CF00000001"))), nil); !errors.Is(err, trust.ErrRevoked) {
		t.Errorf("CF's key for AE: %v", err)
	}
	if len(d.About("CF00000001")) != 1 {
		t.Error("the cancellation is lost")
	}
}

// TestIgnored lists entries that have no authority, each in a world of its own.
func TestIgnored(t *testing.T) {
	stranger := verifytest.NewSigner("stranger")
	for _, c := range []struct {
		reason string
		add    func(w *verifytest.World, ae, cf *verifytest.Log)
	}{
		{"not signed by the authority", func(w *verifytest.World, _, cf *verifytest.Log) {
			says(cf, stranger, "CF/authority", listing("CF/berberati", stranger))
		}},
		{"speaks for", func(w *verifytest.World, ae, _ *verifytest.Log) {
			says(ae, w.Authority["AE"], "AE/authority", listing("CF/berberati", stranger))
		}},
		{"not the Participant's home", func(w *verifytest.World, ae, _ *verifytest.Log) {
			says(ae, w.Authority["CF"], "CF/authority", listing("CF/berberati", stranger))
		}},
		{"no such Participant", func(w *verifytest.World, ae, _ *verifytest.Log) {
			says(ae, stranger, "ZZ/authority", listing("ZZ/office", stranger))
		}},
		{"already that of CF/bangui", func(w *verifytest.World, _, cf *verifytest.Log) {
			says(cf, w.Authority["CF"], "CF/authority", listing("CF/berberati", w.Offices["CF/bangui"].Signer))
		}},
		{"which is unknown", func(w *verifytest.World, _, cf *verifytest.Log) {
			says(cf, w.Authority["CF"], "CF/authority", &statement.KeyRevoked{Key: stranger.Key.ID(), Reason: "SYNTHETIC",
				CutOff: []statement.Vector{{Origin: cf.Origin, Size: 1, Root: canonical.Sum(nil)}}})
		}},
		{"which is unknown", func(w *verifytest.World, ae, _ *verifytest.Log) {
			says(ae, w.Authority["AE"], "AE/authority", &statement.KeyRevoked{Key: w.Offices["CF/bangui"].Signer.Key.ID(), Reason: "SYNTHETIC",
				CutOff: []statement.Vector{{Origin: ae.Origin, Size: 1, Root: canonical.Sum(nil)}}})
		}},
		{"not signed by the authority", func(w *verifytest.World, _, cf *verifytest.Log) {
			says(cf, w.Offices["CF/bangui"].Signer, "CF/bangui", vectors.Bodies()[3]) // an office allots itself numbers
		}},
		{"speaks for", func(w *verifytest.World, ae, _ *verifytest.Log) {
			says(ae, w.Authority["AE"], "AE/authority", vectors.Bodies()[3]) // numbers of CF, by AE
		}},
		{"speaks for", func(w *verifytest.World, ae, _ *verifytest.Log) {
			says(ae, w.Authority["AE"], "AE/authority", vectors.Bodies()[0])
		}},
		{"may not sign", func(w *verifytest.World, _, cf *verifytest.Log) {
			says(cf, w.Offices["CF/bangui"].Signer, "CF/bangui", vectors.Bodies()[13])
		}},
	} {
		w := verifytest.New()
		c.add(w, w.Logs[0], w.Logs[1])
		wantIgnored(t, directory(t, w), c.reason)
	}
}

// TestRevocation: what stands below the cut-off stays; a second revocation can
// take back more and never gives anything again, in either order.
func TestRevocation(t *testing.T) {
	vector := func(origin string, size uint64) statement.Vector {
		return statement.Vector{Origin: origin, Size: size, Root: canonical.Sum(nil)}
	}
	revoke := func(w *verifytest.World, vs ...statement.Vector) {
		says(w.Logs[1], w.Authority["CF"], "CF/authority", &statement.KeyRevoked{Key: w.Offices["CF/bangui"].Signer.Key.ID(), Reason: "SYNTHETIC", CutOff: vs})
	}
	wide := func(w *verifytest.World) []statement.Vector {
		return []statement.Vector{vector(w.Logs[0].Origin, 5), vector(w.Logs[1].Origin, 100)}
	}
	narrow := func(w *verifytest.World) []statement.Vector {
		return []statement.Vector{vector(w.Logs[0].Origin, 9), vector(w.Logs[1].Origin, 7)}
	}
	for order, cuts := range map[string][]func(*verifytest.World) []statement.Vector{
		"one":               {narrow},
		"wide, then narrow": {wide, narrow},
		"narrow, then wide": {narrow, wide},
		"twice the same":    {narrow, narrow},
		"narrow, then empty": {narrow, func(w *verifytest.World) []statement.Vector {
			return []statement.Vector{vector("zz.example/other", 99)}
		}},
	} {
		w := verifytest.New()
		for _, c := range cuts {
			revoke(w, c(w)...)
		}
		_, leaf := says(w.Logs[1], w.Offices["CF/bangui"].Signer, "CF/bangui", voidOf("CF00000001"))
		st := read(t, leaf)
		d := directory(t, w)
		for index, want := range map[uint64]error{6: nil, 7: trust.ErrRevoked, 8: trust.ErrRevoked} {
			if order == "narrow, then empty" {
				want = trust.ErrRevoked // nothing is left of it
			}
			if _, err := d.Signer(st, &trust.Place{Origin: w.Logs[1].Origin, Index: index}); !errors.Is(err, want) {
				t.Errorf("%s: entry %d: %v, want %v", order, index, err, want)
			}
		}
		if _, err := d.Signer(st, nil); !errors.Is(err, trust.ErrRevoked) {
			t.Errorf("%s: in no log: %v", order, err)
		}
		if _, err := d.Signer(st, &trust.Place{Origin: "zz.example/third", Index: 0}); !errors.Is(err, trust.ErrRevoked) {
			t.Errorf("%s: in a log without a cut-off: %v", order, err)
		}
		for index, want := range map[uint64]error{4: nil, 5: trust.ErrRevoked} {
			if !slices.Contains([]string{"wide, then narrow", "narrow, then wide"}, order) {
				continue
			}
			if _, err := d.Signer(st, &trust.Place{Origin: w.Logs[0].Origin, Index: index}); !errors.Is(err, want) {
				t.Errorf("%s: entry %d of the other log: %v, want %v", order, index, err, want)
			}
		}
	}
}

// TestRelistedKeyStaysRevoked: the authority cannot undo its word by saying
// again whose key it is.
func TestRelistedKeyStaysRevoked(t *testing.T) {
	w := verifytest.New()
	cf := w.Logs[1]
	s := w.Offices["CF/bangui"].Signer
	says(cf, w.Authority["CF"], "CF/authority", &statement.KeyRevoked{Key: s.Key.ID(), Reason: "SYNTHETIC",
		CutOff: []statement.Vector{{Origin: cf.Origin, Size: 7, Root: canonical.Sum(nil)}}})
	says(cf, w.Authority["CF"], "CF/authority", listing("CF/bangui", s))
	place, leaf := says(cf, s, "CF/bangui", voidOf("CF00000001"))
	d := directory(t, w)
	if _, err := d.Signer(read(t, leaf), &place); !errors.Is(err, trust.ErrRevoked) {
		t.Errorf("%v", err)
	}
	if len(d.About("CF00000001")) != 0 {
		t.Error("a revoked key cancels a certificate")
	}
}

// TestHomes: a stretch of a log counts from an index up to another; a named
// fallback counts throughout.
func TestHomes(t *testing.T) {
	w := verifytest.New()
	ae, cf := w.Logs[0].Origin, w.Logs[1].Origin
	r := copyRoot(w)
	r.Participants[1].Homes = []trust.Home{{Origin: cf, From: 2, Until: 5}, {Origin: cf, From: 8}}
	r.Participants[1].Fallback = ae
	chain, err := trust.ParseChain([][]byte{w.SignRoot(r)}, canonical.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := trust.NewDirectory(chain, nil)
	if err != nil {
		t.Fatal(err)
	}
	for index, home := range map[uint64]bool{0: false, 1: false, 2: true, 4: true, 5: false, 7: false, 8: true, 1 << 40: true} {
		if err := d.AtHome("CF", trust.Place{Origin: cf, Index: index}); (err == nil) != home {
			t.Errorf("entry %d: %v", index, err)
		}
	}
	for _, c := range []struct {
		code, origin string
		want         error
	}{{"CF", ae, nil}, {"CF", "zz.example/x", trust.ErrHome}, {"AE", cf, trust.ErrHome}, {"ZZ", ae, trust.ErrParticipant}} {
		if err := d.AtHome(c.code, trust.Place{Origin: c.origin, Index: 3}); !errors.Is(err, c.want) {
			t.Errorf("%s in %s: %v, want %v", c.code, c.origin, err, c.want)
		}
	}
	if got := d.HomeLogs("CF"); !slices.Equal(got, []string{cf, ae}) || d.HomeLogs("ZZ") != nil {
		t.Errorf("%v", got)
	}
}

// TestApproves: an approval is bound to the officer, the digest and its kind.
func TestApproves(t *testing.T) {
	w := verifytest.New()
	cf := w.Offices["CF/bangui"]
	k, err := directory(t, w).Officer(cf.Preparer.Key.ID(), "CF/bangui", start, nil)
	if err != nil {
		t.Fatal(err)
	}
	digest := canonical.Sum([]byte("digest"))
	if !k.Approves(cf.Preparer.Sign(statement.ContentApproval, digest[:], true), digest) {
		t.Error("the officer's own approval")
	}
	for why, b := range map[string][]byte{
		"of another officer": cf.Validator.Sign(statement.ContentApproval, digest[:], true),
		"of another digest":  cf.Preparer.Sign(statement.ContentApproval, []byte("other"), true),
		"a root's signature": cf.Preparer.Sign(statement.ContentRoot, digest[:], true),
		"carried along":      cf.Preparer.Sign(statement.ContentApproval, digest[:], false),
		"nothing":            nil,
	} {
		if k.Approves(b, digest) {
			t.Errorf("%s approves", why)
		}
	}
}

// TestFormerAuthority: a Participant's authority changes its key by a new root.
// What the old key signed before the cut-off stands, what it signs later does
// not, and the new key speaks.
func TestFormerAuthority(t *testing.T) {
	w := verifytest.New()
	cf := w.Logs[1]
	size := uint64(len(cf.Leaves))
	next := verifytest.NewSigner("authority CF, the next")
	old := w.Authority["CF"]
	v2 := second(t, w, func(r *trust.Root) {
		r.Participants[1].Authority = next.Key
		r.Participants[1].Former = []trust.Former{{Key: old.Key, CutOff: []statement.Vector{{Origin: cf.Origin, Size: size, Root: canonical.Sum(nil)}}}}
	})
	w.Roots = append(w.Roots, w.SignRoot(v2))
	if d := directory(t, w); len(d.Ignored) != 0 {
		t.Fatalf("the past is disowned: %v", d.Ignored)
	}
	late := verifytest.NewSigner("office CF/late")
	says(cf, old, "CF/authority", listing("CF/late", late))
	wantIgnored(t, directory(t, w), "after its cut-off")
	says(cf, next, "CF/authority", listing("CF/late", late))
	if d := directory(t, w); len(d.Key(late.Key.ID())) != 1 {
		t.Error("the new authority is not heard")
	}
}

// TestOfficeWithAHomeOfItsOwn: an office that keeps a log of its own counts
// there and nowhere else, even in another home of its Participant.
func TestOfficeWithAHomeOfItsOwn(t *testing.T) {
	w := verifytest.New()
	own := verifytest.NewSigner("office CF/own")
	l := listing("CF/own", own)
	l.Home = "elsewhere.example"
	says(w.Logs[1], w.Authority["CF"], "CF/authority", l)
	place, leaf := says(w.Logs[1], own, "CF/own", voidOf("CF00000001"))
	if _, err := directory(t, w).Signer(read(t, leaf), &place); !errors.Is(err, trust.ErrHome) {
		t.Errorf("counted outside its home: %v", err)
	}
}
