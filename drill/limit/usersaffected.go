package limit

import "github.com/fleetdrill/fleetdrill/drill/verdict"

// usersAffected ends a drill whose worst fault affected a larger share of those who asked.
var usersAffected = objective(verdict.UsersAffected)
