package difference_test

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/verify/canonical"
	"adamas.example/verify/difference"
	"adamas.example/verify/pack"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

var signer = verifytest.NewSigner("size").Key

// framed is a statement of the right size whose signature is none: a maker does not
// ask for signatures, and a million true ones take minutes.
func framed(b *testing.B, h statement.Header, body statement.Body) []byte {
	h.Type, h.IssuedAt, h.Synthetic = body.Type(), verifytest.Start, true
	payload, err := statement.Payload(h, body)
	if err != nil {
		b.Fatal(err)
	}
	k := signer
	u, err := statement.Unsign(k.Alg, k.ID(), statement.ContentStatement, payload, false)
	if err != nil {
		b.Fatal(err)
	}
	sum := canonical.Sum(payload)
	leaf, err := u.Finish(append(sum[:], sum[:]...))
	if err != nil {
		b.Fatal(err)
	}
	return leaf
}

// shipment gives entry i of a SYNTHETIC log in which each certificate is followed
// by a receipt of it.
func shipment(b *testing.B, i int) []byte {
	w := verifytest.Start
	number := fmt.Sprintf("CF%08d", i/2+1)
	h := statement.Header{Issuer: "CF/bangui", Subject: statement.CertificateSubject(number)}
	of := canonical.Sum([]byte(number))
	day := canonical.DayOf(w)
	if i%2 == 1 {
		h.Issuer = "AE/dubai"
		return framed(b, h, &statement.Receipt{About: statement.About{Number: number, Certificate: of}, Day: day, Carats: 1240, Parcels: 1})
	}
	c := &statement.Certificate{Number: number, Kind: statement.KindExport, Destination: "AE", Issued: day, Expires: day + 60, Range: of,
		Station: "CF/bangui/pc-1", RuleSet: of, Preparer: statement.KeyID{1}, Validator: statement.KeyID{2}}
	c.Facts.Hash, c.Facts.Count = of, 8
	return framed(b, h, c)
}

// write makes a pack of so many entries, through files as pack make does, and gives
// the highest live heap that was seen.
func write(b *testing.B, entries int, to *os.File) (peak uint64) {
	dir := b.TempDir()
	spool := func() (pack.Spool, error) { return os.CreateTemp(dir, "spool") }
	scan := func(each func([]byte) error) error {
		for i := range entries {
			if err := each(shipment(b, i)); err != nil {
				return err
			}
			if i%100_000 == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		}
		return nil
	}
	root := rootOf(b, entries) // its own memory is given back before the maker begins
	d, err := pack.PrepareIn(nil, []pack.Source{{Vector: statement.Vector{Origin: "cf.kp.example/2026", Size: uint64(entries), Root: root}, Scan: scan}}, spool)
	if err != nil {
		b.Fatal(err)
	}
	if err := d.Write(to, make([]byte, 400)); err != nil {
		b.Fatal(err)
	}
	return peak
}

// rootOf computes the root with an implementation that is not the maker's.
func rootOf(b *testing.B, entries int) canonical.Hash {
	stored := make([]tlog.Hash, 0, 2*entries)
	r := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, err error) {
		for _, i := range at {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for i := range entries {
		hs, err := tlog.StoredHashes(int64(i), shipment(b, i), r)
		if err != nil {
			b.Fatal(err)
		}
		stored = append(stored, hs...)
	}
	h, err := tlog.TreeHash(int64(entries), r)
	if err != nil {
		b.Fatal(err)
	}
	return canonical.Hash(h)
}

// BenchmarkMake is the memory of a maker for 20 years of the world's certificates:
//
//	go test ./verify/difference -run - -bench Make -benchtime 1x
func BenchmarkMake(b *testing.B) {
	for b.Loop() {
		to, err := os.CreateTemp(b.TempDir(), "pack")
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(write(b, 1_400_000, to))/1e6, "MB-live")
		info, _ := to.Stat()
		b.ReportMetric(float64(info.Size())/1e6, "MB-pack")
	}
}

// BenchmarkDay is the size of the difference of a day in a year of 70,000
// certificates, each received:
//
//	go test ./verify/difference -run - -bench Day -benchtime 1x
func BenchmarkDay(b *testing.B) {
	for b.Loop() {
		const year, day = 140_000, 2 * 192
		old, next := tempPack(b, year), tempPack(b, year+day)
		var out bytes.Buffer
		if err := difference.Make(old, sizeOf(old), next, sizeOf(next), "CF/bangui", verifytest.Start, &out); err != nil {
			b.Fatal(err)
		}
		var got bytes.Buffer
		if _, err := difference.Apply(old, sizeOf(old), bytes.NewReader(out.Bytes()), &got, most); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(out.Len()), "bytes-difference")
		b.ReportMetric(float64(sizeOf(next)), "bytes-pack")
	}
}

func tempPack(b *testing.B, entries int) *os.File {
	f, err := os.CreateTemp(b.TempDir(), "pack")
	if err != nil {
		b.Fatal(err)
	}
	write(b, entries, f)
	return f
}

func sizeOf(f *os.File) int64 {
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}
