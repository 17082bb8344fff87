package fleet

import "context"

// Endpoint is where a region reaches another that may lead a dataset. Ready says that the other one leads, and answers.
type Endpoint struct {
	Region  string // whose cluster exports it
	Address string // host:port
	Ready   bool
}

// Importer is a platform whose clusters have objects of their own for what other clusters export, out of which a gateway can
// take its endpoints.
type Importer interface {
	// Import has a region's cluster hold the endpoints of a dataset, and export it where exports is set. It may be called again
	// with other endpoints; what is not named any more stays. The error is ErrDown where the region must run for that.
	Import(ctx context.Context, region, dataset string, exports bool, endpoints []Endpoint) error
}
