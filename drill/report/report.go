// Package report says what a drill came to, from its journal alone: report.json
// for programs, a summary for people.
//
// Times are in seconds since the drill started, spans in seconds, shares from 0 to
// 1. What was not measured is null, never zero. Every key is always there.
package report

import "github.com/fleetdrill/fleetdrill/drill/runbook"

// Report is report.json; the order of the fields is the order of its keys.
type Report struct {
	// Drill is the plan's name, null when an operator drilled by hand.
	Drill *string `json:"drill"`
	// Hypothesis is what the drill file expects, null where it says nothing.
	Hypothesis *string `json:"hypothesis"`
	// Roles is who had which part, by role, as the drill file says.
	Roles   runbook.Roles `json:"roles,omitempty"`
	Fleet   string        `json:"fleet"`
	On      string        `json:"on"`      // "kind" or "local"
	Verdict string        `json:"verdict"` // of an unfinished journal: "inconclusive"
	Started string        `json:"started"` // RFC 3339, by the clock of the machine that drilled
	// Duration ends with the verdict, or with the last event of an unfinished
	// journal. Bring-up counts, tear-down does not.
	Duration    float64                 `json:"duration_s"`
	Version     string                  `json:"version"` // of the fleetdrill that drilled
	Seed        uint64                  `json:"seed"`    // of the users' requests and the links' jitter
	Objectives  []Objective             `json:"objectives"`
	Refusals    []Refusal               `json:"refusals"`
	Steady      Steady                  `json:"steady"`
	Incidents   []Incident              `json:"incidents"`
	Faults      []Fault                 `json:"faults"`
	Failovers   []Failover              `json:"failovers"`
	Rejoins     []Rejoin                `json:"rejoins"`
	Writes      Writes                  `json:"writes"`
	Traffic     Traffic                 `json:"traffic"`
	BlastRadius BlastRadius             `json:"blast_radius"`
	Predictions []Prediction            `json:"predictions"`
	Gravity     map[string]GravityMeter `json:"gravity"`
	Datasets    map[string]Dataset      `json:"datasets"`
	Identities  []Identity              `json:"identities,omitempty"`
	Discovery   []Discovery             `json:"discovery"`
	Config      []Config                `json:"config,omitempty"` // of regions that a repository governs
	Rollouts    []Rollout               `json:"rollouts,omitempty"`
	Lookups     []Lookup                `json:"lookups,omitempty"`
	Notes       []Note                  `json:"notes"`
	Written     []Written               `json:"own_writes"`
	Standstills []Standstill            `json:"standstills"`
	NotSent     NotSent                 `json:"not_sent"`
	Visitors    []Visitor               `json:"visitors"`
	Web         Web                     `json:"web"`
	CameBack    *CameBack               `json:"came_back"`
	Curves      []Curve                 `json:"curves"`
	// Remarks is what has to be known of how the journal was read: what of it was skipped or left out, and where
	// it breaks off. Whoever read it adds them.
	Remarks []string `json:"remarks"`

	// For the summary only.
	title, word, why, warning string
	compute, data             string
}

// Objective is a target against what was measured: seconds for rto and rpo, a count for
// lost_writes, split_brain and refused_steps, a share for users_affected, bytes for
// pinned_bytes_abroad. AtLeast says that the target is to be reached, not to be kept below;
// Dataset is the one that it is asked of, and left out where that is all together.
type Objective struct {
	Name     string   `json:"name"`
	Target   float64  `json:"target"`
	Measured *float64 `json:"measured"`
	Met      *bool    `json:"met"`
	AtLeast  bool     `json:"at_least"`
	Dataset  string   `json:"dataset,omitempty"`
}

// Refusal is a step of the plan that is there to be refused, by its index from 0: whether it
// was, null where the drill ended before it was answered, and the reason that was given.
type Refusal struct {
	Step    int     `json:"step"`
	Command string  `json:"command"`
	Refused *bool   `json:"refused"`
	Why     *string `json:"why"`
}

