package scenario

import (
	"io/fs"
	"strings"
	"testing"
)

const goodComparison = `title: Two or three
question: How many?
teaches: what a third region is for
drill: drill.yaml
fleets: [two.yaml, three-regions]
`

// compared writes a comparison into a folder with its drill and one of its fleets.
func compared(t *testing.T, text, fleet string) string {
	t.Helper()
	dir := t.TempDir()
	file(t, dir, "drill.yaml", goodDrill)
	file(t, dir, "two.yaml", fleet)
	return file(t, dir, "mine.yaml", text)
}

// twoRegions has the users of three-regions.
var twoRegions = func() string {
	raw, err := fs.ReadFile(fleets.Files, "fleets/three-regions.yaml")
	if err != nil {
		panic(err)
	}
	text := strings.Replace(string(raw), "name: three-regions", "name: two", 1)
	var kept []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "- {") && strings.Contains(line, "ap-south") && !strings.Contains(line, "count:") && !strings.Contains(line, "engine:") {
			continue
		}
		for _, gone := range []string{", ap-south: 230ms", ", ap-south: 150ms", ", ap-south: 18ms", ", ap-south]"} {
			end := ""
			if strings.HasSuffix(gone, "]") {
				end = "]"
			}
			line = strings.Replace(line, gone, end, 1)
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "")
}()

func TestAComparisonSaysWhatTheFileSays(t *testing.T) {
	path := compared(t, goodComparison, twoRegions)
	c, err := LoadComparison(path)
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "mine" || c.Title != "Two or three" || c.Question != "How many?" || c.Teaches == "" || len(c.Runs) != 2 ||
		c.Runs[0].Fleet.Name != "two" || c.Runs[1].Fleet.Name != "three-regions" || len(c.Runs[0].Plan.Steps) == 0 {
		t.Errorf("%+v", c)
	}
	if !IsComparison(path) || IsComparison("three-regions") || !IsComparison("one-cluster-vs-three") {
		t.Error("a comparison is not told from what is none")
	}
	// The command line's is the same.
	again, err := Compare(c.Drill, c.Fleets)
	if err != nil || len(again.Runs) != 2 || again.Runs[1].Fleet.Name != "three-regions" {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestBadComparisons(t *testing.T) {
	for _, tt := range []struct {
		name, from, to, want string
	}{
		{"no drill", "drill: drill.yaml\n", "", `:1: "drill" is missing in a comparison; add drill: lose-a-cluster, or a path beside this file`},
		{"one fleet", "[two.yaml, three-regions]", "[three-regions]", ":5: 1 fleet to compare; name 2 to 6"},
		{"no list", "[two.yaml, three-regions]", "three-regions", ":5: fleets is written as a list; like [one-cluster, three-regions]"},
		{"an unknown key", "teaches", "teahces", `:3: unknown key "teahces" in a comparison; did you mean teaches?`},
		{"the same twice", "two.yaml, three-regions", "three-regions, three-regions", ":5: fleet three-regions is named twice; name another"},
		{"no such fleet", "three-regions]", "three-regoins]", `:5: load fleet: fleet "three-regoins" does not ship; did you mean three-regions?`},
		{"no such drill", "drill: drill.yaml", "drill: lose-a-clustre", `:5: drill lose-a-clustre does not fit fleet two; load drill: drill "lose-a-clustre" does not ship; did you mean lose-a-cluster?`},
		{"other users", "two.yaml", "two-regions", ":5: fleet three-regions has other users than two-regions, so their numbers can't be compared: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(goodComparison, tt.from) {
				t.Fatal("there is nothing to replace")
			}
			path := compared(t, strings.Replace(goodComparison, tt.from, tt.to, 1), twoRegions)
			_, err := LoadComparison(path)
			if err == nil || !strings.Contains(err.Error(), path+tt.want) {
				t.Errorf("got\n%v\nwant\n%s", err, path+tt.want)
			}
		})
	}
}

// A drill that does not fit one of the fleets is refused with that fleet, and the drill's own line.
func TestADrillThatFitsNotEachFleet(t *testing.T) {
	path := compared(t, goodComparison, strings.ReplaceAll(twoRegions, "us-east", "us-west"))
	_, err := LoadComparison(path)
	for _, want := range []string{path + ":5: drill ", " does not fit fleet two; the problems of the other file follow", `drill.yaml:`, `there is no region "us-east"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it does not say %q:\n%v", want, err)
		}
	}
	dir := strings.TrimSuffix(path, "mine.yaml")
	broken := compared(t, goodComparison, "users: []\n")
	if _, err := LoadComparison(broken); err == nil || !strings.Contains(err.Error(), broken+`:5: fleet "two.yaml" can't be read; the problems of the other file follow`) {
		t.Errorf("of a fleet that is none it says %v", err)
	}
	_, err = Compare(dir+"drill.yaml", []string{dir + "two.yaml", "three-regions"})
	for _, want := range []string{"on fleet two: ", `there is no region "us-east"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it does not say %q:\n%v", want, err)
		}
	}
	if _, err := Compare("lose-a-cluster", []string{"three-regions"}); err == nil || !strings.Contains(err.Error(), "1 fleet is named; name 2 to 6: --fleets ") {
		t.Errorf("of one fleet it says %v", err)
	}
}
