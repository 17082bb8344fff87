package record

import "sync"

// Claim is what of a fleet is this process's: its record, while it drives the fleet, and
// whether somebody had left the fleet before. The zero value claims nothing.
type Claim struct {
	mu     sync.Mutex // guards what follows
	file   *File
	joined bool // somebody left the fleet on purpose (Record.Stays)
	// refused is an Up that ended before it had the record, because the fleet is another
	// process's, or not what was asked for, or that failed on a fleet that it joined:
	// then it is not this process's to take down either.
	refused bool
}

// Begin is before an Up: until that has the record there is nothing to take down.
func (c *Claim) Begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = c.file == nil
}

// Take makes the record this process's. joined says that the fleet is one that somebody left
// on purpose, as against one that this process made, or that a killed one could not take down.
func (c *Claim) Take(file *File, joined bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.file, c.joined, c.refused = file, joined, false
}

// File is the fleet's record; nil while it is not this process's.
func (c *Claim) File() *File {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.file
}

// Failed is after an Up that failed. It reports whether that was on a fleet that this
// process had joined: Down must not take that away.
func (c *Claim) Failed() (joined bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = c.refused || c.joined
	return c.joined
}

// LeftAlone reports that the fleet is not this process's to remove.
func (c *Claim) LeftAlone() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused
}

// Leave notes on the record that the fleet stays, and gives it up. It is given up also
// where that can't be noted.
func (c *Claim) Leave() error {
	defer c.Release()
	file := c.File()
	if file == nil || file.Get().Stays {
		return nil
	}
	return file.Update(func(r *Record) { r.Stays = true })
}

// Release gives the fleet up and leaves it on record as it is.
func (c *Claim) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.file != nil {
		c.file.Unlock()
	}
	c.file, c.joined = nil, false
}

// Remove deletes the record, once nothing that is on it is there any more. Where that fails the
// fleet stays this process's.
func (c *Claim) Remove() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.file == nil {
		return nil
	}
	if err := c.file.Remove(); err != nil {
		return err
	}
	c.file, c.joined = nil, false
	return nil
}
