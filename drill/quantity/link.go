package quantity

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// What a link can be made of. Each reads a text as a person writes it; the error says what
// would be right.

// mostDelay bounds a round trip: users have long given up by then.
const mostDelay = 10 * time.Second

// Delay is a round trip or its jitter: more than nothing, at most ten seconds.
func Delay(text string) (time.Duration, error) {
	d, err := time.ParseDuration(strings.ReplaceAll(text, " ", "")) // as it is shown, too: "80 ms"
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is no duration; write a number with its unit", text)
	case d <= 0 || d > mostDelay:
		return 0, fmt.Errorf("%s is out of bounds; write more than nothing and at most %s", text, mostDelay)
	}
	return d, nil
}

// Bandwidth is bits per second, with units by 1000.
func Bandwidth(text string) (int64, error) {
	rate, is := In(Bits, text)
	if !is {
		return 0, fmt.Errorf("%q has no unit that is known here; write bits per second", text)
	}
	if rate = math.Round(rate); rate < 1000 || rate > 1e12 {
		return 0, fmt.Errorf("%s is out of bounds; write 1kbps to 1000Gbps", text)
	}
	return int64(rate), nil
}

// mostLoss is the largest share of lost segments: beyond it TCP makes no progress that a
// drill could wait for.
const mostLoss = 0.5

// Loss is a share of lost segments, from 0 to 1, written in percent.
func Loss(text string) (float64, error) {
	share, is := Share(text)
	if !is {
		return 0, fmt.Errorf("%q is no share; write it in percent", text)
	}
	if share <= 0 || share > mostLoss {
		return 0, fmt.Errorf("is %s; write more than 0%% and at most %g%%", text, mostLoss*100)
	}
	return share, nil
}
