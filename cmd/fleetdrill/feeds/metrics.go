package feeds

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/fleetdrill/fleetdrill/drill/feed/metrics"
)

// metricsFeed is what Prometheus asks. It has what the last drill came to until the program ends.
type metricsFeed struct{ *metrics.Server }

func listenMetrics(address string) (feed, error) {
	s, err := metrics.Listen(address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is taken; name another port", address)
	}
	if err != nil {
		return nil, err
	}
	return metricsFeed{s}, nil
}

func (metricsFeed) name() string { return "--metrics" }

func (m metricsFeed) follow(d Drill, _ func(error)) func() {
	m.Show(d.View)
	return func() {}
}
