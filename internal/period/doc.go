// Package period counts civil time as the scheme does: days, quarters,
// half-years, and the deadlines that follow them.
//
// A Date is a day on the calendar with no zone and no hour. Where a day must
// meet the clock it is a UTC day: it starts at 00:00 UTC and ends at 24:00 UTC
// (a certificate is good until 24:00 on its date of expiry). A Range is half
// open, [From, Until), so that ranges that follow one another share a day and
// no instant.
//
// Nothing here reads a clock: who needs today is given it.
//
// Invariants: every Date prints as a string that Parse reads back to the same
// Date; a Quarter's and a Half's days cover the year once; a deadline lies
// after the last day of its period.
//
// Imports: fault. (design.md lists period right of place; it stands left of
// measure here because the day of an exchange rate and of a territory are
// Dates.)
package period
