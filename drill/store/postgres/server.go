package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// server runs one PostgreSQL server at a time on the replica's data folder.
type server struct {
	*Replica
	mu  sync.Mutex
	run *serverRun // nil while none is wanted
}

// serverRun is one process of the server.
type serverRun struct {
	cmd  *exec.Cmd
	done chan struct{} // closed once it has ended
	err  error
}

func (p *serverRun) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// start starts the server and returns once it takes connections: a primary after
// its crash recovery, a standby once its data is consistent.
func (s *server) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Start)
	defer cancel()
	for {
		mark := s.logSize()
		p, err := s.launch()
		if err != nil {
			return err
		}
		err = s.ready(ctx, p)
		if err == nil {
			s.asking.Reset() // what connections there are led to the one before
			s.Replica.mu.Lock()
			s.trouble = nil
			s.Replica.mu.Unlock()
			return nil
		}
		said := s.logTail(mark)
		if p.ended() && (strings.Contains(said, "shared memory") || strings.Contains(said, "lock file")) {
			// What the region's last process left is about to end.
			if pause(ctx, 50*time.Millisecond) {
				continue
			}
			err = fmt.Errorf("what was there before does not end: %w", context.Cause(ctx)) // the data is not to blame
		}
		stopped := s.stop()
		if said != "" {
			err = fmt.Errorf("%w; it said: %s", err, said)
		}
		return errors.Join(fmt.Errorf("start the server of %s: %w", s.cfg.Dataset, err), stopped)
	}
}

// launch starts a process. The thread that forks must outlive it: the signal of the
// parent's death (prctl(2), PR_SET_PDEATHSIG) comes with the thread's.
func (s *server) launch() (*serverRun, error) {
	log, err := os.OpenFile(s.at.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start the server of %s: %w", s.cfg.Dataset, err)
	}
	defer log.Close()
	cmd := exec.Command(s.bin.path("postgres"), "-D", s.at.data(), "-c", "config_file="+s.at.conf())
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = log, log, s.own.attributes()
	cmd.Env, cmd.Dir = s.environment(), "/" // its own folder can be below one that only its capability opens
	if pid := strayPID(s.at.data()); pid != 0 {
		cmd.Env = append(cmd.Env, fmt.Sprintf("PG_GRANDPARENT_PID=%d", pid))
	}
	p := &serverRun{cmd: cmd, done: make(chan struct{})}
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
	s.run = p
	return p, nil
}

// Why a server does not start on the data that is there.
var (
	errEnded = errors.New("it ended before it took connections")
	errMute  = errors.New("it takes no connections")
)

// ready waits until the server takes connections.
func (s *server) ready(ctx context.Context, p *serverRun) error {
	for {
		conn, err := s.connect(ctx, pgx.QueryExecModeExec, s.ownServer)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-p.done:
			return fmt.Errorf("%w: %w", errEnded, p.err)
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", errMute, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends the server in good order, or harder when that takes too long (postgres(1):
// fast, then immediate).
func (s *server) stop() error { return s.signal(syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL) }

// abort ends the server as a crash would: without a last checkpoint in its log.
func (s *server) abort() error { return s.signal(syscall.SIGQUIT, syscall.SIGKILL) }

// signal ends the server by one signal after the other, the process then by force.
func (s *server) signal(signals ...syscall.Signal) error {
	s.mu.Lock()
	p := s.run
	s.run = nil
	s.mu.Unlock()
	if p == nil {
		return nil
	}
	for _, signal := range signals {
		if p.ended() {
			return nil
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

// running is the process that should be there; nil when none should.
func (s *server) running() *serverRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.run
}

func (s *server) environment() []string {
	// Nothing of the operator's: PGHOST, PGOPTIONS and the like change what our programs do.
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC", "PGPASSWORD=" + s.cfg.Password, "HOME=" + s.at.root()}
}

// tool runs one of PostgreSQL's programs to its end, or kills it when ctx ends. It
// returns what that said.
func (s *server) tool(ctx context.Context, name string, args ...string) (string, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, s.bin.path(name), args...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = &said, &said, s.own.attributes()
	cmd.Env, cmd.Dir = s.environment(), "/" // its own folder can be below one that only its capability opens
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = s.cfg.Stop
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", fmt.Errorf("%s: %w: %s", name, err, tail(said.String()))
	}
	s.cfg.Logger.Debug("ran", "program", name, "said", tail(said.String()))
	return said.String(), nil
}

func (s *server) logSize() int64 {
	info, err := os.Stat(s.at.log())
	if err != nil {
		return 0
	}
	return info.Size()
}

// logTail is the end of what the server said after a mark.
func (s *server) logTail(mark int64) string {
	file, err := os.Open(s.at.log())
	if err != nil {
		return ""
	}
	defer file.Close()
	if _, err := file.Seek(mark, io.SeekStart); err != nil {
		return ""
	}
	text, _ := io.ReadAll(io.LimitReader(file, 1<<16)) // what there is
	return tail(string(text))
}

// tail is the last few lines of a text, in one.
func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-4):], " | ")
}

// pause waits; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
