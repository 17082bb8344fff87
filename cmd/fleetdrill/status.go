package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/control"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// fleetStatus and regionStatus are what `status --json` prints.
type fleetStatus struct {
	Name string `json:"name"`
	On   string `json:"on"`
	// DrivenBy is the process that drives the fleet now; 0 when none does.
	DrivenBy int `json:"driven_by,omitempty"`
	// Visitors is where people can ask as users of the drill that runs on it; "" where none does.
	Visitors string         `json:"visitors,omitempty"`
	Made     time.Time      `json:"made"`
	Regions  []regionStatus `json:"regions"`
}

type regionStatus struct {
	Name  string `json:"name"`
	Thing string `json:"thing"` // the cluster's or process's name
	// Answers is whether it answered; nil where it was not asked, as only who drives the fleet knows where it listens.
	Answers *bool  `json:"answers"`
	Detail  string `json:"detail,omitempty"`
}

// word is what is known of the region.
func (r regionStatus) word() string {
	switch {
	case r.Answers == nil:
		return "runs   "
	case *r.Answers:
		return "answers"
	default:
		return "silent "
	}
}

// noFleet is what is said where there is nothing to show or stop.
const noFleet = "No fleetdrill fleet is running."

// statusTimeout bounds the question to each region.
const statusTimeout = 2 * time.Second

func newStatusCommand(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the fleets that run, and whether their regions answer",
		Args:  shipped.Nothing,
		RunE: func(cmd *cobra.Command, _ []string) error {
			state, err := s.state()
			if err != nil {
				return err
			}
			records, broken := record.List(state)
			all := []fleetStatus{}
			for _, r := range records {
				all = append(all, s.look(cmd.Context(), r))
			}
			out := cmd.OutOrStdout()
			if asJSON {
				enc := json.NewEncoder(out)
				enc.SetIndent("", "  ")
				return errors.Join(enc.Encode(all), brokenRecords(broken))
			}
			if len(all) == 0 && broken == nil {
				fmt.Fprintln(out, noFleet)
			}
			for _, f := range all {
				fmt.Fprintf(out, "%s on %s, started %s", f.Name, f.On, f.Made.Local().Format(time.DateTime))
				if f.DrivenBy != 0 {
					fmt.Fprintf(out, ", driven by process %d", f.DrivenBy)
				}
				fmt.Fprintln(out)
				if f.Visitors != "" {
					fmt.Fprintf(out, "  ask as a user: %s\n", f.Visitors)
				}
				for _, r := range f.Regions {
					fmt.Fprintf(out, "  %-14s %s  %s", r.Name, r.word(), r.Thing)
					if r.Detail != "" {
						fmt.Fprintf(out, " · %s", r.Detail)
					}
					fmt.Fprintln(out)
				}
			}
			return brokenRecords(broken)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func brokenRecords(err error) error {
	if err == nil {
		return nil
	}
	return exitError{code: exitFleet, err: err}
}

// look asks every region of a recorded fleet.
func (s *settings) look(ctx context.Context, r record.Record) fleetStatus {
	f := fleetStatus{Name: r.Fleet.Name, On: r.On, Made: r.Made}
	if record.Alive(r.Owner) {
		f.DrivenBy = r.Owner.PID
		f.Visitors = s.visitors(ctx, r.Fleet.Name)
	}
	for _, p := range r.Processes {
		f.Regions = append(f.Regions, lookAtProcess(ctx, p))
	}
	for _, c := range r.Clusters {
		for _, region := range c.RegionNames() {
			who, err := s.askRegion(ctx, r, region)
			f.Regions = append(f.Regions, answered(regionStatus{Name: region, Thing: "cluster " + c.Name}, who, err))
		}
	}
	return f
}

// visitors asks the drill that runs on a fleet where people can ask as its users; "" where none does, or it is of a build that
// does not say.
func (s *settings) visitors(ctx context.Context, fleet string) string {
	state, err := s.state()
	if err != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	a, err := control.Ask(ctx, record.Folder(state, fleet), control.Request{Visitors: true})
	if err != nil {
		return ""
	}
	return a.VisitorURL
}

// lookAtProcess asks the process of a local region. One that runs need not answer: it may be stopped.
func lookAtProcess(ctx context.Context, p record.Process) regionStatus {
	region := regionStatus{Name: p.Region, Thing: fmt.Sprintf("process %d", p.PID)}
	switch {
	case !record.Alive(p):
		return answered(region, "", errors.New("it has ended"))
	case p.Address == "":
		region.Detail = "not asked: only the process that drives the fleet knows where it listens"
		return region
	}
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	who, err := askAddress(ctx, p.Address, p.Region)
	return answered(region, who, err)
}

// answered is a region that was asked, and who answered.
func answered(region regionStatus, who string, err error) regionStatus {
	is := err == nil
	region.Answers, region.Detail = &is, who
	if err != nil {
		region.Detail = err.Error()
	}
	return region
}

func (s *settings) askRegion(ctx context.Context, r record.Record, region string) (who string, err error) {
	make, err := s.makeFleet(r.On, r.Fleet, "", slog.New(slog.DiscardHandler))
	if err != nil {
		return "", err
	}
	f, err := make(func(drill.Body) {})
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	addr, err := f.Address(ctx, region)
	if err != nil {
		return "", err
	}
	return askAddress(ctx, addr, region)
}

// askAddress asks what listens there whether it is the region, and says who answered: where no web replica does, as in a hub
// and in a region whose web tier is scaled to none, its gateway.
func askAddress(ctx context.Context, addr, region string) (who string, err error) {
	client := wire.NewClient(wire.ClientConfig{Base: "http://" + addr, Region: region})
	h, err := client.Health(ctx)
	if err == nil {
		return "web replica " + h.Replica, nil
	}
	if _, live := wire.Live(ctx, client); live != nil {
		return "", err
	}
	return "gateway, no web replica answers", nil
}
