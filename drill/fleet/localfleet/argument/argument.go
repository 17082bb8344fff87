// Package argument is how a region's process is told at its start what it is.
package argument

import (
	"strconv"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Region is a region that is about to start.
type Region struct {
	Spec topology.Region
	Port int
	Data string // folder
	// Web is how many web replicas it begins with, Tier what they take.
	Web  int
	Tier topology.Web
	// Config is how it gets what it runs; nil where that is said here.
	Config *topology.Config
	// More is arguments that it takes beside these.
	More []string
}

// List is the arguments.
func List(r Region) []string {
	args := []string{
		"region", "--role", "all", "--region", r.Spec.Name,
		"--listen", "127.0.0.1:" + strconv.Itoa(r.Port), "--data", r.Data, "--queue", r.Tier.Queue.String(), "--die-with-parent",
	}
	args = append(args, r.More...)
	if r.Config != nil {
		if args = append(args, "--governed"); r.Config.Fenced {
			args = append(args, "--fenced")
		}
	} else {
		args = append(args, "--web-replicas", strconv.Itoa(r.Web), "--capacity", strconv.FormatFloat(r.Tier.PerReplica(), 'f', -1, 64))
	}
	if zones := r.Spec.ZoneNames(); len(zones) > 0 {
		args = append(args, "--zones", strings.Join(zones, ","), "--store-zone", r.Spec.ZoneOfStore())
	}
	return args
}
