// Package server makes, starts, stops and asks the PostgreSQL server of one replica:
// its programs, its account, its folders, its configuration and its connections. It
// knows nothing of epochs or of other regions.
package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fleetdrill/fleetdrill/drill/pause"
)

// Config is what a server is made with. All is required.
type Config struct {
	Dir      string // the replica's folder
	Dataset  string
	Region   string
	Password string // of the role fleetdrill
	Bin      string // the folder of PostgreSQL's programs; "" looks for it
	Logger   *slog.Logger
	Start    time.Duration // how long it may take from its start until it takes connections
	Stop     time.Duration // how long each step of a stop may take
}

// ownSocket is the name of the server's own socket.
const ownSocket = "server"

// Server runs one PostgreSQL server at a time on a replica's data folder.
type Server struct {
	cfg      Config
	programs Programs
	account  Account
	at       Folders
	own      *pgxpool.Pool

	mu      sync.Mutex
	process *Process // nil while none is wanted
	trouble error    // what kept it from starting when that was last tried
}

// New finds the programs and makes the folders; it starts nothing. Close it.
// ErrNoPrograms.
func New(ctx context.Context, c Config) (s *Server, err error) {
	s = &Server{cfg: c, at: Folders{c.Dir}}
	if s.account, err = FindAccount(); err != nil {
		return nil, err
	}
	if s.programs, err = FindPrograms(ctx, c.Bin); err != nil {
		return nil, err
	}
	for _, dir := range []string{s.at.Root(), s.at.Socket(ownSocket)} {
		if OnDisk(dir) {
			if err := errors.Join(os.MkdirAll(dir, 0o700), s.account.Give(dir)); err != nil {
				return nil, err
			}
		}
	}
	s.own, err = s.Pool(8, true)
	return s, err
}

// Close stops the server and releases its connections.
func (s *Server) Close() error {
	s.own.Close()
	err := s.Stop()
	if socket := s.at.Socket(ownSocket); OnDisk(socket) {
		err = errors.Join(err, os.RemoveAll(socket))
	}
	return err
}

// At is where the replica's files are.
func (s *Server) At() Folders { return s.at }

// Account is who the server runs as.
func (s *Server) Account() Account { return s.account }

// Own are the connections for everything but users' writes; their commits wait for no
// standby.
func (s *Server) Own() *pgxpool.Pool { return s.own }

// Trouble is what kept the server from starting when that was last tried, nil since it
// started or was stopped.
func (s *Server) Trouble() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.trouble
}

// Process is one process of the server.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed once it has ended
	err  error         // why it ended
	held atomic.Bool   // it is stopped (Hold)
}

// Ended says whether the process is over.
func (p *Process) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Wait returns once the process is over, with why.
func (p *Process) Wait() error {
	<-p.done
	return p.err
}

// PID is the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Signal sends the process a signal; it may have ended meanwhile.
func (p *Process) Signal(signal os.Signal) error { return p.cmd.Process.Signal(signal) }

// Start starts the server and returns once it takes connections: a primary after its
// crash recovery, a standby once its data is consistent. ErrEnded, ErrMute where the
// data may be to blame.
func (s *Server) Start(ctx context.Context) error {
	err := s.start(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = err
	return err
}

func (s *Server) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Start)
	defer cancel()
	for {
		mark := s.at.logSize()
		p, err := s.launch()
		if err != nil {
			return err
		}
		err = s.ready(ctx, p)
		if err == nil {
			s.own.Reset() // what connections there are led to the one before
			return nil
		}
		said := s.at.logTail(mark)
		if p.Ended() && (strings.Contains(said, "shared memory") || strings.Contains(said, "lock file")) {
			// What the region's last process left is about to end.
			if pause.For(ctx, 50*time.Millisecond) {
				continue
			}
			err = fmt.Errorf("what was there before does not end: %w", context.Cause(ctx)) // the data is not to blame
		}
		stopped := s.Stop()
		if said != "" {
			err = fmt.Errorf("%w; it said: %s", err, said)
		}
		return errors.Join(fmt.Errorf("start the server of %s: %w", s.cfg.Dataset, err), stopped)
	}
}

// launch starts a process. The thread that forks must outlive it: the signal of the
// parent's death (prctl(2), PR_SET_PDEATHSIG) comes with the thread's.
func (s *Server) launch() (*Process, error) {
	log, err := os.OpenFile(s.at.Log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start the server of %s: %w", s.cfg.Dataset, err)
	}
	defer log.Close()
	cmd := exec.Command(s.programs.path("postgres"), "-D", s.at.Data(), "-c", "config_file="+s.at.Conf())
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = log, log, s.account.Attributes()
	cmd.Env, cmd.Dir = s.environment(), "/" // its own folder can be below one that only its capability opens
	if pid := stalePID(s.at.Data()); pid != 0 {
		cmd.Env = append(cmd.Env, fmt.Sprintf("PG_GRANDPARENT_PID=%d", pid))
	}
	p := &Process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			if p.err == nil {
				p.err = errors.New("it ended")
			}
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process = p
	return p, nil
}

// Why a server does not start on the data that is there.
var (
	ErrEnded = errors.New("it ended before it took connections")
	ErrMute  = errors.New("it takes no connections")
)

// ready waits until the server takes connections.
func (s *Server) ready(ctx context.Context, p *Process) error {
	for {
		conn, err := s.Connect(ctx, s.Dial)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-p.done:
			return fmt.Errorf("%w: %w", ErrEnded, p.err)
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrMute, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop ends the server in good order, or harder when that takes too long (postgres(1):
// fast, then immediate).
func (s *Server) Stop() error { return s.signal(syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL) }

// Abort ends the server as a crash would: without a last checkpoint in its log.
func (s *Server) Abort() error { return s.signal(syscall.SIGQUIT, syscall.SIGKILL) }

// signal ends the server by one signal after the other, the process then by force.
func (s *Server) signal(signals ...syscall.Signal) error {
	s.mu.Lock()
	p := s.process
	s.process, s.trouble = nil, nil
	s.mu.Unlock()
	if p == nil {
		return nil
	}
	for _, signal := range signals {
		if p.Ended() {
			return nil
		}
		if p.held.Load() { // it would heed nothing but SIGKILL
			_ = release(context.Background(), p)
		}
		_ = p.cmd.Process.Signal(signal) // it may have ended meanwhile
		select {
		case <-p.done:
			return nil
		case <-time.After(s.cfg.Stop):
		}
	}
	return fmt.Errorf("the server of %s (process %d) does not end", s.cfg.Dataset, p.cmd.Process.Pid)
}

// Process is the one that should be there; nil when none should.
func (s *Server) Process() *Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process
}

// Running says whether there is a server that could be asked.
func (s *Server) Running() bool {
	p := s.Process()
	return p != nil && !p.Ended()
}

func (s *Server) environment() []string {
	// Nothing of the operator's: PGHOST, PGOPTIONS and the like change what our programs do.
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC", "PGPASSWORD=" + s.cfg.Password, "HOME=" + s.at.Root()}
}

// Tool runs one of PostgreSQL's programs to its end, or kills it when ctx ends. It
// returns what that said.
func (s *Server) Tool(ctx context.Context, name string, args ...string) (string, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, s.programs.path(name), args...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = &said, &said, s.account.Attributes()
	cmd.Env, cmd.Dir = s.environment(), "/" // its own folder can be below one that only its capability opens
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = s.cfg.Stop
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", fmt.Errorf("%s: %w: %s", name, err, Tail(said.String()))
	}
	s.cfg.Logger.Debug("ran", "program", name, "said", Tail(said.String()))
	return said.String(), nil
}
