// Package standing is the audit's own answer to who might trade on a day: the list
// that the program carries (data/kp-documents/standing.csv) and what Participants
// have stated of their own lists (KPCS III(c)), folded apart from internal/party so
// that what that has wrong is noticed. A test holds the two against each other for
// every code and day.
//
// Invariants: the order in which events come decides nothing; every reading of an
// open question, every day of an uncertain date and every order of events whose
// days overlap is tried; where they do not agree, the verdict is Uncertain.
//
// It imports the standard library.
package standing
