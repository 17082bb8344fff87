package scenario

import (
	"strings"
	"testing"
)

// goodDrill is a drill file with nothing wrong in it; tests spoil it.
const goodDrill = `title: Lose us-east
hypothesis: nobody notices
fleet: three-regions
objectives: {rto: 10s, rpo: 1s, lost_writes: 100, users_affected: 60%}
steady: {for: 5s, success: 99%}
abort: {success_below: 5%, for: 60s}
steps:
  - {at: 0s, do: kill, region: us-east}
  - {at: 1s, do: note, text: look at the lag}
  - {at: 1s, do: wait, for: recovered}
  - {at: 20s, do: restore, region: us-east}
  - {at: 30s, do: switchover, dataset: orders, to: us-east}
end: 45s
`

func TestBadDrills(t *testing.T) {
	const (
		kill    = "  - {at: 0s, do: kill, region: us-east}\n"
		restore = "  - {at: 20s, do: restore, region: us-east}\n"
		move    = "  - {at: 30s, do: switchover, dataset: orders, to: us-east}\n"
	)
	steps := goodDrill[strings.Index(goodDrill, kill):strings.Index(goodDrill, "end:")]
	tests := []badFile{
		{name: "everything missing", new: "{}\n", want: []string{
			`drill.yaml:1: "title" is missing in a drill; add title: what is done to what`,
			`drill.yaml:1: "fleet" is missing in a drill; add fleet: three-regions, or a path beside this file`,
			`drill.yaml:1: "steady" is missing in a drill; add steady: {for: 5s, success: 99%}`,
			`drill.yaml:1: "steps" is missing in a drill; add steps: [{at: 0s, do: kill, region: us-east}]`,
			`drill.yaml:1: "end" is missing in a drill; add end: 45s, counted like the steps`,
		}},
		{name: "a fleet instead", new: goodFleet, want: []string{
			"drill.yaml:1: this is a fleet, not a drill; a drill names it with fleet: and has steps",
		}},
		{name: "title misspelt", old: "title:", new: "titel:", want: []string{
			`drill.yaml:1: unknown key "titel" in a drill; did you mean title?`,
		}},
		{name: "title too long", old: "title: Lose us-east", new: "title: " + strings.Repeat("x", 81), want: []string{
			"drill.yaml:1: the title has 81 letters; it takes at most 80",
		}},
		{name: "title that turns the line round", old: "title: Lose us-east", new: "title: \"Lose \\u202Eus-east\"", want: []string{
			"drill.yaml:1: the title has control characters in it; write plain text",
		}},
		{name: "question misspelt", old: "hypothesis: nobody notices", new: "qestion: What does it cost?", want: []string{
			`drill.yaml:2: unknown key "qestion" in a drill; did you mean question?`,
		}},
		{name: "nearly a question of drills that ship", old: "hypothesis: nobody notices", new: "question: what does loosing a region cost?", want: []string{
			`drill.yaml:2: the question "what does loosing a region cost?" is nearly that of drills that ship; did you mean "What does losing a region cost?"?`,
		}},
		{name: "what it teaches is too long", old: "hypothesis: nobody notices", new: "teaches: " + strings.Repeat("x", 201), want: []string{
			"drill.yaml:2: what it teaches has 201 letters; it takes at most 200",
		}},

		// The fleet.
		{name: "fleet that does not ship", old: "three-regions", new: "three-region", want: []string{
			`drill.yaml:3: fleet "three-region" does not ship; did you mean three-regions? (a file of your own is named by its path, like ./mine.yaml)`,
		}},
		{name: "fleet that nothing is like", old: "three-regions", new: "Galaxy", want: []string{
			`drill.yaml:3: fleet "Galaxy" does not ship; those that do are ` + shippedFleets + ` (a file of your own is named by its path, like ./mine.yaml)`,
		}},
		{name: "fleet file that is not there", old: "three-regions", new: "./none.yaml", want: []string{
			"drill.yaml:3: open none.yaml: no such file or directory; mind the path, or name one that ships: " + shippedFleets,
		}},
		{name: "fleet as a mapping", old: "fleet: three-regions", new: "fleet: {name: three-regions}", want: []string{
			"drill.yaml:3: fleet is a mapping; write one value, like three-regions",
		}},

		// Objectives and checks.
		{name: "objective unknown", old: "rto:", new: "rtt:", want: []string{
			`drill.yaml:4: unknown key "rtt" in objectives; did you mean rto?`,
		}},
		{name: "rto of nothing", old: "rto: 10s", new: "rto: 0s", want: []string{
			"drill.yaml:4: rto is zero; write more, like 5s or 250ms",
		}},
		{name: "negative rpo", old: "rpo: 1s", new: "rpo: -1s", want: []string{
			`drill.yaml:4: rpo "-1s" is negative; write zero or more, like 5s or 250ms`,
		}},
		{name: "negative lost writes", old: "lost_writes: 100", new: "lost_writes: -1", want: []string{
			"drill.yaml:4: lost_writes is -1; it takes 0 to 1000000",
		}},
		{name: "users above all", old: "users_affected: 60%", new: "users_affected: 160%", want: []string{
			"drill.yaml:4: users_affected is 160%; a share is from 0% to 100%",
		}},
		{name: "steady for nothing", old: "for: 5s, success", new: "for: 0s, success", want: []string{
			"drill.yaml:5: steady for is zero; write more, like 5s or 250ms",
		}},
		{name: "steady without success", old: ", success: 99%}", new: "}", want: []string{
			`drill.yaml:5: "success" is missing in steady; add success: 99%`,
		}},
		{name: "steady whatever happens", old: "success: 99%", new: "success: 0%", want: []string{
			"drill.yaml:5: steady success is 0%, which every fleet meets; write more, like 99%",
		}},
		{name: "no steady", old: "steady: {for: 5s, success: 99%}\n", new: "", want: []string{
			`drill.yaml:1: "steady" is missing in a drill; add steady: {for: 5s, success: 99%}`,
		}},
		{name: "abort when all is well", old: "success_below: 5%", new: "success_below: 99.5%", want: []string{
			"drill.yaml:6: abort success_below 99.5% is above steady success 99%: a steady fleet would abort; lower it",
		}},
		{name: "abort without a time", old: ", for: 60s}", new: "}", want: []string{
			`drill.yaml:6: "for" is missing in abort; add for: 60s`,
		}},
		{name: "require what is not understood", old: "abort:", new: "require: {lag: below 100, n_minus_1: false, redy: true}\nabort:", want: []string{
			`drill.yaml:6: require lag "below 100" is not understood; write it like under 100 writes`,
			"drill.yaml:6: require n_minus_1 is false; write true, or leave it out",
			`drill.yaml:6: unknown key "redy" in require; did you mean ready?`,
		}},
		{name: "require nothing", old: "abort:", new: "require: {}\nabort:", want: []string{
			"drill.yaml:6: require names nothing; write lag: under 100 writes, n_minus_1: true or ready: true, or leave it out",
		}},
		{name: "require a lag that is none", old: "abort:", new: "require: {lag: under 0 writes}\nabort:", want: []string{
			"drill.yaml:6: require lag is under 0 writes; it takes 1 to 1000000 writes",
		}},
		{name: "abort of nothing", old: "{success_below: 5%, for: 60s}", new: "{}", want: []string{
			"drill.yaml:6: abort names no limit; write one, like success_below: 5% and for: 60s, or leave it out",
		}},
		{name: "abort with a time alone", old: "success_below: 5%, for: 60s", new: "for: 60s", want: []string{
			`drill.yaml:6: "success_below" is missing in abort; add success_below: 5%`,
		}},
		{name: "abort by limits of other kinds", old: "success_below: 5%, for: 60s", new: "rto: 0s, lost_writes: at least 1, lags: 3, users_affected: 160%", want: []string{
			"drill.yaml:6: abort rto is zero; write more, like 5s or 250ms",
			`drill.yaml:6: abort lost_writes "at least 1" is no whole number; write one, like 3`,
			`drill.yaml:6: unknown key "lags" in abort; did you mean lag?`,
			"drill.yaml:6: abort users_affected is 160%; a share is from 0% to 100%",
		}},

		// Times.
		{name: "no time", old: "{at: 20s, ", new: "{", want: []string{
			`drill.yaml:11: "at" is missing in a step; add at: 0s, counted from the end of the steady check`,
		}},
		{name: "negative time", old: "at: 20s", new: "at: -20s", want: []string{
			`drill.yaml:11: at "-20s" is negative; write zero or more, like 5s or 250ms`,
		}},
		{name: "time without a unit", old: "at: 20s", new: "at: 20", want: []string{
			`drill.yaml:11: at "20" is no duration; write a number with its unit, like 5s or 250ms`,
		}},
		{name: "steps out of order", old: "at: 20s", new: "at: 500ms", want: []string{
			"drill.yaml:11: this step is at 500ms, before the one above it at 1s; steps are written in the order of their times",
		}},
		{name: "end before the last step", old: "end: 45s", new: "end: 29s", want: []string{
			"drill.yaml:13: end 29s is before the last step at 30s; write 30s or later",
		}},
		{name: "no end", old: "end: 45s\n", new: "", want: []string{
			`drill.yaml:1: "end" is missing in a drill; add end: 45s, counted like the steps`,
		}},
		{name: "no steps", old: steps, new: "  []\n", want: []string{
			"drill.yaml:8: steps is an empty list; like [{at: 0s, do: kill, region: us-east}]",
		}},
		{name: "steps as a mapping", old: "steps:\n" + steps, new: "steps: {at: 0s}\n", want: []string{
			"drill.yaml:7: steps is written as a list; like [{at: 0s, do: kill, region: us-east}]",
		}},

		// Verbs and what they take.
		{name: "no verb", old: "do: kill, ", new: "", want: []string{
			`drill.yaml:8: "do" is missing in a step; add do: kill | freeze | kill-tier | kill-control-plane | hang-store | fill-disk | cordon | uncordon | restore | scale | promote | switchover | force | mode | reseed | write | partition | heal | brownout | clear | drift | commit | revert | withhold-bundles | renew-authority | stop-renewal | skew-clock | mend-trust | kill-signer | restore-signer | note | wait`,
		}},
		{name: "verb misspelt", old: "do: restore", new: "do: restor", want: []string{
			`drill.yaml:11: there is no step "restor"; did you mean restore?`,
		}},
		{name: "verb unknown", old: "do: restore", new: "do: explode", want: []string{
			`drill.yaml:11: there is no step "explode"; there are kill, freeze, kill-tier, kill-control-plane, hang-store, fill-disk, cordon, uncordon, restore, scale, promote, switchover, force, mode, reseed, write, partition, heal, brownout, clear, drift, commit, revert, withhold-bundles, …`,
		}},
		{name: "partition without ends", old: "do: note, text: look at the lag", new: "do: partition", want: []string{
			"drill.yaml:9: partition takes between: [A, B] for both directions, or from: A and to: B for one",
		}},
		{name: "partition from itself", old: "do: note, text: look at the lag", new: "do: partition, between: [us-east, us-east]", want: []string{
			"drill.yaml:9: a link from us-east to itself; name two ends",
		}},
		{name: "partition of no region", old: "do: note, text: look at the lag", new: "do: partition, from: control, to: others", want: []string{
			"drill.yaml:9: one end must be a region; control and others are not; name a region",
		}},
		{name: "heal of nothing", old: "do: note, text: look at the lag", new: "do: heal, between: [us-east, others]", want: []string{
			"drill.yaml:9: by then us-east ↔ others is not partitioned; name the same ends as the partition",
		}},
		{name: "brownout of nothing", old: "do: note, text: look at the lag", new: "do: brownout, between: [eu-west, ap-south]", want: []string{
			"drill.yaml:9: by then a brownout of nothing changes nothing; give it rtt, jitter, bandwidth or loss",
		}},
		{name: "brownout out of bounds", old: "do: note, text: look at the lag", new: "do: brownout, between: [eu-west, ap-south], rtt: 1h, jitter: 5, bandwidth: 5Mb, loss: 2", want: []string{
			"drill.yaml:9: rtt 1h is out of bounds; write more than nothing and at most 10s, like 400ms",
			`drill.yaml:9: jitter "5" is no duration; write a number with its unit, like 50ms`,
			`drill.yaml:9: bandwidth "5Mb" has no unit that is known here; write bits per second, like 5Mbps`,
			`drill.yaml:9: loss "2" is no share; write it in percent, like 2%`,
		}},
		{name: "brownout that holds already", old: "do: note, text: look at the lag}", new: "do: brownout, between: [eu-west, ap-south], loss: 2%}\n  - {at: 1s, do: brownout, between: [ap-south, eu-west], rtt: 1s}", want: []string{
			"drill.yaml:10: by then that is browned out already (line 9); clear it first",
		}},
		{name: "clear of nothing", old: "do: note, text: look at the lag", new: "do: clear, from: eu-west, to: ap-south", want: []string{
			"drill.yaml:9: by then eu-west → ap-south is not browned out; name the same ends as the brownout",
		}},
		{name: "sync without a partner", old: "do: note, text: look at the lag", new: "do: mode, dataset: orders, mode: sync", want: []string{
			`drill.yaml:9: mode sync needs "with"; add with: REGION, the one that stores every write beside the leader`,
		}},
		{name: "pinned by a step", old: "do: note, text: look at the lag", new: "do: mode, dataset: orders, mode: pinned", want: []string{
			"drill.yaml:9: residency is not switched while a drill runs: it decides where data may be; say mode: pinned in the fleet file",
		}},
		{name: "kill takes no dataset", old: "do: kill, region: us-east", new: "do: kill, region: us-east, dataset: orders", want: []string{
			`drill.yaml:8: kill takes no "dataset"; it takes region, cluster, environment, hub, zone`,
		}},
		{name: "kill of a dataset", old: "do: kill, region: us-east", new: "do: kill, dataset: orders", want: []string{
			`drill.yaml:8: kill takes no "dataset"; it takes region, cluster, environment, hub, zone`,
			`drill.yaml:8: "region" is missing in kill; add region: us-east`,
		}},
		{name: "switchover of a region", old: "dataset: orders, to: us-east", new: "region: us-east", want: []string{
			`drill.yaml:12: switchover takes no "region"; it takes dataset, to`,
			`drill.yaml:12: "dataset" is missing in switchover; add dataset: orders`,
			`drill.yaml:12: "to" is missing in switchover; add to: us-east`,
		}},
		{name: "switchover to nowhere", old: ", to: us-east", new: "", want: []string{
			`drill.yaml:12: "to" is missing in switchover; add to: us-east`,
		}},
		{name: "note without a text", old: ", text: look at the lag", new: "", want: []string{
			`drill.yaml:9: "text" is missing in note; add text: what the reader should look at`,
		}},
		{name: "note with an empty text", old: "text: look at the lag", new: "text: ''", want: []string{
			"drill.yaml:9: the note is empty; write a value, like a few words",
		}},
		{name: "wait for rain", old: "for: recovered", new: "for: rain", want: []string{
			`drill.yaml:10: there is no condition "rain"; there are recovered, caught-up, steady`,
		}},
		{name: "wait misspelt", old: "for: recovered", new: "for: recoverd", want: []string{
			`drill.yaml:10: there is no condition "recoverd"; did you mean recovered?`,
		}},
		{name: "step key misspelt", old: "region: us-east}", new: "regoin: us-east}", want: []string{
			`drill.yaml:8: unknown key "regoin" in a step; did you mean region?`,
		}},
		{name: "region that is not there", old: "do: kill, region: us-east", new: "do: kill, region: us-west", want: []string{
			`drill.yaml:8: there is no region "us-west"; did you mean us-east?`,
		}},
		{name: "dataset that is not there", old: "dataset: orders", new: "dataset: oders", want: []string{
			`drill.yaml:12: there is no dataset "oders"; did you mean orders?`,
		}},

		// What the steps before have done.
		{name: "killed twice", old: restore, new: "  - {at: 20s, do: kill, region: us-east}\n" + restore, want: []string{
			"drill.yaml:11: by then us-east is killed (line 8); restore it first",
		}},
		{name: "frozen while killed", old: restore, new: "  - {at: 20s, do: freeze, region: us-east}\n" + restore, want: []string{
			"drill.yaml:11: by then us-east is killed (line 8); restore it first",
		}},
		{name: "restored though nothing broke it", old: "do: restore, region: us-east", new: "do: restore, region: eu-west", want: []string{
			"drill.yaml:11: by then eu-west is healthy: there is nothing to restore",
			"drill.yaml:12: by then us-east is killed (line 8); restore it first",
		}},
		{name: "uncordoned though not cordoned", old: restore, new: restore + "  - {at: 20s, do: uncordon, region: us-east}\n", want: []string{
			"drill.yaml:12: by then us-east is not cordoned",
		}},
		{name: "uncordoned though killed", old: "do: restore", new: "do: uncordon", want: []string{
			"drill.yaml:11: by then us-east is killed, not cordoned (line 8); restore it first",
		}},
		{name: "scaled to what it has", old: kill, new: "  - {at: 0s, do: scale, region: us-east, replicas: 2}\n" + kill, want: []string{
			"drill.yaml:8: by then us-east has 2 web replicas already; give another number",
		}},
		{name: "scaled to what is no number", old: kill, new: "  - {at: 0s, do: scale, region: us-east, replicas: many}\n" + kill, want: []string{
			`drill.yaml:8: replicas is "many": write a number from 0 to 20, like 3`,
		}},
		{name: "scaled to nothing said", old: kill, new: "  - {at: 0s, do: scale, region: us-east}\n" + kill, want: []string{
			`drill.yaml:8: "replicas" is missing in scale; add replicas: 3`,
		}},
		{name: "scaled while it is killed", old: restore, new: "  - {at: 9s, do: scale, region: us-east, replicas: 3}\n" + restore, want: []string{
			"drill.yaml:11: by then us-east is killed (line 8); restore it first",
		}},
		{name: "restored though cordoned", old: kill, new: "  - {at: 0s, do: freeze, region: ap-south}\n  - {at: 0s, do: cordon, region: us-east}\n", want: []string{
			"drill.yaml:12: by then us-east is cordoned, not broken (line 9); uncordon it",
		}},
		{name: "cordon of the last one", old: "do: note, text: look at the lag}", new: "do: kill, region: eu-west}\n  - {at: 1s, do: cordon, region: ap-south}", want: []string{
			"drill.yaml:10: by then no other region is up to take the users of ap-south; restore another region first",
		}},
		{name: "switchover to a dead region", old: restore, new: "", want: []string{
			"drill.yaml:11: by then us-east is killed (line 8); restore it first",
		}},
		{name: "switchover to the leader", old: kill, new: "  - {at: 0s, do: switchover, dataset: orders, to: us-east}\n" + kill, want: []string{
			"drill.yaml:8: by then us-east leads orders already; choose another region",
		}},
		{name: "promote while nothing is broken", old: kill, new: "  - {at: 0s, do: promote, dataset: orders, to: eu-west}\n" + kill, want: []string{
			"drill.yaml:8: by then us-east leads orders and works; switch over instead, which loses nothing",
		}},
		{name: "restored though only cut off", old: kill, new: "  - {at: 0s, do: partition, between: [us-east, others]}\n", want: []string{
			"drill.yaml:11: by then us-east is cut off, not broken (line 8); heal the partition",
			"drill.yaml:12: by then us-east is cut off from the controller (line 8); heal it first",
		}},
		{name: "a mode that it has", old: kill, new: "  - {at: 0s, do: mode, dataset: orders, mode: async}\n" + kill, want: []string{
			"drill.yaml:8: by then orders is async already; name another mode",
		}},
		{name: "a mode that it has got", old: kill, new: "  - {at: 0s, do: mode, dataset: orders, mode: quorum}\n  - {at: 0s, do: mode, dataset: orders, mode: quorum}\n" + kill, want: []string{
			"drill.yaml:9: by then orders is quorum already (line 8); name another mode",
		}},
		{name: "sync with the authority", old: kill, new: "  - {at: 0s, do: mode, dataset: orders, mode: sync, with: us-east}\n" + kill, want: []string{
			"drill.yaml:8: by then us-east leads orders, and sync needs a partner beside it; name another region that keeps a replica",
		}},
		{name: "sync with a region that is away", old: kill, new: "  - {at: 0s, do: freeze, region: ap-south}\n  - {at: 0s, do: mode, dataset: orders, mode: sync, with: ap-south}\n" + kill, want: []string{
			"drill.yaml:9: by then ap-south is frozen, and every write would wait for it (line 8); restore it first",
		}},
		{name: "quorum without a majority", old: kill, new: kill + "  - {at: 0s, do: kill, region: ap-south}\n  - {at: 0s, do: mode, dataset: orders, mode: quorum}\n", want: []string{
			"drill.yaml:10: by then 1 of orders's 3 regions are up, and a majority is 2: every write would wait; restore one first",
		}},

		// Objectives that no step can give a number for.
		{name: "rto without a fault", old: steps, new: "  - {at: 0s, do: note, text: nothing}\n", want: []string{
			"drill.yaml:4: rto can't be measured: no step takes or moves an authority; leave it out, or add a kill, freeze, cordon or switchover",
			"drill.yaml:4: users_affected is counted from the first fault, and no step kills, freezes, cuts off or cordons a region; leave it out, or add one",
		}},
		{name: "rto where only the web tier dies", old: steps, new: "  - {at: 0s, do: kill-tier, region: us-east}\n  - {at: 1s, do: restore, region: us-east}\n", want: []string{
			"drill.yaml:4: rto can't be measured: no step takes or moves an authority; leave it out, or add a kill, freeze, cordon or switchover",
		}},
		{name: "rto where only the API server dies", old: steps, new: "  - {at: 0s, do: kill-control-plane, region: us-east}\n", want: []string{
			"drill.yaml:4: rto can't be measured: no step takes or moves an authority; leave it out, or add a kill, freeze, cordon or switchover",
		}},
		{name: "users without a fault", old: steps, new: "  - {at: 0s, do: switchover, dataset: orders, to: eu-west}\n", want: []string{
			"drill.yaml:4: users_affected is counted from the first fault, and no step kills, freezes, cuts off or cordons a region; leave it out, or add one",
		}},
		{name: "at least none", old: "lost_writes: 100", new: "lost_writes: at least 0", want: []string{
			"drill.yaml:4: lost_writes is 0; it takes 1 to 1000000",
		}},

		{name: "lost writes of no dataset", old: "lost_writes: 100", new: "lost_writes: {}", want: []string{
			"drill.yaml:4: lost_writes names no dataset; write a number for all together, or one for each, like {orders: 0}",
		}},
		{name: "lost writes of an unknown dataset", old: "lost_writes: 100", new: "lost_writes: {order: 0}", want: []string{
			`drill.yaml:4: unknown key "order" in lost_writes; did you mean orders?`,
		}},
		{name: "at least none of a dataset", old: "lost_writes: 100", new: "lost_writes: {orders: at least 0}", want: []string{
			"drill.yaml:4: lost_writes of orders is 0; it takes 1 to 1000000",
		}},

		{name: "several", old: restore + move, new: "  - {at: 2s, do: restore, region: mars}\n  - {at: 1s, do: fly}\n", want: []string{
			`drill.yaml:11: there is no region "mars"; the regions are us-east, eu-west, ap-south`,
			`drill.yaml:12: there is no step "fly"; there are kill, freeze, kill-tier, kill-control-plane, hang-store, fill-disk, cordon, uncordon, restore, scale, promote, switchover, force, mode, reseed, write, partition, heal, brownout, clear, drift, commit, revert, withhold-bundles, …`,
			"drill.yaml:12: this step is at 1s, before the one above it at 2s; steps are written in the order of their times",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := parse("drill.yaml", tt.spoil(t, goodDrill))
			readDrill(s, nil)
			tt.check(t, s.err())
		})
	}
}

// A step that residency refuses is a mistake, unless the drill says that it is to show that.
func TestWhatResidencyRefusesHasToBeExpected(t *testing.T) {
	drill := strings.NewReplacer("three-regions", "pinned-to-the-eu", "  - {at: 30s, do: switchover, dataset: orders, to: us-east}\n", "").Replace(goodDrill)
	for _, tt := range []struct{ expect, want string }{
		{"", `by then residency: citizens is pinned to EU, us-east is in US; choose one of eu-west, eu-central; say "expect: refused" where the drill is to show it`},
		{", expect: refused", ""},
	} {
		step := "  - {at: 30s, do: switchover, dataset: citizens, to: us-east" + tt.expect + "}\nend: 45s"
		_, _, err := LoadDrill(file(t, t.TempDir(), "drill.yaml", strings.Replace(drill, "end: 45s", step, 1)))
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("expect %q: %v, want %q", tt.expect, err, tt.want)
		}
	}
}
