package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// emit says one value of a family, with the values of its labels.
type emit func(value float64, labels ...string)

// family is one metric: what it is called, and its values of a state. What is unknown has no value, and never 0.
type family struct {
	name, help string
	kind       prometheus.ValueType
	labels     []string
	read       func(*drill.State, emit)
}

const (
	gauge   = prometheus.GaugeValue
	counter = prometheus.CounterValue
)

// families is every metric, in the order of docs/feeds.md.
var families = []family{
	{"info", "The drill that runs: always 1.", gauge, []string{"fleet", "drill", "on", "version"}, info},
	{"phase", "What the drill is doing: 1 of the phase that it is in.", gauge, []string{"phase"}, func(s *drill.State, out emit) {
		if s.Phase != "" {
			out(1, string(s.Phase))
		}
	}},
	{"elapsed_seconds", "Time since the engine started, as of the last event.", gauge, nil, func(s *drill.State, out emit) { out(s.Now.Seconds()) }},
	{"users_asked", "Distinct users who asked in the last seconds.", gauge, []string{"population"}, users(func(a measure.Affected) int { return a.Asked })},
	{"users_affected", "Of them, those whose request failed or was slow.", gauge, []string{"population"}, users(func(a measure.Affected) int { return a.Affected })},
	{"blast_radius_ratio", "Share of users affected by the worst command so far, 0 to 1.", gauge, nil, func(s *drill.State, out emit) {
		if a := measure.BlastRadius(s); a.Known {
			out(a.Share)
		}
	}},
	{"requests_total", "Requests that users sent, by what became of them.", counter, []string{"population", "outcome"}, requests},
	{"latency_seconds", "Latency of successful requests in the last seconds.", gauge, []string{"population", "percentile"}, latency},
	{"region_up", "Whether the global router calls the region up: 1 or 0.", gauge, []string{"region"}, func(s *drill.State, out emit) {
		for _, r := range s.Regions {
			if r.Up != nil {
				out(bit(*r.Up), r.Spec.Name)
			}
		}
	}},
	{"region_traffic_ratio", "The region's share of answered requests in the last sample, 0 to 1.", gauge, []string{"region"}, func(s *drill.State, out emit) {
		for _, r := range s.Regions {
			if s.SampledAt > 0 {
				out(r.Share, r.Spec.Name)
			}
		}
	}},
	{"faults_total", "Faults that took effect.", counter, nil, func(s *drill.State, out emit) { out(float64(len(s.Faults))) }},
	{"faults_active", "Faults that hold.", gauge, nil, func(s *drill.State, out emit) {
		n := 0
		for _, f := range s.Faults {
			if f.Lifted == nil {
				n++
			}
		}
		out(float64(n))
	}},
	{"dataset_leader", "1 of the region that leads the dataset, as last known; two of them are a split brain.", gauge, []string{"dataset", "region"}, leaders},
	{"replica_lag_writes", "Writes that the replica lacks of its leader; none while the leader can't be asked.", gauge, []string{"dataset", "region"}, lag},
	{"writes_at_risk", "Writes confirmed and stored nowhere but at the leader.", gauge, []string{"dataset"}, func(s *drill.State, out emit) {
		for _, d := range s.Datasets {
			if d.AtRisk != nil {
				out(float64(*d.AtRisk), d.Name)
			}
		}
	}},
	{"failover_stage", "1 of the stage that a dataset's failover is in; none while there is no failover.", gauge, []string{"dataset", "stage"}, func(s *drill.State, out emit) {
		for _, f := range newest(s) {
			if stage, _ := f.Current(); stage != "" {
				out(1, f.Dataset, string(stage))
			}
		}
	}},
	{"failover_stage_seconds", "How long each stage of a failover took, once it has ended.", gauge, []string{"dataset", "failover", "stage"}, stages},
	{"rto_seconds", "The longest that the dataset took no writes while its leader moved, so far.", gauge, []string{"dataset"}, spans(measure.RTO)},
	{"rpo_seconds", "The longest span of confirmed writes that the dataset lost, so far.", gauge, []string{"dataset"}, spans(measure.RPO)},
	{"lost_writes", "Confirmed writes that a check of the ledger missed.", gauge, []string{"dataset"}, func(s *drill.State, out emit) {
		for _, d := range s.Datasets {
			if lost := measure.Lost(s, d.Name); lost.Known {
				out(float64(lost.N), d.Name)
			}
		}
	}},
	{"verdict", "How the drill ended: 1 of its verdict, none while it runs.", gauge, []string{"verdict"}, func(s *drill.State, out emit) {
		if s.Verdict != "" {
			out(1, string(s.Verdict))
		}
	}},
}

func info(s *drill.State, out emit) {
	if s.Fleet.Name == "" {
		return // not started
	}
	name := ""
	if s.Plan != nil {
		name = s.Plan.Name
	}
	out(1, s.Fleet.Name, name, s.On, s.Version)
}

func users(of func(measure.Affected) int) func(*drill.State, emit) {
	return func(s *drill.State, out emit) {
		for _, p := range s.Populations {
			if a := measure.AffectedAmong(p); a.Known {
				out(float64(of(a)), p.Spec.Name)
			}
		}
	}
}

func requests(s *drill.State, out emit) {
	for _, p := range s.Populations {
		if p.Last != nil {
			out(float64(p.Last.TotalRequests-p.Last.TotalFailed), p.Spec.Name, "ok")
			out(float64(p.Last.TotalFailed), p.Spec.Name, "failed")
		}
	}
}

func latency(s *drill.State, out emit) {
	for _, p := range s.Populations {
		if p.Last == nil {
			continue
		}
		for percentile, d := range map[string]*time.Duration{"50": p.Last.P50, "99": measure.P99(p.Last.P99, p.Last.LatencyN)} {
			if d != nil {
				out(d.Seconds(), p.Spec.Name, percentile)
			}
		}
	}
}

func lag(s *drill.State, out emit) {
	for _, d := range s.Datasets {
		for region, r := range d.Replicas {
			if !r.Stale && r.LagWrites != nil {
				out(float64(*r.LagWrites), d.Name, region)
			}
		}
	}
}

func leaders(s *drill.State, out emit) {
	for _, d := range s.Datasets {
		seen := map[string]bool{} // who leads on either side of two split brains is one
		for _, l := range measure.Leaders(d) {
			if !seen[l.Region] {
				seen[l.Region] = true
				out(1, d.Name, l.Region)
			}
		}
	}
}

// newest is the last failover of each dataset that had one.
func newest(s *drill.State) map[string]*drill.Failover {
	all := map[string]*drill.Failover{}
	for _, f := range s.Failovers {
		all[f.Dataset] = f
	}
	return all
}

func stages(s *drill.State, out emit) {
	for _, f := range s.Failovers {
		for _, stage := range drill.FailoverStages {
			if took, ended := f.Took(stage); ended {
				out(took.Seconds(), f.Dataset, strconv.Itoa(f.ID), string(stage))
			}
		}
	}
}

func spans(of func(*drill.State, string) measure.Span) func(*drill.State, emit) {
	return func(s *drill.State, out emit) {
		for _, d := range s.Datasets {
			if span := of(s, d.Name); span.Known {
				out(span.D.Seconds(), d.Name)
			}
		}
	}
}

func bit(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
