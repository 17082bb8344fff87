package dialog

import (
	"strings"

	"github.com/fleetdrill/fleetdrill/docs"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// paneWords are the words of the glossary that each pane uses.
var paneWords = map[pane.ID][]string{
	pane.Fleet:     {"failing", "region", "population", "leader", "term", "stored", "behind", "link", "kill", "cordon"},
	pane.Traffic:   {"failing", "population", "p50", "threshold", "shed", "TTL", "routing policy"},
	pane.Data:      {"leader", "term", "confirmed", "at risk", "lost write", "durability", "lag", "Gravity", "egress", "dataset"},
	pane.Recovery:  {"failover", "detect", "decide", "fence", "lease", "promote", "reroute", "RTO", "switchover", "prediction"},
	pane.Timeline:  {"fault", "failover", "RTO", "rejoin", "diverged tail", "split brain", "ledger", "steady", "standstill"},
	pane.Links:     {"link", "partition", "brownout", "egress", "jurisdiction"},
	pane.Region:    {"region", "platform", "agent", "failure domain", "replica", "jurisdiction", "Residency", "hang"},
	pane.Latency:   {"p50", "p99", "population", "threshold"},
	pane.Commands:  {"platform", "region", "failure domain"},
	pane.Preflight: {"preflight", "failover", "configuration drift", "trust bundle"},
	pane.Config:    {"GitOps", "configuration drift", "hub", "region"},
}

// pageWords are those of the pages that have no panes.
var pageWords = map[keys.Page][]string{
	keys.PageStart:   {"drill", "fleet", "region", "platform", "dataset", "durability", "failover"},
	keys.PageBringUp: {"region", "platform", "agent", "dataset", "preload", "steady"},
	keys.PageResult:  {"verdict", "objective", "RTO", "RPO", "lost write", "blast radius", "recovery", "prediction", "steady"},
}

// explained is the name of what is explained now, and its words: those of the pane in focus,
// else of the page.
func explained(n keys.Now) (name string, words []string) {
	if n.Page == keys.PageDrill {
		return n.Focus.Name(), paneWords[n.Focus]
	}
	return "this page", pageWords[n.Page]
}

// wordLines are those words with what the glossary says of them, in lines of w columns.
func wordLines(n keys.Now, w int) []helpLine {
	name, words := explained(n)
	if len(words) == 0 {
		return nil
	}
	lines := []helpLine{{heading: "Words of " + name}}
	for _, word := range words {
		e, found := docs.Define(word)
		if !found {
			continue
		}
		said := strings.Join(e.Words, ", ")
		text := said + ": " + e.Meaning
		if strings.HasPrefix(e.Meaning, said) { // a sentence that begins with the word
			text = e.Meaning
		}
		for i, l := range canvas.Wrap(text, w-2) {
			if rest, first := strings.CutPrefix(l, said); i == 0 && first {
				lines = append(lines, helpLine{spans: []canvas.Span{canvas.S(style.Strong, said), canvas.S(style.Text, rest)}})
				continue
			}
			lines = append(lines, helpLine{spans: []canvas.Span{canvas.S(style.Text, "  "+l)}})
		}
	}
	return append(lines, helpLine{})
}
