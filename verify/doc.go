// Package verify judges a certificate with nothing but a bundle, a pack that
// the verifier already trusts, a purpose and the time given to it (design.md
// §7). It is public: anyone may build on it, in any program that has the bytes.
//
// A verdict is valid, invalid or cannot_tell, with an ordered list of checks,
// each with its outcome, the facts it used and the age of those facts. Unknown
// is never called forged, and stale is never called revoked. Two purposes:
// record asks whether this was genuinely issued and is recorded; import asks
// whether it may be accepted now.
//
// What a verdict never says: that the stones are free of conflict, that the
// parcel in hand is the one that was certified, or that the witnesses found
// the record right. They attest only that it has not been changed or hidden
// since. Verdict.NotSaid lists this for every certificate.
//
// The package opens no socket and no file, reads no clock, and holds no
// database; internal/arch tests its dependency list. It also runs in a browser
// (verify/wasm).
package verify
