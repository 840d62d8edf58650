package fault

// Size is a number of bytes as a reader sees it: "48 MB", "64 kB", and in bytes below
// that. In JSON it stays the number of bytes.
type Size int64

const kilobyte, megabyte = 1 << 10, 1 << 20

// TextKeys is lang.Keyed.
func (s Size) TextKeys() []string {
	switch {
	case s >= megabyte:
		return []string{"size.megabytes"}
	case s >= kilobyte:
		return []string{"size.kilobytes"}
	}
	return []string{"size.bytes"}
}

// TextArgs is lang.KeyedWith. What is over a whole unit is left out: limits are whole.
func (s Size) TextArgs() map[string]any {
	n := int64(s)
	switch {
	case s >= megabyte:
		n /= megabyte
	case s >= kilobyte:
		n /= kilobyte
	}
	return map[string]any{"count": n}
}

// Most gives the sentence a limit in bytes, under the name "most".
func Most(bytes int64) Detail { return Arg("most", Size(bytes)) }
