package exporting

import (
	"context"
	"maps"
	"slices"
	"strings"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting/fields"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
)

// Seal enters how the containers were closed, after the content was seen (R-CRT-10,
// R-SEA-01, KPCS IV(c)). Done again before the certificate is prepared it counts
// instead of the one before, which stays in the file.
//
// Faults: certificate.field_missing, field_form, field_twice, field_future,
// certificate.content_unseen, certificate.containers_differ,
// certificate.number_on_container, certificate.number_form.
func (d *Desk) Seal(ctx context.Context, id string, o Officer, s certificate.Sealing) (*consignment.Consignment, error) {
	if err := d.checkSealing(&s, d.today()); err != nil {
		return nil, err
	}
	return d.move(ctx, id, consignment.Seal, o, s, consignment.Change{}, func(_ *store.Tx, f *filed) error {
		want := f.containers()
		for _, c := range s.Containers {
			if !want[c.Container] {
				return errContainers(id, want)
			}
		}
		if len(want) != len(s.Containers) {
			return errContainers(id, want)
		}
		onContainer, _, err := d.cfg.Rules.Bool("R-SEA-01", "number-on-container", d.scope(f.Counterpart))
		if err == nil && onContainer && s.Number == "" {
			err = fault.Invalid("certificate.number_on_container", fault.At("certificate_number"), fault.Arg("participant", d.participant()))
		}
		return err
	})
}

func errContainers(id string, want map[string]bool) error {
	return fault.Invalid("certificate.containers_differ", fault.At("containers"), fault.Arg("consignment", id),
		fault.Arg("containers", strings.Join(slices.Sorted(maps.Keys(want)), ", ")))
}

func (d *Desk) checkSealing(s *certificate.Sealing, today period.Date) error {
	c := &fields.Checker{}
	c.Need("method", s.Method, 40)
	c.Day("day", s.Day, today)
	if !s.Verified {
		c.Faults.Add(fault.Invalid("certificate.content_unseen", fault.At("content_verified")))
	}
	if len(s.Containers) == 0 {
		c.Missing("containers")
	}
	containers, seals := map[string]bool{}, map[string]bool{}
	for i, x := range s.Containers {
		c.Within(fields.Each("containers", i), func(c *fields.Checker) {
			c.Need("container", x.Container, 60)
			c.Once(containers, "container", x.Container)
			c.Need("seal", x.Seal, 60)
			c.Once(seals, "seal", x.Seal)
		})
	}
	for i, w := range s.Witnesses {
		c.Need(fields.Each("witnesses", i), w, 200)
	}
	if s.Number != "" {
		if n, err := ident.ParseNumber(s.Number); err != nil || n.Participant() != d.participant() {
			c.Faults.Add(fault.Invalid("certificate.number_form", fault.At("certificate_number"), fault.Text(s.Number)))
		}
	}
	return c.Faults.Err()
}
