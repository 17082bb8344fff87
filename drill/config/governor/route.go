package governor

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/routing"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// route has the global router go by the weights of a revision, once its last wave is let through: who is to be sent to a region finds
// there what was committed with that. A region that is away keeps nobody waiting, since users may be sent away from it. In manual mode
// a commit reaches nobody.
func (g *Governor) route(news config.Released) {
	if news.Wave+1 < news.Of || len(g.spec.Routing.Weights) == 0 || g.spec.Config.Mode == topology.ConfigManual {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), surveyWithin) // it was read a moment ago
	defer cancel()
	weights, err := g.source.Weights(ctx, news.Revision)
	if err != nil || weights == nil {
		return
	}
	g.mu.Lock()
	was := g.weights
	g.weights = weights
	g.mu.Unlock()
	if routing.Text(was, g.regions) == routing.Text(weights, g.regions) {
		return
	}
	g.cfg.Emit(drill.Configured{News: config.Routed{Revision: news.Revision, Was: was, Weights: weights}})
	g.cfg.Weights(weights, config.Short(news.Revision))
}
