package drill

import "time"

// Role is what a replica of a dataset is doing.
type Role string

// The roles.
const (
	RoleAuthority Role = "authority"
	RoleFollower  Role = "follower"
	RoleFenced    Role = "fenced" // serves nothing: it has just started, or lost its lease
)

// StoreSample is one region's replica of one dataset.
type StoreSample struct {
	Dataset  string `json:"dataset"`
	Region   string `json:"region"`
	Role     Role   `json:"role"`
	Epoch    uint64 `json:"epoch"`    // highest epoch it has been told
	Position uint64 `json:"position"` // how far its history reaches (store.Status); 0 is empty
	Entries  uint64 `json:"entries"`  // writes held
	Bytes    int64  `json:"bytes"`    // payload bytes held
	// LagWrites and OwedBytes are what the replica lacks of the authority's log, in
	// writes and payload bytes; nil while the authority can't be asked. Of a replica
	// that can't be, the bytes go by its last answer, and the writes are not told.
	LagWrites *uint64 `json:"lag_writes"`
	OwedBytes *int64  `json:"owed_bytes"`
	// Seeding says that it is being copied whole and must not be promoted yet.
	Seeding bool `json:"seeding,omitempty"`
	// Waiting is how many writes an authority holds back because the mode's promise
	// does not hold yet, and WaitingFor the regions it waits for.
	Waiting    int      `json:"waiting,omitempty"`
	WaitingFor []string `json:"waiting_for,omitempty"`
	// Error is what keeps the replica from working, if anything.
	Error string `json:"error,omitempty"`
	// Rate is the payload bytes per second that it stored since the last sample.
	Rate float64 `json:"rate"`
	// Contact is when it last answered, on the engine's clock.
	Contact time.Duration `json:"contact"`
	// Stale says that this sample repeats the last known answer: the region
	// did not answer this time.
	Stale bool `json:"stale,omitempty"`
}

// StoresSampled is every replica of every dataset at one moment.
// AtRisk is, per dataset, the writes acknowledged but stored nowhere else; it
// has no entry while that is unknown.
type StoresSampled struct {
	Stores []StoreSample     `json:"stores"`
	AtRisk map[string]uint64 `json:"at_risk"`
}

// AuthorityTook says that a dataset has its first authority, and that the first
// user's write was acknowledged by it at At on the engine's clock.
type AuthorityTook struct {
	Dataset string        `json:"dataset"`
	Region  string        `json:"region"`
	Epoch   uint64        `json:"epoch"`
	At      time.Duration `json:"at"`
}

// Stage names a stage of a failover.
type Stage string

// The stages, in order. Each is entered when the one before it ended; the
// fault stage starts a failover.
const (
	StageFault   Stage = "fault"
	StageDetect  Stage = "detect"
	StageDecide  Stage = "decide"
	StageFence   Stage = "fence"
	StagePromote Stage = "promote"
	StageReroute Stage = "reroute"
)

// FailoverStages is the order of the timed stages.
var FailoverStages = []Stage{StageDetect, StageDecide, StageFence, StagePromote, StageReroute}

// FailoverStaged says that a stage of a failover ended at End on the engine's
// clock. The stage fault opens the failover (End is when the fault took
// effect); detect ends when the router calls the region down; decide when the
// candidate is chosen; fence when the old lease has certainly run out; promote
// when the new authority holds a lease of its own; reroute when it acknowledged
// the first write. When users are served as before is Recovered's to say.
type FailoverStaged struct {
	ID      int    `json:"id"`
	Dataset string `json:"dataset"`
	From    string `json:"from"`
	To      string `json:"to,omitempty"`
	Cause   string `json:"cause"` // "fault" or "operator" (a promote command)
	// Fault is the number of the fault that caused it; 0 where none of the drill did.
	Fault  int           `json:"fault,omitempty"`
	Epoch  uint64        `json:"epoch,omitempty"`
	Stage  Stage         `json:"stage"`
	End    time.Duration `json:"end"`
	Detail string        `json:"detail,omitempty"`
}

