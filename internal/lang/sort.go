package lang

import (
	"bytes"
	"slices"

	"golang.org/x/text/collate"
)

// Sort puts what people read into the order of their language (Unicode TR35, Collation):
// accents do not send a name to the end. Equal names keep their places.
func Sort[T any](p *Printer, all []T, name func(T) string) {
	type keyed struct {
		key   []byte
		value T
	}
	order, buffer := collate.New(p.Language().Tag()), &collate.Buffer{}
	sorted := make([]keyed, len(all))
	for i, v := range all {
		sorted[i] = keyed{order.KeyFromString(buffer, name(v)), v}
	}
	slices.SortStableFunc(sorted, func(a, b keyed) int { return bytes.Compare(a.key, b.key) })
	for i, s := range sorted {
		all[i] = s.value
	}
}
