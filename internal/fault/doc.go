// Package fault is the only kind of error a person may read.
//
// A Fault says what went wrong as a key and arguments, never as a sentence:
// the sentence is made at the edge, in the reader's language, by package lang
// from the catalogue entries
//
//	fault.<Key>         what is wrong, naming field, file or record
//	fault.<Key>.remedy  the way out
//
// Everything else that goes wrong is an ordinary error, wrapped with %w,
// logged with its chain and shown as one sentence with a reference.
//
// # Making one
//
//	return fault.Invalid("certificate.expiry_before_issue",
//		fault.At("expires"),
//		fault.Arg("issued", issued), fault.Arg("expires", expires))
//
//	return fault.NotFound("pack.missing", fault.File(path), fault.Because(err))
//
// A function that knows the field and a caller that knows the file add up:
//
//	if err := parse(line); err != nil {
//		return fault.Locate(err, fault.File(path), fault.Record(n))
//	}
//
// Forms and imports report everything at once with a List:
//
//	var faults fault.List
//	faults.Add(checkWeight(d), checkSeals(d))
//	return faults.Err()
//
// # Conventions
//
// Keys are lower-case words with dots: "<noun>.<what_is_wrong>". Argument
// names are lower-case snake_case and are the placeholders of the catalogue
// text. Four names mean the same thing everywhere: "file" (a path as the
// reader gave it), "record" (line, row or cell address in it), "field" (set by
// At, also in Fault.Field) and "text" (what was typed, cut short by Text). Arguments are shown to readers: they hold
// no secret, no key material and nothing of another Participant's private data.
// The cause is for the log alone: neither Problem nor lang ever shows it.
//
// # Kinds
//
//	Kind          HTTP  exit  meaning
//	Usage          400    64  the command or request is not well formed
//	Invalid        422    65  well formed, but the data break a rule
//	TooLarge       413    65  more than the stated limit
//	Media          415    65  sent as of another kind than is taken
//	NotFound       404    66  no such file, record or number here
//	Conflict       409    73  somebody was first, or it exists already
//	Unproven       401    77  we do not know who asks
//	Forbidden      403    77  we know, and it may not
//	Limited        429    75  too often: try again later
//	Busy           503    75  taken for the moment: try again
//	Unavailable    503    69  a service we need does not answer
//	CannotCreate   500    73  an output file or folder cannot be made
//	IO             500    74  reading or writing failed half-way
//	Corrupt        500    65  a file of ours is damaged (one that a reader hands
//	                          in and that is damaged is Invalid)
//	Internal       500    70  our mistake
//
// The exit codes are those of sysexits(3). Exit 0, 1 and 2 are never the code
// of a fault: `adamas verify` and `adamas audit` use them for verdicts.
//
// Imports: the standard library only.
package fault
