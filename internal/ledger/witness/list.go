package witness

import (
	"errors"
	"io/fs"
	"strings"

	"adamas.example/internal/fault"
)

// AddLog puts a log on the list. The first time, it is registered in the
// directory and its keys are pinned; later the same keys must be given. A log
// already on the list with the same keys is no error, and one whose state is
// damaged is listed and goes on being refused.
//
// The list itself is not kept: the caller gives it at every start.
//
// Faults: witness.origin, witness.log_key, witness.key_count, witness.key_twice
// (a key given twice, of another log, or of this witness), witness.log_key_changed,
// witness.register_damaged, witness.directory, witness.closed.
func (w *Witness) AddLog(origin string, vkeys ...string) error {
	keys, err := Log{Origin: origin, VKeys: vkeys}.parse()
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return fault.Unavailable("witness.closed")
	}
	if err := w.checkForeign(origin, keys); err != nil {
		return err
	}
	e := w.entries[origin]
	if e == nil {
		if e, err = w.registerLog(origin, keys); err != nil {
			return err
		}
	}
	if s := e.last.Load(); s != nil && !sameKeys(s.keys, keys) {
		return fault.Conflict("witness.log_key_changed", fault.Arg("origin", origin),
			fault.Arg("pinned", strings.Join(s.vkeys(), ", ")), fault.Arg("given", strings.Join(vkeys, ", ")))
	}
	w.active[OriginHash(origin)] = e
	return nil
}

// checkForeign refuses a key that already speaks for somebody else, compared as
// raw bytes: a name is only a label. Callers hold w.mu.
func (w *Witness) checkForeign(origin string, keys []logKey) error {
	for _, key := range keys {
		if string(key.pub[:]) == string(w.cosign.public) {
			return fault.Invalid("witness.key_twice", fault.Arg("origin", origin),
				fault.Arg("vkey", key.vkey), fault.Arg("other", w.cosign.vkey))
		}
		for other, e := range w.entries {
			s := e.last.Load()
			if other == origin || s == nil {
				continue
			}
			for _, theirs := range s.keys {
				if theirs.pub == key.pub {
					return fault.Invalid("witness.key_twice", fault.Arg("origin", origin),
						fault.Arg("vkey", key.vkey), fault.Arg("other", theirs.vkey))
				}
			}
		}
	}
	return nil
}

// registerLog writes the first state of a log and then its line in the
// register. A crash between the two leaves a state that was never cosigned and
// is no line's: it is written anew. A cosigned one without a line means that
// the register is not the one this directory had. Callers hold w.mu.
func (w *Witness) registerLog(origin string, keys []logKey) (*entry, error) {
	old, err := w.readState(origin)
	if err == nil && old.cosigned() {
		err = errors.New("a cosigned log is not in it")
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Corrupt("witness.register_damaged", fault.File(w.dir),
			fault.Arg("origin", origin), fault.Because(err))
	}
	e := &entry{dir: w.dir, file: OriginHash(origin) + stateSuffix}
	first := &state{origin: origin, keys: keys}
	next := w.register.with(origin)
	err = replaceFile(w.dir, e.file, first.encode())
	if err == nil {
		err = replaceFile(w.dir, registerFile, next.encode())
	}
	if err != nil {
		return nil, fault.CannotCreate("witness.directory", fault.File(w.dir), fault.Because(err))
	}
	e.last.Store(first)
	w.register = next
	w.entries[origin] = e
	w.log.Info("log registered", "origin", origin, "keys", first.vkeys())
	return e, nil
}

// ReplaceKeys changes the pinned keys of a log: the deliberate act behind a
// log's change of key. The latest cosigned checkpoint must be signed by one of
// the new keys, so a log changes in two steps, with a checkpoint signed by both
// keys between them: [old] to [old, new], then [old, new] to [new]. A log whose
// key is lost, or was used for a fork, cannot pass here: it needs a new origin.
//
// The caller's list must name the new keys from the next start.
// Faults: those of AddLog, witness.log_unknown, witness.key_overlap, and
// witness.state_damaged or witness.state_missing of a refused log.
func (w *Witness) ReplaceKeys(origin string, vkeys ...string) error {
	keys, err := Log{Origin: origin, VKeys: vkeys}.parse()
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return fault.Unavailable("witness.closed")
	}
	e := w.active[OriginHash(origin)]
	if e == nil {
		return fault.NotFound("witness.log_unknown", fault.Arg("origin", origin))
	}
	if err := w.checkForeign(origin, keys); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.fault(); err != nil {
		return err
	}
	stored := e.last.Load()
	after := &state{origin: origin, keys: keys, time: stored.time, text: stored.text, tree: stored.tree}
	if stored.cosigned() {
		again, err := openCheckpoint([]byte(stored.signedNote()), origin, keys)
		if err != nil {
			return fault.Conflict("witness.key_overlap", fault.Arg("origin", origin), fault.Because(err))
		}
		after.sigs = again.sigs
	}
	if err := e.persist(after); err != nil {
		return fault.IO("witness.directory", fault.File(w.dir), fault.Because(err))
	}
	w.log.Warn("keys of a log replaced", "origin", origin, "before", stored.vkeys(), "after", after.vkeys())
	return nil
}
