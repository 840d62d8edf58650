// Package crash kills a working office and looks at what is left.
//
// An office of many clerks (clerks, a process of its own) issues certificates
// before six witnesses, each a process `adamas witness`. It prints what it has
// acknowledged, and is killed with SIGKILL: at random times, at each point of the
// order of acts (ledger.Points), and at system calls drawn at random (strace
// kills it when it enters the call). Then it is started again, and a checker that
// shares nothing with it but the formats reads database and log.
//
// What must hold after every kill: no number twice, in the database or the log;
// everything acknowledged is there with the same bytes, at its index when it was
// acknowledged as logged; database and log agree on every leaf; nothing was signed
// twice (ES256 signatures of the same bytes differ, so that shows); the database is
// sound, Tessera's fsck passes, and a mirror that was brought up to date after
// every kill finds that the log only grew.
//
// That the checker can see is shown by mutants: the office is built with the order
// of acts broken, and must be caught.
//
// The long trial is ADAMAS_SOAK=1. Without strace the kills at system calls are
// left out, unless ADAMAS_REQUIRE_JUDGES=1.
package crash
