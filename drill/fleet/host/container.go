package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// ErrNoContainer is returned where the engine has no container of the name.
var ErrNoContainer = errors.New("no such container")

// Container is what "docker inspect" says of a container, as far as it matters here.
type Container struct {
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
		CPUShares    int64 `json:"CpuShares"` // 0 is the engine's default
	}
	Mounts          []struct{ Type, Name string }
	NetworkSettings struct {
		Networks map[string]struct{ Gateway string }
	}
}

type binding struct {
	HostIP   string `json:"HostIp"`
	HostPort string
}

// Inspect asks for a container by name or id; the error is ErrNoContainer where there is none.
func (e *Runtime) Inspect(ctx context.Context, name string) (Container, error) {
	out, err := e.Run(ctx, LookWithin, "container", "inspect", name)
	if Refused(err, "no such container", "no such object", "no such file") {
		return parseContainer(nil, name)
	}
	if err != nil {
		return Container{}, err
	}
	return parseContainer(out, name)
}

// parseContainer reads the answer of "docker container inspect NAME".
func parseContainer(out []byte, name string) (Container, error) {
	var all []Container
	if len(out) > 0 {
		if err := json.Unmarshal(out, &all); err != nil {
			return Container{}, fmt.Errorf("inspect %s: not understood: %w", name, err)
		}
	}
	if len(all) == 0 {
		return Container{}, fmt.Errorf("%w: %s", ErrNoContainer, name)
	}
	return all[0], nil
}

// Volumes is the names of the volumes that the container has.
func (c Container) Volumes() (names []string) {
	for _, m := range c.Mounts {
		if m.Type == "volume" && m.Name != "" {
			names = append(names, m.Name)
		}
	}
	return names
}

// RemoveVolume removes a volume by its name; it is no error where there is none.
func (e *Runtime) RemoveVolume(ctx context.Context, name string) error {
	_, err := e.Run(ctx, ChangeWithin, "volume", "rm", name)
	if Refused(err, "no such volume", "not found") {
		return nil
	}
	return err
}

// Published is where the engine publishes a port of the container on this host. It
// is read from what the container was made with, which holds across restarts and
// while the container is down.
func (c Container) Published(port int) (string, error) {
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

// Network is the name of the network that the container is in: the usual one, unless the
// user chose another.
func (c Container) Network(usual string) string {
	if _, is := c.NetworkSettings.Networks[usual]; is {
		return usual
	}
	for name := range c.NetworkSettings.Networks {
		return name
	}
	return usual
}

// Gateway is the IPv4 address of a network's gateway, which is this host's where the
// engine shares its kernel.
func (e *Runtime) Gateway(ctx context.Context, network string) (string, error) {
	out, err := e.Run(ctx, LookWithin, "network", "inspect", network)
	if err != nil {
		return "", err
	}
	gateway, err := parseGateway(out)
	if err != nil {
		return "", fmt.Errorf("network %s: %w", network, err)
	}
	return gateway, nil
}

// parseGateway reads a network's IPv4 gateway from "network inspect": docker and
// nerdctl have it below IPAM, podman below subnets.
func parseGateway(out []byte) (string, error) {
	var networks []struct {
		IPAM    struct{ Config []struct{ Gateway string } }
		Subnets []struct{ Gateway string } `json:"subnets"`
	}
	if err := json.Unmarshal(out, &networks); err != nil {
		return "", fmt.Errorf("not understood: %w", err)
	}
	for _, n := range networks {
		for _, c := range append(n.IPAM.Config, n.Subnets...) {
			if a, err := netip.ParseAddr(c.Gateway); err == nil && a.Is4() {
				return a.String(), nil
			}
		}
	}
	return "", fmt.Errorf("has no IPv4 gateway")
}
