package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var dataModes = []topology.Durability{
	{Mode: topology.ModeAsync}, {Mode: topology.ModeSync, With: "b"}, {Mode: topology.ModeQuorum}, {Mode: topology.ModePinned},
}

// dataFault is one row of the table: what is broken, how it is mended, and
// whether the authority moves or writes wait meanwhile, by mode.
type dataFault struct {
	name        string
	broke, mend []runbook.Command
	moves       bool
	waits       func(topology.Mode) bool
	freezes     bool
}

func cut(verb runbook.Verb, a, b string, oneWay bool) runbook.Command {
	if oneWay {
		return runbook.Command{Verb: verb, From: a, To: b}
	}
	return runbook.Command{Verb: verb, Between: [2]string{a, b}}
}

var dataFaults = []dataFault{
	{name: "kill", moves: true,
		broke: []runbook.Command{{Verb: runbook.VerbKill, Region: "a"}}, mend: []runbook.Command{{Verb: runbook.VerbRestore, Region: "a"}}},
	{name: "freeze", moves: true, freezes: true,
		broke: []runbook.Command{{Verb: runbook.VerbFreeze, Region: "a"}}, mend: []runbook.Command{{Verb: runbook.VerbRestore, Region: "a"}}},
	{name: "partition", moves: true,
		broke: []runbook.Command{cut(runbook.VerbPartition, "a", topology.EndOthers, false)}, mend: []runbook.Command{cut(runbook.VerbHeal, "a", topology.EndOthers, false)}},
	{name: "partition outward", moves: true,
		broke: []runbook.Command{cut(runbook.VerbPartition, "a", topology.EndOthers, true)}, mend: []runbook.Command{cut(runbook.VerbHeal, "a", topology.EndOthers, true)}},
	{name: "partition inward", moves: true,
		broke: []runbook.Command{cut(runbook.VerbPartition, topology.EndOthers, "a", true)}, mend: []runbook.Command{cut(runbook.VerbHeal, topology.EndOthers, "a", true)}},
	{name: "kill of a replica",
		broke: []runbook.Command{{Verb: runbook.VerbKill, Region: "b"}}, mend: []runbook.Command{{Verb: runbook.VerbRestore, Region: "b"}},
		waits: func(m topology.Mode) bool { return m == topology.ModeSync }},
	{name: "kill of two",
		broke: []runbook.Command{{Verb: runbook.VerbKill, Region: "b"}, {Verb: runbook.VerbKill, Region: "c"}},
		mend:  []runbook.Command{{Verb: runbook.VerbRestore, Region: "b"}, {Verb: runbook.VerbRestore, Region: "c"}},
		waits: func(m topology.Mode) bool { return m == topology.ModeSync || m == topology.ModeQuorum }},
}

// TestEveryModeUnderEveryFault breaks a fleet at 200 writes a second, mends it,
// and compares every region's whole contents with the ledger's and each other's.
func TestEveryModeUnderEveryFault(t *testing.T) {
	for _, engine := range dataEngines(t) {
		for _, mode := range dataModes {
			for _, fault := range dataFaults {
				if fault.freezes && !processes() {
					continue // agents in this process can't be frozen: make test-data does
				}
				if !processes() && !quick(mode, fault) {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/%s", engine, mode.Mode, fault.name), func(t *testing.T) {
					t.Parallel()
					attempts(t, func(t *attempt) {
						l := newDataLab(t, dataSpec(engine, mode), 7)
						l.written(50)
						for _, c := range fault.broke {
							l.must(c)
						}
						switch {
						case fault.moves:
							l.until("the authority has moved", 30*time.Second, func(s *drill.State) bool {
								return len(s.Failovers) > 0 && s.Failovers[0].Check != nil
							})
							if mode.Mode != topology.ModeAsync && mode.Mode != topology.ModePinned {
								l.look(func(s *drill.State) {
									if n := len(s.Failovers[0].Check.Lost); n > 0 {
										t.Wrong("%d acknowledged writes lost", n)
									}
								})
							}
							l.written(50)
						case fault.waits != nil && fault.waits(mode.Mode):
							l.until("writes wait", 20*time.Second, func(s *drill.State) bool {
								w := s.Dataset(dataset).Waiting
								return w != nil && slices.Contains(w.For, "b")
							})
						default:
							l.written(50)
						}
						for _, c := range fault.mend {
							l.must(c)
						}
						l.until("writes are taken", 40*time.Second, func(s *drill.State) bool { return s.Dataset(dataset).Waiting == nil })
						l.written(20)
						l.equal()
						l.end()
					})
				})
			}
		}
	}
}

