package identity

import "strings"

// Region is the region, or the hub, whose gateway an ID is of; "" of any other workload.
func Region(id string) string {
	_, path, _ := strings.Cut(strings.TrimPrefix(id, "spiffe://"), "/")
	name, is := strings.CutPrefix(path, "region/")
	name, gateway := strings.CutSuffix(name, "/gateway")
	if !is || !gateway || strings.Contains(name, "/") {
		return ""
	}
	return name
}

// Controller is how the failover controller is called.
const Controller = "the failover controller"

// Name is how a person calls who has an ID.
func Name(id string) string {
	switch region := Region(id); {
	case region != "":
		return region
	case strings.HasSuffix(id, "/failover-controller"):
		return Controller
	case id == "":
		return "a caller"
	}
	return id
}
