package drill

// Machine is what a drill ran on, as far as its operating system says. It names neither the machine nor who uses it.
type Machine struct {
	System     string `json:"system"`            // "linux/amd64"
	Release    string `json:"release,omitempty"` // of the kernel: "6.1.0"; empty where it was not told
	Processors int    `json:"processors"`        // that the program may use at once
	Memory     int64  `json:"memory,omitempty"`  // bytes that are there; 0 where it was not told
}
