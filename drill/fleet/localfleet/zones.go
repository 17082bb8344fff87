package localfleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet/below"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A region with zones is a process with the gateway, and below it the processes of its zones: one for each web replica, and in
// one zone one for the store. A zone's fault is one on these. Below a region without zones are the web replicas that it was scaled by.

// DoZone implements fleet.Platform.
func (p *Platform) DoZone(ctx context.Context, zone string, op fleet.Op) (fleet.Proof, error) {
	proof, err := p.doZone(ctx, zone, op)
	if err != nil {
		return fleet.Proof{}, fmt.Errorf("%s zone %s: %w", op, zone, err)
	}
	return proof, nil
}

func (p *Platform) doZone(ctx context.Context, zone string, op fleet.Op) (fleet.Proof, error) {
	spec, known := topology.RegionOfZone(p.cfg.Fleet, zone)
	if !known {
		return fleet.Proof{}, fmt.Errorf("fleet %s has no such zone, it has %s", p.cfg.Fleet.Name, strings.Join(topology.ZoneNames(p.cfg.Fleet), ", "))
	}
	s, r := p.current(), p.byName[spec.Name]
	if s == nil {
		return fleet.Proof{}, fmt.Errorf("%w: the fleet is not up", fleet.ErrDown)
	}
	ctx, cancel := s.bound(ctx)
	defer cancel()
	if err := r.await(ctx); err != nil {
		return fleet.Proof{}, s.reason(ctx)
	}
	defer r.release()
	do := p.execution(s)
	each := map[fleet.Op]func(context.Context, *region, func(wire.ZoneProcess) bool) (string, error){
		fleet.OpKill: do.killParts, fleet.OpFreeze: do.freezeParts, fleet.OpRestore: do.restoreParts,
	}[op]
	if each == nil {
		return fleet.Proof{}, &fleet.Cannot{Why: fmt.Sprintf("a zone takes no %s", op), Next: fmt.Sprintf("use one of %v", fleet.OpsOfZone)}
	}
	found, err := each(ctx, r, func(part wire.ZoneProcess) bool { return part.Zone == zone })
	if err != nil {
		return fleet.Proof{}, err
	}
	return p.out.prove("%s", found), nil
}

// listed is those of a region's parts, and each with what runs below it.
func (o execution) listed(ctx context.Context, r *region, which func(wire.ZoneProcess) bool) (parts []wire.ZoneProcess, running []record.Process, err error) {
	c := r.current()
	if err := c.down(); err != nil {
		return nil, nil, r.whyDown(err)
	}
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	all, err := wire.Zones(ctx, o.probe.client(c.address(), r.name))
	if err != nil {
		return nil, nil, fmt.Errorf("ask the gateway of %s what runs beside it: %w", r.name, err)
	}
	for _, part := range all {
		if !which(part) {
			continue
		}
		parts = append(parts, part)
		if part.PID == 0 {
			continue
		}
		identity, err := record.Identify(part.PID)
		if err != nil {
			continue // it has just ended
		}
		under, err := below.Of(ctx, part.PID)
		if err != nil {
			return nil, nil, err
		}
		running = append(append(running, identity), under...)
	}
	return parts, running, nil
}

// numbers is the process numbers of parts, for a command and a proof.
func numbers(parts []wire.ZoneProcess) string {
	var out []string
	for _, p := range parts {
		if p.PID != 0 {
			out = append(out, fmt.Sprint(p.PID))
		}
	}
	return strings.Join(out, " ")
}

// killParts sends SIGKILL to parts of a region and all that is below them. It is proved by the region's own process, which
// was told of their end as their parent.
func (o execution) killParts(ctx context.Context, r *region, which func(wire.ZoneProcess) bool) (string, error) {
	parts, running, err := o.listed(ctx, r, which)
	if err != nil {
		return "", err
	}
	if len(running) == 0 {
		return "", fmt.Errorf("%w: nothing runs there", fleet.ErrDown)
	}
	o.out.commanded(r.name, "kill -KILL %s", numbers(parts))
	if err := below.KillAll(running); err != nil {
		return "", err
	}
	if err := o.awaitParts(ctx, r, which, func(p wire.ZoneProcess) bool { return p.PID == 0 }); err != nil {
		return "", fmt.Errorf("killed %s, but %w", numbers(parts), err)
	}
	r.changed()
	return processes(parts, " killed by signal 9, the gateway has no way to it", " killed by signal 9, the gateway has no way to them"), nil
}

// processes is the numbers of parts that run, with what is said of one or of many.
func processes(parts []wire.ZoneProcess, one, many string) string {
	list := numbers(parts)
	if strings.Contains(list, " ") {
		return "processes " + strings.ReplaceAll(list, " ", ", ") + many
	}
	return "process " + list + one
}

// freezeParts sends SIGSTOP to parts of a region and all that is below them. It is proved by their states as the kernel has
// them, and by the gateway's health checks, which get no answer.
func (o execution) freezeParts(ctx context.Context, r *region, which func(wire.ZoneProcess) bool) (string, error) {
	parts, running, err := o.listed(ctx, r, which)
	if err != nil {
		return "", err
	}
	if len(running) == 0 {
		return "", fmt.Errorf("%w: nothing runs there", fleet.ErrDown)
	}
	// A stopped process does not notice the end of the one it works for, so a later down must find it.
	if err := o.own.File().Update(func(known *record.Record) { known.AddDescendants(r.name, running) }); err != nil {
		return "", err
	}
	o.out.commanded(r.name, "kill -STOP %s", numbers(parts))
	if err := below.StopAll(ctx, running); err != nil {
		return "", err
	}
	if err := o.awaitParts(ctx, r, which, func(p wire.ZoneProcess) bool { return !p.Up }); err != nil {
		return "", fmt.Errorf("stopped %s, but %w", numbers(parts), err)
	}
	r.changed()
	const says = " stopped (state T), the gateway's checks get no answer"
	return processes(parts, says, says), nil
}

