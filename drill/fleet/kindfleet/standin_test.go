package kindfleet

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
	"github.com/fleetdrill/fleetdrill/drill/topology"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// The stand-in is run with the agent's flags by tests that need clusters, where one that it does not know ends every pod: that is
// found out here, without a cluster.
func TestTheStandInTakesTheFlagsOfTheManifests(t *testing.T) {
	source, err := os.ReadFile("testdata/standin/main.go")
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, m := range regexp.MustCompile(`f\.\w+\("([a-z-]+)"`).FindAllStringSubmatch(string(source), -1) {
		known = append(known, m[1])
	}
	objects, err := kube.Workload{Region: kube.Region{Name: "one", Namespace: kube.Namespace}, Replicas: 1, Web: topology.Web{Replicas: 1}}.Objects()
	if err != nil {
		t.Fatal(err)
	}
	flag, seen := regexp.MustCompile(`^--([a-z-]+)=`), 0
	for _, o := range objects {
		containers, _, _ := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "containers")
		for _, c := range containers {
			args, _, _ := unstructured.NestedStringSlice(c.(map[string]any), "args")
			for _, a := range args {
				if m := flag.FindStringSubmatch(a); m != nil {
					if seen++; !slices.Contains(known, m[1]) {
						t.Errorf("%s %s is run with %s, which the stand-in does not know", o.GetKind(), o.GetName(), a)
					}
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no flag was found in the manifests")
	}
}
