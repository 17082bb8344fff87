package outside

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/control"
	"github.com/fleetdrill/fleetdrill/drill/fate"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func write(h Host) *cobra.Command {
	var fleetName, as string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "write DATASET TEXT",
		Short: "Write a row of your own words to the drill that runs, as one of its users",
		Long: `Write a row of your own words, as one of a population's users: by their resolver, a region's
gateway and the links, with their timeout. It is in the ledger as any write, and what becomes
of it is followed on the screen, in the journal and in the report.

Exit codes: 0 it was confirmed, 1 it was not, 2 the command is wrong or no drill runs.`,
		Args:              exactly("DATASET TEXT", 2),
		ValidArgsFunction: h.completes(&fleetName, datasetNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := h.theFleet(fleetName)
			if err != nil {
				return err
			}
			if _, err := datasetOf(r.Fleet, args[0]); err != nil {
				return err
			}
			if err := action.WordsFit(args[1]); err != nil {
				return err
			}
			c := runbook.Command{Verb: action.VerbWrite, Dataset: args[0], Population: as, Text: args[1], By: runbook.ByOperator}
			if c.Population == "" {
				c.Population = firstUsing(r.Fleet, args[0])
			}
			a, err := h.ask(cmd.Context(), r, control.Request{Command: &c})
			if errors.Is(err, context.Canceled) {
				return fmt.Errorf("%w; what was sent may be stored all the same, see `fleetdrill read %s`", err, args[0])
			}
			if err != nil {
				return err
			}
			return tellWrite(cmd.OutOrStdout(), a, asJSON)
		},
	}
	f := cmd.Flags()
	f.StringVar(&as, "as", "", "the population whose user writes it (default: the first that uses the dataset)")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	h.fleetFlag(cmd, &fleetName)
	_ = cmd.RegisterFlagCompletionFunc("as", func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		return h.completes(&fleetName, populationNames)(cmd, nil, begun)
	})
	return cmd
}

// exactly asks for a number of arguments, and names them where there are others.
func exactly(what string, n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return fmt.Errorf("%s takes %s: fleetdrill %s %s", cmd.Name(), what, cmd.Name(), what)
		}
		return nil
	}
}

// firstUsing is the first population that writes a dataset; "" where none does.
func firstUsing(f topology.Fleet, dataset string) string {
	for _, p := range f.Users {
		if slices.Contains(f.DatasetsOf(p), dataset) {
			return p.Name
		}
	}
	return ""
}

func tellWrite(out io.Writer, a control.Answer, asJSON bool) error {
	w := a.Write
	if w == nil || w.Ended == nil {
		return fmt.Errorf("the drill did not say what became of the write: %s", a.Proof)
	}
	if asJSON {
		if err := printJSON(out, writeJSON(w)); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(out, "%s in %s, as %s: %s\n", format.Quoted(w.Text, 60), w.Dataset, w.Population, format.Ended(*w.Ended))
		if w.Region != "" {
			fmt.Fprintf(out, "where it is now: fleetdrill read %s %s\n", w.Dataset, w.ID)
		}
	}
	if !w.Confirmed() {
		return ErrNotConfirmed
	}
	return nil
}

// ownWrite is what --json prints of a write of one's own words.
type ownWrite struct {
	ID         string   `json:"id"`
	Dataset    string   `json:"dataset"`
	Population string   `json:"population"`
	Text       string   `json:"text"`
	Fate       string   `json:"fate"`
	Confirmed  string   `json:"confirmed_by,omitempty"`
	Epoch      uint64   `json:"epoch,omitempty"`
	Took       *float64 `json:"took_s"`
	Error      string   `json:"error,omitempty"`
}

func writeJSON(w *fate.Write) ownWrite {
	out := ownWrite{ID: w.ID, Dataset: w.Dataset, Population: w.Population, Text: w.Text, Fate: string(w.Fate())}
	if e := w.Ended; e != nil {
		took := e.Took.Seconds()
		out.Confirmed, out.Epoch, out.Took, out.Error = e.By, e.Epoch, &took, e.Error
	}
	return out
}

func printJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func read(h Host) *cobra.Command {
	var fleetName string
	var last, asJSON bool
	cmd := &cobra.Command{
		Use:   "read DATASET [ID]",
		Short: "Look a write up in every replica of the drill that runs",
		Long: `Look a write up by its id in every replica of a dataset, and print who holds it and with
what contents. Without an id, or with --last, it is your own last write, or the last one of the
users that was confirmed.`,
		Args:              cobra.MatchAll(atLeast("DATASET", 1), shipped.AtMost(2, "fleetdrill read DATASET [ID]")),
		ValidArgsFunction: h.completes(&fleetName, datasetNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			q := control.Read{Dataset: args[0]}
			if len(args) == 2 {
				switch q.ID = args[1]; {
				case last:
					return fmt.Errorf("--last and the id %s: give one of them", q.ID)
				case q.ID == "":
					return errors.New("the id is empty; without one it is the last write: fleetdrill read " + args[0])
				}
			}
			r, err := h.theFleet(fleetName)
			if err != nil {
				return err
			}
			if _, err := datasetOf(r.Fleet, q.Dataset); err != nil {
				return err
			}
			a, err := h.ask(cmd.Context(), r, control.Request{Read: &q})
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), a.Entry)
			}
			tellEntry(cmd.OutOrStdout(), a)
			return nil
		},
	}
	cmd.Flags().BoolVar(&last, "last", false, "the last write: your own, else the users'")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON; payloads are in base64")
	h.fleetFlag(cmd, &fleetName)
	return cmd
}

// atLeast asks for a number of arguments or more.
func atLeast(what string, n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < n {
			return fmt.Errorf("name a %s: fleetdrill %s", strings.ToLower(what), cmd.Use)
		}
		return nil
	}
}

func tellEntry(out io.Writer, a control.Answer) {
	e := a.Entry
	fmt.Fprintf(out, "%s %s", e.Dataset, e.ID)
	if w := a.Write; w != nil {
		fmt.Fprintf(out, ", as %s: %s", w.Population, format.Quoted(w.Text, 60))
	}
	fmt.Fprintln(out)
	width := 0
	for _, r := range e.Replicas {
		width = max(width, len(r.Region))
	}
	for _, r := range e.Replicas {
		leads := format.Either(r.Region == e.Authority, "leads", "")
		fmt.Fprintf(out, "  %-*s  %-5s  %s\n", width, r.Region, leads, held(a, r))
	}
	switch w := a.Write; {
	case w != nil:
		fmt.Fprintln(out, format.Fate(w))
	case stored(e) == 0:
		fmt.Fprintln(out, "no replica that answered has a write of that id")
	}
}

// stored is how many replicas hold a write.
func stored(e *control.Entry) (n int) {
	for _, r := range e.Replicas {
		if r.Held {
			n++
		}
	}
	return n
}

// held is what a replica has of a write, in words.
func held(a control.Answer, r control.Replica) string {
	switch {
	case !r.Answered:
		return format.Unknown + ": it does not answer"
	case !r.Held:
		return "has it not"
	}
	text := fmt.Sprintf("stored at %d, in the %s: ", r.Index, format.Term(r.Epoch))
	switch w := a.Write; {
	case w == nil:
		return text + format.Bytes(len(r.Payload))
	case string(r.Payload) == w.Text:
		return text + "as it was written"
	}
	return text + "OTHER CONTENTS, " + format.Bytes(len(r.Payload))
}
