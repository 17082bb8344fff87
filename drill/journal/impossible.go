package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

const (
	// mostNumber bounds every number of an event but its seed: as nanoseconds it is over three years, as bytes
	// 100 PB, and no count comes near.
	mostNumber = 1e17
	// mostDigits is how many digits a number below mostNumber has.
	mostDigits = 17
	// sinceKey is of what began at a time of the drill's clock, below zero where a fleet was joined that it was so in before.
	sinceKey = "since"
	// rounding is by how much a share that was added up may be more than all.
	rounding = 1e-9
)

// impossible says what of an event's numbers nobody can have measured; "" where all of them may be. The event is what
// was decoded of the text, with the error of that.
func impossible(text []byte, e drill.Event, broken error) string {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(broken, &wrong) && strings.HasPrefix(wrong.Value, "number "):
		return fmt.Sprintf("%s is %s", field(wrong.Field), strings.TrimPrefix(wrong.Value, "number "))
	case broken != nil:
		return noNumber(text)
	case suspicious(text):
		if why := beyond(text); why != "" {
			return why
		}
	}
	if sampled, is := e.Body.(drill.TrafficSampled); is {
		for _, p := range sampled.Populations {
			if why := overcounted(p); why != "" {
				return why
			}
		}
	}
	return shares(e.Body)
}

func field(name string) string {
	if name == "" {
		return "a number"
	}
	return name
}

// noNumber says which of the values that JSON has no number for stands in a line that is else whole.
func noNumber(text []byte) string {
	for _, name := range []string{"-Infinity", "Infinity", "NaN"} {
		if bytes.Contains(text, []byte(":"+name)) && json.Valid(bytes.ReplaceAll(text, []byte(":"+name), []byte(":null"))) {
			return "a number is " + name
		}
	}
	return ""
}

// suspicious reports whether a line may have a number below zero, or a very large one. It looks at each byte once and knows
// no strings, so that it is quick; beyond looks closely.
func suspicious(text []byte) bool {
	digits := 0
	for i, b := range text {
		switch {
		case b >= '0' && b <= '9':
			if digits++; digits > mostDigits {
				return true
			}
			continue
		case b == '-' && i > 0 && (text[i-1] == ':' || text[i-1] == '[' || text[i-1] == ',' || text[i-1] == ' '):
			return true
		case (b == 'e' || b == 'E') && digits > 0 && i+1 < len(text) && (text[i+1] == '+' || text[i+1] >= '0' && text[i+1] <= '9'):
			return true
		}
		digits = 0
	}
	return false
}

// beyond finds a number of a line that is below zero, where that is no time, or too large, and says where it stands.
func beyond(text []byte) string {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	key, isKey := "", false
	var objects []bool // of what is open, which are objects
	for {
		token, err := dec.Token()
		if err != nil {
			return ""
		}
		switch v := token.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				objects = append(objects, v == '{')
			} else {
				objects = objects[:len(objects)-1]
			}
			isKey = len(objects) > 0 && objects[len(objects)-1]
			continue
		case string:
			if isKey {
				key, isKey = v, false
				continue
			}
		case json.Number:
			n, err := v.Float64()
			if err != nil || n < 0 && (key != sinceKey || n <= -mostNumber) || n >= mostNumber && key != "seed" {
				return fmt.Sprintf("%s is %s", field(key), v)
			}
		}
		isKey = len(objects) > 0 && objects[len(objects)-1]
	}
}

// overcounted says which count of a sample is of more than there were.
func overcounted(p telemetry.Population) string {
	of := func(what string, n, all int) string {
		return fmt.Sprintf("%s of %s are %d of %d", what, p.Population, n, all)
	}
	switch {
	case p.OK+p.Failed > p.Requests:
		return of("requests that ended", p.OK+p.Failed, p.Requests)
	case p.AffectedNow > p.AskedNow:
		return of("users affected now", p.AffectedNow, p.AskedNow)
	case p.AffectedEver > p.AskedEver:
		return of("users affected", p.AffectedEver, p.AskedEver)
	case p.TotalFailed > p.TotalRequests:
		return of("requests that failed", p.TotalFailed, p.TotalRequests)
	}
	for _, i := range p.Impacts {
		if i.Affected > i.Asked {
			return of("users affected by a command", i.Affected, i.Asked)
		}
	}
	return ""
}

// shares says which share is more than all.
func shares(body drill.Body) string {
	share, name := 0.0, ""
	switch b := body.(type) {
	case drill.SteadyMeasured:
		share, name = b.Success, "success"
	case drill.ImpactPredicted:
		share, name = b.Impact.Share, "share"
		for population, of := range b.Impact.Users {
			if of > share {
				share, name = of, population
			}
		}
	}
	if share > 1+rounding {
		return fmt.Sprintf("%s is a share of %g", name, share)
	}
	return ""
}

// order leaves out the fewest events without which no time goes backwards: one that is far ahead must not take all with it
// that come after.
func (l *Loaded) order() {
	back := false
	for i := 1; i < len(l.Events); i++ {
		if back = l.Events[i].T < l.Events[i-1].T; back {
			break
		}
	}
	if !back {
		return
	}
	kept := rising(l.Events)
	last := l.Events[0]
	for i := range l.Events {
		e := &l.Events[i]
		if len(kept) > 0 && kept[0] == i {
			kept, last = kept[1:], *e
			continue
		}
		// Its line is its number; one that was left out already has the time of the one before.
		l.leaveOut(e, fmt.Sprintf("its time of %s does not go on from %s", e.T, last.T))
		e.T, e.At = last.T, last.At
	}
}

// rising is the longest list of events, the first one among them, whose times never go back: by patience sorting.
func rising(events []drill.Event) []int {
	var tails []int // tails[n] ends the list of n+1 events whose last time is the least
	before := make([]int, len(events))
	for i, e := range events {
		if e.T < events[0].T {
			continue
		}
		n := sort.Search(len(tails), func(n int) bool { return events[tails[n]].T > e.T })
		before[i] = -1
		if n > 0 {
			before[i] = tails[n-1]
		}
		if n == len(tails) {
			tails = append(tails, i)
		} else {
			tails[n] = i
		}
	}
	out := make([]int, len(tails))
	for i, n := tails[len(tails)-1], len(tails)-1; n >= 0; i, n = before[i], n-1 {
		out[n] = i
	}
	return out
}
