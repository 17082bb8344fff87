package kube

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"

	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/kindconfigs"
)

// resources are the kinds that the manifests use. A table does for them, so that
// no discovery has to be asked of an API server that has just started.
var resources = map[string]schema.GroupVersionResource{
	"Namespace":   {Version: "v1", Resource: "namespaces"},
	"ConfigMap":   {Version: "v1", Resource: "configmaps"},
	"Secret":      {Version: "v1", Resource: "secrets"},
	"Service":     {Version: "v1", Resource: "services"},
	"Deployment":  {Group: "apps", Version: "v1", Resource: "deployments"},
	"StatefulSet": {Group: "apps", Version: "v1", Resource: "statefulsets"},

	"ServiceAccount":           {Version: "v1", Resource: "serviceaccounts"},
	"Role":                     {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "roles"},
	"NetworkPolicy":            {Group: "networking.k8s.io", Version: "v1", Resource: "networkpolicies"},
	"RoleBinding":              {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"},
	"EndpointSlice":            {Group: "discovery.k8s.io", Version: "v1", Resource: "endpointslices"},
	"CustomResourceDefinition": {Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"},
	"ServiceExport":            {Group: "multicluster.x-k8s.io", Version: "v1beta1", Resource: "serviceexports"},
	"ServiceImport":            {Group: "multicluster.x-k8s.io", Version: "v1beta1", Resource: "serviceimports"},
}

// FieldManager owns what server-side apply sets.
const FieldManager = "fleetdrill"

// Account is a user of an image, by numbers.
type Account struct{ UID, GID int64 }

// Image is an image that the cluster's nodes have, or get by themselves.
type Image struct {
	Tag string
	// User is whom a pod of it runs as; the zero account is the manifest's own.
	User Account
}

// Workload is what runs in a region: the embedded manifests with the region's own name,
// namespace, addresses, size, images and token in them.
type Workload struct {
	Region Region
	// Replicas is how many web pods it has, each with the share that Web gives one.
	Replicas int
	Web      topology.Web
	Agent    Image
	Store    Image // of the store's pod, which may need more than the agent
	Token    string
	ID       string // the gateway's SPIFFE ID; "" where the fleet has no identities
	// Imports says that the gateway takes its endpoints of other regions from the cluster's EndpointSlices, and so may read them.
	Imports bool
	// Governed says that the region's repository says what its web tier is, which is applied by nobody else then (WebTier); Fenced that a
	// region which was away serves nobody until it was reconciled.
	Governed, Fenced bool
}

// GatewayPort is the NodePort of the region's gateway: 30080 as
// kindconfigs/manifests/20-services.yaml has it, and one more a slot.
func (r Region) GatewayPort() int { return firstGatewayPort + r.Slot }

const firstGatewayPort = 30080

// SlotsMax is how many regions a cluster takes: their services have fixed addresses, three
// each, in the part of the range that Kubernetes keeps for such (256 in a /16).
const SlotsMax = 50

// Objects is the workload in the order in which to apply it.
func (w Workload) Objects() ([]*unstructured.Unstructured, error) {
	all, err := w.whole()
	if w.Governed {
		all = slices.DeleteFunc(all, isWeb)
	}
	return all, err
}

// whole is the workload with its web tier, whoever applies that.
func (w Workload) whole() ([]*unstructured.Unstructured, error) {
	files, err := fs.Glob(kindconfigs.Manifests, "manifests/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the manifests: %w", err)
	}
	var objects []*unstructured.Unstructured
	for _, file := range files {
		raw, err := fs.ReadFile(kindconfigs.Manifests, file)
		if err != nil {
			return nil, fmt.Errorf("read the manifests: %w", err)
		}
		docs := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(raw), 4096)
		for {
			object := &unstructured.Unstructured{}
			if err := docs.Decode(&object.Object); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, fmt.Errorf("read the manifests: %s: %w", file, err)
			}
			if len(object.Object) == 0 {
				continue
			}
			objects = append(objects, object)
		}
	}
	zoned, err := zoneServices(w.Region, objects)
	if err != nil {
		return nil, fmt.Errorf("read the manifests: %w", err)
	}
	addresses, err := w.Region.addresses(objects)
	if err != nil {
		return nil, fmt.Errorf("read the manifests: %w", err)
	}
	if w.Region.Hub {
		if objects, err = hubOnly(objects); err != nil {
			return nil, fmt.Errorf("fill in the hub's gateway: %w", err)
		}
	}
	// After the namespace, which what is in it needs.
	i := 1 + slices.IndexFunc(objects, func(o *unstructured.Unstructured) bool { return o.GetKind() == "Namespace" })
	if w.Governed {
		objects = slices.Insert(objects, i, inside())
	}
	if w.asks() {
		objects = slices.Insert(objects, i, w.access()...)
	}
	for _, o := range objects {
		if err := errors.Join(place(o, w.Region, addresses), w.fill(o)); err != nil {
			return nil, fmt.Errorf("fill in %s %s: %w", o.GetKind(), o.GetName(), err)
		}
	}
	for _, o := range zoned {
		o.SetNamespace(w.Region.Namespace)
	}
	return append(objects, zoned...), nil
}

