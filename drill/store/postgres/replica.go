package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/proxy"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
)

var (
	_ store.Replica   = (*Replica)(nil)
	_ store.Source    = (*Replica)(nil)
	_ store.Preloader = (*Replica)(nil)
	_ store.Tunnelled = (*Replica)(nil)
)

// Replica is one region's copy of a dataset; see store.Replica and store.Preloader.
type Replica struct {
	cfg        Config
	leadership *replica.Leadership
	dials      store.Dialer // to other regions' servers; nil where they are not reached
	state      *stateFile
	server     *server.Server
	database   *database
	writes     *writes
	meter      *meter
	health     *replica.Health
	gate       *replica.Gate // what goes to the server to be written passes it
	prober     *prober
	*faults
	reading chan struct{} // held by each question of a status that is under way
	proxy   *proxy.Proxy
	tasks   sync.WaitGroup

	mu        sync.Mutex
	following *following // the last one that was begun
}

// Open opens the replica in c.Dir, or makes a new one. Whatever it was before,
// it starts fenced. A replica that has never held anything starts no server until
// it is promoted or follows. Close it.
func Open(c Config) (_ *Replica, err error) {
	c, err = c.withDefaults()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("open the PostgreSQL replica of %s in %s: %w", c.Dataset, c.Region, err)
		}
	}()
	if c.Dir, err = filepath.Abs(c.Dir); err != nil {
		return nil, err
	}
	if err = os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	opened := time.Now()
	r := &Replica{cfg: c, reading: make(chan struct{}, statusReadings), gate: replica.NewGate(), health: replica.NewHealth(func() time.Duration { return time.Since(opened) })}
	r.dials, _ = c.Upstream.(store.Dialer)
	if r.state, err = openStateFile(c.Dir); err != nil {
		return nil, err
	}
	r.leadership = replica.New(replica.Config{
		Dataset: c.Dataset, Region: c.Region, Run: c.Run, Clock: c.Clock, After: time.After,
		Seeding: r.state.seeding, Alone: r.dials == nil,
	}, r.state.get().Epochs)
	if r.server, err = server.New(context.Background(), server.Config{
		Dir: c.Dir, Dataset: c.Dataset, Region: c.Region, Password: c.Password, Bin: c.Bin, Logger: c.Logger, Start: c.Start, Stop: c.Stop,
	}); err != nil {
		return nil, err
	}
	if err = errors.Join(diverged.Sweep(filepath.Join(c.Dir, diverged.Folder)), r.server.WriteConf(server.Nobody)); err != nil {
		return nil, errors.Join(err, r.server.Close())
	}
	r.database = &database{cfg: c, ctx: r.leadership.Context(), server: r.server, state: r.state, turns: make(chan struct{}, 1)}
	r.meter = newMeter(c, r.server)
	r.writes = &writes{cfg: c, server: r.server, leadership: r.leadership, meter: r.meter, health: r.health, gate: r.gate, changed: make(chan struct{})}
	r.prober = &prober{cfg: c, server: r.server, database: r.database, leadership: r.leadership, health: r.health, gate: r.gate, turn: make(chan struct{}, 1)}
	r.faults = &faults{r.prober}
	if r.proxy, err = proxy.Listen(r.server.At(), proxy.Received(r.server, c.Ask), c.Logger); err != nil {
		return nil, errors.Join(err, r.server.Close())
	}
	turn, err := r.database.take(context.Background())
	if err == nil {
		err = r.database.resume(turn)
		turn.give()
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	r.tasks.Go(r.supervise)
	r.tasks.Go(func() { r.health.Watch(r.leadership.Context(), time.After, r.prober.probe) })
	return r, nil
}

// supervise starts the server whenever there should be one and is none: it ended
// by itself, did not start, or whoever stopped it was broken off.
func (r *Replica) supervise() {
	ctx := r.leadership.Context()
	for pause.For(ctx, 50*time.Millisecond) {
		if !r.database.lacksServer() {
			continue
		}
		turn, err := r.database.take(ctx)
		if err != nil {
			continue
		}
		if r.database.lacksServer() {
			err = r.revive(ctx, turn)
		}
		turn.give()
		if err != nil {
			r.cfg.Logger.Error("server does not start", "error", err)
			pause.For(ctx, time.Second)
		}
	}
}

// revive starts the server anew, and has writes go through it where it leads.
func (r *Replica) revive(ctx context.Context, turn turn) error {
	if p := r.server.Process(); p != nil {
		r.cfg.Logger.Error("server ended", "error", p.Wait())
	}
	r.writes.stop()
	if err := r.server.Start(ctx); err != nil {
		return err
	}
	return r.writes.applySync(ctx, turn)
}

// Close stops all work and the server. Appends that wait end with store.ErrClosed.
func (r *Replica) Close() error {
	if !r.leadership.Close() {
		return nil
	}
	r.gate.Close()
	r.tasks.Wait()
	for range cap(r.reading) {
		r.reading <- struct{}{} // the last one that is under way ends within cfg.Ask
	}
	for range cap(r.reading) {
		<-r.reading
	}
	r.prober.drop()
	r.writes.stop()
	r.writes.ending.Wait()
	return errors.Join(r.server.Close(), r.proxy.End())
}

// Epoch is the highest epoch that it has been given.
func (r *Replica) Epoch() uint64 { return r.leadership.Epoch() }

// Grant lets the authority of epoch serve writes until lease after the reading; see
// store.Replica.
func (r *Replica) Grant(_ context.Context, epoch uint64, echo store.Clock, lease time.Duration) error {
	return r.leadership.Grant(epoch, echo, lease)
}
