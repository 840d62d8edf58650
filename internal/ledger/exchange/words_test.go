package exchange_test

import (
	"testing"

	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/verify/message"
)

// TestWords: every state, carrier and kind that people see has words.
func TestWords(t *testing.T) {
	differences, err := lang.Compare(exchange.Text())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		t.Error(d)
	}
	words, err := lang.Load(exchange.Text())
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, s := range []exchange.State{exchange.Queued, exchange.Sent, exchange.Acknowledged, exchange.Failed, exchange.Received, exchange.Taken, exchange.Handled, exchange.Refused} {
		keys = append(keys, s.TextKeys()...)
	}
	for _, c := range []exchange.Carrier{exchange.HTTP, exchange.Mail, exchange.Stick} {
		keys = append(keys, c.TextKeys()...)
	}
	for _, k := range message.Kinds() {
		keys = append(keys, "exchange.kind."+k.String())
	}
	for _, key := range keys {
		if !words.Printer(lang.English).Has(key) {
			t.Errorf("%s has no words", key)
		}
	}
}
