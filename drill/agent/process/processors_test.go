package process

import (
	"runtime"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/agent"
)

func TestARegionRunsOnItsShareOfTheProcessors(t *testing.T) {
	for processors, want := range map[int]int{1: 1, 2: 1, 4: 1, 8: 2, 64: 16} {
		if got := share(processors); got != want {
			t.Errorf("of %d processors %d, want %d", processors, got, want)
		}
	}
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	all := share(runtime.NumCPU()) + 1
	for _, c := range []struct {
		role agent.Role
		set  string
		want int
	}{
		{agent.RoleAll, "", share(runtime.NumCPU())},
		{agent.RoleAll, "7", all}, // the runtime has read it already
		{agent.RoleStore, "", all},
	} {
		runtime.GOMAXPROCS(all)
		t.Setenv("GOMAXPROCS", c.set)
		limitProcessors(c.role)
		if got := runtime.GOMAXPROCS(0); got != c.want {
			t.Errorf("role %s with GOMAXPROCS=%q: %d processors, want %d", c.role, c.set, got, c.want)
		}
	}
}
