// Package agents gives regions their objects by the agents that keep them: each is a reconciler's target.
package agents

import (
	"context"
	"errors"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/reconciler"
)

// Target is a region's agent. It implements reconciler.Target.
type Target struct {
	client *wire.Client
	hub    func(error) bool
}

// New is a region's, by a client that leads to it. hub says of an error that the way by the hub failed; nil where none is on the way.
func New(client *wire.Client, hub func(error) bool) *Target {
	if hub == nil {
		hub = func(error) bool { return false }
	}
	return &Target{client: client, hub: hub}
}

// Given implements reconciler.Target.
func (t *Target) Given(ctx context.Context) (config.Given, error) {
	st, err := wire.Config(ctx, t.client)
	return st.Given, t.failed(err)
}

// Diff implements reconciler.Target.
func (t *Target) Diff(ctx context.Context, objects []config.Object) ([]config.Field, error) {
	fields, err := wire.DiffConfig(ctx, t.client, objects)
	return fields, t.failed(err)
}

// Apply implements reconciler.Target.
func (t *Target) Apply(ctx context.Context, revision string, objects []config.Object) error {
	_, err := wire.ApplyConfig(ctx, t.client, wire.ConfigApply{Revision: revision, Manager: config.Manager, Objects: objects})
	return t.failed(err)
}

// Prune implements reconciler.Target.
func (t *Target) Prune(ctx context.Context, keep []config.Ref) ([]config.Ref, error) {
	gone, err := wire.KeepConfig(ctx, t.client, keep)
	return gone, t.failed(err)
}

// Health implements reconciler.Target.
func (t *Target) Health(ctx context.Context) (config.Health, error) {
	st, err := wire.Config(ctx, t.client)
	return st.Health, t.failed(err)
}

// Confirm tells a region whose objects a cluster keeps that it was told what to run.
func (t *Target) Confirm(ctx context.Context) error {
	_, err := wire.ConfirmConfig(ctx, t.client)
	return t.failed(err)
}

// Edit implements reconciler.Objects.
func (t *Target) Edit(ctx context.Context, e config.Edit) ([]config.Field, error) {
	fields, err := wire.EditConfig(ctx, t.client, wire.ConfigEdit{Manager: config.By, Objects: e.Objects, Delete: e.Delete})
	if err != nil {
		return nil, t.failed(err)
	}
	left, err := t.Diff(ctx, e.Objects)
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("it does not have it so after it was changed: %v", left)
	}
	return fields, err
}

// failed says of an error whether the region, or the hub on the way to it, did not answer. A hub that the region does not trust, or that
// does not trust the region, asked it nothing: so it is for a moment while a fleet comes up.
func (t *Target) failed(err error) error {
	var refused *wire.Error
	switch {
	case err == nil:
		return nil
	case t.hub(err):
		return fmt.Errorf("%w: %w", reconciler.ErrHub, err)
	case errors.As(err, &refused) && refused.Code != wire.CodeUpstream && refused.Code != wire.CodeUntrusted:
		return err
	}
	return fmt.Errorf("%w: %w", reconciler.ErrAway, err)
}
