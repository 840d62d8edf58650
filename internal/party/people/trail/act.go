package trail

// Act is what was done. Its words are the catalogue entries people.act.<Act>.
type Act string

// What can be done. Args of each are named behind it.
const (
	Founded           Act = "founded" // login
	InvitedSomebody   Act = "invited" // login, name, company, roles
	InvitedAgain      Act = "invited_again"
	Withdrawn         Act = "withdrawn" // login
	Accepted          Act = "accepted"  // factors, credential, public_key (of a passkey: its id, SHA-256 of its key)
	Recovered         Act = "recovered" // as accepted; passkeys of before serve no more
	SignedIn          Act = "signed_in" // way, browser
	SignInFailed      Act = "sign_in_failed"
	Locked            Act = "locked"
	SignedOut         Act = "signed_out"
	SessionEnded      Act = "session_ended"  // session
	SessionsEnded     Act = "sessions_ended" // number
	Proved            Act = "proved"         // way, purpose, record
	ProofFailed       Act = "proof_failed"
	Assented          Act = "assented" // way, purpose, record: to what is signed for him, by no passkey
	PasswordChanged   Act = "password_changed"
	PasswordRemoved   Act = "password_removed"
	CodeSet           Act = "code_set"
	CodesMade         Act = "codes_made"
	PasskeyAdded      Act = "passkey_added"   // passkey, credential, public_key
	PasskeyRenamed    Act = "passkey_renamed" // passkey
	PasskeyRemoved    Act = "passkey_removed" // passkey, credential
	PasskeyCopied     Act = "passkey_copied"  // passkey, credential; it serves no more
	Changed           Act = "changed"         // name, language, company, roles
	KeysSet           Act = "keys_set"        // keys
	KeyMade           Act = "key_made"        // key
	KeyAppointed      Act = "key_appointed"   // key, until
	KeyRevoked        Act = "key_revoked"     // key, reason
	LanguageChosen    Act = "language_chosen" // language
	SuspendedSomebody Act = "suspended"       // reason
	Resumed           Act = "resumed"         // reason
	EndedSomebody     Act = "ended"           // reason
	RecoveryAsked     Act = "recovery_asked"
	RecoveryApproved  Act = "recovery_approved"
	RecoveryGranted   Act = "recovery_granted"   // first
	RecoveryRefused   Act = "recovery_refused"   // reason
	RecoveryAtServer  Act = "recovery_at_server" // reason
	ChangedAtServer   Act = "changed_at_server"  // roles
	AccessKeyMade     Act = "access_key_made"    // key (its id), name, roles, only, company, until
	AccessKeyEnded    Act = "access_key_ended"   // key (its id), name
	AccessKeyRefused  Act = "access_key_refused" // key (the id that it named)
	HookMade          Act = "hook_made"          // hook, address, events, program
	HookEnded         Act = "hook_ended"         // hook, address, program (that named it), because (key_ended, key_over)
)

// Acts lists them, for lang.
type Acts []Act

// All acts, in the order above.
func All() Acts {
	return Acts{Founded, InvitedSomebody, InvitedAgain, Withdrawn, Accepted, Recovered, SignedIn, SignInFailed, Locked, SignedOut,
		SessionEnded, SessionsEnded, Proved, ProofFailed, Assented, PasswordChanged, PasswordRemoved, CodeSet, CodesMade, PasskeyAdded,
		PasskeyRenamed, PasskeyRemoved, PasskeyCopied, Changed, KeysSet, KeyMade, KeyAppointed, KeyRevoked, LanguageChosen, SuspendedSomebody, Resumed, EndedSomebody,
		RecoveryAsked, RecoveryApproved, RecoveryGranted, RecoveryRefused, RecoveryAtServer, ChangedAtServer,
		AccessKeyMade, AccessKeyEnded, AccessKeyRefused, HookMade, HookEnded}
}

// TextKeys names the words for them.
func (l Acts) TextKeys() []string {
	var out []string
	for _, a := range l {
		out = append(out, "people.act."+string(a))
	}
	return out
}

// Pairs makes a map of name, value, name, value.
func Pairs(args []string) map[string]string {
	out := make(map[string]string, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		out[args[i]] = args[i+1]
	}
	return out
}
