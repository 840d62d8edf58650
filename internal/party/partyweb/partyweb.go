// Package partyweb is the face of party: the commands that show who takes part in
// the Kimberley Process and where he stood on a day, what authorities have stated
// of their offices, numbers, officers and specimens, and with which an authority
// states it; and those by which whoever keeps a node's server looks after the accounts
// of its office, and after the access keys of its systems.
//
// What is shown carries its source, and what sources leave open is shown as open.
// An act is first shown and goes into a register with --apply only, as in
// keyringweb, whose frame it uses.
//
// It may import floors 0 to 2, keyringweb and ledgerweb.
package partyweb

import (
	"embed"
	"io/fs"
)

//go:embed text
var text embed.FS

// Text is the face's words.
func Text() fs.FS { return text }

type commands struct {
	Party struct {
		List      listCmd      `cmd:"" help:"cli_party_list"`
		Show      showCmd      `cmd:"" help:"cli_party_show"`
		History   historyCmd   `cmd:"" help:"cli_party_history"`
		Questions questionsCmd `cmd:"" help:"cli_party_questions"`
		Observers observersCmd `cmd:"" help:"cli_party_observers"`
		Place     placeCmd     `cmd:"" help:"cli_party_place"`
		Trade     tradeCmd     `cmd:"" help:"cli_party_trade"`
		Number    numberCmd    `cmd:"" help:"cli_party_number"`
		Offices   officesCmd   `cmd:"" help:"cli_party_offices"`
		Ranges    rangesCmd    `cmd:"" help:"cli_party_ranges"`
		Specimens specimensCmd `cmd:"" help:"cli_party_specimens"`
		Refused   refusedCmd   `cmd:"" help:"cli_party_refused"`
		State     struct {
			Account  accountCmd  `cmd:"" help:"cli_party_state_account"`
			Range    rangeCmd    `cmd:"" help:"cli_party_state_range"`
			Roles    rolesCmd    `cmd:"" help:"cli_party_state_roles"`
			Specimen specimenCmd `cmd:"" help:"cli_party_state_specimen"`
			Standing standingCmd `cmd:"" help:"cli_party_state_standing"`
		} `cmd:"" help:"cli_party_state"`
	} `cmd:"" help:"cli_party"`
	People struct {
		Found   foundCmd      `cmd:"" help:"cli_people_found"`
		List    peopleListCmd `cmd:"" help:"cli_people_list"`
		Invite  inviteCmd     `cmd:"" help:"cli_people_invite"`
		Recover recoverCmd    `cmd:"" help:"cli_people_recover"`
		Suspend suspendCmd    `cmd:"" help:"cli_people_suspend"`
		Trail   trailCmd      `cmd:"" help:"cli_people_trail"`
	} `cmd:"" help:"cli_people"`
	AccessKeys struct {
		Make makeKeyCmd  `cmd:"" help:"cli_access_make"`
		List listKeysCmd `cmd:"" help:"cli_access_list"`
		End  endKeyCmd   `cmd:"" help:"cli_access_end"`
	} `cmd:"" help:"cli_access"`
}

// Commands is a pointer to the commands, for module.Module.
func Commands() any { return &commands{} }
