// Command fleetdrill-agent is what runs inside a region: gateway, web replicas and
// store. Platforms start it; it is static, and has neither kind nor a screen in it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/fleetdrill/fleetdrill/drill/agent/process"
)

// exitFailed is the exit code of an agent that could not start, or failed.
const exitFailed = 2

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := process.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fleetdrill-agent:", err)
		os.Exit(exitFailed)
	}
}
