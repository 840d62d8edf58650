package consignment

import (
	"slices"

	"adamas.example/internal/access"
)

// State is where a consignment is.
type State string

// The states. Those of the three sides are apart, so that a state says whose
// consignment it is.
const (
	None State = "none" // no file yet

	Applied   State = "applied"
	Deficient State = "deficient"
	Rejected  State = "rejected"
	Withdrawn State = "withdrawn"
	Valued    State = "valued"
	Taxed     State = "taxed"
	Sealed    State = "sealed"
	Prepared  State = "prepared"
	Issued    State = "issued"
	Exported  State = "exported"
	Overdue   State = "overdue"   // exported, and nobody has confirmed receipt in time
	Received  State = "received"  // the importing office has confirmed
	Attested  State = "attested"  // it has confirmed on paper: this office attests it, and nobody there has signed
	Disputed  State = "disputed"  // the importing office has found a discrepancy
	SentBack  State = "sent_back" // the importing office has returned the goods
	Forfeited State = "forfeited" // seized, sold or destroyed at the other end
	Expired   State = "expired"   // not exported in time
	Void      State = "void"
	Replaced  State = "replaced"
	Lost      State = "lost"

	Advised    State = "advised" // announced by the exporting office
	Arrived    State = "arrived"
	Verified   State = "verified"
	Confirmed  State = "confirmed"
	Discrepant State = "discrepant"
	Detained   State = "detained"
	Returned   State = "returned"
	Seized     State = "seized"
	Disposed   State = "disposed" // sold or destroyed

	InTransit State = "in_transit"
	Passed    State = "passed"
)

// States lists them in the order of the table.
func States() []State {
	return []State{None, Applied, Deficient, Rejected, Withdrawn, Valued, Taxed, Sealed, Prepared, Issued, Exported, Overdue, Received,
		Attested, Disputed, SentBack, Forfeited, Expired, Void, Replaced, Lost, Advised, Arrived, Verified, Confirmed, Discrepant, Detained,
		Returned, Seized, Disposed, InTransit, Passed}
}

// Act is what somebody does with a consignment.
type Act string

// The acts.
const (
	Apply    Act = "apply"
	Amend    Act = "amend" // mend what was found deficient
	Withdraw Act = "withdraw"

	FindDeficient Act = "find_deficient"
	Reject        Act = "reject"
	Value         Act = "value"
	Tax           Act = "tax"
	Seal          Act = "seal"
	Prepare       Act = "prepare"
	Spoil         Act = "spoil" // give the sheet up before it is issued
	Issue         Act = "issue"
	Export        Act = "export"
	Advise        Act = "advise"  // message to the importing office
	Endorse       Act = "endorse" // have a minor error read otherwise
	Cancel        Act = "cancel"
	Reissue       Act = "reissue" // begin the certificate that shall replace this one
	Replace       Act = "replace" // the other one is issued
	ReportLost    Act = "report_lost"
	Open          Act = "open"           // make the delayed facts public
	AttestReceipt Act = "attest_receipt" // a confirmation has come on paper or by mail

	HearReceived  Act = "hear_received"
	HearDisputed  Act = "hear_disputed"
	HearReleased  Act = "hear_released"
	HearSentBack  Act = "hear_sent_back"
	HearForfeited Act = "hear_forfeited"

	Expire Act = "expire"
	Lapse  Act = "lapse" // no confirmation in time

	HearAdvised Act = "hear_advised"
	Arrive      Act = "arrive"
	Examine     Act = "examine"
	Correct     Act = "correct" // a paper from outside that was mis-keyed is keyed again
	Confirm     Act = "confirm"
	Dispute     Act = "dispute"
	Detain      Act = "detain"
	Release     Act = "release"
	Return      Act = "return"
	Seize       Act = "seize"
	Sell        Act = "sell"
	Destroy     Act = "destroy"

	Enter Act = "enter" // in transit
	Leave Act = "leave"
)

// Acts lists them in the order of the table.
func Acts() []Act { return slices.Concat(exportActs, hearActs, clockActs, importActs, transitActs) }

