// Package issued are the commands on a certificate that this office has issued: as a
// file that travels, and on paper.
package issued

import (
	"fmt"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificateweb/printing"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/module"
	"adamas.example/verify/bundle"
)

// target names a certificate at a node, and where it is written.
type target struct {
	printing.Target
	Number string `arg:"" help:"cli_certificate_bundle_number"`
}

// find gives the certificate with its proof once it is witnessed. Faults: those of
// certificate.Service.Bundle.
func (t *target) find(env *module.Env, n *module.Node) (number ident.CertificateNumber, b *bundle.Bundle, e *ledger.Entry, err error) {
	if number, err = ident.ParseTypedPaper(t.Number); err != nil {
		return number, nil, nil, fault.Locate(err, fault.At("NUMBER"))
	}
	certificates, err := module.Service[*certificate.Service](n)
	if err != nil {
		return number, nil, nil, err
	}
	b, e, err = certificates.Bundle(env.Context, string(number))
	return number, b, e, err
}

// say tells what was written, and how far the record of the certificate has come.
func (t *target) say(env *module.Env, n *module.Node, key string, number ident.CertificateNumber, state ledger.State) {
	if n.Synthetic {
		fmt.Fprintln(env.Out, "SYNTHETIC")
	}
	env.Say(key, lang.Args{"number": number, "file": t.Out})
	env.Say("consignment.recorded."+state.String(), nil)
}
