package kube

import (
	"errors"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// hubOnly is what runs in a hub, of what runs in a region: the gateway, by which the failover controller and the global
// router ask the regions. Web tier and store are left out, and their services. The gateway hands what it is told to
// a store, so it plays every role in its one process, as on a local fleet: with no web replica and no dataset.
func hubOnly(objects []*unstructured.Unstructured) ([]*unstructured.Unstructured, error) {
	left := slices.DeleteFunc(objects, func(o *unstructured.Unstructured) bool { return o.GetName() == "web" || o.GetName() == "store" })
	i := slices.IndexFunc(left, func(o *unstructured.Unstructured) bool {
		return o.GetKind() == "Deployment" && o.GetName() == "gateway"
	})
	if i < 0 {
		return nil, errors.New("there is no gateway")
	}
	containers, _, err := unstructured.NestedSlice(left[i].Object, podSpec("containers")...)
	if err != nil || len(containers) != 1 {
		return nil, errors.Join(errors.New("its pod has not one container"), err)
	}
	c, ok := containers[0].(map[string]any)
	if !ok {
		return nil, errors.New("its container is no object")
	}
	args, _ := c["args"].([]any)
	c["args"] = append(slices.DeleteFunc(args, ofARegion), "--role=all", "--web-replicas=0", "--data="+hubData)
	// The root file system is read only, and who keeps no dataset writes next to nothing.
	c["volumeMounts"] = []any{map[string]any{"name": "data", "mountPath": hubData}}
	if err := unstructured.SetNestedSlice(left[i].Object, containers, podSpec("containers")...); err != nil {
		return nil, err
	}
	return left, unstructured.SetNestedSlice(left[i].Object, []any{map[string]any{"name": "data", "emptyDir": map[string]any{}}}, podSpec("volumes")...)
}

// hubData is the folder that a hub's agent would keep replicas in.
const hubData = "/data"

// ofARegion reports whether an argument of the gateway is one that leads to other pods of its region.
func ofARegion(arg any) bool {
	text, _ := arg.(string)
	return slices.ContainsFunc([]string{"--role=", "--web-url=", "--store-url="}, func(flag string) bool {
		return strings.HasPrefix(text, flag)
	})
}
