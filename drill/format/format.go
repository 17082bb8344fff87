// Package format writes what was measured as a person reads it: durations, bytes, rates,
// shares, counts, clocks, and events. Screen, report and command line all use it.
package format

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// What is written where nothing was measured; never a zero.
const (
	Unknown = "unknown"
	None    = "–" // in a column, where "unknown" has no room
)

// Count writes a number with a comma at every third digit.
func Count[N int | int64 | uint64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Percent writes a share from 0 to 1. It says 0 and 100 only where that is
// exactly so, and one place below ten.
func Percent(share float64) string {
	p := share * 100
	switch {
	case math.IsNaN(p):
		return None
	case p <= 0:
		return "0 %"
	case p < 0.1:
		return "<0.1 %"
	case p < 9.95:
		return fmt.Sprintf("%.1f %%", p)
	case p >= 100:
		return "100 %"
	case p > 99:
		return fmt.Sprintf("%.1f %%", math.Floor(p*10)/10)
	}
	return fmt.Sprintf("%.0f %%", p)
}

// ExactPercent writes a share from 0 to 1 to the hundredth of a percent, for where it is held
// against a goal that it may miss by little.
func ExactPercent(share float64) string { return fmt.Sprintf("%.2f %%", share*100) }

// Bytes writes a size in binary units, three digits at most.
func Bytes[N int | int64 | uint64 | float64](n N) string {
	f, units := float64(n), []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for f >= 999.5 && i < len(units)-1 {
		f, i = f/1024, i+1
	}
	if i == 0 || f >= 99.5 {
		return fmt.Sprintf("%.0f %s", f, units[i])
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}

// Rate writes bytes per second.
func Rate(bytes float64) string { return Bytes(bytes) + "/s" }

// RoughRate is Rate without its decimal, for where there is little room.
func RoughRate(bytes float64) string {
	if bytes >= 999.5 && bytes < 99.5*1024 {
		return fmt.Sprintf("%.0f KiB/s", bytes/1024)
	}
	if bytes >= 999.5*1024 {
		return fmt.Sprintf("%.0f MiB/s", bytes/1024/1024)
	}
	return Rate(bytes)
}

// Bits writes a bandwidth in bits per second, in powers of ten.
func Bits(n int64) string {
	switch {
	case n <= 0:
		return "unlimited"
	case n >= 1e9:
		return strconv.FormatFloat(float64(n)/1e9, 'f', -1, 64) + " Gbps"
	case n >= 1e6:
		return strconv.FormatFloat(float64(n)/1e6, 'f', -1, 64) + " Mbps"
	}
	return strconv.FormatFloat(float64(n)/1e3, 'f', -1, 64) + " kbps"
}

// Span writes how long something took: milliseconds below one second, tenths of
// seconds below a minute.
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Span(-max(d, -math.MaxInt64)) // the least of all has no opposite
	case d > 0 && d < time.Millisecond:
		return "<1 ms"
	case d < 999500*time.Microsecond:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	case d < 59950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	if d = d.Round(time.Second); d < time.Hour {
		return fmt.Sprintf("%dm %02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh %02dm", int(d.Hours()), int(d.Minutes())%60)
}

// Fine is Span with tenths of a millisecond below a hundred of them, for what differs by less than one.
func Fine(d time.Duration) string {
	if d = d.Round(100 * time.Microsecond); d > 0 && d < 100*time.Millisecond {
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	}
	return Span(d)
}

// Exact writes how long something took to the millisecond, for where it is held against a goal
// that it may miss by little.
func Exact(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }

// Seconds is a number of seconds, as a report has it, as a duration.
func Seconds(n float64) time.Duration { return time.Duration(math.Round(n * float64(time.Second))) }

// Age writes how long ago something was, in whole seconds so that it is calm.
func Age(d time.Duration) string {
	d = max(d, 0)
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return Span(d)
}

// Millis writes a latency, "–" for one that was not measured.
func Millis(d *time.Duration) string {
	if d == nil {
		return None
	}
	return Span(*d)
}

// Clock writes a time of the drill as minutes, seconds and tenths, cut towards zero: what is
// less than a tenth before zero is zero, without a sign.
func Clock(d time.Duration) string {
	tenths, sign := int64(d/(100*time.Millisecond)), ""
	if tenths < 0 {
		tenths, sign = -tenths, "-"
	}
	if h := tenths / 36000; h > 0 {
		return fmt.Sprintf("%s%d:%02d:%02d", sign, h, tenths/600%60, tenths/10%60)
	}
	return fmt.Sprintf("%s%02d:%02d.%d", sign, tenths/600, tenths/10%60, tenths%10)
}

// Minutes writes an expected time to wait, in words that promise no more than
// is known.
func Minutes(d time.Duration) string {
	switch {
	case d <= 0:
		return Unknown
	case d < 90*time.Second:
		return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
	}
	return fmt.Sprintf("%.0f min", d.Minutes())
}

// Word is the word for one or for many.
func Word[N int | int64 | uint64](n N, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Plural writes how many there are of something, with the word for one or for many.
func Plural[N int | int64 | uint64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Dollars writes a modelled price in cents, since a bill has nothing finer.
func Dollars(usd float64) string {
	switch {
	case usd <= 0:
		return "~$0"
	case usd < 0.01:
		return "under $0.01"
	}
	return fmt.Sprintf("~$%.2f", usd)
}

// Standing is what stands ready for a dataset beside its leader.
func Standing(web, stores int, snapshot bool) string {
	held := Plural(stores, "store", "stores")
	if snapshot {
		held = "a snapshot"
	}
	return fmt.Sprintf("%d web, %s", web, held)
}

// Beside names a command whose harm may be in that of another one: it was not over when that began, or
// began before that was over.
func Beside(command string, earlier bool) string {
	return command + Either(earlier, ", not over then", ", begun meanwhile")
}
