package config

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Object is a Kubernetes object, as JSON decodes it.
type Object map[string]any

// Ref names an object. Namespace is "" of what is in none.
type Ref struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
}

// String is the object as kubectl names it: "Deployment/web".
func (r Ref) String() string { return r.Kind + "/" + r.Name }

// The label by which objects are known that came from the repository. What lacks it is never changed and never removed.
const (
	LabelManaged = "app.kubernetes.io/managed-by"
	ManagedHere  = "fleetdrill-config"
)

// Manager is the field manager under which reconcilers apply.
const Manager = "fleetdrill-reconciler"

// RefOf is an object's name; an error where it has none.
func RefOf(o Object) (Ref, error) {
	api, _ := o["apiVersion"].(string)
	kind, _ := o["kind"].(string)
	name, _ := At(o, "metadata", "name").(string)
	namespace, _ := At(o, "metadata", "namespace").(string)
	if api == "" || kind == "" || name == "" {
		return Ref{}, fmt.Errorf("an object has apiVersion %q, kind %q and name %q: it needs all three", api, kind, name)
	}
	return Ref{APIVersion: api, Kind: kind, Namespace: namespace, Name: name}, nil
}

// Typed is an object with the type that it does not say itself: a list says it once for all of its items.
func Typed(o Object, apiVersion, kind string) Object {
	o["apiVersion"], o["kind"] = apiVersion, kind
	return o
}

// Ours reports whether an object carries the label of what came from the repository.
func Ours(o Object) bool { return At(o, "metadata", "labels", LabelManaged) == ManagedHere }

// At is what an object has below a path of keys; nil where there is none.
func At(o Object, path ...string) any {
	var here any = map[string]any(o)
	for _, key := range path {
		below, is := here.(map[string]any)
		if !is {
			return nil
		}
		here = below[key]
	}
	return here
}

// Canonical is objects as JSON decodes them, in the order in which a cluster can take them: what others refer to first, then by
// kind and name. What cannot be JSON is an error.
func Canonical(objects []Object) ([]Object, error) {
	raw, err := json.Marshal(objects)
	if err != nil {
		return nil, fmt.Errorf("objects that are no JSON: %w", err)
	}
	var out []Object
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("objects that are no JSON: %w", err)
	}
	seen := map[Ref]bool{}
	for _, o := range out {
		ref, err := RefOf(o)
		if err != nil {
			return nil, err
		}
		if seen[ref] {
			return nil, fmt.Errorf("%s is there twice", ref)
		}
		seen[ref] = true
	}
	slices.SortStableFunc(out, func(a, b Object) int {
		x, _ := RefOf(a)
		y, _ := RefOf(b)
		return cmp.Or(cmp.Compare(rank(x.Kind), rank(y.Kind)), strings.Compare(x.Kind, y.Kind), strings.Compare(x.Name, y.Name))
	})
	return out, nil
}

// first is the kinds that others refer to, in the order in which kubectl apply -k takes them.
var first = []string{"Namespace", "ServiceAccount", "Role", "RoleBinding", "ConfigMap", "Secret", "NetworkPolicy"}

func rank(kind string) int {
	if i := slices.Index(first, kind); i >= 0 {
		return i
	}
	return len(first)
}

// Copy is an object that shares nothing with the one it is made of.
func Copy(o Object) Object {
	return Object(copied(map[string]any(o)).(map[string]any))
}

func copied(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = copied(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = copied(x)
		}
		return out
	}
	return v
}
