package report

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/measure/cost"
)

// Dataset is what one dataset's strategy was and what it cost. Mode and With are
// those at the end. Writes is as the ledger was checked at the end, null before.
// Populations is by the users' names; Replicas by region, as each last answered.
// Borders are jurisdictions whose border something of the dataset crossed or could have.
type Dataset struct {
	Engine      string                  `json:"engine"`
	Mode        string                  `json:"mode"`
	With        *string                 `json:"with"`
	Modes       []ModeChange            `json:"modes"`
	Waits       []Wait                  `json:"waits"`
	SplitBrains []SplitBrain            `json:"split_brains"`
	Writes      Writes                  `json:"writes"`
	Populations map[string]WriteLatency `json:"write_latency"`
	Replicas    map[string]Replica      `json:"replicas"`
	Borders     []Border                `json:"borders"`
}

// ModeChange is one change of a dataset's durability. At is when the new one held,
// Took how long it took from the request on.
type ModeChange struct {
	At   float64 `json:"at_s"`
	Was  string  `json:"was"`
	Now  string  `json:"now"`
	By   string  `json:"by"`
	Why  *string `json:"why"`
	Took float64 `json:"took_s"`

	when string
}

// Wait is a time during which writes waited for regions that the mode names; Took
// is null when they waited to the end.
type Wait struct {
	At   float64  `json:"at_s"`
	For  []string `json:"for"`
	Mode string   `json:"mode"`
	Took *float64 `json:"took_s"`

	when string
}

// SplitBrain is two authorities at once. Writes is, by region, the ids that each
// acknowledged meanwhile.
type SplitBrain struct {
	At       float64             `json:"at_s"`
	Old      string              `json:"old"`
	OldEpoch uint64              `json:"old_epoch"`
	New      string              `json:"new"`
	NewEpoch uint64              `json:"new_epoch"`
	Writes   map[string][]string `json:"writes"`
	Over     bool                `json:"over"`

	when string
}

// WriteLatency is a population's writes to the dataset over the whole drill, from
// when each was due to its acknowledgement.
type WriteLatency struct {
	Acknowledged int      `json:"acknowledged"`
	Failed       int      `json:"failed"`
	P50          *float64 `json:"p50_ms"`
	P99          *float64 `json:"p99_ms"` // null where fewer were acknowledged than a p99 needs
	Max          *float64 `json:"max_ms"`
}

// Replica is one region's copy. Bytes and Owed are payload; Owed is null when unknown.
type Replica struct {
	Role    string `json:"role"`
	Bytes   int64  `json:"bytes"`
	Owed    *int64 `json:"owed_bytes"`
	Current bool   `json:"answers"` // false: the figures are of an earlier answer
}

// Border is bytes of the dataset, framing and forwarded writes included, that went
// from one jurisdiction into another. Egress is a model (see drill.EgressPrices).
type Border struct {
	From   string   `json:"from"`
	To     string   `json:"to"`
	Bytes  uint64   `json:"bytes"`
	Egress *float64 `json:"egress_usd_modelled"`
}

func (b *builder) dataset(d *drill.DatasetState) Dataset {
	out := Dataset{
		Engine: d.Spec.Engine, Mode: string(d.Spec.Mode), With: text(d.Spec.With),
		Modes: list(d.Modes, func(m drill.ModeChange) ModeChange {
			return ModeChange{At: seconds(m.T), Was: m.Was.String(), Now: m.Now.String(), By: m.By, Why: text(m.Why), Took: seconds(m.Took), when: format.When(b.state, m.T)}
		}),
		Waits:       list(d.Waits, b.wait),
		SplitBrains: list(d.Splits, b.splitBrain),
		Populations: map[string]WriteLatency{}, Replicas: map[string]Replica{},
		Borders: list(cost.EgressOf(b.state, d.Name).Borders, func(x cost.Border) Border {
			return Border{From: x.From, To: x.To, Bytes: x.Bytes, Egress: x.USD}
		}),
	}
	out.Writes = writes(measure.FinalWrites(b.state, d.Name))
	for _, p := range b.state.Populations {
		if p.Last == nil {
			continue
		}
		if w, writes := p.Last.Datasets[d.Name]; writes {
			out.Populations[p.Spec.Name] = WriteLatency{Acknowledged: w.Acknowledged, Failed: w.Failed,
				P50: millis(w.P50), P99: millis(measure.P99(w.P99, w.Acknowledged)), Max: millis(w.Max)}
		}
	}
	for region, s := range d.Replicas {
		out.Replicas[region] = Replica{Role: string(s.Role), Bytes: s.Bytes, Owed: s.OwedBytes, Current: !s.Stale}
	}
	return out
}

func (b *builder) wait(w drill.Wait) Wait {
	out := Wait{At: seconds(w.Began), For: w.For, Mode: string(w.Mode), when: format.When(b.state, w.Began)}
	if w.Ended != nil {
		out.Took = span(*w.Ended - w.Began)
	}
	return out
}

func (b *builder) splitBrain(s *drill.SplitBrain) SplitBrain {
	return SplitBrain{At: seconds(s.Began), Old: s.Old, OldEpoch: s.OldEpoch, New: s.New, NewEpoch: s.NewEpoch, Writes: s.Tails, Over: s.Over, when: format.When(b.state, s.Began)}
}
