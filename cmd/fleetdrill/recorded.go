package main

import (
	"path/filepath"

	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/journal/sample"
	"github.com/fleetdrill/fleetdrill/tui"
)

// journalsDir is where the journals are that no flag named a place for.
func (s *settings) journalsDir() (string, error) {
	state, err := s.state()
	if err != nil {
		return "", err
	}
	return filepath.Join(state, "journals"), nil
}

// journalsShown is how many journals the start page lists: more than a person looks through,
// and few enough to be read at once.
const journalsShown = 20

// Journals is the newest journals that can be played back, and how many there are in all.
func (h *host) Journals() (out []tui.JournalChoice, all int) {
	dir, err := h.settings.journalsDir()
	if err != nil {
		return nil, 0
	}
	newest, all, _ := journal.Newest(dir, journalsShown)
	for _, j := range newest {
		if j.Err == nil {
			out = append(out, tui.JournalChoice{Path: j.Path, When: j.Began.Local(), Drill: j.Drill, Fleet: j.Fleet, Verdict: j.Verdict, Why: j.Why})
		}
	}
	return append(out, tui.JournalChoice{Drill: sample.Name}), all // the one that ships
}

// Load reads a journal to play it back; "" is the one that ships.
func (h *host) Load(path string) (tui.Recording, error) {
	read := func() (journal.Loaded, error) { return journal.Load(path) }
	if path == "" {
		read = readSample
	}
	loaded, err := read()
	if err != nil {
		return tui.Recording{}, err
	}
	return tui.Recording{Path: path, Events: loaded.Events, Remarks: loaded.Remarks()}, nil
}

func readSample() (journal.Loaded, error) {
	in, err := sample.Open()
	if err != nil {
		return journal.Loaded{}, err
	}
	return journal.Read(in)
}
