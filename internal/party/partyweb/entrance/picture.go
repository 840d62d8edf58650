package entrance

import (
	"fmt"
	"strings"

	"rsc.io/qr"

	"adamas.example/internal/party/people"
)

// codePicture is the secret of an app for codes, to scan and to type.
type codePicture struct {
	Secret string // in groups of four
	Size   int    // of the drawing, in modules with the quiet zone
	Path   string // of the dark modules, for <path d>
}

// quiet is the white border that readers want, in modules (ISO/IEC 18004 §6.3.8).
const quiet = 4

// picture draws the address of the secret as a QR code. The page may load no picture
// from elsewhere and none from its own text, so the code is drawn in the page.
func picture(c people.CodeSetUp) (codePicture, error) {
	code, err := qr.Encode(c.URI, qr.M)
	if err != nil {
		return codePicture{}, err
	}
	var d strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			long := 0
			for code.Black(x+long, y) && x+long < code.Size {
				long++
			}
			if long > 0 {
				fmt.Fprintf(&d, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, long, long)
				x += long
			}
		}
	}
	var groups []string
	for s := c.Secret; s != ""; {
		n := min(4, len(s))
		groups, s = append(groups, s[:n]), s[n:]
	}
	return codePicture{Secret: strings.Join(groups, " "), Size: code.Size + 2*quiet, Path: d.String()}, nil
}
