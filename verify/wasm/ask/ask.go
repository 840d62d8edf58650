//go:build js && wasm

// Package ask takes from JavaScript what a verifier needs: bytes, and a question. It
// is for programs that run in a browser; verify/wasm documents the question's form.
//
// Imports: verify, verify/canonical, the standard library.
package ask

import (
	"errors"
	"fmt"
	"syscall/js"
	"time"

	"adamas.example/verify"
	"adamas.example/verify/canonical"
)

// MostPack bounds a pack in bytes: what a browser can be asked to hold.
const MostPack = 1 << 28

// Question reads {at, purpose?, destination?, root?, paper?}; pin is zero where no root is named.
func Question(q js.Value) (opt verify.Options, pin canonical.Hash, err error) {
	at, err := Text(q, "at")
	if err != nil {
		return opt, pin, err
	}
	if opt.At, err = time.Parse(time.RFC3339, at); err != nil {
		return opt, pin, fmt.Errorf("at: %w", err)
	}
	purpose, err := Text(q, "purpose")
	if err != nil {
		return opt, pin, err
	}
	switch opt.Purpose = verify.Purpose(purpose); opt.Purpose {
	case "", verify.Record, verify.Import:
	default:
		return opt, pin, fmt.Errorf("purpose: %q is neither record nor import", purpose)
	}
	if opt.Destination, err = Text(q, "destination"); err != nil {
		return opt, pin, err
	}
	root, err := Text(q, "root")
	if err == nil && root != "" {
		err = pin.UnmarshalText([]byte(root))
	}
	if err != nil {
		return opt, pin, err
	}
	paper, err := Text(q, "paper")
	if err == nil && paper != "" {
		opt.Paper = new(canonical.Hash)
		err = opt.Paper.UnmarshalText([]byte(paper))
	}
	return opt, pin, err
}

// Text is a member of an object; "" when it is left out.
func Text(q js.Value, name string) (string, error) {
	v := q.Get(name)
	switch v.Type() {
	case js.TypeUndefined, js.TypeNull:
		return "", nil
	case js.TypeString:
		return v.String(), nil
	}
	return "", fmt.Errorf("%s: not a string", name)
}

// ErrLarge means that there are more bytes than such a file can have.
var ErrLarge = errors.New("too large")

// Bytes copies a Uint8Array. Error: ErrLarge.
func Bytes(v js.Value, most int) ([]byte, error) {
	if v.Type() != js.TypeObject || !v.InstanceOf(js.Global().Get("Uint8Array")) {
		return nil, errors.New("not a Uint8Array")
	}
	n := v.Length()
	if n > most {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrLarge, n, most)
	}
	b := make([]byte, n)
	js.CopyBytesToGo(b, v)
	return b, nil
}
