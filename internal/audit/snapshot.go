package audit

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"adamas.example/internal/audit/wire"
)

// keepForSnapshots keeps the place and hash of each entry that a pack selects
// (docs/formats, section 7), if any log has a snapshot.
func (a *auditor) keepForSnapshots(o *openedLog, e entry) {
	if len(a.snapshots) == 0 || e.Body == nil {
		return
	}
	switch e.Kind {
	case wire.KindCertificate:
		if n := e.Body.Text(1); a.counts(n) {
			o.kept = append(o.kept, picked{e.index, e.hash, n})
		}
	case wire.KindParticipant, wire.KindOfficeKey, wire.KindKeyRevoked, wire.KindRange, wire.KindVoid, wire.KindReplacement, wire.KindLoss,
		wire.KindPrint, wire.KindReceipt, wire.KindDiscrepancy, wire.KindDisposition, wire.KindEndorsement, wire.KindTransit, wire.KindLogClosed, wire.KindAttestation:
		o.kept = append(o.kept, picked{index: e.index, hash: e.hash})
	}
}

// counts tells whether a certificate may be one of two with its number: the
// second is known when it comes, and the first is then kept with it.
func (a *auditor) counts(number string) bool {
	n, ok := a.numbers[number]
	if !ok {
		return false
	}
	if first := a.certs[n]; first.another < 0 {
		l := a.logs[first.log]
		l.kept = append(l.kept, picked{first.index, first.hash, number})
	}
	return true
}

// judgeSnapshots counts again what each snapshot says that a pack held: an
// office's word that nothing was left out.
func (a *auditor) judgeSnapshots() {
	for _, l := range a.logs {
		slices.SortFunc(l.kept, func(x, y picked) int { return cmp.Compare(x.index, y.index) })
	}
	for _, e := range a.snapshots {
		if e.Body == nil {
			continue
		}
		a.judgeSnapshot(e, wire.Vectors(e.Body[1]))
	}
}

func (a *auditor) judgeSnapshot(e entry, vectors []wire.Vector) {
	for _, v := range vectors {
		if l := a.logOf(v.Origin); l == nil || v.Size > l.Size {
			a.cannot("snapshot.not_read")
			return
		}
	}
	for _, v := range vectors {
		if !a.judgeVector(e.spot, v) {
			return
		}
	}
	slices.SortFunc(vectors, func(x, y wire.Vector) int { return strings.Compare(x.Origin, y.Origin) })
	contents := map[string]int{}
	a.selected(vectors, func(_ string, p picked) { contents[p.number]++ })
	h, count := sha256.New(), int64(0)
	a.selected(vectors, func(origin string, p picked) {
		if p.number != "" && contents[p.number] < 2 {
			return
		}
		count++
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(origin))))
		h.Write([]byte(origin))
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(p.index)))
		h.Write(p.hash[:])
	})
	a.did("snapshots")
	digest := wire.Hash(h.Sum(nil))
	if count != e.Body.Int(3) || !wire.Same(e.Body.Bytes(2), digest) {
		a.found("snapshot.differs", e.spot, "counted", count, "stated", e.Body.Int(3), "computed", wire.Hex(digest[:]))
	}
}

func (a *auditor) selected(vectors []wire.Vector, each func(origin string, p picked)) {
	for _, v := range vectors {
		for _, p := range a.logOf(v.Origin).kept {
			if p.index >= v.Size {
				break
			}
			each(v.Origin, p)
		}
	}
}
