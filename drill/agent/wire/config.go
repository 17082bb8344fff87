package wire

import (
	"context"
	"errors"
	"net/http"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

// Paths of a region's objects. Where a cluster keeps them, its agent has the first and the last alone, and says of itself only
// whether it was told since it started.
const (
	PathConfig     = "/v1/config"       // GET → ConfigStatus; PUT ConfigApply → config.Given
	PathConfigDiff = "/v1/config/diff"  // POST ConfigObjects → []config.Field
	PathConfigEdit = "/v1/config/edit"  // POST ConfigEdit → []config.Field that it changed
	PathConfigKeep = "/v1/config/prune" // POST ConfigKeep → []config.Ref that went

	PathConfigConfirm = "/v1/config/confirm" // POST → ConfigStatus; that a reconciler has told the region what to run
)

// ConfigStatus is what a region was given, what it has, and whether that works.
type ConfigStatus struct {
	Given   config.Given    `json:"given"`
	Health  config.Health   `json:"health"`
	Objects []config.Object `json:"objects"`
}

// ConfigApply has a region take the objects of a revision, one after the other.
type ConfigApply struct {
	Revision string          `json:"revision"`
	Manager  string          `json:"manager"`
	Objects  []config.Object `json:"objects"`
}

// ConfigObjects are objects to be held against what a region has.
type ConfigObjects struct {
	Objects []config.Object `json:"objects"`
}

// ConfigEdit changes objects as a person does, past the repository: of each only the fields that are named. Delete takes objects away.
type ConfigEdit struct {
	Manager string          `json:"manager"`
	Objects []config.Object `json:"objects,omitempty"`
	Delete  []config.Ref    `json:"delete,omitempty"`
}

// ConfigKeep names the objects that stay of those that came from a repository.
type ConfigKeep struct {
	Keep []config.Ref `json:"keep"`
}

// What a region's objects refuse.
var (
	// ErrForbidden: no role of the region allows the write.
	ErrForbidden = errors.New("forbidden")
	// ErrReadOnly: a flag has the region refuse its users' writes.
	ErrReadOnly = errors.New("read-only")
	// ErrVersion: the version of the web tier has a bug, and answers users with an error.
	ErrVersion = errors.New("the version has a bug")
	// ErrUnconfigured: the region was away, and serves nobody until a reconciler has told it what to run.
	ErrUnconfigured = errors.New("not reconciled yet")
	// ErrCredentials: the authority's region takes a write with other credentials alone.
	ErrCredentials = errors.New("wrong credentials")
	// ErrPolicy: a network policy of the region does not let it reach another.
	ErrPolicy = errors.New("no network policy allows it")
)

type credentials struct{}

// WithCredentials has writes that are sent to another region show what the web tier writes with there.
func WithCredentials(ctx context.Context, secret string) context.Context {
	return context.WithValue(ctx, credentials{}, secret)
}

// Config asks what a region was given.
func Config(ctx context.Context, c *Client) (ConfigStatus, error) {
	return ask[ConfigStatus](ctx, c, request{method: http.MethodGet, path: PathConfig})
}

// ConfirmConfig tells a region whose objects a cluster keeps that a reconciler has told it what to run.
func ConfirmConfig(ctx context.Context, c *Client) (ConfigStatus, error) {
	return ask[ConfigStatus](ctx, c, request{method: http.MethodPost, path: PathConfigConfirm, replay: true})
}

// ApplyConfig has a region take the objects of a revision.
func ApplyConfig(ctx context.Context, c *Client, a ConfigApply) (config.Given, error) {
	return ask[config.Given](ctx, c, request{method: http.MethodPut, path: PathConfig, body: a, replay: true})
}

// DiffConfig holds objects against what a region has.
func DiffConfig(ctx context.Context, c *Client, objects []config.Object) ([]config.Field, error) {
	return ask[[]config.Field](ctx, c, request{method: http.MethodPost, path: PathConfigDiff, body: ConfigObjects{objects}, replay: true})
}

// EditConfig changes objects past the repository, and says what that changed.
func EditConfig(ctx context.Context, c *Client, e ConfigEdit) ([]config.Field, error) {
	return ask[[]config.Field](ctx, c, request{method: http.MethodPost, path: PathConfigEdit, body: e})
}

// KeepConfig removes what came from a repository and is not named, and says what that was.
func KeepConfig(ctx context.Context, c *Client, keep []config.Ref) ([]config.Ref, error) {
	return ask[[]config.Ref](ctx, c, request{method: http.MethodPost, path: PathConfigKeep, body: ConfigKeep{keep}, replay: true})
}
