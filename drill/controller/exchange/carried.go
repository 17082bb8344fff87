package exchange

import "errors"

// ErrUncarried is in the error of a question that never reached its region, since what carries the controller's questions
// was away: it says nothing of the region.
var ErrUncarried = errors.New("the hub does not answer, so nobody is asked")
