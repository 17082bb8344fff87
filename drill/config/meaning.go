package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Names of the objects that a region's workload is governed by, and of what stands in them.
const (
	Namespace   = "fleetdrill"
	Web         = "web"      // the Deployment of the web tier
	Features    = "features" // the ConfigMap of feature flags
	DenyAll     = "deny-all" // the NetworkPolicy by which nothing leaves the region
	Regions     = "regions"  // the NetworkPolicy that says which regions this one may reach all the same
	Writer      = "write-"   // begins the name of a Role, and its RoleBinding, by which the web tier may write a dataset
	Container   = "agent"    // of the Deployment
	LabelRegion = "fleetdrill/region"
	Group       = "fleetdrill.dev" // the API group of datasets, as roles name them

	EnvVersion     = "FLEETDRILL_VERSION"
	EnvCapacity    = "FLEETDRILL_CAPACITY"
	EnvCredentials = "FLEETDRILL_CREDENTIALS"

	// FlagReadOnly is the flag that has a region refuse its users' writes.
	FlagReadOnly = "read-only"
	// BadVersion ends the name of a version with a bug: it starts, says that it is well, and answers users with an error.
	BadVersion = "-bad"
)

// Meaning is what a region takes of its objects for itself. What no object says is not governed: nil.
type Meaning struct {
	Replicas *int     `json:"replicas,omitempty"`
	Version  string   `json:"version,omitempty"`
	Capacity *float64 `json:"capacity,omitempty"` // requests per second of each web replica; 0 is unlimited
	// Secret is the name of the Secret with which the web tier writes.
	Secret string            `json:"secret,omitempty"`
	Flags  map[string]string `json:"flags,omitempty"`
	// Isolated says that there is a policy of what leaves the region: then Reach is all that it may talk to. Without one it may
	// talk to every region, as in any cluster.
	Isolated bool     `json:"isolated,omitempty"`
	Reach    []string `json:"reach,omitempty"`
	// Writers is the datasets that may be written here: what no role is bound for may not be.
	Writers []string `json:"writers,omitempty"`
}

// MeaningOf reads what objects say. The error names the object and the field that cannot be meant.
func MeaningOf(objects []Object) (m Meaning, err error) {
	granted, bound := map[string][]string{}, []string{}
	for _, o := range objects {
		ref, err := RefOf(o)
		if err != nil {
			return m, err
		}
		switch {
		case ref.Kind == "Deployment" && ref.Name == Web:
			err = m.deployment(o)
		case ref.Kind == "ConfigMap" && ref.Name == Features:
			m.Flags = map[string]string{}
			data, _ := At(o, "data").(map[string]any)
			for name, v := range data {
				m.Flags[name] = text(v)
			}
		case ref.Kind == "NetworkPolicy" && has(At(o, "spec", "policyTypes"), "Egress"):
			var to []string
			to, err = reach(o)
			m.Isolated, m.Reach = true, append(m.Reach, to...)
		case ref.Kind == "Role" && strings.HasPrefix(ref.Name, Writer):
			granted[ref.Name] = writes(o)
		case ref.Kind == "RoleBinding":
			role, _ := At(o, "roleRef", "name").(string)
			bound = append(bound, role)
		}
		if err != nil {
			return m, fmt.Errorf("%s: %w", ref, err)
		}
	}
	for _, role := range bound {
		m.Writers = append(m.Writers, granted[role]...)
	}
	slices.Sort(m.Writers)
	slices.Sort(m.Reach)
	return m, nil
}

// Fails reports whether a version has a bug: it says that it is well, and fails every request.
func Fails(version string) bool { return strings.HasSuffix(version, BadVersion) }

// Reaches reports whether the region may talk to another.
func (m Meaning) Reaches(region string) bool { return !m.Isolated || slices.Contains(m.Reach, region) }

// Writes reports whether a dataset may be written in the region.
func (m Meaning) Writes(dataset string) bool { return slices.Contains(m.Writers, dataset) }

func (m *Meaning) deployment(o Object) error {
	if n, is := At(o, "spec", "replicas").(float64); is {
		whole := int(n)
		if float64(whole) != n || whole < 0 {
			return fmt.Errorf("spec.replicas is %v: it takes a whole number from 0 on", n)
		}
		m.Replicas = &whole
	}
	containers, _ := At(o, "spec", "template", "spec", "containers").([]any)
	for _, c := range containers {
		of, _ := c.(map[string]any)
		if of["name"] != Container {
			continue
		}
		env, _ := of["env"].([]any)
		for _, e := range env {
			if err := m.variable(e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *Meaning) variable(e any) error {
	of, _ := e.(map[string]any)
	value, _ := of["value"].(string)
	switch of["name"] {
	case EnvVersion:
		m.Version = value
	case EnvCapacity:
		c, is := CapacityOf(value)
		if !is {
			return fmt.Errorf("%s is %q: it takes requests per second of one replica, up to %d, 0 for any number", EnvCapacity, value, mostCapacity)
		}
		m.Capacity = &c
	case EnvCredentials:
		m.Secret, _ = At(Object(of), "valueFrom", "secretKeyRef", "name").(string)
	}
	return nil
}

// mostCapacity bounds what a replica can be said to take, in requests per second: more than any does, and few enough that sums stay
// numbers. An infinite one could stand in no event.
const mostCapacity = 1_000_000_000

// CapacityOf reads how many requests per second a replica takes; false where the text is no such number.
func CapacityOf(text string) (float64, bool) {
	c, err := strconv.ParseFloat(text, 64)
	return c, err == nil && c >= 0 && c <= mostCapacity
}

// reach is the regions that a policy of egress names by their label.
func reach(o Object) ([]string, error) {
	out := []string{}
	egress, _ := At(o, "spec", "egress").([]any)
	for _, rule := range egress {
		of, _ := rule.(map[string]any)
		to, _ := of["to"].([]any)
		for _, peer := range to {
			p, _ := peer.(map[string]any)
			name, is := At(Object(p), "namespaceSelector", "matchLabels", LabelRegion).(string)
			if !is {
				return nil, fmt.Errorf("spec.egress has a peer that names no region by the label %s of its namespace", LabelRegion)
			}
			out = append(out, name)
		}
	}
	return out, nil
}

// writes is the datasets that a role lets be written.
func writes(o Object) (out []string) {
	rules, _ := o["rules"].([]any)
	for _, r := range rules {
		of, _ := r.(map[string]any)
		if !has(of["apiGroups"], Group) || !has(of["verbs"], "create") {
			continue
		}
		names, _ := of["resourceNames"].([]any)
		for _, n := range names {
			out = append(out, text(n))
		}
	}
	return out
}

func has(list any, what string) bool {
	items, _ := list.([]any)
	return slices.Contains(items, any(what))
}
