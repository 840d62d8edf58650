package statement

// CheckOffice holds the form of an office, "CF/bangui", for documents beside
// statements that name one.
func CheckOffice(s string) error { return checkOffice(s) }
