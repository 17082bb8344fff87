package tui

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// fakeHost is a program around the screen that has nothing behind it.
type fakeHost struct {
	machine Machine
	session *fakeSession
	err     error
	chosen  []Choice
	waits   bool // Start waits for the end of its context

	journals []JournalChoice
	recorded []drill.Event // of every journal
	remarks  []string      // of how it was read
	loaded   []string      // the journals that were read
	loadErr  error

	earlier []drill.Event // of the run before
	saved   []string      // the journals whose report was written
}

func newFakeHost() *fakeHost {
	return &fakeHost{session: newFakeSession(), journals: fakeJournals(), machine: Machine{Offers: []Offer{
		{Name: onKind, What: "real clusters", Joins: true, Available: true, Memory: 1900 << 20, MemoryFree: 7900 << 20, Duration: 50 * time.Second, Engine: "docker 28.5.1"},
		{Name: onLocal, What: "child processes", Available: true, Memory: 120 << 20, Duration: time.Second},
	}}}
}

// The platforms of the fake host.
const onKind, onLocal = "kind", "local"

func (h *fakeHost) Platforms() []string { return []string{onKind, onLocal} }

func (h *fakeHost) Machine(context.Context) Machine { return h.machine }

func (h *fakeHost) Catalog() Catalog { return Catalog{Fleets: fakeFleets(), Drills: fakeDrills()} }

func fakeFleets() []FleetChoice {
	return []FleetChoice{
		{Name: "three-regions", Summary: "3 regions, 9,000 users, 1 dataset", Running: onKind},
		{Name: "two-regions", Summary: "2 regions, 4,000 users, 1 dataset"},
		{Name: "broken.fleet.yaml", Err: errors.New("broken.fleet.yaml:7: no region “eu-wset”; did you mean eu-west?")},
	}
}

func fakeDrills() []DrillChoice {
	return []DrillChoice{
		{Name: "evacuate-a-region", Title: "Evacuate us-east without losing a write", Question: runbook.QuestionPlanned, Fleet: "three-regions", Duration: 31 * time.Second},
		{Name: "freeze-the-authority", Title: "Freeze us-east while it leads", Question: runbook.QuestionHang, Fleet: "three-regions", Duration: 31 * time.Second},
		{Name: "lose-the-authority", Title: "Lose us-east while it leads", Hypothesis: storyPlan().Hypothesis, Question: runbook.QuestionLoss, Fleet: "three-regions", Duration: 31 * time.Second,
			Teaches: "How long writers wait for a new leader, and which confirmed writes die with the old one.",
			Steps:   []string{"0s kill us-east", "0s wait for recovered", "5s restore us-east", "5s wait for steady", "10s switchover orders to us-east"}},
	}
}

func (h *fakeHost) Questions() []string { return runbook.Questions() }

// Fits says that a drill is for its own fleet and for two-regions.
func (h *fakeHost) Fits(drill, fleet string) error {
	if fleet == "two-regions" {
		return nil
	}
	return errors.New("there is no region us-east")
}

func fakeJournals() []JournalChoice {
	return []JournalChoice{
		{Path: "~/.local/state/fleetdrill/journals/20260313-171200.000-lose-the-authority.jsonl", When: time.Date(2026, 3, 13, 17, 12, 0, 0, time.UTC), Drill: "lose-the-authority", Fleet: "three-regions", Verdict: drill.Passed},
		{Path: "~/.local/state/fleetdrill/journals/20260312-090100.000-three-regions.jsonl", When: time.Date(2026, 3, 12, 9, 1, 0, 0, time.UTC), Fleet: "three-regions", Verdict: drill.Inconclusive, Why: format.NoGoals},
	}
}

func (h *fakeHost) Journals() ([]JournalChoice, int) { return h.journals, len(h.journals) }

func (h *fakeHost) Load(path string) (Recording, error) {
	h.loaded = append(h.loaded, path)
	return Recording{Path: path, Events: h.recorded, Remarks: h.remarks}, h.loadErr
}

func (h *fakeHost) Earlier(path string) (Recording, error) {
	if h.earlier == nil {
		return Recording{}, errors.New("no earlier run of it is there")
	}
	return Recording{Path: "before.jsonl", Events: h.earlier}, nil
}

func (h *fakeHost) SaveReport(path string) (string, error) {
	h.saved = append(h.saved, path)
	return "report/report.json", h.err
}

func (h *fakeHost) Comparison(name string) (Comparison, error) {
	return Comparison{Name: name, Title: "Two or three", Drill: "lose-the-authority", Fleets: []string{"two-regions", "three-regions"}, Labels: []string{"two-regions", "three-regions"}}, h.err
}

func (h *fakeHost) Start(ctx context.Context, c Choice) (Session, error) {
	h.chosen = append(h.chosen, c)
	if h.waits {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if h.err != nil {
		return nil, h.err
	}
	return h.session, nil
}

type fakeSession struct {
	events chan []drill.Event
	mu     sync.Mutex
	sent   []runbook.Command
	quits  []bool
	keep   bool
	found  bool
	err    error
	onQuit func()
}

func newFakeSession() *fakeSession {
	return &fakeSession{events: make(chan []drill.Event, 64), keep: true}
}

func (s *fakeSession) Events() <-chan []drill.Event { return s.events }
func (s *fakeSession) CanKeep() bool                { return s.keep }
func (s *fakeSession) Found() bool                  { return s.found }
func (s *fakeSession) JournalPath() string {
	return "~/.local/state/fleetdrill/journals/20260314-092653.jsonl"
}

func (s *fakeSession) Send(c runbook.Command) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, c)
	return s.err
}

func (s *fakeSession) Quit(keep bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quits = append(s.quits, keep)
	if s.onQuit != nil {
		s.onQuit()
	}
}

// playing tells the story as time goes by, from a time on.
func (s *fakeSession) playing(from time.Duration, plan *runbook.Plan) {
	all := story(storyEnd, plan)
	begun := time.Now().Add(-from)
	stop := make(chan struct{})
	var once sync.Once
	s.onQuit = func() { once.Do(func() { close(stop) }) }
	go func() {
		defer close(s.events)
		for len(all) > 0 {
			now := time.Since(begun)
			n := 0
			for n < len(all) && all[n].T <= now {
				n++
			}
			if n > 0 {
				s.events <- all[:n:n]
				all = all[n:]
				continue
			}
			select {
			case <-stop:
				return
			case <-time.After(all[0].T - now):
			}
		}
		if plan == nil {
			<-stop
		}
	}()
}

// TestMain lets a test run this binary again as the screen itself, so that it
// can be looked at in a real terminal.
func TestMain(m *testing.M) {
	if os.Getenv("FLEETDRILL_SCREEN_CHILD") != "" {
		os.Exit(screenChild())
	}
	time.Local = time.UTC // the pictures are seen from where they were recorded
	os.Exit(m.Run())
}

func screenChild() int {
	host := newFakeHost()
	o := Options{Theme: os.Getenv("SCREEN_THEME"), ASCII: os.Getenv("SCREEN_ASCII") != ""}
	from, _ := time.ParseDuration(os.Getenv("SCREEN_FROM"))
	plan := storyPlan()
	if os.Getenv("SCREEN_BY_HAND") != "" {
		plan = nil
	}
	if os.Getenv("SCREEN_START") == "" {
		o.Start = &Choice{On: onKind, Fleet: "three-regions"}
	}
	host.session.playing(from, plan)
	if err := Run(context.Background(), host, o); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		return 1
	}
	return 0
}