// Steady is the steady check before the first step and after the last.
type Steady struct {
	Before SteadyCheck `json:"before"`
	After  SteadyCheck `json:"after"`
}

// CameBack is whether the fleet of a drill that was called off was as before once all faults
// were lifted, how long that took or was waited for, and what was missing. Null in others.
type CameBack struct {
	Met     bool     `json:"met"`
	After   float64  `json:"after_s"`
	Missing []string `json:"missing"`
}

// SteadyCheck is the share of requests that succeeded.
type SteadyCheck struct {
	Success *float64 `json:"success"`
}

// Incident is something that was done to the fleet or befell it, and what it cost, in two sentences. ID is
// the command's, null where no command did it; At is when it could first affect a user, Settled when it
// had run its course, null where it had not.
type Incident struct {
	ID       *int     `json:"command_id"`
	At       float64  `json:"at_s"`
	Settled  *float64 `json:"settled_s"`
	Happened string   `json:"happened"`
	Cost     string   `json:"cost"`
}

// Fault is a fault that was proved. At is when the first user could be affected by
// it, Proved when the proof came; both count from the start of the drill.
type Fault struct {
	Kind    string   `json:"kind"`
	Region  *string  `json:"region"`
	Between []string `json:"between"`
	At      float64  `json:"at_s"`
	Proved  float64  `json:"proved_s"`
	Proof   string   `json:"proof"`
}

// Failover is one move of a dataset's authority. Cause is "fault", "switchover",
// or "operator" for a promotion that nothing but a command caused.
//
// RTO runs from the fault to the first write that the new authority acknowledged;
// for a switchover it is how long writes were blocked. RPO is the span from the
// oldest lost acknowledgement to the fault, or to the newest lost one where the old
// authority acknowledged after the fault; zero when the ledger was checked and
// nothing was lost. Acknowledged is every write acknowledged until that check; LostWrites may be of later ones
// too, where an old leader that was cut off went on. LostOpen says that more of these may come to light, so that
// LostWrites is so far and RPO null.
type Failover struct {
	Dataset      string   `json:"dataset"`
	Engine       string   `json:"engine"`
	Mode         string   `json:"mode"`
	From         string   `json:"from"`
	To           *string  `json:"to"`
	Cause        string   `json:"cause"`
	Epoch        *uint64  `json:"epoch"`
	RTO          *float64 `json:"rto_s"`
	Stages       Stages   `json:"stages"`
	Acknowledged *int     `json:"acknowledged"`
	LostWrites   *int     `json:"lost_writes"`
	LostIDs      []string `json:"lost_ids"`
	LostOpen     bool     `json:"lost_open"`
	RPO          *float64 `json:"rpo_s"`
	// Restored is what the new leader's store was made from, in mode backup; null otherwise.
	Restored *Restored `json:"restored"`
	// ByInstrument says that no fault caused it: fleetdrill stood still, or the machine starved the region.
	ByInstrument bool `json:"by_instrument"`
	// Preflight is how ready each region was to lead when it was decided; left out where that was not asked.
	Preflight []Preflight `json:"preflight,omitempty"`

	later bool // some of the lost writes were acknowledged after the check
}

// Restored is a store that was made from a snapshot: what it had then, how old the snapshot was, and how long
// loading it took, as the region measured it. It is part of the stage promote.
type Restored struct {
	Writes uint64   `json:"writes"`
	Bytes  int64    `json:"bytes"`
	Age    *float64 `json:"snapshot_age_s"`
	Took   *float64 `json:"took_s"`
}

// Stages is how long each stage took; those of a move add up to its RTO, but for what a
// switchover prepares while writes are still taken. A switchover has nothing to detect
// or decide, a failover nothing to prepare or catch up with.
type Stages struct {
	Detect  *float64 `json:"detect_s"`
	Decide  *float64 `json:"decide_s"`
	Prepare *float64 `json:"prepare_s"`
	Fence   *float64 `json:"fence_s"`
	CatchUp *float64 `json:"catch_up_s"`
	Promote *float64 `json:"promote_s"`
	Reroute *float64 `json:"reroute_s"`
	// Restoring is the part of Promote that made the store from a snapshot, Scaling that of Reroute in which web replicas were added to
	// the new leader's region; left out where neither was.
	Restoring *float64 `json:"promote_restoring_s,omitempty"`
	Scaling   *float64 `json:"reroute_scaling_s,omitempty"`
}

