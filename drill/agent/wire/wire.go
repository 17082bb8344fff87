// Package wire is the HTTP API between fleetdrill and the agents in the
// regions, and among the agents: paths, requests, answers and a client.
//
// Every answer carries the region's name in a header and the client checks it,
// because after a restart an address can belong to another region. Everything
// but /healthz and /livez asks for the fleet's token: a page in a browser can't send it,
// nor can another account of the machine. Where the fleet has identities, what regions and the failover controller ask of each
// other comes over mutual TLS besides (package front says what); addresses are written http:// all the same, since whether
// TLS is spoken is the connection's matter and not the request's.
package wire

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Headers.
const (
	// HeaderRegion is who answers. In a request it is the region that is meant: an
	// agent of another region refuses instead of doing what was meant for that one.
	HeaderRegion  = "Fleetdrill-Region"
	HeaderSecret  = "Fleetdrill-Credentials" // what a region's web tier writes with at another region
	HeaderReplica = "Fleetdrill-Replica"     // which web replica answered
	HeaderToken   = "Fleetdrill-Token"       // the fleet's secret
	HeaderEpoch   = "Fleetdrill-Epoch"       // on StoreAppend: the epoch the sender believes in; another one is refused
	// HeaderTimeout, on a user's request and on all that is asked for its sake, is how many
	// milliseconds who asks still waits for the answer: each limit of time on the way comes from it.
	HeaderTimeout = "Fleetdrill-Timeout"
	// HeaderFirst, on StoreTunnel, is what the tunnel's far end reads first, in base64.
	HeaderFirst = "Fleetdrill-First"
)

// Paths at a region's gateway. {dataset}, {id} and {region} are path segments.
const (
	PathHealth   = "/healthz"         // GET → Health, by way of a web replica
	PathApp      = "/app/"            // POST /app/{dataset} Write → Written; GET /app/{dataset}/{id} → Found, ?reads= as QueryReads
	PathStatus   = "/v1/status"       // GET → RegionStatus
	PathTopology = "/v1/topology"     // PUT Topology → RegionStatus
	PathStore    = "/v1/store/"       // /v1/store/{dataset}/{verb}, see Store…
	PathPeers    = "/v1/peers/"       // /v1/peers/{region}/… is passed on to that region's gateway, through the link
	PathWrite    = "/v1/write/"       // POST /v1/write/{dataset} store.Write → Written: to the authority, wherever it is
	PathRead     = "/v1/read/"        // GET /v1/read/{dataset}/{id} → Found: in the nearest replica that answers, or as QueryReads says
	PathWeb      = "/v1/web"          // GET → []Health of the web replicas that answered just now (local fleet only); PUT WebRequest → []Health
	PathReplicas = "/v1/web/replicas" // PUT Scale → []Health: as many web replicas run then (local fleet only)
	PathZones    = "/v1/zones"        // GET → []ZoneProcess; POST /v1/zones/{name} starts one that has ended → []ZoneProcess (local fleet only)
	PathLive     = "/livez"           // GET → Health of this very process, whatever its role
	PathIdentity = "/v1/identity"     // GET → identity.Status; PUT identity.Grant → identity.Status: where the region has an identity
	PathEcho     = "/v1/echo"         // POST ?bytes=N, any body → N bytes once all of the body has come, both at most MaxEcho
)

// Verbs below /v1/store/{dataset}/.
const (
	StoreAppend   = "append"    // POST store.Write → store.Ack
	StoreLookup   = "lookup"    // GET ?id= → Found; with leading=1 of a replica that leads
	StoreStatus   = "status"    // GET → store.Status
	StoreAudit    = "audit"     // GET ?after= → JSON Lines of store.Entry, then AuditEnd
	StoreDiverged = "diverged"  // GET → the same of the tail that it cut last
	StorePromote  = "promote"   // POST EpochRequest → store.Status
	StoreGrant    = "grant"     // POST GrantRequest → store.Status
	StoreFence    = "fence"     // POST EpochRequest → store.Status
	StoreFollow   = "follow"    // POST FollowRequest → store.Status
	StoreEpochEnd = "epoch-end" // GET ?leader=&epoch= → store.EpochEnd
	StoreStream   = "stream"    // GET ?leader=&after= → frames of store.Batch
	StoreStored   = "stored"    // POST StoredReport → {}
	StorePreload  = "preload"   // POST PreloadRequest → store.Status; answers once all is on disk
	StoreReseed   = "reseed"    // POST → store.Status
	StoreSnapshot = "snapshot"  // POST → store.Status; answers once one that was begun since is on disk
	StoreDisk     = "disk"      // PUT DiskRequest → DiskTried: the replica's disk is made to fail, or works again
	StoreTunnel   = "tunnel"    // GET, Upgrade: a connection to the replica's own engine, see store.Dialer
)

