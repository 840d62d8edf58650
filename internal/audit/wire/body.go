package wire

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Type codes, from docs/formats/README.md section 3.
const (
	KindParticipant = 1
	KindOfficeKey   = 2
	KindKeyRevoked  = 3
	KindRange       = 4
	KindCertificate = 5
	KindOpening     = 6
	KindVoid        = 7
	KindReplacement = 8
	KindLoss        = 9
	KindPrint       = 10
	KindReceipt     = 11
	KindTranscript  = 12
	KindDiscrepancy = 13
	KindSnapshot    = 27
	KindLogClosed   = 28
	KindAdvice      = 29
	KindDisposition = 30
	KindEndorsement = 31
	KindTransit     = 32
	KindStanding    = 33
	KindSpecimen    = 34
	KindRoleGrant   = 35
	KindAttestation = 36
)

// KindName is the name of a type in docs/formats, "" for a reserved one.
func KindName(kind int64) string {
	return map[int64]string{1: "participant", 2: "office-key", 3: "key-revoked", 4: "number-range", 5: "certificate", 6: "opening",
		7: "void", 8: "replacement", 9: "loss", 10: "print", 11: "receipt", 12: "transcript", 13: "discrepancy", 15: "custody-root", 17: "rule-set",
		27: "snapshot", 28: "log-closed", 29: "advice", 30: "disposition", 31: "endorsement", 32: "transit", 33: "standing",
		34: "specimen", 35: "role-grant", 36: "attestation"}[kind]
}

// form gives the members of a type's body: "key:what", a question mark before
// what may be missing. The words: code, office, station, number, hash, id, day,
// time, uint (0 too), pos (not 0), bool, text, reason (not empty), map, list,
// commitment; 1..n is a range of whole numbers.
func form(kind int64) string {
	const about = "1:number 2:hash "
	switch kind {
	case KindParticipant:
		return "1:code 2:reason 3:reason 4:4..12"
	case KindOfficeKey:
		return "1:office 2:text 3:1..2 4:map 5:time 6:time ?7:reason ?8:list ?9:reason"
	case KindKeyRevoked:
		return "1:id 2:reason 3:list"
	case KindRange:
		return "1:code 2:4..12 3:pos 4:pos 5:station 6:bool 7:1..7776000 8:day 9:day"
	case KindCertificate:
		return "1:number 2:1..5 3:code 4:day 5:day 6:hash 7:station 8:commitment ?9:hash 10:hash 11:id 12:id ?13:hash"
	case KindOpening:
		return about + "3:map"
	case KindVoid:
		return about + "3:reason"
	case KindReplacement:
		return about + "3:number 4:reason"
	case KindLoss, KindDiscrepancy:
		return about + "3:day 4:reason"
	case KindPrint:
		return about + "3:hash 4:reason"
	case KindReceipt:
		return about + "3:day 4:pos 5:pos"
	case KindSnapshot:
		return "1:list 2:hash 3:uint"
	case KindLogClosed:
		return "1:list 2:reason 3:reason"
	}
	return laterForm(kind, about)
}

// laterForm is form for what moves and for the register.
func laterForm(kind int64, about string) string {
	switch kind {
	case 15: // custody-root
		return "1:reason 2:commitment"
	case 17: // rule-set
		return "1:reason 2:reason 3:hash 4:day"
	case KindAdvice:
		return about + "3:office 4:day ?5:reason ?6:reason"
	case KindDisposition:
		return about + "3:1..6 4:day 5:reason ?6:number"
	case KindEndorsement:
		return about + "3:reason 4:commitment 5:reason"
	case KindTransit:
		return about + "3:day 4:day 5:bool ?6:reason"
	case KindStanding:
		return "1:code 2:reason 3:day 4:day 5:reason 6:reason 7:reason"
	case KindSpecimen:
		return "1:code 2:reason 3:day 4:day 5:reason ?6:list"
	case KindTranscript:
		return "1:number 2:code 3:1..5 4:day 5:day 6:code 7:commitment 8:list 9:bool ?10:list"
	case KindAttestation:
		return about + "3:code 4:day 5:pos 6:pos 7:list"
	case KindRoleGrant:
		return "1:id 2:office ?3:list 4:time 5:time"
	}
	return ""
}

