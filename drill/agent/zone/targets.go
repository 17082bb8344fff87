package zone

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// Targets is addresses that a gateway asks for a sign of life, as it does the processes of zones. Close ends that.
type Targets struct {
	leave context.CancelFunc
	all   sync.WaitGroup

	mu  sync.Mutex
	out map[string]bool // by host: it gave none lately
}

// Check asks each of some base URLs, from now on; all are taken to answer at first.
func Check(urls []string) *Targets {
	ctx, leave := context.WithCancel(context.Background())
	t := &Targets{leave: leave, out: map[string]bool{}}
	transport := wire.NewTransport()
	transport.DisableKeepAlives = true // a kept connection says nothing of new ones
	client := &http.Client{Transport: transport}
	for _, raw := range urls {
		if u, err := url.Parse(raw); err == nil {
			t.all.Go(func() { t.watch(ctx, client, u.Host) })
		}
	}
	return t
}

func (t *Targets) watch(ctx context.Context, client *http.Client, host string) {
	tick := time.NewTicker(Every)
	defer tick.Stop()
	for failed := 0; ; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if live(ctx, client, host) {
			failed = 0
		} else {
			failed++
		}
		t.mu.Lock()
		t.out[host] = failed >= OutAfter
		t.mu.Unlock()
	}
}

// live asks what listens at a host for a sign of life.
func live(ctx context.Context, client *http.Client, host string) bool {
	ctx, cancel := context.WithTimeout(ctx, Within)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+wire.PathLive, nil)
	if err != nil {
		return false
	}
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 4<<10))
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// Takes reports whether the host of a URL takes requests.
func (t *Targets) Takes(host string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.out[host]
}

// Close ends the checks.
func (t *Targets) Close() {
	t.leave()
	t.all.Wait()
}
