// Package configfile reads how a fleet's regions get what they run, as a fleet file says it.
package configfile

import (
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// The limits of intervals: what a busy laptop keeps up with, and what a drill can wait for.
const (
	leastEvery = time.Second
	// leastFor is how long a gate looks at least: requests are counted that often (measure.Resolution), and less says nothing of a wave.
	leastFor = 500 * time.Millisecond
)

// reader reads one.
type reader struct {
	*strict.Source
	fleet topology.Fleet
	to    *topology.Config
}

type key strict.Key

func (r *reader) mapping(n *yaml.Node, what string, keys []key) bool {
	all := make([]strict.Key, len(keys))
	for i, k := range keys {
		all[i] = strict.Key(k)
	}
	return r.Mapping(n, what, all)
}

// Read reads config of a fleet whose regions and hub are known; nil where the file says nothing of it.
func Read(s *strict.Source, n *yaml.Node, fleet topology.Fleet) *topology.Config {
	if n == nil {
		return nil
	}
	r := &reader{Source: s, fleet: fleet, to: &topology.Config{Mode: topology.ConfigPull, Every: topology.DefaultConfigEvery}}
	var mode, waves, gate, stale *yaml.Node
	r.mapping(n, "config", []key{
		{"mode", func(n *yaml.Node) {
			mode = n
			r.to.Mode, _ = r.OneOf(n, "mode", topology.ConfigModes(), "there are")
		}, ""},
		{"every", func(n *yaml.Node) { r.to.Every = r.Duration(n, "every", leastEvery) }, ""},
		{"waves", func(n *yaml.Node) { waves = n; r.waves(n) }, ""},
		{"gate", func(n *yaml.Node) { gate = n; r.gate(n) }, ""},
		{"serve_stale", func(n *yaml.Node) { stale = n; r.to.Fenced = !r.Boolean(n, "serve_stale") }, ""},
		{"repository", r.repository, ""},
	})
	switch {
	case len(fleet.Regions) == 0: // that is told already
	case r.to.Mode == topology.ConfigHub && fleet.Hub == nil:
		r.Bad(mode, "mode hub has the hub's reconciler reach the regions, and this fleet has none; add hub: {}, or write mode: pull")
	case r.to.Mode == topology.ConfigManual && r.to.Fenced:
		r.Bad(stale, "serve_stale: false has a region that was away wait for its reconciler, and mode manual has none; write mode: pull, or leave it out")
	case r.to.Mode == topology.ConfigManual && waves != nil:
		r.Bad(waves, "waves say which regions get a commit first, and in mode manual none gets any; write mode: pull, or leave them out")
	case gate != nil && len(r.to.Waves) == 0:
		r.Bad(gate, "a gate holds the next of several waves, and there are none; add waves: [[%s], …], or leave it out", fleet.Regions[0].Name)
	case len(r.to.Waves) > 1 && gate == nil:
		g := topology.DefaultConfigGate
		r.to.Gate = &g
	}
	return r.to
}

// repository reads where a repository of one's own is, as a path from the fleet file on or as a URL. It stands in every journal and report, so no password may.
func (r *reader) repository(n *yaml.Node) {
	if _, ok := r.Scalar(n, "repository", "../fleet.git or ssh://git@host/fleet.git"); !ok {
		return
	}
	r.to.Repository = r.Text(n, "the repository", 300)
	u, err := url.Parse(r.to.Repository)
	switch {
	case err != nil: // user@host:path
		return
	case u.Scheme == "" && r.to.Repository != "":
		if !filepath.IsAbs(r.to.Repository) {
			r.to.Repository = filepath.Join(filepath.Dir(r.File), r.to.Repository)
		}
		return
	case u.User == nil:
		return
	}
	if _, password := u.User.Password(); password || u.Scheme == "http" || u.Scheme == "https" {
		r.Bad(n, "the repository's URL has credentials, which every journal and report of the fleet would show; clone it, and write the clone's path, or use ssh with an agent, like ssh://git@host/fleet.git")
		r.to.Repository = ""
	}
}

// waves reads which regions get a new revision after which.
func (r *reader) waves(n *yaml.Node) {
	names := r.fleet.RegionNames()
	if len(names) == 0 {
		return
	}
	example := "[[" + names[0] + "], [" + strings.Join(names[1:], ", ") + "]]"
	var seen []string
	r.List(n, "waves", example, func(w *yaml.Node) {
		var wave []string
		r.List(w, "a wave", "["+names[0]+"]", func(e *yaml.Node) {
			name, ok := r.OneOf(e, "region", names, "the regions are")
			switch {
			case !ok:
			case slices.Contains(seen, name):
				r.Bad(e, "%s is in a wave already; name each region once", name)
			default:
				seen, wave = append(seen, name), append(wave, name)
			}
		})
		if len(wave) > 0 {
			r.to.Waves = append(r.to.Waves, wave)
		}
	})
}

// gate reads what waves must keep to.
func (r *reader) gate(n *yaml.Node) {
	g := topology.DefaultConfigGate
	r.to.Gate = &g
	r.mapping(n, "a gate", []key{
		{"success", func(n *yaml.Node) { g.Success = r.share(n) }, ""},
		{"for", func(n *yaml.Node) { g.For = r.Duration(n, "for", leastFor) }, ""},
	})
}

// share reads a share in percent.
func (r *reader) share(n *yaml.Node) float64 {
	text, ok := r.Scalar(n, "success", "99%")
	if !ok {
		return 0
	}
	percent, is := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(percent, 64)
	if !is || err != nil || !(v > 0 && v <= 100) {
		r.Bad(n, "success is %s; write a share of requests above 0%% and up to 100%%, like 99%%", strict.Quote(n))
		return 0
	}
	return v / 100
}
