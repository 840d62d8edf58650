package picture

import (
	"bytes"
)

// leastSide is how many dots a page has at least on each side: a logo or the preview of
// a page is none.
const leastSide = 200

// Pages are the pictures by which a file is shown in a browser, clean: a picture itself,
// and of a PDF the JPEG pages in it, in their order, at most so many. Of a PDF without
// any there are none: then it can only be handed out.
func Pages(file []byte, most int) (out [][]byte) {
	if Media(file) != PDF {
		if clean, err := Clean(file); err == nil {
			out = append(out, clean)
		}
		return out
	}
	for rest := file; len(out) < most; {
		page, after, ok := nextJPEG(rest)
		if !ok {
			break
		}
		rest = after
		if clean, err := cleanJPEG(page); err == nil && Check(clean) == nil && large(clean) {
			out = append(out, clean)
		}
	}
	return out
}

func large(file []byte) bool {
	w, h := size(file)
	return w >= leastSide && h >= leastSide
}

// nextJPEG is the next stream of a PDF that is a JPEG as it is (ISO 32000-1 7.3.8.1,
// 7.4.8): so a scanner writes each page.
func nextJPEG(b []byte) (stream, after []byte, ok bool) {
	for {
		at := bytes.Index(b, []byte("stream"))
		if at < 0 {
			return nil, nil, false
		}
		b = b[at+len("stream"):]
		content, lined := bytes.CutPrefix(bytes.TrimPrefix(b, []byte("\r")), []byte("\n"))
		if !lined || !bytes.HasPrefix(content, startJPEG) {
			continue
		}
		end := bytes.Index(content, []byte("endstream"))
		if end < 0 {
			return nil, nil, false
		}
		return content[:end], content[end+len("endstream"):], true
	}
}
