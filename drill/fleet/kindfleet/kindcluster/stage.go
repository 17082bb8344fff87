package kindcluster

import "time"

// The stages of a region's bring-up, in order.
const (
	StageCreate = iota
	StageLoad
	StageApply
	StageWait
)

// StageNames is what the stages are called.
var StageNames = [...]string{"create cluster", "load image", "apply workload", "wait for web"}

// What each stage takes, in processor seconds (work) and at least on the clock
// (floor). Creating a cluster took 36 processor seconds of its node (cpuacct, two
// cores, Kubernetes 1.37.2) and 20 s alone; loading 3.5 s and waiting 20 s alone, of
// which the work is an estimate. A fleet's clusters share the engine's processors.
var stageCost = [...]struct{ work, floor time.Duration }{
	StageCreate: {36 * time.Second, 20 * time.Second},
	StageLoad:   {4 * time.Second, 3500 * time.Millisecond},
	StageApply:  {time.Second, time.Second},
	StageWait:   {20 * time.Second, 20 * time.Second},
}

// Expected is about how long a stage takes when that many clusters come up at once.
func Expected(stage, clusters, cpus int) time.Duration {
	cost := stageCost[stage]
	return max(cost.floor, cost.work*time.Duration(clusters)/time.Duration(max(cpus, 1)))
}
