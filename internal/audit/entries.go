package audit

import (
	"crypto/sha256"
	"io/fs"
	"slices"
	"strconv"
	"time"

	"adamas.example/internal/audit/wire"
)

// openLog reads one folder: its checkpoint against the policy, every file and
// entry against its root. What decides whom to believe is kept for judgeRegister.
func (a *auditor) openLog(fsys fs.FS) {
	l, err := wire.OpenLog(fsys)
	if err != nil {
		a.found("log.unreadable", nowhere, "why", err.Error())
		return
	}
	o := &openedLog{Log: l, number: int32(len(a.logs))}
	at := spot{log: o.number, index: -1}
	o.report = LogReport{Origin: l.Origin, Size: l.Size, Root: wire.Hex(l.Root[:]), Witnesses: map[string]time.Time{}, Statements: map[string]int{}}
	w := a.scheme.Logs[l.Origin]
	if w == nil || a.logOf(l.Origin) != nil {
		a.found("log.unknown", nowhere, "origin", l.Origin)
		return
	}
	a.logs = append(a.logs, o)
	if err := w.Check(l.Head); err != nil {
		a.found("log.checkpoint", at, "why", err.Error())
	} else {
		attested := time.Unix(l.Quorum, 0).UTC()
		o.report.Attested = &attested
		o.heads = append(o.heads, headAt{size: l.Size, time: l.Quorum})
	}
	for label, t := range l.Times {
		o.report.Witnesses[label] = time.Unix(t, 0).UTC()
		o.newest = max(o.newest, t)
	}
	root, err := l.Verify(func(code, file string) { a.found(code, at, "file", file) }, func(index int64, leaf []byte) {
		a.did("hashes")
		s, err := wire.Read(leaf)
		if err == nil && decides(s.Kind) {
			a.few = append(a.few, entry{spot{o.number, index, s.Hash}, s})
		}
	})
	switch {
	case err != nil:
		a.found("log.unreadable", at, "why", err.Error())
	case root != l.Root:
		a.found("log.root", at, "computed", wire.Hex(root[:]), "stated", wire.Hex(l.Root[:]))
	}
}

// decides tells the types that are taken in before anything is judged, so that
// the order of two logs decides nothing.
func decides(kind int64) bool {
	return slices.Contains([]int64{wire.KindOfficeKey, wire.KindKeyRevoked, wire.KindRange, wire.KindRoleGrant, wire.KindStanding,
		wire.KindLogClosed, wire.KindSnapshot}, kind)
}

// readEntries judges the entries of a log one by one and keeps of each what later
// judgements need.
func (a *auditor) readEntries(log int32) {
	o := a.logs[log]
	clock := int64(0)
	// An entry that cannot be read again was reported when it was first read.
	_ = o.Each(func(index int64, leaf []byte) {
		at := spot{log, index, sha256.Sum256(leaf)}
		s, err := wire.Read(leaf)
		if err != nil {
			a.found("entry.form", at, "why", err.Error())
			return
		}
		o.report.Statements[strconv.FormatInt(s.Kind, 10)]++
		key := a.short(at.hash[:])
		if first, twice := a.seen[key]; twice {
			a.found("entry.twice", at, "first", a.where(first.spot()))
			return
		}
		a.seen[key] = seen(at)
		if clock = max(clock, min(s.At, o.newest)); clock == 0 {
			clock = s.At
		}
		a.judgeEntry(o, entry{at, s}, clock)
	})
}

// judgeEntry holds what is true of every statement: its home, its mark, its time,
// its chain, its signature; and of a certificate more. clock is the log's time:
// the newest that an entry so far has claimed.
func (a *auditor) judgeEntry(o *openedLog, e entry, clock int64) {
	if !a.scheme.AtHome(e.Participant(), o.Origin, e.index) {
		a.found("entry.home", e.spot, "issuer", e.Issuer)
	}
	if e.Synthetic != a.scheme.Synthetic {
		a.found("entry.synthetic", e.spot)
	}
	if o.newest > 0 && e.At > o.newest+a.opt.Late {
		a.found("entry.time", e.spot, "claimed", time.Unix(e.At, 0).UTC(), "attested", time.Unix(o.newest, 0).UTC())
	}
	a.did("chains")
	chain := a.short([]byte(e.Issuer + "\x00" + e.Subject))
	if last, ok := a.chains[chain]; ok != (e.Prev != nil) || ok && last != first8(a.short(e.Prev)) {
		a.found("entry.chain", e.spot, "subject", e.Subject)
	}
	a.chains[chain] = first8(a.short(e.hash[:]))
	a.did("signatures")
	switch e.Kind {
	case wire.KindOfficeKey, wire.KindKeyRevoked, wire.KindRange, wire.KindRoleGrant: // judged when they were taken
	case wire.KindParticipant:
		if e.Body.Text(1) != e.Participant() || !a.byAuthority(e) {
			a.found("entry.signature", e.spot, "issuer", e.Issuer, "why", "not signed by the authority")
		}
	case wire.KindStanding, wire.KindSpecimen: // a Participant's own word, which no office says for it
		if !a.byAuthority(e) {
			a.found("entry.signature", e.spot, "issuer", e.Issuer, "why", "not signed by the authority")
		}
	default:
		a.judgeSigner(e)
	}
	a.keepForSnapshots(o, e)
	switch e.Kind {
	case wire.KindCertificate:
		o.report.Certificates++
		a.judgeCertificate(o, e, clock)
	case wire.KindAdvice:
		a.found("advice.logged", e.spot, "number", e.Body.Text(1), "to", e.Body.Text(3))
	case wire.KindTranscript:
		a.noteTranscript(e)
	default:
		a.noteEvent(e, clock)
	}
}

// judgeSigner looks for a key of the issuing office that may say this, then and
// there.
func (a *auditor) judgeSigner(e entry) {
	why := "no such key"
	for _, k := range a.keys[e.Key] {
		switch {
		case !k.Signed(e.Alg, e.Message, e.Signature):
			why = "false signature"
		case k.id != e.Issuer:
			why = "key of " + k.id
		case k.use != 1 || !slices.Contains(k.types, wire.Value(e.Kind)):
			why = "the key may not sign this"
		case e.At < k.from || e.At >= k.until:
			why = "the key was not valid on that day"
		case k.home != "" && k.home != a.logs[e.log].Origin:
			why = "the office's log is " + k.home
		case k.cut(a.logs[e.log].Origin, e.index):
			why = "the key was revoked"
		default:
			return
		}
	}
	a.found("entry.signature", e.spot, "issuer", e.Issuer, "why", why)
}

// short shortens what a map is keyed by.
func (a *auditor) short(b []byte) short {
	h := sha256.New()
	h.Write(a.secret[:])
	h.Write(b)
	return short(h.Sum(nil)[:16])
}

func first8(s short) [8]byte { return [8]byte(s[:8]) }
