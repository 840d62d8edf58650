package importing

import "adamas.example/internal/certificate/importing/transcript"

// What is keyed of a paper, under the names of the desk that does it.
type (
	Transcript  = transcript.Transcript
	Named       = transcript.Named
	PaperLine   = transcript.PaperLine
	PaperOrigin = transcript.PaperOrigin
	PaperParcel = transcript.PaperParcel
	Likeness    = transcript.Likeness
)
