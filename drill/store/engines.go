package store

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// The engines' names, as a fleet file has them in `engine:`.
const (
	EngineLog      = "log"
	EnginePostgres = "postgres"
)

// DefaultEngine is the engine of a dataset whose fleet file names none: it needs
// nothing installed.
const DefaultEngine = EngineLog

// Engine is what others have to know of a data engine without its package. What
// opens its replicas is the agent's to map.
type Engine struct {
	Name string
	// Step bounds one step of a move (fence, promote, first lease) at one replica
	// whose region is known to answer.
	Step time.Duration
	// Stop is how long a process that holds replicas may take to end in good order.
	Stop time.Duration
	// ClonesPreload says that followers begin as physical copies: only the first
	// authority is preloaded.
	ClonesPreload bool
	// Backup says that its replicas hold snapshots (Snapshotter), as mode backup asks for.
	Backup bool
	// ReadsHang says that a store whose writes hang answers no read either, and that a write which waits for it ends once the
	// lease is over. One that is inside the agent reads what it has stored, and a write waits as long as who asked does.
	ReadsHang bool
	// Server is the database server that runs beside each replica; nil for an engine
	// that is inside the agent.
	Server *Server
}

// Server is a database server that an engine runs as a program of its own.
type Server struct {
	Title   string   // as people write it
	Program string   // the server's executable
	Tools   []string // what else the engine runs, in the same folder
	Places  []string // glob patterns of folders that are searched after the PATH
	Oldest  int      // oldest major version that is taken
	Install string   // what a person does where there is none
	User    string   // whom its images run it as
	Image   string   // the default image of a kind fleet
}

var engines = []Engine{
	{
		Name: EngineLog,
		// A disk may be slow, and to give up costs more.
		Step: 2 * time.Second,
		// The agent ends within a second by itself.
		Stop:   2 * time.Second,
		Backup: true,
	},
	{
		Name: EnginePostgres,
		// A server has to be made and started: an initdb and a start took 1.5 s where it
		// was measured, on a busy disk of two cores shared by three regions ten times that.
		Step: 30 * time.Second,
		// A fast shutdown writes a checkpoint.
		Stop:          15 * time.Second,
		ClonesPreload: true,
		ReadsHang:     true, // its server is stopped as a whole
		Server: &Server{
			Title:   "PostgreSQL",
			Program: "postgres",
			Tools:   []string{"initdb", "pg_basebackup", "pg_rewind"},
			// Debian, PostgreSQL's own packages, Homebrew, and a server that was built here.
			Places: []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", "/usr/local/pgsql/bin"},
			// pg_rewind learned in it to read a configuration that is not in the data folder.
			Oldest:  15,
			Install: "sudo apt-get install postgresql postgresql-client (Debian, Ubuntu), sudo dnf install postgresql-server postgresql-contrib (Fedora), brew install postgresql@17 (macOS)",
			// It refuses to run as root, and initdb wants a user that has a name.
			User:  "postgres",
			Image: "docker.io/library/postgres:15",
		},
	},
}

// Engines are the data engines, the default one first.
func Engines() []Engine { return slices.Clone(engines) }

// EngineNames are the names of all engines, the default one first.
func EngineNames() []string {
	names := make([]string, len(engines))
	for i, e := range engines {
		names[i] = e.Name
	}
	return names
}

// EngineOf is the engine of that name, "" the default one. One that is not known has
// the facts of the default one under its own name, and false.
func EngineOf(name string) (Engine, bool) {
	if name == "" {
		name = DefaultEngine
	}
	for _, e := range engines {
		if e.Name == name {
			return e, true
		}
	}
	e := engines[0]
	e.Name = name
	return e, false
}

// EngineWithServer is the first engine among those of the datasets that runs a server
// of its own; false where none does.
func EngineWithServer(datasets []topology.Dataset) (Engine, bool) {
	for _, d := range datasets {
		if e, _ := EngineOf(d.Engine); e.Server != nil {
			return e, true
		}
	}
	return Engine{}, false
}

// StopLimit is how long a process that holds replicas of the datasets may take to end
// in good order: the longest Stop of their engines.
func StopLimit(datasets []topology.Dataset) time.Duration {
	limit := engines[0].Stop
	for _, d := range datasets {
		e, _ := EngineOf(d.Engine)
		limit = max(limit, e.Stop)
	}
	return limit
}
