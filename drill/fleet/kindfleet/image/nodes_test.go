package image

import (
	"context"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/clusterconfig"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
)

// All images are there before anything is made, and who lacks one is told what to do about that one.
func TestImagesOfNodes(t *testing.T) {
	const (
		several = "nodes: [{role: control-plane}, {role: control-plane}]"
		named   = "nodes: [{role: control-plane}, {role: worker, image: 'kindest/node:v1.36.1'}, {role: worker, image: 'kindest/node:v1.36.1'}]"
	)
	for _, tt := range []struct {
		name   string
		has    string // images, as a shell's pattern
		pulls  string // likewise
		own    []string
		pulled []string
		says   string
	}{
		{"all there", "*", "", []string{"", several, named}, nil, ""},
		{"no node image", "", "", nil, []string{"kindest/node:v1.37.2"}, "get node image kindest/node:v1.37.2: "},
		{"a registry has all", "", "*", []string{several, named}, []string{"kindest/node:v1.37.2", clusterconfig.BalancerImage, "kindest/node:v1.36.1"}, ""},
		{"no load balancer", "kindest/*", "", []string{"", several}, []string{clusterconfig.BalancerImage}, "2 control planes need a load balancer: get load balancer image " + clusterconfig.BalancerImage},
		{"no image of its own", "kindest/node:v1.37.2", "", []string{named}, []string{"kindest/node:v1.36.1"}, "or leave image: out of the region's kind config"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			engine := script(t, `case "$1" in
image) case "$3" in `+or(tt.has)+`) exit 0;; esac; echo "Error: No such image: $3" >&2; exit 1;;
pull) case "$2" in `+or(tt.pulls)+`) exit 0;; esac; echo "no such host" >&2; exit 1;;
esac`)
			var pulled []string
			typed := func(line string) { pulled = append(pulled, strings.TrimPrefix(line, engine+" pull ")) }
			err := OfNodes(context.Background(), &host.Runtime{Name: engine}, typed, "kindest/node:v1.37.2", tt.own)
			if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, want %q", err, tt.says)
			}
			if strings.Join(pulled, " ") != strings.Join(tt.pulled, " ") {
				t.Errorf("pulled %v, want %v", pulled, tt.pulled)
			}
		})
	}
}

// or is a shell's pattern, or one that nothing fits.
func or(pattern string) string {
	if pattern == "" {
		return "nothing-of-this-name"
	}
	return pattern
}

// Nobody who has one control plane needs it, so that it is missing is a warning, with the image's name.
func TestTheBalancerIsLookedFor(t *testing.T) {
	there := lookForBalancer(t.Context(), &host.Runtime{Name: script(t, "exit 0")})
	if !there.OK || there.Word() != "ok" {
		t.Errorf("%+v", there)
	}
	missing := lookForBalancer(t.Context(), &host.Runtime{Name: script(t, "echo No such image >&2; exit 1")})
	if missing.OK || missing.Word() != "warning" || !strings.Contains(missing.Fix, " pull "+clusterconfig.BalancerImage+", or ") {
		t.Errorf("%+v", missing)
	}
}
