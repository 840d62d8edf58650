package audit

import (
	"io/fs"
	"strings"

	"adamas.example/internal/audit/wire"
)

// readBundles takes in the .adamas files of a folder: what they disclose, both
// officers' approvals, and the checkpoints of their proofs.
func (a *auditor) readBundles() {
	if a.opt.Bundles == nil {
		return
	}
	err := fs.WalkDir(a.opt.Bundles, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".adamas") {
			return err
		}
		file, err := fs.ReadFile(a.opt.Bundles, name)
		if err != nil {
			return err
		}
		a.did("bundles")
		a.takeBundle(name, file)
		return nil
	})
	if err != nil {
		a.found("bundle.form", nowhere, "why", err.Error())
	}
}

func (a *auditor) takeBundle(name string, file []byte) {
	b, err := wire.ReadBundle(file)
	var s *wire.Statement
	if err == nil {
		s, err = wire.Read(b.Statement)
	}
	if err != nil {
		a.found("bundle.form", nowhere, "file", name, "why", err.Error())
		return
	}
	if b.Checkpoint != "" {
		a.takeHead(b.Checkpoint, func(why string) { a.found("bundle.form", nowhere, "file", name, "why", why) })
	}
	if s.Kind != wire.KindCertificate || s.Body == nil {
		a.cannot("bundle.no_certificate")
		return
	}
	number := s.Body.Text(1)
	n, logged := a.byHash[a.short(s.Hash[:])]
	if !logged {
		_, other := a.numbers[number]
		signed := a.signedByOffice(s)
		switch {
		case signed && other:
			a.found("bundle.other_content", nowhere, "file", name, "number", number)
		case !a.readsLogsOf(number[:2]): // its office's keys may stand in a log that is not here
			a.cannot("bundle.log_not_read")
		case !signed:
			a.found("bundle.form", nowhere, "file", name, "number", number, "why", "not signed by its office")
		default:
			a.found("bundle.not_logged", nowhere, "file", name, "number", number)
		}
		return
	}
	a.disclose(a.certs[n], s, b.Disclosure, b.Approvals, func(code, why string) {
		a.found(code, a.certs[n].spot, "file", name, "number", number, "why", why)
	})
}

// signedByOffice tells whether any key of the issuer signed it.
func (a *auditor) signedByOffice(s *wire.Statement) bool {
	for _, k := range a.keys[s.Key] {
		if k.id == s.Issuer && k.use == 1 && k.Signed(s.Alg, s.Message, s.Signature) {
			return true
		}
	}
	return false
}

// disclose takes in what a bundle or a vault shows of a certificate.
func (a *auditor) disclose(c *issued, s *wire.Statement, d wire.Mapping, approvals [][]byte, wrong func(code, why string)) {
	if d != nil {
		o, err := wire.Open(d)
		switch {
		case err != nil:
			wrong("bundle.facts", err.Error())
		case o.Root != c.root || o.Count != int64(c.count):
			wrong("bundle.facts", "the facts shown are not the facts signed")
		default:
			c.facts = readFacts(o).join(c.facts)
		}
	}
	if len(approvals) != 2 {
		return
	}
	digest, err := wire.ApprovalDigest(s.Payload)
	pair := wire.PairHash(approvals[0], approvals[1])
	switch {
	case err != nil || !wire.Same(s.Body.Bytes(13), pair):
		wrong("approvals.false", "the certificate names another pair")
	case !a.approved(s, s.Body.Bytes(11), approvals[0], digest) || !a.approved(s, s.Body.Bytes(12), approvals[1], digest):
		wrong("approvals.false", "an approval is not by the officer that the certificate names")
	default:
		c.proved = true
	}
}

func (a *auditor) approved(s *wire.Statement, id, approval []byte, digest wire.Hash) bool {
	for _, k := range a.keys[[8]byte(id)] {
		if k.use == 2 && k.id == s.Issuer && wire.Approves(approval, k.Key, digest) {
			return true
		}
	}
	return false
}

// takeHead takes in another checkpoint of a log: it must be attested, and of the
// same tree (else the log shows two faces). It tells when an entry was not yet
// recorded, and when it was.
func (a *auditor) takeHead(text string, wrong func(why string)) *wire.Head {
	h, err := wire.ReadHead(text)
	if err != nil {
		wrong(err.Error())
		return nil
	}
	w := a.scheme.Logs[h.Origin]
	if w == nil {
		a.cannot("checkpoint.log_unknown")
		return nil
	}
	if err := w.Check(h); err != nil {
		wrong(err.Error())
		return nil
	}
	l := a.logOf(h.Origin)
	if l == nil || h.Size > l.Size {
		a.cannot("checkpoint.log_not_read")
		return h
	}
	root, err := l.RootAt(h.Size)
	if err != nil {
		a.cannot("checkpoint.log_not_read")
		return h
	}
	a.did("checkpoints")
	if root != h.Root {
		a.found("log.fork", spot{log: l.number, index: -1}, "size", h.Size, "here", wire.Hex(root[:]), "elsewhere", wire.Hex(h.Root[:]))
		return h
	}
	l.heads = append(l.heads, headAt{size: h.Size, time: h.Quorum})
	return h
}
