// Package process runs an agent as a process: flags, log, the line that says where
// it listens, and the end by a signal or with its parent. It is all that
// fleetdrill-agent does, and what `fleetdrill region` does where there is no other.
package process

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/build"
)

const (
	// TokenVariable holds the fleet's secret. There is no flag for it: a command
	// line can be read by every user of the machine.
	TokenVariable = "FLEETDRILL_TOKEN"
	// stopTimeout is how long an agent that was asked to stop finishes what it serves.
	stopTimeout = time.Second
	// exitOrphaned is the exit code of an agent whose parent has gone.
	exitOrphaned = 4
)

// Run runs an agent as the arguments say until ctx ends (a signal), then stops it
// gracefully. The error is of the arguments, of the start, or of a server that ended
// by itself.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	o, err := parse(args, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case o.version:
		_, err := fmt.Fprintln(stdout, "fleetdrill-agent", build.Version())
		return err
	}
	if o.dieWithParent {
		go agent.WithParent(stdin, func() { os.Exit(exitOrphaned) })
	}
	logTo := stderr
	if o.log != "" {
		file, failed := os.OpenFile(o.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if failed != nil {
			return fmt.Errorf("open the log of region %s: %w", o.config.Region, failed)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		logTo = file
	}
	c, err := configure(o, logTo)
	if err != nil {
		return err
	}
	limitProcessors(c.Role)
	return serve(ctx, c, stdout)
}

// configure adds to the flags what this process knows by itself.
func configure(o options, logTo io.Writer) (agent.Config, error) {
	c := o.config
	c.Token, c.Build = os.Getenv(TokenVariable), build.Version()
	c.Logger = slog.New(slog.NewJSONHandler(logTo, nil))
	c.Process = part(c, logTo)
	var err error
	if c.Run, err = newRun(); err != nil {
		return c, err
	}
	if c.Replica == "" && c.Role == agent.RoleWeb {
		if c.Replica, err = os.Hostname(); err != nil {
			return c, fmt.Errorf("name of this web replica (or give --replica): %w", err)
		}
	}
	return c, nil
}

// serve starts the agent, announces it, and stops it once ctx ends.
func serve(ctx context.Context, c agent.Config, stdout io.Writer) error {
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

// announce writes where the agent listens, once it does.
func announce(w io.Writer, region, addr string) error {
	line, err := json.Marshal(wire.Announcement{Region: region, Addr: dialable(addr), PID: os.Getpid(), Build: build.Version()})
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
