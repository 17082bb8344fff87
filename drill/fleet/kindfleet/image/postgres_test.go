package image

import (
	"archive/tar"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/fleetdrill/fleetdrill/drill/agent/binary"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// base is an image of a layer for each list of files.
func base(t *testing.T, layers ...map[string]string) v1.Image {
	t.Helper()
	img := empty.Image
	for _, files := range layers {
		var raw bytes.Buffer
		w := tar.NewWriter(&raw)
		for path, text := range files {
			if err := w.WriteHeader(&tar.Header{Name: path, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
				t.Fatal(err)
			}
			if err := write(w, []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw.Bytes())), nil })
		if err != nil {
			t.Fatal(err)
		}
		if img, err = mutate.AppendLayers(img, layer); err != nil {
			t.Fatal(err)
		}
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", "amd64"
	config.Config = v1.Config{
		Env: []string{"PATH=/usr/lib/postgresql/15/bin:/bin"}, Entrypoint: []string{"docker-entrypoint.sh"}, Cmd: []string{"postgres"},
		Volumes: map[string]struct{}{"/var/lib/postgresql/data": {}},
	}
	if img, err = mutate.ConfigFile(img, config); err != nil {
		t.Fatal(err)
	}
	return img
}

const passwd = "root:x:0:0:root:/root:/bin/sh\npostgres:x:999:998::/var/lib/postgresql:/bin/sh\n"

func TestBuildPostgresImage(t *testing.T) {
	dir := t.TempDir()
	saved := filepath.Join(dir, "saved.tar")
	from := base(t, map[string]string{"etc/passwd": "root:x:0:0::/:/bin/sh\n"}, map[string]string{"./etc/passwd": passwd}, map[string]string{"usr/lib/postgresql/15/bin/postgres": "server"})
	tag, err := name.NewTag("postgres:15")
	if err != nil {
		t.Fatal(err)
	}
	if err := tarball.WriteToFile(saved, tag, from); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "fleetdrill")
	if err := os.WriteFile(binary, []byte("a program"), 0o600); err != nil {
		t.Fatal(err)
	}
	engine := script(t, `dir=$(dirname "$0")
echo "$*" >> "$dir/calls"
case "$1" in
image) exit 0 ;;
save) cp '`+saved+`' "$3" ;;
*) echo "unexpected: $*" >&2; exit 2 ;;
esac
`)
	got, err := OfStore(t.Context(), &host.Runtime{Name: engine, Arch: "amd64"}, func(string) {}, DefaultPostgres, binary, dir)
	if err != nil {
		t.Fatal(err)
	}
	calls, err := os.ReadFile(filepath.Join(filepath.Dir(engine), "calls"))
	if err != nil || !strings.Contains(string(calls), "image inspect "+DefaultPostgres) || strings.Contains(string(calls), "pull") {
		t.Errorf("asked of the engine: %s, %v: want no pull of what it has", calls, err)
	}
	if got.User != (kube.Account{UID: 999, GID: 998}) || !strings.HasPrefix(got.Tag, "fleetdrill.local/store:") {
		t.Errorf("%+v", got)
	}
	if _, err := os.Stat(filepath.Join(dir, "postgres-image.tar")); err == nil {
		t.Error("the saved image is left")
	}
	if tag, err = name.NewTag(got.Tag); err != nil {
		t.Fatal(err)
	}
	img, err := tarball.ImageFromPath(got.Archive, &tag)
	if err != nil {
		t.Fatal(err)
	}
	was, err := from.Layers()
	if err != nil {
		t.Fatal(err)
	}
	layers, err := img.Layers()
	if err != nil || len(layers) != len(was)+1 {
		t.Fatalf("%d layers on %d, %v: want one more", len(layers), len(was), err)
	}
	files, err := layers[len(was)].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	r := tar.NewReader(files)
	if h, err := r.Next(); err != nil || h.Name != "fleetdrill-agent" || h.Mode != 0o755 {
		t.Errorf("added %+v, %v", h, err)
	}
	if text, err := io.ReadAll(r); err != nil || string(text) != "a program" {
		t.Errorf("added %q, %v", text, err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	c := config.Config
	if c.User != "999:998" || !slices.Equal(c.Entrypoint, []string{"/fleetdrill-agent"}) || len(c.Cmd) != 0 || !slices.Contains(c.Env, "PATH=/usr/lib/postgresql/15/bin:/bin") {
		t.Errorf("config %+v", c)
	}
}

func TestPostgresImageThatIsNone(t *testing.T) {
	tests := []struct {
		name string
		from v1.Image
		arch string
		want string
	}{
		{"no list of users", base(t, map[string]string{"bin/sh": "x"}), "amd64", "no /etc/passwd"},
		{"no such user", base(t, map[string]string{"etc/passwd": "root:x:0:0::/:/bin/sh\n"}), "amd64", "no user postgres"},
		{"root by that name", base(t, map[string]string{"etc/passwd": "postgres:x:0:0::/:/bin/sh\n"}), "amd64", "not a number above 0"},
		{"of another machine", base(t, map[string]string{"etc/passwd": passwd}), "arm64", "engine runs arm64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, _, err := packOn(tt.from, binary.Packed{Files: []binary.File{{Name: "fleetdrill-agent", Content: []byte("program")}}}, tt.arch); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want it to say %q", err, tt.want)
			}
		})
	}
}

func TestUnknownPostgresImageIsNamed(t *testing.T) {
	typed := func(string) {}
	engine := script(t, `case "$1" in
image) echo "Error: No such image: $3" >&2 ;;
pull) echo "Error response from daemon: manifest unknown" >&2 ;;
esac
exit 1
`)
	_, err := OfStore(context.Background(), &host.Runtime{Name: engine, Arch: "amd64"}, typed, "postgres:none", "agent", t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "postgres:none") || !strings.Contains(err.Error(), "--postgres-image") {
		t.Errorf("%v, want the image and the flag that names another", err)
	}
}

func TestUsesPostgres(t *testing.T) {
	if UsesPostgres(topology.Fleet{Datasets: []topology.Dataset{{Engine: "log"}}}) || !UsesPostgres(topology.Fleet{Datasets: []topology.Dataset{{Engine: "log"}, {Engine: "postgres"}}}) {
		t.Error("a dataset's engine decides")
	}
}
