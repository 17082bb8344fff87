package config

import (
	"encoding/json"
	"slices"
	"strings"
)

// Field is one field of an object that is not as it is to be. Wanted and Actual are as text, "" where there is none: Actual of a
// field, or with an empty Path of an object, that is missing, Wanted of an object that is to go.
type Field struct {
	Object Ref    `json:"object"`
	Path   string `json:"path,omitempty"` // "spec.replicas"; "" is the object itself
	Wanted string `json:"wanted,omitempty"`
	Actual string `json:"actual,omitempty"`
	Who    string `json:"who,omitempty"` // the field manager that changed it last; "" is not known
}

// String is the field as a person names it.
func (f Field) String() string {
	if f.Path == "" {
		return f.Object.String()
	}
	return f.Object.String() + " " + f.Path
}

// same reports whether it is the same field of the same object.
func (f Field) same(o Field) bool { return f.Object == o.Object && f.Path == o.Path }

// Flat is an object's fields by their paths, each as text. The items of a list are told apart by their name, as those of
// containers and their variables are; a list whose items have none is one field, as a cluster takes it.
func Flat(o Object) map[string]string {
	out := map[string]string{}
	flatten(out, "", map[string]any(o))
	return out
}

func flatten(out map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			out[path] = "{}"
		}
		for key, below := range v {
			flatten(out, join(path, key), below)
		}
	case []any:
		if !named(v) {
			out[path] = text(v)
			return
		}
		for _, item := range v {
			of := item.(map[string]any)
			flatten(out, path+"["+of["name"].(string)+"]", of)
		}
	default:
		out[path] = text(v)
	}
}

func join(path, key string) string {
	if strings.Contains(key, ".") {
		key = `"` + key + `"`
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// named reports whether every item of a list has a name.
func named(list []any) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(item any) bool {
		of, is := item.(map[string]any)
		name, has := of["name"].(string)
		return !is || !has || name == ""
	})
}

// text is a value as text; a string that is plain stands as it is.
func text(v any) string {
	if s, is := v.(string); is && s != "" {
		return s
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return string(raw)
}

// Differs is the fields of the wanted object that the actual one has otherwise, by their paths. A nil actual is missing whole.
// What the actual one has beside them is nobody's of the repository, and no difference: so server-side apply takes it.
func Differs(wanted, actual Object) []Field {
	ref, err := RefOf(wanted)
	if err != nil {
		return nil
	}
	if actual == nil {
		return []Field{{Object: ref, Wanted: "there"}}
	}
	has := Flat(actual)
	var out []Field
	for path, want := range Flat(wanted) {
		if has[path] != want && !(want == "{}" && beneath(has, path)) {
			out = append(out, Field{Object: ref, Path: path, Wanted: want, Actual: has[path]})
		}
	}
	slices.SortFunc(out, func(a, b Field) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// beneath reports whether there is a field below a path: what is wanted as an empty mapping is there then.
func beneath(has map[string]string, path string) bool {
	for p := range has {
		if strings.HasPrefix(p, path+".") {
			return true
		}
	}
	return false
}

// Merge is the actual object with each field of the wanted one as that has it; what else it has stays. A nil actual gives the
// wanted one.
func Merge(actual, wanted Object) Object {
	if actual == nil {
		return Copy(wanted)
	}
	return Object(merged(map[string]any(actual), map[string]any(wanted)).(map[string]any))
}

func merged(actual, wanted any) any {
	switch w := wanted.(type) {
	case map[string]any:
		a, is := actual.(map[string]any)
		if !is {
			return copied(w)
		}
		out := copied(a).(map[string]any)
		for key, v := range w {
			out[key] = merged(a[key], v)
		}
		return out
	case []any:
		a, is := actual.([]any)
		if !is || !named(a) || !named(w) {
			return copied(w)
		}
		return mergedByName(a, w)
	}
	return wanted
}

// mergedByName has the wanted items in their order, then what else is there.
func mergedByName(actual, wanted []any) []any {
	name := func(item any) string { return item.(map[string]any)["name"].(string) }
	find := func(list []any, n string) any {
		if i := slices.IndexFunc(list, func(x any) bool { return name(x) == n }); i >= 0 {
			return list[i]
		}
		return nil
	}
	var out []any
	for _, w := range wanted {
		out = append(out, merged(find(actual, name(w)), w))
	}
	for _, a := range actual {
		if find(wanted, name(a)) == nil {
			out = append(out, copied(a))
		}
	}
	return out
}
