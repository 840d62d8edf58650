package statement

import (
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
)

// What a verdict reads of a statement is decoded by hand, for speed
// (docs/adr/0006-hand-written-decoders.md). Each function stands beside its form
// in docs/formats/statement.cddl; decode_test.go holds them against the library.

func readProtected(c *canonical.Cursor) (p protected) {
	c.Map()
	c.Key(1)
	p.Alg = Algorithm(c.Int())
	c.Key(3)
	p.Content = c.TextOf(ContentStatement, ContentRoot, ContentApproval)
	c.Key(4)
	p.Kid = c.Bytes()
	c.End()
	return p
}

func readPayload(c *canonical.Cursor) (p payload) {
	c.Map()
	c.Key(1)
	p.Type = Type(c.Uint())
	c.Key(2)
	p.Version = c.Uint()
	c.Key(3)
	p.Issuer = c.Text()
	c.Key(4)
	p.IssuedAt = c.Int()
	c.Key(5)
	p.Subject = c.Text()
	if c.Has(6) {
		p.Prev = c.Hash()
		c.Says(!p.Prev.IsZero())
	}
	if c.Has(7) {
		p.Refs = make([]canonical.Hash, 0, c.List())
		for c.More() {
			p.Refs = append(p.Refs, c.Hash())
		}
		c.Says(len(p.Refs) > 0)
	}
	if c.Has(8) {
		p.Body = c.Raw()
	}
	c.Key(9)
	p.Synthetic = c.Bool()
	if c.Has(10) {
		p.Blob = readBlob(c)
	}
	c.End()
	return p
}

func readBlob(c *canonical.Cursor) *Blob {
	b := new(Blob)
	c.Tuple(3)
	b.Hash, b.Size, b.Media = c.Hash(), c.Uint(), c.Text()
	c.End()
	return b
}

func readCertificate(c *canonical.Cursor) *Certificate {
	b := new(Certificate)
	c.Map()
	c.Key(1)
	b.Number = c.Text()
	c.Key(2)
	b.Kind = Kind(c.Uint())
	c.Key(3)
	b.Destination = c.Text()
	c.Key(4)
	b.Issued = canonical.Day(c.Uint32())
	c.Key(5)
	b.Expires = canonical.Day(c.Uint32())
	c.Key(6)
	b.Range = c.Hash()
	c.Key(7)
	b.Station = c.Text()
	c.Key(8)
	b.Facts = commitment.ReadRoot(c)
	if c.Has(9) {
		b.Custody = c.Hash()
		c.Says(!b.Custody.IsZero())
	}
	c.Key(10)
	b.RuleSet = c.Hash()
	c.Key(11)
	c.Fixed(b.Preparer[:])
	c.Key(12)
	c.Fixed(b.Validator[:])
	if c.Has(13) {
		b.FourEyes = c.Hash()
		c.Says(!b.FourEyes.IsZero())
	}
	c.End()
	return b
}
