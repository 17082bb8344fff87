package objects

import (
	"net/http"
	"sync/atomic"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config"
)

// Serve adds the paths of a region's objects, which only the region's own callers may ask.
func Serve(mux *http.ServeMux, own func(http.Handler) http.Handler, s *Store) {
	handle := func(pattern string, do http.HandlerFunc) { mux.Handle(pattern, own(do)) }
	handle("GET "+wire.PathConfig, func(w http.ResponseWriter, _ *http.Request) { answer.JSON(w, s.region, s.Status()) })
	handle("PUT "+wire.PathConfig, asked(s, func(a wire.ConfigApply) (any, error) { return s.Apply(a) }))
	handle("POST "+wire.PathConfigDiff, asked(s, func(o wire.ConfigObjects) (any, error) { return s.Diff(o.Objects), nil }))
	handle("POST "+wire.PathConfigEdit, asked(s, func(e wire.ConfigEdit) (any, error) { return s.Edit(e) }))
	handle("POST "+wire.PathConfigKeep, asked(s, func(k wire.ConfigKeep) (any, error) { return s.Prune(k.Keep) }))
}

// ServeRules adds the paths of a region whose cluster has its objects: whether it was told since it started, and to tell it.
func ServeRules(mux *http.ServeMux, own func(http.Handler) http.Handler, r *Rules) {
	var before atomic.Pointer[config.Before]
	status := func(w http.ResponseWriter) {
		answer.JSON(w, r.region, wire.ConfigStatus{Given: config.Given{Confirmed: r.told.Load(), Before: before.Load()}, Objects: []config.Object{}})
	}
	mux.Handle("GET "+wire.PathConfig, own(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { status(w) })))
	mux.Handle("POST "+wire.PathConfigConfirm, own(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if did := r.tell(); did != nil {
			before.Store(did)
		}
		status(w)
	})))
}

// asked reads what is asked, and answers with what came of it.
func asked[T any](s *Store, do func(T) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in T
		if err := answer.Decode(w, r, &in); err != nil {
			answer.Error(w, s.region, err)
			return
		}
		v, err := do(in)
		answer.Result(w, s.region, v, err)
	}
}
