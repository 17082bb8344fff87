package keys

// Mouse is what a person did with the mouse, in cells from the upper left corner of what
// takes it: a page, or a dialog.
type Mouse struct {
	Did  MouseDid
	X, Y int
	By   int // of Wheeled: 1 is away from the person, which goes back in a list; -1 towards them
	On   any // what the frame has there: the target of a canvas.Zone, nil for nothing
}

// WheelKey is the key that goes the wheel's way in a list.
func (m Mouse) WheelKey() string {
	if m.By > 0 {
		return "up"
	}
	return "down"
}

// MouseDid is one thing that is done with a mouse.
type MouseDid int

// What is done with a mouse. A drag moves it with the left button held; Released ends one.
const (
	Clicked MouseDid = iota + 1
	Dragged
	Released
	Wheeled
)
