package pane

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Every number of the screen is written by package format.

const (
	unknown = format.Unknown
	none    = format.None
)

// Count writes a number with a comma at every third digit.
func Count[N int | int64 | uint64](n N) string { return format.Count(n) }

// Percent writes a share from 0 to 1.
func Percent(share float64) string { return format.Percent(share) }

// Bytes writes a size in binary units.
func Bytes[N int | int64 | uint64 | float64](n N) string { return format.Bytes(n) }

// Rate writes bytes per second.
func Rate(bytes float64) string { return format.Rate(bytes) }

func roughRate(bytes float64) string { return format.RoughRate(bytes) }

// Bits writes a bandwidth in bits per second.
func Bits(n int64) string { return format.Bits(n) }

// Span writes how long something took.
func Span(d time.Duration) string { return format.Span(d) }

// Age writes how long ago something was.
func Age(d time.Duration) string { return format.Age(d) }

// Millis writes a latency, "–" for one that was not measured.
func Millis(d *time.Duration) string { return format.Millis(d) }

// Clock writes a time of the drill.
func Clock(d time.Duration) string { return format.Clock(d) }

// Minutes writes an expected time to wait.
func Minutes(d time.Duration) string { return format.Minutes(d) }

func plural(n int, one, many string) string { return format.Plural(n, one, many) }
