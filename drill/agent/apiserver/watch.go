package apiserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/pause"
)

const (
	// againAfter is how soon a server is asked again that did not answer, or ended a watch.
	againAfter = 250 * time.Millisecond
	// watchFor is when a watch is asked to end and begun anew, so that one whose server has silently gone is found out: client-go
	// takes 5 to 10 minutes, and a drill has not that long.
	watchFor = 30 * time.Second
	// answerGrace is how much longer a server may take to end a watch than it was asked to.
	answerGrace = 5 * time.Second
)

// Object is one as JSON decodes it.
type Object = map[string]any

// kept is the objects of one resource, by their names.
type kept map[string]Object

// list is what of a list is read.
type list struct {
	Metadata struct {
		ResourceVersion string `json:"resourceVersion"`
	} `json:"metadata"`
	Items []Object `json:"items"`
}

// event is one of a watch.
type event struct {
	Type   string `json:"type"`
	Object Object `json:"object"`
}

// Follow keeps what the namespace has of a resource as it is, until ctx ends: seen gets all of it after each change, some without their
// types, which a list says once for all of them; and failed why
// it can't be known now, nil once it can be again. While the server does not answer, what was known stays.
func (s *Server) Follow(ctx context.Context, api, resource string, query url.Values, seen func([]Object), failed func(error)) {
	for {
		err := s.follow(ctx, api, resource, query, seen, failed)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			failed(err)
		}
		if !pause.For(ctx, againAfter) {
			return
		}
	}
}

// follow lists once, and watches what changes until the watch ends. A nil error is of one that ended as watches do.
func (s *Server) follow(ctx context.Context, api, resource string, query url.Values, seen func([]Object), failed func(error)) error {
	ctx, cancel := context.WithTimeout(ctx, watchFor+answerGrace)
	defer cancel()
	var all list
	if err := s.List(ctx, api, resource, query, &all); err != nil {
		return err
	}
	objects := kept{}
	for _, o := range all.Items {
		objects.set(o)
	}
	failed(nil)
	seen(objects.all())
	watch := url.Values{"watch": {"true"}, "resourceVersion": {all.Metadata.ResourceVersion}, "timeoutSeconds": {fmt.Sprint(int(watchFor.Seconds()))}}
	for key, values := range query {
		watch[key] = values
	}
	body, err := s.ask(ctx, api, resource, watch)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	for events := json.NewDecoder(body); ; {
		var e event
		switch err := events.Decode(&e); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("watch the %s: %w", resource, err)
		}
		switch e.Type {
		case "ADDED", "MODIFIED":
			objects.set(e.Object)
		case "DELETED":
			delete(objects, nameOf(e.Object))
		default: // ERROR: what it began with is too old
			return nil
		}
		seen(objects.all())
	}
}

func nameOf(o Object) string {
	metadata, _ := o["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	return name
}

func (k kept) set(o Object) { k[nameOf(o)] = o }

func (k kept) all() []Object {
	out := make([]Object, 0, len(k))
	for _, o := range k {
		out = append(out, o)
	}
	return out
}
