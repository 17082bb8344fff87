package format

import (
	"math"
	"testing"
	"time"
)

func TestFormats(t *testing.T) {
	ms := time.Millisecond
	tests := []struct{ got, want string }{
		{Count(0), "0"}, {Count(999), "999"}, {Count(12418), "12,418"}, {Count(-1234567), "-1,234,567"},
		{Percent(0), "0 %"}, {Percent(0.0001), "<0.1 %"}, {Percent(0.004), "0.4 %"}, {Percent(0.0994), "9.9 %"}, {Percent(0.0996), "10 %"},
		{Percent(0.31), "31 %"}, {Percent(0.9996), "99.9 %"}, {Percent(1), "100 %"}, {Percent(math.NaN()), None},
		{ExactPercent(0.98765), "98.77 %"}, {Exact(1480 * ms), "1.480 s"}, {Span(Seconds(0.0123)), "12 ms"},
		{Bytes(0), "0 B"}, {Bytes(999), "999 B"}, {Bytes(1023), "1.0 KiB"}, {Bytes(3250000), "3.1 MiB"}, {Bytes(int64(256 << 20)), "256 MiB"}, {Rate(4700), "4.6 KiB/s"},
		{Bits(200e6), "200 Mbps"}, {Bits(0), "unlimited"}, {Bits(2.5e9), "2.5 Gbps"},
		{Span(0), "0 ms"}, {Span(300 * time.Microsecond), "<1 ms"}, {Span(4 * ms), "4 ms"}, {Span(999 * ms), "999 ms"}, {Span(999900 * time.Microsecond), "1.0 s"},
		{Span(59940 * ms), "59.9 s"}, {Span(59960 * ms), "1m 00s"}, {Span(65 * time.Second), "1m 05s"}, {Span(-80 * ms), "-80 ms"}, {Span(math.MinInt64), "-2562047h 47m"}, {Span(3 * time.Hour), "3h 00m"},
		{Clock(7400 * ms), "00:07.4"}, {Clock(-3200 * ms), "-00:03.2"}, {Clock(3725 * time.Second), "1:02:05"},
		{Age(7900 * ms), "7 s"}, {Age(-ms), "0 s"}, {Millis(nil), None}, {Minutes(50 * time.Second), "50 s"}, {Minutes(3 * time.Minute), "3 min"}, {Minutes(0), Unknown},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