// Health is a web replica's answer to a probe.
type Health struct {
	Region  string `json:"region"`
	Replica string `json:"replica"`
	// Started is when that replica started, by its region's clock.
	Started time.Time `json:"started"`
	// Build is of the replica's program; see build.Same.
	Build string `json:"build,omitempty"`
}

// WebRequest has the web tier of a region that is one process closed, as a fault, or serve again.
type WebRequest struct {
	Serve bool `json:"serve"`
}

// ZoneProcess is a process that a region's own started: a web replica, or the store of a region with zones.
type ZoneProcess struct {
	Name  string `json:"name"`
	Zone  string `json:"zone"`            // "" in a region without zones
	Store bool   `json:"store,omitempty"` // the region's store, else a web replica
	PID   int    `json:"pid,omitempty"`   // 0 while there is none
	Up    bool   `json:"up"`              // it answers the gateway
}

// Topology is what the controller sends to a region: who the peers are, and which
// region is the authority of each dataset in which epoch. A region without a
// topology (just started) serves health only. The last one sent is held, whatever
// its version: a new controller may count from elsewhere, and one that sees a
// version other than its own sends again.
type Topology struct {
	Version uint64            `json:"version"`
	Region  string            `json:"region"`
	Peers   map[string]string `json:"peers"` // region → base URL of its gateway by way of the link
	// RTT is the round trip to each peer as the fleet file has it; one that is not named is taken for near.
	RTT      map[string]time.Duration `json:"rtt,omitempty"`
	Datasets []Placement              `json:"datasets"`
	// Jurisdictions are the regions' own, by their names. A region keeps a dataset
	// that is pinned to another jurisdiction than its own out; a region that is not
	// named is in none. Nil means that the controller knows of none, and nothing is refused.
	Jurisdictions map[string]string `json:"jurisdictions,omitempty"`
	// Discovery is how the gateway finds authorities; nil goes by the Placements alone.
	Discovery *Discovery `json:"discovery,omitempty"`
}

// Placement is a dataset and its authority. Authority is "" while there is none.
type Placement struct {
	Dataset   topology.Dataset `json:"dataset"`
	Authority string           `json:"authority"`
	Epoch     uint64           `json:"epoch"`
	// Peers are the relays of this dataset alone, by region: all that belongs to it
	// (replication, writes on their way) goes through them, so that its bytes over
	// each border are counted by themselves. A region that is not named is reached
	// by the topology's Peers.
	Peers map[string]string `json:"peers,omitempty"`
}

// RegionStatus is a region's agent at one moment.
type RegionStatus struct {
	Region   string         `json:"region"`
	Run      string         `json:"run"`      // changes when the gateway or the store restarts
	Topology uint64         `json:"topology"` // version that gateway and store hold; 0 is none, or not the same in both
	Stores   []store.Status `json:"stores"`
	// Unplaced says, as the answer to a topology, which datasets could not be placed as
	// it has them, and why. Its version is not held then.
	Unplaced map[string]string `json:"unplaced,omitempty"`
	// Stood is when the gateway's process did not run, lately.
	Stood []Stood `json:"stood,omitempty"`
	// Discovered is what the gateway found of each dataset by itself, where it does.
	Discovered []Discovered `json:"discovered,omitempty"`
}

// Stood is a time in which a region's gateway did not run, by its own clock: the N-th since it started, from 0. It ended Ago
// before the answer.
type Stood struct {
	N   int           `json:"n"`
	Ago time.Duration `json:"ago"`
	For time.Duration `json:"for"`
}