// CheckBody holds a body against the form of its type: every member there, of
// its kind, none unknown, spans in order. A type without a form may have any.
func CheckBody(kind int64, body Value) error {
	members := form(kind)
	if members == "" {
		return nil
	}
	b, ok := body.(Mapping)
	if !ok {
		return fmt.Errorf("%s: no map", KindName(kind))
	}
	known := 0
	for _, m := range strings.Fields(members) {
		m, optional := strings.CutPrefix(m, "?")
		digits, what, _ := strings.Cut(m, ":")
		key, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return err
		}
		v, there := b[key]
		if there {
			known++
		}
		if there && !is(what, v) || !there && !optional {
			return fmt.Errorf("%s: member %d is no %s", KindName(kind), key, what)
		}
	}
	if known != len(b) {
		return fmt.Errorf("%s: an unknown member", KindName(kind))
	}
	return checkSpans(kind, b)
}

// checkSpans are the conditions between members (docs/formats, section 3).
func checkSpans(kind int64, b Mapping) error {
	wrong := false
	switch kind {
	case KindOfficeKey:
		wrong = b.Int(6) <= b.Int(5) || (b.Int(3) == 1) != (len(b.List(8)) > 0)
	case KindRange:
		wrong = b.Int(4) < b.Int(3) || b.Int(9) < b.Int(8) || len(fmt.Sprint(b.Int(4))) > int(b.Int(2))
	case KindCertificate:
		wrong = b.Int(5) < b.Int(4) || string(b.Bytes(11)) == string(b.Bytes(12))
	case KindReplacement:
		wrong = b.Text(1) == b.Text(3)
	case KindDisposition:
		wrong = b.Text(6) != "" && b.Int(3) != 3
	case KindTransit:
		wrong = b.Int(4) < b.Int(3) || !b.Bool(5) && b.Text(6) == ""
	case KindStanding, KindSpecimen:
		wrong = b.Int(4) < b.Int(3)
	case KindRoleGrant:
		wrong = b.Int(5) <= b.Int(4)
	case KindTranscript:
		wrong = !ascendingHashes(b.List(8)) || !ascendingTexts(b.List(10))
	case KindAttestation:
		wrong = b.Text(3) == b.Text(1)[:2] || !ascendingHashes(b.List(7))
	}
	if wrong {
		return fmt.Errorf("%s: its members contradict each other", KindName(kind))
	}
	return nil
}

// ascendingHashes tells a list of hashes, each once.
func ascendingHashes(list []Value) bool {
	for i, v := range list {
		h, ok := v.([]byte)
		if !ok || !is("hash", v) || i > 0 && bytes.Compare(list[i-1].([]byte), h) >= 0 {
			return false
		}
	}
	return true
}

// ascendingTexts tells a list of words, each once.
func ascendingTexts(list []Value) bool {
	for i, v := range list {
		s, ok := v.(string)
		if !ok || s == "" || i > 0 && list[i-1].(string) >= s {
			return false
		}
	}
	return true
}

func is(what string, v Value) bool {
	switch v := v.(type) {
	case int64:
		return isNumber(what, v)
	case string:
		return isText(what, v)
	case []byte:
		return what == "hash" && len(v) == 32 && Hash(v) != Hash{} || what == "id" && len(v) == 8 && [8]byte(v) != [8]byte{}
	case bool:
		return what == "bool"
	case Mapping:
		return what == "map"
	case []Value:
		return what == "list" && len(v) > 0 || what == "commitment" && isCommitment(v)
	}
	return false
}

func isCommitment(v []Value) bool {
	if len(v) != 2 {
		return false
	}
	n, ok := v[1].(int64)
	return ok && is("hash", v[0]) && n >= 1 && n <= 4096
}

func isNumber(what string, n int64) bool {
	switch what {
	case "uint":
		return n >= 0
	case "pos":
		return n > 0
	case "day":
		return n > 0 && n < 1<<32
	case "time":
		return n > 0 && n <= 253402300799
	}
	from, to, ok := strings.Cut(what, "..")
	low, err := strconv.ParseInt(from, 10, 64)
	high, err2 := strconv.ParseInt(to, 10, 64)
	return ok && err == nil && err2 == nil && n >= low && n <= high
}

func isText(what, s string) bool {
	switch what {
	case "text":
		return true
	case "reason":
		return s != ""
	case "code":
		return len(s) == 2 && IsCode(s)
	case "number":
		return IsNumber(s)
	case "office", "station":
		parts := strings.Split(s, "/")
		return len(parts) == map[string]int{"office": 2, "station": 3}[what] && IsCode(parts[0]) && !strings.Contains(s+"/", "//")
	}
	return false
}

// IsCode tells two capital letters.
func IsCode(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}

// IsNumber tells the form of a certificate's number: a Participant's code and 4
// to 12 digits (KPCS Annex I A).
func IsNumber(s string) bool {
	return len(s) >= 6 && len(s) <= 14 && IsCode(s[:2]) && strings.Trim(s[2:], "0123456789") == "" && utf8.ValidString(s)
}
