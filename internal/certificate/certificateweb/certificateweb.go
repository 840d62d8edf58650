// Package certificateweb is the face of the certificate: the commands that
// verify certificate files or show what they say, the command that makes
// SYNTHETIC ones, and the words for whatever a verdict can say. What is true of a certificate is package verify's to decide;
// here it is only told.
//
// # Invariants
//
//   - Every answer of package verify has words in every language; a test reads
//     verify's source and fails when one has none.
//   - What is SYNTHETIC says so on the first line.
//   - No yes is shown without the time it is as of, and no certificate without
//     the list of what it does not say. Nothing here ever calls a stone free of
//     conflict.
//
// It may import floors 0 to 2 and verify.
package certificateweb

import (
	"embed"
	"io/fs"

	"adamas.example/internal/certificate/certificateweb/desk"
	"adamas.example/internal/certificate/certificateweb/issued"
	"adamas.example/internal/certificate/certificateweb/printing"
	"adamas.example/internal/lang"
)

//go:embed text
var text embed.FS

// Text is the face's words.
func Text() fs.FS { return text }

type commands struct {
	Verify      verifyCmd `cmd:"" help:"cli_verify"`
	Certificate struct {
		Show   showCmd       `cmd:"" help:"cli_certificate_show"`
		Bundle issued.Bundle `cmd:"" help:"cli_certificate_bundle"`
		Print  issued.Print  `cmd:"" help:"cli_certificate_print"`
	} `cmd:"" help:"cli_certificate"`
	Consignment struct {
		List    listCmd    `cmd:"" help:"cli_consignment_list"`
		Show    fileCmd    `cmd:"" help:"cli_consignment_show"`
		Acts    actsCmd    `cmd:"" help:"cli_consignment_acts"`
		Do      doCmd      `cmd:"" help:"cli_consignment_do"`
		Hear    hearCmd    `cmd:"" help:"cli_consignment_hear"`
		Tick    tickCmd    `cmd:"" help:"cli_consignment_tick"`
		Gaps    gapsCmd    `cmd:"" help:"cli_consignment_gaps"`
		Balance balanceCmd `cmd:"" help:"cli_consignment_balance"`
		Opening openingCmd `cmd:"" name:"opening-balance" help:"cli_consignment_opening_balance"`
		Arrive  arriveCmd  `cmd:"" help:"cli_consignment_arrive"`
		Examine examineCmd `cmd:"" help:"cli_consignment_examine"`
		Confirm confirmCmd `cmd:"" help:"cli_consignment_confirm"`
		Decide  decideCmd  `cmd:"" help:"cli_consignment_decide"`
		Enter   enterCmd   `cmd:"" help:"cli_consignment_enter"`
		Leave   leaveCmd   `cmd:"" help:"cli_consignment_leave"`

		Transcribe transcribeCmd `cmd:"" help:"cli_consignment_transcribe"`
		Attest     attestCmd     `cmd:"" help:"cli_consignment_attest"`

		Receipt  printing.Receipt  `cmd:"" help:"cli_consignment_receipt"`
		Coupon   printing.Coupon   `cmd:"" help:"cli_consignment_coupon"`
		Register printing.Register `cmd:"" help:"cli_consignment_register"`

		Confirmation printing.Confirmation `cmd:"" help:"cli_consignment_confirmation"`
	} `cmd:"" help:"cli_consignment"`
	Generate struct {
		Certificates generateCmd `cmd:"" help:"cli_generate_certificates"`
	} `cmd:"" help:"cli_generate"`
}

// BrowserWords is the file of words of the page that checks certificates in a browser
// (package browser), in the printer's language: JSON, the same bytes for the same
// words.
func BrowserWords(p *lang.Printer) ([]byte, error) { return p.Plain(desk.Prefixes()...).File() }

// Commands is a pointer to the commands, for module.Module.
func Commands() any { return &commands{} }
