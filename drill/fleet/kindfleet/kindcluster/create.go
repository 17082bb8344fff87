package kindcluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	kind "sigs.k8s.io/kind/pkg/cluster"
	"sigs.k8s.io/kind/pkg/cluster/nodes"
	"sigs.k8s.io/kind/pkg/cluster/nodeutils"
	kindexec "sigs.k8s.io/kind/pkg/exec"

	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/pause"
)

// kind's library takes no context. When ours ends, the node's container is
// removed under kind's hands, upon which its step fails; an engine that no longer
// answers even that is given up after this long.
const abandonAfter = 30 * time.Second

// NodesMade is kind's name of its stage after which the node's container runs, so
// that it can be recorded.
const NodesMade = "Preparing nodes"

// ConfigWritten is kind's name of its stage after which the node can take an image: in it
// containerd is given its config and started again.
const ConfigWritten = "Writing configuration"

// Create makes the cluster. stage is called with each stage of kind's own as it starts
// and as it is done. abandon takes the node away from a kind that is still making it; it
// is called, again and again, when the context ends.
func Create(ctx context.Context, e *host.Runtime, c Cluster, log *slog.Logger, stage func(name string, done bool), abandon func(context.Context) error) error {
	config, err := c.config(e.CgroupV1)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// kind waits for what it tells, so the patches are there before kubeadm looks for them.
	patched := func(name string, done bool) {
		if done && name == NodesMade {
			if err := writePatches(ctx, e, c.Name+"-control-plane"); err != nil {
				cancel(err)
			}
		}
		stage(name, done)
	}
	provider := kind.NewProvider(providerOf(e), kind.ProviderWithLogger(&kindLog{log: log, stage: patched}))

	done := make(chan error, 1)
	go func() {
		done <- provider.Create(c.Name,
			kind.CreateWithRawConfig(config),
			kind.CreateWithKubeconfigPath(c.Kubeconfig),
			// Readiness is looked at here: kind only warns when it waited in vain.
			kind.CreateWithWaitForReady(0),
			// A cluster that failed is Down's to remove, by its record.
			kind.CreateWithRetain(true),
			kind.CreateWithDisplayUsage(false),
			kind.CreateWithDisplaySalutation(false),
		)
	}()
	select {
	case err = <-done:
	case <-ctx.Done():
		return fmt.Errorf("create cluster %s: %w", c.Name, errors.Join(context.Cause(ctx), interrupt(ctx, e, log, abandon, done)))
	}
	if err != nil {
		if run := kindexec.RunErrorForError(err); run != nil {
			log.Error("kind's command failed", "cluster", c.Name, "command", run.PrettyCommand(), "output", string(run.Output))
		}
		return fmt.Errorf("create cluster %s: %w", c.Name, explainKind(err, e))
	}
	return nil
}

// interrupt takes the node away from a kind that is still making it, and waits
// until kind has noticed.
func interrupt(ctx context.Context, e *host.Runtime, log *slog.Logger, abandon func(context.Context) error, done <-chan error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonAfter)
	defer cancel()
	again := time.NewTicker(300 * time.Millisecond)
	defer again.Stop()
	for {
		// Not there yet, or gone already: both are tried again until kind returns.
		if err := abandon(ctx); err != nil {
			log.Debug("take the node away", "error", err)
		}
		select {
		case <-done:
			return nil
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("kind did not stop within %s; see whether the engine answers with \"%s info\"", abandonAfter, e.Name)
		}
	}
}

// explainKind adds what the program that kind ran said last, which kind's own
// error leaves out.
func explainKind(err error, e *host.Runtime) error {
	run := kindexec.RunErrorForError(err)
	if run == nil {
		return err
	}
	if words := host.LastError(string(run.Output)); words != "" {
		return fmt.Errorf("%w: %s", err, words)
	}
	return fmt.Errorf("%w; see whether the engine answers with \"%s info\"", err, e.Name)
}

// Load side-loads an image's archive into the cluster's node, unless the node has it.
func Load(ctx context.Context, e *host.Runtime, cluster, tag, archive string) error {
	provider := kind.NewProvider(providerOf(e))
	done := make(chan error, 1)
	go func() {
		done <- func() error {
			all, err := provider.ListInternalNodes(cluster)
			if err != nil {
				return err
			}
			for _, n := range all {
				err := loadInto(ctx, n, tag, archive)
				// A node that has just booted may not have started its containerd.
				for starts := time.Now(); notListening(err) && time.Since(starts) < bootWithin && pause.For(ctx, bootEvery); {
					err = loadInto(ctx, n, tag, archive)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}()
	}()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("load the agent's image into %s: %w", cluster, explainKind(err, e))
		}
		return nil
	case <-ctx.Done():
	}
	// The archive stops with the context, upon which the import in the node fails.
	select {
	case <-done:
	case <-time.After(abandonAfter):
	}
	return fmt.Errorf("load the agent's image into %s: %w", cluster, ctx.Err())
}

// bootWithin is how long a node's containerd may take to listen.
const bootWithin = time.Minute

// bootEvery is how often it is tried.
const bootEvery = 500 * time.Millisecond

// notListening reports whether a command in a node failed because containerd does
// not listen there yet.
func notListening(err error) bool {
	run := kindexec.RunErrorForError(err)
	return run != nil && strings.Contains(string(run.Output), "containerd.sock")
}

func loadInto(ctx context.Context, n nodes.Node, tag, path string) error {
	if id, err := nodeutils.ImageID(n, tag); err == nil && id != "" {
		return nil
	}
	archive, err := os.Open(path)
	if err != nil {
		return err
	}
	defer archive.Close()
	return nodeutils.LoadImageArchive(n, until{ctx, archive})
}

// until is a reader that ends with the context.
type until struct {
	ctx context.Context
	io.Reader
}

func (u until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.Reader.Read(p)
}

// providerOf is kind's option for the engine.
func providerOf(e *host.Runtime) kind.ProviderOption {
	switch e.Name {
	case "podman":
		return kind.ProviderWithPodman()
	case "nerdctl":
		return kind.ProviderWithNerdctl("nerdctl")
	}
	return kind.ProviderWithDocker()
}
