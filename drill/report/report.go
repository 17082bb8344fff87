// Package report says what a drill came to, from its journal alone: report.json
// for programs, a summary for people.
//
// Times are in seconds since the drill started, spans in seconds, shares from 0 to
// 1. What was not measured is null, never zero. Every key is always there.
package report

// Report is report.json; the order of the fields is the order of its keys.
type Report struct {
	// Drill is the plan's name, null when an operator drilled by hand.
	Drill   *string `json:"drill"`
	Fleet   string  `json:"fleet"`
	On      string  `json:"on"`      // "kind" or "local"
	Verdict string  `json:"verdict"` // of an unfinished journal: "inconclusive"
	Started string  `json:"started"` // RFC 3339, by the clock of the machine that drilled
	// Duration ends with the verdict, or with the last event of an unfinished
	// journal. Bring-up counts, tear-down does not.
	Duration    float64                 `json:"duration_s"`
	Objectives  []Objective             `json:"objectives"`
	Steady      Steady                  `json:"steady"`
	Faults      []Fault                 `json:"faults"`
	Failovers   []Failover              `json:"failovers"`
	Rejoins     []Rejoin                `json:"rejoins"`
	Writes      Writes                  `json:"writes"`
	Traffic     Traffic                 `json:"traffic"`
	BlastRadius BlastRadius             `json:"blast_radius"`
	Gravity     map[string]GravityMeter `json:"gravity"`
	Datasets    map[string]Dataset      `json:"datasets"`
	Notes       []Note                  `json:"notes"`

	// For the summary only.
	title, why string
}

// Objective is a target against what was measured: seconds for rto and rpo, a
// count for lost_writes, a share for users_affected.
type Objective struct {
	Name     string   `json:"name"`
	Target   float64  `json:"target"`
	Measured *float64 `json:"measured"`
	Met      *bool    `json:"met"`
}

// Steady is the steady check before the first step and after the last.
type Steady struct {
	Before SteadyCheck `json:"before"`
	After  SteadyCheck `json:"after"`
}

// SteadyCheck is the share of requests that succeeded.
type SteadyCheck struct {
	Success *float64 `json:"success"`
}

// Fault is a fault that was proved. At is when the first user could be hurt by
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
// nothing was lost. Acknowledged is every write acknowledged until that check.
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
	RPO          *float64 `json:"rpo_s"`
}

// Stages is how long each stage took. A switchover has nothing to detect or
// decide, and its reroute is not timed by itself.
type Stages struct {
	Detect  *float64 `json:"detect_s"`
	Decide  *float64 `json:"decide_s"`
	Fence   *float64 `json:"fence_s"`
	Promote *float64 `json:"promote_s"`
	Reroute *float64 `json:"reroute_s"`
}

// Rejoin is a replica's return: the entries of its own that it cut, the payload
// bytes that it copied, and how long it took to be current.
type Rejoin struct {
	Dataset  string   `json:"dataset"`
	Region   string   `json:"region"`
	Diverged *int     `json:"diverged_writes"`
	Exported *string  `json:"exported"` // the file that keeps what was cut, or the folder of several
	Bytes    *int64   `json:"bytes"`
	Took     *float64 `json:"took_s"`
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
// span from a fault to the moment since which requests succeeded again as in the
// steady check; null when no fault had ended that, or none was recovered from.
type Traffic struct {
	Requests  *int            `json:"requests"`
	Failed    *int            `json:"failed"`
	Recovered *float64        `json:"recovered_s"`
	Users     map[string]User `json:"users"`
}

// User is one population.
type User struct {
	Requests *int           `json:"requests"`
	Failed   *int           `json:"failed"`
	P50      *float64       `json:"p50_ms"`
	P99      *float64       `json:"p99_ms"`
	ServedBy map[string]int `json:"served_by"`
}

// BlastRadius is who was hurt. Users is everybody in the fleet. Asked is the
// distinct users who asked during an outage, Affected those of them who were
// hurt, and Share the one over the other: a user who never asked can't be hurt, and
// counting such users would thin the number out. Predicted is the largest share
// that was predicted before a destructive command.
type BlastRadius struct {
	Users     int      `json:"users"`
	Asked     *int     `json:"asked"`
	Affected  *int     `json:"affected"`
	Share     *float64 `json:"share"`
	Predicted *float64 `json:"predicted_share"`
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
// promotion, is not in it. Framing and the users' own requests cross the same links
// and are not in it either.
//
// Egress is a model: Replicated times what a cloud charges where it was sent from
// (see drill.EgressPrices); null when one of these places has no price there.
//
// The write latencies are those of the population whose writes were slowest, as
// percentiles of several populations can't be put together; Dataset has each by itself.
type GravityMeter struct {
	Bytes      *int64   `json:"bytes"`
	Replicated *int64   `json:"replicated_bytes"`
	Egress     *float64 `json:"egress_usd_modelled"`
	WriteP50   *float64 `json:"write_p50_ms"`
	WriteP99   *float64 `json:"write_p99_ms"`
}

// Note is a remark of a person or of the drill file.
type Note struct {
	At   float64 `json:"at_s"`
	By   string  `json:"by"`
	Text string  `json:"text"`
}
