package ledger

// Find is what is known of a write; false when nothing is.
func (l *Ledger) Find(dataset, id string) (Write, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.book(dataset)
	i, there := b.byID[id]
	if !there {
		return Write{}, false
	}
	return b.writes[i].Write, true
}
