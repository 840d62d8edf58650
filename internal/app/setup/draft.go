package setup

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"adamas.example/internal/app/node"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/people"
)

// DraftFile, in the node's folder, holds what was typed into the set-up page, until the
// first administrator has come in. No passphrase and no password stands in it.
const DraftFile = "set-up.json"

// TrialFolder holds the made-up bodies and witnesses of a trial; AuthorityFolder the ring
// of the authority, where it is kept at the office's own computer.
const (
	TrialFolder     = "trial-SYNTHETIC"
	AuthorityFolder = "authority"
)

// Draft is what was typed so far, by the names of fields.
type Draft map[string]string

// ReadDraft reads the draft in a folder; a nil one where there is none. Fault
// setup.draft_damaged.
func ReadDraft(dir string) (d Draft, err error) {
	path := filepath.Join(dir, DraftFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &d)
	}
	if err != nil {
		return nil, fault.Corrupt("setup.draft_damaged", fault.File(path), fault.Because(err))
	}
	return d, nil
}

// Write keeps the draft in its folder, whole or as it was before.
func (d Draft) Write(dir string) error {
	b, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	return node.WriteFile(filepath.Join(dir, DraftFile), append(b, '\n'))
}

// FirstLink makes the link by which the first administrator comes in, as the draft names
// him, and takes the draft away once he has. "" where nobody is awaited. A link of an
// earlier start serves no more.
func FirstLink(ctx context.Context, dir string, s *people.Service) (token string, err error) {
	d, err := ReadDraft(dir)
	if err != nil || d == nil {
		return "", err
	}
	founded, err := s.Founded(ctx)
	if err != nil {
		return "", err
	}
	if founded {
		return "", os.Remove(filepath.Join(dir, DraftFile))
	}
	secret, err := s.OpenSetUp(ctx)
	if err != nil {
		return "", err
	}
	return s.Found(ctx, people.From{}, secret, Administrator(d))
}

// Administrator is the first one, as the draft names him.
func Administrator(d Draft) people.Proposal {
	return people.Proposal{Login: d["login"], Name: d["name"], Language: lang.Language(d["reads"])}
}
