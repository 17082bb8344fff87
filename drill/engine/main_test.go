package engine

import (
	"flag"
	"os"
	"testing"
)

// labsAtOnce is how many labs run at once where nobody says: a lab mostly waits for limits
// of time, so more of them than processors end sooner without being late.
const labsAtOnce = "8"

func TestMain(m *testing.M) {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "test.parallel" })
	if !said {
		_ = flag.Set("test.parallel", labsAtOnce)
	}
	os.Exit(m.Run())
}
