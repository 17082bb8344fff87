package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Whatever moves the numbers that are compared has to be the same for the users of both fleets.
func TestUsersThatAreNotTheSame(t *testing.T) {
	same := topology.Population{Name: "europe", Count: 100, Rate: 10, Writes: 0.25, Timeout: 2 * time.Second}
	tests := []struct {
		name   string
		change func(*topology.Population)
		want   string
	}{
		{"count", func(p *topology.Population) { p.Count = 1 }, "europe is 1 user; make it 100"},
		{"rate", func(p *topology.Population) { p.Rate = 11 }, "europe asks 11 times a second; make it 10"},
		{"writes", func(p *topology.Population) { p.Writes = 0.5 }, "50 % of what europe asks is writes; make it 25 %"},
		{"read_own", func(p *topology.Population) { p.ReadOwn = 0.1 }, "make it 0 %"},
		{"timeout", func(p *topology.Population) { p.Timeout = time.Second }, "europe gives up after 1.0 s; make it 2.0 s"},
		{"slow", func(p *topology.Population) { p.Slow = 200 * time.Millisecond }, "below 200 ms; make it 100 ms"},
		{"slow as it is by itself", func(p *topology.Population) { p.Slow = topology.DefaultSlow }, ""},
		{"retries", func(p *topology.Population) { p.Retries.Most = 2 }, "make its retries the same"},
		{"name", func(p *topology.Population) { p.Name = "asia" }, "there is no population europe"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			other := same
			tt.change(&other)
			got := otherUsers(topology.Fleet{Name: "one", Users: []topology.Population{same}}, topology.Fleet{Name: "two", Users: []topology.Population{other}})
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
