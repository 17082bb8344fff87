package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	kind "sigs.k8s.io/kind/pkg/cluster"
	"sigs.k8s.io/kind/pkg/cluster/nodes"
	"sigs.k8s.io/kind/pkg/cluster/nodeutils"
	kindexec "sigs.k8s.io/kind/pkg/exec"

	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// kind's library takes no context. When ours ends, the node's container is
// removed under kind's hands, upon which its step fails; an engine that no longer
// answers even that is given up after this long.
const abandonAfter = 30 * time.Second

// nodesMade is kind's name of its stage after which the node's container runs, so
// that it can be recorded and take an image.
const nodesMade = "Preparing nodes"

// create makes the cluster. stage is called with each stage of kind's own
// as it starts and as it is done.
func create(ctx context.Context, e *host.Runtime, out reporter, c *cluster, file *record.File, image string, stage func(name string, done bool)) error {
	config, err := clusterConfig(c, image, e.CgroupV1)
	if err != nil {
		return err
	}
	provider := kind.NewProvider(providerOf(e), kind.ProviderWithLogger(&kindLog{log: out.log.With("region", c.first()), stage: stage}))
	out.commanded(c.first(), "kind create cluster --name %s --image %s --kubeconfig %s", c.name, image, c.kubeconfig)

	done := make(chan error, 1)
	go func() {
		done <- provider.Create(c.name,
			kind.CreateWithRawConfig(config),
			kind.CreateWithKubeconfigPath(c.kubeconfig),
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
		return fmt.Errorf("create cluster %s: %w", c.name, errors.Join(ctx.Err(), interrupt(ctx, e, out, c, file, done)))
	}
	if err != nil {
		if run := kindexec.RunErrorForError(err); run != nil {
			out.log.Error("kind's command failed", "region", c.first(), "command", run.PrettyCommand(), "output", string(run.Output))
		}
		return fmt.Errorf("create cluster %s: %w", c.name, explainKind(err, e))
	}
	return nil
}

// interrupt takes the node away from a kind that is still making it, and waits
// until kind has noticed.
func interrupt(ctx context.Context, e *host.Runtime, out reporter, c *cluster, file *record.File, done <-chan error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonAfter)
	defer cancel()
	again := time.NewTicker(300 * time.Millisecond)
	defer again.Stop()
	for {
		// Not there yet, or gone already: both are tried again until kind returns.
		if err := remove(ctx, e, file, c); err != nil {
			out.log.Debug("take the node away", "region", c.first(), "error", err)
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

// load side-loads the archive into the cluster's node, unless the node has it.
func load(ctx context.Context, e *host.Runtime, out reporter, c *cluster, image agentImage) error {
	provider := kind.NewProvider(providerOf(e))
	done := make(chan error, 1)
	go func() {
		done <- func() error {
			all, err := provider.ListInternalNodes(c.name)
			if err != nil {
				return err
			}
			for _, n := range all {
				err := loadInto(ctx, n, image)
				// A node that has just booted may not have started its containerd.
				for starts := time.Now(); notListening(err) && time.Since(starts) < bootWithin && pause(ctx, lookEvery); {
					err = loadInto(ctx, n, image)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}()
	}()
	out.commanded(c.first(), "kind load image-archive %s --name %s", image.Archive, c.name)
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("load the agent's image into %s: %w", c.node, explainKind(err, e))
		}
		return nil
	case <-ctx.Done():
	}
	// The archive stops with the context, upon which the import in the node fails.
	select {
	case <-done:
	case <-time.After(abandonAfter):
	}
	return fmt.Errorf("load the agent's image into %s: %w", c.node, ctx.Err())
}

// bootWithin is how long a node's containerd may take to listen.
const bootWithin = time.Minute

// notListening reports whether a command in a node failed because containerd does
// not listen there yet.
func notListening(err error) bool {
	run := kindexec.RunErrorForError(err)
	return run != nil && strings.Contains(string(run.Output), "containerd.sock")
}

func loadInto(ctx context.Context, n nodes.Node, image agentImage) error {
	if id, err := nodeutils.ImageID(n, image.Tag); err == nil && id != "" {
		return nil
	}
	archive, err := os.Open(image.Archive)
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

// getImage has the engine get an image that it has not. what is the image, setting names
// another one. Node images are got before kind would, because kind's own pull can't be
// interrupted and prints little.
func getImage(ctx context.Context, e *host.Runtime, out reporter, what, image, setting string) error {
	if _, err := e.Run(ctx, host.LookWithin, "image", "inspect", image); err == nil {
		return nil
	} else if !host.Refused(err, "no such image", "not found", "not known", "no such object") {
		return fmt.Errorf("look for %s %s: %w", what, image, err)
	}
	out.commanded("", "%s pull %s", e.Name, image)
	if _, err := e.Run(ctx, pullWithin, "pull", image); err != nil {
		return fmt.Errorf("get %s %s: %w; name one that the engine has with %s", what, image, err, setting)
	}
	return nil
}

// pullWithin is long: the image has about 350 MB.
const pullWithin = 15 * time.Minute

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
