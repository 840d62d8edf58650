package generate

import (
	"testing"
	"time"

	"adamas.example/internal/period"
)

func TestTry(t *testing.T) {
	dir := t.TempDir() + "/out"
	start := time.Now()
	r, err := Run(t.Context(), Config{Dir: dir, From: period.MustDay(2006, 1, 1), Until: period.MustDay(2025, 12, 31), Count: 20000, Seed: "1", Bundles: 20, Statistics: true, Pack: true, Readme: "x"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(start), r.Certificates, r.Statements, r.Bytes, r.mostEvents, r.mostLots)
}
