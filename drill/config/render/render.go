// Package render makes the objects that a region is to have of the files of a repository: the overlay of the region on the base,
// by kustomize.
package render

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

// Folders of a repository.
const (
	Base     = "base"
	Overlays = "overlays"
	File     = "kustomization.yaml"
)

// Overlay is the folder of a region.
func Overlay(region string) string { return path.Join(Overlays, region) }

// ErrBroken is of files that no objects can be made of. The error names the file, and the line where it is known.
var ErrBroken = errors.New("the revision can't be rendered")

// Renderer makes objects, and keeps those of the trees that it saw last. It may be used from several goroutines.
type Renderer struct {
	mu     sync.Mutex
	made   map[key]rendered
	old    []key // in the order in which they were made
	newest *tree // that was looked at: its regions are rendered one after the other
}

type key struct{ tree, region string }

type rendered struct {
	objects []config.Object
	err     error
}

// kept bounds what is kept: the newest revisions of a large fleet.
const kept = 512

// New has made nothing yet.
func New() *Renderer { return &Renderer{made: map[key]rendered{}} }

// Objects is what a region is to have by the files of a tree, in canonical form; they must not be changed. The error wraps ErrBroken.
func (r *Renderer) Objects(tree, region string, files map[string][]byte) ([]config.Object, error) {
	of := key{tree, region}
	r.mu.Lock()
	known, is := r.made[of]
	r.mu.Unlock()
	if is {
		return known.objects, known.err
	}
	objects, err := r.tree(tree, files).build(region)
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, is := r.made[of]; !is {
		if r.old = append(r.old, of); len(r.old) > kept {
			delete(r.made, r.old[0])
			r.old = r.old[1:]
		}
	}
	r.made[of] = rendered{objects, err}
	return objects, err
}

// tree is the files of a revision, held against what kustomize may be given: once for all of its regions.
type tree struct {
	hash  string
	files map[string][]byte
	disk  func() (filesys.FileSystem, error) // as kustomize reads them; the error is why it must not
	needs func() schemaOf
}

func (r *Renderer) tree(hash string, files map[string][]byte) *tree {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.newest == nil || r.newest.hash != hash {
		r.newest = &tree{hash, files, sync.OnceValues(func() (filesys.FileSystem, error) {
			if err := takeable(files); err != nil {
				return nil, err
			}
			return onDisk(files)
		}), sync.OnceValue(func() schemaOf { return schemaFor(files) })}
	}
	return r.newest
}

// building is held by the one kustomize that runs: its schema of Kubernetes is the program's.
var building sync.Mutex

func kustomize(disk filesys.FileSystem, folder string, needs schemaOf) (resmap.ResMap, error) {
	building.Lock()
	defer building.Unlock()
	if err := use(needs); err != nil {
		return nil, err
	}
	return krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(disk, folder)
}

func (t *tree) build(region string) ([]config.Object, error) {
	folder := Overlay(region)
	if _, is := t.files[path.Join(folder, File)]; !is {
		return nil, fmt.Errorf("%w: %s is missing: %s has no overlay", ErrBroken, path.Join(folder, File), region)
	}
	disk, err := t.disk()
	if err != nil {
		return nil, err
	}
	made, err := kustomize(disk, "/"+folder, t.needs())
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %s", ErrBroken, folder, short(err))
	}
	var objects []config.Object
	for _, m := range made.Resources() {
		of, err := m.Map()
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrBroken, folder, err)
		}
		objects = append(objects, of)
	}
	if objects, err = config.Canonical(objects); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBroken, folder, err)
	}
	for _, o := range objects {
		if ref, _ := config.RefOf(o); !config.Ours(o) {
			return nil, fmt.Errorf("%w: %s: %s lacks the label %s: %s, which %s/%s gives to all", ErrBroken, folder, ref, config.LabelManaged, config.ManagedHere, Base, File)
		}
	}
	m, err := config.MeaningOf(objects)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBroken, folder, err)
	}
	if m.Version != "" && !version.MatchString(m.Version) {
		return nil, fmt.Errorf("%w: %s: Deployment/%s: %s is %.80q: write it as the tag of an image, up to 128 letters, digits, dots and hyphens", ErrBroken, folder, config.Web, config.EnvVersion, m.Version)
	}
	return objects, nil
}

// version is what one may be called: it goes into processes' environments and stands on every screen.
var version = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}$`)

// short is kustomize's error from its last sentence that names a file on: it wraps each folder that it came by.
func short(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, "accumulating resources"); i > 0 {
		text = text[i:]
	}
	return strings.Join(strings.Fields(text), " ")
}

// Check refuses a tree whose files can't be read, of which not every region has an overlay, or that has one of no region: a name that is
// misspelt would else leave its region as it is, and say nothing.
func (r *Renderer) Check(tree string, files map[string][]byte, regions []string) error {
	if err := overlays(files, regions); err != nil {
		return err
	}
	_, err := r.tree(tree, files).disk()
	return err
}

func overlays(files map[string][]byte, regions []string) error {
	var unknown []string
	for name := range files {
		rest, is := strings.CutPrefix(name, Overlays+"/")
		folder, _, deep := strings.Cut(rest, "/")
		if is && deep && !slices.Contains(regions, folder) && !slices.Contains(unknown, folder) {
			unknown = append(unknown, folder)
		}
	}
	if slices.Sort(unknown); len(unknown) > 0 {
		return fmt.Errorf("%w: %s names no region; the fleet has %s", ErrBroken, Overlay(unknown[0]), strings.Join(regions, ", "))
	}
	for _, region := range regions {
		if _, is := files[path.Join(Overlay(region), File)]; !is {
			return fmt.Errorf("%w: %s is missing: %s has no overlay", ErrBroken, path.Join(Overlay(region), File), region)
		}
	}
	return nil
}

// onDisk is files as kustomize reads them.
func onDisk(files map[string][]byte) (filesys.FileSystem, error) {
	disk := filesys.MakeFsInMemory()
	write := func(name string, content []byte, err error) error {
		if err == nil {
			err = disk.WriteFile("/"+name, content)
		}
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrBroken, name, err)
		}
		return nil
	}
	for name, content := range files {
		if err := write(name, content, nil); err != nil {
			return nil, err
		}
	}
	for _, k := range kustomizations(files) {
		if content, old, err := k.current(files); old {
			if err := write(k.name, content, err); err != nil {
				return nil, err
			}
		}
	}
	return disk, nil
}

// takeable refuses files that kustomize must not be given, or would say nothing of use about.
func takeable(files map[string][]byte) error {
	for _, refuse := range []func(map[string][]byte) error{Readable, Bounded, Contained} {
		if err := refuse(files); err != nil {
			return err
		}
	}
	return nil
}
