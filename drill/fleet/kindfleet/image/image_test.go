package image

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func TestBuildImage(t *testing.T) {
	program := bytes.Repeat([]byte("not really a program "), 5000)
	build := func(modified time.Time) ([]byte, Image) {
		t.Helper()
		dir := t.TempDir()
		binary := filepath.Join(dir, "fleetdrill")
		if err := os.WriteFile(binary, program, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(binary, modified, modified); err != nil {
			t.Fatal(err)
		}
		img, err := OfAgent(t.Context(), binary, "arm64", dir)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(img.Archive)
		if err != nil {
			t.Fatal(err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) > 0 {
			t.Errorf("left %q", left)
		}
		return raw, img
	}
	one, img := build(time.Unix(1_000_000, 0))
	other, _ := build(time.Unix(2_000_000, 0))
	if !bytes.Equal(one, other) {
		t.Error("the same program gave two different archives")
	}
	if !strings.HasPrefix(img.Tag, "fleetdrill.local/agent:") || len(img.Tag) != len("fleetdrill.local/agent:")+12 {
		t.Errorf("tag %q", img.Tag)
	}

	tag, err := name.NewTag(img.Tag)
	if err != nil {
		t.Fatal(err)
	}
	read, err := tarball.ImageFromPath(img.Archive, &tag)
	if err != nil {
		t.Fatalf("the archive does not hold its tag: %v", err)
	}
	config, err := read.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.OS != "linux" || config.Architecture != "arm64" || config.Config.User != agentUser || config.Config.Entrypoint[0] != "/fleetdrill-agent" {
		t.Errorf("config %+v", config)
	}
	layers, err := read.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	files, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	r := tar.NewReader(files)
	h, err := r.Next()
	if err != nil || h.Name != "fleetdrill-agent" || h.Mode != 0o755 {
		t.Fatalf("%+v, %v", h, err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, program) {
		t.Errorf("the image holds %d bytes, want the program's %d (%v)", len(got), len(program), err)
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("the image holds more than the program: %v", err)
	}
}
