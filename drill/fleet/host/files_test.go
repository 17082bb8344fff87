package host

import "testing"

func TestFilesFinding(t *testing.T) {
	for n, ok := range map[int]bool{0: true, 64: false, 1024: false, 4096: true, 1 << 20: true} {
		if f := filesFinding(n); f.OK != ok || (f.Fix == "") != ok {
			t.Errorf("%d: %+v", n, f)
		}
	}
	if n := Files(); n < 0 || n > 0 && n < 16 {
		t.Errorf("this process may open %d", n)
	}
}