// The acts of each side.
var (
	exportActs = []Act{Apply, Amend, Withdraw, FindDeficient, Reject, Value, Tax, Seal, Prepare, Spoil, Issue, Export, Advise, Endorse,
		Cancel, Reissue, Replace, ReportLost, Open, AttestReceipt}
	hearActs    = []Act{HearReceived, HearDisputed, HearReleased, HearSentBack, HearForfeited}
	clockActs   = []Act{Expire, Lapse}
	importActs  = []Act{HearAdvised, Arrive, Examine, Correct, Confirm, Dispute, Detain, Release, Return, Seize, Sell, Destroy}
	transitActs = []Act{Enter, Leave}
)

// The roles that are nobody's: what another's log says, and time.
const (
	Record access.Role = "record"
	Clock  access.Role = "clock"
)

// Roles lists who acts on consignments, in the order of the table. Monitors,
// reviewers, statisticians, administrators and the public read and never act.
func Roles() []access.Role {
	return []access.Role{access.Exporter, access.Valuator, access.Sealer, access.Validator, access.Importer, Record, Clock}
}

// roles says who may do an act, wherever a state allows it.
var roles = map[Act][]access.Role{
	Apply: {access.Exporter}, Amend: {access.Exporter}, Withdraw: {access.Exporter},
	FindDeficient: {access.Valuator, access.Validator}, Reject: {access.Validator},
	Value: {access.Valuator}, Tax: {access.Valuator, access.Validator}, Seal: {access.Sealer},
	Prepare: {access.Validator}, Spoil: {access.Validator}, Issue: {access.Validator},
	Export: {access.Sealer, access.Validator}, Advise: {access.Validator}, Endorse: {access.Validator},
	Cancel: {access.Validator}, Reissue: {access.Validator}, Replace: {access.Validator},
	ReportLost: {access.Validator}, Open: {access.Validator, Record, Clock}, AttestReceipt: {access.Validator},
	HearReceived: {Record}, HearDisputed: {Record}, HearReleased: {Record}, HearSentBack: {Record}, HearForfeited: {Record},
	Expire: {Clock}, Lapse: {Clock},
	HearAdvised: {Record}, Arrive: {access.Importer}, Examine: {access.Importer}, Correct: {access.Importer}, Confirm: {access.Importer}, Dispute: {access.Importer},
	Detain: {access.Importer}, Release: {access.Importer}, Return: {access.Importer}, Seize: {access.Importer},
	Sell: {access.Importer}, Destroy: {access.Importer},
	Enter: {access.Importer}, Leave: {access.Importer},
}

// Why is the reason for which a state refuses an act.
type Why string

// The reasons.
const (
	Early Why = "early" // another act comes first
	Done  Why = "done"  // it has been done, or can no longer be
	Ended Why = "ended" // the consignment has come to its end
	Other Why = "other" // it is for another side to do
	Begun Why = "begun" // there is a file already
	NoOne Why = "none"  // there is no file
)

// row is what one state allows and refuses. Every act stands in it once.
type row struct {
	to     map[Act]State
	refuse map[Why][]Act
}

// issuing are the acts between application and issue, in their order.
var issuing = []Act{FindDeficient, Reject, Value, Tax, Seal, Prepare, Spoil, Issue}

// afterIssue are the acts that need a certificate.
var afterIssue = []Act{Export, Advise, Endorse, Cancel, Reissue, Replace, ReportLost, Open, AttestReceipt}

// foreign are the acts of the sides on which an exporting office is not.
var foreign = slices.Concat(importActs, transitActs)

// beforeIssue makes the row of a state on the way to the certificate: what it
// allows, what has been done, and that all else comes later.
func beforeIssue(to map[Act]State, done ...Act) row {
	r := row{to: to, refuse: map[Why][]Act{Begun: {Apply}, Done: done, Other: foreign}}
	for _, a := range slices.Concat([]Act{Amend, Withdraw}, issuing, afterIssue, hearActs, clockActs) {
		if _, goes := to[a]; !goes && !slices.Contains(done, a) {
			r.refuse[Early] = append(r.refuse[Early], a)
		}
	}
	return r
}

