package fleet

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Console is how a person steps into a region by hand. A platform answers from the fleet's
// record, so it need not have brought the fleet up itself. The error is a *Cannot where there is
// no such thing.
type Console interface {
	// Kubectl is how kubectl and k9s reach the cluster of a region.
	Kubectl(region string) (Kubectl, error)
	// Psql is the command that opens the server of a dataset's replica in a region.
	Psql(ctx context.Context, d topology.Dataset, region string) (Command, error)
}

// Kubectl is a cluster as kubectl takes it: the kubeconfig is the fleet's own.
type Kubectl struct {
	Kubeconfig string // path
	Cluster    string // its name
	Namespace  string // the region's workload's
}

// Command is a program and its arguments.
type Command []string

// String is the command as a shell takes it.
func (c Command) String() string {
	words := make([]string, len(c))
	for i, w := range c {
		words[i] = Quoted(w)
	}
	return strings.Join(words, " ")
}

// Quoted is a word as a shell takes it: as it is where nothing in it means something to a shell.
func Quoted(word string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("/._-+:@%,", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// HasServer refuses a dataset that no database server keeps, or a region that keeps no replica of
// it. The error is a *Cannot.
func HasServer(d topology.Dataset, region string) error {
	engine, _ := store.EngineOf(d.Engine)
	if engine.Server == nil {
		return &Cannot{
			Why:  fmt.Sprintf("%s has the engine %s, in the region's agent: there is no server to open", d.Name, engine.Name),
			Next: fmt.Sprintf("`fleetdrill read %s --last` reads a write of it; three-regions-postgres is a fleet with servers", d.Name),
		}
	}
	if !slices.Contains(d.Regions, region) {
		return &Cannot{Why: fmt.Sprintf("%s keeps no replica of %s", region, d.Name), Next: "name one of " + strings.Join(d.Regions, ", ")}
	}
	return nil
}