// Rejoin is a replica's return: the entries of its own that it cut, the payload
// bytes that it copied, and how long it took to be current. Where that was quicker than samples
// can measure, Took is null and AtMost says what it was within.
type Rejoin struct {
	Dataset  string   `json:"dataset"`
	Region   string   `json:"region"`
	Diverged *int     `json:"diverged_writes"`
	Exported *string  `json:"exported"` // the file that keeps what was cut, or the folder of several
	Bytes    *int64   `json:"bytes"`
	Took     *float64 `json:"took_s"`
	AtMost   *float64 `json:"at_most_s"`
}

// Writes is the ledger at the end, over all datasets; null when it was not
// checked against each of them.
type Writes struct {
	Acknowledged          *int `json:"acknowledged"`
	Unacknowledged        *int `json:"unacknowledged"`
	Lost                  *int `json:"lost"`
	PresentUnacknowledged *int `json:"present_unacknowledged"`
}

// Traffic is the users' requests of the whole drill. Recovered is the longest
// span from a fault to the moment since which requests were good again as in the
// steady check; null when no fault had ended that, or one was not recovered from: then the
// longest is RecoveredAtLeast.
type Traffic struct {
	Requests  *int           `json:"requests"`
	Failed    *int           `json:"failed"`
	Failures  map[string]int `json:"failures"` // the failed ones by reason: "shed", "timeout", …
	Recovered *float64       `json:"recovered_s"`
	// RecoveredAtLeast is null where Recovered is not.
	RecoveredAtLeast *float64        `json:"recovered_at_least_s"`
	Users            map[string]User `json:"users"`
}

// User is one population. ServedAgain is the longest from a fault until all of its requests were answered again, 0 where none
// failed; null where no fault was measured, or they were not all answered again: then ServedAgainAtLeast is how long they were
// not, so far.
type User struct {
	Requests *int           `json:"requests"`
	Failed   *int           `json:"failed"`
	Failures map[string]int `json:"failures"`
	P50      *float64       `json:"p50_ms"`
	P99      *float64       `json:"p99_ms"`
	ServedBy map[string]int `json:"served_by"`

	// Moved is how often the router sent them elsewhere.
	Moved *int `json:"moved"`

	ServedAgain        *float64 `json:"served_again_s"`
	ServedAgainAtLeast *float64 `json:"served_again_at_least_s"`
	Reads              Reads    `json:"reads"`
}

// BlastRadius is who was affected by the worst command. Users is everybody in the fleet. Asked is
// the distinct users who asked between its fault and the recovery, Affected those of
// them who had a request that failed or was too slow, and Share the one over the other: a
// user who never asked can't be affected, and counting such users, or those of a harmless
// command, would thin the number out. Predicted is what was predicted of the very same command,
// null where nothing was. With is the commands whose harm may be in it, and Open says that users have
// not recovered from it.
type BlastRadius struct {
	Users     int      `json:"users"`
	Asked     *int     `json:"asked"`
	Affected  *int     `json:"affected"`
	Share     *float64 `json:"share"`
	Predicted *float64 `json:"predicted_share"`
	Open      bool     `json:"open"`
	With      []Beside `json:"with"`
	// ByDomain is the same of the users of each environment, team and shared cluster; left out where the fleet has none.
	ByDomain []InDomain `json:"by_domain,omitempty"`
}

// InDomain is whom the worst command affected in one failure domain: of an environment or a team its own users, of a cluster
// those whom it served before. Null is not measured.
type InDomain struct {
	Kind     string   `json:"kind"`
	Name     string   `json:"name"`
	Asked    *int     `json:"asked"`
	Affected *int     `json:"affected"`
	Share    *float64 `json:"share"`
}

