package controller

import "time"

type simEvent struct {
	at    time.Duration
	order uint64
	do    func()
}

// simHeap is a binary heap by time, then by the order of their making.
type simHeap []simEvent

func (h simHeap) less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].order < h[j].order
}

func (h *simHeap) push(e simEvent) {
	*h = append(*h, e)
	q := *h
	for i := len(q) - 1; i > 0 && q.less(i, (i-1)/2); i = (i - 1) / 2 {
		q[i], q[(i-1)/2] = q[(i-1)/2], q[i]
	}
}

func (h *simHeap) pop() simEvent {
	q := *h
	top, n := q[0], len(q)-1
	q[0] = q[n]
	q[n] = simEvent{}
	q = q[:n]
	for i := 0; ; {
		c := 2*i + 1
		if c+1 < n && q.less(c+1, c) {
			c++
		}
		if c >= n || !q.less(c, i) {
			break
		}
		q[i], q[c] = q[c], q[i]
		i = c
	}
	*h = q
	return top
}
