package outside

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/control"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Host is what these commands need of the program around them.
type Host struct {
	// State is the folder of what is ours.
	State func() (string, error)
	// Fleet is a fleet that is not brought up: it answers from its record.
	Fleet func(on string, spec topology.Fleet) (fleet.Platform, error)
}

// Commands is write, read, preflight, kubeconfig and psql.
func Commands(h Host) []*cobra.Command {
	return []*cobra.Command{write(h), read(h), ready(h), kubeconfig(h), psql(h)}
}

// ErrNotConfirmed is the end of a write that nobody confirmed, which has been said already.
var ErrNotConfirmed = errors.New("the write was not confirmed")

// theFleet is the fleet on record that a command from another shell is about: the one that is
// named, the only one, or the only one that is driven now.
func (h Host) theFleet(name string) (record.Record, error) {
	state, err := h.State()
	if err != nil {
		return record.Record{}, err
	}
	records, broken := record.List(state)
	var names []string
	var driven []record.Record
	for _, r := range records {
		if r.Fleet.Name == name {
			return r, nil
		}
		names = append(names, r.Fleet.Name)
		if record.Alive(r.Owner) {
			driven = append(driven, r)
		}
	}
	switch {
	case len(records) == 0:
		return record.Record{}, errors.Join(errors.New("no fleet is up; start a drill with `fleetdrill`, or `fleetdrill run DRILL`"), broken)
	case name != "":
		return record.Record{}, fmt.Errorf("--fleet %s: no such fleet is up; name %s", name, format.Or(names))
	case len(records) == 1:
		return records[0], nil
	case len(driven) == 1:
		return driven[0], nil
	}
	return record.Record{}, fmt.Errorf("several fleets are up: name %s with --fleet", format.Or(names))
}

// ask asks the drill that runs on a fleet.
func (h Host) ask(ctx context.Context, r record.Record, q control.Request) (control.Answer, error) {
	state, err := h.State()
	if err != nil {
		return control.Answer{}, err
	}
	a, err := control.Ask(ctx, record.Folder(state, r.Fleet.Name), q)
	switch {
	case errors.Is(err, control.ErrNobody) && record.Alive(r.Owner):
		return a, fmt.Errorf("the drill on %s takes no commands: its fleet is still coming up, or it is over; try again in a moment, or press a on its result", r.Fleet.Name)
	case errors.Is(err, control.ErrNobody):
		return a, fmt.Errorf("%s is up and no drill runs on it, so nobody answers; start one with `fleetdrill --fleet %s --on %s`, and ask again from here", r.Fleet.Name, r.Fleet.Name, r.On)
	case err != nil:
		return a, err
	case a.Error != "" && a.Next != "":
		return a, fmt.Errorf("%s; %s", a.Error, a.Next)
	case a.Error != "":
		return a, errors.New(a.Error)
	}
	return a, nil
}

// console is how a person steps into a fleet on record by hand.
func (h Host) console(r record.Record) (fleet.Console, error) {
	f, err := h.Fleet(r.On, r.Fleet)
	if err != nil {
		return nil, err
	}
	c, is := f.(fleet.Console)
	if !is {
		return nil, fmt.Errorf("a fleet on %s can't be stepped into", r.On)
	}
	return c, nil
}

// cannot is a platform's refusal as a command line says it: why, and what to do instead.
func cannot(err error) error {
	var c *fleet.Cannot
	if errors.As(err, &c) {
		return fmt.Errorf("%s; %s", c.Why, c.Next)
	}
	return err
}

// noRegion refuses a region that a fleet has not.
func noRegion(f topology.Fleet, name string) error {
	return fmt.Errorf("fleet %s has no region %q; name %s", f.Name, name, format.Or(f.RegionNames()))
}

// datasetOf finds a dataset of a fleet by its name.
func datasetOf(f topology.Fleet, name string) (topology.Dataset, error) {
	i := slices.IndexFunc(f.Datasets, func(d topology.Dataset) bool { return d.Name == name })
	if i < 0 {
		return topology.Dataset{}, fmt.Errorf("fleet %s has no dataset %q; name %s", f.Name, name, format.Or(datasetNames(f)))
	}
	return f.Datasets[i], nil
}

func datasetNames(f topology.Fleet) (names []string) {
	for _, d := range f.Datasets {
		names = append(names, d.Name)
	}
	return names
}

func populationNames(f topology.Fleet) (names []string) {
	for _, p := range f.Users {
		names = append(names, p.Name)
	}
	return names
}

// fleetFlag adds --fleet to a command about a fleet that is up.
func (h Host) fleetFlag(cmd *cobra.Command, name *string) {
	cmd.Flags().StringVarP(name, "fleet", "f", "", "the fleet, where several are up")
	_ = cmd.RegisterFlagCompletionFunc("fleet", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		state, err := h.State()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []string
		records, _ := record.List(state)
		for _, r := range records {
			names = append(names, r.Fleet.Name+"\ton "+r.On)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
}

// completes completes the arguments of a command about a fleet that is up, each from the fleet's
// own names.
func (h Host) completes(name *string, of ...func(topology.Fleet) []string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		r, err := h.theFleet(*name)
		if err != nil || len(args) >= len(of) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var fit []string
		for _, n := range of[len(args)](r.Fleet) {
			if strings.HasPrefix(n, begun) {
				fit = append(fit, n)
			}
		}
		return fit, cobra.ShellCompDirectiveNoFileComp
	}
}