// EpochRequest, GrantRequest, FollowRequest, StoredReport and PreloadRequest are the
// bodies of the store verbs.
type (
	EpochRequest struct {
		Epoch uint64 `json:"epoch"`
	}
	GrantRequest struct {
		Epoch uint64        `json:"epoch"`
		Echo  store.Clock   `json:"echo"`
		Lease time.Duration `json:"lease"`
	}
	FollowRequest struct {
		Authority string `json:"authority"`
		Epoch     uint64 `json:"epoch"`
	}
	PreloadRequest struct {
		Bytes int64 `json:"bytes"`
		Lead  bool  `json:"lead"`
	}
	StoredReport struct {
		Leader   uint64 `json:"leader"`
		Region   string `json:"region"`
		Position uint64 `json:"position"`
	}
)

// Scale is how many web replicas a region is to have.
type Scale struct {
	Replicas int `json:"replicas"`
}

// Written answers a user's write.
type Written struct {
	store.Ack
	Authority string `json:"authority"` // region that acknowledged it
	Region    string `json:"region"`    // region whose web tier served it
	Replica   string `json:"replica"`
	// Queued is how long it waited in that region for a web replica's turn.
	Queued time.Duration `json:"queued,omitempty"`
}

// Found answers a look-up by a user or of a store. Found is false when this
// region does not have the write (yet): that is an answer, not an error.
type Found struct {
	Found  bool   `json:"found"`
	Region string `json:"region"`
	// Queued is how long a user's look-up waited for a web replica's turn.
	Queued time.Duration `json:"queued,omitempty"`
	store.Entry
}

// AuditEnd closes an audit, so that a broken stream is not taken for a short one.
type AuditEnd struct {
	End     bool   `json:"end"`
	Entries uint64 `json:"entries"`
}

// Code names an error in an answer.
type Code string

// The codes; each stands for one sentinel error, see Error.
const (
	CodeFenced       Code = "fenced"
	CodeNotAuthority Code = "not-authority"
	CodeStaleEpoch   Code = "stale-epoch"
	CodeStaleClock   Code = "stale-clock"
	CodeMode         Code = "mode"
	CodeNoAuthority  Code = "no-authority" // the web tier knows of none now
	CodeUpstream     Code = "upstream"     // the authority's region did not answer
	CodeShed         Code = "shed"         // over capacity
	CodeNoWeb        Code = "no-web"       // the region has no web replica
	CodeUnauthorized Code = "unauthorized"
	CodeNotFound     Code = "not-found"
	CodeBad          Code = "bad-request"
	CodeInternal     Code = "internal"

	CodePinned      Code = "pinned"       // residency refuses it here
	CodeSeeding     Code = "seeding"      // the replica is being copied whole: it must not lead
	CodeBadWrite    Code = "bad-write"    // the store takes no such write
	CodeWrongRegion Code = "wrong-region" // the request was meant for another region
	CodeUntrusted   Code = "untrusted"    // a region behind the one that was asked refuses it, or it that one

	CodeForbidden    Code = "forbidden"      // no role of the region allows the write
	CodeReadOnly     Code = "read-only"      // a flag of the region refuses its users' writes
	CodeVersion      Code = "broken-version" // the version of the web tier has a bug
	CodeUnconfigured Code = "unconfigured"   // the region waits for a reconciler since it started
	CodeCredentials  Code = "credentials"    // the authority's region takes a write with other credentials alone
	CodePolicy       Code = "network-policy" // a policy of the region does not let it reach another
)

// Error is the body of every answer that is not 2xx. It unwraps to the sentinel
// error of its code, so errors.Is(err, store.ErrFenced) works across the wire.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
	Region  string `json:"region"`
	// Status is the HTTP status it came with, or is to be answered with; 0 is the code's own.
	Status int `json:"-"`
}

// Stay is the line that a parent writes to an agent's standard input to let it go: from
// then on it lives without the parent.
const Stay = "stay"

// Announcement is the one line that an agent prints on standard output once it listens.
type Announcement struct {
	Region string `json:"region"`
	Addr   string `json:"addr"` // host:port of the gateway (or of its role)
	PID    int    `json:"pid"`
	Build  string `json:"build,omitempty"` // of the agent's program; see build.Same
}
