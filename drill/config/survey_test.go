package config

import (
	"slices"
	"testing"
)

// What was read back is what a region has: a role that its overlay never had, a flag that somebody set where nobody reconciles, and
// that both are right again. A look that finds nothing ends what was changed by hand.
func TestWhatIsReadBackIsWhatARegionHas(t *testing.T) {
	binding := Field{Object: Ref{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "RoleBinding", Namespace: Namespace, Name: Writer + "orders"}, Wanted: "there"}
	s := &State{}
	step := func(n News, want string) {
		t.Helper()
		n.Fold(s, now)
		if got := said(s.Restrictions("west")); got != want {
			t.Errorf("after %s: %q, not %q", n.Kind(), got, want)
		}
	}
	whole := Meaning{Version: "v1", Writers: []string{"orders"}, Isolated: true, Reach: []string{"east"}}
	step(Applied{Region: "west", Revision: "a"}, "")
	step(Surveyed{Region: "west", Revision: "a", Has: Meaning{Version: "v1", Isolated: true}, Lacks: []string{"orders"}}, "datasetorders drifted=false, regions drifted=false")
	step(Surveyed{Region: "west", Revision: "a", Has: whole}, "")
	step(Edited{Region: "west", Fields: []Field{binding}}, "datasetorders drifted=true")
	step(Surveyed{Region: "west", Revision: "a", Fields: []Field{binding}, Lacks: []string{"orders"}, Has: Meaning{Version: "v1", Isolated: true, Reach: []string{"east"}}}, "datasetorders drifted=true")
	if n := len(s.Open("west")); n != 1 {
		t.Errorf("%d fields are open", n)
	}
	step(Surveyed{Region: "west", Revision: "a", Has: whole}, "")
	if open := s.Open("west"); len(open) > 0 {
		t.Errorf("put right, and open: %v", open)
	}
}

// What differs and no command changed, somebody changed past the drill: it is open as well, once, beside what a command did, and each
// ends by itself.
func TestWhatIsFoundToDifferIsOpen(t *testing.T) {
	flag := as(FlagField(FlagReadOnly), "false", "true")
	replicas := as(Replicas(), "4", "1")
	s := &State{}
	step := func(n News, want ...Field) {
		t.Helper()
		n.Fold(s, now)
		if got := s.Open("west"); !slices.Equal(got, want) {
			t.Errorf("after %+v: %v, not %v", n, got, want)
		}
	}
	surveyed := func(fields ...Field) News { return Surveyed{Region: "west", Revision: "a", Fields: fields} }
	step(Applied{Region: "west", Revision: "a"})
	step(surveyed(flag...), flag...)
	step(surveyed(flag...), flag...)
	if d := s.Drifts[0]; len(s.Drifts) != 1 || d.Made != nil || d.Seen != nil {
		t.Errorf("it was made and seen: %+v", d)
	}
	both := slices.Concat(flag, replicas)
	step(Edited{Region: "west", Fields: replicas}, both...)
	step(surveyed(both...), both...)
	step(surveyed(replicas...), replicas...)
	step(Drifted{Region: "west", Revision: "a", Fields: both}, slices.Concat(replicas, flag)...)
	for _, d := range s.Drifts[1:] {
		if d.Seen == nil {
			t.Errorf("a reconciler has not seen %v", d.Fields)
		}
	}
	step(Mended{Region: "west", Revision: "a", Fields: both})
}

// A region has what its revision says, less what is missing; what grants something and differs grants nothing that is known.
func TestWhatARegionHad(t *testing.T) {
	objects := []Object{
		{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": Features}, "data": map[string]any{FlagReadOnly: "false"}},
		{"apiVersion": "v1", "kind": "RoleBinding", "metadata": map[string]any{"name": "b"}},
		{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "s"}},
		{"apiVersion": "v1", "kind": "Deployment", "metadata": map[string]any{"name": "kept"}},
	}
	ref := func(kind, name string) Ref { return Ref{APIVersion: "v1", Kind: kind, Name: name} }
	had := Had(objects, []Field{
		{Object: ref("ConfigMap", Features), Path: "data." + FlagReadOnly, Wanted: "false", Actual: "true"},
		{Object: ref("RoleBinding", "b"), Path: "subjects", Wanted: "[]", Actual: "[x]"},
		{Object: ref("Secret", "s"), Wanted: "there"},
	})
	if len(had) != 2 || At(had[0], "data", FlagReadOnly) != "true" || At(had[1], "metadata", "name") != "kept" {
		t.Errorf("%v", had)
	}
	if At(objects[0], "data", FlagReadOnly) != "false" {
		t.Error("what is to be was changed")
	}
}
