// Package catalog finds the files that fleets and drills are made of: those that ship, by their names, and people's own,
// by their paths.
package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/strict"
)

// Sort is one of the sorts of files: what one is called, and the folder of those that ship.
type Sort struct {
	Noun  string
	Files fs.FS
	Dir   string
}

// Names is the names of those that ship, in the order of the alphabet.
func (s Sort) Names() []string {
	files, _ := fs.Glob(s.Files, s.Dir+"/*.yaml") // the pattern is right
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	slices.Sort(files) // as names: a-b.yaml comes before a.yaml
	return files
}

// IsPath reports whether a name is that of a file, and not of something that ships.
func IsPath(name string) bool {
	return strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// File is what was found: under which name to tell of it, and whether it ships.
type File struct {
	Name  string
	Data  []byte
	Ships bool
}

// Find reads a file. A relative path starts at dir.
func (s Sort) Find(name, dir string) (File, error) {
	if IsPath(name) {
		file := name
		if dir != "" && !filepath.IsAbs(name) {
			file = filepath.Join(dir, name)
		}
		if dir != "" { // another file names it
			if err := strict.Regular(file); err != nil {
				return File{}, fmt.Errorf("load %s: %w", s.Noun, err)
			}
		}
		data, err := strict.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			return File{}, fmt.Errorf("load %s: %w; mind the path, or name one that ships: %s", s.Noun, err, strict.Enumerate(s.Names()))
		}
		if err != nil {
			return File{}, fmt.Errorf("load %s: %w", s.Noun, err)
		}
		return File{Name: file, Data: data}, nil
	}
	data, err := fs.ReadFile(s.Files, s.Dir+"/"+name+".yaml")
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid) {
			return File{}, fmt.Errorf("load %s: %w", s.Noun, err)
		}
		return File{}, fmt.Errorf("load %s: %w", s.Noun, s.notShipped(name))
	}
	return File{Name: s.Dir + "/" + name + ".yaml", Data: data, Ships: true}, nil
}

// ErrNotShipped is wrapped when a name is neither a path nor of anything that ships.
var ErrNotShipped = errors.New("does not ship")

func (s Sort) notShipped(name string) error {
	return fmt.Errorf("%s %q %w%s (a file of your own is named by its path, like ./mine.yaml)",
		s.Noun, name, ErrNotShipped, strict.Hint(name, s.Names(), "those that do are"))
}
