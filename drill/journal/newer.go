package journal

import (
	"encoding/json"
	"regexp"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// decodeUnknown reads an event whose body has changed its shape since this program was made; false for a line that is
// no event.
func decodeUnknown(line []byte) (drill.Event, bool) {
	var e struct {
		Seq  uint64          `json:"seq"`
		At   time.Time       `json:"at"`
		T    time.Duration   `json:"t"`
		Kind string          `json:"kind"`
		Body json.RawMessage `json:"body"`
	}
	err := json.Unmarshal(line, &e)
	return drill.Event{Seq: e.Seq, At: e.At, T: e.T, Body: drill.Unknown{Name: e.Kind, Raw: e.Body}}, err == nil && e.Kind != ""
}

// kindOf finds the kind of a line that may be no JSON for a number in its body.
var kindOf = regexp.MustCompile(`"kind":\s*"([a-z.]+)"`)

// unknown is an event that is left out, from a line of which a number is none: it has the time of the one before.
func unknown(line []byte, number int, before drill.Event) drill.Event {
	kind := "unknown"
	if found := kindOf.FindSubmatch(line); found != nil {
		kind = string(found[1])
	}
	return drill.Event{Seq: uint64(number), At: before.At, T: before.T, Body: drill.Unknown{Name: kind}}
}

// reshaped reports whether the body of a line lacks keys that this program writes with every event of that kind: they were
// renamed, or moved, and would be taken for zeros.
func reshaped(body drill.Body, line []byte) bool {
	if _, is := body.(drill.Unknown); is || body == nil {
		return false
	}
	var theirs struct {
		Body any `json:"body"`
	}
	own, err := json.Marshal(body)
	if err != nil || json.Unmarshal(line, &theirs) != nil {
		return true
	}
	var ours any
	return json.Unmarshal(own, &ours) != nil || lacks(theirs.Body, ours)
}

// lacks reports whether a value is without a key of another one, or of what is in it.
func lacks(theirs, ours any) bool {
	switch ours := ours.(type) {
	case map[string]any:
		keys, is := theirs.(map[string]any)
		if !is {
			return theirs == nil // a value that is written in another way is known, as it was read
		}
		for key, value := range ours {
			if their, has := keys[key]; !has || lacks(their, value) {
				return true
			}
		}
	case []any:
		list, is := theirs.([]any)
		for i := range ours {
			if is && i < len(list) && lacks(list[i], ours[i]) {
				return true
			}
		}
	}
	return false
}
