package kindfleet

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"

	"github.com/fleetdrill/fleetdrill/drill"
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
}

// workload is what runs in a region: the embedded manifests with the region's own
// name, size, image and token in them, in the order in which to apply them.
func workload(region string, web drill.Web, image, token string) ([]*unstructured.Unstructured, error) {
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
			if err := fill(object, region, web, image, token); err != nil {
				return nil, fmt.Errorf("fill in %s: %s %s: %w", file, object.GetKind(), object.GetName(), err)
			}
			objects = append(objects, object)
		}
	}
	return objects, nil
}

// fill sets what differs from region to region.
func fill(o *unstructured.Unstructured, region string, web drill.Web, image, token string) error {
	if _, known := resources[o.GetKind()]; !known {
		return fmt.Errorf("unknown kind %q", o.GetKind())
	}
	switch o.GetKind() + "/" + o.GetName() {
	case "ConfigMap/region":
		return unstructured.SetNestedStringMap(o.Object, map[string]string{
			"FLEETDRILL_REGION":       region,
			"FLEETDRILL_WEB_REPLICAS": strconv.Itoa(webReplicas(web)),
			"FLEETDRILL_CAPACITY":     strconv.FormatFloat(web.Capacity, 'f', -1, 64),
		}, "data")
	case "Secret/token":
		return unstructured.SetNestedStringMap(o.Object, map[string]string{
			"FLEETDRILL_TOKEN": base64.StdEncoding.EncodeToString([]byte(token)),
		}, "data")
	case "Deployment/web":
		if err := unstructured.SetNestedField(o.Object, int64(webReplicas(web)), "spec", "replicas"); err != nil {
			return err
		}
	}
	containers, found, err := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "containers")
	if err != nil || !found {
		return err
	}
	for _, c := range containers {
		if c, ok := c.(map[string]any); ok {
			c["image"] = image
		}
	}
	return unstructured.SetNestedSlice(o.Object, containers, "spec", "template", "spec", "containers")
}

// webReplicas is how many web pods a region has; a fleet that names none gets one.
func webReplicas(web drill.Web) int { return max(web.Replicas, 1) }

// apply sends the objects by server-side apply, so that what a person changed by hand
// on the same fields is put right and the rest is left alone.
func apply(ctx context.Context, client dynamic.Interface, objects []*unstructured.Unstructured) error {
	for _, o := range objects {
		body, err := json.Marshal(o)
		if err != nil {
			return fmt.Errorf("apply %s %s: %w", o.GetKind(), o.GetName(), err)
		}
		resource := client.Resource(resources[o.GetKind()])
		var to dynamic.ResourceInterface = resource
		if ns := o.GetNamespace(); ns != "" {
			to = resource.Namespace(ns)
		}
		force := true
		bounded, cancel := context.WithTimeout(ctx, applyWithin)
		_, err = to.Patch(bounded, o.GetName(), types.ApplyPatchType, body, metav1.PatchOptions{FieldManager: fieldManager, Force: &force})
		cancel()
		if err != nil {
			return fmt.Errorf("apply %s %s: %w", o.GetKind(), o.GetName(), err)
		}
	}
	return nil
}

// lasting reports whether trying to apply again is pointless: the server understood
// and refused.
func lasting(err error) bool {
	return apierrors.IsInvalid(err) || apierrors.IsBadRequest(err) || apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err)
}
