package tui

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/fleetdrill/fleetdrill/tui/keys"
)

func stripped(s string) string { return ansi.Strip(s) }

// keyMsg is the message of a key as a terminal without extensions sends it.
func keyMsg(name string) tea.KeyPressMsg { return keys.Named(name) }
