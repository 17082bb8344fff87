package removal

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
)

func TestOurs(t *testing.T) {
	c := host.Container{ID: "412a427d12df", Created: time.Date(2026, 11, 22, 22, 37, 10, 5e8, time.UTC)}
	c.Config.Labels = map[string]string{ClusterLabel: "fleetdrill-demo-us-east"}
	tests := []struct {
		name, cluster, id string
		recorded          time.Time
		want              bool
	}{
		{"the recorded container", "fleetdrill-demo-us-east", "412a427d12df", c.Created.Add(-time.Minute), true},
		{"another one of the same name", "fleetdrill-demo-us-east", "ffffffffffff", c.Created.Add(-time.Minute), false},
		{"the recorded id under another cluster's label", "fleetdrill-demo-us-west", "412a427d12df", c.Created, false},
		{"no id recorded, younger than the record", "fleetdrill-demo-us-east", "", c.Created.Add(-5 * time.Second), true},
		{"no id recorded, the engine's clock a little behind", "fleetdrill-demo-us-east", "", c.Created.Add(5 * time.Second), true},
		{"no id recorded, older than the record", "fleetdrill-demo-us-east", "", c.Created.Add(time.Hour), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Ours(c, tt.cluster, tt.id, tt.recorded); got != tt.want {
				t.Errorf("ours: %t", got)
			}
		})
	}
}
