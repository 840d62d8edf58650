package measure

import (
	"strings"

	"adamas.example/internal/fault"
)

// Currency is an alphabetic code of ISO 4217.
type Currency string

// Dollar is the currency of certificates and statistics.
const Dollar Currency = "USD"

// currencies holds the current codes by their number of decimals
// (datasets/currency-codes of 2026-02-01, PDDL), fund codes included, and in the
// list of two also codes withdrawn since 2003 that papers of diamond trading
// countries bear: BGN GHC HRK SLL VEB VEF ZMK ZWD. Their decimals are from
// memory: the source gives none for a withdrawn code.
var currencies = [...]string{
	0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
	2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHC GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VEB VED VEF VES WST XAD XCD XCG YER ZAR ZMK ZMW ZWD ZWG",
	3: "BHD IQD JOD KWD LYD OMR TND",
	4: "CLF UYW",
}

// ParseCurrency reads an upper-case code.
func ParseCurrency(s string) (Currency, error) {
	if _, known := Currency(s).decimals(); !known {
		return "", fault.Invalid("measure.currency_unknown", fault.Text(s))
	}
	return Currency(s), nil
}

func (c Currency) decimals() (int, bool) {
	if len(c) == 3 && !strings.Contains(string(c), " ") {
		for decimals, codes := range currencies {
			if strings.Contains(codes, string(c)) {
				return decimals, true
			}
		}
	}
	return 0, false
}

// Decimals is the number of decimals of the currency's minor unit: 2 for USD, 0
// for XAF. It is 0 for a code that is none.
func (c Currency) Decimals() int {
	n, _ := c.decimals()
	return n
}

// UnmarshalText reads what ParseCurrency reads.
func (c *Currency) UnmarshalText(text []byte) (err error) {
	*c, err = ParseCurrency(string(text))
	return err
}
