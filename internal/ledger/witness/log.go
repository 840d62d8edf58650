package witness

import (
	"errors"
	"slices"
	"strings"

	"adamas.example/internal/fault"
)

// Log is a log a witness watches: its origin line and its verifier keys of
// signature type 0x01, one to eight. A checkpoint needs the signature of one.
type Log struct {
	Origin string
	VKeys  []string
}

// checkOrigin holds origins to the rule of names (tlog-checkpoint: SHOULD be a
// schema-less URL without spaces and plus) and refuses an address, which
// tlog-policy puts in the place where the log list has the origin.
func checkOrigin(origin string) error {
	if strings.Contains(origin, "://") {
		return errors.New("is an address")
	}
	return checkName(origin)
}

// parseKeys reads the keys of one log into their order in files. It refuses
// none and too many, a key given twice under any spelling or name, and two keys
// that note verification could not tell apart by name and key id.
func parseKeys(vkeys []string) ([]logKey, error) {
	if len(vkeys) == 0 || len(vkeys) > maxKeys {
		return nil, fault.Invalid("witness.key_count", fault.Arg("most", maxKeys))
	}
	keys := make([]logKey, 0, len(vkeys))
	for _, vkey := range vkeys {
		key, err := parseLogKey(vkey)
		if err != nil {
			return nil, err
		}
		for _, other := range keys {
			if other.pub == key.pub || sameID(other, key) {
				return nil, fault.Invalid("witness.key_twice", fault.Arg("vkey", vkey), fault.Arg("other", other.vkey))
			}
		}
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b logKey) int { return strings.Compare(a.vkey, b.vkey) })
	return keys, nil
}

func sameID(a, b logKey) bool {
	return a.verifier.Name() == b.verifier.Name() && a.verifier.KeyHash() == b.verifier.KeyHash()
}

func sameKeys(a, b []logKey) bool {
	return slices.EqualFunc(a, b, func(x, y logKey) bool { return x.vkey == y.vkey })
}

// parse reads a Log as configured.
func (l Log) parse() ([]logKey, error) {
	if err := checkOrigin(l.Origin); err != nil {
		return nil, fault.Invalid("witness.origin", fault.Arg("origin", l.Origin), fault.Because(err))
	}
	keys, err := parseKeys(l.VKeys)
	if err != nil {
		return nil, fault.Locate(err, fault.Arg("origin", l.Origin))
	}
	return keys, nil
}
