package commitment

// Root is what the disclosure opens, if it is true: a reader who meets it before
// the commitment compares later.
func (d *Disclosure) Root() (Root, error) {
	if err := d.Check(); err != nil {
		return Root{}, err
	}
	return d.root(newHasher(plain)), nil
}
