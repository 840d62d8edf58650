package consignment

// Text is the SQL of one state's part of a list.
func (q *Query) Text(s State) (string, []any) { return q.text(s) }
