package canonical

// Text is a text that shares memory with what it was read from, for texts so long
// that a copy tells in the time of a verdict. In CBOR it is a text like any other.
type Text []byte

// String copies the text.
func (t Text) String() string { return string(t) }

// IsZero makes an optional member that is empty one that is left out.
func (t Text) IsZero() bool { return len(t) == 0 }

// MarshalText makes a Text a string in JSON.
func (t Text) MarshalText() ([]byte, error) { return t, nil }

// MarshalCBOR writes a text.
func (t Text) MarshalCBOR() ([]byte, error) { return Marshal(string(t)) }

// UnmarshalCBOR reads a text.
func (t *Text) UnmarshalCBOR(b []byte) error {
	var s string
	if err := Unmarshal(b, &s); err != nil {
		return err
	}
	*t = Text(s)
	return nil
}
