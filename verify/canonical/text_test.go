package canonical

import (
	"encoding/json"
	"testing"
)

type letter struct {
	Plain  string `cbor:"1,keyasint" json:"plain"`
	Shared Text   `cbor:"2,keyasint,omitzero" json:"shared"`
}

// TestTextIsAText: in CBOR and JSON nobody can tell a Text from a string.
func TestTextIsAText(t *testing.T) {
	b, err := Marshal(letter{"né", Text("né")})
	if err != nil || string(b) != "\xa2\x01\x63n\xc3\xa9\x02\x63n\xc3\xa9" {
		t.Fatalf("%x %v", b, err)
	}
	var read letter
	if err := Unmarshal(b, &read); err != nil || read.Shared.String() != "né" {
		t.Errorf("%+v %v", read, err)
	}
	if j, err := json.Marshal(read); err != nil || string(j) != `{"plain":"né","shared":"né"}` {
		t.Errorf("%s %v", j, err)
	}
	for _, bad := range []string{"\xa2\x01\x60\x02\x60", "\xa2\x01\x60\x02\xf6", "\xa2\x01\x60\x02\x41a", "\xa2\x01\x60\x02\x61\xff"} {
		if err := Unmarshal([]byte(bad), &letter{}); err == nil {
			t.Errorf("%x: read", bad)
		}
	}
	if b, err := Marshal(letter{Shared: Text{}}); err != nil || string(b) != "\xa1\x01\x60" {
		t.Errorf("an empty one is left out: %x %v", b, err)
	}
}
