package format

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fate"
)

// Ended is what the user of a write was told: "confirmed by us-east after 23 ms".
func Ended(b fate.Ended) string {
	if b.Error != "" {
		return fmt.Sprintf("never confirmed: %s after %s", b.Error, Span(b.Took))
	}
	return fmt.Sprintf("confirmed by %s after %s", b.By, Span(b.Took))
}

// Fate is what has become of a write of a person's own words, without its text: "confirmed by
// us-east after 23 ms, in 3 of 3 replicas".
func Fate(w *fate.Write) string {
	c := w.Fates[len(w.Fates)-1]
	c.Trace = w.Trace // which may have grown since
	return fateText(w, c)
}

// fateThen is the fate that an event of the timeline brought.
func fateThen(w *fate.Write, seq uint64) string {
	i := slices.IndexFunc(w.Fates, func(c fate.Change) bool { return c.Seq == seq })
	if i < 0 {
		return Fate(w)
	}
	return fateText(w, w.Fates[i])
}

func fateText(w *fate.Write, c fate.Change) string {
	told, lead := "", ""
	if w.Ended != nil {
		told = Ended(*w.Ended)
	}
	held := strings.Join(c.Trace.Holders(), ", ")
	if c.Trace != nil {
		lead = c.Trace.Authority
	}
	switch c.Fate {
	case fate.Waits:
		return "waits for an answer from " + w.Region
	case fate.Confirmed:
		return told
	case fate.Alone:
		return fmt.Sprintf("%s, stored by %s alone so far", told, held)
	case fate.Copied:
		return fmt.Sprintf("%s, in %d of %s: %s", told, len(c.Trace.Holders()), Plural(len(c.Trace.Copies), "replica", "replicas"), held)
	case fate.Unknown:
		if lead == "" {
			lead = "the leader"
		}
		return fmt.Sprintf("unknown while %s does not answer; in %s", lead, orNobody(held, "no replica that does"))
	case fate.Lost:
		return fmt.Sprintf("LOST: %s, and not in %s, which leads", told, lead)
	case fate.Diverged:
		return fmt.Sprintf("LOST for now: not in %s, which leads; still in %s, which diverged", lead, held)
	case fate.Exported:
		return fmt.Sprintf("LOST: cut as diverged, kept in %s", c.Trace.Exported)
	case fate.Back:
		return fmt.Sprintf("back: in %s", held)
	case fate.Altered:
		return fmt.Sprintf("ALTERED: %s holds it with other contents", lead)
	case fate.Dropped:
		return told + ", and stored nowhere"
	case fate.Stored:
		return fmt.Sprintf("%s, but stored by %s all the same", told, held)
	}
	return told + ", not known whether it is stored: " + orNobody(strings.Join(c.Trace.Silent(), ", ")+" does not answer", "no replica was asked yet")
}

func orNobody(text, nobody string) string {
	if text == "" || strings.HasPrefix(text, " ") {
		return nobody
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

// written words an event about a write of a person's own words.
func written(s *drill.State, dataset, id string, seq uint64) (Mark, string) {
	w := s.OwnWrite(dataset, id)
	if w == nil {
		return MarkData, ""
	}
	text := fmt.Sprintf("%s in %s: %s", Quoted(w.Text, 40), dataset, fateThen(w, seq))
	if strings.Contains(text, "LOST") || strings.Contains(text, "ALTERED") {
		return MarkError, text
	}
	return MarkData, text
}
