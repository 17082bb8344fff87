package format

import "testing"

func TestTermsAreCountedAsPeopleDo(t *testing.T) {
	for epoch, want := range map[uint64]string{1: "1st term", 2: "2nd term", 3: "3rd term", 4: "4th term", 11: "11th term", 12: "12th term", 13: "13th term", 21: "21st term", 112: "112th term", 122: "122nd term"} {
		if got := Term(epoch); got != want {
			t.Errorf("%d is %q, want %q", epoch, got, want)
		}
	}
}
