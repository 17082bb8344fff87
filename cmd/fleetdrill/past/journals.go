package past

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/journal"
)

// journalStatus is what `journals --json` prints of one.
type journalStatus struct {
	Path    string     `json:"path"`
	Bytes   int64      `json:"bytes"`
	Began   *time.Time `json:"began"`   // null where the journal can't be read
	Seconds *float64   `json:"seconds"` // null where it can't
	Drill   string     `json:"drill"`   // "" for a drill by hand
	Fleet   string     `json:"fleet"`
	On      string     `json:"on"`
	Verdict string     `json:"verdict"` // "" where the drill was not judged
	Error   string     `json:"error,omitempty"`
}

// NewJournalsCommand is the command that lists the journals of a folder.
func NewJournalsCommand(f Folder) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "journals",
		Short: "List the journals of past drills",
		Long: `List the journals of past drills, the newest first. Each is the one record of its drill:
` + "`fleetdrill replay NAME`" + ` plays it back, ` + "`fleetdrill report NAME`" + ` makes its report.`,
		Args: shipped.Nothing,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := f.Dir()
			if err != nil {
				return err
			}
			all, err := journal.List(dir)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJournals(cmd.OutOrStdout(), all)
			}
			return printJournals(cmd.OutOrStdout(), dir, all, time.Local)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.AddCommand(newPruneCommand(f))
	return cmd
}

func writeJournals(out io.Writer, all []journal.Summary) error {
	list := []journalStatus{}
	for _, j := range all {
		st := journalStatus{Path: j.Path, Bytes: j.Size, Drill: j.Drill, Fleet: j.Fleet, On: j.On, Verdict: string(j.Verdict)}
		if j.Err != nil {
			st.Error = j.Err.Error()
		} else {
			seconds := j.Length.Seconds()
			st.Began, st.Seconds = &j.Began, &seconds
		}
		list = append(list, st)
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(list)
}

// dated is a time in the list. Of a link that leads nowhere there is none.
func dated(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return "unknown"
	}
	return at.In(zone).Format(time.DateTime)
}

func printJournals(out io.Writer, dir string, all []journal.Summary, zone *time.Location) error {
	if len(all) == 0 {
		_, err := fmt.Fprintf(out, "no journals yet in %s; `fleetdrill replay` plays one that ships\n", clean.Text(dir))
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "WHEN\tDRILL\tFLEET\tVERDICT\tLENGTH\tSIZE\tNAME")
	var total int64
	for _, j := range all {
		total += j.Size
		name := nameOf(j)
		if j.Err != nil {
			fmt.Fprintf(table, "%s\t%s\t\t\t\t%s\t%s\n", dated(j.Wrote, zone), "unreadable", format.Bytes(j.Size), name)
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s on %s\t%s\t%s\t%s\t%s\n", dated(j.Began, zone), drilled(j), j.Fleet, j.On, outcomeOf(j),
			format.Age(j.Length), format.Bytes(j.Size), name)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%s, %s in %s\n", format.Plural(len(all), "journal", "journals"), format.Bytes(total), clean.Text(dir))
	return err
}

// nameOf is a journal's name in one line of a list.
func nameOf(j journal.Summary) string { return clean.Text(filepath.Base(j.Path)) }

// drilled is what was drilled.
func drilled(j journal.Summary) string {
	if j.Drill == "" {
		return format.FreeDrill
	}
	return j.Drill
}

// outcomeOf is how it ended.
func outcomeOf(j journal.Summary) string {
	word, _ := format.OutcomeOf(j.Drill == "", j.Verdict, j.Why)
	return word
}