// SwitchoverDone is a planned move of the authority, stage by stage: Prepare while the
// replica comes near and writes are still taken, then Fence, CatchUp (with the last
// writes), Promote and Reroute (until the new authority acknowledged its first write).
// Blocked is how long no writes were taken: the sum of the stages after Prepare. Open says
// that none was acknowledged within some seconds, perhaps because nobody writes:
// Reroute is then how long that was waited for.
type SwitchoverDone struct {
	ID      int           `json:"id"`
	Dataset string        `json:"dataset"`
	From    string        `json:"from"`
	To      string        `json:"to"`
	Epoch   uint64        `json:"epoch"`
	Prepare time.Duration `json:"prepare,omitempty"`
	Fence   time.Duration `json:"fence"`
	CatchUp time.Duration `json:"catch_up"`
	Promote time.Duration `json:"promote"`
	Reroute time.Duration `json:"reroute,omitempty"`
	Blocked time.Duration `json:"blocked"`
	Open    bool          `json:"open,omitempty"`
}

// ModeChanged says that a dataset's promise is another from now on: every write
// acknowledged so far keeps it. By is who asked for it: "operator", "drill", or
// "controller" where sync got another partner because the authority moved.
type ModeChanged struct {
	Dataset string        `json:"dataset"`
	Was     Durability    `json:"was"`
	Now     Durability    `json:"now"`
	By      string        `json:"by"`
	Why     string        `json:"why,omitempty"`
	Took    time.Duration `json:"took"` // from the request until the promise held
}

// WritesWaiting says that writes of a dataset began to wait for the regions that
// its mode needs, or (For empty) that they no longer do. Since, on the engine's clock, is
// when the last write was acknowledged, or the promise that they wait by came into force:
// earlier than it is said, since a write always waits for a while.
type WritesWaiting struct {
	Dataset string        `json:"dataset"`
	Region  string        `json:"region"` // the authority
	For     []string      `json:"for"`
	Mode    Mode          `json:"mode"`
	Since   time.Duration `json:"since"`
}

// SplitBrain says that users had writes acknowledged by two authorities of one
// dataset at the same time: that of OldEpoch went on after that of NewEpoch had
// acknowledged its first. Tails lists by region the ids acknowledged meanwhile, and
// in each event only those that none before it had. Over says that the old one
// takes no more.
type SplitBrain struct {
	Dataset  string              `json:"dataset"`
	Old      string              `json:"old"`
	OldEpoch uint64              `json:"old_epoch"`
	New      string              `json:"new"`
	NewEpoch uint64              `json:"new_epoch"`
	Began    time.Duration       `json:"began"`
	Tails    map[string][]string `json:"tails"`
	Over     bool                `json:"over,omitempty"`
}

// RejoinStarted says that a replica which had been away follows the authority
// again. OwedBytes is the payload bytes that it lacks; nil when unknown.
type RejoinStarted struct {
	Dataset   string `json:"dataset"`
	Region    string `json:"region"`
	Authority string `json:"authority"`
	OwedBytes *int64 `json:"owed_bytes"`
}

// RejoinDone says that a replica is current again. Diverged is how many entries
// of its own tail were cut because the authority never had them; Exported is
// the file that keeps them, or the folder where it cut more than once; Bytes is what
// it copied.
type RejoinDone struct {
	Dataset  string        `json:"dataset"`
	Region   string        `json:"region"`
	Diverged int           `json:"diverged"`
	Exported string        `json:"exported,omitempty"`
	Bytes    int64         `json:"bytes"`
	Took     time.Duration `json:"took"`
}

// LostWrite is an acknowledged write that the authority no longer has.
type LostWrite struct {
	ID    string        `json:"id"`
	Epoch uint64        `json:"epoch"` // that it was acknowledged in
	Acked time.Duration `json:"acked"` // on the engine's clock
}

// LedgerChecked compares every write that a client saw acknowledged with the
// authority's contents. Why is "failover 1", "switchover 1" or "end"; Failover and Move
// are those numbers, 0 where it is not for one. Lost is listed by id, in
// the order of acknowledgement. Unacknowledged writes had no answer or an
// error; PresentUnacknowledged of them are there all the same. Mismatched
// writes are there with other contents than were sent, or more than once.
type LedgerChecked struct {
	Dataset               string      `json:"dataset"`
	Region                string      `json:"region"`
	Why                   string      `json:"why"`
	Failover              int         `json:"failover,omitempty"`
	Move                  int         `json:"move,omitempty"`
	Acknowledged          int         `json:"acknowledged"`
	Unacknowledged        int         `json:"unacknowledged"`
	Lost                  []LostWrite `json:"lost"`
	Mismatched            []string    `json:"mismatched,omitempty"`
	PresentUnacknowledged int         `json:"present_unacknowledged"`
}
