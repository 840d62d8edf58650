package trust_test

import (
	"errors"
	"testing"

	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

// TestRecipient: the newest good appointment that names one, and none after the
// key was ended, has run out, or by the word of another's authority.
func TestRecipient(t *testing.T) {
	w := verifytest.New()
	cf := w.Logs[1]
	appoint := func(by, office, name, age string, from, until int64) statement.KeyID {
		k := verifytest.NewSigner(name)
		cf.Append(w.Authority[by].Statement(statement.Header{Issuer: by + "/authority", IssuedAt: verifytest.Start, Subject: "key/" + k.Key.ID().String(), Synthetic: true},
			&statement.OfficeKey{Office: office, Name: "SYNTHETIC", Use: statement.UseOffice, Key: k.Key, From: from, Until: until, Age: age, Types: []statement.Type{statement.TypeVoid}}))
		return k.Key.ID()
	}
	now := verifytest.Start
	directory := func() *trust.Directory {
		chain, err := trust.ParseChain(w.Roots, canonical.Hash{})
		if err != nil {
			t.Fatal(err)
		}
		var entries []trust.Entry
		for _, l := range w.Logs {
			for i, leaf := range l.Leaves {
				st, err := statement.Parse(leaf)
				if err != nil {
					t.Fatal(err)
				}
				entries = append(entries, trust.Entry{Origin: l.Origin, Index: uint64(i), Statement: st})
			}
		}
		d, err := trust.NewDirectory(chain, entries)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	want := func(at int64, age string) {
		t.Helper()
		got, err := directory().Recipient("CF/bangui", at)
		if got != age || (age == "") != errors.Is(err, trust.ErrUnknownKey) {
			t.Errorf("%q %v, want %q", got, err, age)
		}
	}
	want(now, "") // its key names none
	appoint("CF", "CF/bangui", "one", "age1one", now-10, now+100)
	appoint("AE", "CF/bangui", "false", "age1false", now-1, now+100) // in a log that is not AE's, and not its office
	appoint("CF", "CF/berberati", "another", "age1another", now-1, now+100)
	want(now, "age1one")
	two := appoint("CF", "CF/bangui", "two", "age1two", now, now+50)
	want(now-1, "age1one")
	want(now, "age1two")
	want(now+50, "age1one")
	want(now+100, "")
	cf.Append(w.Authority["CF"].Statement(statement.Header{Issuer: "CF/authority", IssuedAt: now, Subject: "key/" + two.String(), Synthetic: true},
		&statement.KeyRevoked{Key: two, Reason: "SYNTHETIC", CutOff: []statement.Vector{{Origin: cf.Origin, Size: 100, Root: canonical.Sum([]byte("x"))}}}))
	want(now, "age1one")
	if _, err := directory().Recipient("nowhere", now); !errors.Is(err, trust.ErrOffice) {
		t.Error(err)
	}
}
