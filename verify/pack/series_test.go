package pack_test

import (
	"strings"
	"testing"

	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// seriesOf makes a pack of a world whose CF log has grown, with these earlier
// checkpoints of it.
func seriesOf(t *testing.T, w *verifytest.World, texts ...string) ([]byte, error) {
	t.Helper()
	var sources []pack.Source
	for i, l := range w.Logs {
		s := pack.Source{Checkpoint: l.Checkpoint(int64(len(l.Leaves)), start+1000), Leaves: l.Leaves}
		if i == 1 {
			s.Series = texts
		}
		sources = append(sources, s)
	}
	d, err := pack.Prepare(w.Roots, sources)
	if err != nil {
		return nil, err
	}
	o := w.Offices["CF/bangui"]
	snap := d.Snapshot
	signed := o.Signer.Statement(statement.Header{Issuer: o.ID, IssuedAt: start + 1000, Subject: "snapshot", Synthetic: true}, &snap)
	b, err := d.Finish(signed)
	if err != nil {
		t.Fatal(err)
	}
	_, parsed := pack.Parse(b, canonical.Hash{})
	if checked := d.Check(signed); (checked == nil) != (parsed == nil) {
		t.Errorf("the maker says %v, the reader %v", checked, parsed)
	}
	return b, parsed
}

func grown() *verifytest.World {
	w := verifytest.New()
	for range 300 {
		w.Logs[1].Append([]byte("SYNTHETIC filling"))
	}
	return w
}

// TestSeries: the time of an entry lies after the last checkpoint that does not
// cover it and not after the first that does.
func TestSeries(t *testing.T) {
	w := grown()
	l := w.Logs[1]
	b, err := seriesOf(t, w, l.Checkpoint(4, start+100), l.Checkpoint(100, start+200, verifytest.WitnessLabels...), l.Checkpoint(257, start+200))
	if err != nil {
		t.Fatal(err)
	}
	p, err := pack.Parse(b, canonical.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		index         uint64
		after, before int64
	}{{0, 0, 100}, {3, 0, 100}, {4, 100, 200}, {99, 100, 200}, {100, 200, 200}, {256, 200, 200}, {257, 200, 1000}, {305, 200, 1000}} {
		after, before, ok := p.Logs[1].Recorded(tt.index)
		if tt.after > 0 {
			tt.after += start
		}
		if !ok || after != tt.after || before != start+tt.before {
			t.Errorf("entry %d: after %d, before %d", tt.index, after-start, before-start)
		}
	}
	if _, _, ok := p.Logs[1].Recorded(306); ok {
		t.Error("an entry beyond the log has a time")
	}
	if p.Logs[1].Earlier() != 3 || p.Logs[0].Earlier() != 0 {
		t.Error("another number of earlier checkpoints")
	}
	if err := canonical.Check([]byte(strings.TrimPrefix(string(b), magic))); err != nil {
		t.Error(err)
	}
}

// TestSeriesRefusals: a pack with one bad earlier checkpoint is refused whole, by
// its maker and by its reader.
func TestSeriesRefusals(t *testing.T) {
	w := grown()
	l := w.Logs[1]
	good := l.Checkpoint(100, start+200)
	fork := verifytest.New().Logs[1]
	for range 100 {
		fork.Append([]byte("SYNTHETIC another past"))
	}
	for why, texts := range map[string][]string{
		"no checkpoint":                {"hotel"},
		"of a fork":                    {fork.Checkpoint(100, start+200)},
		"of another log":               {w.Logs[0].Checkpoint(4, start+200)},
		"without civil society":        {l.Checkpoint(100, start+200, "gov1", "ind1")},
		"a false signature":            {strings.Replace(good, " ", "  ", 1)},
		"sizes that descend":           {l.Checkpoint(101, start+200), good},
		"a size twice":                 {good, l.Checkpoint(100, start+201)},
		"times that descend":           {l.Checkpoint(99, start+201), good},
		"as large as the log":          {l.Checkpoint(306, start+200)},
		"later than the log's own":     {l.Checkpoint(100, start+1001)},
		"size nothing":                 {l.Checkpoint(0, start+200)},
		"of an entry's size, not root": {strings.Replace(good, "\n100\n", "\n101\n", 1)},
	} {
		if _, err := seriesOf(t, w, texts...); err == nil {
			t.Errorf("%s: accepted", why)
		}
	}
}

// TestEverySeriesByteIsBound changes every byte of an earlier checkpoint in turn.
func TestEverySeriesByteIsBound(t *testing.T) {
	w := verifytest.New()
	l := w.Logs[1]
	text := l.Checkpoint(3, start+200)
	b, err := seriesOf(t, w, text)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(b), text)
	for i := at - 4; i < at+len(text); i++ {
		bad := []byte(string(b))
		bad[i] ^= 1 << (i % 8)
		if _, err := pack.Parse(bad, canonical.Hash{}); err == nil {
			t.Errorf("byte %d xor %02x is believed", i-at, 1<<(i%8))
		}
	}
	empty := strings.Replace(string(b), "\x81\x79", "\x80\x79", 1)
	if _, err := pack.Parse([]byte(empty), canonical.Hash{}); err == nil {
		t.Error("an empty series is believed")
	}
}
