//go:build js && wasm

// Command lens reads the codes of a paper in a picture, in a browser: package camera,
// with JavaScript around it. It is apart from command browser, since most who check a
// certificate never photograph one.
//
//	GOOS=js GOARCH=wasm go build -trimpath -ldflags="-s -w" -o lens.wasm ./internal/certificate/certificateweb/lens
//
// Started with Go's wasm_exec.js it sets one function:
//
//	adamasLens(picture: Uint8Array, patience: number) -> string
//
// picture is a PNG or a JPEG, patience how long to look at it, in milliseconds. The
// string is the codes that were read, as a scanner writes them, an address on each
// line; "" where there is none; "!two", "!damaged" where nothing can be read.
package main

import (
	"context"
	"errors"
	"syscall/js"
	"time"

	"adamas.example/internal/certificate/paper/camera"
	"adamas.example/verify/wasm/ask"
)

func main() {
	js.Global().Set("adamasLens", js.FuncOf(func(_ js.Value, args []js.Value) any { return look(args) }))
	select {} // the function is called until the page is left
}

func look(args []js.Value) string {
	if len(args) != 2 || args[1].Type() != js.TypeNumber {
		return "!damaged"
	}
	picture, err := ask.Bytes(args[0], camera.MaxSize)
	if err != nil {
		return "!damaged"
	}
	codes, err := camera.Read(until{context.Background(), time.Now().Add(time.Duration(args[1].Int()) * time.Millisecond)}, picture)
	switch {
	case err == nil:
		return codes.Text()
	case errors.Is(err, camera.ErrNoCode):
		return ""
	case errors.Is(err, camera.ErrTwo):
		return "!two"
	}
	return "!damaged"
}

// until ends by the clock. A context with a deadline would not: its timer waits for the
// browser, and the browser for this function.
type until struct {
	context.Context
	end time.Time
}

// Err tells whether it has ended.
func (u until) Err() error {
	if time.Now().After(u.end) {
		return context.DeadlineExceeded
	}
	return nil
}
