// Package forge makes forged certificates out of genuine ones, in a made-up world
// and with the means that a forger has: bytes he may edit, digits he may cut, keys
// that are his own or that he has stolen, a log whose operator he is or has bought.
// Each forger gives two things to be judged by the same question: the forgery, and
// a genuine one that must pass.
//
// # Invariants
//
//   - No forger knows what looks for forgeries: nothing here imports the verifier,
//     the register of standing, an import desk or the audit (design.md 17); a test
//     holds the whole list of what is imported.
//   - Nothing is written down that was forged before: each call makes it anew, from
//     a genuine one of the same call. The same forger gives the same bytes.
//   - Every statement, root document and name says SYNTHETIC, and every key follows
//     from a public rule (package openkeys): nothing made here can pass for real.
//     The frauds are old ones; what is shown is that they are seen.
//
// It may import openkeys and the formats below verify.
package forge
