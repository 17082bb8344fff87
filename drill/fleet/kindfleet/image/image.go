// Package image makes the images that the pods of kind's regions run: the agent's program
// alone, and the program on one with a PostgreSQL server, as archives that a node can load.
package image

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/fleetdrill/fleetdrill/drill/agent/binary"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
)

// agentUser runs the agent: nobody's number in distroless images too, which
// Kubernetes' runAsNonRoot accepts because it is a number.
const agentUser = "65532:65532"

// Image is an image with the agent in it, as an archive on disk.
type Image struct {
	kube.Image        // its tag is fleetdrill.local/agent:SHA12, of the files' own hash
	Archive    string // path
}

// OfAgent packs the binary, with its libraries if it has any, as an otherwise empty
// image and writes it as a docker archive into dir. The same binary gives the same bytes.
func OfAgent(ctx context.Context, program, arch, dir string) (Image, error) {
	packed, err := binary.Pack(ctx, program)
	if err != nil {
		return Image{}, fmt.Errorf("build the agent's image: %w", err)
	}
	img, tag, err := packImage(packed, arch)
	if err != nil {
		return Image{}, fmt.Errorf("build the agent's image: %w", err)
	}
	archive := filepath.Join(dir, "agent-image.tar")
	if err := writeImage(archive, tag, img); err != nil {
		return Image{}, fmt.Errorf("build the agent's image: %w", err)
	}
	return Image{Image: kube.Image{Tag: tag.String()}, Archive: archive}, nil
}

func packImage(packed binary.Packed, arch string) (v1.Image, name.Tag, error) {
	sum := sha256.New()
	hashFiles(sum, packed)
	tag, err := name.NewTag("fleetdrill.local/agent:" + hex.EncodeToString(sum.Sum(nil))[:12])
	if err != nil {
		return nil, tag, err
	}
	layer, err := programLayer(packed)
	if err != nil {
		return nil, tag, err
	}
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, tag, err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, tag, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", arch
	config.Created = v1.Time{Time: time.Unix(0, 0).UTC()}
	config.Config = v1.Config{Entrypoint: packed.Entrypoint, User: agentUser, WorkingDir: "/"}
	img, err = mutate.ConfigFile(img, config)
	return img, tag, err
}

// hashFiles adds the files' contents to a hash, which takes everything.
func hashFiles(sum hash.Hash, packed binary.Packed) {
	for _, f := range packed.Files {
		_, _ = sum.Write(f.Content)
	}
}

// programLayer is a layer with the program and what it needs.
func programLayer(packed binary.Packed) (v1.Layer, error) {
	var files bytes.Buffer
	w := tar.NewWriter(&files)
	var errs []error
	for _, f := range packed.Files {
		// No time but the epoch: the image must not depend on when it was built.
		errs = append(errs,
			w.WriteHeader(&tar.Header{Name: f.Name, Mode: 0o755, Size: int64(len(f.Content)), ModTime: time.Unix(0, 0), Format: tar.FormatPAX}),
			write(w, f.Content))
	}
	if err := errors.Join(append(errs, w.Close())...); err != nil {
		return nil, err
	}
	opener := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files.Bytes())), nil }
	// The archive crosses a pipe and not a network, so the least compression is the fastest.
	return tarball.LayerFromOpener(opener, tarball.WithCompressionLevel(1), tarball.WithCompressedCaching)
}

func write(w io.Writer, b []byte) error {
	_, err := w.Write(b)
	return err
}

// writeImage writes beside the path and renames, so that a half-written archive is
// never taken for one.
func writeImage(path string, tag name.Tag, img v1.Image) error {
	temp := path + ".part"
	if err := tarball.WriteToFile(temp, tag, img); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return os.Rename(temp, path)
}
