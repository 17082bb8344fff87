// Package metrics serves what a drill has come to as Prometheus reads it. Each value is that of the screen at the moment of the
// scrape, from the same functions; one that is unknown is left out.
package metrics

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/listen"
)

const (
	namespace = "fleetdrill"
	// Path is where they are.
	Path = "/metrics"
	// conns is how many may scrape at once; others wait.
	conns = 8
	// exchangeTimeout is how long a request may take to come, and its answer to go.
	exchangeTimeout = 5 * time.Second
	// idle ends a connection over which nothing is asked: a scraper comes once in a minute, often.
	idle = 2 * time.Minute
)

// View calls a function with a state that it must neither keep nor change.
type View func(func(*drill.State))

// Server serves the metrics of one drill after the other.
type Server struct {
	listener net.Listener
	http     *http.Server
	now      atomic.Pointer[View]
	failed   chan error
}

// Address is host and port of what a person named: a port alone, or without a host, is one of this machine only.
func Address(named string) (string, error) {
	if !strings.Contains(named, ":") {
		named = ":" + named
	}
	host, port, err := net.SplitHostPort(named)
	if err != nil {
		return "", fmt.Errorf("%q is no address; one is 9464, or host:port", named)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "", fmt.Errorf("%q is no port", port)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// Listen serves at an address from now on; 0 is a free port. Before a drill is shown there are no values.
func Listen(address string) (*Server, error) {
	at, err := Address(address)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", at)
	if err != nil {
		return nil, err
	}
	s := &Server{listener: l, failed: make(chan error, 1)}
	mux := http.NewServeMux()
	mux.Handle("GET "+Path, s.handler())
	s.http = &http.Server{Handler: mux, ReadTimeout: exchangeTimeout, WriteTimeout: exchangeTimeout, IdleTimeout: idle}
	go func() { s.failed <- s.http.Serve(listen.Bounded(l, conns)) }()
	return s, nil
}

func (s *Server) handler() http.Handler {
	all := prometheus.NewPedanticRegistry()
	all.MustRegister(newCollector(func(look func(*drill.State)) {
		if view := s.now.Load(); view != nil {
			(*view)(look)
		}
	}))
	return promhttp.HandlerFor(all, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// Address is where it listens.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Show serves a drill from now on.
func (s *Server) Show(view View) { s.now.Store(&view) }

// Close ends it.
func (s *Server) Close() error {
	err := s.http.Close()
	if failed := <-s.failed; !errors.Is(failed, http.ErrServerClosed) {
		err = errors.Join(err, failed)
	}
	return err
}

// collector reads every family of a state.
type collector struct {
	view  View
	descs []*prometheus.Desc
}

func newCollector(view View) *collector {
	c := &collector{view: view}
	for _, f := range families {
		c.descs = append(c.descs, prometheus.NewDesc(namespace+"_"+f.name, f.help, f.labels, nil))
	}
	return c
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		out <- d
	}
}

// Collect implements prometheus.Collector. The state is let go before anything waits for the scraper.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	var all []prometheus.Metric
	c.view(func(s *drill.State) {
		for i, f := range families {
			f.read(s, func(value float64, labels ...string) {
				for n, l := range labels {
					labels[n] = strings.ToValidUTF8(l, "?")
				}
				m, err := prometheus.NewConstMetric(c.descs[i], f.kind, value, labels...)
				if err != nil {
					m = prometheus.NewInvalidMetric(c.descs[i], err)
				}
				all = append(all, m)
			})
		}
	})
	for _, m := range all {
		out <- m
	}
}
