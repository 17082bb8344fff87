package configuration

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/gitops"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// waveLines is a line a wave of the newest commit: who it is for, whether it was let through, what it waits for, and whom it
// affected. Without waves there is nothing to tell that regions do not; once all regions have it, one line tells that, and leaves
// the room to regions.
func waveLines(sc show.Scene, newest *config.CommitAt) (out []show.Line) {
	how := sc.State.Fleet.Config
	if len(how.Waves) == 0 || newest.Bad != "" {
		return nil
	}
	all := gitops.Rollouts(sc.State)
	if len(all) == 0 || all[len(all)-1].Revision.Hash != newest.Revision.Hash { // the first commit, which every region had at once
		return nil
	}
	waves := all[len(all)-1].Waves
	if !slices.ContainsFunc(waves, func(w gitops.Wave) bool { return !arrived(sc, w) || w.Users.Known }) {
		return []show.Line{labelled("waves", style.Fine, sc.Theme.Glyphs.Done+" all regions have it, wave after wave")}
	}
	for i, w := range waves {
		st, text := waveStands(sc, waves, i)
		if w.Users.Known {
			text += fmt.Sprintf(" · %s of %s affected", format.Percent(w.Users.Share), format.Plural(w.Users.Asked, "user", "users"))
		}
		out = append(out, labelled(fmt.Sprintf("wave %d", w.Number+1), st, strings.Join(w.Regions, ", ")+": "+text))
	}
	return out
}

// waveStands is how far a wave is: it has the commit, is given it, waits for the gate, or for a wave before it.
func waveStands(sc show.Scene, waves []gitops.Wave, i int) (style.Style, string) {
	s, how := sc.State.Config, sc.State.Fleet.Config
	w := waves[i]
	switch {
	case arrived(sc, w):
		return style.Fine, sc.Theme.Glyphs.Done + " " + haveIt(w.Regions)
	case w.Released != nil:
		return style.Caution, "let through after " + format.Span(*w.Released)
	case s.Held != nil && s.Held.Wave == w.Number:
		return style.DangerBold, sc.Theme.Glyphs.Failed + " held " + heldAgo(sc) + ": " + s.Held.Why
	case i > 0 && waves[i-1].Released == nil:
		return style.Label, "waits for the wave before"
	case how.Gate != nil:
		return style.Caution, fmt.Sprintf("waits until wave %d answers %s of requests for %s", w.Number, format.Percent(how.Gate.Success), format.Span(how.Gate.For))
	}
	return style.Caution, fmt.Sprintf("waits until wave %d has it and is well", w.Number)
}

// arrived reports whether every region of a wave has the newest commit.
func arrived(sc show.Scene, w gitops.Wave) bool {
	s := sc.State.Config
	has := func(region string) bool { return s.Region(region) != nil && s.Region(region).Applied == s.Head.Hash }
	return w.Released != nil && !slices.ContainsFunc(w.Regions, func(r string) bool { return !has(r) })
}

// heldAgo is when the newest commit was held last: what held it may be better since, for less than the gate asks for.
func heldAgo(sc show.Scene) string {
	holds := sc.State.Config.Commits[len(sc.State.Config.Commits)-1].Holds
	if len(holds) == 0 {
		return format.Unknown
	}
	return ago(sc, &holds[len(holds)-1].At)
}

func haveIt(regions []string) string { return format.Either(len(regions) == 1, "has it", "have it") }
