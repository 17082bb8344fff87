package drill

func init() { register[EntryOpened]() }

// EntryOpened says where the fleet's name server listens, on UDP and TCP: "127.0.0.1:41234".
type EntryOpened struct {
	Names string `json:"names"`
}

// Kind implements Body.
func (EntryOpened) Kind() string { return "entry.opened" }

func (b EntryOpened) fold(s *State, e Event) {
	s.Names = b.Names
	s.show(e)
}