// underWay makes the row of a certificate that is out: what it allows; the acts
// of issuing are done; what comes later in time.
func underWay(to map[Act]State, early ...Act) row {
	r := row{to: to, refuse: map[Why][]Act{Begun: {Apply}, Early: early, Other: foreign}}
	for _, a := range slices.Concat([]Act{Amend, Withdraw}, issuing, afterIssue, hearActs, clockActs) {
		if _, goes := to[a]; !goes && !slices.Contains(early, a) {
			r.refuse[Done] = append(r.refuse[Done], a)
		}
	}
	return r
}

// over makes the row of a state at the end of the exporting side.
func over(to map[Act]State) row {
	r := row{to: to, refuse: map[Why][]Act{Begun: {Apply}, Other: foreign}}
	for _, a := range slices.Concat(exportActs[1:], hearActs, clockActs) {
		if _, goes := to[a]; !goes {
			r.refuse[Ended] = append(r.refuse[Ended], a)
		}
	}
	return r
}

// atImport makes the row of a state of the importing side; end when nothing
// more comes.
func atImport(end bool, to map[Act]State, early ...Act) row {
	r := row{to: to, refuse: map[Why][]Act{Early: early, Other: slices.Concat(exportActs, hearActs, clockActs, transitActs)}}
	why := Done
	if end {
		why = Ended
	}
	for _, a := range importActs {
		if _, goes := to[a]; !goes && !slices.Contains(early, a) {
			r.refuse[why] = append(r.refuse[why], a)
		}
	}
	return r
}

// heard is what the other side's statements make of a certificate that is out.
// A receipt may come after everything else: goods that were disputed, lost or
// returned by mistake are received in the end, and the log of the other side is
// right about it.
func heard(more map[Act]State) map[Act]State {
	to := map[Act]State{HearReceived: Received, HearDisputed: Disputed, HearSentBack: SentBack, HearForfeited: Forfeited}
	for a, s := range more {
		to[a] = s
	}
	return to
}

