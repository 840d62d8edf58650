package commitment

// Plain tells whether hashes are read from the states that the library writes out.
func Plain() bool { return plain }

// RootBy is the root of a disclosure, by either way to hash.
func (d *Disclosure) RootBy(plain bool) Root { return d.root(newHasher(plain)) }
