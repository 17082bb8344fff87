package config

import (
	"fmt"
	"slices"
	"strings"
)

// Kinds of drift: what people change by hand in one region.
const (
	DriftScale  = "scale"  // another number of web replicas
	DriftFlag   = "flag"   // a feature flag: the region refuses its users' writes
	DriftPolicy = "policy" // the network policy is dropped by which the region may talk to others
	DriftRole   = "role"   // the web tier loses the role by which it may write
	DriftSecret = "secret" // the credentials are rotated with which the web tier writes, in this region alone
)

// DriftKinds are all that there are.
func DriftKinds() []string {
	return []string{DriftScale, DriftFlag, DriftPolicy, DriftRole, DriftSecret}
}

// Rotated is the Secret that a rotation by hand makes the web tier write with.
const Rotated = "web-credentials-by-hand"

// FirstSecret is the Secret that a repository names which was made of a fleet file.
const FirstSecret = "web-credentials-1"

// By is the field manager under which a person's kubectl edit changes a field.
const By = "kubectl-edit"

// Edit is what a person changes in a region by hand: fields of objects, and objects that go.
type Edit struct {
	Objects []Object
	Delete  []Ref
}

// Said is what a kind of drift does, in a few words.
func Said(kind string, replicas int) string {
	switch kind {
	case DriftScale:
		return fmt.Sprintf("its web tier is scaled to %d", replicas)
	case DriftFlag:
		return "the flag " + FlagReadOnly + " is on: its users' writes are refused"
	case DriftPolicy:
		return "the network policy is gone by which it talks to other regions"
	}
	if kind == DriftSecret {
		return "its web tier writes with other credentials: other regions take none of its writes, and it none of theirs"
	}
	return "the role is gone by which its datasets may be written"
}

// EditOf is a kind of drift as what is changed; replicas is of DriftScale alone, datasets of DriftRole.
func EditOf(kind string, replicas int, datasets []string) (Edit, error) {
	switch kind {
	case DriftScale:
		return Edit{Objects: []Object{Scaled(replicas)}}, nil
	case DriftFlag:
		flags := governed("v1", "ConfigMap", Features)
		flags["data"] = map[string]any{FlagReadOnly: "true"}
		return Edit{Objects: []Object{flags}}, nil
	case DriftPolicy:
		return Edit{Delete: []Ref{{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy", Namespace: Namespace, Name: Regions}}}, nil
	case DriftSecret:
		web := governed("apps/v1", "Deployment", Web)
		secret := map[string]any{"name": Rotated, "key": "password"}
		env := map[string]any{"name": EnvCredentials, "valueFrom": map[string]any{"secretKeyRef": secret}}
		container := map[string]any{"name": Container, "env": []any{env}}
		web["spec"] = map[string]any{"template": map[string]any{"spec": map[string]any{"containers": []any{container}}}}
		return Edit{Objects: []Object{web}}, nil
	case DriftRole:
		e := Edit{}
		for _, d := range datasets {
			e.Delete = append(e.Delete, Ref{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "RoleBinding", Namespace: Namespace, Name: Writer + d})
		}
		return e, nil
	}
	return Edit{}, fmt.Errorf("%q is no kind of drift: it is one of %s", kind, strings.Join(slices.Sorted(slices.Values(DriftKinds())), ", "))
}

// Fields is what the edit leaves, each field as it is wanted then; "" of what goes.
func (e Edit) Fields() (out []Field) {
	for _, o := range e.Objects {
		ref, err := RefOf(o)
		if err != nil {
			continue
		}
		for path, value := range Flat(o) {
			out = append(out, Field{Object: ref, Path: path, Wanted: value, Who: By})
		}
	}
	for _, ref := range e.Delete {
		out = append(out, Field{Object: ref, Actual: "there", Who: By})
	}
	return out
}

// Scaled is the web tier's Deployment with another number of replicas, and nothing else said of it.
func Scaled(replicas int) Object {
	o := governed("apps/v1", "Deployment", Web)
	o["spec"] = map[string]any{"replicas": float64(replicas)}
	return o
}

func governed(api, kind, name string) Object {
	return Object{"apiVersion": api, "kind": kind, "metadata": map[string]any{"name": name, "namespace": Namespace}}
}
