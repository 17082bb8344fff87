// Package apiserver asks a pod's own API server by plain HTTP: a client library would be larger than the rest of an agent.
package apiserver

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
	"strings"
)

// mostBytes bounds an answer of the API server: an object has some KiB, and a fleet at most 64 regions and datasets each.
const mostBytes = 16 << 20

// account is where Kubernetes puts what a pod needs to ask its own API server.
const account = "/var/run/secrets/kubernetes.io/serviceaccount"

// Server is a pod's own API server, asked for what is in the pod's namespace.
type Server struct {
	base, namespace string
	token           string // path of a file, which Kubernetes renews
	client          *http.Client
}

// New is an API server that is reached by a base URL, as the pod of a namespace whose token stands in a file.
func New(base, namespace, token string, client *http.Client) *Server {
	return &Server{base: base, namespace: namespace, token: token, client: client}
}

// InCluster is the API server of the cluster that this process is a pod of. The error says what a pod has and this process has not.
func InCluster() (*Server, error) {
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
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, MaxIdleConns: 1, ForceAttemptHTTP2: true}
	return New("https://"+net.JoinHostPort(host, port), strings.TrimSpace(string(namespace)), filepath.Join(account, "token"), &http.Client{Transport: transport}), nil
}

// ask asks for a resource of the namespace, such as "endpointslices" of the API "apis/discovery.k8s.io/v1". The caller closes what
// is returned.
func (s *Server) ask(ctx context.Context, api, resource string, query url.Values) (io.ReadCloser, error) {
	path := "/" + api + "/namespaces/" + url.PathEscape(s.namespace) + "/" + resource
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+path+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	token, err := os.ReadFile(s.token)
	if err != nil {
		return nil, fmt.Errorf("the pod has no service account: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	req.Header.Set("Accept", "application/json")
	res, err := s.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("read the %s: %w", resource, err)
	}
	if res.StatusCode != http.StatusOK {
		_ = res.Body.Close()
		return nil, fmt.Errorf("read the %s: the API server answered %s", resource, res.Status)
	}
	return res.Body, nil
}

// List reads what the namespace has of a resource into a list, as JSON decodes it.
func (s *Server) List(ctx context.Context, api, resource string, query url.Values, list any) error {
	body, err := s.ask(ctx, api, resource, query)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	if err := json.NewDecoder(io.LimitReader(body, mostBytes)).Decode(list); err != nil {
		return fmt.Errorf("read the %s: %w", resource, err)
	}
	return nil
}
