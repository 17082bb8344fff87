// Package agent is what runs inside a region: the gateway that everything
// enters by, the web tier, and the store's replicas behind the API of package
// wire. One process has all three (local fleet), or each has its own (kind).
package agent

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os/exec"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/apiserver"
	"github.com/fleetdrill/fleetdrill/drill/agent/web"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/agent/zone"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Role is the part of a region that a process plays.
type Role string

// The roles.
const (
	RoleAll     Role = "all"     // gateway, web replicas and store in one process
	RoleGateway Role = "gateway" // entry, egress, topology
	RoleWeb     Role = "web"     // one web replica
	RoleStore   Role = "store"   // the region's replicas of the datasets
)

// Config is what an agent has to know.
type Config struct {
	Region string
	Role   Role
	Token  string // the fleet's secret
	// ID is the SPIFFE ID of the region's gateway: it then takes what the fleet's own workloads ask over mutual TLS alone. "" is
	// a fleet without identities (all, gateway).
	ID     string
	Listen string // host:port; port 0 picks one
	Run    string // random, another one each start
	Build  string // of this program, for its health; "" names none

	Data string // folder of the replicas (all, store)

	Replicas int           // web replicas that the region starts with (all)
	Capacity float64       // requests per second that each web replica takes; 0 is unlimited
	Queue    time.Duration // how long a request above that may wait; what would wait longer is shed
	Replica  string        // this web replica's name (web)

	WebVersion string // what this web replica runs, as its Deployment names it; "" is not said (web)

	// Governed says that the region goes by Kubernetes objects. It keeps them itself, and they say how many web replicas run and what
	// they take: Replicas and Capacity are not asked then (all). Or its cluster has them (gateway). Fenced has it serve nobody,
	// after it was away, until it was told anew.
	Governed, Fenced bool
	// Cluster is the API server that has them; nil is the one that this process is a pod of (gateway).
	Cluster func() (*apiserver.Server, error)

	Zones     []string // names of the region's zones, whose web replicas and store are then processes of their own (all)
	StoreZone string   // the zone that has the store
	// Process makes the command of such a process, or of a web replica that is added while the region runs, which
	// reaches the gateway by that URL; nil starts none.
	Process func(s zone.Spec, gateway string) *exec.Cmd

	Gateway string   // base URL of the region's gateway (web, store)
	Web     []string // base URLs of the web replicas, or the one of a Service before them (gateway)
	Store   string   // base URL of the store (gateway)

	PostgresBin string // folder of PostgreSQL's programs; "" finds them where one is needed (all, store)

	WriteTimeout time.Duration // of a write or read whose sender sets none; 0 is topology.DefaultWriteTimeout
	IdleTimeout  time.Duration // of a stream from the authority; 0 is wire.DefaultIdleTimeout
	Engines      Engines       // nil is DefaultEngines

	Clock  func() time.Duration // monotonic; nil counts from the start
	Now    func() time.Time     // nil is time.Now
	Logger *slog.Logger         // nil discards
}

// enginePassword is derived from the fleet's secret, so that no second one has to
// be carried to every region, and does not give the first away.
func enginePassword(token string) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("fleetdrill store engine"))
	return hex.EncodeToString(mac.Sum(nil))
}

// withDefaults fills in what may be left out and refuses what may not.
func (c Config) withDefaults() (Config, error) {
	if err := c.check(); err != nil {
		return c, err
	}
	if c.WriteTimeout == 0 {
		c.WriteTimeout = topology.DefaultWriteTimeout
	}
	if c.Engines == nil {
		c.Engines = DefaultEngines()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Clock == nil {
		began := time.Now()
		c.Clock = func() time.Duration { return time.Since(began) }
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.NewJSONHandler(io.Discard, nil))
	}
	c.Logger = c.Logger.With("region", c.Region)
	return c, nil
}

func (c Config) check() error {
	if err := wire.CheckName("region", c.Region); err != nil {
		return err
	}
	switch {
	case c.Token == "":
		return errors.New("no token: set FLEETDRILL_TOKEN to the fleet's secret")
	case c.Run == "":
		return errors.New("no run id")
	case c.Listen == "":
		return errors.New("no address to listen on, such as 127.0.0.1:0")
	case c.Replicas < 0 || c.Replicas > web.MostReplicas:
		return fmt.Errorf("%d web replicas: give 0 to %d", c.Replicas, web.MostReplicas)
	case !(c.Capacity >= 0):
		return fmt.Errorf("capacity of %v requests per second: give 0 (unlimited) or more", c.Capacity)
	case c.Queue < 0:
		return fmt.Errorf("queue of %s is negative", c.Queue)
	case c.WriteTimeout < 0:
		return fmt.Errorf("write timeout %s is negative", c.WriteTimeout)
	}
	needs := func(what string, urls ...string) error {
		if len(urls) == 0 {
			return fmt.Errorf("role %s needs the URL of its %s", c.Role, what)
		}
		for _, raw := range urls {
			u, err := url.Parse(raw)
			if err != nil || u.Scheme != "http" || u.Host == "" || (u.Path != "" && u.Path != "/") {
				return fmt.Errorf("role %s: %s URL %q is not like http://host:port", c.Role, what, raw)
			}
		}
		return nil
	}
	switch c.Role {
	case RoleAll, RoleStore:
		if c.Data == "" {
			return fmt.Errorf("role %s needs a data folder", c.Role)
		}
		if len(c.Zones) > 0 && !slices.Contains(c.Zones, c.StoreZone) {
			return fmt.Errorf("the store's zone %.70q is none of %v", c.StoreZone, c.Zones)
		}
		if c.Role == RoleStore {
			return needs("gateway", c.Gateway)
		}
		return nil
	case RoleGateway:
		return errors.Join(needs("web", c.Web...), needs("store", c.Store))
	case RoleWeb:
		return needs("gateway", c.Gateway)
	}
	return fmt.Errorf("role %q is none of all, gateway, web, store", c.Role)
}
