package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/agent"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

const (
	// tokenVariable holds the fleet's secret. There is no flag for it: a command
	// line can be read by every user of the machine.
	tokenVariable = "FLEETDRILL_TOKEN"
	// stopTimeout is how long a region that was asked to stop finishes what it serves.
	stopTimeout = time.Second
	// orphaned is the exit code of a region whose parent has gone.
	orphaned = 4
)

// regionFlags is what `fleetdrill region` is told.
type regionFlags struct {
	config        agent.Config
	role          string
	dieWithParent bool
	log           string
}

func newRegionCommand() *cobra.Command {
	var f regionFlags
	cmd := &cobra.Command{
		Use:   "region --region NAME --listen HOST:PORT",
		Short: "Run a region's agent (fleets start it themselves)",
		Long: `Run what is inside a region: its gateway, its web replicas and its store, or one of them.

Fleets start it themselves. The fleet's secret is taken from ` + tokenVariable + `. Once it listens
it prints one line of JSON on standard output: {"region":…,"addr":"host:port","pid":…}.`,
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runRegion(cmd.Context(), f, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags, c := cmd.Flags(), &f.config
	flags.StringVar(&c.Region, "region", "", "the region's `name`")
	flags.StringVar(&f.role, "role", string(agent.RoleAll), "all, gateway, web or store")
	flags.StringVar(&c.Listen, "listen", "127.0.0.1:0", "`host:port` to listen on; port 0 picks one")
	flags.StringVar(&c.Data, "data", "", "`folder` of the replicas (roles all and store)")
	flags.IntVar(&c.Replicas, "web-replicas", 1, "web replicas of the region (role web: to take its share of the capacity)")
	flags.Float64Var(&c.Capacity, "capacity", 0, "requests per second that the region's web tier takes; above it they are shed with 503; 0 is unlimited")
	flags.StringVar(&c.Replica, "replica", "", "this web replica's `name` (role web; default the host's name)")
	flags.StringVar(&c.Gateway, "gateway-url", "", "base `URL` of the region's gateway (roles web and store)")
	flags.StringSliceVar(&c.Web, "web-url", nil, "base `URL` of each web replica, or of one service in front of them (role gateway)")
	flags.StringVar(&c.Store, "store-url", "", "base `URL` of the region's store (role gateway)")
	flags.DurationVar(&c.WriteTimeout, "write-timeout", agent.DefaultWriteTimeout, "how long to wait for the authority's answer to a write")
	flags.BoolVar(&f.dieWithParent, "die-with-parent", false, "exit at once when standard input, a pipe that the parent holds, ends")
	flags.StringVar(&f.log, "log", "", "`file` to append the log to (JSON Lines; default standard error)")
	_ = cmd.MarkFlagRequired("region") // fails only for a flag that does not exist
	return cmd
}

// runRegion runs an agent until ctx ends (a signal), then stops it gracefully.
func runRegion(ctx context.Context, f regionFlags, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	if f.dieWithParent {
		go agent.WithParent(stdin, func() { os.Exit(orphaned) })
	}
	logTo := stderr
	if f.log != "" {
		file, failed := os.OpenFile(f.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if failed != nil {
			return fmt.Errorf("open the log of region %s: %w", f.config.Region, failed)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		logTo = file
	}
	c := f.config
	c.Role, c.Token = agent.Role(f.role), os.Getenv(tokenVariable)
	c.Logger = slog.New(slog.NewJSONHandler(logTo, nil))
	if c.Run, err = newRun(); err != nil {
		return err
	}
	if c.Replica == "" && c.Role == agent.RoleWeb {
		if c.Replica, err = os.Hostname(); err != nil {
			return fmt.Errorf("name of this web replica (or give --replica): %w", err)
		}
	}
	a, err := agent.Start(c)
	if err != nil {
		return err
	}
	defer func() {
		stopping, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		if stopped := a.Close(stopping); stopped != nil {
			c.Logger.Warn("stopped with requests unfinished", "error", stopped)
		}
	}()
	if err := announce(stdout, c.Region, a.Addr()); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-a.Failed():
		return err
	}
}

// announce says where the agent listens, once it does.
func announce(w io.Writer, region, addr string) error {
	line, err := json.Marshal(wire.Announcement{Region: region, Addr: dialable(addr), PID: os.Getpid()})
	if err != nil {
		return fmt.Errorf("announce region %s: %w", region, err)
	}
	if _, err := w.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("announce region %s: %w", region, err)
	}
	return nil
}

// dialable names the loopback for an agent that listens on every address.
func dialable(addr string) string {
	ap, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil || !ap.IP.IsUnspecified() {
		return addr
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(ap.Port))
}

// newRun is an id that no other run of an agent has.
func newRun() (string, error) {
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		return "", fmt.Errorf("random run id: %w", err)
	}
	return hex.EncodeToString(id[:]), nil
}
