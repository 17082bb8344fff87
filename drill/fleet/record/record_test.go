package record

import "testing"

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
