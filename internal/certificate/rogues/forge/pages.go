package forge

import (
	"adamas.example/verify/bundle"
	"adamas.example/verify/paper"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
)

// codes are the texts of the two codes of a printed certificate.
func (w *world) codes(site string, b *bundle.Bundle) []string {
	compact := must(must(proof.Parse(b.Proof.String())).Compact(must(policy.Parse(w.trustees.PolicyOf(w.cf.log.signer)))))
	return []string{paper.Certificate.Text(site, b.Statement), paper.Proof.Text(site, compact)}
}

// site stands on genuine papers; nothing is ever asked of it.
const site = "HTTPS://KP.EXAMPLE"

// truncatedCode has lost a corner: the last digits of the certificate's code.
func truncatedCode() *Attempt {
	w := newWorld("")
	whole := w.codes(site, w.cf.issue())
	cut := []string{whole[0][:len(whole[0])-40], whole[1]}
	return w.printed(whole, cut)
}

// printed asks of two printed certificates, from a pack as the world is now.
func (w *world) printed(genuine, rogue []string) *Attempt {
	show := func(codes []string) *Shown {
		return &Shown{Codes: codes, Pack: w.pack(packed, w.cf), At: at(judged), Here: "AE"}
	}
	return &Attempt{show(genuine), show(rogue)}
}

// lookAlikeCode prints a certificate of a world of his own, with the same names and
// other keys, and codes that lead to a site of his own, where it is called genuine.
func lookAlikeCode() *Attempt {
	w, own := newWorld(""), newWorld("look-alike")
	rogue := own.codes("HTTPS://KP-CHECK.EXAMPLE", own.cf.issue())
	return w.printed(w.codes(site, w.cf.issue()), rogue[:1])
}

// lookAlikePage hands out the whole of that world: the certificate and a pack under
// which it is valid, from a page that looks like the register's. The reader has the
// fingerprint of the true root document from elsewhere.
func lookAlikePage() *Attempt {
	w, own := newWorld(""), newWorld("look-alike")
	genuine, rogue := w.cf.issue(), own.cf.issue()
	a := w.both(genuine, rogue)
	a.Rogue.Pack = own.pack(packed, own.cf)
	a.Genuine.Pin, a.Rogue.Pin = w.print, w.print
	return a
}
