package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const now = time.Second

// as is a field that is as given.
func as(f Field, wanted, actual string) []Field {
	f.Wanted, f.Actual = wanted, actual
	return []Field{f}
}

func said(all []Restriction) string {
	var out []string
	for _, r := range all {
		out = append(out, fmt.Sprintf("%s%s drifted=%v", r.Kind, r.Dataset, r.Drifted))
	}
	return strings.Join(out, ", ")
}

// What a region refuses follows from its objects as news has them: by hand, by a revision, and no more once that is put right.
func TestWhatARegionRefuses(t *testing.T) {
	role := Field{Object: Ref{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "RoleBinding", Namespace: Namespace, Name: Writer + "orders"}}
	policy := Field{Object: Ref{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy", Namespace: Namespace, Name: Regions}}
	s := &State{}
	if got := s.Restrictions("west"); got != nil {
		t.Errorf("of a region of which nothing was told: %v", got)
	}
	step := func(n News, want string) {
		t.Helper()
		n.Fold(s, now)
		if got := said(s.Restrictions("west")); got != want {
			t.Errorf("after %s: %q, not %q", n.Kind(), got, want)
		}
	}
	step(Applied{Region: "west", Revision: "a", Fields: as(role, "there", "")}, "")
	step(Edited{Region: "west", Fields: as(role, "there", "")}, "datasetorders drifted=true")
	step(Drifted{Region: "west", Fields: as(role, "there", "")}, "datasetorders drifted=true")
	step(Mended{Region: "west", Fields: as(role, "there", "")}, "")
	step(Edited{Region: "west", Fields: as(policy, "there", "")}, "regions drifted=true")
	step(Applied{Region: "west", Revision: "b", Fields: slices.Concat(as(policy, "there", ""), as(Variable(EnvVersion), "v2"+BadVersion, "v1"))}, "all drifted=false")
	step(Edited{Region: "west", Fields: as(FlagField(FlagReadOnly), "false", "true")}, "all drifted=false, writes drifted=true")
	if got := said(s.RestrictionsWith("west", as(Variable(EnvVersion), "v3", ""))); got != "writes drifted=false" {
		t.Errorf("with a good version: %q", got)
	}
	if got := said(s.RestrictionsWith("west", append(s.Open("west"), as(Variable(EnvVersion), "v3", "")...))); got != "" {
		t.Errorf("with a good version, and the flag put right: %q", got)
	}
	step(Applied{Region: "west", Revision: "c", Fields: slices.Concat(as(Variable(EnvVersion), "v3", "v2-bad"), as(FlagField(FlagReadOnly), "false", "true"))}, "")
	step(Applied{Region: "west", Revision: "d", Pruned: []Ref{role.Object}}, "datasetorders drifted=false")
	step(Edited{Region: "west", Fields: as(Credentials(), "web-credentials-1", Rotated)}, "datasetorders drifted=false, others drifted=true")
	step(Surveyed{Region: "west", Revision: "d", Has: Meaning{Secret: "web-credentials-1", Writers: []string{"orders"}}}, "")
	if got := s.Restrictions("east"); got != nil {
		t.Errorf("of another region: %v", got)
	}
}

// What each replica takes is the fleet file's until news says otherwise.
func TestTheCapacityThatNewsTell(t *testing.T) {
	s := &State{}
	Applied{Region: "west", Revision: "a"}.Fold(s, now)
	if got, told := s.CapacityOf("west"); told {
		t.Errorf("told to be %v", got)
	}
	Applied{Region: "west", Revision: "b", Fields: as(Variable(EnvCapacity), "12.5", "100")}.Fold(s, now)
	if got, told := s.CapacityOf("west"); !told || got != 12.5 {
		t.Errorf("%v, told %v, after a commit", got, told)
	}
}

// The names of fields are those that objects have them by.
func TestFieldsAreNamedAsObjectsHaveThem(t *testing.T) {
	o := governed("apps/v1", "Deployment", Web)
	o["spec"] = map[string]any{"replicas": float64(3), "template": map[string]any{"spec": map[string]any{"containers": []any{
		map[string]any{"name": Container, "env": []any{map[string]any{"name": EnvVersion, "value": "v1"}}},
	}}}}
	flat := Flat(o)
	for _, f := range []Field{Replicas(), Variable(EnvVersion)} {
		if _, has := flat[f.Path]; !has {
			t.Errorf("no field %s in %v", f.Path, flat)
		}
	}
	rotated, err := EditOf(DriftSecret, 0, nil)
	if err != nil || Flat(rotated.Objects[0])[Credentials().Path] != Rotated {
		t.Errorf("no field %s in %v, %v", Credentials().Path, rotated, err)
	}
}
