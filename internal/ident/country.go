package ident

import (
	"iter"
	"slices"
	"strings"

	"adamas.example/internal/fault"
)

// assigned is the list of officially assigned ISO 3166-1 alpha-2 codes, sorted
// (datasets/country-codes of 2026-05-15, PDDL).
const assigned = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"

// CountryCode is an ISO 3166-1 alpha-2 code, or NorthernIreland.
type CountryCode string

// NorthernIreland is the code customs use for the part of the United Kingdom
// that stays under the European Union's regulation.
const NorthernIreland CountryCode = "XI"

// ParticipantCode is the two letters with which a Participant's certificates
// begin: an ISO 3166-1 alpha-2 code, or EuropeanUnion.
type ParticipantCode string

// The special Participant codes.
const (
	EuropeanUnion ParticipantCode = "EU"
	UnitedKingdom ParticipantCode = "GB"
	ChineseTaipei ParticipantCode = "TW" // a rough diamond trading entity, no Participant
)

// isAssigned finds code in the list: blanks part the codes, so two letters that
// stand together there are a code.
func isAssigned(code string) bool {
	return len(code) == 2 && isUpper(rune(code[0])) && isUpper(rune(code[1])) && strings.Contains(assigned, code)
}

// Countries lists every CountryCode in alphabetical order of codes, with
// NorthernIreland where it falls.
func Countries() iter.Seq[CountryCode] {
	return func(yield func(CountryCode) bool) {
		codes := append(strings.Split(assigned, " "), string(NorthernIreland))
		slices.Sort(codes)
		for _, code := range codes {
			if !yield(CountryCode(code)) {
				return
			}
		}
	}
}

// ParseCountry reads an upper-case code.
func ParseCountry(s string) (CountryCode, error) {
	if s == string(NorthernIreland) || isAssigned(s) {
		return CountryCode(s), nil
	}
	return "", fault.Invalid("ident.country_unknown", fault.Text(s))
}

// ParseParticipant reads an upper-case code.
func ParseParticipant(s string) (ParticipantCode, error) {
	if s == string(EuropeanUnion) || isAssigned(s) {
		return ParticipantCode(s), nil
	}
	return "", fault.Invalid("ident.participant_unknown", fault.Text(s))
}

// UnmarshalText reads what ParseCountry reads.
func (c *CountryCode) UnmarshalText(text []byte) (err error) {
	*c, err = ParseCountry(string(text))
	return err
}

// UnmarshalText reads what ParseParticipant reads.
func (p *ParticipantCode) UnmarshalText(text []byte) (err error) {
	*p, err = ParseParticipant(string(text))
	return err
}
