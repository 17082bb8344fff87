package curve

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/series"
)

// slow is how many points with less than most a line of data has at least to be worth a picture: what was there within a
// second was never away.
const slow, most = 2, 0.9

// Moved is how soon a region's web replicas served, beside how soon its data was there: of that replica which lacked most for
// longest; false where no data took long.
func Moved(s *drill.State) (Curve, bool) {
	began, ok := Began(s)
	if !ok {
		return Curve{}, false
	}
	var worst Line
	lack := 0.0
	for _, d := range s.Datasets {
		for _, region := range d.Spec.Regions {
			l := stored(d, region, began)
			if n := l.lacks(); n > lack {
				worst, lack = l, n
			}
		}
	}
	if lack == 0 {
		return Curve{}, false
	}
	c := Curve{Lines: []Line{worst}, Marks: marks(s, began)}
	if r := s.Region(worst.Name); r != nil {
		if l := serving(r, began); l.known() {
			c.Lines = slices.Insert(c.Lines, 0, l)
		}
	}
	return c.cut(), true
}

// stored is which share of a dataset a region had: of the most that any had by then.
func stored(d *drill.DatasetState, region string, began time.Duration) Line {
	of := d.Replication.Stored(region)
	l := Line{Kind: Data, Name: region, Dataset: d.Name, Width: of.Width}
	whole := make([]int64, len(of.Points))
	for _, other := range d.Spec.Regions {
		theirs := d.Replication.Stored(other)
		for i := range whole {
			// Series of one drill are of one width, but for one that began to be coarser a moment before another.
			if theirs.Width == of.Width && i < len(theirs.Points) && theirs.Points[i].Known {
				whole[i] = max(whole[i], theirs.Points[i].N)
			}
		}
	}
	for i := range whole {
		if i > 0 { // while nobody says how much there is, as much as there was
			whole[i] = max(whole[i], whole[i-1])
		}
		l.Whole = max(l.Whole, whole[i])
	}
	l.Points = pointsOf(of, began, func(i int, p series.Level) (float64, bool) {
		if !p.Known || whole[i] == 0 {
			return 0, false
		}
		return min(1, float64(p.N)/float64(whole[i])), true
	})
	return l
}

// lacks is how much a line was short of the whole since the fault, as seconds without any of it; 0 where that was not long.
func (l Line) lacks() (sum float64) {
	n := 0
	for _, p := range l.Points {
		if p.Known && p.At+l.Width > 0 && p.Share < most {
			n++
			sum += (1 - p.Share) * l.Width.Seconds()
		}
	}
	if n < slow {
		return 0
	}
	return sum
}

// serving is which share of a region's web replicas served: of the most that it was to have in that time.
func serving(r *drill.RegionState, began time.Duration) Line {
	l := Line{Kind: Compute, Name: r.Spec.Name, Width: r.Serving.Width}
	for i, p := range r.Serving.Points {
		if time.Duration(i+1)*r.Serving.Width > began {
			l.Whole = max(l.Whole, p.Of, p.N)
		}
	}
	l.Points = pointsOf(r.Serving, began, func(_ int, p series.Level) (float64, bool) {
		if l.Whole == 0 {
			return 0, false
		}
		return float64(p.N) / float64(l.Whole), p.Known
	})
	return l
}
