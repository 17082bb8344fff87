package discovery

import (
	"context"
	"net"
	"net/url"
	"strconv"

	"github.com/fleetdrill/fleetdrill/drill/agent/apiserver"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// The labels of an EndpointSlice that belongs to a multi-cluster Service (sigs.k8s.io/mcs-api, v1beta1).
const (
	labelService = "multicluster.kubernetes.io/service-name"
	labelSource  = "multicluster.kubernetes.io/source-cluster"
)

// endpointSlices is what of a list is read.
type endpointSlices struct {
	Items []struct {
		Metadata struct {
			Labels map[string]string `json:"labels"`
		} `json:"metadata"`
		Endpoints []struct {
			Addresses  []string `json:"addresses"`
			Conditions struct {
				Ready *bool `json:"ready"`
			} `json:"conditions"`
		} `json:"endpoints"`
		Ports []struct {
			Port *int `json:"port"`
		} `json:"ports"`
	} `json:"items"`
}

// readyOf is the endpoints that are ready by the API server's slices, by the name of their Service, each with the region that
// exports it. An endpoint that does not say counts as ready, as the API has it.
func readyOf(ctx context.Context, server *apiserver.Server) (map[string][]Endpoint, error) {
	var list endpointSlices
	if err := server.List(ctx, "apis/discovery.k8s.io/v1", "endpointslices", url.Values{"labelSelector": {labelSource}}, &list); err != nil {
		return nil, err
	}
	ready := map[string][]Endpoint{}
	for _, slice := range list.Items {
		service, region := slice.Metadata.Labels[labelService], slice.Metadata.Labels[labelSource]
		if service == "" || region == "" || len(slice.Ports) == 0 || slice.Ports[0].Port == nil {
			continue
		}
		for _, e := range slice.Endpoints {
			if len(e.Addresses) > 0 && (e.Conditions.Ready == nil || *e.Conditions.Ready) {
				base := "http://" + net.JoinHostPort(e.Addresses[0], strconv.Itoa(*slice.Ports[0].Port))
				ready[service] = append(ready[service], Endpoint{Region: region, Base: base})
			}
		}
	}
	return ready, nil
}

// imported takes the endpoints of the cluster's EndpointSlices in, in place of what other regions say. While its API server does
// not answer, what was known stays, as it does for whoever watches one. It counts for nothing where the region was told of
// another kind of discovery meanwhile.
func (d *Directory) imported(ctx context.Context, told *wire.Discovery, datasets []string) {
	api, err := d.api()
	if err != nil {
		d.noted(err)
		return
	}
	ready, err := readyOf(ctx, api)
	d.noted(err)
	if err != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.told != told {
		return
	}
	for _, dataset := range datasets {
		d.endpoints(dataset).others(ready[topology.ServiceOf(dataset)])
	}
}
