package runbook

import "strings"

// Roles is who has which part in a drill, by role: one of RoleNames, each with its people in the file's order.
type Roles map[string][]string

// RoleNames is the roles of a game day, as incident management has them: who leads it, who breaks things, who answers for the service,
// who writes down what happens, who watches.
func RoleNames() []string {
	return []string{"facilitator", "operator", "responder", "scribe", "observer"}
}

// String is the roles as a line: "facilitator: Ana; responder: Ben, Cara"; "" where there is none.
func (r Roles) String() string {
	var all []string
	for _, role := range RoleNames() {
		if people := r[role]; len(people) > 0 {
			all = append(all, role+": "+strings.Join(people, ", "))
		}
	}
	return strings.Join(all, "; ")
}
