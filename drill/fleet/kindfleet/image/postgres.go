package image

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/fleetdrill/fleetdrill/drill/agent/binary"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// DefaultPostgres is the official image of the oldest PostgreSQL that the
// postgres engine takes.
var DefaultPostgres = postgresServer().Image

// postgresServer is the server of the engine that runs one.
func postgresServer() store.Server {
	engine, _ := store.EngineOf(store.EnginePostgres)
	return *engine.Server
}

// saveWithin bounds writing an image to disk: the official one has about 450 MB,
// and a laptop's disk that is busy with much else takes 20 MB a second.
const saveWithin = 3 * time.Minute

// UsesPostgres reports whether a dataset needs PostgreSQL in the store's pod.
func UsesPostgres(f topology.Fleet) bool {
	_, needs := store.EngineWithServer(f.Datasets)
	return needs
}

// OfStore packs the binary as one layer on a PostgreSQL image that the
// engine has or gets, and writes it as a docker archive into dir. typed gets each command
// sent, as a person would have typed it.
func OfStore(ctx context.Context, e *host.Runtime, typed func(line string), base, program, dir string) (Image, error) {
	if err := get(ctx, e, typed, "PostgreSQL image", base, "name one that the engine has with --postgres-image or FLEETDRILL_POSTGRES_IMAGE"); err != nil {
		return Image{}, err
	}
	saved := filepath.Join(dir, "postgres-image.tar")
	defer func() { _ = os.Remove(saved) }() // the region's folder goes with the fleet anyway
	typed(e.Name + " save -o " + saved + " " + base)
	if _, err := e.Run(ctx, saveWithin, "save", "-o", saved, base); err != nil {
		return Image{}, fmt.Errorf("save PostgreSQL image %s: %w", base, err)
	}
	packed, err := binary.Pack(ctx, program)
	if err != nil {
		return Image{}, fmt.Errorf("build the store's image: %w", err)
	}
	from, err := tarball.ImageFromPath(saved, nil)
	if err != nil {
		return Image{}, fmt.Errorf("build the store's image on %s: %w", base, err)
	}
	img, tag, user, err := packOn(from, packed, e.Arch)
	if err != nil {
		return Image{}, fmt.Errorf("build the store's image on %s: %w", base, err)
	}
	archive := filepath.Join(dir, "store-image.tar")
	if err := writeImage(archive, tag, img); err != nil {
		return Image{}, fmt.Errorf("build the store's image on %s: %w", base, err)
	}
	return Image{Image: kube.Image{Tag: tag.String(), User: user}, Archive: archive}, nil
}

// packOn adds the program to an image as its last layer and its entry point. What
// the image says of its environment stays, so that its programs are on the PATH.
func packOn(from v1.Image, packed binary.Packed, arch string) (v1.Image, name.Tag, kube.Account, error) {
	fail := func(err error) (v1.Image, name.Tag, kube.Account, error) { return nil, name.Tag{}, kube.Account{}, err }
	config, err := from.ConfigFile()
	if err != nil {
		return fail(err)
	}
	if config.Architecture != arch {
		return fail(fmt.Errorf("it is for %s and the engine runs %s", config.Architecture, arch))
	}
	user, err := accountIn(from, postgresServer().User)
	if err != nil {
		return fail(err)
	}
	digest, err := from.ConfigName()
	if err != nil {
		return fail(err)
	}
	sum := sha256.New()
	_, _ = io.WriteString(sum, digest.String()) // a hash takes everything
	hashFiles(sum, packed)
	tag, err := name.NewTag("fleetdrill.local/store:" + hex.EncodeToString(sum.Sum(nil))[:12])
	if err != nil {
		return fail(err)
	}
	layer, err := programLayer(packed)
	if err != nil {
		return fail(err)
	}
	img, err := mutate.AppendLayers(from, layer)
	if err != nil {
		return fail(err)
	}
	if config, err = img.ConfigFile(); err != nil {
		return fail(err)
	}
	config = config.DeepCopy()
	config.Config = v1.Config{
		Env: config.Config.Env, Entrypoint: packed.Entrypoint, WorkingDir: "/",
		User: strconv.FormatInt(user.UID, 10) + ":" + strconv.FormatInt(user.GID, 10),
	}
	img, err = mutate.ConfigFile(img, config)
	return img, tag, user, err
}

// accountIn looks a user up in the image's own list of them: the topmost layer that
// has one.
func accountIn(img v1.Image, user string) (kube.Account, error) {
	layers, err := img.Layers()
	if err != nil {
		return kube.Account{}, err
	}
	for _, layer := range slices.Backward(layers) {
		found, err := accountInLayer(layer, user)
		if errors.Is(err, errNoPasswd) {
			continue
		}
		return found, err
	}
	return kube.Account{}, fmt.Errorf("it has no /etc/passwd: is it a PostgreSQL image?")
}

var errNoPasswd = errors.New("layer has no /etc/passwd")

func accountInLayer(layer v1.Layer, user string) (kube.Account, error) {
	files, err := layer.Uncompressed()
	if err != nil {
		return kube.Account{}, err
	}
	defer func() { _ = files.Close() }()
	for r := tar.NewReader(files); ; {
		h, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return kube.Account{}, errNoPasswd
		case err != nil:
			return kube.Account{}, err
		case path.Clean("/"+h.Name) == "/etc/passwd" && h.Typeflag == tar.TypeReg:
			return parsePasswd(r, user)
		}
	}
}

// parsePasswd finds a user in a file of the format of passwd(5).
func parsePasswd(r io.Reader, user string) (kube.Account, error) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), ":")
		if len(fields) < 4 || fields[0] != user {
			continue
		}
		uid, err := strconv.ParseInt(fields[2], 10, 64)
		gid, wrong := strconv.ParseInt(fields[3], 10, 64)
		if err = errors.Join(err, wrong); err != nil || uid == 0 {
			return kube.Account{}, fmt.Errorf("its user %s is %q: not a number above 0: %w", user, lines.Text(), err)
		}
		return kube.Account{UID: uid, GID: gid}, nil
	}
	if err := lines.Err(); err != nil {
		return kube.Account{}, err
	}
	return kube.Account{}, fmt.Errorf("it has no user %s: is it a PostgreSQL image?", user)
}
