package measure

import (
	"cmp"
	"math/bits"
	"slices"

	"adamas.example/internal/fault"
)

// Split parts total in proportion to weights by the method of the largest
// remainder: every part is its exact share rounded down or up by less than one
// unit, the parts add up to total, and of equal remainders the earlier is served
// first. A negative total is split as its magnitude and negated.
//
// Weights are not negative and not all zero, unless there is nothing to split.
func Split[T, W ~int64](total T, weights []W) ([]T, error) {
	var sum uint64
	for _, w := range weights {
		if w < 0 {
			return nil, fault.Invalid("measure.cannot_split", fault.Arg("parts", len(weights)))
		}
		var carry uint64
		if sum, carry = bits.Add64(sum, uint64(w), 0); carry != 0 {
			return nil, fault.Invalid("measure.sum_out_of_range")
		}
	}
	parts := make([]T, len(weights))
	if total == 0 {
		return parts, nil
	}
	if sum == 0 {
		return nil, fault.Invalid("measure.cannot_split", fault.Arg("parts", len(weights)))
	}
	sign := T(1)
	if total < 0 {
		sign = -1
	}
	left := magnitude(int64(total))
	remainders := make([]uint64, len(weights))
	for i, w := range weights {
		// The quotient fits: a weight is at most the sum.
		high, low := bits.Mul64(magnitude(int64(total)), uint64(w))
		share, rest := bits.Div64(high, low, sum)
		parts[i], remainders[i] = sign*T(share), rest
		left -= share
	}
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainders[b], remainders[a]) })
	for _, i := range order[:left] {
		parts[i] += sign
	}
	return parts, nil
}
