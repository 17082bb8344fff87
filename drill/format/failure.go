package format

// failures is why a request failed, in the words of a sample's Failures, and what a person
// understands by it. Every word of the wire and of the traffic is here; a test holds that.
var failures = map[string]string{
	"timeout":              "no answer in time",
	"refused":              "its region refuses connections",
	"reset":                "the connection broke off",
	"unreachable":          "its region can't be reached",
	"wrong region":         "another region answered",
	"bad answer":           "the answer makes no sense",
	"no region":            "no region is up for its users",
	"jurisdiction":         "refused: no region in its jurisdiction is up",
	"no address":           "its region has no address",
	"stopped":              "the drill ended first",
	"no answer by the end": "it hung when the drill ended",
	"broken":               "the connection failed",
	"no descriptor":        "not sent: this machine has no file descriptor left",
	"fenced":               "the leader is locked out, or its lease is over",
	"not authority":        "who was asked to store it does not lead",
	"stale epoch":          "another leads meanwhile",
	"stale clock":          "the leader's lease came too late",
	"mode":                 "the dataset's durability does not allow it",
	"no authority":         "no leader is known",
	"no web":               "its region has no web replica",
	"upstream":             "its region passed it on and got no answer",
	"shed":                 "its region is at its capacity (shed)",
	"unauthorized":         "its region does not know this fleet",
	"not found":            "its region has no such dataset",
	"bad request":          "its region does not understand it",
	"internal":             "its region's agent failed",
	"pinned":               "the data may not be there",
	"seeding":              "the replica is still being copied",
	"untrusted":            "its region and the leader's do not trust each other",
	"bad write":            "the store takes no such write",
	"forbidden":            "no role allows the write (403)",
	"read only":            "a flag has its region refuse writes",
	"broken version":       "the version of the web tier has a bug (500)",
	"unconfigured":         "its region waits to be reconciled",
	"network policy":       "no network policy lets its region pass it on",
	"credentials":          "its region writes with another secret than the leader's (401)",
}

// Failure is why a request failed, as a person understands it. A word that a newer program wrote
// stays as it is.
func Failure(why string) string {
	if words, known := failures[why]; known {
		return words
	}
	return why
}

// ProbeFailure words why the router's probes of a region failed. Its gateway passes each on to a web replica; what is no code of a
// gateway's, "timeout" or "refused", is a word already.
func ProbeFailure(why string) string {
	if why == "upstream" {
		return "its gateway got no answer from a web replica"
	}
	return why
}
