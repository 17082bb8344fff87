package routing

import (
	"maps"
	"strings"
	"testing"
)

// What a repository says of the router: what a fleet begins with is read back as it was, and each thing that is wrong is said with what
// would be right.
func TestWhatTheRouterTakes(t *testing.T) {
	regions := []string{"us-east", "eu-west", "ap-south"}
	begins := map[string]float64{"us-east": 0.7, "eu-west": 0.3}
	got, err := Of(map[string][]byte{File: Begin(begins, regions)}, regions)
	if err != nil || !maps.Equal(got, begins) {
		t.Errorf("what a fleet begins with is read as %v, %v", got, err)
	}
	if got := Text(begins, regions); got != "us-east=70 eu-west=30 ap-south=0" {
		t.Error(got)
	}
	if got, err := Of(nil, regions); got != nil || err != nil {
		t.Errorf("a repository that says nothing: %v, %v", got, err)
	}
	data := func(lines string) string {
		return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: routing}\ndata: {" + lines + "}\n"
	}
	for file, want := range map[string]string{
		data(`us-east: "33.4", eu-west: "33.3", ap-south: "33.3"`): "",
		data(`us-east: "0", eu-west: "100%"`):                      "",
		data(`us-east: "70", eu-west: "20"`):                       "router/routing.yaml: ConfigMap/routing: weights are 90% together: they have to be 100%",
		data(`us-west: "100"`):                                     `the fleet has no region "us-west"; it has us-east, eu-west, ap-south`,
		data(`us-east: "many"`):                                    `us-east has weight "many": give percent, from 0 to 100`,
		data(`us-east: "NaN"`):                                     `us-east has weight "NaN": give percent, from 0 to 100`,
		data(`us-east: "-10", eu-west: "110"`):                     `eu-west has weight "110": give percent, from 0 to 100`,
		data(``):                                                   "weights are 0% together: they have to be 100%",
		"kind: Secret\nmetadata: {name: routing}\n":                "router/routing.yaml is Secret/routing: the router takes ConfigMap/routing",
		"kind: [": "router/routing.yaml: ",
	} {
		switch _, err := Of(map[string][]byte{File: []byte(file)}, regions); {
		case want == "" && err != nil:
			t.Errorf("%s: %v", file, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %s", file, err, want)
		}
	}
}
