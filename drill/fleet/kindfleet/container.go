package kindfleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"
)

// errNoContainer is returned where the engine has no container of the name.
var errNoContainer = errors.New("no such container")

// clusterLabel is the label by which kind knows its nodes.
const clusterLabel = "io.x-k8s.kind.cluster"

// container is what "docker inspect" says of a node, as far as it matters here.
type container struct {
	ID      string `json:"Id"`
	Name    string
	Created time.Time
	State   struct {
		Status    string
		Running   bool
		Paused    bool
		ExitCode  int
		StartedAt time.Time
	}
	Config struct {
		Labels map[string]string
	}
	HostConfig struct {
		PortBindings map[string][]binding
	}
	NetworkSettings struct {
		Networks map[string]struct{ Gateway string }
	}
}

type binding struct {
	HostIP   string `json:"HostIp"`
	HostPort string
}

// inspect asks for a container by name or id.
func (e *Engine) inspect(ctx context.Context, name string) (container, error) {
	out, err := e.run(ctx, lookWithin, "container", "inspect", name)
	if said(err, "no such container", "no such object", "no such file") {
		return parseContainer(nil, name)
	}
	if err != nil {
		return container{}, err
	}
	return parseContainer(out, name)
}

// parseContainer reads the answer of "docker container inspect NAME".
func parseContainer(out []byte, name string) (container, error) {
	var all []container
	if len(out) > 0 {
		if err := json.Unmarshal(out, &all); err != nil {
			return container{}, fmt.Errorf("inspect %s: not understood: %w", name, err)
		}
	}
	if len(all) == 0 {
		return container{}, fmt.Errorf("%w: %s", errNoContainer, name)
	}
	return all[0], nil
}

// address is where the engine publishes a port of the container on this host. It
// is read from what the container was made with, which holds across restarts and
// while the container is down.
func (c container) address(port int) (string, error) {
	for _, b := range c.HostConfig.PortBindings[fmt.Sprintf("%d/tcp", port)] {
		if b.HostPort == "" || b.HostPort == "0" {
			continue
		}
		host := b.HostIP
		if host == "" || host == "0.0.0.0" {
			host = "127.0.0.1"
		}
		return net.JoinHostPort(host, b.HostPort), nil
	}
	return "", fmt.Errorf("container %s publishes no port %d", c.Name, port)
}

// network is the name of the network the node is in, "kind" unless the user chose another.
func (c container) network() string {
	if _, usual := c.NetworkSettings.Networks["kind"]; usual {
		return "kind"
	}
	for name := range c.NetworkSettings.Networks {
		return name
	}
	return "kind"
}

// ours reports whether the container is the node that is on record. Where no id
// could be recorded (fleetdrill died while kind was making the node), it has to
// carry the cluster's label and to be no older than the record; the engine's
// clock may be off by skew in a virtual machine that slept.
func (c container) ours(cluster, id string, recorded time.Time) bool {
	const skew = time.Minute
	if c.Config.Labels[clusterLabel] != cluster {
		return false
	}
	if id != "" {
		return c.ID == id
	}
	return c.Created.After(recorded.Add(-skew))
}
