package api

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"

	"github.com/danielgtaylor/huma/v2"
)

// Bytes is a file or a signature within JSON: base64 (RFC 4648 §4).
type Bytes []byte

// MarshalText writes base64.
func (b Bytes) MarshalText() ([]byte, error) {
	return []byte(base64.StdEncoding.EncodeToString(b)), nil
}

// UnmarshalText reads base64, strictly.
func (b *Bytes) UnmarshalText(text []byte) (err error) {
	*b, err = base64.StdEncoding.Strict().DecodeString(string(text))
	return err
}

// Schema is how the document says it.
func (Bytes) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, ContentEncoding: "base64"}
}

// ExamplePicture is a picture of nothing, for the examples of the document.
func ExamplePicture() Bytes {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		panic(err) // written to memory
	}
	return b.Bytes()
}
