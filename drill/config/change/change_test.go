package change

import (
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

// What a commit may say of a region is bounded as a fleet file is.
func TestWhatAChangeMaySay(t *testing.T) {
	regions := []string{"us-east", "eu-west"}
	for words, want := range map[string]string{
		"replicas 0": "", "replicas 20 in eu-west": "", "capacity 120/s": "", "flag read-only true": "", "secret web-credentials-2": "", "version v2": "",
		"replicas 21":          "replicas 21: a region has 0 to 20",
		"replicas 1000":        "replicas 1000: a region has 0 to 20",
		"replicas -1":          "replicas -1: a region has 0 to 20",
		"replicas some":        "replicas some: a region has 0 to 20",
		"replicas 3 in mars":   `the fleet has no region "mars"; it has us-east, eu-west`,
		"capacity many":        "give requests per second",
		"secret Web_1":         "lower-case letters",
		"paint it":             "is no change",
		"replicas 3 eu-west":   "is no change",
		"flag read-only":       "lower-case letters",
		"secret x y":           "is no change",
		"replicas in eu-west ": "is no change",
	} {
		_, err := Parse(words, regions)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", words, err, want)
		}
	}
	c, err := Parse("secret web-credentials-2 in eu-west", regions)
	if fields := c.Fields(); err != nil || c.Region != "eu-west" || len(fields) != 1 || fields[0].String() != config.Credentials().String() || fields[0].Wanted != "web-credentials-2" {
		t.Errorf("%+v, %v: %v", c, err, c.Fields())
	}
}
