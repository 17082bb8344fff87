package traffic

import "time"

// lived is, of each user who ever asked, when a request of theirs last ended and
// when one last ended hurt. That is enough to count distinct users since any
// time, also since one that is known only later: a fault's, once it is proved.
type lived struct {
	place map[int]int // user → index
	users []last
}

type last struct {
	asked time.Duration
	hurt  time.Duration // never is before all time
	// exposed is that the user asked during an outage that is over by now.
	exposed bool
}

const never = time.Duration(-1 << 63)

func newLived() lived { return lived{place: map[int]int{}} }

// note takes in that a request of the user ended (or is overdue) at a time.
func (l *lived) note(user int, at time.Duration, hurt bool) {
	i, known := l.place[user]
	if !known {
		i = len(l.users)
		l.place[user] = i
		l.users = append(l.users, last{asked: never, hurt: never})
	}
	u := &l.users[i]
	u.asked = max(u.asked, at)
	if hurt {
		u.hurt = max(u.hurt, at)
	}
}

// since counts the users with a request that ended at the time or later, and
// those of them who were hurt then.
func (l *lived) since(at time.Duration) (asked, hurt int) {
	for _, u := range l.users {
		if u.asked >= at {
			asked++
		}
		if u.hurt >= at {
			hurt++
		}
	}
	return asked, hurt
}

// settle ends an outage that began at a time: whoever asked in it was exposed.
func (l *lived) settle(from time.Duration) {
	for i := range l.users {
		l.users[i].exposed = l.users[i].exposed || l.users[i].asked >= from
	}
}

// blast counts the users who asked in an outage (those that are over, and the
// one open since open unless that is nil) or were hurt since the first fault, and
// those who were hurt. Users who only asked once all was well again are left out:
// they could not be hurt, and each would make the share look smaller.
func (l *lived) blast(first time.Duration, open *time.Duration) (asked, hurt int) {
	for _, u := range l.users {
		wasHurt := u.hurt >= first
		if wasHurt {
			hurt++
		}
		if wasHurt || u.exposed || open != nil && u.asked >= *open {
			asked++
		}
	}
	return asked, hurt
}
