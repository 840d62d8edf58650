package forge

import (
	"strings"

	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/trust"
)

// twoPillars comes without the witnesses of civil society. All others have attested
// it: six cosignatures, and every one is true.
func twoPillars() *Attempt {
	w := newWorld("")
	genuine := w.cf.issue()
	rogue := w.cf.log.record(w.cf.sign(w.cf.draft(issued)), attested, policy.Government, policy.Industry)
	return w.both(genuine, rogue)
}

// stolenLogKey has the key of the log, and an office that obliges: the certificate
// stands in a tree of his own, which the log's key has signed and no witness has seen.
func stolenLogKey() *Attempt {
	w, own := newWorld(""), newWorld("")
	genuine := w.cf.issue()
	own.cf.issue()
	rogue := own.cf.log.record(own.cf.sign(own.cf.draft(issued)), attested, nobody)
	return w.both(genuine, rogue)
}

// nobody is no pillar: none of its witnesses signs.
const nobody policy.Pillar = 0

// relabelled has the same six, and writes the names of civil society's witnesses
// over copies of industry's cosignatures. An Ed25519 cosignature does not cover the
// name of its witness.
func relabelled() *Attempt {
	w := newWorld("")
	genuine := w.cf.issue()
	rogue := w.cf.log.record(w.cf.sign(w.cf.draft(issued)), attested, policy.Government, policy.Industry)
	rogue.Proof = append(rogue.Proof, renamed(rogue.Proof.String(), must(policy.Parse(w.trustees.PolicyOf(w.cf.log.signer))))...)
	return w.both(genuine, rogue)
}

// renamed copies the cosignatures of industry's witnesses under the names and key
// hashes of civil society's, which stand in every root document.
func renamed(proof string, public *policy.Policy) string {
	var names []policy.VKey
	for _, w := range public.Witnesses {
		if p, _ := public.PillarOf(w.Label); p == policy.Civil {
			names = append(names, w.Key)
		}
	}
	var out strings.Builder
	for line := range strings.Lines(proof) {
		name, sig, ok := strings.Cut(strings.TrimPrefix(line, "— "), " ")
		if !ok || len(names) == 0 || !strings.HasPrefix(name, "witness.industry") {
			continue
		}
		raw := must(b64.DecodeString(strings.TrimSpace(sig)))
		out.WriteString(policy.SignatureLine{Name: names[0].Name, Hash: names[0].Hash, Sig: raw[4:]}.String())
		names = names[1:]
	}
	return out.String()
}

// oneKeyTwoPillars drafts a root document in which civil society's witnesses have
// the keys of industry's under names of their own, and gets it signed by all: who
// signs sees names. Three parsers of such texts take it.
func oneKeyTwoPillars() *Attempt {
	w := newWorld("")
	r := *w.root
	r.Logs = append([]trust.Log(nil), w.root.Logs...)
	for i := range r.Logs {
		p := must(policy.Parse(r.Logs[i].Policy))
		var industry []policy.Witness
		for _, k := range p.Witnesses {
			switch pillar, _ := p.PillarOf(k.Label); pillar {
			case policy.Industry:
				industry = append(industry, k)
			case policy.Civil:
				same := policy.WitnessVKey(k.Key.Name, industry[0].Key.Public)
				industry = industry[1:]
				r.Logs[i].Policy = strings.ReplaceAll(r.Logs[i].Policy, k.Key.String(), same.String())
			}
		}
	}
	signed := must(w.trustees.SignPayload(must(canonical.Marshal(&r))))
	return &Attempt{&Shown{Root: w.signed, At: at(judged)}, &Shown{Root: signed, At: at(judged)}}
}

// forkedLog is a log that shows one tree to the issuer's buyer and another to all
// others, with the same keys, and has bought witnesses in every pillar.
func forkedLog() *Attempt {
	w, other := newWorld(""), newWorld("")
	genuine := w.cf.issue()
	other.cf.issue()
	d := other.cf.draft(issued)
	d.Expires--
	rogue := other.cf.log.record(other.cf.sign(d), attested)
	w.cf.issue()
	return w.both(genuine, rogue)
}

// strippedProof signs late, writes an earlier time, and takes away the proof, which
// would tell when it was recorded. The genuine one has no proof either.
func strippedProof() *Attempt {
	w := newWorld("")
	l := w.cf.log
	genuine := withoutProof(w.cf.issue())
	l.seen(attested)
	w.cf.issue()
	const late = issued + logWithin + clocks + 60
	l.seen(late)
	rogue := withoutProof(l.record(w.cf.sign(w.cf.draft(issued)), late+10))
	return w.from(w.pack(late+60, w.cf), genuine, rogue)
}
