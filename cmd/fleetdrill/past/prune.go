package past

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/report/single"
)

func newPruneCommand(f Folder) *cobra.Command {
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
			dir, err := f.Dir()
			if err != nil {
				return err
			}
			all, err := journal.List(dir)
			if err != nil {
				return err
			}
			state, err := f.State()
			if err != nil {
				return err
			}
			rule.driven = drivenNow(state)
			return prune(rule.of(drillsOnly(all)), yes, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&keep, "keep", 0, "keep the newest `N`")
	flags.StringVar(&olderThan, "older-than", "", "delete only what is older than this `age`: 36h, 30d, 8w")
	flags.BoolVar(&yes, "yes", false, "do not ask")
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
			err = errors.Join(os.RemoveAll(Exports(j.Path)), os.RemoveAll(Repository(j.Path)))
		}
		if err == nil {
			err = removeReport(besideJournal(j.Path))
		}
		if err != nil {
			return fmt.Errorf("delete a journal: %w", err)
		}
	}
	fmt.Fprintf(out, "deleted %s, %s\n", what, format.Bytes(total))
	return nil
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
		if !single.Ours(e.Name()) || !e.Type().IsRegular() {
			return nil
		}
	}
	return os.RemoveAll(dir)
}
