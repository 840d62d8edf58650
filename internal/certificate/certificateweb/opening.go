package certificateweb

import (
	"strings"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificateweb/opened"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// openingCmd enters stock that was there before balances were kept (R-ORG-02).
type openingCmd struct {
	nodeFlags
	Number    string `arg:"" help:"cli_consignment_opening_balance_number"`
	File      string `name:"certificate" placeholder:"FILE" help:"cli_consignment_opening_balance_certificate"`
	Statement string `placeholder:"SHA-256" help:"cli_consignment_opening_balance_statement"`
	Carats    string `required:"" placeholder:"CARATS" help:"cli_consignment_opening_balance_carats"`
	Basis     string `required:"" placeholder:"TEXT" help:"cli_consignment_opening_balance_basis"`
}

// Run has it done.
func (c *openingCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load takes the hash from the certificate, where its file is given, and holds the
// number against it. Faults: certificate.which_statement, certificate.not_this_number,
// and those of a certificate file.
func (c *openingCmd) Load(*module.Env) error {
	if (c.File == "") == (c.Statement == "") {
		return fault.Usage("certificate.which_statement", fault.At("--certificate"))
	}
	if c.File == "" {
		return nil
	}
	b, err := opened.Bundle(c.File)
	if err != nil {
		return err
	}
	st, err := statement.Parse(b.Statement)
	if err != nil {
		return fault.Invalid("certificate.bundle_refused", fault.At("--certificate"), fault.File(c.File), fault.Because(err))
	}
	number, err := ident.ParseTypedPaper(c.Number)
	if err != nil {
		return fault.Locate(err, fault.At("NUMBER"))
	}
	if cert, ok := st.Body.(*statement.Certificate); !ok || cert.Number != string(number) {
		return fault.Conflict("certificate.not_this_number", fault.At("--certificate"), fault.File(c.File), fault.Arg("number", number))
	}
	c.Statement = st.Hash.String()
	return nil
}

// Do enters it.
func (c *openingCmd) Do(env *module.Env, n *module.Node) error {
	number, err := ident.ParseTypedPaper(c.Number)
	if err != nil {
		return fault.Locate(err, fault.At("NUMBER"))
	}
	var st canonical.Hash
	if err := st.UnmarshalText([]byte(strings.TrimSpace(c.Statement))); err != nil || st.IsZero() {
		return fault.Usage("certificate.statement_form", fault.At("--statement"), fault.Text(c.Statement))
	}
	weight, err := measure.ParseCarats(c.Carats)
	if err != nil {
		return fault.Locate(err, fault.At("--carats"))
	}
	hundredths, rest := weight.Hundredths()
	if hundredths == 0 || rest != 0 {
		return fault.Invalid("certificate.opening_weight", fault.At("--carats"), fault.Text(c.Carats))
	}
	o, err := c.at(env, n)
	if err != nil {
		return err
	}
	var b certificate.Balance
	err = n.Ledger.Store().Write(env.Context, o.now(), func(tx *store.Tx) error {
		if err := certificate.OpenBalance(tx, string(number), st, uint64(hundredths), strings.TrimSpace(c.Basis)); err != nil {
			return err
		}
		b, err = certificate.BalanceOf(tx, string(number))
		return err
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(balanceView(b))
	}
	env.Say("consignment.balance", lang.Args{"number": b.Number, "free": reading.Carats(b.Free()), "received": reading.Carats(b.Received), "at": b.ReceivedAt})
	return nil
}
