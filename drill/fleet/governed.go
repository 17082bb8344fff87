package fleet

// Governed is of a platform whose regions can get what they run by their repository (topology.Fleet.Config): Up returns once each
// one's gateway answers, before it has a web replica.
type Governed interface {
	// Govern tells the platform how many web replicas a region was given, so that it knows how many to wait for.
	Govern(region string, replicas int)
}
