package front

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/identity/workload"
)

// Front is who may ask what of a region's gateway.
type Front struct {
	region string
	guard  answer.Guard
	holder *workload.Workload
	logger *slog.Logger
}

// New is the front of a region whose gateway holds that identity. token is the fleet's secret.
func New(region, token string, holder *workload.Workload, logger *slog.Logger) *Front {
	return &Front{region: region, guard: answer.NewGuard(region, token), holder: holder, logger: logger}
}

// Split makes two listeners of the gateway's one: see the function.
func (f *Front) Split(l net.Listener) (plain, secured net.Listener) {
	return Split(l, func(ctx context.Context, raw net.Conn) (net.Conn, error) {
		conn, err := f.holder.Accept(ctx, raw)
		if err != nil {
			f.logger.Warn("refused a caller", "from", raw.RemoteAddr().String(), "error", err)
			return nil, err
		}
		return conn, nil
	})
}

// Secure makes connections to a region's gateway: it must show the certificate of that region.
func (f *Front) Secure(region string) wire.Secure {
	return func(ctx context.Context, raw net.Conn) (net.Conn, error) {
		conn, err := f.holder.CallGateway(ctx, raw, region)
		if err != nil {
			f.logger.Warn("no mutual trust", "with", region, "error", err)
		}
		return conn, err
	}
}

// What is asked of a gateway, by who may ask.
var (
	// open is what users and load balancers ask, and what measures a link.
	open = []string{wire.PathHealth, wire.PathLive, wire.PathApp, wire.PathEcho}
	// inside is what the region's own tiers ask, who brings it up, and who signs its certificates.
	inside = []string{wire.PathWrite, wire.PathRead, wire.PathPeers, wire.PathWeb, wire.PathZones, wire.PathIdentity, wire.PathStatus}
	// commands are the verbs of a store that the failover controller alone may use.
	commands = []string{
		wire.StorePromote, wire.StoreGrant, wire.StoreFence, wire.StoreFollow, wire.StorePreload, wire.StoreReseed, wire.StoreSnapshot,
		wire.StoreAudit, wire.StoreDiverged, wire.StoreDisk,
	}
)

// Handler lets through to the gateway what may be asked of it the way it came.
func (f *Front) Handler(gateway http.Handler) http.Handler {
	own := http.NewServeMux()
	own.HandleFunc("GET "+wire.PathIdentity, f.status)
	own.HandleFunc("PUT "+wire.PathIdentity, f.take)
	identities := f.guard.Own(own)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := f.refuses(r); err != nil {
			answer.Error(w, f.region, err)
			return
		}
		if r.URL.Path == wire.PathIdentity {
			identities.ServeHTTP(w, r)
			return
		}
		gateway.ServeHTTP(w, r)
	})
}

// refuses is why a request is not let through; nil where it is.
func (f *Front) refuses(r *http.Request) error {
	switch {
	case r.TLS != nil && (!commanding(r.URL.Path) || f.holder.Commands(shown(r))):
		return nil
	case r.TLS != nil:
		return fmt.Errorf("%s %s is the failover controller's to ask, not %s's: %w", r.Method, r.URL.Path, shown(r), wire.ErrUnauthorized)
	case of(open, r.URL.Path), (of(inside, r.URL.Path) || breaking(r.URL.Path)) && f.guard.Inside(r):
		return nil
	}
	f.holder.Refuse(&identity.Refused{Reason: identity.NoCertificate})
	return fmt.Errorf("%s %s came without a certificate, and %s takes it over mutual TLS alone: %w", r.Method, r.URL.Path, f.region, wire.ErrUnauthorized)
}

// breaking reports whether a path has a replica's disk fail: that is for who brought the region up.
func breaking(asked string) bool {
	return of([]string{wire.PathStore}, asked) && path.Base(asked) == wire.StoreDisk
}

// of reports whether a path is one of some, or below one of them.
func of(paths []string, asked string) bool {
	return slices.ContainsFunc(paths, func(p string) bool {
		return asked == p || strings.HasPrefix(asked, strings.TrimSuffix(p, "/")+"/")
	})
}

// commanding reports whether a path is the failover controller's alone: a reconciler asks as that does, too, since no region is to say
// what another one runs.
func commanding(asked string) bool {
	if of([]string{wire.PathStore}, asked) {
		return slices.Contains(commands, path.Base(asked))
	}
	return asked == wire.PathTopology || of([]string{wire.PathPeers, wire.PathConfig}, asked)
}

// shown is the SPIFFE ID that the caller has proved to be.
func shown(r *http.Request) string {
	if certs := r.TLS.PeerCertificates; len(certs) > 0 && len(certs[0].URIs) == 1 {
		return certs[0].URIs[0].String()
	}
	return ""
}

func (f *Front) status(w http.ResponseWriter, _ *http.Request) {
	st, err := f.holder.Status()
	answer.Result(w, f.region, st, err)
}

func (f *Front) take(w http.ResponseWriter, r *http.Request) {
	var g identity.Grant
	if err := answer.Decode(w, r, &g); err != nil {
		answer.Error(w, f.region, err)
		return
	}
	if err := f.holder.Take(g); err != nil {
		answer.Error(w, f.region, fmt.Errorf("%w: %w", err, wire.ErrBad))
		return
	}
	if g.Chain != nil {
		f.logger.Info("certificate taken", "id", f.holder.ID())
	}
	f.status(w, r)
}
