package process

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/agent"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Word is the first argument that a platform passes. The agent's own program does
// without it; fleetdrill takes it as the command that makes it an agent.
const Word = "region"

// usage is the head of --help.
const usage = `Run what is inside a region: its gateway, its web replicas and its store, or one of them.

Platforms start it themselves. The fleet's secret is taken from ` + TokenVariable + `. Once it listens
it prints one line of JSON on standard output: {"region":…,"addr":"host:port","pid":…,"build":…}.

Usage:
  fleetdrill-agent --region NAME --listen HOST:PORT [flags]

Flags:
`

// options is what the command line says.
type options struct {
	config        agent.Config
	dieWithParent bool
	log           string
	version       bool
}

// parse reads the command line. Help goes to w and returns flag.ErrHelp.
func parse(args []string, w io.Writer) (options, error) {
	if len(args) > 0 && args[0] == Word {
		args = args[1:]
	}
	var o options
	flags := flag.NewFlagSet("fleetdrill-agent", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the caller prints the error; help is printed below
	c := &o.config
	role := string(agent.RoleAll)
	flags.StringVar(&c.Region, "region", "", "the region's `name`")
	flags.StringVar(&c.ID, "spiffe-id", "", "the SPIFFE `ID` of the region's gateway, which platforms pass where the fleet has identities (roles all and gateway)")
	flags.StringVar(&role, "role", role, "all, gateway, web, or store")
	flags.StringVar(&c.Listen, "listen", "127.0.0.1:0", "`host:port` to listen on; port 0 picks one")
	flags.StringVar(&c.Data, "data", "", "`folder` of the replicas (roles all and store)")
	flags.IntVar(&c.Replicas, "web-replicas", 1, "web replicas that the region starts with (role all)")
	flags.Float64Var(&c.Capacity, "capacity", 0, "requests per second that each web replica takes; above it they wait, or are shed with 503; 0 is unlimited")
	flags.BoolVar(&c.Governed, "governed", false, "the region goes by Kubernetes objects: it is given them by the API (role all), or its own cluster has them (role gateway)")
	flags.BoolVar(&c.Fenced, "fenced", false, "after it was away serve nobody until the objects came anew (with --governed)")
	flags.DurationVar(&c.Queue, "queue", 0, "how long a request above the capacity may wait for its turn; one that would wait longer is shed")
	flags.StringVar(&c.Replica, "replica", "", "this web replica's `name` (role web; default the host's name)")
	flags.StringVar(&c.WebVersion, "web-version", "", "`version` that this web replica runs, as its Deployment names it (role web)")
	flags.Var((*list)(&c.Zones), "zones", "`names` of the region's zones: web replicas and store are processes of their own then (role all)")
	flags.StringVar(&c.StoreZone, "store-zone", "", "the `zone` that has the store (role all, with --zones)")
	flags.StringVar(&c.Gateway, "gateway-url", "", "base `URL` of the region's gateway (roles web and store)")
	flags.Var((*list)(&c.Web), "web-url", "base `URL` of each web replica, or of one service in front of them (role gateway); may be repeated")
	flags.StringVar(&c.Store, "store-url", "", "base `URL` of the region's store (role gateway)")
	flags.DurationVar(&c.WriteTimeout, "write-timeout", topology.DefaultWriteTimeout, "how long to wait for the authority's answer to a write")
	flags.BoolVar(&o.dieWithParent, "die-with-parent", false, "exit at once when standard input, a pipe that the parent holds, ends")
	flags.StringVar(&o.log, "log", "", "`file` to append the log to (JSON Lines; default standard error)")
	flags.BoolVar(&o.version, "version", false, "print the build and exit")
	err := flags.Parse(args)
	c.Role = agent.Role(role)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(w)
		fmt.Fprint(w, usage)
		flags.PrintDefaults()
		return o, err
	case err != nil:
		return o, err
	case o.version:
		return o, nil
	case flags.NArg() > 0:
		return o, fmt.Errorf("unknown argument %q: give flags only, see --help", flags.Arg(0))
	case c.Region == "":
		return o, errors.New("no region: give its name with --region")
	}
	return o, nil
}

// list is a flag that may be repeated, or hold several values between commas.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(s string) error {
	*l = append(*l, strings.Split(s, ",")...)
	return nil
}
