// Package people keeps those who act at a node's office: who they are, how they
// prove it, what they may do where, and everything they did to that.
//
//	s, err := people.New(people.Config{Store: st, Now: now, Entropy: rand.Reader, Office: "CF/bangui",
//		Key: key, RPID: "register.example", Origins: []string{"https://register.example"}})
//	entry, err := s.SignIn(ctx, from, people.Typed{Login: "a.ngama", Password: "...", Code: "123456"})
//	visit, err := s.Visit(ctx, from, entry.Token) // at each request
//	err = matrix.Require(visit.Actor(), "certificate.issue", office)
//	err = s.Fresh(visit)                          // proved within the last minutes
//
// A person comes in by a link that serves once: of the first administrator
// (OpenSetUp, Found), of an invitation (Invite), or of a recovery that two
// administrators approved. Through a link (Link, StartCode, StartPasskey, Accept)
// he sets a password, an app's codes or a passkey; afterwards he changes them
// himself (Account).
//
// Whoever has a Visit acts by it: each act reads the session and the grants again
// in its own transaction, so that a role taken away, or a session ended, counts
// from then on and not from the next request.
//
// # Invariants
//
//   - A password alone opens an account only for those who act for a company.
//     Everybody else needs a code or a passkey with it, from the first day.
//   - No token, password, code or secret is stored in a form that serves: of
//     tokens and recovery codes the SHA-256, of passwords argon2id, and the secrets
//     of codes sealed by a key that is not in the database.
//   - Nobody gives what he does not administer, and nobody gives himself anything.
//     An administrator does not act in trade, and there is always one.
//   - What is wrong about a sign-in is not told: neither whether the login exists,
//     nor which of the factors failed. It costs the same either way.
//   - A lock-out closes the way by password only. A passkey cannot be guessed, and
//     so nobody can keep an officer from his desk by typing nonsense.
//   - Every act stands in the trail, written in the transaction of the act.
//   - Each assertion of a passkey over a digest is kept with all that is needed to
//     check it again (design.md 5: four eyes, provable).
//
// # The only administrator
//
// Recovery takes two administrators. Where there is one, or all have lost their
// factors, whoever keeps the server makes the link at its command line
// (RecoverAtServer). He could as well have replaced the program; the trail says that
// it was done there, and for whom.
//
// # Faults
//
// Each under "people."; the words are in text/ and serve the packages below too:
// trail (what was done, chained), proof (passwords, codes), passkey (WebAuthn).
//
// Imports: access, ident, fault, lang, store, verify/statement; x/time/rate.
package people
