package governor

import (
	"context"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

// Port is the governor as actions see it.
type Port struct{ *Governor }

// Commit implements port.Config.
func (c Port) Commit(ctx context.Context, words, by string) (string, error) {
	v, err := c.Governor.Commit(ctx, words, by)
	return committed(v, err)
}

// Revert implements port.Config.
func (c Port) Revert(ctx context.Context, which, by string) (string, error) {
	v, err := c.Governor.Revert(ctx, which, by)
	return committed(v, err)
}

func committed(v config.Revision, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s is on main: %s", config.Short(v.Hash), v.Subject), nil
}
