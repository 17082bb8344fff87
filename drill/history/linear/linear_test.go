package linear

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/history"
)

// tale makes a history of lines like "0 invoke write k v": process, type, f, key, value; then,
// where it is needed, "node=x" and "pos=1".
func tale(t *testing.T, lines ...string) []history.Op {
	t.Helper()
	var ops []history.Op
	for i, line := range lines {
		w := strings.Fields(line)
		op := history.Op{Index: i, Time: time.Duration(i), Process: int(w[0][0] - '0'), Type: history.Type(w[1]), F: history.F(w[2]), Key: w[3], Dataset: "orders"}
		if w[4] != "nil" {
			op.Value = history.Is(w[4])
		}
		for _, more := range w[5:] {
			if node, is := strings.CutPrefix(more, "node="); is {
				op.Node = node
			}
			if pos, is := strings.CutPrefix(more, "pos="); is {
				op.Position = uint64(pos[0] - '0')
			}
		}
		ops = append(ops, op)
	}
	return ops
}

func TestLinearizable(t *testing.T) {
	for name, tt := range map[string]struct {
		lines      []string
		violations int
	}{
		"a write, then a read": {[]string{
			"0 invoke write k v", "0 ok write k v", "0 invoke read k nil", "0 ok read k v"}, 0},
		"an acknowledged write is lost": {[]string{
			"0 invoke write k v", "0 ok write k v", "0 invoke read k nil", "0 ok read k nil"}, 1},
		"found, then lost": {[]string{
			"0 invoke write k v", "1 invoke read k nil", "1 ok read k v", "1 invoke read k nil", "1 ok read k nil"}, 1},
		"lost while it was being written": {[]string{
			"0 invoke write k v", "1 invoke read k nil", "0 ok write k v", "1 ok read k nil", "1 invoke read k nil", "1 ok read k v"}, 0},
		"an unknown write, found later or never": {[]string{
			"0 invoke write k v", "0 info write k v", "1 invoke read k nil", "1 ok read k nil", "1 invoke read k nil", "1 ok read k v",
			"2 invoke write l v", "2 info write l v", "1 invoke read l nil", "1 ok read l nil"}, 0},
		"an open write is unknown": {[]string{
			"0 invoke write k v", "1 invoke read k nil", "1 ok read k nil", "1 invoke read k nil", "1 ok read k v"}, 0},
		"a write that failed is found": {[]string{
			"0 invoke write k v", "0 fail write k v", "1 invoke read k nil", "1 ok read k v"}, 1},
		"another value": {[]string{
			"0 invoke write k v", "0 ok write k v", "0 invoke read k nil", "0 ok read k w"}, 1},
		"a region's own read may be behind": {[]string{
			"0 invoke write k v", "0 ok write k v", "0 invoke local-read k nil", "0 ok local-read k nil"}, 0},
		"a read without an answer says nothing": {[]string{
			"0 invoke write k v", "0 ok write k v", "0 invoke read k nil", "0 fail read k nil", "1 invoke read k nil"}, 0},
		"two keys are two registers": {[]string{
			"0 invoke write k v", "0 ok write k v", "1 invoke write l w", "1 ok write l w", "0 invoke read k nil", "0 ok read k nil",
			"0 invoke read l nil", "0 ok read l nil"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			j, err := Check(tale(t, tt.lines...), "orders", time.Minute)
			if err != nil || len(j.Violations) != tt.violations || len(j.Undecided) > 0 {
				t.Errorf("%v, %s", err, j)
			}
		})
	}
}

func TestWhatIsNoHistoryIsNotJudged(t *testing.T) {
	bad := tale(t, "0 invoke write k v", "0 invoke write l w")
	if _, err := Check(bad, "orders", time.Minute); err == nil {
		t.Error("two operations of one process at once were judged")
	}
}

// Without time nothing is found right or wrong.
func TestTimeThatIsNotEnoughIsSaid(t *testing.T) {
	ops := tale(t, "0 invoke write k v", "0 ok write k v")
	j, err := Check(ops, "orders", -1)
	if err != nil || len(j.Undecided) != 1 || len(j.Violations) != 0 {
		t.Errorf("%v, %s", err, j)
	}
}

func TestOtherDatasetsAreTheirOwn(t *testing.T) {
	ops := tale(t, "0 invoke write k v", "0 ok write k v", "0 invoke read k nil", "0 ok read k nil")
	if j, err := Check(ops, "carts", time.Minute); err != nil || j.Keys != 0 {
		t.Errorf("%v, %s", err, j)
	}
}

func TestPositionsRiseAsTimeDoes(t *testing.T) {
	for name, tt := range map[string]struct {
		lines []string
		wrong int
	}{
		"rising":      {[]string{"0 invoke write k v", "0 ok write k v pos=1", "0 invoke write l v", "0 ok write l v pos=2"}, 0},
		"falling":     {[]string{"0 invoke write k v", "0 ok write k v pos=2", "0 invoke write l v", "0 ok write l v pos=1"}, 1},
		"at one time": {[]string{"0 invoke write k v", "1 invoke write l v", "0 ok write k v pos=2", "1 ok write l v pos=1"}, 0},
		"twice":       {[]string{"0 invoke write k v", "1 invoke write l v", "0 ok write k v pos=2", "1 ok write l v pos=2"}, 1},
		"far apart": {[]string{"0 invoke write k v", "0 ok write k v pos=3", "0 invoke write l v", "1 invoke write m v",
			"0 ok write l v pos=1", "1 ok write m v pos=2"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			wrong, err := Order(tale(t, tt.lines...), "orders")
			if err != nil || len(wrong) != tt.wrong {
				t.Errorf("%v, %q", err, wrong)
			}
		})
	}
}

func TestARegionShowsAPrefixThatGrows(t *testing.T) {
	two := []string{"0 invoke write k v", "0 ok write k v", "0 invoke write l v", "0 ok write l v"}
	for name, tt := range map[string]struct {
		lines []string
		wrong int
	}{
		"behind":            {[]string{"0 invoke local-read k nil", "0 ok local-read k nil node=a", "0 invoke local-read k nil", "0 ok local-read k v node=a"}, 0},
		"forgotten":         {[]string{"0 invoke local-read k nil", "0 ok local-read k v node=a", "0 invoke local-read k nil", "0 ok local-read k nil node=a"}, 1},
		"forgotten older":   {[]string{"0 invoke local-read l nil", "0 ok local-read l v node=a", "0 invoke local-read k nil", "0 ok local-read k nil node=a"}, 1},
		"another region's":  {[]string{"0 invoke local-read l nil", "0 ok local-read l v node=a", "0 invoke local-read k nil", "0 ok local-read k nil node=b"}, 0},
		"at the same time":  {[]string{"0 invoke local-read l nil", "1 invoke local-read k nil", "0 ok local-read l v node=a", "1 ok local-read k nil node=a"}, 0},
		"a later one lacks": {[]string{"0 invoke local-read k nil", "0 ok local-read k v node=a", "0 invoke local-read l nil", "0 ok local-read l nil node=a"}, 0},
		"never written":     {[]string{"0 invoke local-read x nil", "0 ok local-read x v node=a"}, 1},
		"another value":     {[]string{"0 invoke local-read k nil", "0 ok local-read k w node=a"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			wrong, _, err := Prefix(tale(t, append(two[:4:4], tt.lines...)...), "orders", nil)
			if err != nil || len(wrong) != tt.wrong {
				t.Errorf("%v, %q", err, wrong)
			}
		})
	}
}
