package traffic

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// impacts is which of a population's users were affected: now, by each fault, and by any fault. It counts distinct
// users, and keeps a few times for each user and not their requests, so it grows with the users and the open impacts
// only. The recorder's lock guards it.
type impacts struct {
	index map[int]int // user → place in users, which is the order in which they asked first
	users []userTimes
	list  []*impact // in the order in which they were opened
	// failed and answered are the requests that were due last of those that ended so.
	failed, answered span
}

// userTimes is what is known of one user's requests.
type userTimes struct {
	last         span // the request that ended last
	lastAffected span // of those that failed or were slow
	// asked and affected are of the impacts that are closed.
	asked, affected bool
}

// span is when a request was due and when it ended; both never, for no request.
type span struct{ due, end time.Duration }

// never is before all time.
const never = time.Duration(-1 << 63)

// impact is what one fault costs a population's users, from when it could first affect one. While it is open it keeps,
// for each user, when the first request that ended in it was due, and the first of those that failed or were slow. So
// the end of an impact, too, may be found out later than it was.
type impact struct {
	telemetry.UserImpact
	users []firstDue // by a user's place, as long as users have asked; nil once closed
}

type firstDue struct{ asked, affected time.Duration }

// later is after all time: a request that has not been.
const later = time.Duration(1<<63 - 1)

func newImpacts() impacts {
	none := span{never, never}
	return impacts{index: map[int]int{}, failed: none, answered: none}
}

// ended takes how a request ended, for how soon requests are answered again.
func (m *impacts) ended(due, end time.Duration, failed bool) {
	last := &m.answered
	if failed {
		last = &m.failed
	}
	if due > last.due {
		*last = span{due, end}
	}
	for _, p := range m.list {
		p.ended(span{due, end}, failed)
	}
}

// ended takes it in one impact, if it ended in that. One that is closed as soon as its cause is gone, as by a revert, has seen no
// answer since: the first that comes then is the proof that it is over.
func (p *impact) ended(r span, failed bool) {
	switch {
	case p.Closed && !failed && p.LastFailed > 0 && p.LastOK <= p.LastFailed && r.due > p.LastFailed:
		p.LastOK = r.due
	case p.Closed || r.end < p.From:
	case failed:
		p.LastFailed = max(p.LastFailed, r.due)
	default:
		p.LastOK = max(p.LastOK, r.due)
	}
}

// add counts a request of the user that ended, or that is under way and can only end slow or failed.
func (m *impacts) add(user int, due, end time.Duration, affected bool) {
	i := m.place(user)
	r := span{due, end}
	u := &m.users[i]
	if end >= u.last.end {
		u.last = r
	}
	if affected && end >= u.lastAffected.end {
		u.lastAffected = r
	}
	for _, p := range m.list {
		p.add(i, r, affected)
	}
}

// underWay counts a request of the user that has not ended yet, in the impacts that are open.
func (m *impacts) underWay(user int, due, now time.Duration) {
	i := m.place(user)
	for _, p := range m.list {
		p.add(i, span{due, now}, false)
	}
}

func (m *impacts) place(user int) int {
	i, known := m.index[user]
	if !known {
		i = len(m.users)
		m.index[user] = i
		none := span{never, never}
		m.users = append(m.users, userTimes{last: none, lastAffected: none})
	}
	return i
}

// add counts a request if it ended in the impact. Those that are closed count no more.
func (p *impact) add(user int, r span, affected bool) {
	if p.Closed || r.end < p.From {
		return
	}
	for len(p.users) <= user {
		p.users = append(p.users, firstDue{later, later})
	}
	u := &p.users[user]
	u.asked = min(u.asked, r.due)
	if affected {
		u.affected = min(u.affected, r.due)
	}
}

// open begins an impact at a time that may have passed: each user's last requests show whether they asked since. An id
// that is there already is left as it is.
func (m *impacts) open(id int, from time.Duration) {
	if m.find(id) != nil {
		return
	}
	p := &impact{UserImpact: telemetry.UserImpact{Command: id, From: from}}
	m.list = append(m.list, p)
	for i := range m.users {
		p.add(i, m.users[i].last, false)
		p.add(i, m.users[i].lastAffected, true)
	}
	p.ended(m.failed, true)
	p.ended(m.answered, false)
}

func (m *impacts) find(id int) *impact {
	for _, p := range m.list {
		if p.Command == id {
			return p
		}
	}
	return nil
}

// close ends an impact at a time that may have passed, and freezes its numbers. An id that is not open is left alone.
func (m *impacts) close(id int, at time.Duration) {
	p := m.find(id)
	if p == nil || p.Closed {
		return
	}
	p.Asked, p.Affected = p.count(at)
	for i, u := range p.users {
		m.users[i].asked = m.users[i].asked || u.asked <= at
		m.users[i].affected = m.users[i].affected || u.affected <= at
	}
	p.Closed, p.Until, p.users = true, at, nil
}

// count is the users with a request that was due until a time, and those affected.
func (p *impact) count(until time.Duration) (asked, affected int) {
	for _, u := range p.users {
		if u.asked <= until {
			asked++
		}
		if u.affected <= until {
			affected++
		}
	}
	return asked, affected
}

// over has the open impacts stand still at the times since which they seem to be over, and the others grow.
func (m *impacts) over(since map[int]time.Duration) {
	for _, p := range m.list {
		if !p.Closed {
			p.Until = since[p.Command]
		}
	}
}

// end is until when an open impact counts: now, or since when it seems to be over.
func (p *impact) end(now time.Duration) time.Duration {
	if p.Until != 0 {
		return p.Until
	}
	return now
}

// sample is each impact as it stands now.
func (m *impacts) sample(now time.Duration) []telemetry.UserImpact {
	var all []telemetry.UserImpact
	for _, p := range m.list {
		if !p.Closed {
			p.Asked, p.Affected = p.count(p.end(now))
		}
		all = append(all, p.UserImpact)
	}
	return all
}

// ever counts the users who asked during any impact, each as far as it counts now, and those of them
// who were affected during any: of one impact alone it is that one's numbers.
func (m *impacts) ever(now time.Duration) (asked, affected int) {
	for i, u := range m.users {
		for _, p := range m.list {
			if i < len(p.users) {
				u.asked = u.asked || p.users[i].asked <= p.end(now)
				u.affected = u.affected || p.users[i].affected <= p.end(now)
			}
		}
		if u.asked {
			asked++
		}
		if u.affected {
			affected++
		}
	}
	return asked, affected
}

// since counts the users with a request that ended at the time or later, and those of them who were affected then.
func (m *impacts) since(at time.Duration) (asked, affected int) {
	for _, u := range m.users {
		if u.last.end >= at {
			asked++
		}
		if u.lastAffected.end >= at {
			affected++
		}
	}
	return asked, affected
}