// Beside is a command whose harm may be in that of another one, since they overlap: Earlier says that it
// was not over when the other one began, else it began before that was over.
type Beside struct {
	ID      int    `json:"command_id"`
	Command string `json:"command"`
	Earlier bool   `json:"earlier"`
}

// Compared is a prediction beside what was measured of the same thing.
type Compared struct {
	Predicted *float64 `json:"predicted"`
	Measured  *float64 `json:"measured"`
}

// Prediction is what a command was predicted to do beside what it did. Asked and Affected are
// the distinct users between its fault and the recovery, Share the one over the other.
// Populations has the same share of each population's users.
// Datasets has those that were to lose their authority. With is the commands whose harm may be in what
// was measured: where there are some, the prediction can't be held against it. Open says that users
// have not recovered from it, and that both counts are so far.
type Prediction struct {
	ID       int      `json:"command_id"`
	Command  string   `json:"command"`
	Share    Compared `json:"share"`
	Asked    *int     `json:"asked"`
	Affected *int     `json:"affected"`
	Open     bool     `json:"open"`
	With     []Beside `json:"with"`

	Populations map[string]Compared      `json:"populations"`
	Datasets    map[string]PredictedMove `json:"datasets"`
}

// PredictedMove is one dataset's: Lost is at most so many acknowledged writes, null where no
// bound is known, against those that this move lost; RTO is in seconds.
type PredictedMove struct {
	Lost Compared `json:"lost_writes_at_most"`
	RTO  Compared `json:"rto_s"`
}

// GravityMeter is what a dataset weighs and what its writes cost.
//
// Bytes is the payload that the authority held when it last answered; null when it
// did not answer the last time it was asked.
//
// Replicated is the payload that followers stored by replication: how much each
// grew from one answer to the next, twice a second, and for a replica that had been
// away what it said it copied until it was current. What a follower stored before
// its first answer, and what it stored between its last answer as a follower and its
// promotion, is not in it.
//
// Sent is every byte of the dataset's own that crossed a link between regions, framing and
// all, as the links counted it: replication, and writes on their way to the authority.
// Egress is a model: Sent times what a cloud charges where it was sent from (see
// cost.EgressPrices); null when one of these places has no price there. What crossed a
// border, in Dataset, is a part of both.
//
// The write latencies are those of the population whose writes were slowest, as
// percentiles of several populations can't be put together; Dataset has each by itself. A
// p99 of fewer than a hundred writes is null.
type GravityMeter struct {
	Bytes      *int64   `json:"bytes"`
	Replicated *int64   `json:"replicated_bytes"`
	Sent       *uint64  `json:"egress_bytes"`
	Egress     *float64 `json:"egress_usd_modelled"`
	WriteP50   *float64 `json:"write_p50_ms"`
	WriteP99   *float64 `json:"write_p99_ms"`
	// Standing is what stands ready beside the region that led first, while nothing is broken; null where links were not
	// sampled twice before the first fault.
	Standing *Standing `json:"standing"`
	// Bulk is a model: what a tebibyte would take from the authority to the slowest other region, and cost; null without one.
	Bulk *Bulk `json:"at_1_tib_modelled"`
}

// Bulk is cost.BulkBytes on their way: Took is null where the link has no limit, USD where the place has no price.
type Bulk struct {
	From string   `json:"from"`
	To   string   `json:"to"`
	Took *float64 `json:"took_s"`
	USD  *float64 `json:"usd"`

	words string
}

// Standing is web replicas and stores that run in a dataset's other regions, whether a snapshot is kept there in place of a
// store, and the bytes a second that the dataset's regions sent each other before the first fault. What that would
// cost a month is a model (cost.ServerPrice, StoragePrice, EgressPrices); null where something of it is not known.
type Standing struct {
	Web      int      `json:"web_replicas"`
	Stores   int      `json:"stores"`
	Snapshot bool     `json:"snapshot"`
	Rate     float64  `json:"bytes_per_s"`
	USD      *float64 `json:"usd_a_month_modelled"`
}
