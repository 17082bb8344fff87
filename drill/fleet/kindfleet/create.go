package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"sigs.k8s.io/kind/pkg/cluster"
	"sigs.k8s.io/kind/pkg/cluster/nodes"
	"sigs.k8s.io/kind/pkg/cluster/nodeutils"
	kindexec "sigs.k8s.io/kind/pkg/exec"

	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
)

// kind's library takes no context. When ours ends, the node's container is
// removed under kind's hands, upon which its step fails; an engine that no longer
// answers even that is given up after this long.
const abandonAfter = 30 * time.Second

// nodesMade is kind's name of its stage after which the node's container runs, so
// that it can be recorded and take an image.
const nodesMade = "Preparing nodes"

// create makes the region's cluster. Stage is called with each stage of kind's own
// as it starts and as it is done.
func (f *Fleet) create(ctx context.Context, e *host.Runtime, r *region, image string, stage func(name string, done bool)) error {
	config, err := clusterConfig(r.cluster, image, e.CgroupV1)
	if err != nil {
		return err
	}
	path := f.kubeconfig(r)
	provider := cluster.NewProvider(providerOf(e), cluster.ProviderWithLogger(&kindLog{log: f.log.With("region", r.name), stage: stage}))
	f.commanded(r.name, "kind create cluster --name %s --image %s --kubeconfig %s", r.cluster, image, path)

	done := make(chan error, 1)
	go func() {
		done <- provider.Create(r.cluster,
			cluster.CreateWithRawConfig(config),
			cluster.CreateWithKubeconfigPath(path),
			// Readiness is looked at here: kind only warns when it waited in vain.
			cluster.CreateWithWaitForReady(0),
			// A cluster that failed is Down's to remove, by its record.
			cluster.CreateWithRetain(true),
			cluster.CreateWithDisplayUsage(false),
			cluster.CreateWithDisplaySalutation(false),
		)
	}()
	select {
	case err = <-done:
	case <-ctx.Done():
		return fmt.Errorf("create cluster %s: %w", r.cluster, errors.Join(ctx.Err(), f.interrupt(ctx, e, r, done)))
	}
	if err != nil {
		if run := kindexec.RunErrorForError(err); run != nil {
			f.log.Error("kind's command failed", "region", r.name, "command", run.PrettyCommand(), "output", string(run.Output))
		}
		return fmt.Errorf("create cluster %s: %w", r.cluster, explainKind(err, e))
	}
	return nil
}

// interrupt takes the node away from a kind that is still making it, and waits
// until kind has noticed.
func (f *Fleet) interrupt(ctx context.Context, e *host.Runtime, r *region, done <-chan error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonAfter)
	defer cancel()
	again := time.NewTicker(300 * time.Millisecond)
	defer again.Stop()
	for {
		// Not there yet, or gone already: both are tried again until kind returns.
		if err := f.remove(ctx, e, r); err != nil {
			f.log.Debug("take the node away", "region", r.name, "error", err)
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

// load side-loads the archive into the region's node, unless the node has it.
func (f *Fleet) load(ctx context.Context, e *host.Runtime, r *region, image agentImage) error {
	provider := cluster.NewProvider(providerOf(e))
	done := make(chan error, 1)
	go func() {
		done <- func() error {
			all, err := provider.ListInternalNodes(r.cluster)
			if err != nil {
				return err
			}
			for _, n := range all {
				err := loadInto(ctx, n, image)
				// A node that has just booted may not have started its containerd.
				for starts := time.Now(); notListening(err) && time.Since(starts) < bootWithin && pause(ctx, lookEvery/2); {
					err = loadInto(ctx, n, image)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}()
	}()
	f.commanded(r.name, "kind load image-archive %s --name %s", image.Archive, r.cluster)
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("load the agent's image into %s: %w", r.node, explainKind(err, e))
		}
		return nil
	case <-ctx.Done():
	}
	// The archive stops with the context, upon which the import in the node fails.
	select {
	case <-done:
	case <-time.After(abandonAfter):
	}
	return fmt.Errorf("load the agent's image into %s: %w", r.node, ctx.Err())
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

// pull gets the node image before kind would, because kind's own pull can't be
// interrupted and says little.
func (f *Fleet) pull(ctx context.Context, e *host.Runtime, image string) error {
	return f.get(ctx, e, "node image", image, "--node-image or FLEETDRILL_NODE_IMAGE")
}

// get has the engine get an image that it has not. what is the image, setting names another one.
func (f *Fleet) get(ctx context.Context, e *host.Runtime, what, image, setting string) error {
	if _, err := e.Run(ctx, host.LookWithin, "image", "inspect", image); err == nil {
		return nil
	} else if !host.Refused(err, "no such image", "not found", "not known", "no such object") {
		return fmt.Errorf("look for %s %s: %w", what, image, err)
	}
	f.commanded("", "%s pull %s", e.Name, image)
	if _, err := e.Run(ctx, pullWithin, "pull", image); err != nil {
		return fmt.Errorf("get %s %s: %w; name one that the engine has with %s", what, image, err, setting)
	}
	return nil
}

// pullWithin is long: the image has about 350 MB.
const pullWithin = 15 * time.Minute

// providerOf is kind's option for the engine.
func providerOf(e *host.Runtime) cluster.ProviderOption {
	switch e.Name {
	case "podman":
		return cluster.ProviderWithPodman()
	case "nerdctl":
		return cluster.ProviderWithNerdctl("nerdctl")
	}
	return cluster.ProviderWithDocker()
}