// table is the machine.
var table = map[State]row{
	None: {to: map[Act]State{Apply: Applied, Reissue: Sealed, HearAdvised: Advised, Arrive: Arrived, Enter: InTransit},
		refuse: map[Why][]Act{NoOne: slices.DeleteFunc(Acts(), func(a Act) bool {
			return slices.Contains([]Act{Apply, Reissue, HearAdvised, Arrive, Enter}, a)
		})}},

	Applied:   beforeIssue(map[Act]State{Amend: Applied, Withdraw: Withdrawn, FindDeficient: Deficient, Reject: Rejected, Value: Valued}),
	Deficient: beforeIssue(map[Act]State{Amend: Applied, Withdraw: Withdrawn, Reject: Rejected}, FindDeficient),
	Valued: beforeIssue(map[Act]State{Withdraw: Withdrawn, FindDeficient: Deficient, Reject: Rejected, Value: Valued, Tax: Taxed},
		Amend),
	Taxed: beforeIssue(map[Act]State{Withdraw: Withdrawn, FindDeficient: Deficient, Reject: Rejected, Value: Valued, Tax: Taxed, Seal: Sealed},
		Amend),
	Sealed: beforeIssue(map[Act]State{Withdraw: Withdrawn, Reject: Rejected, Value: Valued, Seal: Sealed, Prepare: Prepared},
		Amend, FindDeficient, Tax),
	Prepared: beforeIssue(map[Act]State{Spoil: Sealed, Issue: Issued}, Amend, Withdraw, FindDeficient, Reject, Value, Tax, Seal, Prepare),
	Rejected: over(nil), Withdrawn: over(nil),

	// R-CRT-09: replaced only before export. Advice may be sent again.
	Issued: underWay(heard(map[Act]State{Export: Exported, Endorse: Issued, Cancel: Void, Reissue: Issued, Replace: Replaced, ReportLost: Lost,
		Expire: Expired}), Advise, HearReleased, Lapse, Open, AttestReceipt),
	Exported: underWay(heard(map[Act]State{Advise: Exported, Endorse: Exported, ReportLost: Lost, Lapse: Overdue, Open: Exported,
		AttestReceipt: Attested}), HearReleased),
	Overdue:  underWay(heard(map[Act]State{Advise: Overdue, Endorse: Overdue, ReportLost: Lost, Open: Overdue, AttestReceipt: Attested}), HearReleased),
	Disputed: underWay(heard(map[Act]State{Advise: Disputed, Endorse: Disputed, ReportLost: Lost, HearReleased: Exported, Open: Disputed, AttestReceipt: Attested})),
	Lost:     over(heard(map[Act]State{Open: Lost})),
	Expired:  over(heard(map[Act]State{Cancel: Void, ReportLost: Lost, Open: Expired})),
	Received: over(map[Act]State{Open: Received}),
	// What the other side signs in the end counts more than a paper.
	Attested: over(heard(map[Act]State{Open: Attested})),
	SentBack: over(map[Act]State{Open: SentBack, HearReceived: Received, HearForfeited: Forfeited}),
	// A court may give back what was seized.
	Forfeited: over(map[Act]State{Open: Forfeited, HearReleased: Exported, HearReceived: Received}),
	Void:      over(map[Act]State{Open: Void}),
	Replaced:  over(map[Act]State{Open: Replaced}),

	Advised:    atImport(false, map[Act]State{HearAdvised: Advised, Arrive: Arrived}, Examine, Correct, Confirm, Dispute, Detain, Release, Return, Seize, Sell, Destroy),
	Arrived:    atImport(false, map[Act]State{HearAdvised: Arrived, Examine: Verified, Correct: Arrived, Dispute: Discrepant}, Confirm, Detain, Release, Return, Seize, Sell, Destroy),
	Verified:   atImport(false, map[Act]State{HearAdvised: Verified, Examine: Verified, Correct: Arrived, Confirm: Confirmed, Dispute: Discrepant}, Detain, Release, Return, Seize, Sell, Destroy),
	Discrepant: atImport(false, map[Act]State{HearAdvised: Discrepant, Correct: Arrived, Release: Arrived, Detain: Detained, Return: Returned, Seize: Seized}, Examine, Confirm, Sell, Destroy),
	Detained:   atImport(false, map[Act]State{HearAdvised: Detained, Release: Arrived, Return: Returned, Seize: Seized}, Examine, Correct, Confirm, Sell, Destroy),
	Seized:     atImport(false, map[Act]State{HearAdvised: Seized, Release: Arrived, Sell: Disposed, Destroy: Disposed}, Examine, Correct, Confirm, Return),
	Confirmed:  atImport(true, nil), Returned: atImport(true, nil), Disposed: atImport(true, nil),

	InTransit: {to: map[Act]State{Leave: Passed},
		refuse: map[Why][]Act{Begun: {Enter}, Other: slices.Concat(exportActs, hearActs, clockActs, importActs)}},
	Passed: {refuse: map[Why][]Act{Ended: {Enter, Leave}, Other: slices.Concat(exportActs, hearActs, clockActs, importActs)}},
}

// Ends tells whether nothing but the opening of facts can follow a state by
// anybody of this house.
func (s State) Ends() bool {
	for a := range table[s].to {
		if a != Open && !slices.Contains(hearActs, a) {
			return false
		}
	}
	return true
}

// move finds what an act by a role makes of a state. why is empty when it goes;
// for a role that may not, allowed lists those that may.
func move(s State, a Act, r access.Role) (to State, why Why, allowed access.RoleList) {
	row := table[s]
	to, goes := row.to[a]
	if !goes {
		for w, acts := range row.refuse {
			if slices.Contains(acts, a) {
				return "", w, nil
			}
		}
	}
	if !slices.Contains(roles[a], r) {
		return "", "", roles[a]
	}
	return to, "", nil
}

// May lists what a role can do with a consignment in a state, in the order of
// the table.
func May(s State, r access.Role) []Act {
	var out []Act
	for _, a := range Acts() {
		if _, why, allowed := move(s, a, r); why == "" && allowed == nil {
			out = append(out, a)
		}
	}
	return out
}
