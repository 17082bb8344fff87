package telemetry

import "testing"

// A replica says what its system told it: a disk without room is told from one that hangs, also where a database repeats it.
func TestADiskWithoutRoomIsToldByWhatTheSystemSays(t *testing.T) {
	for why, want := range map[string]bool{
		"write /data/orders.log: no space left on device":                            true,
		`PostgreSQL says "PANIC:  could not write to file: No space left on device"`: true,
		"write /data/orders.log: disk quota exceeded":                                true,
		"its writes hang: none reaches the disk":                                     false,
		"PostgreSQL does not answer: its writes hang: none reaches the disk":         false,
	} {
		if got := DiskFull(why); got != want {
			t.Errorf("%s: full %v", why, got)
		}
	}
}
