package record

import (
	"os"
	"slices"
	"testing"
)

// A cluster that regions share is found by each of them, and is one.
func TestSharedCluster(t *testing.T) {
	var r Record
	shared := Cluster{Region: "a", Regions: []string{"a", "b"}, Name: "east"}
	r.SetCluster(shared)
	r.SetCluster(Cluster{Region: "c", Name: "west"})
	shared.NodeContainerID = "id"
	r.SetCluster(shared)
	for region, want := range map[string]string{"a": "east", "b": "east", "c": "west"} {
		if c := r.Cluster(region); c == nil || c.Name != want {
			t.Errorf("cluster of %s: %+v, want %s", region, c, want)
		}
	}
	if len(r.Clusters) != 2 || r.Cluster("b").NodeContainerID != "id" || r.Cluster("d") != nil {
		t.Errorf("%+v", r.Clusters)
	}
	if got := r.Cluster("c").RegionNames(); len(got) != 1 || got[0] != "c" {
		t.Errorf("regions of c's own cluster: %v", got)
	}
}

// What was stopped below a region stays on record when more of it is stopped, each process once, until it is gone.
func TestDescendantsAddUp(t *testing.T) {
	self, err := Identify(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	parent, err := Identify(os.Getppid())
	if err != nil {
		t.Fatal(err)
	}
	gone := self
	gone.PID, gone.Started = 1<<22+1, self.Started+1 // beyond what a kernel gives
	var r Record
	r.AddDescendants("b", []Process{self})
	for _, below := range [][]Process{{self, gone}, {parent}, {parent}} {
		r.AddDescendants("a", below)
	}
	var of []string
	for _, p := range r.Descendants {
		switch p.PID {
		case self.PID:
			of = append(of, p.Region+" self")
		case parent.PID:
			of = append(of, p.Region+" parent")
		default:
			of = append(of, p.Region+" gone")
		}
	}
	if want := []string{"b self", "a self", "a parent"}; !slices.Equal(of, want) {
		t.Errorf("on record: %v, want %v", of, want)
	}
}
