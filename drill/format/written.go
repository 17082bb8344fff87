package format

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fate"
)

// Ended is what the user of a write was told: "confirmed by us-east after 23 ms", "never confirmed: no
// answer in time (after 2.0 s)".
func Ended(b fate.Ended) string {
	if b.Error != "" {
		return fmt.Sprintf("never confirmed: %s (after %s)", Failure(b.Error), Span(b.Took))
	}
	return fmt.Sprintf("confirmed by %s after %s", b.By, Span(b.Took))
}

// Fate is what has become of a write of a person's own words, without its text: "in all 3
// replicas · confirmed by us-east after 23 ms".
func Fate(w *fate.Write) string {
	text := FateNow(w)
	if w.Trace == nil || !w.Confirmed() {
		return text
	}
	return text + " · " + Ended(*w.Ended)
}

// FateNow is Fate without who confirmed it, for where there is little room.
func FateNow(w *fate.Write) string {
	c := w.Fates[len(w.Fates)-1]
	c.Trace = w.Trace // which may have grown since
	return became(w, c)
}

// became is what a change of its fate brought. Of a write that nobody confirmed that is a part of it.
func became(w *fate.Write, c fate.Change) string {
	told, lead := "", ""
	if w.Ended != nil {
		told = Ended(*w.Ended)
	}
	holders := strings.Join(c.Trace.Holders(), ", ")
	if c.Trace != nil {
		lead = c.Trace.Authority
	}
	switch c.Fate {
	case fate.Waits:
		return "waits for an answer from " + w.Region
	case fate.Confirmed:
		return told
	case fate.Alone:
		return fmt.Sprintf("stored by %s alone so far", holders)
	case fate.Copied:
		return stored(c.Trace)
	case fate.Unknown:
		text := "the leader does not answer"
		if lead != "" {
			text = lead + ", which leads, does not answer"
		}
		if holders == "" {
			return "unknown: " + text + ", no other replica has it"
		}
		return "unknown: " + text + "; it is in " + holders
	case fate.Lost:
		return fmt.Sprintf("LOST: it is not in %s, which leads now", lead)
	case fate.Diverged:
		return fmt.Sprintf("LOST for now: it is in %s, and not in %s, which leads", holders, lead)
	case fate.Exported:
		return "LOST, and kept in " + filepath.Base(c.Trace.Exported)
	case fate.Back:
		return "back: " + stored(c.Trace)
	case fate.Altered:
		return fmt.Sprintf("ALTERED: %s, which leads, has other contents", lead)
	case fate.Dropped:
		return told + ", and stored nowhere"
	case fate.Stored:
		return fmt.Sprintf("stored by %s all the same · %s", holders, told)
	}
	silent := strings.Join(c.Trace.Silent(), ", ")
	if silent == "" {
		return told + "; not looked for yet"
	}
	return told + "; not known whether it is stored: no answer from " + silent
}

// stored is who holds a write that its leader holds; where most do, who does not.
func stored(t *fate.Trace) string {
	holders, silent := t.Holders(), t.Silent()
	n := len(t.Copies)
	if len(holders) == n {
		return fmt.Sprintf("in all %d replicas", n)
	}
	var lacking []string
	for _, c := range t.Copies {
		if c.Answered && !slices.Contains(holders, c.Region) {
			lacking = append(lacking, c.Region)
		}
	}
	text := fmt.Sprintf("in %d of %s", len(holders), Plural(n, "replica", "replicas"))
	if len(holders) < n-len(holders) {
		return text + ": " + strings.Join(holders, ", ")
	}
	if len(lacking) > 0 {
		text += ", not yet in " + strings.Join(lacking, ", ")
	}
	if len(silent) > 0 {
		text += ", no answer from " + strings.Join(silent, ", ")
	}
	return text
}

// Quoted is a person's own words as they stand in a line: cut where they are long.
func Quoted(text string, most int) string {
	if r := []rune(text); len(r) > most {
		text = strings.TrimRight(string(r[:most-1]), " ") + "…"
	}
	return "“" + text + "”"
}

// mostQuoted is how much of a person's own words stands in a line of the timeline, in characters.
const mostQuoted = 40

// written words an event about a write of a person's own words: its fate first, so that where a line is
// cut it is the words that are, and never the fate.
func written(s *drill.State, dataset, id string, seq uint64) (Mark, string) {
	w := s.OwnWrite(dataset, id)
	if w == nil {
		return MarkData, ""
	}
	i := slices.IndexFunc(w.Fates, func(c fate.Change) bool { return c.Seq == seq })
	if i < 0 {
		return MarkData, ""
	}
	text := fmt.Sprintf("%s: %s", became(w, w.Fates[i]), Quoted(w.Text, mostQuoted))
	if w.Fates[i].Fate.Gone() {
		return MarkError, text
	}
	return MarkData, text
}
