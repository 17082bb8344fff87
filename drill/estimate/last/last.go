// Package last keeps in the state folder how long what is waited for took the last time, a file for each fleet on each platform.
// It is a help, and no record: what can't be read is not known, and what can't be written is lost.
package last

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/estimate"
)

// folder is that of the files in the state folder.
const folder = "took"

// File is where it is kept of a fleet on a platform. Both are names that can stand in a path, as those of
// fleets that are on record.
func File(state, on, fleet string) string {
	return filepath.Join(state, folder, on+"-"+fleet+".json")
}

// maxSize bounds what is read: a file has some dozens of names.
const maxSize = 1 << 20

// Known is how long what is waited for took the last time. Of a fleet that is joined the bring-up is
// another one than that of a fleet that is made.
func Known(file string, joins bool) map[string]time.Duration {
	if joins {
		return estimate.Joining(read(file))
	}
	return read(file)
}

// Keep takes in what a drill says of that, once it is over.
func Keep(file string, s *drill.State, joined bool) error {
	if joined {
		return add(file, estimate.Joining(estimate.Took(s)))
	}
	return add(file, estimate.Took(s))
}

// read is what is in a file, by its kind; empty where nothing is known.
func read(file string) map[string]time.Duration {
	took := map[string]time.Duration{}
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() { // a pipe would be waited for
		return took
	}
	f, err := os.Open(file)
	if err != nil {
		return took
	}
	defer f.Close()
	var seconds map[string]float64
	if json.NewDecoder(io.LimitReader(f, maxSize)).Decode(&seconds) != nil {
		return took
	}
	for what, n := range seconds {
		if n >= 0 && n < math.MaxInt32 {
			took[what] = time.Duration(math.Round(n*1000)) * time.Millisecond
		}
	}
	return took
}

// add adds what took how long now to what is known; it replaces what is of the same kind. The file is whole at every
// moment.
func add(file string, took map[string]time.Duration) (err error) {
	all := read(file)
	maps.Copy(all, took)
	seconds := map[string]float64{}
	for what, d := range all {
		seconds[what] = d.Round(time.Millisecond).Seconds()
	}
	text, err := json.MarshalIndent(seconds, "", "  ")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("keep how long it took: %w", err)
		}
	}()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(file), ".took-")
	if err != nil {
		return err
	}
	_, err = temp.Write(append(text, '\n'))
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), file)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(temp.Name()))
	}
	return err
}
