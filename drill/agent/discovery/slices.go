package discovery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// The labels of an EndpointSlice that belongs to a multi-cluster Service (sigs.k8s.io/mcs-api, v1beta1).
const (
	labelService = "multicluster.kubernetes.io/service-name"
	labelSource  = "multicluster.kubernetes.io/source-cluster"
)

// mostSlices bounds an answer of the API server, in bytes: a slice has some 1 KiB, and a fleet at most 64 regions and datasets each.
const mostSlices = 16 << 20

// account is where Kubernetes puts what a pod needs to ask its own API server.
const account = "/var/run/secrets/kubernetes.io/serviceaccount"

// API is a pod's own API server, asked for the EndpointSlices of its namespace. It is one request of HTTP; a client library
// would be larger than the rest of an agent.
type API struct {
	base, namespace string
	token           string // path of a file, which Kubernetes renews
	client          *http.Client
}

// InCluster is the API server of the cluster that this process is a pod of. The error says what a pod has and this process has not.
func InCluster() (*API, error) {
	host, port := os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")
	if host == "" || port == "" {
		return nil, errors.New("this process is no pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set")
	}
	namespace, err := os.ReadFile(filepath.Join(account, "namespace"))
	if err != nil {
		return nil, fmt.Errorf("the pod has no service account: %w", err)
	}
	ca, err := os.ReadFile(filepath.Join(account, "ca.crt"))
	if err != nil {
		return nil, fmt.Errorf("the pod has no service account: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("%s/ca.crt has no certificate", account)
	}
	return &API{
		base: "https://" + net.JoinHostPort(host, port), namespace: strings.TrimSpace(string(namespace)), token: filepath.Join(account, "token"),
		client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, MaxIdleConns: 1}},
	}, nil
}

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

// Ready is the endpoints that are ready, by the name of their Service, each with the region that exports it. An endpoint that does
// not say counts as ready, as the API has it.
func (a *API) Ready(ctx context.Context) (map[string][]Endpoint, error) {
	path := "/apis/discovery.k8s.io/v1/namespaces/" + url.PathEscape(a.namespace) + "/endpointslices?labelSelector=" + url.QueryEscape(labelSource)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path, nil)
	if err != nil {
		return nil, err
	}
	token, err := os.ReadFile(a.token)
	if err != nil {
		return nil, fmt.Errorf("the pod has no service account: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	req.Header.Set("Accept", "application/json")
	res, err := a.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("read the EndpointSlices: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("read the EndpointSlices: the API server answered %s", res.Status)
	}
	var list endpointSlices
	if err := json.NewDecoder(io.LimitReader(res.Body, mostSlices)).Decode(&list); err != nil {
		return nil, fmt.Errorf("read the EndpointSlices: %w", err)
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
	ready, err := api.Ready(ctx)
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
