package report

import (
	"os"
	"testing"
	"time"
)

// TestMain views from UTC, in which the recordings of the tests are.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	os.Exit(m.Run())
}
