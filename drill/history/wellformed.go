package history

import "fmt"

// WellFormed returns what keeps the operations from being a history that a checker may judge:
// lines out of order, a process with two operations at once, an end without a beginning, a
// process that goes on after an Info end. An operation without an end is none of these: the
// history ends before it did.
func WellFormed(ops []Op) error {
	open := map[int]Op{}
	gone := map[int]bool{}
	for i, op := range ops {
		if i > 0 && (op.Index <= ops[i-1].Index || op.Time < ops[i-1].Time) {
			return fmt.Errorf("operation %d at %s comes after operation %d at %s", op.Index, op.Time, ops[i-1].Index, ops[i-1].Time)
		}
		if op.Process == Nemesis {
			continue
		}
		begun, is := open[op.Process]
		switch {
		case gone[op.Process]:
			return fmt.Errorf("operation %d: process %d goes on after an end that was unknown", op.Index, op.Process)
		case op.Type == Invoke && is:
			return fmt.Errorf("operation %d: process %d has operation %d open", op.Index, op.Process, begun.Index)
		case op.Type == Invoke:
			open[op.Process] = op
			continue
		case !is:
			return fmt.Errorf("operation %d: process %d ends what it did not begin", op.Index, op.Process)
		case op.F != begun.F || op.Key != begun.Key || op.Dataset != begun.Dataset || op.F == Write && op.Value != begun.Value:
			return fmt.Errorf("operation %d ends operation %d of process %d, and is another one", op.Index, begun.Index, op.Process)
		}
		delete(open, op.Process)
		gone[op.Process] = op.Type == Info
	}
	return nil
}
