package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/configure"
	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/feeds"
	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/outside"
	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/past"
	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/tty"
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/platforms"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// settings are the flags that several commands share.
type settings struct {
	stops  *tty.Stops
	screen *tty.Outlet // what the screen is written to

	stateDir  string
	nodeImage string
	pgImage   string
	agent     string
	logFile   string
	on        string
	fleet     string
	drill     string
	seed      uint64
	stay      bool   // a fleet that is made is one that outlives this program
	history   string // file for every read and write; "" keeps none
	feeds     feeds.Feeds

	ascii, noColor, calm bool
	theme                string

	// first is what the screen has chosen at first, and keys which keys are the person's own:
	// both are of the settings file alone.
	first tui.Choice
	keys  keys.Table
}

// configure takes from the settings file what no flag says.
func (s *settings) configure(flags *pflag.FlagSet) error {
	f, err := configure.Load()
	if err != nil {
		return err
	}
	if f.Theme != "" && !flags.Changed("theme") {
		s.theme = f.Theme
	}
	if f.ASCII != nil && !flags.Changed("ascii") {
		s.ascii = *f.ASCII
	}
	if f.ReducedMotion != nil && !flags.Changed("reduced-motion") {
		s.calm = *f.ReducedMotion
	}
	s.first = tui.Choice{On: f.On, Fleet: f.Fleet, Drill: f.Drill}
	s.keys, err = f.Keyed(keys.New(action.All))
	return err
}

func (s *settings) addFlags(f *pflag.FlagSet) {
	f.StringVar(&s.stateDir, "state-dir", "", "where fleetdrill records what is its own (default $XDG_STATE_HOME/fleetdrill)")
	f.StringVar(&s.nodeImage, "node-image", os.Getenv("FLEETDRILL_NODE_IMAGE"), "kind's node image (default $FLEETDRILL_NODE_IMAGE, else kind's own default, else the newest kindest/node that the engine has)")
	f.StringVar(&s.pgImage, "postgres-image", os.Getenv("FLEETDRILL_POSTGRES_IMAGE"), "image whose PostgreSQL datasets of engine postgres use in a fleet of containers (default $FLEETDRILL_POSTGRES_IMAGE, else "+platforms.DefaultPostgresImage+")")
	f.StringVar(&s.agent, "agent", "", "the regions' `program` (default $FLEETDRILL_AGENT, else fleetdrill-agent beside this program, else the one in it)")
	f.StringVar(&s.logFile, "log", "", "write the program's own log to this file")
	f.StringVar(&s.on, "on", "", "what the fleet runs on: "+strings.Join(platforms.Names(), " or ")+" (default: what your settings say, else the first of them that can run here)")
}

func (s *settings) addScreenFlags(f *pflag.FlagSet) {
	f.StringVarP(&s.fleet, "fleet", "f", "", "fleet file, or the name of one that ships: start it at once")
	f.StringVar(&s.drill, "drill", "", "drill file, or the name of one that ships: run it at once")
	f.Uint64Var(&s.seed, "seed", 1, "seed of the users' requests and the links' jitter")
	s.feeds.AddFlags(f, false)
	s.addLookFlags(f)
}

// addLookFlags adds how the screen looks, whatever it shows.
func (s *settings) addLookFlags(f *pflag.FlagSet) {
	f.BoolVar(&s.ascii, "ascii", style.ASCIIOnly(os.Environ()), "draw with ASCII only (by itself where TERM is dumb or the locale, as LC_ALL, LC_CTYPE or LANG say it, is not of UTF-8)")
	f.BoolVar(&s.noColor, "no-color", os.Getenv("NO_COLOR") != "", "no colour (also with NO_COLOR set to anything)")
	f.BoolVar(&s.calm, "reduced-motion", false, "nothing moves that need not")
	f.StringVar(&s.theme, "theme", "auto", "auto (as the terminal is), "+strings.Join(style.Themes(), ", "))
}

// state is the folder of what is ours.
func (s *settings) state() (string, error) {
	if s.stateDir != "" {
		return filepath.Abs(s.stateDir)
	}
	return record.StateDir(os.Getenv)
}

// logger writes to the log file, or nowhere: never to the screen.
func (s *settings) logger() (*slog.Logger, func(), error) {
	if s.logFile == "" {
		return slog.New(slog.DiscardHandler), func() {}, nil
	}
	f, err := os.OpenFile(s.logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the log: %w", err)
	}
	return slog.New(slog.NewJSONHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug})), func() { _ = f.Close() }, nil
}

// makeFleet returns how to make a fleet of that kind, for the engine or `down`. agent
// is the regions' program; "" where none is started.
func (s *settings) makeFleet(on string, spec topology.Fleet, agent string, log *slog.Logger) (func(fleet.Report) (fleet.Platform, error), error) {
	state, err := s.state()
	if err != nil {
		return nil, err
	}
	platform, err := platforms.Find(on)
	if err != nil {
		return nil, fmt.Errorf("--on %s: %w", on, err)
	}
	options := platforms.Options{
		Fleet: spec, StateDir: state, Agent: agent, Build: version, NodeImage: s.nodeImage, PostgresImage: s.pgImage, Stay: s.stay, Logger: log,
	}
	return func(report fleet.Report) (fleet.Platform, error) {
		options.Report = report
		return platform.New(options)
	}, nil
}

// past is where the journals are.
func (s *settings) past() past.Folder { return past.Folder{State: s.state} }

// outside is what the commands of other shells need of these.
func (s *settings) outside() outside.Host {
	return outside.Host{State: s.state, Fleet: func(on string, spec topology.Fleet) (fleet.Platform, error) {
		make, err := s.makeFleet(on, spec, "", slog.New(slog.DiscardHandler))
		if err != nil {
			return nil, err
		}
		return make(func(drill.Body) {})
	}}
}
