package specimen

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/document/picture"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/period"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Kind is which of a Participant's papers a specimen shows.
type Kind string

// The kinds.
const (
	Certificate Kind = "certificate"
	Technical   Kind = "technical"
	Coupon      Kind = "coupon"    // the part that comes back as confirmation
	Signature   Kind = "signature" // of those who sign, and their stamps
)

// Kinds lists them.
func Kinds() []Kind { return []Kind{Certificate, Technical, Coupon, Signature} }

// TextKeys names the kind's words.
func (k Kind) TextKeys() []string { return []string{"party.specimen.kind." + string(k)} }

// Bounds of a specimen.
const (
	MostPicture  = 10 << 20 // bytes of one picture
	MostPictures = 16
	mostName     = 100
	mostFeatures = 4000
	mostSource   = 300
	mostWhy      = 500
)

// Specimen is what one paper of a Participant looks like.
type Specimen struct {
	ID          ident.RecordID // "" for what an authority has stated
	Statement   canonical.Hash // of what an authority has stated; zero of what the office keeps
	Participant ident.ParticipantCode
	Kind        Kind
	Name        string
	Days        period.Range
	Features    string // one a line
	Source      string
	Restricted  bool
	Synthetic   bool
	Pictures    []Picture
	EnteredAt   time.Time
	EnteredBy   string
	Replaces    ident.RecordID
	Replaced    ident.RecordID // by which
	Ended       *End           // nil while it counts
}

// End is why a specimen counts no more.
type End struct {
	At  time.Time
	By  string
	Why string
}

// Picture is one of a specimen.
type Picture struct {
	N      int
	Hash   canonical.Hash // of the file as it came
	Media  string
	Size   int64
	Stated bool // the Participant's authority has signed its digest
	Pages  int  // by which it is shown: 0 of a PDF that can only be handed out
}

// Draft is a specimen as it is entered.
type Draft struct {
	Participant ident.ParticipantCode `json:"participant"`
	Kind        Kind                  `json:"kind"`
	Name        string                `json:"name"`
	From        period.Date           `json:"from"`
	Until       *period.Date          `json:"until,omitempty"` // last day of issue; nil while in use
	Features    string                `json:"features"`
	Source      string                `json:"source"`
	Open        bool                  `json:"open,omitempty"` // its Participant lets everybody see it
}

// until is the last day, Max while in use.
func (d *Draft) days() period.Range {
	if d.Until == nil {
		return period.Since(d.From)
	}
	return period.Days(d.From, *d.Until)
}

// Check holds a draft and its pictures. Faults, each at its field: party.specimen_missing, specimen_field,
// party.specimen_days, party.specimen_pictures, party.specimen_picture.
func (d *Draft) Check(pictures [][]byte) error {
	var faults fault.List
	missing := func(field string) { faults.Add(fault.Invalid("party.specimen_missing", fault.At(field))) }
	if _, err := ident.ParseParticipant(string(d.Participant)); d.Participant == "" {
		missing("participant")
	} else if err != nil {
		faults.Add(fault.Locate(err, fault.At("participant")))
	}
	if d.Kind == "" {
		missing("kind")
	} else if !slices.Contains(Kinds(), d.Kind) {
		faults.Add(fault.Invalid("party.specimen_kind", fault.At("kind"), fault.Text(string(d.Kind))))
	}
	for _, x := range []struct {
		field, text string
		most        int
	}{{"name", d.Name, mostName}, {"source", d.Source, mostSource}} {
		if x.text == "" {
			missing(x.field)
		} else if statement.CheckText(x.text, 1, x.most) != nil {
			faults.Add(fault.Invalid("party.specimen_field", fault.At(x.field), fault.Arg("most", x.most)))
		}
	}
	if text := strings.Join(Lines(d.Features), " "); text == "" {
		missing("features")
	} else if statement.CheckText(text, 1, mostFeatures) != nil {
		faults.Add(fault.Invalid("party.specimen_field", fault.At("features"), fault.Arg("most", mostFeatures)))
	}
	if d.From <= 0 || d.days().Empty() {
		faults.Add(fault.Invalid("party.specimen_days", fault.At(map[bool]string{true: "from", false: "until"}[d.From <= 0])))
	}
	faults.Add(CheckPictures(pictures))
	return faults.Err()
}

// CheckPictures holds the pictures of a specimen. Faults: party.specimen_pictures,
// party.specimen_picture.
func CheckPictures(pictures [][]byte) error {
	at := fault.At("pictures")
	if len(pictures) == 0 || len(pictures) > MostPictures {
		return fault.Invalid("party.specimen_pictures", at, fault.Arg("most", MostPictures))
	}
	var faults fault.List
	for i, file := range pictures {
		if len(file) > MostPicture {
			faults.Add(fault.TooLarge("party.specimen_large", at, fault.Arg("n", i+1), fault.Arg("most", MostPicture>>20)))
		} else if err := picture.Check(file); err != nil {
			faults.Add(fault.Invalid("party.specimen_picture", at, fault.Arg("n", i+1), fault.Because(err)))
		}
	}
	return faults.Err()
}

// Lines are the features as they are read: one a line, without what is empty.
func Lines(features string) (out []string) {
	for line := range strings.Lines(features) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func checkWhy(why string) error {
	if why == "" {
		return fault.Invalid("party.specimen_missing", fault.At("why"))
	}
	if statement.CheckText(why, 1, mostWhy) != nil {
		return fault.Invalid("party.specimen_field", fault.At("why"), fault.Arg("most", mostWhy))
	}
	return nil
}

// String names it in a log or a test.
func (s *Specimen) String() string { return fmt.Sprintf("%s %s %q", s.Participant, s.Kind, s.Name) }
