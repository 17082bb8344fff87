package host

import "fmt"

// wantFiles is the descriptors with which a thousand requests may wait at once, four for each: those of a dead region at 500
// requests/s until they time out after 2 s.
const wantFiles = 4096

// filesFinding looks at how many descriptors fleetdrill and its agents may have open; 0 is not known.
func filesFinding(n int) Finding {
	f := Finding{Name: "open files", Needed: "users whose requests all wait, as in an outage", OK: n == 0 || n >= wantFiles, Found: fmt.Sprint(n)}
	switch {
	case n == 0:
		f.Found = "no limit is known"
	case !f.OK:
		f.Found = fmt.Sprintf("%d: fewer requests may wait at once, the rest is not sent", n)
		f.Fix = fmt.Sprintf("ulimit -n %d (the hard limit, ulimit -Hn, bounds it: see limits.conf(5))", wantFiles)
	}
	return f
}
