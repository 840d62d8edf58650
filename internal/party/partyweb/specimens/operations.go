package specimens

import (
	"crypto/rand"
	"strconv"
	"time"

	"adamas.example/internal/document/picture"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/module"
	"adamas.example/internal/party/specimen"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web/api"
	"adamas.example/verify/canonical"
)

// Specimen is what one paper of a Participant looks like, for programs.
type Specimen struct {
	ID          ident.RecordID  `json:"id,omitempty" doc:"of what the office keeps; what an authority has stated has none"`
	Statement   *canonical.Hash `json:"statement,omitempty" doc:"of what the Participant's authority has stated"`
	Participant string          `json:"participant"`
	Kind        string          `json:"kind" enum:"certificate,technical,coupon,signature"`
	Name        string          `json:"name"`
	From        period.Date     `json:"from"`
	Until       *period.Date    `json:"until,omitempty" doc:"last day of issue; missing while it is in use"`
	Features    []string        `json:"features"`
	Source      string          `json:"source"`
	Restricted  bool            `json:"restricted"`
	Synthetic   bool            `json:"synthetic,omitempty"`
	Pictures    []Picture       `json:"pictures"`
	EnteredAt   time.Time       `json:"entered_at"`
	EnteredBy   string          `json:"entered_by"`
	Replaces    ident.RecordID  `json:"replaces,omitempty"`
	ReplacedBy  ident.RecordID  `json:"replaced_by,omitempty"`
	Ended       *Ended          `json:"ended,omitempty" doc:"since then it counts no more"`
}

// Picture is one of a specimen.
type Picture struct {
	N      int            `json:"n"`
	SHA256 canonical.Hash `json:"sha256" doc:"of the file as it came"`
	Media  string         `json:"media"`
	Size   int64          `json:"size"`
	Stated bool           `json:"stated" doc:"the Participant's authority has signed its digest"`
	Pages  int            `json:"pages" doc:"by which it is shown"`
}

// Ended is why a specimen counts no more.
type Ended struct {
	At  time.Time `json:"at"`
	By  string    `json:"by"`
	Why string    `json:"why"`
}

func specimenOf(s *specimen.Specimen) Specimen {
	out := Specimen{ID: s.ID, Participant: string(s.Participant), Kind: string(s.Kind), Name: s.Name, From: s.Days.From, Features: specimen.Lines(s.Features), Source: s.Source, Restricted: s.Restricted, Synthetic: s.Synthetic,
		Pictures: []Picture{}, EnteredAt: s.EnteredAt, EnteredBy: s.EnteredBy, Replaces: s.Replaces, ReplacedBy: s.Replaced}
	if out.Features == nil {
		out.Features = []string{}
	}
	if !s.Statement.IsZero() {
		out.Statement = &s.Statement
	}
	if day, ok := last(s).(period.Date); ok {
		out.Until = &day
	}
	for _, p := range s.Pictures {
		out.Pictures = append(out.Pictures, Picture{N: p.N, SHA256: p.Hash, Media: p.Media, Size: p.Size, Stated: p.Stated, Pages: p.Pages})
	}
	if e := s.Ended; e != nil {
		out.Ended = &Ended{e.At, e.By, e.Why}
	}
	return out
}

// Listed is all that is known.
type Listed struct {
	Items      []Specimen `json:"items" doc:"by Participant and day, also what counts no more"`
	Restricted []string   `json:"restricted" doc:"Participants of whose papers there is something that the key may not see"`
}

// entering is a specimen with its pictures.
type entering struct {
	specimen.Draft
	Pictures []api.Bytes `json:"pictures" doc:"JPEG, PNG or PDF"`
}

// replacing is one that takes the place of another.
type replacing struct {
	specimen.Draft
	Pictures []api.Bytes `json:"pictures,omitempty" doc:"left out: those of the other"`
	Why      string      `json:"why"`
}

type withdrawing struct {
	Why string `json:"why"`
}

func contents(all []api.Bytes) (out [][]byte) {
	for _, b := range all {
		out = append(out, b)
	}
	return out
}

// answers are what programs are told, by the same functions as the pages.
type answers struct{ node *module.Node }

func (d *answers) read(c *api.Call, fn func(*store.Tx) error) error {
	return d.node.Ledger.Store().Read(c.Context(), d.node.Now(), fn)
}

// act does something in a transaction, and names the specimen that it is done with.
func (d *answers) act(c *api.Call, fn func(*store.Tx) (ident.RecordID, error)) (about string, err error) {
	err = d.node.Ledger.Store().Write(c.Context(), d.node.Now(), func(tx *store.Tx) error {
		id, err := fn(tx)
		about = string(id)
		tx.Act(about)
		return err
	})
	return about, err
}

func eyesOf(c *api.Call) specimen.Eyes {
	if c.May(See) {
		return specimen.Office
	}
	return specimen.Public
}

func (d *answers) one(c *api.Call, id string) (out Specimen, err error) {
	err = d.read(c, func(tx *store.Tx) error {
		s, err := specimen.Get(tx, eyesOf(c), ident.RecordID(id))
		if err == nil {
			out = specimenOf(s)
		}
		return err
	})
	return out, err
}

const tag = "Specimens"

// mediaScan are the kinds of file that are kept.
const mediaScan = picture.JPEG + ", " + picture.PNG + ", " + picture.PDF

var paths = map[string]string{"id": "01980b3e-7a4c-7000-8000-000000000001|the specimen", "n": "1|of the picture", "page": "1|of its pages"}

