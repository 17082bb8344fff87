package drill

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Event is one thing that happened, in the order of Seq. T is the time since
// the engine started, from a monotonic clock; At is the wall clock's time.
type Event struct {
	Seq  uint64        `json:"seq"`
	At   time.Time     `json:"at"`
	T    time.Duration `json:"t"` // nanoseconds
	Body Body          `json:"-"`
}

// Body is what an event says. Each body is a struct of its own; Kind is its
// name in the journal, "noun.verb" in the past tense.
type Body interface{ Kind() string }

// kind is a body that this version knows: it says what it changes in the state.
type kind interface {
	Body
	// fold takes the event in whose body this is; the state's Now and LastSeq are the event's.
	fold(s *State, e Event)
}

// decoders reads the body of each kind from a journal.
var decoders = map[string]func(json.RawMessage) (Body, error){}

// register makes a kind known to journals. The file of each noun registers its own.
func register[B kind]() {
	var zero B
	decoders[zero.Kind()] = func(raw json.RawMessage) (Body, error) {
		var b B
		err := json.Unmarshal(raw, &b)
		return b, err
	}
}

type envelope struct {
	Seq  uint64          `json:"seq"`
	At   time.Time       `json:"at"`
	T    time.Duration   `json:"t"`
	Kind string          `json:"kind"`
	Body json.RawMessage `json:"body"`
}

// MarshalJSON writes the event as {"seq","at","t","kind","body"}.
func (e Event) MarshalJSON() ([]byte, error) {
	body, err := json.Marshal(e.Body)
	if err != nil {
		return nil, fmt.Errorf("write event %d (%s): %w", e.Seq, e.Body.Kind(), err)
	}
	return json.Marshal(envelope{Seq: e.Seq, At: e.At, T: e.T, Kind: e.Body.Kind(), Body: body})
}

// UnmarshalJSON reads what MarshalJSON wrote. A kind that this version does not
// know becomes an Unknown, so that an older program can read a newer journal.
func (e *Event) UnmarshalJSON(data []byte) error {
	var env envelope
	if err := json.Unmarshal(data, &env); err != nil {
		return err
	}
	e.Seq, e.At, e.T = env.Seq, env.At, env.T
	var err error
	if e.Body, err = ReadBody(env.Kind, env.Body); err != nil {
		return fmt.Errorf("read event %d (%s): %w", env.Seq, env.Kind, err)
	}
	return nil
}

// ReadBody reads what an event of a kind says, as UnmarshalJSON does.
func ReadBody(kind string, raw json.RawMessage) (Body, error) {
	if decode, known := decoders[kind]; known {
		return decode(raw)
	}
	return Unknown{Name: kind, Raw: raw}, nil
}

// Unknown is an event of a kind that this version does not know.
type Unknown struct {
	Name string
	Raw  json.RawMessage
}

// Kind implements Body.
func (u Unknown) Kind() string { return u.Name }

// MarshalJSON gives back what was read.
func (u Unknown) MarshalJSON() ([]byte, error) {
	if len(u.Raw) == 0 {
		return []byte("null"), nil
	}
	return u.Raw, nil
}

// Kinds lists every kind of event that this version knows, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(decoders)) }
