package place

import (
	"strings"
	"testing"
)

func TestABadTableIsRefused(t *testing.T) {
	const heading = "country,participant,from,settled_by,until,verified,source,note\n"
	tests := []struct{ name, rows, want string }{
		{"heading", "", "heading"},
		{"country", "ZZ,EU,2003-01-01,2003-01-01,,seen,x,", "country_unknown"},
		{"participant", "BE,XI,2003-01-01,2003-01-01,,seen,x,", "participant_unknown"},
		{"date", "BE,EU,2003,2003-01-01,,seen,x,", "not_a_day"},
		{"verified", "BE,EU,2003-01-01,2003-01-01,,yes,x,", "verified says"},
		{"seen where", "BE,EU,2003-01-01,2003-01-01,,seen,,", "by what is not said"},
		{"inferred how", "BE,EU,2003-01-01,2003-01-01,,inferred,x,", "by what is not said"},
		{"empty span", "BE,EU,2003-01-01,2003-01-01,2003-01-01,seen,x,", "days out of order"},
		{"settled before it began", "BE,EU,2003-01-02,2003-01-01,,seen,x,", "days out of order"},
		{"order", "BE,EU,2003-01-01,2003-01-01,,seen,x,\nAT,EU,2003-01-01,2003-01-01,,seen,x,", "not in the order"},
		{"overlap", "GB,EU,2003-01-01,2003-01-01,2021-01-02,seen,x,\nGB,GB,2021-01-01,2021-01-01,,seen,x,", "row 2 speaks of"},
	}
	for _, tt := range tests {
		text := heading + tt.rows
		if tt.rows == "" {
			text = "country\n"
		}
		if table, err := parseTerritories(text); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, %v, want %q", tt.name, table, err, tt.want)
		}
	}
}
