// Package preflight is what a check of regions comes to before a dataset is moved to one of them: is it ready to lead, and why not.
package preflight

import (
	"slices"
	"strings"
	"time"
)

// Status is what one check of one region comes to.
type Status string

// The statuses, from the best to the worst.
const (
	Ready   Status = "ready"
	Unknown Status = "unknown" // nothing is known: that is never taken for ready
	Unready Status = "not ready"
	// Barred is a region that the fleet file keeps from leading: nothing mends that, and nothing has to.
	Barred Status = "no target"
)

var worse = []Status{Ready, Unknown, Unready, Barred}

// Finding is what a check found of a region.
type Finding struct {
	Check  string `json:"check"`
	Status Status `json:"status"`
	Why    string `json:"why"`
	Next   string `json:"next,omitempty"` // what to do; "" where nothing is to be done, or nothing can be
	// Gates says that an automatic failover goes by it where the fleet's gate refuses.
	Gates bool `json:"gates,omitempty"`
}

// Target is a region that a dataset may be moved to. Lead is the region that leads now; its own Target has Leads.
type Target struct {
	Region   string    `json:"region"`
	Dataset  string    `json:"dataset"`
	Leads    bool      `json:"leads,omitempty"`
	Findings []Finding `json:"findings"`
}

// Status is the worst of its findings; Unknown where there is none.
func (t Target) Status() Status {
	if len(t.Findings) == 0 {
		return Unknown
	}
	return slices.MaxFunc(t.Findings, func(a, b Finding) int { return rank(a.Status) - rank(b.Status) }).Status
}

func rank(s Status) int { return slices.Index(worse, s) }

// Against is the findings that are not ready.
func (t Target) Against() []Finding {
	return t.filter(func(f Finding) bool { return f.Status != Ready })
}

// Refused is the findings for which a gate that refuses passes the region over.
func (t Target) Refused() []Finding {
	return t.filter(Finding.Refused)
}

// Refused reports whether a gate that refuses passes a region over for it.
func (f Finding) Refused() bool { return f.Gates && f.Status != Ready }

// Unfit is why a gate passes a region over; "" where it does not. Of one that nothing is known of that is not known.
func Unfit(targets []Target, region string) string {
	t, known := Of(targets, region)
	if !known {
		return "nothing is known of it"
	}
	var why []string
	for _, f := range t.Refused() {
		why = append(why, f.Check+": "+f.Why)
	}
	return strings.Join(why, ", ")
}

func (t Target) filter(keep func(Finding) bool) (out []Finding) {
	for _, f := range t.Findings {
		if keep(f) {
			out = append(out, f)
		}
	}
	return out
}

// Of is the target of a region; false where there is none.
func Of(targets []Target, region string) (Target, bool) {
	if i := slices.IndexFunc(targets, func(t Target) bool { return t.Region == region }); i >= 0 {
		return targets[i], true
	}
	return Target{}, false
}

// Against reports whether a region that leads or may lead is not ready to, or not known to be.
func Against(targets []Target) bool {
	return slices.ContainsFunc(targets, func(t Target) bool { return t.Status() != Ready && t.Status() != Barred })
}

// Alone is the datasets, of all that the targets are of, that no other region may lead than the one that does.
func Alone(targets []Target) (datasets []string) {
	for _, t := range targets {
		other := func(o Target) bool { return o.Dataset == t.Dataset && !o.Leads && o.Status() != Barred }
		if !slices.Contains(datasets, t.Dataset) && !slices.ContainsFunc(targets, other) {
			datasets = append(datasets, t.Dataset)
		}
	}
	return datasets
}

// Taken is the preflight of a dataset's regions at the moment at which a failover was decided.
type Taken struct {
	Failover int      `json:"failover"`
	Dataset  string   `json:"dataset"`
	Targets  []Target `json:"targets"`
	// To is the region that was decided on; "" where nobody could be.
	To string `json:"to,omitempty"`
	// Passed is the regions that would have been promoted, and were passed over since they were not ready.
	Passed []string      `json:"passed,omitempty"`
	At     time.Duration `json:"at"` // on the engine's clock
}

// News reports whether a person has to know: who was decided on is not ready, or somebody was passed over.
func (t Taken) News() bool {
	to, known := Of(t.Targets, t.To)
	return len(t.Passed) > 0 || known && len(to.Against()) > 0
}
