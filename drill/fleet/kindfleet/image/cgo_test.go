package image

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// An image of a dynamically linked agent holds all that the agent needs: it runs in a
// root that has nothing but the image's files. With FLEETDRILL_TEST_KIND it is the whole
// program, as a plain go install builds it; else the smaller agent.
func TestImageOfCgoBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short; it builds a program with cgo")
	}
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("SKIPPED: needs Linux and root, to run in a root of its own (chroot)")
	}
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("SKIPPED: no C compiler (cc)")
	}
	what := "fleetdrill-agent"
	if os.Getenv("FLEETDRILL_TEST_KIND") != "" {
		what = "fleetdrill"
	}
	dir := t.TempDir()
	program := filepath.Join(dir, what)
	build := exec.Command("go", "build", "-o", program, "../../../../cmd/"+what)
	build.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build %s with cgo: %v\n%s", what, err, out)
	}
	if err := CheckProgram(t.Context(), program, runtime.GOARCH); err != nil {
		t.Fatal(err)
	}
	img, err := OfAgent(t.Context(), program, runtime.GOARCH, dir)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	entrypoint, files := unpackImage(t, img, root)
	if files < 3 {
		t.Fatalf("the image has %d files: %s is not dynamically linked, so this tests nothing", files, what)
	}
	run := exec.Command(entrypoint[0], append(entrypoint[1:], "--version")...)
	run.Path, run.Dir, run.Env = entrypoint[0], "/", []string{"HOME=/"}
	run.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	out, err := run.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "fleetdrill") {
		t.Errorf("%q in the image: %v: %s", entrypoint, err, out)
	}
}

// unpackImage writes an image's files below root and returns its entry point.
func unpackImage(t *testing.T, img Image, root string) (entrypoint []string, files int) {
	t.Helper()
	tag, err := name.NewTag(img.Tag)
	if err != nil {
		t.Fatal(err)
	}
	read, err := tarball.ImageFromPath(img.Archive, &tag)
	if err != nil {
		t.Fatal(err)
	}
	config, err := read.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	layers, err := read.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(content); ; files++ {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return config.Config.Entrypoint, files
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(root, h.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err == nil {
			err = os.WriteFile(path, b, os.FileMode(h.Mode))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
