package format

import (
	"fmt"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/measure/cost"
)

// Bulk writes what moving a tebibyte would cost, as "at 1 TiB: 12 h and $20 (model)"; "" where nothing
// is known of it.
func Bulk(b cost.Bulk) string {
	var parts []string
	if b.Took > 0 {
		parts = append(parts, long(b.Took))
	}
	if b.USD != nil {
		parts = append(parts, fmt.Sprintf("$%.0f", *b.USD))
	}
	if len(parts) == 0 {
		return ""
	}
	return "at 1 TiB: " + strings.Join(parts, " and ") + " (model)"
}

// long writes a time that nobody waits for at a screen: in hours, from two days on in days.
func long(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%.0f days", d.Hours()/24)
	case d >= time.Hour:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
	return Minutes(d)
}
