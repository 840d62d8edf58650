package forge

import (
	"fmt"
	"time"

	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// A paper certificate is forged with a printer. What it can be judged by is what
// the authority it names has stated: here Sierra Leone's, whose real number ranges
// and specimens are not published, has stated SYNTHETIC ones for each year.

// firstSerial is the first number of a year, of a thousand: 004306 is of 2014 and
// 004911 of 2015.
func firstSerial(year int) uint64 { return 1501 + uint64(year-2012)*1000 }

// register is what an import desk follows: the log of Sierra Leone's authority. Of the
// others it knows what is published.
func (w *world) register() *Register {
	l := w.logs["SL"]
	for y := 2012; y <= 2016; y++ {
		first, last := dayOf(y, 1, 1), dayOf(y, 12, 31)
		l.states("range/SL/freetown/print", &statement.NumberRange{Participant: "SL", Digits: 6, First: firstSerial(y), Last: firstSerial(y) + 999,
			Station: "SL/freetown/print", LogWithin: logWithin, From: first, Until: last})
		l.states(fmt.Sprintf("specimen/SL/%d", y), &statement.Specimen{Participant: "SL", Name: fmt.Sprintf("SYNTHETIC %d", y), From: first, Until: last,
			Features: "SYNTHETIC: dotted lines under every field"})
	}
	return &Register{Root: w.signed, Logs: []Log{{Origin: l.origin, Leaves: l.leaves}}}
}

func dayOf(year int, month time.Month, day int) canonical.Day {
	return canonical.DayOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix())
}

// papers shows a genuine paper of Sierra Leone and a forged one of the same day at
// the same desk.
func papers(genuine, rogue Paper) *Attempt {
	r := newWorld("").register()
	return &Attempt{r.presented(genuine), r.presented(rogue)}
}

// presented brings a paper to the importer's desk ten days after its day of issue.
func (r *Register) presented(p Paper) *Shown {
	return &Shown{Paper: &p, Register: r, At: must(time.Parse(time.DateOnly, p.Issued)).AddDate(0, 0, 10), Here: p.Importer}
}

// sierraLeone is a paper as the office in Freetown prints it: the number of its
// parcel ends with the number of the certificate.
func sierraLeone(serial uint64, importer, issued string) Paper {
	return Paper{Number: fmt.Sprintf("SL%06d", serial), Issuer: "SL", Importer: importer, Issued: issued, Parcels: []string{fmt.Sprintf("JMI/GGDO/%d", serial)}}
}

func sierraLeoneRange() *Attempt {
	return papers(sierraLeone(4706, "EU", "2015-12-01"), sierraLeone(4306, "EU", "2015-12-01"))
}

func sierraLeoneParcel() *Attempt {
	rogue := sierraLeone(4911, "EU", "2015-12-01")
	rogue.Parcels = []string{"JMI/GGDO/4199"}
	return papers(sierraLeone(4911, "EU", "2015-12-01"), rogue)
}

func kenya() *Attempt {
	return papers(sierraLeone(4702, "AE", "2015-07-15"), Paper{Number: "KE00000214", Issuer: "KE", Importer: "AE", Issued: "2015-07-15", Parcels: []string{"1"}})
}

func cameroonBefore() *Attempt {
	return papers(sierraLeone(1510, "AE", "2012-03-15"), Paper{Number: "CM00000031", Issuer: "CM", Importer: "AE", Issued: "2012-03-15", Parcels: []string{"1"}})
}

// cameroonAfter is a paper of a Participant in good standing that has stated neither
// ranges nor specimens: a genuine one would be answered in the same way.
func cameroonAfter() *Attempt {
	return alone(Paper{Number: "CM00000118", Issuer: "CM", Importer: "AE", Issued: "2016-03-10", Parcels: []string{"1"}})
}

// guinea is the paper that is shown to a private buyer for an advance: it need not
// deceive an office at all.
func guinea() *Attempt {
	return alone(Paper{Number: "GN00000512", Issuer: "GN", Importer: "EU", Issued: "2014-05-05", Parcels: []string{"1"}})
}

func alone(p Paper) *Attempt { return &Attempt{Rogue: newWorld("").register().presented(p)} }

func centralAfrica() *Attempt {
	return papers(sierraLeone(3510, "AE", "2014-01-15"), Paper{Number: "CF00000977", Issuer: "CF", Importer: "AE", Issued: "2014-01-15", Parcels: []string{"1"}})
}
