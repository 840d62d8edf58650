//go:build js && wasm

// Command wasm is the verifier for a browser, or for anything else that runs
// JavaScript. It opens no socket and reads no clock: bytes and time are given.
//
//	GOOS=js GOARCH=wasm go build -trimpath -ldflags="-s -w" -o verify.wasm ./verify/wasm
//
// Started with Go's wasm_exec.js it sets one function:
//
//	adamasVerify(file: Uint8Array, pack: Uint8Array, question) -> string
//	file = a certificate's file, or a PDF that one is attached to
//	question = {
//	  at: string,            // RFC 3339; new Date().toISOString() for now
//	  purpose?: "record" | "import",
//	  destination?: string,  // code of the Participant where the goods are
//	  root?: string,         // fingerprint that the pack must hold, 64 digits
//	  paper?: string,        // SHA-256 of the PDF that the file was taken from, 64 digits
//	}
//
// The string is the JSON of the verdict, the same that `adamas verify --json`
// prints but for the file's name, or {"fault": ..., "why": ...} where there was
// nothing to judge: "question", "pack_refused", "bundle_refused". The pack that was
// used last is remembered by its digest, so that asking again costs no parsing.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"syscall/js"

	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/paper/pdf"
	"adamas.example/verify/wasm/ask"
)

func main() {
	d := &desk{}
	js.Global().Set("adamasVerify", js.FuncOf(func(_ js.Value, args []js.Value) any { return d.answer(args) }))
	select {} // the function is called until the page is left
}

// desk remembers the pack that was used last.
type desk struct {
	digest, pin canonical.Hash
	verifier    *verify.Verifier
}

// failure is the answer where there was nothing to judge.
type failure struct {
	Fault string `json:"fault"`
	Why   string `json:"why"` // in English, for who mends it
}

func (d *desk) answer(args []js.Value) string {
	var answer any
	verdict, fault, err := d.judge(args)
	if answer = verdict; err != nil {
		answer = failure{fault, err.Error()}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(answer); err != nil {
		return `{"fault":"question","why":"the answer cannot be written"}`
	}
	return string(bytes.TrimSuffix(out.Bytes(), []byte("\n")))
}

// judge answers one question; the fault names what is wrong when err is not nil.
func (d *desk) judge(args []js.Value) (v *verify.Verdict, fault string, err error) {
	if len(args) != 3 || args[2].Type() != js.TypeObject {
		return nil, "question", errors.New("three arguments are needed: bundle, pack, question")
	}
	opt, pin, err := ask.Question(args[2])
	if err != nil {
		return nil, "question", err
	}
	packed, err := ask.Bytes(args[1], ask.MostPack)
	if err != nil {
		return nil, "pack_refused", err
	}
	if err := d.open(packed, pin); err != nil {
		return nil, "pack_refused", err
	}
	file, err := ask.Bytes(args[0], pdf.MaxSize)
	if err != nil {
		return nil, "bundle_refused", err
	}
	if !bundle.Is(file) && pdf.Is(file) {
		digest := canonical.Sum(file)
		opt.Paper = &digest
		if file, err = pdf.Bundle(file); err != nil {
			return nil, "bundle_refused", err
		}
	}
	b, err := bundle.Parse(file)
	if err != nil {
		return nil, "bundle_refused", err
	}
	return d.verifier.Verify(b, opt), "", nil
}

// open makes the pack the one that is judged from.
func (d *desk) open(packed []byte, pin canonical.Hash) error {
	digest := canonical.Sum(packed)
	if d.verifier != nil && d.digest == digest && d.pin == pin {
		return nil
	}
	p, err := pack.Parse(packed, pin)
	if err != nil {
		return err
	}
	d.digest, d.pin, d.verifier = digest, pin, verify.New(p)
	return nil
}
