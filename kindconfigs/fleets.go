package kindconfigs

import "embed"

// Fleets holds fleets/NAME.yaml, the fleet files that ship.
//
//go:embed fleets/*.yaml
var Fleets embed.FS

// Drills holds drills/NAME.yaml, the drill files that ship.
//
//go:embed drills/*.yaml
var Drills embed.FS

// Comparisons holds comparisons/NAME.yaml, the comparison files that ship: a drill and the fleets
// that it is run on.
//
//go:embed comparisons/*.yaml
var Comparisons embed.FS
