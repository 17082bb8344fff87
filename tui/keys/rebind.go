package keys

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// reserved are the keys that stay what they are, so that there is always a way out, and those that
// terminals send another for (ECMA-48: they are the same byte).
var reserved = map[string]string{
	"ctrl+c": "quits at once", "ctrl+z": "suspends the program", "esc": "goes back",
	"ctrl+i": "is tab for most terminals", "ctrl+m": "is enter for most terminals",
}

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
		if why := out.clash(b); why != "" {
			if free := out.free(); len(free) > 0 {
				why += "; free are " + strings.Join(free, ", ")
			}
			return nil, &RebindError{Name: b.Name, why: why}
		}
	}
	return out, nil
}

// clash says which other meaning a key of a binding has; "" where it has none.
func (t Table) clash(b Binding) string {
	for _, other := range t {
		if other.Name != b.Name && slices.ContainsFunc(b.Keys, func(k string) bool { return slices.Contains(other.Keys, k) }) {
			return fmt.Sprintf("%q is the key of %s and of %s; give one of them another", b.Show, other.Name, b.Name)
		}
	}
	if o, where, taken := ownWith(b.Keys, b.use.scope); taken {
		return fmt.Sprintf("%q can't be the key of %s: on %s it %s; give %s another", b.Show, b.Name, where, o.what, b.Name)
	}
	return ""
}

// fewFree is how many of the free keys are named.
const fewFree = 5

// free is some letters that are no key yet, neither in the table nor of a page.
func (t Table) free() (letters []string) {
	for _, r := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		key := string(r)
		if _, _, taken := ownWith([]string{key}, anywhere); !taken && t.For(key) == nil && len(letters) < fewFree {
			letters = append(letters, key)
		}
	}
	return letters
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

// unusable says why a text is no key that can be given; "" where it is one.
func unusable(key string) string {
	if why := reserved[key]; why != "" {
		return "it " + why
	}
	if _, is := functionKey(key); is || utf8.RuneCountInString(key) == 1 || slices.Contains(named, key) {
		return ""
	}
	if letter, is := strings.CutPrefix(key, "ctrl+"); is && len(letter) == 1 && letter >= "a" && letter <= "z" {
		return ""
	}
	return "a key is one character, ctrl+LETTER, f1 to f12, or one of " + strings.Join(named, ", ")
}

// functionKey is the number of a function key by its name.
func functionKey(name string) (n int, is bool) {
	_, err := fmt.Sscanf(name, "f%d", &n)
	return n, err == nil && n >= 1 && n <= 12 && name == fmt.Sprintf("f%d", n)
}

// enterSign is how Enter is shown, where the glyphs have no other sign.
const enterSign = "⏎"

// shownAs is a key as people read it.
func shownAs(key string) string {
	switch key {
	case "enter":
		return enterSign
	case "pgdown":
		return "pgdn"
	}
	return key
}