// fill sets what differs from region to region.
func (w Workload) fill(o *unstructured.Unstructured) error {
	if _, known := resources[o.GetKind()]; !known {
		return fmt.Errorf("unknown kind %q", o.GetKind())
	}
	image := w.Agent
	switch o.GetKind() + "/" + o.GetName() {
	case "ConfigMap/region":
		return unstructured.SetNestedStringMap(o.Object, map[string]string{
			"FLEETDRILL_REGION":   w.Region.Name,
			"FLEETDRILL_CAPACITY": strconv.FormatFloat(w.Web.PerReplica(), 'f', -1, 64),
			"FLEETDRILL_QUEUE":    w.Web.Queue.String(),
		}, "data")
	case "Secret/token":
		return unstructured.SetNestedStringMap(o.Object, map[string]string{
			"FLEETDRILL_TOKEN": base64.StdEncoding.EncodeToString([]byte(w.Token)),
		}, "data")
	case "Deployment/gateway":
		if err := w.account(o); err != nil {
			return err
		}
	case "Deployment/web":
		if err := unstructured.SetNestedField(o.Object, int64(w.Replicas), "spec", "replicas"); err != nil {
			return err
		}
	case "StatefulSet/store":
		image = w.Store
		if err := runAs(o, image.User); err != nil {
			return err
		}
	}
	containers, found, err := unstructured.NestedSlice(o.Object, podSpec("containers")...)
	if err != nil || !found {
		return err
	}
	for _, c := range containers {
		if c, ok := c.(map[string]any); ok {
			c["image"] = image.Tag
			args, _ := c["args"].([]any)
			c["args"] = append(args, w.arguments(o.GetName())...)
			if err := shareProcessor(c, len(w.Region.Beside)+1); err != nil {
				return err
			}
		}
	}
	return unstructured.SetNestedSlice(o.Object, containers, podSpec("containers")...)
}

// podSpec is the path of a field of the pod that an object makes.
func podSpec(field ...string) []string { return append([]string{"spec", "template", "spec"}, field...) }

// engineGrace is how long a store's pod with an engine of its own may take to end in
// good order: a fast shutdown of PostgreSQL writes a checkpoint.
const engineGrace = 15

// runAs has a pod run as a user of its image, beside whom an engine runs that wants
// more memory, somewhere for its temporary files, and its folder's mode left as it made it.
func runAs(o *unstructured.Unstructured, user Account) error {
	if user == (Account{}) {
		return nil
	}
	pod, found, err := unstructured.NestedMap(o.Object, podSpec()...)
	if err != nil || !found {
		return errors.Join(err, errors.New("it has no pod"))
	}
	pod["terminationGracePeriodSeconds"] = int64(engineGrace)
	pod["securityContext"] = map[string]any{
		"runAsNonRoot": true, "runAsUser": user.UID, "runAsGroup": user.GID, "fsGroup": user.GID, "fsGroupChangePolicy": "OnRootMismatch",
	}
	pod["volumes"] = []any{map[string]any{"name": "tmp", "emptyDir": map[string]any{}}}
	containers, ok := pod["containers"].([]any)
	if !ok || len(containers) != 1 {
		return fmt.Errorf("its pod has %d containers, want 1", len(containers))
	}
	c, ok := containers[0].(map[string]any)
	if !ok {
		return errors.New("its container is no object")
	}
	mounts, _ := c["volumeMounts"].([]any)
	c["volumeMounts"] = append(mounts, map[string]any{"name": "tmp", "mountPath": "/tmp"})
	c["resources"] = map[string]any{"requests": map[string]any{"cpu": "150m", "memory": "160Mi"}}
	return unstructured.SetNestedMap(o.Object, pod, podSpec()...)
}

// Apply sends the objects by server-side apply, so that what a person changed by hand
// on the same fields is put right and the rest is left alone.
func (c *Cluster) Apply(ctx context.Context, objects []*unstructured.Unstructured) error {
	for _, o := range objects {
		body, err := json.Marshal(o)
		if err != nil {
			return fmt.Errorf("apply %s %s: %w", o.GetKind(), o.GetName(), err)
		}
		resource := c.dynamic.Resource(resources[o.GetKind()])
		var to dynamic.ResourceInterface = resource
		if ns := o.GetNamespace(); ns != "" {
			to = resource.Namespace(ns)
		}
		force := true
		bounded, cancel := context.WithTimeout(ctx, applyWithin)
		_, err = to.Patch(bounded, o.GetName(), types.ApplyPatchType, body, metav1.PatchOptions{FieldManager: FieldManager, Force: &force})
		cancel()
		if err != nil {
			return fmt.Errorf("apply %s %s: %w", o.GetKind(), o.GetName(), err)
		}
	}
	return nil
}

// Missing reports whether the server does not know what was asked for, or not its kind.
func Missing(err error) bool { return apierrors.IsNotFound(err) }

// Lasting reports whether trying to apply again is pointless: the server understood
// and refused.
func Lasting(err error) bool {
	return apierrors.IsInvalid(err) || apierrors.IsBadRequest(err) || apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err)
}
