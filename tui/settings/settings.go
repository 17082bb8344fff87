// Package settings reads and changes the file in which a person keeps how the screen looks, which
// keys do what, and what the screen begins with. It is as strict as fleet and drill files: what is
// wrong is told with the file, the line and what would be right. Flags win over it.
package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/tui/keys"
)

// File is what a settings file says; the zero value says nothing.
type File struct {
	Theme         string // "" where the file says nothing
	ASCII         *bool  // nil where the file says nothing
	ReducedMotion *bool
	// On, Fleet and Drill are what is chosen at first; "" where the file says nothing.
	On, Fleet, Drill string
	Keys             map[string]string // the name of a binding, and its key
}

// Words is what may stand in a file.
type Words struct {
	Themes, Platforms, Fleets, Drills []string
	Keys                              keys.Table
	// IsPath reports whether a fleet or a drill is a file, and not the name of one that ships.
	IsPath func(string) bool
}

// Path is where the file is: config.yaml in the folder fleetdrill of where the system keeps settings
// (os.UserConfigDir), which on Linux is $XDG_CONFIG_HOME, else ~/.config.
func Path() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the settings' folder: %w", err)
	}
	return filepath.Join(dir, "fleetdrill", "config.yaml"), nil
}

// Load reads a file; one that is not there says nothing. What is wrong in it is a
// strict.Problems.
func Load(path string, w Words) (File, error) {
	data, err := Bytes(path)
	if err != nil {
		return File{}, err
	}
	return Read(path, data, w)
}

// Bytes is what is in a file; nothing of one that is not there. A pipe would never end.
func Bytes(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file; move it away, and `fleetdrill config init` writes one", path)
	}
	data, err := strict.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	return data, nil
}

// Read reads what is in a file.
func Read(path string, data []byte, w Words) (File, error) {
	r := reader{Source: strict.Parse(path, data), words: w}
	if r.Root != nil {
		r.mapping(r.Root, "a settings file", Keys)
	}
	return r.file, r.Err()
}

// Keyed is the table of keys as the file has them.
func (f File) Keyed(t keys.Table) (keys.Table, error) { return t.Rebind(f.Keys) }

type reader struct {
	*strict.Source
	words Words
	file  File
}

// Key is one setting: how the file, "config" and "config set" name it.
type Key struct {
	Name    string
	Of      []Key  // of one that holds others
	Help    string // one line
	Default string
	values  func(Words) []string
	read    func(*reader, *yaml.Node)
	value   func(File) string
}

// Keys is every setting.
var Keys = []Key{
	{Name: "theme", Help: "how the screen looks", Default: "auto",
		values: func(w Words) []string { return w.Themes },
		read:   func(r *reader, n *yaml.Node) { r.file.Theme, _ = r.OneOf(n, "theme", r.words.Themes, "there are") },
		value:  func(f File) string { return f.Theme }},
	{Name: "ascii", Help: "draw with ASCII only", Default: "as the terminal is", values: booleans,
		read:  func(r *reader, n *yaml.Node) { r.file.ASCII = r.flag(n, "ascii") },
		value: func(f File) string { return written(f.ASCII) }},
	{Name: "reduced_motion", Help: "nothing moves that need not", Default: "false", values: booleans,
		read:  func(r *reader, n *yaml.Node) { r.file.ReducedMotion = r.flag(n, "reduced_motion") },
		value: func(f File) string { return written(f.ReducedMotion) }},
	{Name: "start", Help: "what is chosen at first", Of: []Key{
		{Name: "on", Help: "what fleets run on, for up and run too", Default: "what this machine runs best",
			values: func(w Words) []string { return w.Platforms },
			read:   func(r *reader, n *yaml.Node) { r.file.On, _ = r.OneOf(n, "platform", r.words.Platforms, "there are") },
			value:  func(f File) string { return f.On }},
		{Name: "fleet", Help: "a fleet that ships or a file, for up too", Default: "the drill's",
			values: func(w Words) []string { return w.Fleets },
			read:   func(r *reader, n *yaml.Node) { r.file.Fleet = r.shipped(n, "fleet", r.words.Fleets) },
			value:  func(f File) string { return f.Fleet }},
		{Name: "drill", Help: "a drill that ships or a file", Default: "what is to be done first",
			values: func(w Words) []string { return w.Drills },
			read:   func(r *reader, n *yaml.Node) { r.file.Drill = r.shipped(n, "drill", r.words.Drills) },
			value:  func(f File) string { return f.Drill }},
	}},
	{Name: "keys", Help: "other keys: the name of what a key does (docs/keys.md), and the key", Default: "as docs/keys.md has them",
		read: (*reader).keys},
}

