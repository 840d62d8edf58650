//go:build js && wasm

// Command browser is the page "Check a certificate" in a browser: package desk, with
// JavaScript around it. It opens no socket and reads no clock: bytes and time are given.
//
//	GOOS=js GOARCH=wasm go build -trimpath -ldflags="-s -w" -o check.wasm ./internal/certificate/certificateweb/browser
//
// Started with Go's wasm_exec.js it sets one object, whose functions each answer with
// a string of JSON, {"fault": {key, text, remedy?, why?}} where it cannot be done:
//
//	adamas.words(file: Uint8Array)               -> {"language"}     the language from now on
//	adamas.open(pack: Uint8Array, root?: string) -> {"pack"}         the pack from now on
//	adamas.pack()                                -> {"pack"}         again, after another language
//	adamas.check(file: Uint8Array, question)     -> {"verdict", "reading"}
//	adamas.likeness(file: Uint8Array)            -> {"check_words", "rosette": {path, view_box}}
//
// file of words is what certificateweb.BrowserWords makes; until it is there, texts are
// their keys. file of check is a certificate's file, a PDF that it is attached to, or the
// text of its paper's codes;
// the question has the form of verify/wasm, {at, purpose?, destination?, root?}, but
// that the root is asked for in open. The fields are those of package desk and reading.
package main

import (
	"errors"
	"syscall/js"

	"adamas.example/internal/certificate/certificateweb/desk"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/verify"
	"adamas.example/verify/wasm/ask"
)

// mostWords bounds a file of words in bytes.
const mostWords = 1 << 20

func main() {
	s := &session{}
	all := js.Global().Get("Object").New()
	for name, answer := range map[string]func(args []js.Value) (any, error){
		"words": s.words, "open": s.open, "pack": s.pack, "check": s.check, "likeness": s.likeness,
	} {
		all.Set(name, js.FuncOf(func(_ js.Value, args []js.Value) any { return s.Written(answer(args)) }))
	}
	js.Global().Set("adamas", all)
	select {} // the functions are called until the page is left
}

// session is what a page has open.
type session struct{ desk.Desk }

// packed is how a pack is answered with.
type packed struct {
	Pack *desk.Pack `json:"pack"`
}

// language is how words are answered with.
type language struct {
	Language string `json:"language"`
}

func (s *session) words(args []js.Value) (any, error) {
	file, err := argument(args, mostWords)
	if err != nil {
		return nil, err
	}
	err = s.Speak(file)
	return language{s.Language()}, err
}

func (s *session) open(args []js.Value) (any, error) {
	file, err := argument(args, ask.MostPack)
	if err != nil {
		return nil, err
	}
	root := ""
	if len(args) > 1 && args[1].Type() == js.TypeString {
		root = args[1].String()
	}
	p, err := s.Open(file, root)
	return packed{p}, err
}

func (s *session) pack([]js.Value) (any, error) {
	p, err := s.Pack()
	return packed{p}, err
}

func (s *session) check(args []js.Value) (any, error) {
	file, err := argument(args, desk.Most)
	if err != nil {
		return nil, err
	}
	opt, err := question(args)
	if err != nil {
		return nil, fault.Usage("check.question", fault.Because(err))
	}
	return s.Check(file, opt)
}

func question(args []js.Value) (verify.Options, error) {
	if len(args) < 2 || args[1].Type() != js.TypeObject {
		return verify.Options{}, errors.New("no question")
	}
	opt, _, err := ask.Question(args[1])
	if err == nil && opt.Destination != "" {
		_, err = ident.ParseParticipant(opt.Destination)
	}
	return opt, err
}

func (s *session) likeness(args []js.Value) (any, error) {
	file, err := argument(args, desk.Most)
	if err != nil {
		return nil, err
	}
	return s.Likeness(file)
}

// argument is the bytes that every question is about.
func argument(args []js.Value, most int) ([]byte, error) {
	if len(args) == 0 {
		args = []js.Value{js.Undefined()}
	}
	file, err := ask.Bytes(args[0], most)
	switch {
	case errors.Is(err, ask.ErrLarge):
		return nil, fault.TooLarge("check.too_large", fault.Most(int64(most)), fault.Because(err))
	case err != nil:
		return nil, fault.Invalid("check.unreadable", fault.Because(err))
	}
	return file, nil
}
