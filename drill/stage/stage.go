// Package stage keeps when the stages of bring-up, of a restore and of tear-down ran.
package stage

import (
	"slices"
	"time"
)

// Span is when a stage of bring-up, of a restore or of tear-down began and, once it is done
// or has failed, when it ended. Region "" is the whole fleet's.
type Span struct {
	Region, Stage string
	Began         time.Duration
	Ended         *time.Duration
	Failed        bool
	Expected      time.Duration // by the platform's model; 0 when not known
}

// Find is when a stage of a region last ran; it is false for a stage that has not begun.
func Find(spans []Span, region, stage string) (Span, bool) {
	for _, span := range slices.Backward(spans) {
		if span.Region == region && span.Stage == stage {
			return span, true
		}
	}
	return Span{}, false
}

// Note keeps when a stage began, whatever it reports on its way: that it runs, or has ended now.
func Note(spans []Span, now time.Duration, said Span, runs bool) []Span {
	i := len(spans) - 1
	for i >= 0 && (spans[i].Region != said.Region || spans[i].Stage != said.Stage) {
		i--
	}
	if i < 0 || spans[i].Ended != nil {
		i, spans = len(spans), append(spans, Span{Region: said.Region, Stage: said.Stage, Began: now})
	}
	if spans[i].Expected = said.Expected; !runs {
		spans[i].Ended, spans[i].Failed = &now, said.Failed
	}
	return spans
}
