package shipped

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// The library's own commands refuse what they do not know, name what there is, and do the rest.
func TestStrict(t *testing.T) {
	for args, says := range map[string]string{
		"completion zshh":   `no completion for "zshh"; there is one for bash, fish, powershell or zsh`,
		"completion":        "",
		"completion zsh":    "",
		"help status":       "",
		"help":              "",
		"help statsu":       `unknown command "statsu"`,
		"help status x":     `unknown command "x"`,
		"help completion":   "",
		"completion zsh x":  `unknown command "x"`,
		"help completion z": `unknown command "z"`,
	} {
		root := &cobra.Command{Use: "fleetdrill", Run: func(*cobra.Command, []string) {}, SilenceErrors: true, SilenceUsage: true}
		root.AddCommand(&cobra.Command{Use: "status", Run: func(*cobra.Command, []string) { t.Error("status ran") }})
		var out strings.Builder
		root.SetArgs(strings.Fields(args))
		root.SetOut(&out)
		root.SetErr(io.Discard)
		Strict(root)
		err := root.Execute()
		if says == "" && (err != nil || out.Len() == 0) || says != "" && (err == nil || !strings.Contains(err.Error(), says) || out.Len() > 0) {
			t.Errorf("%s: error %v, %d bytes printed", args, err, out.Len())
		}
	}
}
