package kindcluster

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kind/pkg/apis/config/defaults"

	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
)

// The minor versions of Kubernetes 1 that a node image may have which nobody asked for:
// region.yaml is written for the kubeadm config that kind uses from 1.36 on (v1beta4), and
// client-go talks to one minor beyond its own (Kubernetes' version skew policy).
const (
	minorOldest = 36
	minorNewest = 38
)

// NodeImage is the image of a node: the one asked for, else kind's default, else, where the
// engine does not have that one, the newest that it has and that is supported. found says
// that it is the last. Without any it is kind's default, which has to be pulled.
func NodeImage(ctx context.Context, e *host.Runtime, asked string) (image string, found bool) {
	if asked != "" {
		return asked, false
	}
	if _, err := e.Run(ctx, host.LookWithin, "image", "inspect", defaults.Image); err == nil {
		return defaults.Image, false
	}
	out, err := e.Run(ctx, host.LookWithin, "images", "--format", "{{.Repository}}:{{.Tag}}")
	if err != nil { // whoever needs the image will say why there is none
		return defaults.Image, false
	}
	if newest := newestNode(strings.Fields(string(out))); newest != "" {
		return newest, true
	}
	return defaults.Image, false
}

// nodeTag is the name of a node image as kind and who rebuilds one gives it.
var nodeTag = regexp.MustCompile(`^(?:.*/)?kindest/node:v1\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?$`)

// newestNode is the newest supported node image of all that an engine has, "" if it has
// none. Of two of one version the one without a suffix is taken: it is kind's own.
func newestNode(all []string) string {
	type version struct {
		minor, patch int
		suffix       string
		image        string
	}
	var found []version
	for _, image := range all {
		m := nodeTag.FindStringSubmatch(image)
		if m == nil {
			continue
		}
		v := version{suffix: m[3], image: image}
		v.minor, _ = strconv.Atoi(m[1]) // digits; one that overflows is not supported
		v.patch, _ = strconv.Atoi(m[2])
		if v.minor >= minorOldest && v.minor <= minorNewest {
			found = append(found, v)
		}
	}
	if len(found) == 0 {
		return ""
	}
	return slices.MaxFunc(found, func(a, b version) int {
		return cmp.Or(a.minor-b.minor, a.patch-b.patch, strings.Compare(b.suffix, a.suffix), strings.Compare(b.image, a.image))
	}).image
}
