package bus

import "sync/atomic"

// IDs numbers what a drill counts, each from 1. Its zero value is ready.
type IDs struct {
	commands, faults, failovers, moves atomic.Int64
}

// Command is the next command's number.
func (i *IDs) Command() int { return int(i.commands.Add(1)) }

// Fault is the next fault's number.
func (i *IDs) Fault() int { return int(i.faults.Add(1)) }

// Failover is the next failover's number.
func (i *IDs) Failover() int { return int(i.failovers.Add(1)) }

// Move is the next switchover's number.
func (i *IDs) Move() int { return int(i.moves.Add(1)) }
