package generate

import (
	"fmt"
	"strings"

	"adamas.example/internal/certificate/generate/bulklog"
	"adamas.example/internal/certificate/generate/openkeys"
	"adamas.example/internal/ident"
	"adamas.example/internal/period"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// participant is one Participant of this world, with its authority, its one
// office, its log and what it has in stock.
type participant struct {
	code   string
	index  int
	chosen bool        // it is in this world
	opens  period.Date // first day on which it may trade; after the last day: never
	office string      // "CF/rough-office"
	name   string      // of the office
	digits uint64      // of its serials

	logKey    *openkeys.Signer
	authority *openkeys.Signer
	staff     *staff
	log       *bulklog.Writer

	opened   bool
	stations []station
	ranges   int    // number ranges so far
	serials  uint64 // the last number that a range has taken
	stock    stock
}

// staff are the keys of an office for some years, after which it gets new ones.
type staff struct {
	from, until                period.Date // until is exclusive
	office, preparer, approver *openkeys.Signer
}

// staffYears is how long keys last.
const staffYears = 5

// station is a PC with the number range it has now.
type station struct {
	name       string
	hash       canonical.Hash
	year       int
	next, last uint64
}

// stationLoad is how many certificates a year one PC is given.
const stationLoad = 6000

// mostStations of an office.
const mostStations = 6

func newParticipant(k *openkeys.Keys, code string, index int) (*participant, error) {
	slug := strings.ToLower(code)
	p := &participant{code: code, index: index, office: code + "/rough-office", name: "SYNTHETIC office rough." + slug + ".example",
		digits: uint64(ident.KnownFormats().For(ident.ParticipantCode(code)).Digits)}
	var err error
	if p.logKey, err = k.New("log", slug+".kp.example/synthetic"); err != nil {
		return nil, err
	}
	p.authority, err = k.New("authority", "SYNTHETIC authority of "+code)
	return p, err
}

func (p *participant) number(serial uint64) string {
	return (&statement.NumberRange{Participant: p.code, Digits: p.digits}).Number(serial)
}

// officeTypes is what an office signs, ascending.
var officeTypes = []statement.Type{statement.TypeCertificate, statement.TypeOpening, statement.TypeVoid, statement.TypeReplacement,
	statement.TypeLoss, statement.TypeReceipt, statement.TypeDiscrepancy, statement.TypeSnapshot, statement.TypeDisposition}

// ordain records a statement of the authority, signed at once: what the office
// does on the day refers to it.
func (w *worldState) ordain(p *participant, subject string, body statement.Body) (canonical.Hash, error) {
	at := secondsOf(w.today) + officeOpens - 3600 + int64(w.ordained)
	w.ordained++
	b, err := p.authority.State(statement.Header{Issuer: p.code + "/authority", IssuedAt: at, Subject: subject}, body)
	if err != nil {
		return canonical.Hash{}, err
	}
	w.tasks = append(w.tasks, &task{party: p, at: at, bytes: b, leaf: bulklog.LeafHash(b)})
	return canonical.Sum(b), nil
}

// open begins a Participant's log: who it is, and its first keys.
func (w *worldState) open(p *participant) error {
	p.opened = true
	if _, err := w.ordain(p, "participant/"+p.code, &statement.Participant{Code: p.code, Name: "SYNTHETIC " + p.code,
		Authority: "SYNTHETIC authority, kp." + strings.ToLower(p.code) + ".example", Digits: p.digits}); err != nil {
		return err
	}
	return w.engage(p)
}

// engage gives the office its keys for the years that begin today.
func (w *worldState) engage(p *participant) error {
	s := &staff{from: w.today, until: period.MustDay(w.today.Year()+staffYears, 1, 1)}
	p.staff = s
	for _, k := range []struct {
		to   **openkeys.Signer
		role string
		use  statement.Use
	}{{&s.office, "office", statement.UseOffice}, {&s.preparer, "preparer", statement.UseOfficer}, {&s.approver, "validator", statement.UseOfficer}} {
		made, err := w.keys.New(k.role, fmt.Sprintf("SYNTHETIC %s from %s", p.office, w.today))
		if err != nil {
			return err
		}
		*k.to = made
		body := &statement.OfficeKey{Office: p.office, Use: k.use, Key: made.Key, From: secondsOf(s.from), Until: secondsOf(s.until)}
		if k.use == statement.UseOffice {
			body.Name, body.Types = p.name, officeTypes
		}
		if _, err := w.ordain(p, "key/"+made.ID.String(), body); err != nil {
			return err
		}
	}
	return nil
}

// logWithin is the time from issue to record that ranges allow: a day.
const logWithin = 86400

// nextNumber spends the next number of one of the office's stations. A station
// that has none for this year is allotted a range by the authority.
func (w *worldState) nextNumber(p *participant) (number string, st *station, err error) {
	expected := w.quotas.scaled(w.plan.expected[p.index])
	n := min(1+expected/stationLoad, mostStations)
	for int64(len(p.stations)) < n {
		p.stations = append(p.stations, station{name: fmt.Sprintf("%s/pc-%d", p.office, len(p.stations)+1)})
	}
	st = &p.stations[w.chance.Below(n)]
	if st.year != w.today.Year() || st.next > st.last {
		if err := w.allot(p, st, uint64(expected/n)); err != nil {
			return "", nil, err
		}
	}
	number = p.number(st.next)
	st.next++
	return number, st, nil
}

// allot takes a range for the rest of the year, a fifth larger than what is
// expected.
func (w *worldState) allot(p *participant, st *station, expected uint64) error {
	size := 50 + expected + expected/5
	st.year, st.next, st.last = w.today.Year(), p.serials+1, p.serials+size
	p.serials, p.ranges = st.last, p.ranges+1
	var err error
	st.hash, err = w.ordain(p, fmt.Sprintf("range/%s/%d", p.code, p.ranges), &statement.NumberRange{Participant: p.code, Digits: p.digits,
		First: st.next, Last: st.last, Station: st.name, LogWithin: logWithin, From: canonical.Day(w.today),
		Until: canonical.Day(period.MustDay(st.year, 12, 31))})
	return err
}
