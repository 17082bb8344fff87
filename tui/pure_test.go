package tui

import (
	"fmt"
	"hash/fnv"
	"reflect"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// fingerprint is a hash of a value and all that it holds or points to, but for
// functions and channels.
func fingerprint(v any) uint64 { return hashOf(reflect.ValueOf(v), map[uintptr]bool{}) }

func hashOf(v reflect.Value, seen map[uintptr]bool) uint64 {
	h := fnv.New64a()
	add := func(n uint64) { fmt.Fprintf(h, "%x;", n) }
	fmt.Fprintf(h, "%s;", v.Kind())
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			break
		}
		seen[v.Pointer()] = true
		add(hashOf(v.Elem(), seen))
	case reflect.Interface:
		if !v.IsNil() {
			add(hashOf(v.Elem(), seen))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			add(hashOf(v.Field(i), seen))
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			add(hashOf(v.Index(i), seen))
		}
	case reflect.Map:
		sum := uint64(0) // the order does not matter
		for _, k := range v.MapKeys() {
			sum += hashOf(k, map[uintptr]bool{})*31 ^ hashOf(v.MapIndex(k), map[uintptr]bool{})
		}
		add(sum)
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
	case reflect.String:
		fmt.Fprintf(h, "%q", v.String())
	case reflect.Bool:
		fmt.Fprintf(h, "%v", v.Bool())
	case reflect.Float32, reflect.Float64:
		fmt.Fprintf(h, "%v", v.Float())
	default:
		if v.CanInt() {
			fmt.Fprintf(h, "%d", v.Int())
		} else if v.CanUint() {
			fmt.Fprintf(h, "%d", v.Uint())
		}
	}
	return h.Sum64()
}

func TestFingerprintSeesPrivateChanges(t *testing.T) {
	s := byHand(t)
	was := fingerprint(s.model)
	if fingerprint(s.model) != was {
		t.Fatal("the same model has two fingerprints")
	}
	for name, change := range map[string]func(){
		"a scroll":          func() { s.drill.Scroll++ },
		"what is drawn":     func() { s.drawn += " " },
		"deep in the state": func() { *s.live.state.Dataset("orders").AtRisk++ },
	} {
		change()
		now := fingerprint(s.model)
		if now == was {
			t.Errorf("%s changed, and the fingerprint did not", name)
		}
		was = now
	}
}

// TestDrawingChangesNothing draws every page and dialog twice, at sizes at which
// lists scroll and do not, with every pane in focus.
func TestDrawingChangesNothing(t *testing.T) {
	exhaustive(t)
	all := states()
	for key, name := range map[string]string{"?": "help", ":": "palette", "n": "note", "q": "quit", "L": "lost", "X": "endpoints", "m": "mode", "K": "confirm", "/": "filter"} {
		all["dialog "+name] = func(s *stage) {
			s.events(story(storyBegin+31*time.Second, storyPlan()))
			s.happens(0, drill.NoteWritten{Text: "so that there is one"})
			s.choose(key)
			s.press("down", "down")
		}
	}
	for name, play := range all {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 120, 36, Options{Theme: ThemeDark})
			play(s)
			for i, size := range [][2]int{{60, 15}, {80, 24}, {120, 36}, {200, 50}, {40, 10}} {
				s.w, s.h = size[0], size[1]
				s.drill.Focus = pane.ID(1 + (i+len(name))%int(pane.Last))
				s.drill.Scroll = i
				before := fingerprint(s.model)
				one := s.frame().String()
				if fingerprint(s.model) != before {
					t.Fatalf("drawing at %v changed the model", size)
				}
				if two := s.frame().String(); two != one {
					t.Fatalf("drawn twice at %v:\n%s\nand\n%s", size, stripped(one), stripped(two))
				}
				v := s.View()
				if fingerprint(s.model) != before || s.View().Content != v.Content {
					t.Fatalf("View at %v changed the model", size)
				}
			}
		})
	}
}
