package certificate

import (
	"slices"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/store"
)

// SheetAct is what becomes of a numbered sheet.
type SheetAct string

// The acts on a sheet.
const (
	AllotSheet SheetAct = "allot" // to a draft that passes the rules
	SpendSheet SheetAct = "spend" // a certificate is issued on it
	SpoilSheet SheetAct = "spoil" // torn, jammed, or the draft was dropped
	VoidSheet  SheetAct = "void"  // its certificate is cancelled or replaced; a blank one is withdrawn
	FindSheet  SheetAct = "find"  // the log shows it spent, and the database did not know (found.go)
)

// SheetStates and SheetActs list them in the order of the table.
func SheetStates() []SheetState { return []SheetState{Blank, Allotted, Spent, Spoiled, Void} }

// SheetActs lists the acts in the order of the table.
func SheetActs() []SheetAct {
	return []SheetAct{AllotSheet, SpendSheet, SpoilSheet, VoidSheet, FindSheet}
}

// TextKeys names the state's words.
func (s SheetState) TextKeys() []string { return []string{"certificate.sheet." + string(s)} }

// TextKeys names the act's words: an infinitive.
func (a SheetAct) TextKeys() []string { return []string{"certificate.sheet_act." + string(a)} }

// sheetRecord is nobody's role: what the log says.
const sheetRecord access.Role = "record"

// SheetRoles lists who acts on sheets, in the order of the table.
func SheetRoles() []access.Role {
	return []access.Role{access.Exporter, access.Valuator, access.Sealer, access.Validator, access.Importer, sheetRecord}
}

// sheetRoles says who may do an act wherever a state allows it.
var sheetRoles = map[SheetAct][]access.Role{
	AllotSheet: {access.Validator}, SpendSheet: {access.Validator}, SpoilSheet: {access.Validator}, VoidSheet: {access.Validator},
	FindSheet: {sheetRecord},
}

// Why a sheet refuses an act.
const (
	sheetEarly = "early" // another act comes first
	sheetDone  = "done"  // it has been done, or can no longer be
	sheetEnded = "ended" // nothing more becomes of it
)

// sheetRow is what one state of a sheet allows and refuses; every act stands in it
// once.
type sheetRow struct {
	to     map[SheetAct]SheetState
	refuse map[string][]SheetAct
}

// sheetTable is the machine of the sheet (design.md §8). Paper is not goods: a
// shipment has its own machine in package consignment.
var sheetTable = map[SheetState]sheetRow{
	Blank: {to: map[SheetAct]SheetState{AllotSheet: Allotted, SpoilSheet: Spoiled, VoidSheet: Void, FindSheet: Spent},
		refuse: map[string][]SheetAct{sheetEarly: {SpendSheet}}},
	Allotted: {to: map[SheetAct]SheetState{SpendSheet: Spent, SpoilSheet: Spoiled, FindSheet: Spent},
		refuse: map[string][]SheetAct{sheetDone: {AllotSheet}, sheetEarly: {VoidSheet}}},
	Spent: {to: map[SheetAct]SheetState{VoidSheet: Void},
		refuse: map[string][]SheetAct{sheetDone: {AllotSheet, SpendSheet, SpoilSheet, FindSheet}}},
	Spoiled: {refuse: map[string][]SheetAct{sheetEnded: {AllotSheet, SpendSheet, SpoilSheet, VoidSheet, FindSheet}}},
	Void:    {refuse: map[string][]SheetAct{sheetEnded: {AllotSheet, SpendSheet, SpoilSheet, VoidSheet, FindSheet}}},
}

// moveSheet finds what an act by a role makes of a sheet. why is empty when it
// goes; for a role that may not, allowed lists those that may.
func moveSheet(s SheetState, a SheetAct, r access.Role) (to SheetState, why string, allowed access.RoleList) {
	row := sheetTable[s]
	to, goes := row.to[a]
	if !goes {
		for w, acts := range row.refuse {
			if slices.Contains(acts, a) {
				return "", w, nil
			}
		}
	}
	if !slices.Contains(sheetRoles[a], r) {
		return "", "", sheetRoles[a]
	}
	return to, "", nil
}

// end spoils a sheet or makes it void, in the caller's transaction, and gives back
// what it held of imported certificates.
func end(tx *store.Tx, number string, act SheetAct, by, reason string) error {
	if reason == "" {
		return fault.Invalid("certificate.sheet_without_reason", fault.Arg("number", number), fault.Arg("act", act))
	}
	sh, err := sheet(tx, number)
	if err != nil {
		return err
	}
	to, why, _ := moveSheet(sh.State, act, access.Validator)
	if why != "" {
		return errSheet(sh, act)
	}
	n, err := tx.Exec(`UPDATE certificate_sheet SET state = $2, reason = $3, ended_by = $4, ended_at = $5 WHERE number = $1 AND state = $6`,
		number, string(to), reason, by, tx.Now(), string(sh.State))
	if err == nil && n != 1 {
		return errNotAllotted(tx, number)
	}
	if err != nil {
		return err
	}
	return free(tx, number)
}

// errSheet says what has become of a sheet instead, by whom and when.
func errSheet(sh Sheet, act SheetAct) error {
	by, at := sh.Last()
	if act == VoidSheet && sh.State == Allotted {
		return fault.Conflict("certificate.sheet_not_spent", fault.Arg("number", sh.Number), fault.Arg("by", by), fault.Arg("at", at))
	}
	return fault.Conflict("certificate.sheet_not_allotted", fault.Arg("number", sh.Number), fault.Arg("state", sh.State), fault.Arg("by", by), fault.Arg("at", at))
}

// VoidNumber makes the sheet of a cancelled or replaced certificate void, in the
// transaction that states it. Faults: certificate.sheet_not_spent,
// certificate.sheet_not_allotted, certificate.unknown_number.
func VoidNumber(tx *store.Tx, number, by, reason string) error {
	return end(tx, number, VoidSheet, by, reason)
}
