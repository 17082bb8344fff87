package kindcluster

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
)

func TestKindLog(t *testing.T) {
	var got []string
	l := &kindLog{log: slog.New(slog.DiscardHandler), stage: func(name string, done bool) { got = append(got, fmt.Sprintf("%s %t", name, done)) }}
	// As kind v0.33 sends them.
	l.V(0).Infof("Creating cluster %q ...\n", "x")
	l.V(0).Infof(" • %s  ...\n", "Preparing nodes 📦 ")
	l.V(0).Infof(" ✓ %s\n", "Preparing nodes 📦 ")
	l.V(0).Infof(" • %s  ...\n", "Starting control-plane 🕹️")
	l.V(0).Infof(" ✗ %s\n", "Starting control-plane 🕹️")
	l.V(0).Info(" • Ready after 3s 💚")
	l.V(1).Infof(" • %s  ...\n", "a debug line")
	l.Warn("cgroup v1 is deprecated")
	want := []string{NodesMade + " false", NodesMade + " true", "Starting control-plane false"}
	if !slices.Equal(got, want) {
		t.Errorf("stages %q, want %q", got, want)
	}
	if l.V(1).Enabled() || !l.V(0).Enabled() {
		t.Error("verbosity: only 0 is taken")
	}
}
