package operations

import (
	"time"

	"adamas.example/internal/certificate/certificateweb/receiving/bulk"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/fault"
	"adamas.example/internal/web/api"
	"adamas.example/internal/web/form"
)

// batchOperations judge many certificates at once.
func (d *desk) batchOperations(a *api.API) {
	api.Check(a, api.Operation{ID: "judgeBatch", Path: "/imports/batch", Permission: mayImport, Tag: tagImport, Most: bulk.Most * 4 / 3, Turn: d.bulk.Turn, Example: judging{Files: []upload{{Name: "CF00000017.adamas", Content: api.Bytes("SYNTHETIC")}}},
		Summary: "May these certificates be accepted now?", Description: "Files, PDFs, photographs of codes, and ZIP archives of them: 1000 at most. Nothing is recorded; what cannot be judged is a row with its reason."}, d.judgeBatch)
}

type judging struct {
	Files []upload `json:"files"`
}

// Batch is what is said of many files.
type Batch struct {
	AsOf  time.Time      `json:"as_of"`
	Count map[string]int `json:"count" doc:"by outcome; none for what could not be judged"`
	Files []Judged       `json:"files"`
}

// Judged is one of them.
type Judged struct {
	Name    string   `json:"name"`
	Number  string   `json:"certificate_number,omitempty"`
	From    string   `json:"from,omitempty"`
	To      string   `json:"to,omitempty"`
	Issued  string   `json:"issued,omitempty"`
	Outcome string   `json:"outcome" enum:"valid,invalid,cannot_tell,none"`
	Words   []string `json:"words" doc:"in the language of the request"`
	Codes   []string `json:"codes" doc:"of the checks that did not pass, or of the fault"`
	Twice   string   `json:"same_number_as,omitempty" doc:"another file of the batch"`
}

func (d *desk) judgeBatch(c *api.Call, x judging) (out Batch, err error) {
	var all []form.File
	for _, f := range x.Files {
		all = append(all, form.File{Name: f.Name, Content: f.Content})
	}
	rows, err := d.bulk.All(c.Context(), all)
	if err != nil {
		return out, fault.Locate(err, fault.At("files"))
	}
	out = Batch{AsOf: d.node.Now().UTC(), Count: map[string]int{"valid": 0, "invalid": 0, "cannot_tell": 0, "none": 0}, Files: []Judged{}}
	for _, r := range rows {
		v := Judged{Name: r.Name, Number: r.Number, From: string(r.From), To: string(r.To), Issued: r.Issued, Outcome: r.Is(), Codes: some(r.Codes()), Twice: r.Twice}
		if r.Problem != nil {
			v.Words = []string{words(c, r.Problem)}
		} else {
			v.Words = some(reading.Of(c.Printer(), r.Verdict, d.node.Synthetic).Headline)
		}
		out.Count[v.Outcome]++
		out.Files = append(out.Files, v)
	}
	return out, nil
}
