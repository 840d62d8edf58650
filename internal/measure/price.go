package measure

import (
	"math/big"

	"adamas.example/internal/fault"
)

// Price is US dollars a carat as the ratio it is; nothing is rounded until it is
// shown. The weight is positive.
type Price struct {
	Value  USD
	Weight Carats
}

// PerCarat is the price at which weight is worth value.
func PerCarat(value USD, weight Carats) (Price, error) {
	if weight <= 0 {
		return Price{}, fault.Invalid("measure.no_weight", fault.Arg("weight", weight))
	}
	return Price{value, weight}, nil
}

// USD is the price of one carat in cents, rounded once, halves away from zero.
// The zero Price has none.
func (p Price) USD() (USD, error) {
	if p.Weight <= 0 {
		return 0, fault.Invalid("measure.no_weight", fault.Arg("weight", p.Weight))
	}
	top := new(big.Int).Mul(big.NewInt(int64(p.Value)), big.NewInt(int64(Carat)))
	n, err := divide(top, big.NewInt(int64(p.Weight)))
	return USD(n), err
}

// Compare is -1, 0 or 1 as p is less than, equal to or more than o, exactly.
func (p Price) Compare(o Price) int {
	left := new(big.Int).Mul(big.NewInt(int64(p.Value)), big.NewInt(int64(o.Weight)))
	right := new(big.Int).Mul(big.NewInt(int64(o.Value)), big.NewInt(int64(p.Weight)))
	return left.Cmp(right)
}

// Of is what weight costs at the price, rounded once, halves away from zero.
func (p Price) Of(weight Carats) (USD, error) {
	if p.Weight <= 0 {
		return 0, fault.Invalid("measure.no_weight", fault.Arg("weight", p.Weight))
	}
	top := new(big.Int).Mul(big.NewInt(int64(p.Value)), big.NewInt(int64(weight)))
	n, err := divide(top, big.NewInt(int64(p.Weight)))
	return USD(n), err
}
