package single

import (
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What the journal says of the machine and of the fleet's file is in the report; where it says nothing, so does that.
func TestTheMachineAndTheFileAreNamed(t *testing.T) {
	of := func(m *drill.Machine, file string) (string, string) {
		s := drill.NewState()
		s.Machine, s.Fleet = m, topology.Fleet{Name: "mine", Text: file}
		d := Document{State: s}
		said := ""
		for _, row := range about(d).Tables[0].Rows {
			if row[0] == "machine" {
				said = row[1]
			}
		}
		return said, fleet(d).Code
	}
	said, file := of(&drill.Machine{System: "linux/amd64", Release: "6.1.0", Processors: 2, Memory: 8 << 30}, "name: mine # ours\n")
	if want := "linux/amd64 6.1.0, 2 processors, 8.0 GiB of memory"; said != want {
		t.Errorf("%q, want %q", said, want)
	}
	if file != "name: mine # ours" {
		t.Errorf("the file is %q", file)
	}
	if said, file = of(nil, ""); said != "unknown: the journal does not say" || !strings.HasPrefix(file, "{") {
		t.Errorf("an old journal: %q, %q", said, file)
	}
}
