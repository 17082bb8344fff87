package config

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// What a region refuses by what it runs.
const (
	RefusesAll     = "all"     // every request of its users
	RefusesWrites  = "writes"  // every write of its users
	RefusesDataset = "dataset" // writes of one dataset that it leads, whoever sends them
	RefusesRegions = "regions" // to ask other regions: writes on their way, and what it copies
	// RefusesOthers is writes that another region passes on, and has its own refused there, unless that refuses them too: of two
	// whose credentials were rotated by hand each takes the other's.
	RefusesOthers = "others"
)

// Restriction is one thing that a region refuses by its objects. It is the one rule of what a configuration costs who is sent, or
// fails over, to a region: predictions, the screen and whoever asks whether a region is ready go by it.
type Restriction struct {
	Kind    string // one of the above
	Dataset string // of RefusesDataset
	// Why is what of its objects does that, after the region's name: "no role lets orders be written".
	Why string
	// Drifted says that the region's revision does not want it so: somebody did that by hand.
	Drifted bool
}

// Restrictions is what a region refuses, as far as news has told of its objects: what stood in the repository from the beginning is
// taken for right. In the order of the kinds.
func (s *State) Restrictions(region string) []Restriction {
	r := s.Region(region)
	if r == nil {
		return nil
	}
	return restrictions(r.has, s.Open(region))
}

// RestrictionsWith is what the region would refuse once those fields were as they are wanted, whether a revision or somebody by hand
// wants it. With what is drifted (Open) among them, that is put right before.
func (s *State) RestrictionsWith(region string, fields []Field) []Restriction {
	then := Region{}
	if r := s.Region(region); r != nil {
		then.has = maps.Clone(r.has)
	}
	then.take(fields, Field.wanted)
	return restrictions(then.has, nil)
}

// CapacityOf is the requests per second that each web replica of a region takes by its objects, 0 for any number; false where no
// news has changed what the fleet file says.
func (s *State) CapacityOf(region string) (perSecond float64, told bool) {
	r := s.Region(region)
	if r == nil {
		return 0, false
	}
	perSecond, err := strconv.ParseFloat(r.has[Variable(EnvCapacity).String()], 64)
	return perSecond, err == nil
}

// VersionOf is what a region's web tier runs by its objects; "" where that is not known.
func (s *State) VersionOf(region string) string {
	if r := s.Region(region); r != nil {
		return r.has[Variable(EnvVersion).String()]
	}
	return ""
}

// SecretOf is the Secret with whose credentials a region's web tier writes at others, by its objects; "" where that is not known.
func (s *State) SecretOf(region string) string {
	if r := s.Region(region); r != nil {
		return r.has[Credentials().String()]
	}
	return ""
}

// Variable is the value of one of the web tier's variables.
func Variable(name string) Field {
	return webField("spec.template.spec.containers[" + Container + "].env[" + name + "].value")
}

// Credentials is the name of the Secret with which the web tier writes.
func Credentials() Field {
	return webField("spec.template.spec.containers[" + Container + "].env[" + EnvCredentials + "].valueFrom.secretKeyRef.name")
}

// Replicas is the number of web replicas.
func Replicas() Field { return webField("spec.replicas") }

// FlagField is a feature flag.
func FlagField(name string) Field {
	return Field{Object: Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: Namespace, Name: Features}, Path: "data." + name}
}

func webField(path string) Field {
	return Field{Object: Ref{APIVersion: "apps/v1", Kind: "Deployment", Namespace: Namespace, Name: Web}, Path: path}
}

// take keeps fields as news has them.
func (r *Region) take(fields []Field, value func(Field) string) {
	for _, f := range fields {
		if r.has == nil {
			r.has = map[string]string{}
		}
		r.has[f.String()] = value(f)
	}
}

func (f Field) wanted() string { return f.Wanted }
func (f Field) actual() string { return f.Actual }

// restrictions reads them out of fields as they are; open is those that are not as the revision wants them.
func restrictions(has map[string]string, open []Field) (out []Restriction) {
	add := func(key string, r Restriction) {
		r.Drifted = slices.ContainsFunc(open, func(f Field) bool { return f.String() == key })
		out = append(out, r)
	}
	version := Variable(EnvVersion).String()
	if is := has[version]; Fails(is) {
		add(version, Restriction{Kind: RefusesAll, Why: "version " + is + " of its web tier fails every request"})
	}
	if flag := FlagField(FlagReadOnly).String(); has[flag] == "true" {
		add(flag, Restriction{Kind: RefusesWrites, Why: "the flag " + FlagReadOnly + " refuses its users' writes"})
	}
	said := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(has)) {
		kind, name, _ := strings.Cut(key, "/")
		dataset, is := strings.CutPrefix(name, Writer)
		if strings.Contains(name, " ") { // a field of it
			continue
		}
		if (kind == "Role" || kind == "RoleBinding") && is && has[key] == "" && !said[dataset] {
			said[dataset] = true
			add(key, Restriction{Kind: RefusesDataset, Dataset: dataset, Why: "no role lets " + dataset + " be written"})
		}
	}
	if key := "NetworkPolicy/" + Regions; gone(has, key) {
		add(key, Restriction{Kind: RefusesRegions, Why: "no network policy lets it talk to other regions"})
	}
	if key := Credentials().String(); has[key] == Rotated {
		add(key, Restriction{Kind: RefusesOthers, Why: "other regions take none of its writes, and it none of theirs: its credentials were rotated by hand"})
	}
	return out
}

func gone(has map[string]string, key string) bool {
	value, told := has[key]
	return told && value == ""
}
