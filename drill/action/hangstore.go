package action

import "github.com/fleetdrill/fleetdrill/drill/runbook"

// verbHangStore stops a region's store while the rest of the region looks healthy.
const verbHangStore runbook.Verb = "hang-store"

// hangStore stops what keeps a region's data: its ports accept, and no write completes.
var hangStore = breaksPart(verbHangStore, Words{Name: "hang the store", Done: "hung", Help: "hang the store: the region looks healthy", Key: "G"},
	storeless(runbook.PartStore))
