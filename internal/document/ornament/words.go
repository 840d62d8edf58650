package ornament

import (
	"strings"

	"github.com/tyler-smith/go-bip39/wordlists"

	"adamas.example/verify/canonical"
)

// CheckWords are four words of the list of BIP-39, for the first 44 bits of a hash: two
// people compare them over a telephone. They are English in every language, since a
// paper and a page in another language must say the same.
func CheckWords(h canonical.Hash) string {
	n := uint64(0)
	for _, b := range h[:6] {
		n = n<<8 | uint64(b)
	}
	var out [4]string
	for i := range out {
		out[i] = wordlists.English[n>>(48-11*(i+1))&0x7ff]
	}
	return strings.Join(out[:], " ")
}