// Operations adds what programs can ask of specimens.
func Operations(n *module.Node, a *api.API) error {
	d := &answers{node: n}
	api.Read(a, api.Operation{ID: "listSpecimens", Path: "/specimens", Permission: Read, Tag: tag, Summary: "What the papers of Participants look like, as far as it is known here", Query: []api.Param{{Name: "participant", Doc: "only those of this one", Example: "SL"}}}, d.list)
	api.Read(a, api.Operation{ID: "readSpecimen", Path: "/specimens/{id}", Paths: paths, Permission: Read, Tag: tag, Summary: "One specimen"}, func(c *api.Call) (Specimen, error) { return d.one(c, c.Path("id")) })
	api.Read(a, api.Operation{ID: "readSpecimenPage", Path: "/specimens/{id}/pictures/{n}/{page}", Paths: paths, Permission: Read, Tag: tag, Gives: mediaScan, Summary: "A page of a picture as it is shown"}, d.page)
	api.Read(a, api.Operation{ID: "readSpecimenFile", Path: "/specimens/{id}/pictures/{n}", Paths: paths, Permission: See, Tag: tag, Gives: mediaScan, Summary: "A picture as it came"}, d.file)
	api.Act(a, api.Operation{ID: "enterSpecimen", Path: "/specimens", Permission: Keep, Tag: tag, Most: mostSent * 4 / 3, Example: entering{Draft: exampleDraft(), Pictures: []api.Bytes{api.ExamplePicture()}}, Summary: "Enter a specimen"},
		func(c *api.Call, x entering) (string, error) {
			return d.act(c, func(tx *store.Tx) (ident.RecordID, error) {
				return specimen.Enter(tx, rand.Reader, c.Actor(), x.Draft, contents(x.Pictures))
			})
		}, d.one)
	api.Act(a, api.Operation{ID: "replaceSpecimen", Path: "/specimens/{id}/replace", Paths: paths, Permission: Keep, Tag: tag, Most: mostSent * 4 / 3, Example: replacing{Draft: exampleDraft(), Why: "SYNTHETIC: a sharper scan"}, Summary: "Enter another specimen in the place of one", Description: "The answer is the new one."},
		func(c *api.Call, x replacing) (string, error) {
			return d.act(c, func(tx *store.Tx) (ident.RecordID, error) {
				return specimen.Replace(tx, rand.Reader, c.Actor(), ident.RecordID(c.Path("id")), x.Draft, contents(x.Pictures), oneLine(x.Why))
			})
		}, d.one)
	api.Act(a, api.Operation{ID: "withdrawSpecimen", Path: "/specimens/{id}/withdraw", Paths: paths, Permission: Keep, Tag: tag, Example: withdrawing{Why: "SYNTHETIC: it was a forgery"}, Summary: "Have a specimen count no more; it stays on record"},
		func(c *api.Call, x withdrawing) (string, error) {
			return d.act(c, func(tx *store.Tx) (ident.RecordID, error) {
				id := ident.RecordID(c.Path("id"))
				return id, specimen.Withdraw(tx, c.Actor(), id, oneLine(x.Why))
			})
		}, d.one)
	return nil
}

func exampleDraft() specimen.Draft {
	return specimen.Draft{Participant: "SL", Kind: specimen.Certificate, Name: "SYNTHETIC certificate of 2024", From: period.MustDay(2024, time.January, 1), Features: "SYNTHETIC: watermark of three stones\nblue security thread", Source: "SYNTHETIC letter of 2024-02-01"}
}

func (d *answers) list(c *api.Call) (out Listed, err error) {
	var only ident.ParticipantCode
	if s := c.Query("participant"); s != "" {
		if only, err = ident.ParseParticipant(s); err != nil {
			return out, fault.Locate(err, fault.At("participant"))
		}
	}
	err = d.read(c, func(tx *store.Tx) error {
		out = Listed{Items: []Specimen{}, Restricted: []string{}}
		all, err := specimen.All(tx, eyesOf(c))
		for _, h := range all {
			if only != "" && h.Participant != only {
				continue
			}
			for i := range h.Specimens {
				out.Items = append(out.Items, specimenOf(&h.Specimens[i]))
			}
			if h.Restricted {
				out.Restricted = append(out.Restricted, string(h.Participant))
			}
		}
		return err
	})
	return out, err
}

// counted reads a whole number of the address. Fault party.no_specimen.
func counted(c *api.Call, name string) (int, error) {
	n, err := strconv.Atoi(c.Path(name))
	if err != nil {
		return 0, fault.NotFound("party.no_specimen")
	}
	return n, nil
}

func (d *answers) page(c *api.Call) (out *api.File, err error) {
	n, err := counted(c, "n")
	if err != nil {
		return nil, err
	}
	page, err := counted(c, "page")
	if err != nil {
		return nil, err
	}
	err = d.read(c, func(tx *store.Tx) error {
		raw, media, err := specimen.Page(tx, eyesOf(c), ident.RecordID(c.Path("id")), n, page)
		out = &api.File{Name: "specimen-" + c.Path("n") + "-" + c.Path("page") + endings[media], Media: media, Bytes: raw}
		return err
	})
	return out, err
}

func (d *answers) file(c *api.Call) (out *api.File, err error) {
	n, err := counted(c, "n")
	if err != nil {
		return nil, err
	}
	err = d.read(c, func(tx *store.Tx) error {
		raw, err := specimen.Original(tx, eyesOf(c), ident.RecordID(c.Path("id")), n)
		media := picture.Media(raw)
		out = &api.File{Name: "specimen-" + c.Path("n") + endings[media], Media: media, Bytes: raw}
		return err
	})
	return out, err
}

// endings of files by what they are.
var endings = map[string]string{picture.JPEG: ".jpg", picture.PNG: ".png", picture.PDF: ".pdf"}
