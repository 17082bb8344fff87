package runbook

import (
	"encoding/json"
	"strconv"
)

// Count is a number that may be 0, or may not be said at all: the zero Count. In JSON it is the number.
type Count struct {
	N     int
	Given bool
}

// Counted is a number that is said.
func Counted(n int) Count { return Count{N: n, Given: true} }

// IsZero reports whether no number is said.
func (c Count) IsZero() bool { return !c.Given }

// String is the number, "" where none is said.
func (c Count) String() string {
	if !c.Given {
		return ""
	}
	return strconv.Itoa(c.N)
}

// MarshalJSON writes the number.
func (c Count) MarshalJSON() ([]byte, error) { return json.Marshal(c.N) }

// UnmarshalJSON reads a number.
func (c *Count) UnmarshalJSON(raw []byte) error {
	c.Given = true
	return json.Unmarshal(raw, &c.N)
}
