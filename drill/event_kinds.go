package drill

// The kinds of all bodies, as the journal names them.

func init() {
	register[DrillStarted]()
	register[PhaseEntered]()
	register[SteadyMeasured]()
	register[StepStarted]()
	register[CommandTaken]()
	register[CommandDone]()
	register[CommandFailed]()
	register[ImpactPredicted]()
	register[NoteWritten]()
	register[ObjectiveJudged]()
	register[DrillEnded]()
	register[StageEntered]()
	register[RegionSeen]()
	register[RegionJudged]()
	register[RegionCordoned]()
	register[FaultProved]()
	register[FaultLifted]()
	register[LinksSampled]()
	register[FleetCommanded]()
	register[TaskFailed]()
	register[StoresSampled]()
	register[AuthorityTook]()
	register[FailoverStaged]()
	register[SwitchoverDone]()
	register[ModeChanged]()
	register[WritesWaiting]()
	register[SplitBrain]()
	register[RejoinStarted]()
	register[RejoinDone]()
	register[LedgerChecked]()
	register[TrafficSampled]()
	register[Rerouted]()
	register[Recovered]()
}

// Kind implements Body.
func (DrillStarted) Kind() string { return "drill.started" }

// Kind implements Body.
func (PhaseEntered) Kind() string { return "phase.entered" }

// Kind implements Body.
func (SteadyMeasured) Kind() string { return "steady.measured" }

// Kind implements Body.
func (StepStarted) Kind() string { return "step.started" }

// Kind implements Body.
func (CommandTaken) Kind() string { return "command.taken" }

// Kind implements Body.
func (CommandDone) Kind() string { return "command.done" }

// Kind implements Body.
func (CommandFailed) Kind() string { return "command.failed" }

// Kind implements Body.
func (ImpactPredicted) Kind() string { return "harm.predicted" }

// Kind implements Body.
func (NoteWritten) Kind() string { return "note.written" }

// Kind implements Body.
func (ObjectiveJudged) Kind() string { return "objective.judged" }

// Kind implements Body.
func (DrillEnded) Kind() string { return "drill.ended" }

// Kind implements Body.
func (StageEntered) Kind() string { return "stage.entered" }

// Kind implements Body.
func (RegionSeen) Kind() string { return "region.seen" }

// Kind implements Body.
func (RegionJudged) Kind() string { return "region.judged" }

// Kind implements Body.
func (RegionCordoned) Kind() string { return "region.cordoned" }

// Kind implements Body.
func (FaultProved) Kind() string { return "fault.proved" }

// Kind implements Body.
func (FaultLifted) Kind() string { return "fault.lifted" }

// Kind implements Body.
func (LinksSampled) Kind() string { return "links.sampled" }

// Kind implements Body.
func (FleetCommanded) Kind() string { return "fleet.commanded" }

// Kind implements Body.
func (TaskFailed) Kind() string { return "task.failed" }

// Kind implements Body.
func (StoresSampled) Kind() string { return "stores.sampled" }

// Kind implements Body.
func (AuthorityTook) Kind() string { return "authority.took" }

// Kind implements Body.
func (FailoverStaged) Kind() string { return "failover.staged" }

// Kind implements Body.
func (SwitchoverDone) Kind() string { return "switchover.done" }

// Kind implements Body.
func (RejoinStarted) Kind() string { return "rejoin.started" }

// Kind implements Body.
func (RejoinDone) Kind() string { return "rejoin.done" }

// Kind implements Body.
func (LedgerChecked) Kind() string { return "ledger.checked" }

// Kind implements Body.
func (TrafficSampled) Kind() string { return "traffic.sampled" }

// Kind implements Body.
func (Rerouted) Kind() string { return "traffic.rerouted" }

// Kind implements Body.
func (Recovered) Kind() string { return "traffic.recovered" }

// Kind implements Body.
func (ModeChanged) Kind() string { return "mode.changed" }

// Kind implements Body.
func (WritesWaiting) Kind() string { return "writes.waiting" }

// Kind implements Body.
func (SplitBrain) Kind() string { return "split.brain" }
