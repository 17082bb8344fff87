package config

import (
	"slices"
	"time"
)

// Surveyed says what a region runs by the objects that it has, and where they differ from its revision, where that is news. It was
// only looked at: in manual mode nobody puts right what differs.
type Surveyed struct {
	Region   string  `json:"region"`
	Revision string  `json:"revision"`
	Fields   []Field `json:"fields,omitempty"`
	Has      Meaning `json:"has"`
	// Lacks is the datasets that no role there lets be written.
	Lacks []string `json:"lacks,omitempty"`
}

// Survey is the newest of a region, and when it was made.
type Survey struct {
	Surveyed
	At time.Duration
}

// Kind implements News.
func (Surveyed) Kind() string { return "config.surveyed" }

// Shown implements News: a preflight says what of it matters.
func (Surveyed) Shown() bool { return false }

// Fold implements News: what was read back is what the region has, whatever news told before. What differs and nobody told of, somebody
// changed past this drill; what differed and does so no more, somebody put right.
func (b Surveyed) Fold(s *State, at time.Duration) {
	r := s.of(b.Region)
	r.Survey = &Survey{Surveyed: b, At: at}
	r.take(b.runs(), Field.actual)
	r.take(b.Fields, Field.actual)
	if b.Revision != r.Applied {
		return
	}
	for _, d := range s.OpenDrifts(b.Region) {
		if !slices.ContainsFunc(d.Fields, func(f Field) bool { return slices.ContainsFunc(b.Fields, f.same) }) {
			d.Mended = &at
		}
	}
	s.found(b.Region, b.Fields, nil) // no reconciler has seen it
}

// runs is what restrictions go by, as fields.
func (b Surveyed) runs() []Field {
	const there = "there"
	policy := Field{Object: Ref{Kind: "NetworkPolicy", Name: Regions}, Actual: there}
	if b.Has.Isolated && len(b.Has.Reach) == 0 {
		policy.Actual = ""
	}
	version, flag, credentials := Variable(EnvVersion), FlagField(FlagReadOnly), Credentials()
	version.Actual, flag.Actual, credentials.Actual = b.Has.Version, b.Has.Flags[FlagReadOnly], b.Has.Secret
	out := []Field{policy, version, flag, credentials}
	role := func(kind, dataset, is string) {
		out = append(out, Field{Object: Ref{Kind: kind, Name: Writer + dataset}, Actual: is})
	}
	for _, d := range b.Has.Writers {
		role("Role", d, there)
		role("RoleBinding", d, there)
	}
	for _, d := range b.Lacks {
		role("RoleBinding", d, "")
	}
	return out
}

// Had is the objects that a region has, by those that it is to have and by where it differs. What grants something (a role, its
// binding, a network policy) and is not as it is to be is left out: that it still grants it is not known.
func Had(wanted []Object, fields []Field) (out []Object) {
	for _, o := range wanted {
		ref, err := RefOf(o)
		if err != nil {
			continue
		}
		differs := slices.DeleteFunc(slices.Clone(fields), func(f Field) bool { return f.Object != ref })
		missing := slices.ContainsFunc(differs, func(f Field) bool { return f.Path == "" && f.Actual == "" })
		switch grants := ref.Kind == "Role" || ref.Kind == "RoleBinding" || ref.Kind == "NetworkPolicy"; {
		case missing, grants && len(differs) > 0:
			continue
		case len(differs) > 0:
			o = patched(o, differs)
		}
		out = append(out, o)
	}
	return out
}

// patched is an object with the data that it has in place of those that it is to have.
func patched(o Object, differs []Field) Object {
	out := Copy(o)
	data, _ := out["data"].(map[string]any)
	for key := range data {
		for _, f := range differs {
			if f.Path == join("data", key) {
				data[key] = f.Actual
			}
		}
	}
	return out
}
