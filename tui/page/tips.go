package page

import "time"

// tip is something worth reading while a fleet comes up. What it says of other
// systems is what their own documentation says.
type tip struct{ title, text string }

var tips = []tip{
	{"A write is only as safe as its confirmation", "async confirms a write once its leader has stored it: fast, and what was not copied yet dies with the region. sync waits for one more region, quorum for a majority. “Stored nowhere else yet” counts live what would be lost."},
	{"Distance is paid on every write", "Users of a far region pay its round trip for each write, whatever the mode. sync adds the round trip to its partner, quorum that to the nearest majority. Watch the write latency when the leader changes."},
	{"Fence first, promote second", "Two leaders that both take writes are worse than none: their histories must be merged by hand. So the old one's lease must have run out, on its own clock too, before another is promoted. That wait is most of a fast failover."},
	{"A dead region sends no goodbye", "Connections to it hang until something times out. Detection is probes in a row that fail, so being quick and being sure pull against each other: a shorter wait calls more slow regions dead."},
	{"A frozen region is harder than a dead one", "It may thaw with a write in its hands. Only a term that everybody checks keeps it from being believed: its lease is over, and what it did since is set aside when it comes back."},
	{"DNS is a cache in front of your failover", "Users keep the old answer until its TTL is over, and some keep it longer. The reroute stage is that TTL at work: the data can be back seconds before the last user is."},
	{"Data has gravity", "A region can be rebuilt in minutes, its data only as fast as the link carries it: 100 GiB over 200 Mbps take an hour and twelve minutes. “Still to copy” and “caught up in” show it as it happens."},
	{"RPO is counted, not promised", "Every write here has an id. After a failover each confirmed one is looked up in the new leader; those missing are listed, and the oldest of them says how much time was lost."},
	{"Failback is the second half of a drill", "The old leader comes back with writes that nobody else has. They are set aside in a file, and the region catches up before it may lead again. Skipping that is how a lost write comes back as a wrong one."},
	{"Quorum needs an odd number of places", "With three regions one may go; with two none may. And a majority that is far away is paid for on every write, not just on a bad day."},
	{"Where data may go is a rule, not a setting", "A pinned dataset is not promoted outside its jurisdiction even when that means no writes. A drill is a good moment to learn whether the business agrees."},
	{"Spare capacity is part of the plan", "When one of three regions dies, the others take half as much again. If they shed it, users are hurt long after the data is safe."},
}

// tipAt is the tip that is shown at a time; each stays long enough to be read.
func tipAt(t time.Duration) tip {
	return tips[int(max(t, 0)/(14*time.Second))%len(tips)]
}
