//go:build !unix

package kindfleet

import "os/exec"

func detach(*exec.Cmd) {}
