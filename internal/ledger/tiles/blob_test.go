package tiles_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

func TestBlobComesBack(t *testing.T) {
	dir := t.TempDir()
	store := tiles.OpenBlobs(dir)
	rapid.Check(t, func(rt *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(rt, "content")
		content = bytes.Repeat(content, rapid.IntRange(1, 1000).Draw(rt, "times"))
		b, err := store.Put(context.Background(), iotest.HalfReader(bytes.NewReader(content)), "application/pdf", tiles.MaxBlob)
		if err != nil {
			rt.Fatal(err)
		}
		want := statement.Blob{Hash: canonical.Sum(content), Size: uint64(len(content)), Media: "application/pdf"}
		if b != want || !store.Has(b) {
			rt.Fatalf("%v, want %v", b, want)
		}
		r, err := store.Get(context.Background(), b)
		if err != nil {
			rt.Fatal(err)
		}
		defer r.Close()
		if err := iotest.TestReader(r, content); err != nil {
			rt.Fatal(err)
		}
	})
	if begun, err := os.ReadDir(filepath.Join(dir, ".blob")); err != nil || len(begun) != 0 {
		t.Errorf("left half-written: %v, %v", begun, err)
	}
}

func TestBlobRefusals(t *testing.T) {
	dir := t.TempDir()
	store := tiles.OpenBlobs(dir)
	failing := errors.New("the upload broke off")
	tests := []struct {
		name, media, key string
		content          io.Reader
		most             int64
	}{
		{"too large", "text/csv", "ledger.blob_too_large", strings.NewReader("12345"), 4},
		{"just fits", "text/csv", "", strings.NewReader("1234"), 4},
		{"empty", "text/csv", "ledger.blob_empty", strings.NewReader(""), 4},
		{"no media type", "", "ledger.blob_media", strings.NewReader("1"), 4},
		{"line in the media type", "text/csv\n", "ledger.blob_media", strings.NewReader("1"), 4},
	}
	for _, tt := range tests {
		_, err := store.Put(t.Context(), tt.content, tt.media, tt.most)
		if tt.key == "" && err != nil || tt.key != "" && !fault.Is(err, tt.key) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := store.Put(t.Context(), iotest.ErrReader(failing), "text/csv", 4); !errors.Is(err, failing) {
		t.Errorf("a broken upload: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Put(ended, strings.NewReader("1"), "text/csv", 4); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
	begun, _ := os.ReadDir(filepath.Join(dir, ".blob"))
	kept, _ := os.ReadDir(filepath.Join(dir, "blob"))
	if len(begun) != 0 || len(kept) != 1 {
		t.Errorf("left: %v begun, %v kept", begun, kept)
	}
}

// TestDamagedBlob: nothing that is not the blob is given out as if it were.
func TestDamagedBlob(t *testing.T) {
	dir := t.TempDir()
	store := tiles.OpenBlobs(dir)
	b, err := store.Put(t.Context(), strings.NewReader("SYNTHETIC dossier"), "text/plain", 1000)
	if err != nil {
		t.Fatal(err)
	}
	name := "blob/" + b.Hash.String()
	for how, content := range map[string]string{"changed": "SYNTHETIC dossieR", "cut": "SYNTHETIC", "longer": "SYNTHETIC dossier, and more", "empty": ""} {
		put(t, dir, name, []byte(content))
		r, err := store.Get(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		r.Close()
		if !fault.Is(err, "ledger.blob_damaged") {
			t.Errorf("%s: read %q with %v", how, got, err)
		}
	}
	// Putting the right content again mends it.
	if _, err := store.Put(t.Context(), strings.NewReader("SYNTHETIC dossier"), "text/plain", 1000); err != nil {
		t.Fatal(err)
	}
	r, err := store.Get(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != "SYNTHETIC dossier" {
		t.Errorf("%q, %v", got, err)
	}
	other := b
	other.Size++
	r, err = store.Get(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadAll(r); !fault.Is(err, "ledger.blob_damaged") {
		t.Errorf("another size than the statement says: %v", err)
	}
	if _, err := store.Get(t.Context(), statement.Blob{Hash: canonical.Sum([]byte("no")), Size: 2, Media: "x"}); !fault.Is(err, "ledger.blob_missing") {
		t.Error(err)
	}
}

// TestSweepTakesWhatACrashLeft and nothing that is whole.
func TestSweepTakesWhatACrashLeft(t *testing.T) {
	dir := t.TempDir()
	store := tiles.OpenBlobs(dir)
	b, err := store.Put(t.Context(), strings.NewReader("whole"), "text/plain", 10)
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, ".blob/HALF", []byte("ha"))
	if err := store.Sweep(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, ".blob", "HALF")); !errors.Is(err, os.ErrNotExist) {
		t.Error("what was half-written is still there")
	}
	if !store.Has(b) {
		t.Error("a whole blob was swept")
	}
}
