// Package rogues is the gallery of forged certificates: the documented fakes
// (domain.md 9, F1) and those that the design answers (tech.md 6). testdata/rogues
// holds a story of each, in three languages, with the answer that it must get; a
// forger in package forge makes it when it is played, and the program's own
// detectors judge it.
//
// # Invariants
//
//   - A rogue is refused for its own reason: outcome, code and reason are those of
//     its story, and every other check passes but those that the story names.
//   - A genuine certificate passes under the same question, or the story says why
//     no genuine one could be told from it.
//   - What judges is what judges in earnest: package verify with a pack; the codes of
//     a paper by verify/paper; a paper of a Participant without Adamas by its standing,
//     the form of its number, the ranges and specimens that were stated (package
//     outside, as at the import desk), under the shipped rules. Such a paper is never called valid: at best
//     nothing speaks against it.
//
// The gallery stands with the certificates, and not with the demonstration that
// plays it, so that its stories can be played from any face, and so that the forgers
// stand below every desk that could look for them.
//
// It may import forge, party, rule, store and what lies below.
package rogues
