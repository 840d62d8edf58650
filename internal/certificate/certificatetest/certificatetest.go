// Package certificatetest is SYNTHETIC surroundings of a certificate, for tests
// and benchmarks: registers in which everybody is in good standing, and a file in
// which nothing is missing.
//
// It may import certificate and what lies below.
package certificatetest

import (
	"adamas.example/internal/certificate"
	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/verify/statement"
)

// Registers gives a configuration registers of standing and of specimens that
// find nothing wrong.
func Registers(cfg certificate.Config) certificate.Config {
	exporter := ident.OfficeID(cfg.Office).Participant()
	good := func(scope rule.Scope, ids ...string) (out []rule.Finding, err error) {
		for _, id := range ids {
			f, err := cfg.Rules.Finding(id, scope, rule.Pass, map[string]any{"register": "SYNTHETIC"}, rule.Reason{Key: "certificate.finding.complete"})
			if err != nil {
				return nil, err
			}
			out = append(out, f)
		}
		return out, nil
	}
	cfg.Trade = func(from, to ident.ParticipantCode, on period.Date) ([]rule.Finding, error) {
		return good(rule.Scope{Participant: from, Counterpart: to, On: on}, "R-MEM-01", "R-MEM-02")
	}
	cfg.Notified = func(_ []statement.KeyID, on period.Date) ([]rule.Finding, error) {
		return good(rule.Scope{Participant: exporter, On: on}, "R-CRT-08")
	}
	return cfg
}

// Dossier is the SYNTHETIC file of 12.40 ct of unsorted stones from one site of
// the Central African Republic, worth 2480 dollars, in one container.
func Dossier() certificate.Dossier {
	day := period.MustDay(2026, 11, 1)
	value := measure.USD(248000)
	line := []certificate.ValuedLine{{HS: ident.Unsorted, Carats: 12400, Value: value}}
	return certificate.Dossier{
		Exporter: &certificate.Licence{Holder: "SYNTHETIC exporter", Number: "BA-1", Kind: "buying_house", Until: period.Max},
		Carrier:  &certificate.Licence{Holder: "SYNTHETIC carrier", Number: "T-1", Kind: "carrier", Until: period.Max},
		Evidence: []certificate.Evidence{{Origin: "CF", Carats: 12400, Mine: &certificate.MineSource{Name: "SYNTHETIC site", Place: "Carnot", Record: "SYNTHETIC register 4"}}},
		Valuations: []certificate.Valuation{{By: certificate.ByGovernment, Name: "SYNTHETIC valuer", Day: day, Lines: line},
			{By: certificate.ByIndependent, Name: "SYNTHETIC valuer", Day: day, Lines: line}, {By: certificate.ByExporter, Name: "SYNTHETIC valuer", Day: day, Lines: line}},
		Tax: &certificate.Tax{Number: "Q-1", Authority: "SYNTHETIC treasury", Day: day, Assessed: value,
			Lines: []certificate.TaxLine{{Name: "export-duty", Rate: "4", Amount: 9920}}},
		Sealing: &certificate.Sealing{Method: "every-container", Day: day, Verified: true, Containers: []certificate.Container{{Container: "1", Seal: "A118"}}},
	}
}
