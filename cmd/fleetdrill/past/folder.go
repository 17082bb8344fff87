// Package past holds the commands about drills that were run: their journals, and the reports
// made of those.
package past

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/journal/sample"
	"github.com/fleetdrill/fleetdrill/drill/report"
	"github.com/fleetdrill/fleetdrill/tui"
)

// Folder is where the journals are that no flag named a place for.
type Folder struct {
	// State says where fleetdrill keeps what is its own.
	State func() (string, error)
}

// Dir is the folder's path. It need not be there yet.
func (f Folder) Dir() (string, error) {
	state, err := f.State()
	if err != nil {
		return "", err
	}
	return filepath.Join(state, "journals"), nil
}

// Find is the file that is meant by a path, or by the name of a journal in the list.
func (f Folder) Find(name string) (string, error) {
	if _, err := os.Stat(name); err == nil || !errors.Is(err, fs.ErrNotExist) || strings.ContainsRune(name, filepath.Separator) {
		return name, nil // what is wrong with it is for its reader to say
	}
	dir, err := f.Dir()
	if err != nil {
		return "", err
	}
	for _, listed := range []string{name, name + ".jsonl"} {
		path := filepath.Join(dir, listed)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no journal %s, neither here nor in %s; `fleetdrill journals` lists those that there are", clean.Text(name), clean.Text(dir))
}

// read reads a journal by its path, or by its name in the list; "-" is in.
func (f Folder) read(path string, in io.Reader) (journal.Loaded, error) {
	if path == "-" {
		return journal.Read(in)
	}
	path, err := f.Find(path)
	if err != nil {
		return journal.Loaded{}, err
	}
	return journal.Load(path)
}

// shown is how many journals the start page lists: more than a person looks through, and few
// enough to be read at once.
const shown = 20

// Journals is the newest journals that can be played back, and how many there are in all.
func (f Folder) Journals() (out []tui.JournalChoice, all int) {
	dir, err := f.Dir()
	if err != nil {
		return nil, 0
	}
	newest, all, _ := journal.Newest(dir, shown)
	for _, j := range newest {
		if j.Err == nil {
			out = append(out, tui.JournalChoice{Path: j.Path, When: j.Began.Local(), Drill: j.Drill, Fleet: j.Fleet, Verdict: j.Verdict, Why: j.Why})
		}
	}
	return append(out, tui.JournalChoice{Drill: sample.Name}), all // the one that ships
}

// Load reads a journal to play it back; "" is the one that ships.
func (f Folder) Load(path string) (tui.Recording, error) {
	read := func() (journal.Loaded, error) { return journal.Load(path) }
	if path == "" {
		read = Sample
	}
	loaded, err := read()
	if err != nil {
		return tui.Recording{}, err
	}
	return tui.Recording{Path: path, Events: loaded.Events, Remarks: loaded.Remarks()}, nil
}

// Sample reads the journal that ships.
func Sample() (journal.Loaded, error) {
	in, err := sample.Open()
	if err != nil {
		return journal.Loaded{}, err
	}
	return journal.Read(in)
}

// Earlier reads the last run of the same drill before that of a journal, from the folder.
func (f Folder) Earlier(path string) (tui.Recording, error) {
	own := journal.Summarize(path)
	if own.Err != nil {
		return tui.Recording{}, own.Err
	}
	dir, err := f.Dir()
	if err != nil {
		return tui.Recording{}, err
	}
	all, err := journal.List(dir)
	if err != nil {
		return tui.Recording{}, err
	}
	same := func(j journal.Summary) bool {
		return j.Err == nil && j.Drill == own.Drill && j.Fleet == own.Fleet && j.Began.Before(own.Began)
	}
	if i := slices.IndexFunc(all, same); i >= 0 { // the newest is first
		return f.Load(all[i].Path)
	}
	name := own.Drill
	if name == "" {
		name = "a free drill on " + own.Fleet
	}
	return tui.Recording{}, fmt.Errorf("no earlier run of %s is in %s; run it again, and this one is", name, clean.Text(dir))
}

// SaveReport writes the report of a journal to a folder beside it, and says where.
func (f Folder) SaveReport(path string) (string, error) {
	dir := besideJournal(path)
	if err := WriteReport(path, dir, false, io.Discard); err != nil {
		return "", err
	}
	return filepath.Join(dir, report.FileName), nil
}

// Complete offers the names of the journals in the list, the newest first, and files.
func (f Folder) Complete(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	dir, err := f.Dir()
	if err != nil || strings.ContainsRune(typed, filepath.Separator) {
		return []cobra.Completion{"jsonl"}, cobra.ShellCompDirectiveFilterFileExt
	}
	list, _, err := journal.Newest(dir, shown)
	var names []cobra.Completion
	for _, j := range list {
		name := filepath.Base(j.Path)
		if clean.Text(name) != name {
			continue // a shell would take it for several
		}
		if err == nil && j.Err == nil && strings.HasPrefix(name, typed) {
			names = append(names, cobra.CompletionWithDesc(name, drilled(j)+", "+outcomeOf(j)))
		}
	}
	if len(names) == 0 {
		return []cobra.Completion{"jsonl"}, cobra.ShellCompDirectiveFilterFileExt
	}
	return names, cobra.ShellCompDirectiveKeepOrder | cobra.ShellCompDirectiveNoFileComp
}

// Exports is the folder for the diverged writes of a drill, beside its journal.
func Exports(journalPath string) string {
	return strings.TrimSuffix(journalPath, ".jsonl") + "-diverged"
}

// Repository is the folder for the Git repository of a drill's fleet, beside its journal.
func Repository(journalPath string) string {
	return strings.TrimSuffix(journalPath, ".jsonl") + "-config.git"
}

// besideJournal is the folder for a drill's report, beside its journal.
func besideJournal(journalPath string) string {
	return strings.TrimSuffix(journalPath, ".jsonl") + "-report"
}
