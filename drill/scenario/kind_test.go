package scenario

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/scenario/remark"
)

// A region's kind config is read with the fleet file, from beside it, and refused there with its own lines.
func TestKindConfigs(t *testing.T) {
	dir := t.TempDir()
	const mine = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n"
	file(t, dir, "mine.yaml", mine+"nodes: [{role: control-plane}, {role: worker}]\n")
	file(t, dir, "bad.yaml", mine+"name: x\n")
	load := func(kind string) (string, string, error) {
		path := file(t, dir, "fleet.yaml", strings.Replace(goodFleet, "{name: ap-south}", "{name: ap-south, kind: "+kind+"}", 1))
		f, err := LoadFleet(path)
		if err != nil {
			return "", "", err
		}
		return f.Regions[2].Kind, strings.Join(remark.Of(f), "\n"), nil
	}
	if text, _, err := load("mine.yaml"); err != nil || !strings.HasPrefix(text, mine) {
		t.Errorf("%q, %v", text, err)
	}
	if _, notes, err := load("ha-control-plane"); err != nil || !strings.Contains(notes, "ap-south has 3 control planes") {
		t.Errorf("%q, %v", notes, err)
	}
	for kind, want := range map[string]string{
		"bad.yaml":    "bad.yaml:3: name is \"x\"; fleetdrill names the cluster itself, after the fleet and the region (fleet.yaml:5); leave it out",
		"samll":       "did you mean small?",
		"absent.yaml": "name one that ships: ha-control-plane, region, small, zones",
	} {
		if _, _, err := load(kind); !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
