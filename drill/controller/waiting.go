package controller

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// waitsAfter is how long no write may have been acknowledged, while some are held
// back, before writes are said to wait: several of the longest round trips, since
// a write always waits for one.
const waitsAfter = time.Second

// updateWaiting learns when writes begin to wait for regions, and when they no longer do.
func updateWaiting(d *decision) {
	m := &d.m
	since := max(m.lastAck.at, m.since)
	quiet := d.now - since
	var regions []string
	if r := m.of(m.lead); r != nil && r.fresh(d.now) && r.status.Role == role.Authority && r.status.Waiting > 0 && quiet >= waitsAfter {
		regions = slices.Sorted(slices.Values(r.status.WaitingFor))
	}
	begins := len(regions) > 0 && !slices.Equal(regions, m.waitsFor)
	ends := len(regions) == 0 && len(m.waitsFor) > 0 && (quiet < waitsAfter || m.rule.Mode == topology.ModeAsync)
	if !begins && !ends {
		return
	}
	m.waitsFor = regions
	d.emit(drill.WritesWaiting{Dataset: d.name(), Region: m.lead, For: regions, Mode: m.rule.Mode, Since: since})
}
