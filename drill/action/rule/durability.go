package rule

import "github.com/fleetdrill/fleetdrill/drill/topology"

// CheckDurability is the half of mode's rule that asks nothing of the state: what a drill may
// switch to, and that sync alone has a partner. wrong is the parameter that is refused or, if
// it is missing, the one that needs it: "mode" or "with".
func CheckDurability(to topology.Durability) (wrong string, _ *Refusal) {
	switch {
	case to.Mode == topology.ModePinned:
		return "mode", Refuse("say mode: pinned in the fleet file", "residency is not switched while a drill runs: it decides where data may be")
	case to.Mode == topology.ModeBackup:
		return "mode", Refuse("say mode: backup in the fleet file", "a dataset is not switched to backup while a drill runs: its replicas are stores that run")
	case to.Mode == topology.ModeSync && to.With == "":
		return "mode", Refuse("add with: REGION, the one that stores every write beside the leader", "mode sync needs \"with\"")
	case to.Mode != topology.ModeSync && to.With != "":
		return "with", Refuse("leave it out", "\"with\" belongs to mode sync")
	}
	return "", nil
}
