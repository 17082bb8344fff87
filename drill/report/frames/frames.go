// Package frames is a drill as a page plays it: what a person sees of its states, sampled. A state is what the player makes by
// folding the journal, so that a page shows what the screen showed.
package frames

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/journal/player"
)

// Most is how many frames there are at most: of a longer drill each stands for a longer time.
const Most = 600

// Replay is a drill in frames. A frame is numbers: when it begins, in milliseconds of the engine's clock, then pairs of a cell
// whose text changes and the text's place in Texts. A cell that never had a text has none.
type Replay struct {
	Cells  int      `json:"cells"`
	Texts  []string `json:"texts"`
	Frames [][]int  `json:"frames"`
}

// Of is a drill in frames, and the board that they are shown on.
func Of(events []drill.Event) (Replay, Board) {
	p := player.New(events)
	board := boardOf(p.End())
	out := Replay{Cells: len(board.cells), Texts: []string{""}, Frames: [][]int{}}
	places, shown := map[string]int{"": 0}, make([]int, len(board.cells))
	for _, at := range moments(events, p.End()) {
		p.Seek(at)
		s := p.At()
		frame := []int{int(at.Milliseconds())}
		for i, cell := range board.cells {
			text := clean.Text(cell(s))
			place, known := places[text]
			if !known {
				place = len(out.Texts)
				places[text], out.Texts = place, append(out.Texts, text)
			}
			if place != shown[i] {
				shown[i], frame = place, append(frame, i, place)
			}
		}
		out.Frames = append(out.Frames, frame)
	}
	return out, board
}

// moments is when frames begin: at each sample of the users' requests, of which a part is left out where there are too many, at each
// event that a timeline has, as far as that leaves room, and at the end.
func moments(events []drill.Event, end *drill.State) []time.Duration {
	var samples []time.Duration
	for _, e := range events {
		if _, is := e.Body.(drill.TrafficSampled); is {
			samples = append(samples, e.T)
		}
	}
	every := 1
	for len(samples)/every > Most/2 {
		every *= 2
	}
	var all []time.Duration
	for i := 0; i < len(samples); i += every {
		all = append(all, samples[i])
	}
	if len(end.Timeline) <= Most/3 {
		for _, e := range end.Timeline {
			all = append(all, e.T)
		}
	}
	if n := len(events); n > 0 {
		all = append(all, events[n-1].T)
	}
	slices.Sort(all)
	// The page counts milliseconds: moments of one are one frame.
	return slices.CompactFunc(all, func(a, b time.Duration) bool { return a.Milliseconds() == b.Milliseconds() })
}
