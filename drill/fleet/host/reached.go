package host

import (
	"context"
	"runtime"
	"strings"
)

// Reached finds where containers of a network reach this process: where it has to listen, and by which name they dial. Where the engine shares this
// host's kernel that is the gateway of the nodes' network, an address of this host
// to which the nodes masquerade their pods. Where it runs in a virtual machine
// (Docker Desktop, also on Linux), it is the name by which that machine forwards
// to the host's loopback.
func Reached(ctx context.Context, e *Runtime, container, network string) (listen, advertise string, err error) {
	if runtime.GOOS != "linux" || strings.Contains(e.OS, "Docker Desktop") {
		return "127.0.0.1", "host.docker.internal", nil
	}
	c, err := e.Inspect(ctx, container)
	if err != nil {
		return "", "", err
	}
	gateway, err := e.Gateway(ctx, c.Network(network))
	return gateway, gateway, err
}
