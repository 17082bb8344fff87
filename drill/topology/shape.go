package topology

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Shape is how a brownout makes a link: each field that is zero leaves the link as the
// fleet file has it. RTT is the full round trip, half of it each way; Jitter spreads
// it; Bandwidth is in bits per second each way; Loss is the share of segments that are
// lost, from 0 to below 1.
type Shape struct {
	RTT       time.Duration `json:"rtt,omitempty"`
	Jitter    time.Duration `json:"jitter,omitempty"`
	Bandwidth int64         `json:"bandwidth,omitempty"`
	Loss      float64       `json:"loss,omitempty"`
}

// IsZero reports whether the shape changes nothing.
func (s Shape) IsZero() bool { return s == Shape{} }

// Over is a shape laid over another: each of its own fields where it is set, else the other's.
func (s Shape) Over(base Shape) Shape {
	return Shape{
		RTT: cmp.Or(s.RTT, base.RTT), Jitter: cmp.Or(s.Jitter, base.Jitter),
		Bandwidth: cmp.Or(s.Bandwidth, base.Bandwidth), Loss: cmp.Or(s.Loss, base.Loss),
	}
}

// String lists what the shape changes, by the names that files and forms have for it: "rtt 400 ms, loss 2 %".
func (s Shape) String() string {
	var parts []string
	if s.RTT > 0 {
		parts = append(parts, "rtt "+spaced(s.RTT))
	}
	if s.Jitter > 0 {
		parts = append(parts, "jitter "+spaced(s.Jitter))
	}
	if s.Bandwidth > 0 {
		parts = append(parts, fmt.Sprintf("bandwidth %g Mbps", float64(s.Bandwidth)/1e6))
	}
	if s.Loss > 0 {
		parts = append(parts, fmt.Sprintf("loss %g %%", s.Loss*100))
	}
	return strings.Join(parts, ", ")
}

// spaced is a duration as it was asked for, with a blank before its unit.
func spaced(d time.Duration) string {
	text := d.String()
	if i := strings.IndexAny(text, "nµmsh"); i > 0 {
		text = text[:i] + " " + text[i:]
	}
	return text
}
