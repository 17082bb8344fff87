package governor

import (
	"context"
	"reflect"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
)

// surveyWithin bounds one look at a region's objects, where reconciling it is not given longer: one that does not answer by then is looked at again at the next interval.
const surveyWithin = 2 * time.Second

// survey looks at every region's objects again and again until ctx ends, and tells what of it is new. A reconciler compares them
// anyway; in manual mode nobody else does, and a preflight would take for right what nobody looked at.
func (g *Governor) survey(ctx context.Context) {
	for {
		for _, region := range g.regions { // each in one piece: what is changed by hand meanwhile would count as put right
			_ = g.fleet.Alone(ctx, region, func() { g.look(ctx, region) })
		}
		next, stop := g.cfg.Clock.After(g.spec.Config.Every)
		select {
		case <-ctx.Done():
			stop()
			return
		case <-next:
		}
	}
}

// look compares what a region has with the revision that it was given, and changes nothing. It asks as a person's kubectl does: what
// it finds is for people.
func (g *Governor) look(ctx context.Context, region string) {
	ctx, cancel := context.WithTimeout(ctx, max(surveyWithin, g.as.within))
	defer cancel()
	at := g.as.byHand[region]
	given, err := at.Given(ctx)
	if err != nil || !given.Whole() {
		return
	}
	objects, err := g.source.Objects(ctx, given.Revision, region)
	if err != nil {
		return
	}
	fields, err := at.Diff(ctx, objects)
	if err == nil {
		g.surveyed(region, given.Revision, objects, fields)
	}
}

// surveyed tells what a region runs, where that is news.
func (g *Governor) surveyed(region, revision string, objects []config.Object, fields []config.Field) {
	has, err := config.MeaningOf(config.Had(objects, fields))
	if err != nil {
		return
	}
	if len(fields) == 0 {
		fields = nil // as a journal reads back
	}
	news := config.Surveyed{Region: region, Revision: revision, Fields: config.Brief(fields), Has: has}
	for _, d := range g.spec.Datasets {
		if !has.Writes(d.Name) {
			news.Lacks = append(news.Lacks, d.Name)
		}
	}
	g.mu.Lock()
	known, is := g.surveys[region]
	same := is && reflect.DeepEqual(known, news)
	g.surveys[region] = news
	g.mu.Unlock()
	if !same {
		g.cfg.Emit(drill.Configured{News: news})
	}
}
