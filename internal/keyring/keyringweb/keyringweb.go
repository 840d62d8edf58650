// Package keyringweb is the face of the keyring: the commands with which people
// make keys, hand on their cards, hold the ceremony of the root document, and
// appoint and revoke the keys of offices.
//
// Two rules hold throughout. No file is ever overwritten, and none is left half
// made. What changes whom others believe is first shown in words: a root document
// is signed only by who repeats its fingerprint, and what goes into a register is
// recorded only with --apply.
//
// What keys may do stands in package keyring. It may import floors 0 to 2.
package keyringweb

import (
	"embed"
	"io/fs"
)

//go:embed text
var text embed.FS

// Text is the face's words.
func Text() fs.FS { return text }

type commands struct {
	Keys struct {
		New  newCmd  `cmd:"" help:"cli_keys_new"`
		List listCmd `cmd:"" help:"cli_keys_list"`
		Show showCmd `cmd:"" help:"cli_keys_show"`
		Card cardCmd `cmd:"" help:"cli_keys_card"`
		Root struct {
			Draft    draftCmd    `cmd:"" help:"cli_keys_root_draft"`
			Show     rootShowCmd `cmd:"" help:"cli_keys_root_show"`
			Sign     signCmd     `cmd:"" help:"cli_keys_root_sign"`
			Assemble assembleCmd `cmd:"" help:"cli_keys_root_assemble"`
		} `cmd:"" help:"cli_keys_root"`
		Appoint appointCmd `cmd:"" help:"cli_keys_appoint"`
		Revoke  revokeCmd  `cmd:"" help:"cli_keys_revoke"`
	} `cmd:"" help:"cli_keys"`
}

// Commands is a pointer to the commands, for module.Module.
func Commands() any { return &commands{} }
