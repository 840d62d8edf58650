package tilelog

// engines is this driver alone: Tessera's does not compile on Windows.
func engines() []engine { return []engine{ours()} }
