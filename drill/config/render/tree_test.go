package render

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// A revision's files are read once for all of its regions, and anew for the next revision, also where one can't be rendered.
func TestATreeIsReadOnce(t *testing.T) {
	r, files := New(), two()
	first := r.tree("one", files)
	for _, region := range []string{"us-east", "eu-west"} {
		if _, err := r.Objects("one", region, files); err != nil {
			t.Fatal(err)
		}
	}
	if r.newest != first {
		t.Error("the tree was read again for another region")
	}
	broken := two()
	broken["base/features.yaml"] = []byte("data: [")
	for _, region := range []string{"us-east", "eu-west"} {
		if _, err := r.Objects("two", region, broken); !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), "base/features.yaml") {
			t.Errorf("%s of a broken tree: %v", region, err)
		}
	}
	again := two()
	again["overlays/us-east/features.yaml"] = []byte(strings.Replace(string(again["overlays/us-east/features.yaml"]), "data: {}", "data: {new: cart}", 1))
	objects, err := r.Objects("three", "us-east", again)
	if err != nil || !strings.Contains(fmt.Sprint(objects), "new:cart") {
		t.Errorf("the next tree: %v, %v", objects, err)
	}
}