// quick picks the part of the table that every test run can afford.
func quick(mode topology.Durability, fault dataFault) bool {
	switch mode.Mode {
	case topology.ModeSync:
		return fault.name == "kill of a replica" || fault.name == "partition"
	case topology.ModeQuorum:
		return fault.name == "kill" || fault.name == "kill of two"
	case topology.ModeAsync:
		return fault.name == "partition inward"
	default:
		return false
	}
}

// What a region was asked while it could not answer it may obey all the same, and
// late: a frozen one finds the fence and the promotion of a switchover that was given
// up in its queue. Whoever leads instead must do so in an epoch above all that, or the
// old authority would refuse to follow it for good.
func TestOrdersThatAreObeyedLate(t *testing.T) {
	leftToProcesses(t)
	for _, engine := range dataEngines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			spec := dataSpec(engine, topology.Durability{Mode: topology.ModeAsync})
			spec.Routing.Probe.DownAfter = 60 // it is not called down before the switchover has failed
			attempts(t, func(t *attempt) {
				l := newDataLab(t, spec, 7)
				l.written(20)
				breaks, mends := cut(runbook.VerbPartition, "a", topology.EndControl, true), cut(runbook.VerbHeal, "a", topology.EndControl, true)
				if processes() { // agents in this process can't be frozen
					breaks, mends = runbook.Command{Verb: runbook.VerbFreeze, Region: "a"}, runbook.Command{Verb: runbook.VerbRestore, Region: "a"}
				}
				l.must(breaks)
				if l.do(runbook.Command{Verb: runbook.VerbSwitchover, Dataset: dataset, To: "b"}) {
					t.Fatalf("the switchover was done without an answer\n%s", l.told())
				}
				l.until("another region leads", time.Minute, func(s *drill.State) bool {
					d := s.Dataset(dataset)
					return d.Authority != "" && d.Authority != "a"
				})
				l.written(20)
				l.must(mends)
				l.equal()
				l.end()
			})
		})
	}
}

// A command that waits for the authority is broken off by the loss of it: a failover is not
// to begin only once all that the command asked has timed out. On a busy machine both may take
// any time, so what counts is why the command ended.
func TestALossDoesNotWaitForACommand(t *testing.T) {
	for _, engine := range dataEngines(t) {
		for _, verb := range []runbook.Verb{runbook.VerbMode, runbook.VerbSwitchover} {
			t.Run(engine+"/"+string(verb), func(t *testing.T) {
				t.Parallel()
				attempts(t, func(t *attempt) {
					l := newDataLab(t, dataSpec(engine, topology.Durability{Mode: topology.ModeAsync}), 7)
					l.written(20)
					// A busy machine may have had another take over already.
					lead, _ := l.engine.parts.data.controllers[dataset].Leader()
					others := slices.DeleteFunc([]string{"a", "b", "c"}, func(region string) bool { return region == lead })
					c := runbook.Command{Verb: verb, Dataset: dataset, To: others[0]}
					if verb == runbook.VerbMode {
						c = runbook.Command{Verb: verb, Dataset: dataset, Mode: topology.ModeSync, With: others[1]}
					}
					before := 0
					l.look(func(s *drill.State) { before = len(s.Failovers) })
					l.engine.parts.network.Isolate("test", lead) // a command that cuts ends only once that is proved
					if l.do(c) {
						t.Errorf("%s was done without the authority\n%s", c, l.told())
					}
					var why string
					l.look(func(s *drill.State) { why = s.Commands[len(s.Commands)-1].Error })
					lost := strings.Contains(why, " was lost") || strings.Contains(why, " is down") // another one, where the machine is busy
					if !lost || strings.Contains(why, "timeout") {
						t.Errorf("it was not broken off by the loss of %s, but ended with %q\n%s", lead, why, l.told())
					}
					t.Logf("it ended with %q", why)
					l.until("a failover follows", time.Minute, func(s *drill.State) bool { return len(s.Failovers) > before })
					// Of regions that were starved none may be certain to have all: then it leads again.
					l.engine.parts.network.Lift("test")
					l.written(20) // in its epoch, by which a tail that is not cut yet is told from what it has
					l.equal()
					l.end()
				})
			})
		}
	}
}
