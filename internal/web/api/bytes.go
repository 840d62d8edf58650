package api

import (
	"encoding/base64"

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
