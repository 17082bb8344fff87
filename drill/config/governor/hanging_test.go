package governor

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/client"
	"github.com/go-git/go-git/v5/plumbing/transport/server"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/repository"
	"github.com/fleetdrill/fleetdrill/drill/config/seed"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// hanging is a host of repositories that answers who reads, and keeps who writes waiting.
type hanging struct {
	transport.Transport
	asked, over chan struct{}
}

func (h hanging) NewReceivePackSession(e *transport.Endpoint, a transport.AuthMethod) (transport.ReceivePackSession, error) {
	close(h.asked)
	<-h.over
	return h.Transport.NewReceivePackSession(e, a)
}

// While a commit hangs at the repository's host, what reconcilers tell is told: they wait for nobody who commits. Once it came to it,
// its revision is told with when that was.
func TestACommitThatHangsKeepsNoReconcilerWaiting(t *testing.T) {
	spec := topology.Fleet{Name: "one", Regions: []topology.Region{{Name: "east"}}, Web: topology.Web{Replicas: 2}}
	at := filepath.Join(t.TempDir(), "elsewhere.git")
	repo, err := repository.Create(at)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repo.Commit(t.Context(), repository.Change{Subject: "Begin", Author: "Ada", At: time.Now(), Files: seed.Files(spec)}); err != nil {
		t.Fatal(err)
	}
	host := hanging{server.NewServer(server.NewFilesystemLoader(osfs.New("/"))), make(chan struct{}), make(chan struct{})}
	client.InstallProtocol("hanging", host)
	spec.Config = &topology.Config{Mode: topology.ConfigPull, Every: time.Hour, Repository: "hanging://host" + at}
	nobody := func(region string) *wire.Client {
		return wire.NewClient(wire.ClientConfig{Base: "http://127.0.0.1:1", Region: region})
	}
	o := Open(t.Context(), spec, filepath.Join(t.TempDir(), "copy.git"), time.Now, nil)
	defer o.End()
	g, err := New(Config{
		Opening: o, Direct: nobody, Reconciler: nobody,
		Emit: func(b drill.Body) drill.Event { return drill.Event{Body: b} }, Clock: clock{time.Now()}, Wall: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	committed := make(chan config.Revision, 1)
	go func() {
		v, err := g.Commit(context.Background(), "version v2", "Ada")
		if err != nil {
			t.Error(err)
		}
		committed <- v
	}()
	<-host.asked
	told := make(chan drill.Event, 1)
	go func() {
		told <- g.emit(drill.Configured{News: config.Committed{Revision: config.Revision{Hash: "other"}}})
	}()
	select {
	case e := <-told:
		if c := newsOf(e.Body).(config.Committed); c.Made != nil {
			t.Errorf("a commit that was not made here was made at %s", *c.Made)
		}
	case <-time.After(10 * time.Second): // half as long as a commit may take
		t.Error("a reconciler waits for a commit that hangs")
	}
	close(host.over)
	v := <-committed
	if c := newsOf(g.emit(drill.Configured{News: config.Committed{Revision: v}}).Body).(config.Committed); c.Made == nil {
		t.Error("nobody knows when the commit was made")
	}
}
