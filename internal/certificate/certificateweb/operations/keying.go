package operations

import (
	"crypto/rand"
	"net/url"
	"strings"
	"time"

	"adamas.example/internal/certificate/importing/keying"
	"adamas.example/internal/ident"
	"adamas.example/internal/store"
	"adamas.example/internal/web/api"
	"adamas.example/verify/canonical"
)

// keyingPath names a paper that waits.
var keyingPath = map[string]string{"id": "01980b3e-7a4c-7000-8000-000000000001|the paper that waits to be keyed", "hash": transcriptPath["hash"]}

// keyingOperations are papers that were scanned by one and are keyed by another: a
// ministry's scanner opens them, people key them on pages, or the other way round.
func (d *desk) keyingOperations(a *api.API) {
	api.Read(a, api.Operation{ID: "listKeying", Path: "/keying", Permission: mayImport, Tag: tagPaper, Summary: "Papers that were scanned and wait to be keyed, longest first"}, d.listKeying)
	api.Act(a, api.Operation{ID: "openKeying", Path: "/keying", Permission: mayImport, Tag: tagPaper, Most: mostScans, Example: opening{Scans: exampleScans()},
		Summary: "Hand in the scans of a paper that somebody shall key", Description: "On the page “Papers” it waits for people; a program keys it with transcribePaper, or correctTranscript, which name it."},
		func(c *api.Call, x opening) (id string, err error) {
			if x.Corrects != "" {
				if _, err := d.imports.Paper(c.Context(), x.Corrects); err != nil {
					return "", err
				}
			}
			return id, d.write(c.Context(), func(tx *store.Tx) error {
				k, err := keying.Open(tx, rand.Reader, c.Actor(), x.Corrects, url.Values{}, files(x.Scans))
				if err == nil {
					id = string(k.ID)
					tx.Act(id)
				}
				return err
			})
		}, d.keying)
	api.Read(a, api.Operation{ID: "readKeying", Path: "/keying/{id}", Paths: keyingPath, Permission: mayImport, Tag: tagPaper, Summary: "A paper that waits, or what became of it"},
		func(c *api.Call) (Keying, error) { return d.keying(c, c.Path("id")) })
	api.Act(a, api.Operation{ID: "addScans", Path: "/keying/{id}/scans", Paths: keyingPath, Permission: mayImport, Tag: tagPaper, Most: mostScans, Example: scanning{Scans: exampleScans()}, Summary: "Add scans to a paper that waits"},
		func(c *api.Call, x scanning) (string, error) {
			return d.atKeying(c, func(tx *store.Tx, id ident.RecordID) error { return keying.Add(tx, id, c.Actor(), files(x.Scans)) })
		}, d.keying)
	api.Act(a, api.Operation{ID: "dropKeying", Path: "/keying/{id}/drop", Paths: keyingPath, Permission: mayImport, Tag: tagPaper, Example: dropping{Why: "SYNTHETIC: scanned twice"}, Summary: "Give up a paper that waits, with the reason"},
		func(c *api.Call, x dropping) (string, error) {
			return d.atKeying(c, func(tx *store.Tx, id ident.RecordID) error {
				return keying.Drop(tx, id, c.Actor(), c.Seen, strings.Join(strings.Fields(x.Why), " "))
			})
		}, d.keying)
	api.Read(a, api.Operation{ID: "readKeyingScan", Path: "/keying/{id}/scans/{hash}", Paths: keyingPath, Permission: mayImport, Tag: tagPaper, Gives: mediaScan, Summary: "A scan of a paper that waits, clean"},
		func(c *api.Call) (*api.File, error) {
			k, err := d.waits(c, c.Path("id"))
			if err != nil {
				return nil, err
			}
			return d.shown(c, k.Scans)
		})
}

// opening is a paper that is handed in.
type opening struct {
	Scans    []api.Bytes `json:"scans" doc:"JPEG, PNG or PDF, in the order of its pages"`
	Corrects string      `json:"corrects,omitempty" doc:"the consignment whose paper was mis-keyed"`
}

type scanning struct {
	Scans []api.Bytes `json:"scans" doc:"behind those that are there"`
}

type dropping struct {
	Why string `json:"why"`
}

// Keying is a paper that was scanned.
type Keying struct {
	ID        ident.RecordID      `json:"id"`
	State     string              `json:"state" enum:"waiting,recorded,dropped"`
	Scans     []canonical.Hash    `json:"scans,omitempty" doc:"SHA-256 of each; of one paper"`
	Typed     map[string][]string `json:"typed" doc:"as it stands on the page, right or wrong"`
	Saved     int64               `json:"version" doc:"how often that was saved"`
	Corrects  string              `json:"corrects,omitempty"`
	Recorded  string              `json:"recorded,omitempty" doc:"the consignment that came of it"`
	Dropped   string              `json:"dropped,omitempty" doc:"why it was given up"`
	OpenedAt  time.Time           `json:"opened_at"`
	OpenedBy  string              `json:"opened_by"`
	ChangedAt time.Time           `json:"changed_at"`
	ChangedBy string              `json:"changed_by"`
}

// Version is of what was typed: who gives a paper up says which one was read.
func (k Keying) Version() int64 { return k.Saved }

func keyingOf(k *keying.Paper) Keying {
	out := Keying{ID: k.ID, State: "waiting", Scans: k.Scans, Typed: k.Fields, Saved: k.Version, Corrects: k.Corrects, Recorded: k.Recorded, Dropped: k.Dropped, OpenedAt: k.OpenedAt, OpenedBy: k.OpenedBy, ChangedAt: k.ChangedAt, ChangedBy: k.ChangedBy}
	if out.Typed == nil {
		out.Typed = map[string][]string{}
	}
	switch {
	case k.Recorded != "":
		out.State = "recorded"
	case k.Dropped != "":
		out.State = "dropped"
	}
	return out
}

func (d *desk) listKeying(c *api.Call) (out api.Page[Keying], err error) {
	err = d.read(c.Context(), func(tx *store.Tx) error {
		all, err := keying.Waiting(tx)
		out.Items = []Keying{}
		for _, k := range all {
			out.Items = append(out.Items, keyingOf(k))
		}
		return err
	})
	return out, err
}

// waits reads one. Fault certificate.no_keying.
func (d *desk) waits(c *api.Call, id string) (k *keying.Paper, err error) {
	err = d.read(c.Context(), func(tx *store.Tx) error {
		k, err = keying.Get(tx, ident.RecordID(id))
		return err
	})
	return k, err
}

func (d *desk) keying(c *api.Call, id string) (Keying, error) {
	k, err := d.waits(c, id)
	if err != nil {
		return Keying{}, err
	}
	return keyingOf(k), nil
}

// atKeying does something with a paper that waits.
func (d *desk) atKeying(c *api.Call, do func(tx *store.Tx, id ident.RecordID) error) (string, error) {
	id := c.Path("id")
	return id, d.write(c.Context(), func(tx *store.Tx) error {
		tx.Act(id)
		return do(tx, ident.RecordID(id))
	})
}
