package receiving_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"adamas.example/internal/certificate/certificateweb/judge"
	"adamas.example/internal/certificate/certificateweb/receiving/bulk"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/fault"
	"adamas.example/internal/module"
	"adamas.example/internal/sheet"
	"adamas.example/internal/store"
	webform "adamas.example/internal/web/form"
)

func zipped(t *testing.T, files ...file) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		w, err := z.Create(f.name)
		if err == nil {
			_, err = w.Write(f.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestBatch: files and archives are judged, junk is a row, and nothing is recorded.
func TestBatch(t *testing.T) {
	var all []file
	s := newScene(t, func(s *scene) {
		for _, name := range []string{"a.adamas", "b.adamas"} {
			raw, err := s.certificate().Encode()
			s.must(err)
			all = append(all, file{name, raw})
		}
	})
	got := s.upload("/imports/batch", url.Values{}, all[0], file{"many.zip", zipped(t, all[1], file{"again.adamas", all[0].content}, file2("note.txt", "=SUM(A1)"))}, file2("<b>=x.html", "<script>alert(1)</script>"))
	if got.code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.code, plain(got.body))
	}
	list := s.get(got.to)
	has(t, list, "CF 0000 0001", "The file a.adamas bears the same number.", "note.txt", "Not judged 2", "Acceptable 3")
	if strings.Contains(list.body, "<script>alert") || strings.Contains(list.body, "<b>=x") {
		t.Error("a name or content came out as markup")
	}
	only := s.get(got.to + "&show=none")
	if strings.Contains(only.body, "CF 0000 0001") || !strings.Contains(only.body, "note.txt") {
		t.Error("not filtered")
	}
	table := s.get(got.to + "&format=csv")
	if lines := strings.Count(table.body, "\n"); lines != 6 || !strings.Contains(table.body, "a.adamas,CF00000001,Central African Republic,United Arab Emirates,") {
		t.Errorf("%s", table.body)
	}
	book, err := sheet.Read([]byte(s.raw(got.to + "&format=xlsx")))
	s.must(err)
	if len(book.Rows) != 5 {
		t.Errorf("%d rows in the workbook", len(book.Rows))
	}
	s.must(s.node.Ledger.Store().Read(t.Context(), s.now, func(tx *store.Tx) error {
		found, err := consignment.Newest(tx, 10)
		if len(found) > 0 {
			t.Errorf("recorded %d", len(found))
		}
		return err
	}))
	s.visitor = s.officer("officer-2")
	if p := s.get(got.to); p.code != http.StatusNotFound {
		t.Errorf("another's list: %d", p.code)
	}
}

// TestBatchInTurn: one batch is judged at a time, whoever sends it, and what came too
// late for its turn is told so.
func TestBatchInTurn(t *testing.T) {
	s := newScene(t, nil)
	j, err := module.Service[*judge.Judge](s.node)
	s.must(err)
	all, other := bulk.New(j), bulk.New(j) // as the API has one beside the page's
	ctx, end, err := all.Turn(t.Context())
	s.must(err)
	if _, bound := ctx.Deadline(); !bound {
		t.Error("a turn without an end")
	}
	if _, _, err := other.Turn(t.Context()); !fault.Is(err, "check.many_at_once") {
		t.Errorf("in another's turn: %v", err)
	}
	end()
	if p := s.upload("/imports/batch", url.Values{}, file2("note.txt", "SYNTHETIC")); p.code != http.StatusSeeOther {
		t.Errorf("after it: %d %s", p.code, plain(p.body))
	}
	if _, err := all.All(ctx, []webform.File{{Name: "note.txt", Content: []byte("SYNTHETIC")}}); !fault.Is(err, "receiving.out_of_time") {
		t.Errorf("after its turn: %v", err)
	}
}

// TestBombs: what swells, what is too many and what is nothing is refused whole.
func TestBombs(t *testing.T) {
	s := newScene(t, nil)
	zeros := make([]byte, 15<<20)
	var swelling []file
	for i := range 20 {
		swelling = append(swelling, file{string(rune('a' + i)), zeros})
	}
	bomb := zipped(t, swelling...)
	if len(bomb) > 1<<20 {
		t.Fatalf("the bomb is %d bytes", len(bomb))
	}
	many := make([]file, 1001)
	for i := range many {
		many[i] = file{strings.Repeat("x", i%40+1), nil}
	}
	for name, f := range map[string]file{"swells": {"b.zip", bomb}, "too many": {"m.zip", zipped(t, many...)}} {
		if p := s.upload("/imports/batch", url.Values{}, f); p.code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d %.300s", name, p.code, plain(p.body))
		}
	}
	if p := s.upload("/imports/batch", url.Values{}); p.code != http.StatusUnprocessableEntity {
		t.Errorf("nothing: %d", p.code)
	}
	if p := s.upload("/imports", url.Values{"place": {"x"}}, file{"b.zip", bomb}); p.code < 400 || p.code >= 500 {
		t.Errorf("an archive as a certificate: %d", p.code)
	}
	large := file{"l.adamas", make([]byte, 17<<20)}
	if p := s.upload("/imports", url.Values{"place": {"x"}}, large); p.code < 400 || p.code >= 500 {
		t.Errorf("too large: %d", p.code)
	}
}
