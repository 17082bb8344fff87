// Package routing reads what a repository says of the global router: the weights of regions. The router is none of the regions, so this
// stands beside what they run, and no region has it: what the router goes by can be changed in the repository alone.
package routing

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// File is where a repository has it: a ConfigMap of the Name, whose data has the weight of each region, in percent.
const (
	File = "router/routing.yaml"
	Name = "routing"
)

// whole is what weights have to come to, in percent, as in a fleet file, and rounding how far sums of decimal fractions may be from it.
const (
	whole    = 100.0
	rounding = 1e-7
)

// object is the ConfigMap.
type object struct {
	Kind     string `yaml:"kind"`
	Metadata struct {
		Name string `yaml:"name"`
	} `yaml:"metadata"`
	Data map[string]string `yaml:"data"`
}

// Of is the weights in a revision's files, from 0 to 1; nil where they say nothing of them. The error says what is wrong, and would be
// right.
func Of(files map[string][]byte, regions []string) (map[string]float64, error) {
	raw, is := files[File]
	if !is {
		return nil, nil
	}
	var o object
	if err := yaml.Unmarshal(raw, &o); err != nil {
		return nil, fmt.Errorf("%s: %w", File, err)
	}
	if o.Kind != "ConfigMap" || o.Metadata.Name != Name {
		return nil, fmt.Errorf("%s is %s/%s: the router takes ConfigMap/%s", File, o.Kind, o.Metadata.Name, Name)
	}
	weights, err := Read(o.Data, regions)
	if err != nil {
		return nil, fmt.Errorf("%s: ConfigMap/%s: %w", File, Name, err)
	}
	return weights, nil
}

// Read is weights in percent, as text by region, from 0 to 1. A region whose weight is 0 is left out.
func Read(percent map[string]string, regions []string) (map[string]float64, error) {
	out, sum := map[string]float64{}, 0.0
	for _, region := range slices.Sorted(maps.Keys(percent)) {
		if !slices.Contains(regions, region) {
			return nil, fmt.Errorf("the fleet has no region %.70q; it has %s", region, strings.Join(regions, ", "))
		}
		n, err := strconv.ParseFloat(strings.TrimSuffix(percent[region], "%"), 64)
		if err != nil || !(n >= 0 && n <= whole) {
			return nil, fmt.Errorf("%s has weight %.40q: give percent, from 0 to 100", region, percent[region])
		}
		sum += n
		if n > 0 {
			out[region] = n / whole
		}
	}
	if math.Abs(sum-whole) > rounding {
		return nil, fmt.Errorf("weights are %s%% together: they have to be 100%%", Percent(sum/whole))
	}
	return out, nil
}

// Text is weights as a person writes them, in the regions' order: "us-east=70 eu-west=30".
func Text(weights map[string]float64, regions []string) string {
	var parts []string
	for _, r := range regions {
		parts = append(parts, r+"="+Percent(weights[r]))
	}
	return strings.Join(parts, " ")
}

// Percent is a share in percent, as exactly as it is written.
func Percent(share float64) string {
	return strconv.FormatFloat(math.Round(share*whole*1e6)/1e6, 'f', -1, 64)
}

// Begin is the file of a fleet that begins with those weights.
func Begin(weights map[string]float64, regions []string) []byte {
	var b strings.Builder
	b.WriteString("# Which share of each population's requests the global router sends to a region, in percent, 100 together. No region has this object.\n" +
		"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + Name + "\ndata:\n")
	for _, r := range regions {
		fmt.Fprintf(&b, "  %s: %q\n", r, Percent(weights[r]))
	}
	return []byte(b.String())
}
