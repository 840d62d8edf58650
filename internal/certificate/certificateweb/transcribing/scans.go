package transcribing

import (
	"net/http"
	"strconv"

	"adamas.example/internal/certificate/importing/keying"
	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/document/picture"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/verify/canonical"
)

// scanned is a scan on a page.
type scanned struct {
	N     int
	Pages []string // addresses; none of a PDF that cannot be shown
}

// scans puts the scans of a paper on a page; base is the address that they stand below.
func scans(tx *store.Tx, base string, hashes []canonical.Hash) (out []scanned, err error) {
	for i, h := range hashes {
		file, _, err := outside.Original(tx, h)
		if err != nil {
			return nil, err
		}
		one := scanned{N: i + 1}
		for page := range picture.Pages(file, outside.MostScans) {
			one.Pages = append(one.Pages, base+"/scan/"+strconv.Itoa(i+1)+"/"+strconv.Itoa(page+1))
		}
		out = append(out, one)
	}
	return out, nil
}

// pageOf is one page of a scan as it is shown. Fault certificate.no_scan.
func pageOf(r *http.Request, tx *store.Tx, hashes []canonical.Hash) (media string, page []byte, err error) {
	n, e1 := strconv.Atoi(r.PathValue("n"))
	p, e2 := strconv.Atoi(r.PathValue("page"))
	missing := fault.NotFound("certificate.no_scan", fault.Arg("hash", r.PathValue("n")))
	if e1 != nil || e2 != nil || n < 1 || n > len(hashes) || p < 1 {
		return "", nil, missing
	}
	file, _, err := outside.Original(tx, hashes[n-1])
	if err != nil {
		return "", nil, err
	}
	pages := picture.Pages(file, outside.MostScans)
	if p > len(pages) {
		return "", nil, missing
	}
	return picture.Media(pages[p-1]), pages[p-1], nil
}

func (d *desk) sendKeyingScan(w http.ResponseWriter, r *http.Request) error {
	var media string
	var file []byte
	err := d.read(r, func(tx *store.Tx) error {
		p, err := keying.Get(tx, ident.RecordID(r.PathValue("id")))
		if err == nil {
			media, file, err = pageOf(r, tx, p.Scans)
		}
		return err
	})
	if err != nil {
		return err
	}
	return web.SendPicture(w, media, file)
}

func (d *desk) sendFileScan(w http.ResponseWriter, r *http.Request) error {
	f, err := d.imports.Paper(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	var media string
	var file []byte
	if err := d.read(r, func(tx *store.Tx) (err error) {
		media, file, err = pageOf(r, tx, f.Scans)
		return err
	}); err != nil {
		return err
	}
	return web.SendPicture(w, media, file)
}
