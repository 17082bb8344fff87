// Package change makes a commit's files of a change in words: "version v2", "replicas 3 in eu-west", "flag read-only true". Comments
// and everything else that stands in the files stay.
package change

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/routing"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Change is what is to be changed, to what, and where.
type Change struct {
	What   string // one of Whats
	Name   string // of a flag
	To     string
	Region string // "" is all regions: the base
	// Weights is each region's, from 0 to 1, where those are changed; To is the same in words.
	Weights map[string]float64
}

// What can be changed.
const (
	Version  = "version"
	Replicas = "replicas"
	Capacity = "capacity"
	Flag     = "flag"
	Secret   = "secret"
	Weights  = "weights" // of regions, by which the global router goes
)

// Whats is all that can be changed, each as a person writes it.
func Whats() []string {
	return []string{"version v2", "replicas 3 in eu-west", "capacity 120", "flag read-only true", "secret web-credentials-2", "weights us-east=0 eu-west=100"}
}

// plain is what a version, a flag, its value or a Secret may be called: it stands in YAML as it is.
var plain = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,60}[a-z0-9])?$`)

// Parse reads a change as a person writes it. The error says what would be right.
func Parse(words string, regions []string) (c Change, err error) {
	fields := strings.Fields(words)
	if n := len(fields); n > 2 && fields[n-2] == "in" {
		if c.Region = fields[n-1]; !slices.Contains(regions, c.Region) {
			return c, fmt.Errorf("the fleet has no region %q; it has %s", c.Region, strings.Join(regions, ", "))
		}
		fields = fields[:n-2]
	}
	if len(fields) > 1 && fields[0] == Weights {
		return weights(c, fields[1:], regions)
	}
	wrong := fmt.Errorf("%q is no change; write one like %s", words, strings.Join(Whats(), ", or "))
	if len(fields) == 3 && fields[0] == Flag {
		c.Name, fields = fields[1], []string{Flag, fields[2]}
	}
	if len(fields) != 2 {
		return c, wrong
	}
	c.What, c.To = fields[0], fields[1]
	switch c.What {
	case Replicas:
		if n, err := strconv.Atoi(c.To); err != nil || n < 0 || n > topology.MostWebReplicas {
			return c, fmt.Errorf("replicas %s: a region has 0 to %d", c.To, topology.MostWebReplicas)
		}
	case Capacity:
		c.To = strings.TrimSuffix(c.To, "/s")
		if _, is := config.CapacityOf(c.To); !is {
			return c, fmt.Errorf("capacity %q: give requests per second of one replica, 0 for any number", c.To)
		}
	case Flag, Version, Secret:
		if !plain.MatchString(c.To) || c.What == Flag && !plain.MatchString(c.Name) {
			return c, fmt.Errorf("%q: write it with lower-case letters, digits, dots and hyphens", words)
		}
	default:
		return c, wrong
	}
	return c, nil
}

// weights reads which share of users each region is to have. A region that is left out has none.
func weights(c Change, fields, regions []string) (Change, error) {
	if c.Region != "" {
		return c, fmt.Errorf("weights are the global router's, not those of %s: leave “in %s” out", c.Region, c.Region)
	}
	data := map[string]string{}
	for _, f := range fields {
		region, percent, is := strings.Cut(f, "=")
		if _, twice := data[region]; !is || twice {
			return c, fmt.Errorf("%.70q: give each region its weight once, like us-east=0 eu-west=100", f)
		}
		data[region] = percent
	}
	of, err := routing.Read(data, regions)
	if err != nil {
		return c, err
	}
	c.What, c.Weights = Weights, of
	c.To = routing.Text(of, regions)
	return c, nil
}

// Fields is what the change makes of a region's objects, each field as it is wanted then.
func (c Change) Fields() []config.Field {
	var f config.Field
	switch c.What {
	case Replicas:
		f = config.Replicas()
	case Capacity:
		f = config.Variable(config.EnvCapacity)
	case Version:
		f = config.Variable(config.EnvVersion)
	case Flag:
		f = config.FlagField(c.Name)
	case Secret:
		f = config.Credentials()
	default: // weights, which no region has
		return nil
	}
	f.Wanted = c.To
	return []config.Field{f}
}

// String is the change as a commit's subject says it.
func (c Change) String() string {
	what := c.What
	if c.Name != "" {
		what += " " + c.Name
	}
	if c.Region == "" {
		return fmt.Sprintf("Set %s to %s", what, c.To)
	}
	return fmt.Sprintf("Set %s to %s in %s", what, c.To, c.Region)
}

// folder is where a change goes.
func (c Change) folder() string {
	if c.Region == "" {
		return "base"
	}
	return path.Join("overlays", c.Region)
}

// Files is the files that the change leaves another content to.
func (c Change) Files(files map[string][]byte, regions []string) (map[string][]byte, error) {
	switch c.What {
	case Replicas:
		return c.replicas(files, regions)
	case Weights:
		return edit(files, routing.File, func(doc *yaml.RNode) error {
			for _, region := range regions {
				if err := doc.PipeE(yaml.LookupCreate(yaml.ScalarNode, "data", region), yaml.Set(quoted(routing.Percent(c.Weights[region])))); err != nil {
					return err
				}
			}
			return nil
		})
	case Flag:
		return edit(files, path.Join(c.folder(), "features.yaml"), func(doc *yaml.RNode) error {
			return doc.PipeE(yaml.LookupCreate(yaml.ScalarNode, "data", c.Name), yaml.Set(quoted(c.To)))
		})
	}
	return edit(files, path.Join(c.folder(), "web.yaml"), c.variable)
}

// quoted is a string that YAML would else take for a number or a truth.
func quoted(s string) *yaml.RNode {
	return yaml.NewRNode(&yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagString, Value: s, Style: yaml.DoubleQuotedStyle})
}

// replicas are in the overlays alone: kustomize sets them there.
func (c Change) replicas(files map[string][]byte, regions []string) (map[string][]byte, error) {
	if c.Region != "" {
		regions = []string{c.Region}
	}
	out := map[string][]byte{}
	for _, region := range regions {
		made, err := edit(files, path.Join("overlays", region, "kustomization.yaml"), func(doc *yaml.RNode) error {
			return doc.PipeE(yaml.LookupCreate(yaml.SequenceNode, "replicas"),
				yaml.ElementMatcher{Keys: []string{"name"}, Values: []string{config.Web}, Create: yaml.NewMapRNode(nil)},
				yaml.SetField("count", yaml.NewRNode(&yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagInt, Value: c.To})))
		})
		if err != nil {
			return nil, err
		}
		for name, content := range made {
			out[name] = content
		}
	}
	return out, nil
}

// variable sets one of the web tier's variables.
func (c Change) variable(doc *yaml.RNode) error {
	name := map[string]string{Version: config.EnvVersion, Capacity: config.EnvCapacity, Secret: config.EnvCredentials}[c.What]
	env, err := doc.Pipe(yaml.LookupCreate(yaml.SequenceNode, "spec", "template", "spec", "containers", "[name="+config.Container+"]", "env"))
	if err != nil {
		return err
	}
	env.YNode().Style = 0
	variable, err := env.Pipe(yaml.ElementMatcher{Keys: []string{"name"}, Values: []string{name}, Create: yaml.MustParse("name: " + name)})
	if err != nil {
		return err
	}
	if c.What == Secret {
		for key, value := range map[string]string{"name": c.To, "key": "password"} {
			if err := variable.PipeE(yaml.LookupCreate(yaml.ScalarNode, "valueFrom", "secretKeyRef", key), yaml.Set(yaml.NewStringRNode(value))); err != nil {
				return err
			}
		}
		return nil
	}
	return variable.PipeE(yaml.SetField("value", quoted(c.To)))
}

// edit changes the one document of a file.
func edit(files map[string][]byte, name string, do func(*yaml.RNode) error) (map[string][]byte, error) {
	raw, is := files[name]
	if !is {
		return nil, fmt.Errorf("the repository has no %s, where this change would go; commit it with git", name)
	}
	doc, err := yaml.Parse(string(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: this is not YAML: %w", name, err)
	}
	was, err := doc.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := do(doc); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if is, err := doc.MarshalJSON(); err == nil && bytes.Equal(was, is) {
		return map[string][]byte{name: raw}, nil // as it is, to the last blank
	}
	text, err := doc.String()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return map[string][]byte{name: []byte(text)}, nil
}
