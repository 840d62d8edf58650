package module

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// Offer is the files that a served node gives to anybody who asks: those that its
// operator named, and nothing else.
type Offer struct {
	Pack         string // a pack's file; "" for none
	Certificates string // a folder of certificates, as files and on paper; "" for none
	Wanted       func() // is told that somebody wants a pack; nil where nobody makes one
}

// Want says that somebody wants a pack, which a node without one of its operator's then
// makes, or makes anew; it does not wait. Coming tells whether one will be there soon.
func (o Offer) Want() (coming bool) {
	if o.Wanted != nil {
		o.Wanted()
	}
	return o.Wanted != nil
}

// HasPack tells whether there is a pack now.
func (o Offer) HasPack() bool {
	if o.Pack == "" {
		return false
	}
	_, err := os.Stat(o.Pack)
	return err == nil
}

// offered is the form of a name that is given: a certificate's number, and as what.
var offered = regexp.MustCompile(`^([A-Z]{2}[A-Z0-9]{1,20})\.(adamas|pdf)$`)

// Names lists the files, sorted.
func (o Offer) Names() ([]string, error) {
	if o.Certificates == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(o.Certificates)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		if offered.MatchString(e.Name()) {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out, err
}

// Of lists the files of one certificate, by its number, however many others there are.
func (o Offer) Of(number string) (out []string) {
	for _, kind := range []string{".adamas", ".pdf"} {
		if _, ok := o.Path(number + kind); ok {
			out = append(out, number+kind)
		}
	}
	return out
}

// Path is where an offered file lies; ok is false for anything else, whatever its
// name tries.
func (o Offer) Path(name string) (path string, ok bool) {
	if o.Certificates == "" || !offered.MatchString(name) {
		return "", false
	}
	path = filepath.Join(o.Certificates, name)
	info, err := os.Stat(path)
	return path, err == nil && info.Mode().IsRegular()
}
