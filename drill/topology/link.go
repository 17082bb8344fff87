package topology

import "time"

// Link is the path between two regions. RTT is the full round trip, half of it
// each way. Bandwidth is in bits per second each way; 0 means unlimited.
type Link struct {
	Between   [2]string     `json:"between"`
	RTT       time.Duration `json:"rtt"`
	Jitter    time.Duration `json:"jitter,omitempty"`
	Bandwidth int64         `json:"bandwidth,omitempty"`
}
