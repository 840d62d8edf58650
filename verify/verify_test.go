package verify_test

import (
	"time"

	"adamas.example/verify/verifytest"
)

// The clock of these tests is that of the cases, in seconds after start.
const (
	start    = verifytest.Start
	issued   = 60
	cosigned = 70
	packed   = 3600
	judged   = 7200
)

func at(seconds int64) time.Time { return time.Unix(start+seconds, 0).UTC() }
