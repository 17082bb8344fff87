package keys

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// reserved are the keys that stay what they are, so that there is always a way out.
var reserved = map[string]string{"ctrl+c": "quits at once", "ctrl+z": "suspends the program", "esc": "goes back"}

// named are the keys that have a name and no character, as terminals tell them apart.
var named = []string{"enter", "tab", "shift+tab", "space", "backspace", "delete", "insert", "home", "end", "pgup", "pgdown", "up", "down", "left", "right"}

// RebindError is why a binding can't have a key.
type RebindError struct {
	Name string // of the binding
	why  string
}

func (e *RebindError) Error() string { return e.why }

// Rebind is the table with other keys for some bindings, by the bindings' names (see Names).
// The error is a RebindError, of the first in the table's order that can't have its key.
func (t Table) Rebind(keys map[string]string) (Table, error) {
	if len(keys) == 0 {
		return t, nil
	}
	out := slices.Clone(t)
	for i, b := range t {
		key, is := keys[b.Name]
		if !is {
			continue
		}
		if why := unusable(key); why != "" {
			return nil, &RebindError{Name: b.Name, why: fmt.Sprintf("%q can't be the key of %s: %s", key, b.Name, why)}
		}
		out[i].Keys, out[i].Show = spelled(key), shownAs(key)
	}
	for _, b := range out {
		if _, is := keys[b.Name]; !is {
			continue
		}
		for _, other := range out {
			if other.Name != b.Name && slices.ContainsFunc(b.Keys, func(k string) bool { return slices.Contains(other.Keys, k) }) {
				return nil, &RebindError{Name: b.Name, why: fmt.Sprintf("%q is the key of %s and of %s; give one of them another", b.Show, other.Name, b.Name)}
			}
		}
	}
	return out, nil
}

// Names is the names of all bindings whose key can be another one.
func (t Table) Names() []string {
	var names []string
	for _, b := range t {
		if !slices.ContainsFunc(b.Keys, func(k string) bool { return reserved[k] != "" }) {
			names = append(names, b.Name)
		}
	}
	return names
}

// Act is the binding of an action's verb; nil where there is none.
func (t Table) Act(verb runbook.Verb) *Binding {
	for i := range t {
		if t[i].Intent.Op == Act && t[i].Intent.Action.Verb == verb {
			return &t[i]
		}
	}
	return nil
}

// unusable says why a text is no key that can be given; "" where it is one.
func unusable(key string) string {
	if why := reserved[key]; why != "" {
		return "it " + why
	}
	if utf8.RuneCountInString(key) == 1 || slices.Contains(named, key) || isFunctionKey(key) {
		return ""
	}
	if letter, is := strings.CutPrefix(key, "ctrl+"); is && len(letter) == 1 && letter >= "a" && letter <= "z" {
		return ""
	}
	return "a key is one character, ctrl+LETTER, f1 to f12, or one of " + strings.Join(named, ", ")
}

func isFunctionKey(key string) bool {
	var n int
	_, err := fmt.Sscanf(key, "f%d", &n)
	return err == nil && n >= 1 && n <= 12 && key == fmt.Sprintf("f%d", n)
}

// shownAs is a key as people read it.
func shownAs(key string) string {
	switch key {
	case "enter":
		return "⏎"
	case "pgdown":
		return "pgdn"
	}
	return key
}
