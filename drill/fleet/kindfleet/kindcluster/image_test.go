package kindcluster

import (
	"os"
	"path/filepath"
	"testing"

	"sigs.k8s.io/kind/pkg/apis/config/defaults"

	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
)

func TestNewestNode(t *testing.T) {
	tests := []struct {
		name string
		has  []string
		want string
	}{
		{"none", []string{"postgres:15", "kindest/base:v1.37.0", "kindest/node:<none>", "<none>:<none>"}, ""},
		{"the newest, as numbers", []string{"kindest/node:v1.36.9", "kindest/node:v1.37.2", "kindest/node:v1.37.10", "kindest/node:v1.37.9"}, "kindest/node:v1.37.10"},
		{"of somebody's registry", []string{"docker.io/kindest/node:v1.36.0", "example.org/mine/kindest/node:v1.37.1"}, "example.org/mine/kindest/node:v1.37.1"},
		{"rebuilt under another name", []string{"kindest/node:v1.37.2-offline"}, "kindest/node:v1.37.2-offline"},
		{"kind's own before a rebuilt one", []string{"kindest/node:v1.37.2-offline", "kindest/node:v1.37.2"}, "kindest/node:v1.37.2"},
		{"too old, too new", []string{"kindest/node:v1.35.1", "kindest/node:v1.39.0", "kindest/node:v1.99999999999999999999.0", "kindest/node:latest"}, ""},
	}
	for _, tt := range tests {
		if got := newestNode(tt.has); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestNodeImage(t *testing.T) {
	for _, tt := range []struct {
		name, script, asked, want string
		found                     bool
	}{
		{"asked for", `exit 1`, "mine:1", "mine:1", false},
		{"kind's default is there", `exit 0`, "", defaults.Image, false},
		{"another is there", `[ "$1" = images ] && echo kindest/node:v1.37.2-offline`, "", "kindest/node:v1.37.2-offline", true},
		{"none is there", `[ "$1" = images ]`, "", defaults.Image, false},
		{"the engine does not answer", `exit 1`, "", defaults.Image, false},
	} {
		binary := filepath.Join(t.TempDir(), "engine")
		if err := os.WriteFile(binary, []byte("#!/bin/sh\n"+tt.script), 0o700); err != nil { //nolint:gosec // it has to run
			t.Fatal(err)
		}
		got, found := NodeImage(t.Context(), &host.Runtime{Name: binary}, tt.asked)
		if got != tt.want || found != tt.found {
			t.Errorf("%s: %q, %t; want %q, %t", tt.name, got, found, tt.want, tt.found)
		}
	}
}
