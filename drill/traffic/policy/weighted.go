package policy

// weighted gives each region its share of every population's requests. A region that does not serve leaves its share to the
// others in proportion to theirs. Those without a weight serve, with equal shares, only where nobody who has one does, as
// records of weight 0 do in Amazon's Route 53.
var weighted = Policy{
	Name:     "weighted",
	Words:    "every population over the regions by weight",
	Chosen:   "is up",
	Returned: "has its share again",
	Answer: func(a Ask) Answer {
		if len(a.Regions) == 0 {
			return all("")
		}
		sum := 0.0
		for _, r := range a.Regions {
			sum += a.Routing.Weights[r.Name]
		}
		var out Answer
		for _, r := range a.Regions {
			part := 1 / float64(len(a.Regions))
			if sum > 0 {
				part = a.Routing.Weights[r.Name] / sum
			}
			if part > 0 {
				out.Shares = append(out.Shares, Share{Region: r.Name, Part: part})
			}
		}
		return out
	},
}
