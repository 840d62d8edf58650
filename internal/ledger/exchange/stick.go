package exchange

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/store/durable"
	"adamas.example/verify/message"
)

// Suffix ends the name of a message's file.
const Suffix = ".adamas-message"

// FileName names the file of a message: for whom it is and from whom, so that
// whoever carries a stick knows where to; what it is about it does not say.
func FileName(m *message.Message) string {
	name := func(office string) string { return strings.ReplaceAll(office, "/", "-") }
	return name(m.To) + "_" + name(m.From) + "_" + m.ID.String() + Suffix
}

// Written is a file that was made of a message, or could not be.
type Written struct {
	Message *message.Message
	File    string
	There   bool  // the file was there already
	Fault   error // why there is none
}

// WriteStick writes each message that no acknowledgement has come for into a folder
// that is there, as one file each, for one office or for all (to ""). A file is
// whole or not there; one that is there is left. Faults: exchange.no_folder,
// exchange.cannot_write.
func (o *Office) WriteStick(ctx context.Context, dir, to string) ([]Written, error) {
	if err := isFolder(dir); err != nil {
		return nil, err
	}
	return o.writeEach(ctx, to, Stick, func(m *Outgoing) (string, []byte, error) {
		raw, err := o.encrypted(ctx, m)
		return filepath.Join(dir, FileName(m.Message)), raw, err
	})
}

func isFolder(dir string) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fault.NotFound("exchange.no_folder", fault.File(dir), fault.Because(err))
	}
	return nil
}

// writeEach makes a file of each message that waits.
func (o *Office) writeEach(ctx context.Context, to string, by Carrier, make func(*Outgoing) (string, []byte, error)) (out []Written, err error) {
	waiting, err := o.unanswered(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range waiting {
		if to != "" && m.Message.To != to {
			continue
		}
		path, b, err := make(m)
		w := Written{Message: m.Message, File: path, Fault: err}
		if err == nil {
			_, missing := os.Lstat(path)
			w.There = missing == nil
		}
		if err == nil && !w.There {
			if err := writeFile(path, b); err != nil {
				return out, err
			}
		}
		if err := o.tried(ctx, m, by, w.Fault); err != nil {
			return out, err
		}
		out = append(out, w)
	}
	return out, nil
}

// writeFile puts a whole file in place or none.
func writeFile(path string, b []byte) (err error) {
	fail := func(err error) error {
		return fault.CannotCreate("exchange.cannot_write", fault.File(path), fault.Because(err))
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return fail(err)
	}
	defer os.Remove(f.Name()) // gone already when it was moved
	_, err = f.Write(b)
	if err := errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return fail(err)
	}
	if err := durable.Replace(f.Name(), path); err != nil {
		return fail(err)
	}
	return nil
}

// Came is a file that was read, and what came of it.
type Came struct {
	File    string
	Message *message.Message // nil when it could not be opened or believed
	State   State            // "" when nothing was stored
	Twice   bool             // it had come before
	Fault   error
	Others  bool // it is not for this office: left as it is
}

// Read takes in messages from files and folders: those that a stick holds, saved
// attachments, .eml files. A file that is for another office is passed over. With
// apply unset nothing is stored, and what would be is told. The error is of this
// node or of a path that cannot be read; what is wrong with one message stands
// beside it.
func (o *Office) Read(ctx context.Context, apply bool, paths ...string) (out []Came, err error) {
	files, err := filesIn(paths)
	if err != nil {
		return nil, err
	}
	for _, path := range files {
		b, err := readFile(path)
		if err != nil {
			return out, err
		}
		parts, by := [][]byte{b}, Stick
		if !bytes.HasPrefix(b, []byte(header)) {
			if parts, err = attachments(b); err != nil {
				out = append(out, Came{File: path, Fault: fault.Locate(err, fault.File(path))})
				continue
			}
			by = Mail
		}
		for _, raw := range parts {
			came, err := o.readOne(ctx, apply, raw, by)
			if err != nil {
				return out, err
			}
			came.File = path
			out = append(out, came)
		}
	}
	return out, nil
}

func (o *Office) readOne(ctx context.Context, apply bool, raw []byte, by Carrier) (c Came, err error) {
	if !apply {
		c.Message, c.Twice, err = o.Look(ctx, raw)
	} else {
		var in *Incoming
		if in, c.Twice, err = o.Receive(ctx, raw, by); in != nil {
			c.Message, c.State = in.Message, in.State
			if err == nil {
				c.Fault = in.Reason
			}
		}
	}
	switch {
	case fault.Is(err, "exchange.not_for_us"):
		c.Others = true
	case err != nil && fault.KindOf(err) >= fault.KindBusy, fault.Is(err, "exchange.no_message_key"):
		return c, err
	case err != nil:
		c.Fault = err
	}
	return c, nil
}

// filesIn lists files as named, and of folders the messages and mails in them.
func filesIn(paths []string) (files []string, err error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fault.NotFound("exchange.no_file", fault.File(path), fault.Because(err))
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, fault.NotFound("exchange.no_file", fault.File(path), fault.Because(err))
		}
		for _, e := range entries {
			name := strings.ToLower(e.Name())
			if e.Type().IsRegular() && !strings.HasPrefix(name, ".") && (strings.HasSuffix(name, Suffix) || strings.HasSuffix(name, ".eml")) {
				files = append(files, filepath.Join(path, e.Name()))
			}
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// mostMail bounds a mail in bytes: a message as base64, and what a mail server adds.
const mostMail = MaxRaw*3/2 + 1<<20

func readFile(path string) (_ []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.NotFound("exchange.no_file", fault.File(path), fault.Because(err))
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, mostMail+1))
	if err != nil {
		return nil, fault.IO("exchange.file_unreadable", fault.File(path), fault.Because(err))
	}
	if len(b) > mostMail {
		return nil, fault.TooLarge("exchange.file_too_large", fault.File(path), fault.Arg("most", mostMail>>20))
	}
	return b, nil
}