// restoreParts continues what is stopped of a region's parts and has what ended started. It is proved by the gateway's
// checks, which each of them answers.
func (o execution) restoreParts(ctx context.Context, r *region, which func(wire.ZoneProcess) bool) (string, error) {
	if err := o.starter.revived(ctx, r, which); err != nil {
		return "", err
	}
	parts, _, err := o.listed(ctx, r, which)
	if err != nil {
		return "", err
	}
	r.changed()
	return processes(parts, " answers the gateway's checks", " answer the gateway's checks"), nil
}

// awaitParts returns once all of the region's parts that are meant are as wanted.
func (o execution) awaitParts(ctx context.Context, r *region, which, wanted func(wire.ZoneProcess) bool) error {
	return o.starter.awaitParts(ctx, r, func(p wire.ZoneProcess) bool { return !which(p) || wanted(p) })
}

func (b starter) awaitParts(ctx context.Context, r *region, wanted func(wire.ZoneProcess) bool) error {
	ctx, cancel := b.ready(ctx)
	defer cancel()
	client := b.probe.client(r.current().address(), r.name)
	for {
		all, err := wire.Zones(ctx, client)
		i := slices.IndexFunc(all, func(p wire.ZoneProcess) bool { return !wanted(p) })
		if err == nil && i < 0 {
			return nil
		}
		if err == nil {
			err = fmt.Errorf("process %s of zone %s is not as wanted (number %d, it answers: %t)", all[i].Name, all[i].Zone, all[i].PID, all[i].Up)
		}
		if !pause.For(ctx, probeEvery) {
			return err
		}
	}
}

// revived continues what is stopped of a region's parts, has what ended started, and returns once they answer.
func (b starter) revived(ctx context.Context, r *region, which func(wire.ZoneProcess) bool) error {
	ctx, cancel := b.ready(ctx)
	defer cancel()
	client := b.probe.client(r.current().address(), r.name)
	all, err := wire.Zones(ctx, client)
	if err != nil {
		return err
	}
	for _, part := range all {
		if !which(part) {
			continue
		}
		continued, err := below.ContinueOne(ctx, r.current().pid, part.PID)
		if err != nil {
			return err
		}
		if continued {
			b.out.commanded(r.name, "kill -CONT %d", part.PID)
		}
		if part.PID == 0 {
			if _, err := wire.BeginZone(ctx, client, part.Name); err != nil {
				return err
			}
		}
	}
	return b.awaitParts(ctx, r, func(p wire.ZoneProcess) bool { return !which(p) || p.Up })
}

// parts brings back whatever of a region that runs does not: its web tier, or what is in its zones.
func (b starter) parts(ctx context.Context, r *region) error {
	all := func(wire.ZoneProcess) bool { return true }
	if r.spec.Zones > 0 {
		return b.revived(ctx, r, all)
	}
	client := b.probe.client(r.current().address(), r.name)
	asking, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	added, err := wire.Zones(asking, client)
	if err != nil {
		return nil // who awaits its answer will say why there is none
	}
	if web, err := client.Web(asking); err == nil && len(web) == 0 {
		if err := wire.SetWeb(asking, client, true); err != nil {
			return err
		}
	}
	if len(added) == 0 {
		return nil
	}
	return b.revived(ctx, r, all)
}

// killTier ends the web tier of a region: with SIGKILL where it is processes, and by having the region's process close the
// web servers that share it with the store.
func (o execution) killTier(ctx context.Context, r *region) (string, error) {
	webs := func(p wire.ZoneProcess) bool { return !p.Store }
	if r.spec.Zones > 0 {
		return o.killParts(ctx, r, webs)
	}
	c := r.current()
	if err := c.down(); err != nil {
		return "", r.whyDown(err)
	}
	killed := ""
	switch says, err := o.killParts(ctx, r, webs); {
	case err == nil:
		killed = says + "; "
	case !errors.Is(err, fleet.ErrDown): // there need be none
		return "", err
	}
	client := o.probe.client(c.address(), r.name)
	if err := wire.SetWeb(ctx, client, false); err != nil {
		return "", err
	}
	if left, err := client.Web(ctx); err != nil || len(left) > 0 {
		return "", errors.Join(fmt.Errorf("web replicas that are known to answer still: %d", len(left)), err)
	}
	if _, err := client.Status(ctx); err != nil {
		return "", fmt.Errorf("its store does not answer either: %w", err)
	}
	r.changed()
	return killed + "its web servers are closed, no replica answers, its store does", nil
}

// zones is the region's zones, each ready where all that runs there answers the gateway.
func (w watcher) zones(ctx context.Context, c *child, r *region) (zones []telemetry.Zone) {
	all, err := wire.Zones(ctx, w.probe.client(c.address(), r.name))
	if err != nil {
		return nil
	}
	for _, name := range r.spec.ZoneNames() {
		zones = append(zones, telemetry.Zone{Name: name, Ready: !slices.ContainsFunc(all, func(p wire.ZoneProcess) bool { return p.Zone == name && !p.Up })})
	}
	return zones
}

// zoneOf is the zone that a web replica is in, by its name; "" in a region without zones.
func zoneOf(r *region, replica string) string {
	for _, zone := range r.spec.ZoneNames() {
		if strings.HasPrefix(replica, zone+"-") {
			return zone
		}
	}
	return ""
}
