package quantity

import "testing"

func TestReading(t *testing.T) {
	in := func(units Units) func(string) (float64, bool) {
		return func(text string) (float64, bool) { return In(units, text) }
	}
	for _, tt := range []struct {
		read func(string) (float64, bool)
		text string
		want float64
		is   bool
	}{
		{Decimal, "1.5", 1.5, true}, {Decimal, "-2", -2, true}, {Decimal, "1e3", 0, false}, {Decimal, "", 0, false}, {Decimal, " 1", 0, false},
		{in(Bits), "5Mbps", 5e6, true}, {in(Bits), "2.5 kbps", 2500, true}, {in(Bits), "5", 0, false}, {in(Bits), "5MB", 0, false}, {in(Bits), "-1bps", -1, true},
		{in(Bytes), "1KiB", 1024, true}, {in(Bytes), "1kB", 1000, true}, {in(Bytes), "1 GiB", 1 << 30, true}, {in(Bytes), "1Mbps", 0, false}, {in(Bytes), "MiB", 0, false},
		{Share, "2%", 0.02, true}, {Share, "2 %", 0.02, true}, {Share, "0.5%", 0.005, true}, {Share, "2", 0, false}, {Share, "%", 0, false}, {Share, "-1%", -0.01, true},
	} {
		got, is := tt.read(tt.text)
		if is != tt.is || is && got != tt.want {
			t.Errorf("%q is %v, %v, want %v, %v", tt.text, got, is, tt.want, tt.is)
		}
	}
}