// Values is what a setting may be, where that is one of some.
func (k Key) Values(w Words) []string {
	if k.values == nil {
		return nil
	}
	return k.values(w)
}

// Value is what a file says of a setting; "" where it says nothing.
func (k Key) Value(f File) string {
	if k.value == nil {
		return ""
	}
	return k.value(f)
}

func booleans(Words) []string { return []string{"true", "false"} }

func written(b *bool) string {
	if b == nil {
		return ""
	}
	return fmt.Sprint(*b)
}

func (r *reader) mapping(n *yaml.Node, what string, list []Key) {
	var takes []strict.Key
	for _, k := range list {
		takes = append(takes, strict.Key{Name: k.Name, Read: func(n *yaml.Node) {
			if k.Of != nil {
				r.mapping(n, k.Name, k.Of)
				return
			}
			k.read(r, n)
		}})
	}
	r.Mapping(n, what, takes)
}

func (r *reader) flag(n *yaml.Node, what string) *bool {
	b := r.Boolean(n, what)
	return &b
}

// shipped reads a name of what ships, or a path.
func (r *reader) shipped(n *yaml.Node, what string, known []string) string {
	if n.Kind == yaml.ScalarNode && r.words.IsPath != nil && r.words.IsPath(n.Value) {
		return n.Value
	}
	v, _ := r.OneOf(n, what, known, "those that ship are")
	return v
}

// keys reads the person's own keys, and refuses one that two things would have.
func (r *reader) keys(n *yaml.Node) {
	at := map[string]*yaml.Node{}
	r.file.Keys = map[string]string{}
	var takes []strict.Key
	for _, name := range r.words.Keys.Names() {
		takes = append(takes, strict.Key{Name: name, Read: func(n *yaml.Node) {
			if key, ok := r.Scalar(n, "the key of "+name, "x or ctrl+x"); ok {
				r.file.Keys[name], at[name] = key, n
			}
		}})
	}
	r.Mapping(n, "keys", takes)
	// Only once all are there: two may have changed places.
	for {
		_, err := r.words.Keys.Rebind(r.file.Keys)
		var wrong *keys.RebindError
		if !errors.As(err, &wrong) {
			return
		}
		r.Bad(at[wrong.Name], "%s", wrong)
		delete(r.file.Keys, wrong.Name)
	}
}

// Find is a setting by its name, "start.on", or of a key, "keys.kill"; false where there is none.
func Find(name string, w Words) (Key, bool) {
	for _, n := range Names(w) {
		if n.Name == name {
			return n, true
		}
	}
	return Key{}, false
}

// Names is every setting that can be set by itself, with its full name.
func Names(w Words) []Key {
	var out []Key
	for _, k := range Keys {
		switch {
		case k.Name == "keys":
			for _, b := range w.Keys {
				if slices.Contains(w.Keys.Names(), b.Name) {
					out = append(out, Key{Name: "keys." + b.Name, Help: b.Help, Default: b.Show, value: func(f File) string { return f.Keys[b.Name] }})
				}
			}
		case k.Of != nil:
			for _, o := range k.Of {
				o.Name = k.Name + "." + o.Name
				out = append(out, o)
			}
		default:
			out = append(out, k)
		}
	}
	return out
}
