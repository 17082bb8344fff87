package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/report"
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

func newJournalsCommand(s *settings) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "journals",
		Short: "List the journals of past drills",
		Long: `List the journals of past drills, the newest first. Each is the one record of its drill:
` + "`fleetdrill replay NAME`" + ` plays it back, ` + "`fleetdrill report NAME`" + ` makes its report.`,
		Args: shipped.Nothing,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := s.journalsDir()
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
	cmd.AddCommand(newPruneCommand(s))
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

func newPruneCommand(s *settings) *cobra.Command {
	var keep int
	var olderThan string
	var yes bool
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Delete old journals, after asking",
		Long: `Delete journals, and the diverged writes and the report that were saved beside them. --keep N keeps the
newest N, --older-than AGE keeps what is younger; with both, what either keeps stays. It lists
what is to go and asks; --yes answers. What is no drill's journal stays. A journal that a drill may still write stays: one without
an end that was written within a day, or whose fleet is driven now.`,
		Args: shipped.Nothing,
		RunE: func(cmd *cobra.Command, _ []string) error {
			rule := pruning{keep: keep, now: time.Now()}
			if !cmd.Flags().Changed("keep") {
				if olderThan == "" {
					return errors.New("say which: --keep N, --older-than 30d, or both")
				}
			} else if keep < 0 {
				return fmt.Errorf("--keep %d: how many journals to keep is 0 or more", keep)
			}
			if olderThan != "" {
				var err error
				if rule.older, err = parseAge(olderThan); err != nil {
					return err
				}
			}
			dir, err := s.journalsDir()
			if err != nil {
				return err
			}
			all, err := journal.List(dir)
			if err != nil {
				return err
			}
			state, err := s.state()
			if err != nil {
				return err
			}
			rule.driven = drivenNow(state)
			return prune(rule.of(drillsOnly(all)), yes, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.IntVar(&keep, "keep", 0, "keep the newest `N`")
	f.StringVar(&olderThan, "older-than", "", "delete only what is older than this `age`: 36h, 30d, 8w")
	f.BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// pruning says which journals go.
type pruning struct {
	keep  int           // the newest so many stay
	older time.Duration // only what is older goes; 0 is of any age
	now   time.Time
	// driven is the fleets that a process drives now.
	driven map[fleetOn]bool
}

// fleetOn is a fleet by its name and what it runs on.
type fleetOn struct{ fleet, on string }

// drivenNow is the fleets that a process drives by their records.
func drivenNow(state string) map[fleetOn]bool {
	driven := map[fleetOn]bool{}
	records, _ := record.List(state) // of a broken one nobody can say
	for _, r := range records {
		if record.Alive(r.Owner) {
			driven[fleetOn{r.Fleet.Name, r.On}] = true
		}
	}
	return driven
}

const (
	// unended is how long a journal without an end stays, as its drill may run: while a fleet is brought up, or
	// its machine sleeps, nothing is written.
	unended = 24 * time.Hour
	// ended is how long one with an end stays: taking the fleet down is written after it.
	ended = time.Minute
)

// drillsOnly is the journals of drills in a list, the newest first by when they began: what a person put beside
// them, a link, a pipe, or a file that can't be read, is nobody's to count or to delete.
func drillsOnly(all []journal.Summary) []journal.Summary {
	all = slices.DeleteFunc(slices.Clone(all), func(j journal.Summary) bool {
		info, err := os.Lstat(j.Path)
		return j.Err != nil || err != nil || !info.Mode().IsRegular()
	})
	slices.SortStableFunc(all, func(a, b journal.Summary) int { return b.Began.Compare(a.Began) })
	return all
}

// mayBeWritten reports whether a drill may still write to a journal; newest says that it is the newest of its fleet.
func (p pruning) mayBeWritten(j journal.Summary, newest bool) bool {
	quiet := p.now.Sub(j.Wrote)
	if j.Verdict == "" {
		return quiet < unended || p.driven[fleetOn{j.Fleet, j.On}]
	}
	return quiet < ended || newest && p.driven[fleetOn{j.Fleet, j.On}]
}

// of is the journals that go, of a list with the newest first.
func (p pruning) of(all []journal.Summary) (gone []journal.Summary) {
	seen := map[fleetOn]bool{}
	for i, j := range all {
		newest := !seen[fleetOn{j.Fleet, j.On}]
		seen[fleetOn{j.Fleet, j.On}] = true
		when := j.Began
		if j.Err != nil {
			when = j.Wrote
		}
		if i >= p.keep && p.now.Sub(when) >= p.older && !p.mayBeWritten(j, newest) {
			gone = append(gone, j)
		}
	}
	return gone
}

// parseAge reads a duration that may be in days or weeks.
func parseAge(text string) (time.Duration, error) {
	units := map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour}
	for unit, each := range units {
		if number, is := strings.CutSuffix(text, unit); is {
			if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < 100_000 {
				return time.Duration(n) * each, nil
			}
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return d, nil
	}
	return 0, fmt.Errorf("--older-than %s: say an age such as 36h, 30d or 8w", text)
}

// prune deletes journals, after asking a person unless yes.
func prune(gone []journal.Summary, yes bool, in io.Reader, out io.Writer) error {
	if len(gone) == 0 {
		fmt.Fprintln(out, "no journal to delete")
		return nil
	}
	var total int64
	for _, j := range gone {
		total += j.Size
		fmt.Fprintf(out, "%s  %s\n", nameOf(j), format.Bytes(j.Size))
	}
	what := format.Plural(len(gone), "journal", "journals")
	if !yes {
		fmt.Fprintf(out, "delete %s, %s, for good? [y/N] ", what, format.Bytes(total))
		answer, _ := bufio.NewReader(in).ReadString('\n')
		if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
			fmt.Fprintln(out, "nothing was deleted")
			return nil
		}
	}
	for _, j := range gone {
		err := os.Remove(j.Path)
		if err == nil {
			err = os.RemoveAll(exportsOf(j.Path))
		}
		if err == nil {
			err = removeReport(reportBeside(j.Path))
		}
		if err != nil {
			return fmt.Errorf("delete a journal: %w", err)
		}
	}
	fmt.Fprintf(out, "deleted %s, %s\n", what, format.Bytes(total))
	return nil
}

// exportsOf is the folder for the diverged writes of a drill, beside its journal.
func exportsOf(journalPath string) string {
	return strings.TrimSuffix(journalPath, ".jsonl") + "-diverged"
}

// reportBeside is the folder for a drill's report, beside its journal.
func reportBeside(journalPath string) string {
	return strings.TrimSuffix(journalPath, ".jsonl") + "-report"
}

// removeReport removes the folder of a report, unless it holds what somebody else put there.
func removeReport(dir string) error {
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
		return nil // none was saved
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != report.FileName || !e.Type().IsRegular() {
			return nil
		}
	}
	return os.RemoveAll(dir)
}
